#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Do the stated deviations tell the truth? For each body 400 independent estimates, of
# 40 seeds with 10 equal frames each (a frame has random streams of its own), by walks
# of a given number and by a precision asked for. The rms of (value - truth) / deviation
# must be within 0.85 and 1.15 for the capacitance, the mean polarizability, each
# element of its tensor, the volume and the radius of gyration. It has a standard
# deviation of 0.035 itself, so that right error bars fail one check in 30,000 (with 200
# estimates, one in 400). Where the deviation is below 1e-6 (of the mean polarizability
# for its elements) the errors must be below 1e-6 themselves.
#
# Truths are closed forms, NIST's runs of 1e11 walks, or else a long run.
#     LONG_SEEDS       (40)
#     LONG_BODIES      ball pair two polymer 1LYD torus kunitz; without the reference
#                      data coil calphas ring instead of NIST's three
: "${FW_SRCDIR:=$(dirname "$0")/../..}"
HERE=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=t/lib/tap.sh
. "$HERE/../lib/tap.sh"
# shellcheck source=t/bench/bodies.sh
. "$HERE/../bench/bodies.sh"
# shellcheck source=t/long/truth.sh
. "$HERE/truth.sh"

seeds=${LONG_SEEDS:-40}
if [ -n "${LONG_BODIES-}" ]; then
    bodies=$LONG_BODIES
elif have_data && bodies_reference; then
    bodies="ball pair two polymer 1LYD torus kunitz"
else
    bodies="ball pair two coil calphas ring kunitz"
fi

# estimates BODY ARGUMENT...: into rows.csv.
estimates() {
    tap_bod=$TMP/$1.bod
    tap_frames=
    for _ in 1 2 3 4 5 6 7 8 9 10; do
        tap_frames="$tap_frames -f $tap_bod"
    done
    shift
    : >rows.csv
    for seed in $(seq 1 "$seeds"); do
        # shellcheck disable=SC2086
        run_fw run -s "$tap_bod" $tap_frames --seed "$seed" -q --force -o one.csv "$@"
        [ "$status" -eq 0 ] || { diag_file err; return 1; }
        [ -s rows.csv ] || csv_header one.csv >rows.csv
        csv_rows one.csv >>rows.csv
    done
}

# judge TRUTH: "PROPERTY DEVIATION RMS-OR-ERROR KIND VERDICT" for each property.
# DEVIATION is relative; KIND says whether what stands before it is an rms or a largest
# error.
judge() {
    awk -v truth_file="$1" '
        BEGIN { FS = "[ ,]" }
        FILENAME == truth_file { truth[$1] = $2; sd[$1] = $3; order[++n] = $1; next }
        FNR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
        { rows++
            for (p in truth) {
                d = $column[p] - truth[p]
                s = $column[p "_std"]
                squares[p] += s * s
                v = s * s + sd[p] ^ 2
                if (v > 0) chi[p] += d * d / v
                if (d < 0) d = -d
                if (d > worst[p]) worst[p] = d } }
        END {
            for (k = 1; k <= n; k++) {
                p = order[k]
                scale = truth[p ~ /polarizability/ ? "electric_polarizability" : p]
                sigma = sqrt(squares[p] / rows) / scale
                exact = sigma < 1e-6
                value = exact ? worst[p] / scale : sqrt(chi[p] / rows)
                good = exact ? value < 1e-6 : value > 0.85 && value < 1.15
                printf "%s %.2g %.3g %s %d\n", p, sigma, value,
                    (exact ? "error" : "rms"), (good && rows > 1) } }' "$1" rows.csv
}

# scatter BODY NAME ARGUMENT...
scatter() {
    tap_who="$1, $2"
    tap_truth=$1.truth
    tap_of=$1
    shift 2
    estimates "$tap_of" "$@"
    ok $? "$tap_who: all runs succeed" || return
    judge "$tap_truth" >verdicts
    while read -r property sigma value kind good; do
        [ "$good" -eq 1 ]
        ok $? "$tap_who: $property, deviation $sigma, $kind $value"
    done <verdicts
}

for name in $bodies; do
    body "$name" || fail "cannot make the body $name"
    truth "$name"
    scatter "$name" "few walks" --walks 8000 --interior-samples 5000
    scatter "$name" "walks" --walks 50000 --interior-samples 20000
    scatter "$name" "precision" --max-rsd-capacitance 0.1 \
        --max-rsd-polarizability 0.1 --max-rsd-volume 1
done

done_testing
