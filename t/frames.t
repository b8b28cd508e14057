#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Which frames are computed: --frames as in Python, -b, -e and --dt by time.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

# Ten frames without times, and 151 of 1 ps from 0 on.
models 1.0 1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8 1.9 >ten.pdb
fast="--walks 10 --interior-samples 10 --seed 1 -q -o -"

# chosen INPUTS "FRAMES" ARGUMENT...: exactly these frames, in order.
chosen() {
    tap_inputs=$1 tap_frames=$2
    shift 2
    # shellcheck disable=SC2086
    run_fw run $tap_inputs $fast "$@"
    is "$(csv_column out frame | tr '\n' ' ')" "$tap_frames " "$*" || diag_file err
}

while read -r slice frames; do
    chosen ten.pdb "$frames" --frames "$slice"
done <<'END'
: 0 1 2 3 4 5 6 7 8 9
:: 0 1 2 3 4 5 6 7 8 9
2:5 2 3 4
2:5:1 2 3 4
:3 0 1 2
7: 7 8 9
::4 0 4 8
1::4 1 5 9
:-7 0 1 2
-3: 7 8 9
-3:-1 7 8
-20:2 0 1
8:20 8 9
0:10:100 0
::9223372036854775807 0
-1: 9
END
while read -r slice reason; do
    refused 2 "--frames $slice: $reason" "refused: --frames $slice" \
        run ten.pdb --frames "$slice"
done <<'END'
3 no colon
-3 no colon
a:b not a whole number
1.5:3 not a whole number
1:2:3:4 more than three parts
::0 STEP must be at least 1
::-1 STEP must be at least 1
99999999999999999999: not a whole number
END
for slice in 10: 5:5 5:2 :0 :-10; do
    refused 2 "leaves none of the 10" "none left: --frames $slice" \
        run ten.pdb --frames "$slice"
done

# Times: inclusive at both ends, after the slice.
while read -r arguments; do
    read -r frames
    # shellcheck disable=SC2086
    chosen "$KUNITZ" "$frames" $arguments
done <<'END'
-b 149
149 150
--begin 148.5
149 150
-e 1
0 1
--end 1.99
0 1
-b 3 -e 5
3 4 5
-b 3.0005 -e 3.0005
3
-b -5 -e 0
0
--dt 50
0 50 100 150
--dt 0.5 -e 2
0 1 2
-b 100 --dt 20
100 120 140
--frames ::2 -b 145
146 148 150
--frames 10:40 --dt 12
10 22 34
--frames -5: -e 147
146 147
END
# shellcheck disable=SC2086
{
    refused 2 "none of the 151" "a time after the last" run $KUNITZ -b 151
    refused 2 "none of the 151" "a time before the first" run $KUNITZ -e -1
    refused 2 "none of the 151" "an end before the beginning" run $KUNITZ -b 9 -e 8
    refused 2 "dt 0: must be positive" "no distance" run $KUNITZ --dt 0
    refused 2 "--dt: -1 is out of range" "a negative distance" run $KUNITZ --dt -1
    refused 2 "-b: 'soon' is not a number" "no time" run $KUNITZ -b soon
}
for option in -b -e --dt; do
    refused 2 "need times, which ten.pdb has not; use --frames" \
        "$option without times" run ten.pdb $option 1
done

# Times go into the results; without them the frame's number does.
# shellcheck disable=SC2086
run_fw run $KUNITZ $fast --frames 7:9
is "$(csv_column out time_ps | tr '\n' ' ')" "7 8 " "times of the file"
like out "^# frames: 2 of 151\$" "the choice is in the provenance"
# shellcheck disable=SC2086
run_fw run ten.pdb $fast --frames 7:9
is "$(csv_column out time_ps | tr '\n' ' ')" "7 8 " "frame numbers where there are none"

# Parts of a trajectory: the frame repeated at the seam is dropped, and that is said.
if have_data; then
    top=$DATA/mda_5atom_test_topology.pdb part=$DATA/mda_5atom_test.xtc
    chosen "$top $part $part" "0 1 2 3 4 5 6 7 8 9" --frames ::
else
    skip "$no_data" "frames of two files are concatenated"
fi
# part TIME...: a GRO file of one atom with these frames.
part() {
    for time; do
        printf 'one atom t= %s\n1\n' "$time"
        printf '    1ALA     CA    1   0.100   0.200   0.300\n'
        echo "   9.0   9.0   9.0"
    done
}
part 0 1 2 >part1.gro
part 2 3 4 >part2.gro
part 4.0005 5 >part3.gro
run_fw run -s part1.gro -f part1.gro -f part2.gro -f part3.gro --walks 10 -o parts.csv
is "$(csv_column parts.csv time_ps | tr '\n' ' ')" "0 1 2 3 4 5 " \
    "frames repeated at the seams are dropped"
like out "^seams +2 repeated frames dropped" "... which is said"
kunitz_top=$SRC/examples/kunitz.pdb kunitz_xtc=$SRC/examples/kunitz.xtc
run_fw run -s "$kunitz_top" -f "$kunitz_xtc" -f "$kunitz_xtc" --frames 149:153 \
    --walks 10 --interior-samples 10 -o seam.csv
is "$(csv_column seam.csv time_ps | tr '\n' ' ')" "149 150 0 1 " \
    "times go back where the second file's do"
unlike out "^seams" "nothing is dropped there"

done_testing
