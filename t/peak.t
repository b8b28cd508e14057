#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Memory does not depend on the number of frames: 1,000 and 10,000 of the same system.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

peak=${FW_BUILDDIR:-$(dirname "$FW")}/t/lib/peak
[ -x "$peak" ] || skip_all "t/lib/peak is not built"
case $FW_CFLAGS in
*sanitize*) skip_all "sanitizers have memory of their own" ;;
esac
if "$FW" --version >/dev/null 2>&1 && ldd "$FW" 2>/dev/null | grep -q 'lib[at]san'; then
    skip_all "sanitizers have memory of their own"
fi

# shellcheck disable=SC2086
set -- $KUNITZ
top=$1
"$FW" convert "$2" --frames :100 --select 'index 0:9' -q -o part.xtc
"$FW" convert "$top" --select 'index 0:9' -q -o top.pdb
for i in 1 2 3 4 5 6 7 8 9 10; do cat part.xtc; done >few.xtc
for i in 1 2 3 4 5 6 7 8 9 10; do cat few.xtc; done >many.xtc

# both ARGUMENT...: the peaks with few and with many frames, FILE being those.
both() {
    for kind in few many; do
        arguments=
        for argument; do
            [ "$argument" != FILE ] || argument=$kind.${extension:-xtc}
            arguments="$arguments $argument"
        done
        # shellcheck disable=SC2086
        "$peak" "$FW" $arguments >out 2>err || diag_file err
        tail -n 1 out >$kind.kib
    done
    few=$(cat few.kib) many=$(cat many.kib)
}

# same_peak NAME ARGUMENT...: within ten percent, and what pages of libraries happen to
# be in memory.
same_peak() {
    tap_name=$1
    shift
    both "$@"
    [ $((100 * many)) -le $((110 * few + 100 * 300)) ]
    ok $? "$tap_name: $few and $many KiB"
}

fast="--walks 10 --interior-samples 4 --no-control-variate --seed 1 --workers 1 -q \
    --force"
same_peak "info" info FILE
for format in xtc npz; do
    same_peak "convert to $format" convert FILE -q --force -o out.$format
done
for format in trr h5md; do
    for kind in few many; do
        "$FW" convert $kind.xtc -q -o $kind.$format 2>/dev/null
    done
    if [ ! -e many.$format ]; then
        skip "cannot be written" "$format"
        continue
    fi
    extension=$format
    same_peak "info of $format" info FILE
done
extension=xtc

# Of a body so small that nothing else takes memory: what the parent keeps of a frame.
# shellcheck disable=SC2086
both run top.pdb FILE --shell 20 $fast -o out.csv
bytes=$(((many - few) * 1024 / 9000))
[ "$bytes" -lt 250 ]
ok $? "run: $bytes bytes a frame ($few and $many KiB)"

if [ -n "$EXPENSIVE" ]; then
    cat "$2" "$2" "$2" "$2" "$2" "$2" "$2" >seven.xtc
    "$FW" convert seven.xtc --frames :1000 -q --force -o few.xtc
    for i in 1 2 3 4 5 6 7 8 9 10; do cat few.xtc; done >many.xtc
    # shellcheck disable=SC2086
    same_peak "run on a protein" run "$top" FILE $fast -o out.csv -o out.npz
fi

done_testing
