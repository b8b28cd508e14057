#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Solvent, solute and their units: what is given, in which unit, what follows from it,
# and what is left out.
# shellcheck source=t/lib/tap.sh disable=SC2317
. "$(dirname "$0")/lib/tap.sh"

# A body of two balls in A, and the same in a unit that nobody knows.
printf 'hunits 1 A\nsphere -10 0 0 10\nsphere 10 0 0 10\n' >body.bod
grep -v hunits body.bod >plain.bod
three_atoms >atoms.pdb
fast="--walks 3000 --interior-samples 1000 --seed 2 --force"
all="--temperature 298.15K --viscosity 0.89cP --mass 14.3kDa --buoyancy 0.27"

# value NAME: of the only row of result.csv.
value() {
    csv_column result.csv "$1"
}

# given NAME ARGUMENT...: a run that must succeed.
given() {
    tap_name=$1
    shift
    # shellcheck disable=SC2086
    run_fw run $fast -o result.csv "$@"
    [ "$status" -eq 0 ] || ok 1 "$tap_name: exit 0" || diag_file err
}

# The definitions, with the program's own radius.
# shellcheck disable=SC2086
given "all conditions" body.bod $all
cp result.csv all.csv
like result.csv '^# temperature: 298.15 K$' "the temperature is in the provenance"
like result.csv '^# viscosity: 0.89 cP$' "the viscosity too"
like result.csv '^# mass: 14300 Da \(given\)$' "the mass too"
like result.csv '^# buoyancy: 0.27$' "the buoyancy too"
unlike out 'omitted' "nothing is omitted"
awk -v r="$(value hydrodynamic_radius)" -v volume="$(value volume)" \
    -v eta="$(value intrinsic_viscosity)" 'BEGIN {
    pi = atan2(0, -1)
    f = 6 * pi * 0.89e-2 * r * 1e-8
    print f, 1.380649e-16 * 298.15 / f, 14300 / 6.02214076e23 * 0.27 / f * 1e13,
        eta * volume * 1e-24 * 6.02214076e23 / 14300 }' >want
read -r f d s eta <want
is_near "$(value friction_coefficient)" "$f" 1e-5 "f = 6 pi eta R_h, in g/s"
is_near "$(value diffusion_coefficient)" "$d" 1e-5 "D = k_B T / f, in cm2/s"
is_near "$(value sedimentation_coefficient)" "$s" 1e-5 "s = m b / f, in Svedberg"
is_near "$(value intrinsic_viscosity_mass)" "$eta" 1e-5 "[eta] by mass, in cm3/g"
is_near "$(value capacitance)" 13.863 0.05 "two touching balls: C = 2 ln 2 a"

# One quantity in many units: the results are those of all.csv.
while read -r option unit_value; do
    # shellcheck disable=SC2086
    given "$option $unit_value" body.bod $all "$option" "$unit_value"
    for name in diffusion_coefficient sedimentation_coefficient \
        intrinsic_viscosity_mass; do
        near "$(value $name)" "$(csv_column all.csv $name)" 1e-12 || echo $name
    done >differing
    is "$(cat differing)" "" "$option $unit_value"
done <<'END'
--temperature 298.15
--temperature 25C
--temperature 25.0C
--temperature 2.9815e2K
--viscosity 0.89
--viscosity 0.0089P
--viscosity 0.89mPa.s
--viscosity 0.89mPas
--viscosity 0.00089Pa.s
--mass 14300
--mass 14300Da
--mass 0.0143MDa
--mass 14300g/mol
--mass 14.3kg/mol
END
given "two values" body.bod --viscosity 5cP --viscosity 0.89cP --temperature 25C
is "$(value diffusion_coefficient)" "$(csv_column all.csv diffusion_coefficient)" \
    "of two values the last one counts"
while read -r volume density; do
    given "1 - vbar rho" body.bod --viscosity 0.89cP --specific-volume "$volume" \
        --density "$density" --mass 14.3kDa
    is_near "$(sed -n 's/^# buoyancy: //p' result.csv)" 0.27 1e-12 \
        "buoyancy of $volume in $density"
done <<'END'
0.73 1
0.73cm3/g 1.0g/cm3
0.73mL/g 1000kg/m3
0.73L/kg 1kg/L
0.73ml/g 1g/mL
END
while read -r option wrong units; do
    refused 2 "^framewalk: $option: '$wrong' is not .*$units" "unit: $option $wrong" \
        run body.bod "$option" "$wrong"
done <<'END'
--temperature 77F K C
--temperature 298k K C
--temperature 25°C K C
--viscosity 0.89St cP P mPa.s
--viscosity 0.89cp cP P mPa.s
--mass 14.3k Da kDa
--mass 14.3kDA Da kDa
--buoyancy 0.27g number
--specific-volume 0.73g/cm3 cm3/g
--density 1cm3/g g/cm3
--density one g/cm3
END

# Water: IAPWS viscosity and density, in the provenance.
while read -r celsius viscosity density; do
    given "water" body.bod --solvent water --temperature "${celsius}C"
    is_near "$(sed -n 's/^# viscosity: \(.*\) cP$/\1/p' result.csv)" "$viscosity" 2e-3 \
        "water at $celsius C: $viscosity mPa.s"
    is_near "$(sed -n 's/^# buoyancy: //p' result.csv)" \
        "$(awk -v d="$density" 'BEGIN { print 1 - 0.73 * d }')" 2e-4 \
        "water at $celsius C: $density g/cm3"
done <<'END'
4 1.5673 0.99997
20 1.0016 0.99821
25 0.8900 0.99705
37 0.6913 0.99333
END
like result.csv '^# solvent: water$' "the solvent is in the provenance"
given "water and a viscosity" body.bod --solvent water --temperature 25C --viscosity 2cP
like result.csv '^# viscosity: 2 cP$' "a given viscosity comes before the solvent's"
given "water and a buoyancy" body.bod --solvent water --temperature 25C --buoyancy 0.5
like result.csv '^# buoyancy: 0.5$' "a given buoyancy comes before the solvent's"

# What cannot be computed is left out, and that is said.
has() {
    csv_header result.csv | tr , '\n' | grep -Fqx "$1"
}
given "nothing given" body.bod
like out 'D, s and f omitted: add --solvent water --temperature 25C' "D, s, f: how to"
like out '\[eta\] per mass and s omitted: add --mass' "[eta] per mass: how to"
for name in diffusion_coefficient sedimentation_coefficient friction_coefficient \
    intrinsic_viscosity_mass; do
    refuse "no column $name" has $name
done
given "viscosity only" body.bod --viscosity 1cP
check "a viscosity gives f" has friction_coefficient
refuse "... not D" has diffusion_coefficient
like out '^D omitted: add --temperature' "... which is said"
given "no buoyancy" body.bod --viscosity 1cP --temperature 300 --mass 1kDa
like out '^s omitted: add --buoyancy' "s: how to"
refuse "... and left out" has sedimentation_coefficient
given "a mass of atoms" atoms.pdb
like result.csv '^# mass: 36.03[0-9]* Da \(sum over atoms\)$' "atoms have masses"
like out 'Mass: 36.0 Da, .*lack their hydrogens' "... but no hydrogens here"
printf 'beads\n2\n    1ALA     BB    1   0.100   0.200   0.300\n' >beads.gro
printf '    1ALA    SC1    2   0.400   0.200   0.300\n   5.0 5.0 5.0\n' >>beads.gro
printf 'BB 2.64 72\nALA:SC? 1.91 36\n' >beads.radii
given "masses of beads" beads.gro --radii beads.radii
like out 'Mass: 108.0 Da, the sum over the selected atoms.$' "... hold their hydrogens"
given "--mass" atoms.pdb --mass 50
like result.csv '^# mass: 50 Da \(given\)$' "--mass comes before that"
given "ca5" atoms.pdb --radii ca5
unlike result.csv '^# mass' "a ball a residue has no mass"

# Lengths without a unit.
# shellcheck disable=SC2086
given "unit L" plain.bod $all
like result.csv '^# units: capacitance=L, electric_polarizability=L\^3' "units are L"
unlike result.csv '^# units: .*=A|cm3/g|cm2/s' "... all of them"
refuse "... there is no D" has diffusion_coefficient
refuse "... nor [eta] per mass" has intrinsic_viscosity_mass
like out 'lengths have no unit' "... which is said"
like out '^capacitance .* L( |$)' "... and shown"
while read -r unit factor; do
    given "--length-unit $unit" plain.bod --length-unit "$unit"
    is_near "$(value capacitance)" \
        "$(awk -v c="$(csv_column all.csv capacitance)" -v f="$factor" \
            'BEGIN { printf "%.17g", c * f }')" 1e-9 "--length-unit $unit"
    like result.csv '^# units: capacitance=A,' "... gives A"
done <<'END'
A 1
nm 10
cm 1e8
m 1e10
END

# ZENO's keywords.
cat >zeno.bod <<'END'
SPHERE 0 0 0 1
sphere 2 0 0 1
HUNITS 3 nm
temp 20 C
MASS 140 Da
viscosity 10 cp
bf 0.5
rlaunch 4
END
given "bod keywords" zeno.bod
for fact in 'temperature: 293.15 K' 'viscosity: 10 cP' 'mass: 140 Da \(from file\)' \
    'buoyancy: 0.5'; do
    like result.csv "^# $fact\$" "bod: $fact"
done
is_near "$(value volume)" 226194.671 1e-3 "bod: hunits scales lengths"
check "bod: everything is known" has sedimentation_coefficient
given "options come first" zeno.bod --temperature 30C --viscosity 1cP --mass 1kDa \
    --buoyancy 0.25
for fact in 'temperature: 303.15 K' 'viscosity: 1 cP' 'mass: 1000 Da \(given\)' \
    'buoyancy: 0.25'; do
    like result.csv "^# $fact\$" "options come before the file: $fact"
done
run_fw run zeno.bod --launch-radius 10 --walks 10
exits 2 "a launch radius within the body"
like err 'launch radius 10 does not enclose the body' "... is said"

if have_data; then
    while read -r file temperature viscosity mass radius; do
        given "$file" "$DATA/$file" --walks 20 --interior-samples 20
        is "$(sed -n 's/^# temperature: //p' result.csv)" "$temperature K" \
            "$file: temperature"
        is "$(sed -n 's/^# viscosity: \(.*\) cP$/\1/p' result.csv)" "${viscosity#-}" \
            "$file: viscosity"
        is "$(sed -n 's/^# mass: //p' result.csv)" "$mass Da (from file)" "$file: mass"
        is_near "$(value capacitance_same_volume_sphere)" "$radius" 1e-9 \
            "$file: lengths in A"
    done <<'END'
zeno_test1.bod 293.15 10 140 30
zeno_test4.bod 298.15 20 1000 45
zeno_test7.bod 290 - 1.806642228e+24 3e8
END
else
    skip "$no_data" "zeno_test*.bod"
fi

done_testing
