#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Trajectories cut short: refused with file, frame and offset, unless --allow-truncated.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

top=$SRC/examples/kunitz.pdb
fast="--walks 500 --interior-samples 100 --seed 1 -q --force"

head -c 20000 "$SRC/examples/kunitz.xtc" >cut.xtc
refused 3 "cut.xtc: frame 4 at byte offset [0-9]+: " "a cut file" run "$top" cut.xtc -q
# shellcheck disable=SC2086
run_fw run "$top" cut.xtc --allow-truncated $fast -o cut.csv
exits 0 "--allow-truncated"
is "$(wc -l <err)" 1 "... with one line on standard error"
like err "warning: 4 frames kept of a damaged file: cut.xtc: frame 4 at byte offset" \
    "... which says what is kept and what is wrong"
# shellcheck disable=SC2086
run_fw run $KUNITZ --frames :4 $fast -o whole.csv
csv_rows whole.csv >whole
csv_rows cut.csv >cut
is "$(wc -l <cut)" 4 "four frames"
same cut whole "... the same as of the whole file"

head -c 1000 "$SRC/examples/kunitz.xtc" >none.xtc
refused 3 "none.xtc: frame 0 at" "not one good frame" run "$top" none.xtc \
    --allow-truncated -q
: >empty.xtc
refused 3 "empty.xtc: the file is empty" "an empty file" run "$top" empty.xtc \
    --allow-truncated -q
# shellcheck disable=SC2086
run_fw run $KUNITZ --frames :1 --allow-truncated $fast -o -
is "$status $(wc -l <err)" "0 0" "a whole file: no warning"

# Compressed, what can be unpacked is treated like that.
gzip -c "$SRC/examples/kunitz.xtc" | head -c 30000 >cut.xtc.gz
refused 3 "cut.xtc.gz: frame [0-9]+ at .*truncated at byte offset 30000 of" \
    "a cut compressed file" run "$top" cut.xtc.gz -q
run_fw info cut.xtc.gz
exits 3 "... of which info"
like out '^  damaged +after [1-9][0-9]* good frames' "... counts the good frames"
# shellcheck disable=SC2086
run_fw run "$top" cut.xtc.gz --allow-truncated $fast -o cut.csv
exits 0 "... which --allow-truncated uses"
like err "warning: [1-9][0-9]* frames kept of a damaged file: cut.xtc.gz: frame" \
    "... with a warning"
n=$(csv_rows cut.csv | tee cut | wc -l)
# shellcheck disable=SC2086
run_fw run $KUNITZ --frames ":$n" $fast -o whole.csv
csv_rows whole.csv >whole
same cut whole "... the same as of the whole file"
gzip -c "$top" | head -c 5000 >cut.pdb.gz
refused 3 "cut.pdb.gz: .*truncated at byte offset 5000 of the gzip stream" \
    "a cut compressed topology" run cut.pdb.gz "$SRC/examples/kunitz.xtc" \
    --allow-truncated -q

# The frames that a bod file names.
printf '2\n\nA 1.0 2.0 3.0\nA 4.0 5.0 6.0\n' >two.xyz
{ cat two.xyz && printf '2\n\nA 1.5 2.0 3.0\nB 4.0\n'; } >named.xyz
printf 'A 1.5\nB 2\n' >named.radii
echo 'TRAJECTORY named.xyz named.radii' >named.bod
refused 3 "named.bod: frame 1: named.xyz: line 8 at byte offset" \
    "a cut TRAJECTORY" convert named.bod -q -o none.npz
run_fw convert named.bod --allow-truncated -q -o named.npz
exits 0 "... of which --allow-truncated keeps the first frame"
like err "warning: 1 frame kept of a damaged file: named.bod: frame 1" "... and says so"
run_fw info named.bod
like out '^  atoms +2' "... without the atoms of the damaged one"

# Text that ends within a number still has its numbers, but they are not the frame's.
cut_back() {
    head -c -"$2" "$1" >"$3"
}
printf '2\n\nC 1.00000 2.00000 3.00000\nC 4.00000 5.00000 16.00000\n' >two.xyz
cat two.xyz two.xyz >four.xyz
for bytes in 2 6 7 8; do
    cut_back four.xyz $bytes cut.xyz
    refused 3 "frame 1: cut.xyz: line 8 at byte offset [0-9]+: atom 2: the file ends" \
        "an XYZ file $bytes bytes short" convert cut.xyz -q -o none.npz
done
run_fw convert cut.xyz --allow-truncated -q -o kept.npz
exits 0 "... of which --allow-truncated keeps the first frame"
like err "warning: 1 frame kept of a damaged file" "... and says so"
cut_back two.xyz 4 cut.xyz
refused 3 "frame 0: cut.xyz: line 4 at byte offset" "one frame only" run cut.xyz -q
cut_back two.xyz 1 cut.xyz
run_fw convert cut.xyz -q -o whole.npz
exits 0 "only the last line end is missing"
printf '1\n\nC 1.5 2.5 3' >short.xyz
run_fw convert short.xyz -q -o short.npz
exits 0 "a number that somebody wrote by hand"
printf 'x\n1\n    1ALA     CA    1   1.000   2.000   3.000\n' >a.gro
printf '   4.0000   5.0000   6.00' >>a.gro
refused 3 "a.gro: frame 0 at byte offset [0-9]+: the file ends within its box" \
    "a GRO file" convert a.gro -q -o a.npz
{ models 1 2; } >models.pdb
grep -n ENDMDL models.pdb | head -n 1 | cut -d : -f 1 >n
head -n $(($(cat n) - 2)) models.pdb >cut.pdb
refused 3 "frame 0: cut.pdb: .*at byte offset [0-9]+: the file ends before.*ENDMDL" \
    "a first model without its end" run cut.pdb -q
three_atoms | grep ATOM | head -c -20 >cut.pdb
refused 3 "frame 0: cut.pdb: line 3 at byte offset [0-9]+: the file ends within" \
    "an atom shorter than those before" run cut.pdb -q

# What only reading a frame shows: run gives the other frames, convert those before.
cp "$SRC/examples/kunitz.xtc" bad.xtc
printf '\377%.0s' $(seq 300) | dd of=bad.xtc bs=1 seek=10500 conv=notrunc 2>/dev/null
refused 3 "bad.xtc: frame 2 at byte offset [0-9]+: damaged" "damaged bytes" \
    convert bad.xtc -o bad.trr -q
refuse "... leave no output" test -e bad.trr
run_fw convert bad.xtc -o bad.trr -q --allow-truncated
exits 0 "... unless --allow-truncated"
like err "^framewalk: warning: 2 frames kept before damage: bad.xtc: frame 2 at byte" \
    "... which says what is kept and what is wrong"
# shellcheck disable=SC2086
run_fw run "$top" bad.xtc --frames :4 $fast -o bad.csv
exits 4 "a run"
is "$(cut -d , -f 3 bad.csv | grep -c ok)" 3 "... has the other frames"

printf '2\n\nC 0 0 0\nC 1 1 1\n2\n\nC 0 0 0\nC 1 nan 1\n' >nan.xyz
refused 3 "nan.xyz: frame 1 at byte offset 19: atom 2: y coordinate is not a number" \
    "a coordinate that is not a number" convert nan.xyz -o nan.npz -q
run_fw convert nan.xyz -o nan.npz -q --allow-truncated
exits 0 "... ends what is kept"
like err "warning: 1 frame kept before damage" "... with a warning"
tail -n 4 nan.xyz >first.xyz
run_fw info first.xyz
exits 3 "... which info sees in the first frame"
like out '^  frames +1' "... and tells the rest"
like err "first.xyz: frame 0: atom 2: y coordinate is not a number" \
    "... and what is wrong"

done_testing
