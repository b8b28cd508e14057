#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# --bind: threads of workers stay on a core, or on the cores of a memory node.
# shellcheck source=t/lib/tap.sh disable=SC2086
. "$(dirname "$0")/lib/tap.sh"

[ -r /proc/self/status ] || skip_all "no /proc"
run="run $KUNITZ --frames :2 --seed 3 -q --force"
allowed() {
    sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' "$1" 2>/dev/null
}

# look PID: where the threads of its children may be, one a line.
look() {
    tr ' ' '\n' <"/proc/$1/task/$1/children" 2>/dev/null | while read -r child; do
        for task in /proc/"$child"/task/*; do
            allowed "$task/status"
        done
    done
}

# busy PID: how many of these have computed for 20 ms, as none does before it is at its
# place.
busy() {
    tr ' ' '\n' <"/proc/$1/task/$1/children" 2>/dev/null | while read -r child; do
        cat /proc/"$child"/task/*/stat 2>/dev/null
    done | sed 's/.*) //' | awk '$12 >= 2 { n++ } END { print n + 0 }'
}

# places ARGUMENT...: where the threads of the workers of a run are, once $want of them
# are at work.
places() {
    "$FW" $run --walks 3000000 -o b.csv "$@" 2>err &
    pid=$!
    turn=0
    while [ "$(busy $pid)" -lt "$want" ] && [ $turn -lt 300 ]; do
        sleep 0.1
        turn=$((turn + 1))
    done
    look $pid >got
    parent=$(allowed /proc/$pid/status)
    kill -9 $pid
    wait $pid 2>/dev/null
    sort got | tr '\n' ' '
}

all=$(allowed /proc/self/status)
want=2
is "$(places --workers 2 --threads 1)" "$all $all " "without --bind anywhere"
is "$(places --workers 2 --threads 1 --bind none)" "$all $all " "--bind none"
if ! command -v taskset >/dev/null ||
    [ ! -r /sys/devices/system/cpu/cpu0/topology/thread_siblings_list ]; then
    skip "no taskset, or no /sys" "cores"
else
    first=${all%%[,-]*}
    cat /sys/devices/system/cpu/cpu*/topology/thread_siblings_list | sort -u >cores
    if [ "$(wc -l <cores)" -lt 2 ] || [ "$(wc -l <cores)" -ne "$(nproc)" ]; then
        skip "cores with one CPU each, two of them at least" "--bind core"
    else
        places --workers 2 --threads 1 --bind core >/dev/null
        is "$(sort -u got | wc -l)" 2 "--bind core: two workers on two cores"
        refuse "... one each" grep -q '[,-]' got
        is "$parent" "$all" "... the parent is not bound"
        places --workers 1 --threads 2 --bind core >/dev/null
        is "$(sort -u got | wc -l)" 2 "--bind core: two threads on two cores"
        want=4
        places --workers 2 --threads 2 --cores 4 --bind core >/dev/null
        [ "$(sort got | uniq -c | awk '{ print $1 }' | sort -u | wc -l)" -eq 1 ] ||
            [ "$(nproc)" -ne 2 ]
        ok $? "more threads than cores share them evenly" || diag_file got
        want=2
    fi
    is "$(taskset -c "$first" "$FW" $run --walks 1000 --bind core -o one.csv 2>&1)" "" \
        "where only one CPU is allowed"
    want=1
    node=$(cat /sys/devices/system/node/node0/cpulist 2>/dev/null || echo "$all")
    if ls -d /sys/devices/system/node/node1 >/dev/null 2>&1; then
        skip "several nodes of memory" "--bind numa"
    else
        is "$(places --workers 1 --threads 1 --bind numa)" "$node " "--bind numa"
    fi
fi

for where in none core numa; do
    run_fw $run --walks 3000 --workers 2 --threads 2 --bind $where -o $where.csv
    exits 0 "--bind $where"
done
same core.csv none.csv "the same bytes"
same numa.csv none.csv "... everywhere"
refused 2 "--bind: '?left'? is not" "another place" $run --bind left

done_testing
