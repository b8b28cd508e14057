# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2154
# The bodies of the bench and of the long tests, as .bod files in $TMP. The reference
# data's are taken where they are there; the stand-ins for them need nothing but this
# tree. A script that includes this has included lib/tap.sh ($SRC, $DATA, $TMP).

bodies_reference() {
    [ -r "$DATA/zeno/1LYD.bod" ]
}

# Tangent balls of radius 1 and $1 on the x axis, touching in the origin.
touching_balls() {
    printf 'SPHERE -1 0 0 1\nSPHERE %s 0 0 %s\n' "$1" "$1"
}

# 416 balls of radius 1 with centres on a circle of radius 4: a torus within 3e-5.
ring_of_balls() {
    awk 'BEGIN { for (k = 0; k < 416; k++) {
        a = k * 8 * atan2(1, 1) / 416
        printf "SPHERE %.15g %.15g 0 1\n", 4 * cos(a), 4 * sin(a) } }'
}

# 20 beads along an irregular coil; neighbours overlap.
coil() {
    awk 'BEGIN { for (k = 0; k < 20; k++)
        printf "SPHERE %.6f %.6f %.6f 0.65\n", (1.1 + 0.02 * k) * cos(1.1 * k),
            1.1 * sin(1.1 * k), 0.35 * k + 0.01 * k * k }'
}

# The example protein: all its atoms with Bondi radii, or C-alphas as balls of 5 A.
kunitz_atoms() {
    awk 'BEGIN { split("H 1.20 C 1.70 N 1.55 O 1.52 S 1.80", f)
            for (i = 1; i in f; i += 2) radius[f[i]] = f[i + 1] }
        /^ATOM/ { element = substr($0, 77, 2)
            gsub(" ", "", element)
            print "SPHERE", substr($0, 31, 8), substr($0, 39, 8), substr($0, 47, 8),
                radius[element] }' "$SRC/examples/kunitz.pdb"
}

kunitz_calphas() {
    awk '/^ATOM/ && substr($0, 13, 4) == " CA " {
        print "SPHERE", substr($0, 31, 8), substr($0, 39, 8), substr($0, 47, 8), 5 }' \
        "$SRC/examples/kunitz.pdb"
}

# lattice FILE NX NY NZ: copies of a body, 1 A between their bounding boxes.
lattice() {
    awk -v nx="$2" -v ny="$3" -v nz="$4" '
        $1 == "SPHERE" { n++
            for (k = 1; k <= 4; k++) x[n, k] = $(k + 1)
            for (k = 1; k <= 3; k++) {
                if (n == 1 || x[n, k] - $5 < low[k]) low[k] = x[n, k] - $5
                if (n == 1 || x[n, k] + $5 > high[k]) high[k] = x[n, k] + $5 } }
        END {
            for (k = 1; k <= 3; k++) step[k] = high[k] - low[k] + 1
            for (a = 0; a < nx; a++) for (b = 0; b < ny; b++) for (c = 0; c < nz; c++)
                for (i = 1; i <= n; i++)
                    printf "SPHERE %.6f %.6f %.6f %s\n", x[i, 1] + a * step[1],
                        x[i, 2] + b * step[2], x[i, 3] + c * step[3], x[i, 4] }' "$1"
}

# reference_body NAME: the text of one that needs the reference data.
reference_body() {
    case $1 in
    polymer | 1LYD) cat "$DATA/zeno/$1.bod" ;;
    torus) cat "$DATA/zeno/spheres_torus_1_4_16.bod" ;;
    adk) cat "$DATA/zeno/adk_dims_f00.bod" ;;
    # A connected part of adenylate kinase, and twelve of it.
    protein) head -n 2568 "$DATA/zeno/adk_dims_f00.bod" ;;
    proteins) reference_body protein >part && lattice part 3 2 2 ;;
    *) return 1 ;;
    esac
}

# body NAME: writes $TMP/NAME.bod, unless it is there; fails where it cannot be had.
body() {
    [ ! -s "$TMP/$1.bod" ] || return 0
    case $1 in
    ball) echo "SPHERE 1 2 3 2" ;;
    two) touching_balls 0.25 ;;
    pair) touching_balls 1 ;;
    ring) ring_of_balls ;;
    coil) coil ;;
    kunitz) kunitz_atoms ;;
    calphas) kunitz_calphas ;;
    kunitzes) kunitz_atoms >part && lattice part 3 3 3 ;;
    *) bodies_reference && reference_body "$1" ;;
    esac >"$TMP/$1.bod" || { rm -f "$TMP/$1.bod"; return 1; }
}

balls_of() {
    grep -c '^SPHERE' "$TMP/$1.bod"
}
