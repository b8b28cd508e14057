#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Workers that die at random times of KILL, SEGV and ABRT: the same bytes, and no
# process, descriptor or memory is left over. EXPENSIVE=1: 200 runs instead of a few.
# shellcheck source=t/lib/tap.sh disable=SC2086,SC2317
. "$(dirname "$0")/lib/tap.sh"

[ -r /proc/self/stat ] || skip_all "no /proc"
trials=3
[ -z "${EXPENSIVE-}" ] || trials=200
ulimit -c 0
parent=
trap 'kill -9 $parent 2>/dev/null; cd /; rm -rf "$TMP"' EXIT
shm=$(ls -A /dev/shm 2>/dev/null)

# STATE PID of each child of a process.
children() {
    cat /proc/[0-9]*/stat 2>/dev/null | awk -v parent="$1" '
        { pid = $1; sub(/.*\) /, ""); if ($2 == parent) print $1, pid }'
}
fds() {
    ls "/proc/$1/fd" 2>/dev/null | wc -l
}
rss() {
    sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$1/status" 2>/dev/null
}

# Pairs of a pause in ms and a signal, for one run after the other.
awk -v n=$((trials * 80)) 'BEGIN {
    srand(17); split("KILL SEGV ABRT", name, " ")
    for (i = 0; i < n; i++) print 30 + int(90 * rand()), name[1 + int(3 * rand())],
        int(3 * rand()) }' >plan
exec 3<plan

# crashes WORKERS THREADS ARGUMENT...
crashes() {
    workers=$1 threads=$2
    shift 2
    run="run $KUNITZ --seed 5 -q --force $*"
    run_fw $run -o ref.csv -o ref.npz
    exits 0 "$*: a run without deaths"
    : >said
    n_killed=0 n_wrong=0 n_zombies=0 most_fds=0 most_kib=0
    for trial in $(seq "$trials"); do
        "$FW" $run --workers $workers --threads $((1 + trial % threads)) \
            --retries 1000 -o k.csv -o k.npz 2>err &
        parent=$!
        first_fds=
        while read -r ms name which <&3 && kill -0 $parent 2>/dev/null; do
            sleep "0.$(printf %03d "$ms")"
            children $parent >now
            n_zombies=$((n_zombies + $(grep -c '^[ZX]' now)))
            pid=$(sed -n "$((1 + which % workers))s/.* //p" now)
            [ "$(wc -l <now)" -eq $workers ] || continue
            f=$(fds $parent) k=$(rss $parent)
            [ -n "$first_fds" ] || { first_fds=$f first_kib=${k:-0}; }
            [ $((f - first_fds)) -le $most_fds ] || most_fds=$((f - first_fds))
            [ $((${k:-0} - first_kib)) -le $most_kib ] || most_kib=$((k - first_kib))
            kill -s "$name" "$pid" 2>/dev/null && n_killed=$((n_killed + 1))
        done
        wait $parent
        status=$?
        cat err >>said
        [ $status -eq 0 ] && cmp k.csv ref.csv && cmp k.npz ref.npz || {
            n_wrong=$((n_wrong + 1))
            diag "exit $status"
            diag_file err
        }
        [ -z "$(children $parent)" ] || n_wrong=$((n_wrong + 1))
    done >cmp.txt
    parent=
    [ $n_killed -ge "$trials" ]
    ok $? "$n_killed workers were killed in $trials runs" || diag_file err
    is $n_wrong 0 "... each run gives the bytes of the undisturbed one" ||
        diag_file cmp.txt
    # (Not of each run: one may have lost its workers after the last frame alone.)
    like said 'warning: [0-9]+ workers? died and (was|were) replaced' "... and says so"
    # A worker that has just died, or a descriptor of one that is being replaced.
    [ $n_zombies -le $((1 + n_killed / 4)) ]
    ok $? "... zombies do not stay" || diag "$n_zombies"
    [ $most_fds -le $workers ]
    ok $? "... descriptors do not add up" || diag "$most_fds more"
    [ $most_kib -le 1024 ]
    ok $? "... and neither does memory" || diag "$most_kib KiB more"
    is "$(find . -name '.framewalk*' -o -name '*.journal')" "" "... no file is left"
    is "$(ls -A /dev/shm 2>/dev/null)" "$shm" "... and nothing in /dev/shm"
}

crashes 2 2 --frames ::4 --walks 9000 --interior-samples 3000
# One frame: its owner dies, or one of those that help.
crashes 3 1 --frames 5:6 --walks 600001 --interior-samples 30000

done_testing
