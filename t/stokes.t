#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# --analysis stokes: beside hydro and without it, the same bits in every layout, columns
# and their units, what is refused and warned about.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

# kunitz NAME ARGUMENT...: two frames with few points; writes NAME.csv.
kunitz() {
    tap_out=$1
    shift
    # shellcheck disable=SC2086
    run_fw run $KUNITZ --frames ::100 --walks 3000 --interior-samples 2000 --seed 5 \
        --stokes-sources 20 --stokes-points 500 -q --force -o "$tap_out.csv" "$@"
}

# Everything but the comments.
table() {
    grep -v '^#' "$1.csv" >"$1.table"
}

# columns FILE FROM TO: those columns of a table, by names of the first and the last.
columns() {
    awk -F, -v from="$2" -v to="$3" '
        NR == 1 {
            for (i = 1; i <= NF; i++) {
                if ($i == from) a = i
                if ($i == to) b = i
            }
        }
        { line = ""; for (i = a; i <= b; i++) line = line "," $i; print line }' "$1"
}

water="--solvent water --temperature 25C"
# shellcheck disable=SC2086
kunitz both --analysis hydro,stokes $water
exits 0 "hydro,stokes"
table both
# shellcheck disable=SC2086
kunitz reversed --analysis stokes,hydro $water
table reversed
same reversed.table both.table "the order of the list does not matter"
sed -n 1p both.table | tr ',' '\n' >names
is "$(sort names | uniq -d)" "" "no column twice"

# shellcheck disable=SC2086
run_fw run $KUNITZ --frames ::100 --walks 3000 --interior-samples 2000 --seed 5 -q \
    --force -o hydro.csv $water
table hydro
columns both.table capacitance sedimentation_coefficient_std >got
columns hydro.table capacitance sedimentation_coefficient_std >want
same got want "hydro's columns are those of hydro alone"
# shellcheck disable=SC2086
kunitz stokes --analysis stokes $water
table stokes
for range in "stokes_hydrodynamic_radius rotational_correlation_time_std" \
    "stokes_residual stokes_extrapolation"; do
    # shellcheck disable=SC2086
    columns both.table $range >got
    # shellcheck disable=SC2086
    columns stokes.table $range >want
    same got want "stokes's columns are those of stokes alone: $range"
done
grep -q stokes_over_capacitance stokes.table
is $? 1 "stokes alone has no capacitance to compare with"
is "$(csv_column stokes.csv capacitance)" "" "... nor any other column of hydro"
is "$(csv_column stokes.csv status | sort -u)" ok "all frames are ok"

for layout in 1x1 2x1 1x2 3x3; do
    # shellcheck disable=SC2086
    kunitz other --analysis hydro,stokes $water --workers "${layout%x*}" \
        --threads "${layout#*x}"
    table other
    same other.table both.table "$layout: the same bits"
done
for isa in baseline x86-64-v3 x86-64-v4; do
    FRAMEWALK_ISA=$isa
    export FRAMEWALK_ISA
    # shellcheck disable=SC2086
    kunitz other --analysis hydro,stokes $water
    unset FRAMEWALK_ISA
    if [ "$status" -eq 0 ]; then
        table other
        same other.table both.table "$isa: the same bits"
    else
        skip "not an instruction set of this processor" "$isa"
    fi
done
# shellcheck disable=SC2086
kunitz one --frames 100:101 --analysis stokes $water
table one
is "$(tail -n 1 one.table)" "$(tail -n 1 stokes.table)" "a frame alone, the same bits"

# Relations between the columns.
k_T=$(awk 'BEGIN { printf "%.10g", 1.380649e-16 * 298.15 }')
eta=$(sed -n 's/^# viscosity: \([0-9.e-]*\) cP/\1/p' both.csv)
r=$(csv_column both.csv stokes_hydrodynamic_radius | head -n 1)
d=$(csv_column both.csv translational_diffusion_coefficient | head -n 1)
c=$(csv_column both.csv capacitance | head -n 1)
is_near "$d" "$(awk -v kt="$k_T" -v eta="$eta" -v r="$r" \
    'BEGIN { print kt / (6 * 3.14159265358979 * eta * 0.01 * r * 1e-8) }')" 1e-5 \
    "Einstein's relation"
is_near "$(csv_column both.csv stokes_over_capacitance | head -n 1)" \
    "$(awk -v r="$r" -v c="$c" 'BEGIN { printf "%.12g", r / c }')" 1e-9 "R_h / C"
tau=$(csv_column both.csv rotational_correlation_time | head -n 1)
v=$(csv_column both.csv correlation_volume | head -n 1)
is_near "$tau" "$(awk -v kt="$k_T" -v eta="$eta" -v v="$v" \
    'BEGIN { print 1e9 * v * 1e-24 * eta * 0.01 / kt }')" 1e-5 "tau_c and its volume"
rate=$(csv_column both.csv relaxation_rates_5 | head -n 1)
is_near "$(csv_column both.csv relaxation_times_1 | head -n 1)" \
    "$(awk -v r="$rate" 'BEGIN { printf "%.12g", 1e9 / r }')" 1e-9 \
    "the fastest rate is the shortest time"
near "$r" "$c" 0.08
ok $? "R_h is near the capacitance" || diag "$r $c"

# Columns by what is known.
# shellcheck disable=SC2086
kunitz cold --analysis stokes
csv_header cold.csv | tr ',' '\n' >names
for name in stokes_hydrodynamic_radius stokes_rotational_radius \
    stokes_intrinsic_viscosity stokes_intrinsic_viscosity_infinite \
    stokes_intrinsic_viscosity_mass relaxation_volumes_5 correlation_volume \
    centre_of_diffusion_x mobility_origin_z mobility_11 mobility_36 mobility_66_std \
    stokes_residual stokes_extrapolation; do
    grep -qx "$name" names || echo "$name"
done >absent
is "$(cat absent)" "" "geometric columns are always there"
grep -E 'diffusion_(tensor|coefficient|eigen)|times|rates|correlation_time' names >got
is "$(cat got)" "" "without viscosity and temperature there are no others"
like cold.csv '^# units: .*relaxation_volumes=A\^3.*mobility=1/A 1/A\^2 1/A\^3' "units"
like both.csv '^# units: .*relaxation_times=ns.*stokes_over_capacitance=1' "SI units"
like both.csv '^# analysis: hydro,stokes$' "the analyses are in the comments"
like both.csv '^# stokes_sources: 20$' "... and the sources"
unlike cold.csv '^# walks:' "... and no walks that were not made"

if [ -n "$PY" ]; then
    # shellcheck disable=SC2086
    kunitz other --analysis stokes $water -o other.json
    "$PY" - other.json <<'END'
import json, sys
r = json.load(open(sys.argv[1]))
f = r["frames"][0]
m, d, t = f["mobility"], f["rotational_diffusion_tensor"], f["relaxation_times"]
assert len(m) == 6 and all(len(row) == 6 for row in m)
assert all(m[i][j] == m[j][i] for i in range(6) for j in range(6))
assert len(d) == 3 and len(t) == 5 and t == sorted(t)
assert len(f["centre_of_diffusion"]) == 3
assert len(f["mobility_std"]) == 6
assert r["stages"]["stokes_points"] == 1000 and r["stages"]["stokes_sources"] > 0
e = r["ensemble"]["relaxation_times"]["mean"]
assert len(e) == 5
END
    ok $? "arrays of JSON"
else
    skip "no python3" "arrays of JSON"
fi

# The summary.
# shellcheck disable=SC2086
run_fw run $KUNITZ --frames ::100 --walks 3000 --seed 5 --analysis stokes \
    --stokes-sources 20 --stokes-points 500 $water
exits 0 "a summary"
like out '^1/<1/stokes R_h> = ' "the mean of D"
like out '^1/<1/tau_c> = .* ns' "the mean of the rates"
like out 'the extrapolation leaves 0\.[0-9]+ % of R_h, 0\.[0-9]+ % of R_rot and 0' \
    "the error that frames share"
unlike out 'R_h = C holds' "no word of the analogy"
unlike out 'mobility_11' "matrices only with -v"

# Bodies of balls.
cat >two.bod <<'END'
SPHERE 0 0 0 1
SPHERE 0 0 2 1
END
run_fw run two.bod --analysis stokes --seed 1 -q -o -
exits 0 "touching balls"
is_near "$(csv_column out stokes_hydrodynamic_radius)" 1.39209 2e-4 "their R_h"
is_near "$(csv_column out stokes_intrinsic_viscosity)" 3.449 2e-3 "their [eta]"
is_near "$(csv_column out centre_of_diffusion_z)" 1 1e-3 "their centre"
like out '^# units: .*stokes_hydrodynamic_radius=L.*mobility=1/L' \
    "lengths without a unit"
sed 's/ 2 1$/ 5 1/' two.bod >apart.bod
refused 3 "in 2 parts, up to 3 L apart, and Stokes flow is for one rigid body" \
    "a body in parts" run apart.bod --analysis stokes --seed 1 -q -o -
run_fw run apart.bod --seed 1 -q -o -
exits 0 "which hydro takes"
echo "SPHERE 3 4 5 2.5" >one.bod
run_fw run one.bod --analysis hydro,stokes --seed 1 -q -o -
is_near "$(csv_column out stokes_hydrodynamic_radius)" 2.5 1e-6 "one ball: R_h"
is_near "$(csv_column out stokes_intrinsic_viscosity)" 2.5 1e-6 "one ball: [eta]"
is_near "$(csv_column out centre_of_diffusion_y)" 4 1e-6 "one ball: centre"

# Long, thin, and fitted with far too little.
awk 'BEGIN { for (i = 0; i < 120; i++) print "SPHERE 0 0", 1.2 * i, 1 }' >rod.bod
run_fw run rod.bod --analysis stokes --seed 1 -q --stokes-sources 12 -o -
exits 0 "a rod"
like err 'warning: stokes: in 1 frame .*try --stokes-sources' "... is warned about"
run_fw run two.bod --analysis stokes --seed 1 -q -o -
is "$(cat err)" "" "others are not"

if have_data; then
    run_fw run "$DATA/1LYD.bod" --length-unit A --analysis stokes --seed 1 -q -o -
    is_near "$(csv_column out stokes_hydrodynamic_radius)" 21.681 1.5e-3 "1LYD: R_h"
    is_near "$(csv_column out stokes_rotational_radius)" 21.965 2.5e-3 "1LYD: R_rot"
    is_near "$(csv_column out stokes_intrinsic_viscosity)" 3.309 5e-3 "1LYD: [eta]"
    is_near "$(csv_column out stokes_intrinsic_viscosity_infinite)" 3.128 5e-3 \
        "1LYD: [eta] of high frequency"
    run_fw run "$DATA/zeno/adk_dims_f00.bod" --length-unit A --analysis stokes \
        --seed 1 -q -o -
    is_near "$(csv_column out stokes_hydrodynamic_radius)" 21.80 5e-3 "AdK: R_h"
else
    skip "$no_data" "1LYD and AdK"
fi

done_testing
