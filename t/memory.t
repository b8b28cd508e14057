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
trap '[ -z "$group" ] || rmdir "$group"; cd /; rm -rf "$TMP"' EXIT
limit=memory.max peak=memory.peak
if [ -n "$group" ] && [ ! -e "$group/$limit" ]; then
    limit=memory.limit_in_bytes peak=memory.max_usage_in_bytes
fi
if [ -z "$group" ] || ! echo 100000000 2>/dev/null >"$group/$limit"; then
    skip "none may be made here" "control groups"
    done_testing
fi

# grouped BYTES ARGUMENT...: run_fw in a group of so many bytes; $most is what the group
# came to have, or 0 where the system does not tell.
grouped() {
    echo "$1" >"$group/$limit"
    shift
    echo 0 2>/dev/null >"$group/$peak"
    # shellcheck disable=SC2016
    sh -c 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"' sh "$group" "$FW" "$@" \
        >out 2>err
    status=$?
    most=$(cat "$group/$peak" 2>/dev/null) || most=0
}

# fits WANT NAME: done, with that result and nobody killed, or exit 1 with the figure.
fits() {
    if [ $status -eq 0 ]; then
        same out.csv "$1" "$2: done"
    else
        [ $status -eq 1 ] && [ "$(needed err)" -gt 0 ]
        ok $? "$2: exit 1 and the figure" || diag_file err
    fi
    unlike err 'lost|killed' "... and nobody was killed"
}

for mib in 400 100 60 40 30 24 12; do
    # shellcheck disable=SC2086
    grouped $((mib * 1048576)) run $job
    fits want.csv "a group of $mib MiB"
done

# Far from a long chain half of it is nearest: the most that so many balls can take.
awk 'BEGIN { for (i = 0; i < 5000; i++)
    printf "SPHERE %g %g %g 1\n", 1.5 * i, 10 * sin(i / 30), 10 * cos(i / 30) }' \
    >chain.bod
chain="chain.bod --walks 20000 --cores 2 --seed 1 -q --force -o out.csv"
# shellcheck disable=SC2086
run_fw run $chain
exits 0 "a chain of 5,000 balls"
cp out.csv want.csv
# shellcheck disable=SC2086
grouped 20000000 run $chain
exits 1 "... in a group of 20 MB"
least=$(needed err)
rungs="102 150"
[ -z "$EXPENSIVE" ] || rungs="102 110 120 150 180 195 205 220 250 300 400"
for percent in $rungs; do
    # shellcheck disable=SC2086
    grouped $((least / 100 * percent)) run $chain
    exits 0 "... of $percent % of the $least bytes that are needed"
    fits want.csv "..."
done
# shellcheck disable=SC2086
grouped 4000000000 run $chain --memory $((least + least / 50))
exits 0 "... with that as --memory"
[ "$most" -le $((least + least / 50)) ]
ok $? "... takes no more: $most bytes"
[ "$most" -eq 0 ] || [ "$most" -ge $((least / 100 * 75)) ]
ok $? "... nor much less"

done_testing
