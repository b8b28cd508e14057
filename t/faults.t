#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Calls of the system that fail, one after the other: each time the run ends with the
# right bytes, or with an error that is told and a journal that can be gone on with.
# EXPENSIVE=1 lets each of the first 200 calls fail, and all calls from each of them on.
# shellcheck source=t/lib/tap.sh disable=SC2086
. "$(dirname "$0")/lib/tap.sh"

FAULT_LIBRARY=${FW_FAULT:-$(dirname "$FW")/t/lib/.libs/fault.so}
[ -r "$FAULT_LIBRARY" ] || skip_all "no $FAULT_LIBRARY (make check builds it)"
three_atoms >body.pdb
models 1.0 1.5 2.0 2.5 >models.pdb
run="run -s body.pdb -f models.pdb --walks 3000 --interior-samples 1000 --seed 3"
run="$run --workers 2 --threads 2 --retries 1 -o r.csv -o r.npz -o r.json"
"$FW" $run >out 2>err || fail "the run without faults"
mkdir want
mv r.csv r.npz want
csv_rows want/r.csv >want/rows
# The program may be one that cannot be preloaded into (a sanitizer's), or static.
env FAULT=rename:1 LD_PRELOAD="$FAULT_LIBRARY" "$FW" $run --force >out 2>err
[ $? -eq 1 ] && grep -q 'Input/output error' err ||
    skip_all "this program cannot be preloaded into"

# How the run with the FAULT ended: nothing when it ended well.
judge() {
    case $status in
    0)
        cmp r.csv want/r.csv && cmp r.npz want/r.npz && grep -q '"ensemble"' r.json &&
            [ ! -e r.csv.journal ] && return
        ;;
    1 | 3)
        grep -q '^framewalk: ' err && ! grep -aq Assertion err || return
        ;;
    4)
        # Frames whose workers were lost twice, or had no memory.
        csv_rows r.csv | grep ',ok,' >rows
        [ "$(grep -Fxf want/rows rows | wc -l)" -eq "$(wc -l <rows)" ] || return
        ;;
    *) return 1 ;;
    esac
}

# Without faults, whatever the journal holds leads to the same bytes.
resume() {
    [ $status -ne 0 ] || return 0
    rm -f r.csv r.npz r.json
    "$FW" $run --resume >out 2>err && cmp r.csv want/r.csv && cmp r.npz want/r.npz
}

# faults KIND NAME N...
faults() {
    tap_kind=$1 tap_name=$2
    shift 2
    tap_wrong=0 tap_failed_runs=0
    for n; do
        rm -f r.* .framewalk*
        timeout 30 env FAULT="$tap_kind:$n" LD_PRELOAD="$FAULT_LIBRARY" "$FW" $run \
            >out 2>err
        status=$?
        tap_failed_runs=$((tap_failed_runs + (status != 0)))
        judge >judge.txt 2>&1 || {
            diag "$tap_kind:$n: exit $status"
            diag_file err
            diag_file judge.txt
            tap_wrong=$((tap_wrong + 1))
            continue
        }
        is_left=$(find . -name '.framewalk*')
        [ -z "$is_left" ] || diag "$tap_kind:$n: leaves $is_left"
        [ -z "$is_left" ] && resume >judge.txt 2>&1 || {
            diag "$tap_kind:$n: --resume"
            diag_file err
            tap_wrong=$((tap_wrong + 1))
        }
    done
    is $tap_wrong 0 "$tap_name: $# times ($tap_failed_runs runs failed)"
}

shm=$(ls -A /dev/shm 2>/dev/null)
for kind in malloc mmap fork thread read write sync rename; do
    if [ -n "${EXPENSIVE-}" ]; then
        few=$(seq 200)
        many=$(seq 1 200 | sed 's/$/+/')
    else
        case $kind in
        malloc) few=$(seq 3 37 200) many=$(seq 7 90 200 | sed 's/$/+/') ;;
        read | write) few=$(seq 1 7 40) many=$(seq 1 9 40 | sed 's/$/+/') ;;
        *) few="1 2 3" many="1+ 2+" ;;
        esac
    fi
    faults $kind "$kind fails once" $few
    faults $kind "$kind fails from then on" $many
done

# Who is killed while the outputs are written leaves none that is not whole.
left=0 killed=0
for n in $(seq 1 9 300); do
    rm -rf r.* .framewalk*
    FAULT=kill:$n LD_PRELOAD="$FAULT_LIBRARY" "$FW" $run >out 2>err
    status=$?
    [ $status -eq 137 ] && killed=$((killed + 1))
    for name in r.csv r.npz; do
        [ ! -e $name ] || cmp $name want/$name || left=$((left + 1))
    done
    is_left=$(find . -name '.framewalk*')
    [ -z "$is_left" ] || left=$((left + 1))
done >cmp.txt 2>&1
[ $killed -gt 3 ]
ok $? "the parent was killed where it writes" || diag "$killed times"
# O_TMPFILE | O_RDWR, as they are on most machines.
if perl -e 'sysopen(F, ".", 020200002, 0600) or exit 1'; then
    is $left 0 "... nothing half written is left, under no name" || diag_file cmp.txt
else
    skip "a file system without nameless files" "... nothing half written is left"
fi

# One too few is a warning.
fault() {
    rm -f r.*
    env FAULT="$1" LD_PRELOAD="$FAULT_LIBRARY" "$FW" $run >out 2>err
    status=$?
}
fault fork:2
exits 0 "a worker less"
like err 'warning: 1 worker fewer than planned: cannot start a .*: fork: ' \
    "... is said"
fault thread:1+
exits 0 "a thread less"
like err 'warning: a worker had only 1 of 2 threads' "... is said"
is "$(ls -A /dev/shm 2>/dev/null)" "$shm" "nothing is left in /dev/shm"

done_testing
