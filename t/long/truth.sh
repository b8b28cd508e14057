# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2154
# What the long tests compare with, as lines "property value deviation" named like the
# columns of a CSV result, and the comparison. A script that includes this has included
# lib/tap.sh and bench/bodies.sh.

# One ball of radius 2.
truth_ball() {
    awk 'BEGIN { pi = 4 * atan2(1, 1); a = 2
        printf "capacitance %.15g 0\nvolume %.15g 0\n", a, 4 / 3 * pi * a ^ 3
        printf "radius_of_gyration %.15g 0\n", a * sqrt(0.6)
        split("_tensor_xx _tensor_yy _tensor_zz", part)
        for (i in part)
            printf "electric_polarizability%s %.15g 0\n", part[i], 4 * pi * a ^ 3
        printf "electric_polarizability %.15g 0\n", 4 * pi * a ^ 3
        split("_xy _xz _yz", part)
        for (i in part) print "electric_polarizability_tensor" part[i], 0, 0 }'
}

# Conducting balls of radii 1 and $1 that touch in the origin, on the x axis. Images in
# the variable u = 1/x, which both reflections map by u -> const - u: an image of a
# charge q at u lies at u' with q |u/u'|. With s = 1 + 1/b and the sums over k
#     P_n = sum 1/(k s + 1)^n     Q_n = sum 1/(k s + 1/b)^n          from k = 0
#     R_n = sum 1/(k s)^n                                            from k = 1
# a unit field across induces the dipole P_3 + Q_3 - 2 R_3 (images of a dipole change
# sign), one along the axis the dipole 2 (P_3 + Q_3 + 2 R_3) and the charge Q_2 - P_2,
# which is taken off by a potential: -charge^2 / C. Unit potential induces the charge
#     C = sum 1/(k s + 1) + 1/(k s + 1/b) - 2/((k + 1) s).
# Polarizability is 4 pi times the dipole.
truth_touching() {
    awk -v b="$1" '
        # The terms from k = n on, by the midpoint rule with its first correction.
        function tail(c, power, n,   at, integral) {
            at = (n - 0.5) * s + c
            integral = at ^ (1 - power) / (power - 1) / s
            return integral - power * s * at ^ (-1 - power) / 24
        }
        function sum(c, power,   k, total) {
            for (k = n - 1; k >= 0; k--) total += (k * s + c) ^ -power
            return total + tail(c, power, n)
        }
        function charge(   k, total, at) {
            for (k = n - 1; k >= 0; k--)
                total += 1 / (k * s + 1) + 1 / (k * s + 1 / b) - 2 / ((k + 1) * s)
            at = (n - 0.5) * s
            return total + (2 * log(at + s) - log(at + 1) - log(at + 1 / b)) / s
        }
        BEGIN {
            pi = 4 * atan2(1, 1); n = 20000; s = 1 + 1 / b
            p3 = sum(1, 3); q3 = sum(1 / b, 3); r3 = sum(s, 3)
            q = sum(1 / b, 2) - sum(1, 2)
            c = charge()
            along = 4 * pi * (2 * (p3 + q3 + 2 * r3) - q * q / c)
            across = 4 * pi * (p3 + q3 - 2 * r3)
            printf "capacitance %.12g 0\n", c
            printf "electric_polarizability %.12g 0\n", (along + 2 * across) / 3
            printf "electric_polarizability_tensor_xx %.12g 0\n", along
            printf "electric_polarizability_tensor_yy %.12g 0\n", across
            printf "electric_polarizability_tensor_zz %.12g 0\n", across
            split("xy xz yz", part)
            for (i in part) print "electric_polarizability_tensor_" part[i], 0, 0
            v = 1 + b ^ 3
            printf "volume %.15g 0\n", 4 / 3 * pi * v
            x = (b ^ 4 - 1) / v
            second = 0.6 * (1 + b ^ 5) + (1 + x) ^ 2 + b ^ 3 * (b - x) ^ 2
            printf "radius_of_gyration %.15g 0\n", sqrt(second / v) }'
}

# truth_nist ENTRY: the mean of three runs of 1e11 walks that come with ZENO. Its
# printed deviations of the gyration tensor are many times too large; the scatter is
# taken.
truth_nist() {
    awk -v entry="\"$1\": {" '
        index($0, "\"nist_surrogate_1e11_walks\"") { inside = 1 }
        inside && index($0, entry) { found = 1; next }
        !found { next }
        /^   }/ { exit }
        /^    "/ { split($0, f, "\""); name = f[2] }
        /"(value|std_dev)": \[/ {
            split($0, f, "\""); key = f[2]
            sub(/.*\[/, ""); sub(/\].*/, "")
            split($0, run, ", ")
            for (i = 1; i <= 3; i++) v[name, key, i] = run[i] }
        function out(to, from,   i, mean) {
            for (i = 1; i <= 3; i++) mean += v[from, "value", i] / 3
            printf "%s %.9g %.3g\n", to, mean, v[from, "std_dev", 1] / sqrt(3)
        }
        END {
            if (!found) exit 1
            out("capacitance", "capacitance")
            out("electric_polarizability", "mean_electric_polarizability")
            for (i = 0; i < 3; i++)
                for (j = i; j < 3; j++) {
                    part = substr("xyz", i + 1, 1) substr("xyz", j + 1, 1)
                    out("electric_polarizability_tensor_" part,
                        "electric_polarizability[" i "][" j "]") }
            out("volume", "volume")
            for (i = 1; i <= 3; i++) {
                for (j = 0; j < 3; j++)
                    rg[i] += v["gyration_eigenvalues[" j "]", "value", i]
                rg[i] = sqrt(rg[i])
                mean += rg[i] / 3 }
            for (i = 1; i <= 3; i++) scatter += (rg[i] - mean) ^ 2 / 6
            printf "radius_of_gyration %.9g %.3g\n", mean, sqrt(scatter) }' \
        "$DATA/reference.json"
}

properties="capacitance electric_polarizability electric_polarizability_tensor_xx
    electric_polarizability_tensor_xy electric_polarizability_tensor_xz
    electric_polarizability_tensor_yy electric_polarizability_tensor_yz
    electric_polarizability_tensor_zz volume radius_of_gyration"

# truth_run BODY WALKS: where nothing better exists, a long run with a seed of its own.
truth_run() {
    fw_body "$1" --seed 987654321 --walks "$2" --interior-samples "$2" -o long.csv \
        --workers auto --threads auto
    for tap_name in $properties; do
        echo "$tap_name $(csv_column long.csv "$tap_name")" \
            "$(csv_column long.csv "${tap_name}_std")"
    done
}

# fw_body BODY ARGUMENT...
fw_body() {
    tap_body=$1
    shift
    "$FW" run "$TMP/$tap_body.bod" --workers 1 --threads 1 --progress never -q --force \
        "$@" 2>err || { diag_file err; fail "framewalk run $tap_body $*"; }
}

# truth NAME: into NAME.truth.
truth() {
    case $1 in
    ball) truth_ball ;;
    pair) truth_touching 1 ;;
    two) truth_touching 0.25 ;;
    1LYD | polymer) truth_nist "$1_1e+11" ;;
    torus) truth_nist spheres_torus_1_4_16_1e+11 ;;
    *) truth_run "$1" "${LONG_TRUTH_WALKS:-20000000}" ;;
    esac >"$1.truth"
    [ "$(wc -l <"$1.truth")" -eq 10 ] || fail "no truth of $1"
}
