#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# --updating: words for places choose the atoms of each frame anew.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

# water NUMBER RESID X: its oxygen.
water() {
    atom "$1" "$3" 0.000 0.000 OW SOL O | sed "s/A   1 /A$(printf %4d "$2") /"
}
{
    for x in 9 3 3; do
        echo "MODEL"
        atom 1 0.000 0.000 0.000 C LIG C
        atom 2 1.500 0.000 0.000 CA LIG C
        water 3 2 $x.000
        water 4 3 "$([ "$x" = 3 ] && echo -3.000 || echo 20.000)"
        atom 5 0.000 9.000 0.000 MW SOL X
        echo ENDMDL
    done
} >three.pdb
words='resname LIG or (name OW and around 4 resname LIG)'
fast="--walks 2000 --interior-samples 500 --seed 1 -q --force --solvent water \
    --temperature 25C"

# Each frame is the one that a selection of just its atoms gives.
# shellcheck disable=SC2086
run_fw run three.pdb $fast --select "$words" --updating -o all.csv
exits 0 "--updating"
csv_rows all.csv >rows
for frame in 0 1 2; do
    index="0 1"
    [ $frame -eq 0 ] || index="0 1 2 3"
    # shellcheck disable=SC2086
    run_fw run three.pdb $fast --select "index $index" -o one.csv \
        --frames $frame:$((frame + 1))
    csv_rows one.csv >one
    sed -n $((frame + 1))p rows >row
    same row one "frame $frame has its own atoms, radii and mass"
done
# shellcheck disable=SC2086
run_fw run three.pdb $fast --select "$words" -o first.csv
csv_rows first.csv >first
is "$(head -n 1 first)" "$(head -n 1 rows)" "without it: the first frame's atoms"
differ first rows "... in all frames"
like all.csv '^# updating: in every frame' "the output says so"
like all.csv '^# atoms: at most 4 of 5' "... and which atoms it may be"
like all.csv "^# mass: sum over each frame's atoms" "... and whose masses"
unlike first.csv updating "... and only then"

# The same on any layout, as a stream, and for words that ask for no places.
# shellcheck disable=SC2086
run_fw run three.pdb $fast --select "$words" --updating -o layout.csv --workers 3 \
    --threads 2
csv_rows layout.csv >got
same got rows "other workers and threads"
mkfifo frames
cat three.pdb >frames &
# shellcheck disable=SC2086
run_fw run -s three.pdb -f frames --format pdb $fast --select "$words" --updating \
    -o stream.csv
wait
csv_rows stream.csv >got
cut -d , -f 1,3- got >got.cut
cut -d , -f 1,3- rows >rows.cut
same got.cut rows.cut "a stream"
# shellcheck disable=SC2086
run_fw run three.pdb $fast --select "resname LIG" --updating -o plain.csv
exits 0 "words that ask for no places"
unlike plain.csv updating "... select once"

# A frame without atoms fails alone.
# shellcheck disable=SC2086
run_fw run three.pdb $fast --select 'name OW and around 4 resname LIG' --updating \
    -o empty.csv
exits 4 "a frame that has none"
is "$(csv_column empty.csv status | tr '\n' ' ')" "failed ok ok " "... fails alone"
# shellcheck disable=SC2086
run_fw run three.pdb $fast --select 'around 30 resname LIG' --updating -o none.csv
exits 3 "an atom that may be selected and has no radius"
like err 'SOL:MW' "... is named"

# The journal knows a run with it from one without.
# shellcheck disable=SC2086
run_fw run three.pdb $fast --select "$words" --updating --journal j -o whole.csv
# shellcheck disable=SC2086
run_fw run three.pdb $fast --select "$words" --updating --journal j -o again.csv \
    --resume
exits 0 "--resume"
same again.csv whole.csv "... gives the same bytes"
# shellcheck disable=SC2086
run_fw run three.pdb $fast --select "$words" --journal j -o again.csv --resume
exits 5 "... and not without --updating"

refused 2 "unknown option --updating" "convert: files have their atoms in all frames" \
    convert three.pdb --updating -o x.xyz
printf 'TRAJECTORY t.xyz t.rad\n' >t.bod
printf '1\n\nA 0 0 0\n2\n\nA 0 0 0\nA 5 0 0\n' >t.xyz
echo 'A 1' >t.rad
refused 2 "updating: frames of t.bod have atoms of their own already" \
    "a TRAJECTORY of a bod" run t.bod --select 'prop x < 3' --updating -q

done_testing
