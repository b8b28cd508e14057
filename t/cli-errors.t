#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Inputs that cannot be read, or that make no sense: one line that names the file (and
# frame and offset where there are any), exit 3, and nothing else.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

three_atoms >body.pdb
fast="--walks 100 --interior-samples 100 --seed 1"

# invalid REGEX NAME ARGUMENT...
invalid() {
    tap_regex=$1 tap_name=$2
    shift 2
    refused 3 "$tap_regex" "$tap_name" run "$@" -o result.csv
    if [ -e result.csv ] || [ -e result.csv.partial ]; then
        ok 1 "$tap_name: no output file"
        rm -f result.csv*
    fi
}

invalid "^framewalk: none.pdb: cannot open: No such file" "missing topology" none.pdb
invalid "^framewalk: none.xtc: cannot open: No such file" "missing trajectory" \
    body.pdb none.xtc
invalid "^framewalk: none.xtc: cannot open" "missing second trajectory" \
    body.pdb body.pdb none.xtc
: >empty.pdb
invalid "^framewalk: empty.pdb: the file is empty" "empty topology" empty.pdb
: >empty.xtc
invalid "^framewalk: empty.xtc: the file is empty" "empty trajectory" body.pdb empty.xtc
mkdir folder
invalid "^framewalk: folder: is a directory" "a directory" folder
invalid "^framewalk: folder: is a directory" "a directory as trajectory" body.pdb folder
: | gzip >empty.pdb.gz
invalid "empty.pdb.gz" "empty gz" empty.pdb.gz
three_atoms | gzip | head -c 60 >cut.pdb.gz
invalid "cut.pdb.gz" "truncated gz" cut.pdb.gz
echo "END" >nothing.pdb
invalid "nothing.pdb" "a PDB file without atoms" nothing.pdb
echo "There was an old man with a beard" >prose.pdb
invalid "prose.pdb" "prose as PDB" prose.pdb
cp prose.pdb prose.xtc
invalid "prose.xtc" "prose as XTC" body.pdb prose.xtc
cp prose.pdb prose.dcd
invalid "prose.dcd" "prose as DCD" body.pdb prose.dcd
cp prose.pdb prose.gro
invalid "prose.gro" "prose as GRO" prose.gro
cp prose.pdb prose.bod
invalid "prose.bod: line 1 .*There" "prose as BOD" prose.bod
invalid "cannot tell the format of .*LICENSE.*knows: xtc trr dcd" \
    "a file of no known format" "$SRC/LICENSE"
atom 1 0.000 abc 0.000 >letters.pdb
invalid "letters.pdb: frame 0 at byte offset 0: atom 1: .*abc" \
    "letters where numbers belong" letters.pdb -q
printf 'SPHERE 0 0 0 1\nCUBE 0 0 0\n' >cube.bod
invalid "cube.bod: line 2 at byte offset 15: 'CUBE' takes x y z of a corner" \
    "a cube without edges" cube.bod
printf 'VOXELS no.fits\n' >voxels.bod
invalid "voxels.bod: line 1: no.fits: cannot open" "voxels that are not there" \
    voxels.bod
printf 'SPHERE 0 0 0 -1\n' >negative.bod
invalid "negative.bod: line 1 .*positive" "a negative radius" negative.bod

xtc=$SRC/examples/kunitz.xtc
head -c 200000 "$xtc" >cut.xtc
invalid "^framewalk: cut.xtc: frame [0-9]+ at byte offset [0-9]+: " "truncated XTC" \
    "$SRC/examples/kunitz.pdb" cut.xtc
head -c 50 "$xtc" >stub.xtc
invalid "^framewalk: stub.xtc: frame 0 at byte offset 0: " "XTC that ends in a header" \
    "$SRC/examples/kunitz.pdb" stub.xtc
{
    head -c 200000 "$xtc"
    head -c 100000 /dev/zero
} >zeros.xtc
invalid "^framewalk: zeros.xtc: frame [0-9]+ at byte offset [0-9]+: " \
    "XTC that goes on as zeros" "$SRC/examples/kunitz.pdb" zeros.xtc
cp "$xtc" mislabelled.dcd
# shellcheck disable=SC2086
run_fw run "$SRC/examples/kunitz.pdb" mislabelled.dcd $fast --frames :2 -q -o -
exits 0 "the bytes of a file count, not its name"
invalid "mislabelled.dcd: not a DCD file" "... unless --format says" \
    "$SRC/examples/kunitz.pdb" mislabelled.dcd --format dcd
invalid "kunitz.xtc: XTC files do not name their atoms" "XTC without a topology" "$xtc"
invalid "kunitz.xtc has 1112 atoms, but body.pdb has 3" "other numbers of atoms" \
    body.pdb "$xtc"
{
    echo "MODEL        1"
    three_atoms
    echo ENDMDL
    echo "MODEL        2"
    three_atoms | head -n 2
    echo ENDMDL
} >uneven.pdb
invalid "uneven.pdb: .*(frame|model) [12].* 2 .*3" "a model with fewer atoms" uneven.pdb
three_atoms | head -n 2 >two.pdb
invalid "two.pdb: .*2 atoms.* 3" "files with other numbers of atoms" \
    body.pdb body.pdb two.pdb

invalid "body.pdb: 'resname GLY' selects none of its 3 atoms" "an empty selection" \
    body.pdb --select "resname GLY"
run_fw run body.pdb --select "name CA and (resid 1 fast)"
exits 2 "a selection that is none"
is "$(cat out)" "" "... and nothing on standard output"
like err "^framewalk: expected a number or a range" "... says what is wrong"
is "$(sed -n 2p err)" "  name CA and (resid 1 fast)" "... quotes it"
is "$(sed -n 3p err)" "$(printf '%23s^' '')" "... and points at the place"

{
    atom 1 0.000 0.000 0.000
    atom 2 3.000 0.000 0.000 XX LIG Q
    atom 3 6.000 0.000 0.000 XX LIG Q
    atom 4 9.000 0.000 0.000 YY LIG Q
} >odd.pdb
invalid "odd.pdb: radii 'bondi' have none for .*LIG:XX \(2 atoms\).*LIG:YY \(1 atom\)" \
    "radii that are missing, each type once" odd.pdb --select all
# Atoms of another system explain that, and are told of first.
invalid "kunitz.xtc has 1112 atoms, but odd.pdb has 4: they must describe the same" \
    "other numbers of atoms, and no radii" odd.pdb "$xtc" --select all
invalid "kunitz.xtc has 1112 atoms, but odd.pdb has 4: " \
    "other numbers of atoms, and none selected" odd.pdb "$xtc" --select "resname GLY"
invalid "odd.pdb: radii 'bondi' have none" "the same number of atoms, and no radii" \
    -s odd.pdb -f odd.pdb --select all
invalid "odd.pdb: radii 'bondi' have none" "no radii, and a damaged trajectory" \
    odd.pdb stub.xtc --select all
"$FW" run -s odd.pdb -f - --format xtc --select all <"$xtc" >out 2>err
like err "odd.pdb: radii 'bondi' have none" "no radii, and a stream, which is not read"
printf 'XX 1.5\nC 1.7\nCA 1.7\n' >some.radii
invalid "LIG:YY" "a file of radii that lacks one" \
    odd.pdb --select all --radii some.radii
printf 'XX 1.5\nYY minus\n' >bad.radii
invalid "bad.radii:2: " "a file of radii that is wrong" \
    odd.pdb --select all --radii bad.radii

# Frames that cannot be computed.
models 1.000 nan 3.000 4.000 >nan.pdb
# shellcheck disable=SC2086
run_fw run nan.pdb $fast -o nan.csv -o nan.json
exits 4 "a coordinate that is no number, in one frame of four"
like err "^framewalk: frame 1 failed: nan.pdb: frame 1 at byte offset [0-9]+: atom 3" \
    "... is said with file, frame, offset and atom"
like out "3 frames done, 1 failed" "... and counted"
is "$(csv_column nan.csv status | tr '\n' ' ')" "ok failed ok ok " "... in its row"
is "$(csv_rows nan.csv | sed -n 2p)" \
    "1,1,failed,0,0$(csv_header nan.csv | sed 's/[^,]//g' | cut -c5-)" \
    "... whose cells are empty"
models 1.000 2.000 3.000 4.000 >good.pdb
# shellcheck disable=SC2086
run_fw run good.pdb $fast -q -o good.csv
csv_rows good.csv | sed 2d >want
csv_rows nan.csv | sed 2d >got
same got want "... and does not change the others"
if [ -n "$PY" ]; then
    "$PY" - <<'END'
import json, sys
frame = json.load(open("nan.json"))["frames"][1]
sys.exit(not (frame["status"] == "failed" and "atom 3" in frame["reason"]
              and frame["capacitance"] is None and frame["volume_std"] is None
              and frame["gyration_tensor"] is None))
END
    ok $? "... and is null in JSON"
else
    skip "no python3" "... and is null in JSON"
fi
models nan nan >nans.pdb
invalid "all 2 frames failed, the first .*nans.pdb: frame 0: atom 3" \
    "no frame that can be computed" nans.pdb -q
three_atoms nan >alone.pdb
invalid "alone.pdb: frame 0: atom 3: z coordinate is not a number" \
    "a single frame that cannot be computed" alone.pdb -q

if [ "$(id -u)" -eq 0 ]; then
    skip "root reads everything" "a file that may not be read"
else
    cp body.pdb secret.pdb
    chmod 0 secret.pdb
    invalid "secret.pdb: cannot open: Permission denied" "a file that may not be read" \
        secret.pdb
fi

if have_data; then
    top=$DATA/mda_5atom_test_topology.pdb
    for file in "$DATA"/broken/*; do
        name=$(basename "$file")
        case $name in
        dcd_* | xtc_*) regex="$name: frame 4 at byte offset" ;;
        h5md_*) regex="$name: a truncated HDF5 file" ;;
        trr_*) regex="$name: frame 3 at byte offset" ;;
        xyz_*) regex="$name has 3 atoms, but" ;;
        empty*) regex="$name: the file is empty" ;;
        *) regex="cannot tell the format of .*$name" ;;
        esac
        invalid "$regex" "broken/$name" "$top" "$file"
    done
else
    skip "$no_data" "broken files"
fi

done_testing
