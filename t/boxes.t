#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Bodies with boxes through the whole program: cubes, cuboids and voxels of bod files.
# shellcheck source=t/lib/tap.sh disable=SC2086
. "$(dirname "$0")/lib/tap.sh"

fast="--walks 100000 --interior-samples 8000 --seed 3 -q --force"

# agrees FILE NAME WANTED SIGMAS TEXT: within so many of its own standard deviations.
agrees() {
    awk -v got="$(csv_column "$1" "$2")" -v std="$(csv_column "$1" "$2_std")" \
        -v want="$3" -v most="$4" 'BEGIN {
            d = got - want; d = d < 0 ? -d : d
            exit !(got != "" && d <= most * std + 1e-9 * want)
        }'
    ok $? "$5" || diag "$2: $(csv_column "$1" "$2"), not $3" \
        "+- $(csv_column "$1" "$2_std")"
}

# fits FILE NX NY NZ CARD...: a header, to which voxels are appended.
fits() {
    file=$1
    {
        printf '%-80s' "SIMPLE  = T" "BITPIX  = 8" "NAXIS   = 3" "NAXIS1  = $2" \
            "NAXIS2  = $3" "NAXIS3  = $4"
        shift 4
        [ $# -eq 0 ] || printf '%-80s' "$@"
        printf '%-80s' "END"
    } >head.tmp
    dd if=head.tmp of="$file" bs=2880 conv=sync 2>dd.tmp
    # Blanks, not the zeros of dd.
    LC_ALL=C tr '\000' ' ' <"$file" >head.tmp && mv head.tmp "$file"
}

echo "CUBE -1 2 5 2" >cube.bod
run_fw run $fast -o cube.csv cube.bod
exits 0 "a cube"
agrees cube.csv capacitance 1.3213563 4.5 "... has its capacitance"
agrees cube.csv electric_polarizability 29.1544415 4.5 "... its polarizability"
agrees cube.csv gyration_tensor_yy 0.3333333 4.5 "... its gyration"
is "$(csv_column cube.csv volume)" 8 "... its volume"
is "$(csv_column cube.csv surface_area)" 24 "... its surface"

for x in -1 0; do
    for y in 2 3; do
        for z in 5 6; do
            echo "CUBOID $((x + 1)) $y $((z + 1)) $x $((y + 1)) $z"
        done
    done
done >eight.bod
run_fw run $fast -o eight.csv eight.bod
agrees eight.csv capacitance 1.3213563 4.5 "a cube in eight pieces has its capacitance"
agrees eight.csv electric_polarizability 29.1544415 4.5 "... its polarizability"
is "$(csv_column eight.csv surface_area)" 24 "... its surface"

fits cube.fits 20 10 20 "CDELT1  = 0.1 / a tenth" "CDELT2  = 0.2" "CDELT3  = 1E-1"
head -c 4000 /dev/zero | tr '\000' '\001' >>cube.fits
gzip -c cube.fits >cube.fits.gz
echo "VOXELS cube.fits.gz" >voxels.bod
run_fw info voxels.bod
exits 0 "voxels"
like out "shapes +0 balls, 1 box" "... that fill a cube are one box"
run_fw info --json voxels.bod
like out '"n_balls": 0, "n_boxes": 1' "... in JSON as well"
run_fw run $fast -o voxels.csv voxels.bod
agrees voxels.csv capacitance 1.3213563 4.5 "... with a cube's capacitance"

# Layouts and instruction sets.
printf '%s\n' 'SPHERE 0 0 0 1' 'CUBE 0.5 -0.5 -.5 1' 'SPHERE 0 3 0 .5' \
    'VOXELS cube.fits' >mix.bod
run_fw info mix.bod
like out "shapes +2 balls, 2 boxes" "balls and boxes together"
run_fw run $fast -o mix.csv --workers 1 --threads 1 mix.bod
exits 0 "... are walked around"
run_fw run $fast -o threads.csv --workers 1 --threads 3 mix.bod
same threads.csv mix.csv "... with the same bytes from three threads"
FRAMEWALK_ISA=baseline run_fw run $fast -o base.csv mix.bod
same base.csv mix.csv "... and by another instruction set"
awk '{ a[NR] = $0 } END { for (i = NR; i; i--) print a[i] " # back" }' mix.bod >back.bod
run_fw run $fast -o back.csv back.bod
agrees back.csv capacitance "$(csv_column mix.csv capacitance)" 5 "... in any order"
run_fw run $fast -o some.csv --select "name B and index 0" mix.bod
agrees some.csv capacitance 1 4.5 "a ball of them selected"
printf 'CUBE 1 2 3 1\nhunits 2 nm\n' >nm.bod
run_fw run $fast -o nm.csv nm.bod
is "$(csv_column nm.csv volume)" 8000 "boxes have units"
like nm.csv "volume=A\^3" "... which are said"
run_fw run $fast -o launched.csv --launch-radius 40 nm.bod
agrees launched.csv capacitance 13.213563 4.5 "a launch radius of one's own"

# What is refused.
refused 2 "--analysis stokes is for bodies of balls, and mix.bod has boxes" \
    "Stokes flow about boxes" run mix.bod --analysis stokes
refused 2 "--radii-scale and --shell are for balls, and atom 2 of mix.bod is a box" \
    "a shell about boxes" run mix.bod --shell 1
run_fw run cube.bod --launch-radius 0.5
exits 2 "a launch radius within a cube"
like err "launch radius 0.5 does not enclose the body, which needs 1.732" "... is said"
printf 'CUBE 0 0 0 1e308\nHUNITS 10 m\n' >range.bod
refused 3 "range.bod: line 1: this box is out of range" "a box beyond all numbers" \
    run range.bod
head -c 6000 cube.fits >short.fits
echo "VOXELS short.fits" >short.bod
refused 3 "short.bod: line 1: short.fits: 20 x 10 x 20 voxels .* 3120 bytes" \
    "an image that is cut short" run short.bod
fits empty.fits 2 2 2
printf '\000\000\000\000\000\000\000\000' >>empty.fits
echo "VOXELS empty.fits" >empty.bod
refused 3 "empty.fits: none of the voxels is solid" "nothing" info empty.bod
mkfifo pipe.fits
echo "VOXELS pipe.fits" >pipe.bod
refused 3 "pipe.fits" "a pipe" info pipe.bod

# A journal belongs to the voxels as well.
run_fw run $fast -o first.csv --journal j mix.bod
exits 0 "a journal of a body of voxels"
run_fw run $fast -o again.csv --journal j --resume mix.bod
exits 0 "... is gone on with"
same again.csv first.csv "... to the same bytes"
sed 's|0.1 / a tenth|0.2 / a fifth|' cube.fits >changed && mv changed cube.fits
refused 5 "with another boxes|with other boxes" "... unless the image has changed" \
    run $fast -o again.csv --journal j --resume mix.bod
done_testing
