#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Same bits: what a run computes follows from inputs, seed and options, never from how
# many processes and threads compute it. EXPENSIVE=1 takes all frames instead of some.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

slice=::16
[ -z "${EXPENSIVE-}" ] || slice=::

# kunitz SEED NAME ARGUMENT...: writes NAME.csv and NAME.npz. Walks are more blocks than
# threads, and the last block is not a whole one.
kunitz() {
    tap_seed=$1 tap_out=$2
    shift 2
    # shellcheck disable=SC2086
    run_fw run $KUNITZ --frames "$slice" --walks 6000 --interior-samples 2500 \
        --seed "$tap_seed" -q --force -o "$tap_out.csv" -o "$tap_out.npz" "$@"
}

# layouts NAME ARGUMENT...: all layouts give the bits of one process with one thread.
layouts() {
    tap_run=$1
    shift
    kunitz 7 serial --workers 1 --threads 1 "$@"
    exits 0 "$tap_run: 1 x 1"
    for layout in 2x1 1x2 3x2 2x5 autoxauto; do
        kunitz 7 other --workers "${layout%x*}" --threads "${layout#*x}" "$@"
        same other.csv serial.csv "$tap_run: $layout, CSV"
        same other.npz serial.npz "$tap_run: $layout, NPZ"
    done
}

layouts "fixed walks"
cp serial.csv fixed.csv
is "$(csv_column fixed.csv status | sort -u)" ok "all frames are ok"
is "$(csv_column fixed.csv capacitance | sort -u | wc -l)" \
    "$(csv_rows fixed.csv | wc -l)" "no two frames are alike"

# Each frame ends at its own prefix of whole blocks.
layouts "precision" --walks 60000 --max-rsd-capacitance 0.55 \
    --no-control-variate --max-rsd-volume 3 --min-walks 1000
n_walks=$(csv_column serial.csv walks | sort -u | wc -l)
[ "$n_walks" -gt 1 ]
ok $? "precision: frames end at different numbers of walks" || diag_file serial.csv

# Enough walks for a pilot and a control variate, on fewer frames (the last --frames
# counts).
cp fixed.csv keep.csv
layouts "control variate" --walks 17000 --frames ::50
layouts "control variate to a precision" --walks 1000000 --frames ::50 \
    --max-rsd-polarizability 0.5
cp keep.csv fixed.csv

for strategy in serial frames threads hybrid; do
    kunitz 7 other --strategy $strategy --cores 2
    same other.csv fixed.csv "--strategy $strategy"
done

kunitz 8 other
differ other.csv fixed.csv "another seed, other bits"
# As the frames are the same, the difference of the means is Monte Carlo noise.
for run in other fixed; do
    csv_rows $run.csv | awk -F, '{ sum += $6; square += $7 * $7 }
        END { printf "%.17g %.17g\n", sum / NR, square / NR / NR }'
done | awk '{ mean[NR] = $1; variance += $2 }
    END { d = mean[1] - mean[2]; exit !(d * d < 25 * variance && variance > 0) }'
ok $? "... that agree statistically"

# Frames are computed alike in whatever company.
three_atoms >body.pdb
models 1.000 1.500 2.000 2.500 3.000 3.500 4.000 4.500 >models.pdb
small="--walks 3000 --interior-samples 2500 -q --force"
# shellcheck disable=SC2086
run_fw run models.pdb $small --seed 5 -o all.csv
csv_rows all.csv >rows
while read -r frames lines; do
    # shellcheck disable=SC2086
    run_fw run models.pdb $small --seed 5 --frames "$frames" -o some.csv
    csv_rows some.csv >got
    sed -n "$lines" rows >want
    same got want "--frames $frames: rows of the full run"
done <<'END'
0:1 1p
3:6 4,6p
1::3 2p;5p;8p
-1: 8p
END
# Frames 0 to 7 of the first file, 8 to 15 of the second: the number picks the stream.
# shellcheck disable=SC2086
run_fw run -s body.pdb -f models.pdb -f models.pdb $small --seed 5 -o twice.csv
csv_rows twice.csv | head -n 8 | cut -d, -f 3- >got
cut -d, -f 3- rows >want
same got want "a second file does not change the rows of the first"
csv_rows twice.csv | tail -n 8 | cut -d, -f 3- >again
differ got again "... and has walks of its own"

# A drawn seed is printed and repeats the run.
# shellcheck disable=SC2086
run_fw run models.pdb --walks 1000 --interior-samples 1000 -o drawn.csv
seed=$(sed -n 's/^seed  *\([0-9]*\) (drawn.*/\1/p' out)
check "a drawn seed is printed" test -n "$seed"
like drawn.csv "^# seed: $seed\$" "... and written"
run_fw run models.pdb --walks 1000 --interior-samples 1000 -q --seed "${seed:-0}" \
    -o repeated.csv
same repeated.csv drawn.csv "... and repeats the run"
run_fw run models.pdb --walks 1000 --interior-samples 1000 -q -o redrawn.csv
differ redrawn.csv drawn.csv "the next one is another"
for seed in 0 18446744073709551615; do
    # shellcheck disable=SC2086
    run_fw run models.pdb $small --seed $seed --frames :1 -o seed.csv
    like seed.csv "^# seed: $seed\$" "--seed $seed"
done

done_testing
