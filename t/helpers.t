#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Fewer frames than workers: who has none takes blocks of the others' frames, and the
# bits stay what they are. (Deaths meanwhile: crashes.t.)
# shellcheck source=t/lib/tap.sh disable=SC2086
. "$(dirname "$0")/lib/tap.sh"

# kunitz NAME ARGUMENT...: writes NAME.csv, .npz and .json.
kunitz() {
    tap_out=$1
    shift
    run_fw run $KUNITZ --seed 7 -q --force -o "$tap_out.csv" -o "$tap_out.npz" \
        -o "$tap_out.json" "$@"
}

# stage FILE NAME: a number of the table of stages.
stage() {
    sed -n "s/^\"stages\":.*\"$2\": *\([0-9.e+-]*\).*/\1/p" "$1"
}

# few NAME ARGUMENT...: enough walks for helpers to have time.
few() {
    tap_run=$1
    shift
    kunitz serial --workers 1 --threads 1 "$@"
    exits 0 "$tap_run: 1x1"
    is "$(stage serial.json help_blocks)" 0 "... nobody can help"
    helped=0
    for layout in 2x1 3x1 2x2 7x1; do
        kunitz other --workers "${layout%x*}" --threads "${layout#*x}" "$@"
        same other.csv serial.csv "$tap_run: $layout, CSV"
        same other.npz serial.npz "$tap_run: $layout, NPZ"
        helped=$((helped + $(stage other.json help_blocks)))
    done
    [ $helped -gt 20 ]
    ok $? "... helpers have computed blocks" || diag "$helped"
}

few "one frame" --walks 120001 --frames 7:8 --interior-samples 50000
# Blocks beyond the end are dropped, whoever computed them.
few "one frame to a precision" --frames 7:8 --walks 500000 --no-control-variate \
    --max-rsd-capacitance 0.2 --max-rsd-volume 0.3
few "two frames" --walks 60001 --frames 3:5
few "stokes, and its volume" --frames 7:8 --analysis hydro,stokes --walks 60000 \
    --interior-samples 500000

# A body without a control variate, in double precision, and one that is no body.
{
    echo "SPHERE 0 0 0 1"
    echo "SPHERE 5000 0 0 0.5"
} >tiny.bod
for layout in 1x1 3x1; do
    run_fw run tiny.bod --walks 100000 --seed 3 -q --workers "${layout%x*}" \
        --threads 1 -o "tiny$layout.csv"
    exits 0 "two balls far apart: $layout"
done
same tiny3x1.csv tiny1x1.csv "... same bytes"

# A stream: its frames are in the ring.
for layout in 1x1 4x1; do
    "$FW" run "${KUNITZ%% *}" -f - --format xtc --frames 2:4 --walks 80000 --seed 3 \
        -q --workers "${layout%x*}" --threads 1 -o "pipe$layout.csv" -o pipe.json \
        --force <"${KUNITZ##* }" 2>err
    ok $? "a stream: $layout"
done
same pipe4x1.csv pipe1x1.csv "... same bytes"
[ "$(stage pipe.json help_blocks)" -gt 0 ]
ok $? "... and helpers have helped"

done_testing
