#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The command line: what is refused, with which words, and before any work is done.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

three_atoms >body.pdb
models 1.000 2.000 3.000 >models.pdb

run_fw --help
exits 0 "--help"
like out '^ +run ' "--help lists the commands"
is "$(cat err)" "" "--help leaves standard error alone"
run_fw --version
exits 0 "--version"
like out '^framewalk [0-9]+\.[0-9]+' "--version names program and version"
run_fw run --help
exits 0 "run --help"
for option in topology trajectory format frames begin end dt select updating no-unwrap \
    radii radii-scale shell walks interior-samples max-rsd-capacitance \
    max-rsd-polarizability max-rsd-volume min-walks target-sem max-run-time \
    launch-radius skin seed analysis stokes-sources stokes-points \
    common-random-numbers no-control-variate temperature \
    viscosity mass buoyancy specific-volume density solvent length-unit workers \
    threads cores memory strategy output retries bind frame-timeout journal resume \
    progress quiet verbose force config; do
    grep -q -e "--$option " out || echo "$option"
done >absent
is "$(cat absent)" "" "run --help has every option"
run_fw run nonsense.pdb --walks 0 --help
exits 2 "a wrong option before --help is wrong"
run_fw run nonsense.pdb --help --walks 0
exits 0 "what follows --help does not matter"

run_fw
exits 2 "no command"
like err 'Usage' "no command: the usage, on standard error"
refused 2 "unknown command dance" "unknown command" dance
refused 2 "unknown option --dance" "unknown option instead of a command" --dance
refused 2 "no input" "run without input" run
for command in merge simulate; do
    refused 2 "unknown command $command" "not built yet: $command" $command
done

# Parts of the contract that do not exist yet are not taken for done.
for option in --pin --json; do
    refused 2 "unknown option ${option%%=*} " "not built yet: run ${option%%=*}" \
        run body.pdb "$option"
done
refused 2 "unknown option --walk " "no abbreviations" run body.pdb --walk 10
refused 2 "unknown option -z" "unknown letter" run body.pdb -z
refused 2 "unknown option -z" "unknown letter among known ones" run body.pdb -qz

for option in -s -f -b -e -o --topology --walks --seed --solvent --workers --memory \
    --frames --temperature --output; do
    refused 2 "^framewalk: $option: a value is missing" "missing value of $option" \
        run body.pdb $option
done
refused 2 "--quiet takes no value.*'1'" "a flag takes no value" run body.pdb --quiet=1
refused 2 "--select: '' is not" "an empty value" run body.pdb --select ''

# Option, value, and what is allowed.
while read -r option value allowed; do
    refused 2 "^framewalk: $option: $value is out of range \(allowed: $allowed\)" \
        "out of range: $option $value" run body.pdb "$option" "$value"
done <<'END'
--walks 0 1 to 1000000000000
--stokes-sources 7 8 to 1024
--stokes-sources 1025 8 to 1024
--stokes-points 199 200 to 100000
--walks -1 1 to 1000000000000
--walks 1e13 1 to 1000000000000
--interior-samples 0 1 to 1000000000000
--min-walks 0 1 to 1000000000000
--workers 0 1 to 65536
--threads 65537 1 to 65536
--cores 0 1 to 65536
--retries 1001 0 to 1000
--radii-scale 0 1e-06 to 1000000
--shell -0.1 0 to 1000000
--max-rsd-capacitance 0 1e-06 to 100
--max-rsd-polarizability 101 1e-06 to 100
--max-rsd-volume -1 1e-06 to 100
--temperature -300C 1 to 10000
--viscosity 0cP 1e-06 to 1000000000000
--buoyancy 2 -100 to 1
--specific-volume -1 0 to 100
--density 101 0 to 100
--max-run-time -1 0 to 1000000000
--frame-timeout 0 0.001 to 1000000000
END
while read -r option value expected; do
    refused 2 "^framewalk: $option: '$value' is not .*$expected" \
        "no value of its kind: $option $value" run body.pdb "$option" "$value"
done <<'END'
--walks many whole number
--walks 1.5 whole number
--walks 0x10 whole number
--walks 10k whole number
--walks nan whole number
--workers two whole number or 'auto'
--threads 1.5 whole number or 'auto'
--threads -2 whole number or 'auto'
--radii-scale inf number
--shell 1A number
--seed -1 0 to 2\^64 - 1
--seed 18446744073709551616 0 to 2\^64 - 1
--seed 1.5 0 to 2\^64 - 1
--memory lots size
--strategy fastest auto serial frames threads hybrid
--solvent beer none water
--progress sometimes auto always never
--length-unit ell A nm cm m L
END
refused 2 "--memory: 1 .*at least 1048576" "too little memory to ask for" \
    run body.pdb --memory 1

refused 2 "^framewalk: --analysis: 'shape' is not one of: hydro stokes$" \
    "not built yet: --analysis shape" run body.pdb --analysis shape
refused 2 "^framewalk: --analysis: '' is not one of" "an analysis without a name" \
    run body.pdb --analysis hydro,
refused 2 "^framewalk: --analysis: stokes is given twice" "an analysis twice" \
    run body.pdb --analysis stokes,hydro,stokes
refused 2 "stokes-sources need --analysis stokes" "--stokes-sources without stokes" \
    run body.pdb --stokes-sources 40
refused 2 "--quiet and --verbose contradict" "-q with -v" run body.pdb -q -v
refused 2 "--buoyancy.*--density" "--buoyancy with --density" \
    run body.pdb --buoyancy 0.3 --density 1
refused 2 "--buoyancy.*--specific-volume" "--buoyancy with --specific-volume" \
    run body.pdb --buoyancy 0.3 --specific-volume 0.7
refused 2 "serial.*3 workers" "serial with workers" \
    run body.pdb --strategy serial --workers 3
refused 2 "serial.*2 threads" "serial with threads" \
    run body.pdb --strategy serial --threads 2
refused 2 "--solvent water needs --temperature" "a solvent of no temperature" \
    run body.pdb --solvent water
refused 2 "--solvent water: .* outside 273.15 to 373.15 K" "ice" \
    run body.pdb --solvent water --temperature -5C
refused 2 "atoms cannot come from standard input" "no topology from standard input" \
    run -s - body.pdb
refused 2 "atoms cannot come from standard input" "... nor from the frames there" \
    run -f -
refused 2 "must be the only trajectory" "standard input beside a file" \
    run body.pdb models.pdb -
refused 2 "unknown format 'mp3'.*pdb" "unknown --format" \
    run body.pdb models.pdb --format mp3
refused 2 "--length-unit is for bod and xyz" "a length unit for a PDB file" \
    run body.pdb --length-unit nm
refused 2 "neither a set of radii \(bondi, zeno, ca5, file\) nor a file" \
    "unknown set of radii" run body.pdb --radii bonda

# Where the files are told: options or positions, in any order.
fast="--walks 100 --interior-samples 100 --seed 1 -q"
# accepted NAME ARGUMENT...: gives the three frames of models.pdb.
accepted() {
    tap_name=$1
    shift
    # shellcheck disable=SC2086
    run_fw run $fast -o - "$@"
    is "$(csv_rows out | wc -l)" 3 "$tap_name" || diag_file err
}
accepted "TOPOLOGY TRAJECTORY" body.pdb models.pdb
accepted "-s TOPOLOGY -f TRAJECTORY" -s body.pdb -f models.pdb
accepted "-f TRAJECTORY -s TOPOLOGY" -f models.pdb -s body.pdb
accepted "-s TOPOLOGY TRAJECTORY" -s body.pdb models.pdb
accepted "-f TRAJECTORY TOPOLOGY" -f models.pdb body.pdb
accepted "-f TRAJECTORY alone" -f models.pdb
accepted "TOPOLOGY alone" models.pdb
accepted "TOPOLOGY -- TRAJECTORY" body.pdb -- models.pdb
accepted "--topology=FILE --trajectory=FILE" --topology=body.pdb --trajectory=models.pdb
accepted "-sFILE -fFILE" -sbody.pdb -fmodels.pdb
run_fw run body.pdb --walks 1e2 --interior-samples 100 -q -o -
is "$(csv_column out walks)" 100 "--walks 1e2 is a hundred"

# Outputs are judged before the input is opened: the body does not exist.
refused 2 "--output: a.txt: unknown extension \(known: .csv .json .npz\)" \
    "unknown extension" run none.pdb -o a.txt
refused 2 "--output: a: unknown extension" "no extension" run none.pdb -o a
refused 2 "--output: a.h5: unknown extension" "not built yet: .h5" run none.pdb -o a.h5
refused 2 "--output: a.csv is given twice" "an output twice" \
    run none.pdb -o a.csv -o b.csv -o a.csv
refused 2 "--output: - is given twice" "standard output twice" run none.pdb -o - -o -
refused 1 "cannot write no/such/a.csv: folder no/such: No such file" "missing folder" \
    run none.pdb -o no/such/a.csv
mkdir folder.csv
refused 2 "--output: folder.csv is a folder" "a folder as output" \
    run none.pdb -o folder.csv --force

echo precious >old.csv
refused 2 "--output: old.csv exists already \(--force" "an existing output" \
    run body.pdb -o new.csv -o old.csv
is "$(cat old.csv)" precious "... is left alone"
refuse "... and so is the other output" test -e new.csv
# shellcheck disable=SC2086
run_fw run body.pdb $fast --force -o new.csv -o old.csv
exits 0 "--force"
same new.csv old.csv "... overwrites it"
echo precious >old.csv
run_fw run none.pdb --force -o old.csv
is "$status $(cat old.csv)" "3 precious" "a failing run overwrites nothing"

done_testing
