#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# How fast the walks about boxes are:
#     FW=build/framewalk [ZENO=/path/to/zeno] t/bench/boxes.sh
# For a cube, the same in a thousand pieces, a torus of voxels, and a torus of balls beside
# it: shapes, seconds of the processor for a million walks (two million minus one, one
# thread, without a control variate), and with ZENO its seconds for as many (from 20,000
# of them). Then C of the cube from 4e7 walks against its value, in deviations.
: "${FW_SRCDIR:=$(dirname "$0")/../..}"
HERE=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=t/lib/tap.sh
. "$HERE/../lib/tap.sh"

ZENO=${ZENO:+$(absolute "$ZENO")}
PATH_TIME=/usr/bin/time
[ -x "$PATH_TIME" ] || fail "no $PATH_TIME"

echo 'CUBE 0 0 0 10' >cube.bod
awk 'BEGIN { for (i = 0; i < 1000; i++)
    print "CUBE", i % 10, int(i / 10) % 10, int(i / 100), 1 }' >pieces.bod
awk 'BEGIN { for (k = 0; k < 416; k++) {
    a = k * 8 * atan2(1, 1) / 416
    printf "SPHERE %.15g %.15g 0 16\n", 64 * cos(a), 64 * sin(a) } }' >balls.bod
perl -e 'my @n = (160, 160, 32);
    my @cards = ("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 3");
    push @cards, "NAXIS$_  = $n[$_ - 1]" for 1 .. 3;
    my $image = join "", map { sprintf "%-80s", $_ } @cards, "END";
    $image .= " " x (2880 - length $image);
    for my $z (0 .. 31) { for my $y (0 .. 159) { for my $x (0 .. 159) {
        my $d = sqrt(($x - 79.5) ** 2 + ($y - 79.5) ** 2) - 64;
        $image .= chr($d * $d + ($z - 15.5) ** 2 < 256 ? 1 : 0) } } }
    print $image' >torus.fits
echo 'VOXELS torus.fits' >torus.bod

# seconds COMMAND...: of the processor.
seconds() {
    $PATH_TIME -f '%U %S' -o time.txt "$@" >/dev/null 2>&1 || fail "$*"
    awk '{ print $1 + $2 }' time.txt
}

of_framewalk() {
    seconds "$FW" run "$1.bod" --walks "$2" --seed 1 -q --no-control-variate --workers 1 \
        --threads 1
}

printf '%-8s %8s %12s %12s\n' body shapes 'framewalk s' 'ZENO s'
for body in cube pieces torus balls; do
    shapes=$("$FW" info --json $body.bod | sed 's/.*"n_atoms": \([0-9]*\).*/\1/')
    ours=$(awk -v b="$(of_framewalk $body 2000000)" -v a="$(of_framewalk $body 1000000)" \
        'BEGIN { printf "%.3f", b - a }')
    theirs=-
    if [ -n "$ZENO" ]; then
        b=$(seconds "$ZENO" -i $body.bod --num-walks=20000 --num-threads=1 --seed=1)
        a=$(seconds "$ZENO" -i $body.bod --num-walks=1 --num-threads=1 --seed=1)
        theirs=$(awk -v a="$a" -v b="$b" 'BEGIN { printf "%.1f", 50 * (b - a) }')
    fi
    printf '%-8s %8s %12s %12s\n' $body "$shapes" "$ours" "$theirs"
done
"$FW" run cube.bod --walks 40000000 --seed 1 -q -o cube.csv >/dev/null
awk -v c="$(csv_column cube.csv capacitance)" -v s="$(csv_column cube.csv capacitance_std)" \
    'BEGIN { printf "C of the cube: %.7f +- %.7f, z = %.2f\n", c, s, (c - 6.6067815) / s }'
