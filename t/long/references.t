#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Three million walks against NIST's references of 1e11, and balls that touch against
# closed forms. Capacitance and mean polarizability agree within 3 combined standard
# deviations, the six elements of the tensor by the sum of their squares, below 28 (chi
# square of 6, p = 1e-4), and each within 4; our deviations stay below 2e-5 of the
# capacitance and 1e-4 of the polarizability. The capacitance of touching balls, with
# walks until its deviation is 3e-7, is right to 1e-6.
: "${FW_SRCDIR:=$(dirname "$0")/../..}"
HERE=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=t/lib/tap.sh
. "$HERE/../lib/tap.sh"
# shellcheck source=t/bench/bodies.sh
. "$HERE/../bench/bodies.sh"
# shellcheck source=t/long/truth.sh
. "$HERE/truth.sh"

# compare BODY: "PROPERTY RELATIVE-DEVIATION RELATIVE-ERROR Z" of one.csv.
compare() {
    while read -r property value deviation; do
        echo "$property $value $deviation $(csv_column one.csv "$property")" \
            "$(csv_column one.csv "${property}_std")"
    done <"$1.truth" | awk '
        { truth[$1] = $2; sd[$1] = $3; value[$1] = $4; std[$1] = $5; order[++n] = $1 }
        END {
            for (k = 1; k <= n; k++) {
                p = order[k]
                scale = truth[p ~ /polarizability/ ? "electric_polarizability" : p]
                d = value[p] - truth[p]
                v = std[p] ^ 2 + sd[p] ^ 2
                printf "%s %.3g %.3g %.2f\n", p, std[p] / scale, d / scale,
                    (v > 0 ? d / sqrt(v) : 0) } }' >compared
    sed "s/^/# $1: /" compared
}

# of PROPERTY FIELD: 2 the deviation, 3 the error, 4 z.
of() {
    awk -v name="$1" -v field="$2" '$1 == name { print $field }' compared
}

# below A B NAME: |A| < B.
below() {
    awk -v a="$1" -v b="$2" 'BEGIN { exit !(a != "" && a < b && -a < b) }'
    ok $? "$3" || diag "$1, not below $2"
}

# agrees NAME: what was compared, as said above.
agrees() {
    below "$(of capacitance 4)" 3 "$1: capacitance"
    below "$(of electric_polarizability 4)" 3 "$1: mean polarizability"
    awk '/_tensor_/ { if ($4 > 4 || $4 < -4) bad++; sum += $4 ^ 2 }
        END { exit !(NR && !bad && sum < 28) }' compared
    ok $? "$1: polarizability tensor" || diag_file compared
}

for name in 1LYD polymer torus; do
    if ! have_data || ! bodies_reference; then
        skip "$no_data" "$name"
        continue
    fi
    body "$name"
    truth "$name"
    fw_body "$name" --seed 1 --walks 3000000 -o one.csv
    compare "$name"
    agrees "$name"
    below "$(of capacitance 2)" 2e-5 "$name: deviation of the capacitance"
    below "$(of electric_polarizability 2)" 1e-4 "$name: deviation of the mean alpha"
done

for name in pair two; do
    body "$name"
    truth "$name"
    # Some 1e8 walks; the last --threads counts.
    fw_body "$name" --seed 1 --max-rsd-capacitance 3e-5 --threads auto -o one.csv
    compare "$name"
    agrees "$name"
    below "$(of capacitance 3)" 1e-6 "$name: error of the capacitance"
done

done_testing
