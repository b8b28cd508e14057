#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Input formats through the whole program: equal coordinates give equal results,
# whatever the file they come from.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

fast="--walks 20000 --interior-samples 1500 --seed 3 -q --force"

# results OUT ARGUMENT...: the rows of a run.
results() {
    tap_out=$1
    shift
    # shellcheck disable=SC2086
    run_fw run $fast -o result.csv "$@" || diag_file err
    csv_rows result.csv >"$tap_out"
}

# Four atoms at places that PDB, GRO and bod files hold exactly; Bondi's carbon is 1.70.
places="0.00 0.00 0.00
3.80 0.00 0.00
3.80 3.80 1.00
7.25 3.80 -2.50"
echo "$places" | while read -r x y z; do
    n=$((${n:-0} + 1))
    atom $n "${x}0" "${y}0" "${z}0"
done >four.pdb
{
    echo "four atoms, t= 2.5"
    echo 4
    echo "$places" | awk '{ printf "%5dALA  %5s%5d%8.3f%8.3f%8.3f\n", NR, "CA", NR,
                            $1 / 10, $2 / 10, $3 / 10 }'
    echo "   9.0   9.0   9.0"
} >four.gro
{
    echo "hunits 1 A"
    echo "$places" | awk '{ print "SPHERE", $0, "1.70" }'
} >four.bod
{
    echo "# the same in nm"
    echo "$places" | awk '{ print "s", $1 / 10, $2 / 10, $3 / 10, 0.170 }'
    echo "HUNITS 1 nm"
} >nm.bod
gzip -k four.pdb
{
    for model in 1 2; do
        printf 'MODEL     %4d\n' $model
        cat four.pdb
        echo ENDMDL
    done
} >models.pdb
sed 's/$/\r/' four.pdb >crlf.pdb
for kind in pdb bod; do
    { printf '\357\273\277' && cat four.$kind; } >mark.$kind
done

# Ten columns after the status are enough to see, and all are compared.
values() {
    cut -d, -f 4-"${2:-}" "$1"
}
results pdb four.pdb
values pdb >pdb.values
is "$(wc -l <pdb)" 1 "a PDB file"
for file in four.pdb.gz crlf.pdb mark.pdb; do
    results other $file
    same other pdb "the same from $file"
done
results other four.gro
is "$(cut -d, -f 2 other)" 2.5 "a GRO file's time"
# nm become A by a multiplication, so that the last bits may differ.
agree() {
    paste -d, "$1" "$2" | awk -F, '{
        n = NF / 2
        for (i = 1; i <= n; i++) {
            d = $i - $(n + i); size = $i < 0 ? -$i : $i
            if (d < 0) d = -d
            if (d > 1e-6 * size + 1e-4) exit 1
        }
        ok = 1 } END { exit !ok }'
    ok $? "$3" || { diag_file "$1"; diag_file "$2"; }
}
values other 30 >other.values
values pdb 30 >some.values
agree other.values some.values "the same from four.gro"
results bod four.bod
same bod bod "a bod file"
results other mark.bod
same other bod "the same behind a byte order mark"
values bod 30 >bod.values
same bod.values some.values "the same from four.bod, to the bit"
results other nm.bod
values other 30 >other.values
agree other.values some.values "the same from nm.bod"
results other four.bod --length-unit L
same other bod "a unit does not change the numbers"
results models models.pdb
is "$(wc -l <models)" 2 "a PDB file of two models"
head -n 1 models >other
same other pdb "... the first of which gives the same"
results other four.pdb models.pdb
same other models "... as does the topology's own trajectory"
results other -s four.gro -f four.pdb
values other >other.values
same other.values pdb.values "topology GRO, coordinates PDB"
cp four.pdb four.ent
results other four.ent
same other pdb "four.ent"
cp four.gro gro.pdb
results other gro.pdb
is "$(cut -d, -f 2 other)" 2.5 "bytes decide, not names"
cp four.pdb unnamed
results other unnamed --format pdb
same other pdb "--format"

# XTC: frames in any order by any worker. kunitz.pdb holds its first frame, rounded.
# shellcheck disable=SC2086
results xtc $KUNITZ --frames :2
is "$(cut -d, -f 1,2,3 xtc | tr '\n' ' ')" "0,0,ok 1,1,ok " "an XTC file"
results own "$SRC/examples/kunitz.pdb"
for run in xtc own; do
    head -n 1 $run | cut -d, -f 6
done | tr '\n' ' ' >pair
read -r a b <pair
is_near "$a" "$b" 0.01 "an XTC file and the PDB file of its first frame"

if ! have_data; then
    skip "$no_data" "reference files"
    done_testing
fi

# The same coordinates in three formats.
top=$DATA/mda_5atom_test_topology.pdb
results xtc "$top" "$DATA/mda_5atom_test.xtc"
is "$(wc -l <xtc)" 5 "five atoms: XTC"
results dcd "$top" "$DATA/mda_5atom_test.dcd"
is "$(wc -l <dcd)" 5 "five atoms: DCD, all frames, not the header's count"
results gro "$top" "$DATA/mda_5atom_test.gro"
is "$(wc -l <gro)" 1 "five atoms: GRO"
# Rounding in the 7th digit sends walks elsewhere: alike within the noise.
for run in dcd gro; do
    is_near "$(head -n 1 $run | cut -d, -f 6)" "$(head -n 1 xtc | cut -d, -f 6)" 0.03 \
        "five atoms: $run as XTC"
done

results plain "$DATA/adk_closed.pdb"
results gz "$DATA/adk_closed.pdb.gz"
same gz plain "adk_closed.pdb.gz"
while read -r files frames; do
    # shellcheck disable=SC2046
    results rows $(echo "$files" | tr '|' '\n' | sed "s|^|$DATA/|") --walks 100
    is "$(cut -d, -f 3 rows | sort | uniq -c | tr -s ' \n' ' ')" " $frames ok " "$files"
done <<'END'
adk_protein_multi.gro 2
cobrotoxin_protein_vel.gro 3
nmr_neopetrosiamide.pdb 24
cobrotoxin.pdb|cobrotoxin.xtc 3
polymer.bod 1
trajectory.bod 6
END

# ZENO's own example of frames with different balls, against ZENO's figures (1e6 walks).
run_fw run "$DATA/trajectory.bod" $fast --walks 100000 -o zeno.csv
is "$(csv_column zeno.csv capacitance | awk '
    BEGIN { split("1.020277 1.020277 1.020076 1.020575 1.000002 1.386815", zeno) }
    { d = $1 - zeno[NR]; ok += d * d < 0.003 * 0.003 } END { print ok }')" 6 \
    "trajectory.bod: capacitances as ZENO's"
results rows -s "$DATA/adk_oplsaa.gro" -f "$DATA/adk_oplsaa.xtc" --frames 3:4 \
    --walks 100
is "$(cut -d, -f 1-3 rows)" "3,300,ok" "adk_oplsaa.gro|adk_oplsaa.xtc" ||
    diag_file rows

done_testing
