#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Which atoms: words that need coordinates, bonds or an index file, and molecules that
# are made whole.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

# selects EXPRESSION COUNT NAME [ARGUMENT...]: of pair.pdb.
selects() {
    tap_expression=$1 tap_count=$2 tap_name=$3
    shift 3
    run_fw info pair.pdb --select "$tap_expression" "$@"
    grep -A 1 '^selection' out | tail -n 1 | sed 's/^ *atoms *//; s/ of.*//' >count
    is "$(cat count)" "$tap_count" "$tap_name" || diag_file err
}

# One glycine in two models, split over the boundary of a box of 20 A in the first: the
# bond from N at 19 to CA at 0.5 is 1.5 A long. In the second it is whole, and far off.
glycine() {
    printf 'MODEL     %4d\n' "$1"
    for row in "1 N $2 N" "2 CA $3 C" "3 C $4 C" "4 O $5 O"; do
        # shellcheck disable=SC2086
        set -- $row
        printf 'ATOM  %5d  %-3s GLY A   1    %8.3f%8.3f%8.3f%24s\n' \
            "$1" "$2" "$3" 5 5 "$4"
    done
    echo ENDMDL
}
{
    echo 'CRYST1   20.000   20.000   20.000  90.00  90.00  90.00 P 1           1'
    glycine 1 19.000 0.500 2.000 3.200
    glycine 2 9.000 10.500 12.000 13.200
} >pair.pdb

selects "prop x > 2" 2 "prop: places of the first frame"
selects "around 2 name CA" 1 "around: without periodic images"
selects "point 0 5 5 2.5" 2 "point"
selects "bonded name CA" 2 "bonded: by templates, also over the boundary"
selects "same fragment as name O" 4 "same fragment"
selects "byres (name O)" 4 "byres"

printf '[ Ends ]\n1 4\n[ Two words ]\n2\n' >index.ndx
selects 'group Ends or group "Two words"' 3 "groups of an index file" -n index.ndx
selects 'not group Ends' 2 "--index" --index index.ndx
run_fw info pair.pdb --select 'group Ends'
exits 2 "a group without an index file"
like err 'a group needs an index file \(--index\)' "... says so"
run_fw info pair.pdb --select 'all and group Nobody' -n index.ndx
exits 2 "an unknown group"
like err "no group 'Nobody' in the index file, which has Ends, Two words" "... says so"
is "$(sed -n 3p err)" "                ^" "... and where"
echo '[ Ends ] 5' >past.ndx
refused 3 "past.ndx:1: atom numbers go from 1 to 4" "an index past the atoms" \
    info pair.pdb -n past.ndx
refused 3 "none.ndx: cannot read" "no index file" info pair.pdb -n none.ndx
run_fw run pair.pdb --select 'around 5 name ZZ'
exits 3 "places that select nothing"
run_fw run pair.pdb --select 'prop x > 2' --frames 1: --walks 100 -q -o -
like out '^# atoms: 2 of 4' "the first frame selects, whichever are computed"
run_fw info pair.pdb --select 'protein and arround 5 name CA'
exits 2 "a misspelt word"
is "$(sed -n 3p err)" "              ^" "... with a caret under it"

fast="--walks 1000 --interior-samples 1000 --seed 1 -q --force -o out.csv"
# radius FILE: of gyration, for each frame.
radius() {
    csv_column out.csv radius_of_gyration | cut -c1-5 | tr '\n' ' '
}
# shellcheck disable=SC2086
run_fw run pair.pdb $fast
exits 0 "a split molecule"
whole=$(radius)
is "$(cat err)" "" "... no warning"
set -- $whole
is_near "$1" "$2" 0.03 "... is whole in both frames"
like out.csv '^# molecules: made whole' "... as the output says"
# shellcheck disable=SC2086
run_fw run pair.pdb $fast --no-unwrap
like err 'fallen into parts' "--no-unwrap: a warning"
like out.csv '^# molecules: as read' "... as the output says"
set -- $(radius)
is "$(awk -v a="$1" -v b="$2" 'BEGIN { print (a > 2 * b) }')" 1 \
    "... the first frame is in two parts"
# shellcheck disable=SC2086
run_fw run pair.pdb $fast --frames :1
set -- $whole
is "$(radius)" "$1 " "a frame is the same alone"
# N and O are connected by atoms that are not selected.
# shellcheck disable=SC2086
run_fw run pair.pdb $fast --select 'name N O' --no-unwrap
set -- $(radius)
apart=$1
# shellcheck disable=SC2086
run_fw run pair.pdb $fast --select 'name N O'
set -- $(radius)
is_near "$1" "$2" 0.05 "atoms connected through others are together"
is "$(awk -v a="$1" -v b="$apart" 'BEGIN { print (b > 2 * a) }')" 1 \
    "... and were not, as read"

run_fw convert pair.pdb -o as-read.xyz -q
run_fw convert pair.pdb --unwrap -o whole.xyz -q
is "$(awk 'NR == 4 { print $2 }' as-read.xyz) $(awk 'NR == 4 { print $2 }' whole.xyz)" \
    "0.50000 20.50000" "convert --unwrap"
sed /CRYST1/d pair.pdb >boxless.pdb
run_fw convert boxless.pdb --unwrap -o boxless.xyz -q
like err 'unwrap left everything as it is' "... without a box"

if ! have_data; then
    skip "$no_data" "topologies of reference systems"
    done_testing
fi
run_fw info -s "$DATA/adk.psf" -f "$DATA/adk_dims.dcd" \
    --select 'around 5.0 (resname ALA and protein)'
like out '^ +atoms +1191 of 3341' "PSF and DCD"
run_fw info "$DATA/adk_open.pqr" \
    --select 'same residue as around 4.0 (resid 43 and protein)'
like out '^ +atoms +125 of 3341' "PQR"
# shellcheck disable=SC2086
run_fw run "$DATA/adk_open.pqr" $fast --radii file --select 'resid 1:20'
exits 0 "--radii file of a PQR"

done_testing
