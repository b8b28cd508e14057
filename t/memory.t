#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Limits of memory, from generous to too little: never killed, never over, and where it
# cannot be, exit 1 with the figure that is needed.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

job="$KUNITZ --frames ::19 --walks 9000 --cores 8 --seed 1 -q --force -o out.csv"

# shellcheck disable=SC2086
run_fw run $job
cp out.csv want.csv

# needed FILE: the bytes that a message names.
needed() {
    sed -n 's/.*needs \([0-9]*\) bytes.*/\1/p' "$1"
}

# ---- --memory ----
# shellcheck disable=SC2086
run_fw run $job --memory 2M
exits 1 "--memory 2M"
least=$(needed err)
[ "${least:-0}" -gt 2097152 ]
ok $? "... and the figure is told: $least bytes"
last=9
for percent in 1000 400 250 160 120 100; do
    # shellcheck disable=SC2086
    run_fw plan $KUNITZ --frames ::19 --walks 9000 --cores 8 --json \
        --memory $((least * percent / 100))
    workers=$(sed -n 's/^ *"workers": \([0-9]*\),*/\1/p' out | head -n 1)
    peak=$(sed -n 's/^ *"peak_memory_bytes": \([0-9]*\),*/\1/p' out | head -n 1)
    [ "${workers:-9}" -le "$last" ] && [ "${peak:-0}" -gt 0 ] &&
        [ "$peak" -le $((least * percent / 100)) ]
    ok $? "$percent % of it: $workers workers, planned to need $peak bytes"
    last=$workers
    # shellcheck disable=SC2086
    run_fw run $job --memory $((least * percent / 100))
    exits 0 "... runs"
    same out.csv want.csv "... to the same bits"
done
is "$last" 1 "as much as is needed is enough for one worker"
# shellcheck disable=SC2086
run_fw run $job --memory $((least - 1))
exits 1 "a byte less is not"

# ---- address space ----
# Sanitizers need terabytes of it, and memory of their own.
if ! (
    # shellcheck disable=SC3045
    ulimit -v 400000 && exec "$FW" --version
) >/dev/null 2>&1; then
    skip "this program cannot run in 400 MB" "limits of address space and of groups"
    done_testing
    exit 0
fi
for kib in 400000 100000 60000 45000 35000 30000 25000 20000; do
    (
        # shellcheck disable=SC3045
        ulimit -v $kib
        # shellcheck disable=SC2086
        exec "$FW" run $job
    ) >out 2>err
    status=$?
    if [ $status -eq 0 ]; then
        same out.csv want.csv "ulimit -v $kib: done"
    else
        [ $status -eq 1 ] && [ "$(needed err)" -gt $((kib * 1024)) ]
        ok $? "ulimit -v $kib: exit 1 and the figure" || diag_file err
    fi
done

# ---- control groups, where one may make them ----
group=
for root in /sys/fs/cgroup/memory /sys/fs/cgroup; do
    if mkdir "$root/framewalk-test.$$" 2>/dev/null; then
        group=$root/framewalk-test.$$
        break
    fi
done
limit=memory.max
[ -z "$group" ] || [ -e "$group/$limit" ] || limit=memory.limit_in_bytes
if [ -n "$group" ] && echo 100000000 2>/dev/null >"$group/$limit"; then
    for mib in 400 100 60 40 30 24 12; do
        echo $((mib * 1048576)) >"$group/$limit"
        # shellcheck disable=SC2016,SC2086
        sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$group" "$FW" \
            run $job >out 2>err
        status=$?
        if [ $status -eq 0 ]; then
            same out.csv want.csv "a group of $mib MiB: done"
        else
            [ $status -eq 1 ] && [ "$(needed err)" -gt 0 ]
            ok $? "a group of $mib MiB: exit 1 and the figure" || diag_file err
        fi
        unlike err 'lost|killed' "... and nobody was killed"
    done
else
    skip "none may be made here" "control groups"
fi
[ -z "$group" ] || rmdir "$group"

done_testing
