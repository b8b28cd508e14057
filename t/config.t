#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run --config: options in a file, which the command line wins over.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

three_atoms >body.pdb
models 1.000 2.000 3.000 >models.pdb
cat >c.ini <<'END'
# A comment, and a heading, which is for people.
[Monte Carlo]
walks = 3000          ; behind a value too
interior-samples=500
seed = 7
quiet

[input]
topology = body.pdb
trajectory = models.pdb
select = "name CA or name N*"   # "quotes" that hold all of a value are taken off
force = yes
progress = never
END
printf '%s' "$(cat c.ini)" >no-end.ini

run_fw run body.pdb models.pdb --walks 3000 --interior-samples 500 --seed 7 -q \
    --select 'name CA or name N*' -o wanted.csv
exits 0 "options as arguments"
run_fw run --config c.ini -o got.csv
exits 0 "options in a file"
same got.csv wanted.csv "... give the same bytes"
is "$(cat out err)" "" "... quietly, as it says"
sed 's/$/\r/' c.ini >crlf.ini
run_fw run --config=crlf.ini -o got.csv
same got.csv wanted.csv "line ends of other systems; and an output may be overwritten"
run_fw run --config no-end.ini -o got.csv
same got.csv wanted.csv "no line end at the end"

# The command line wins, wherever it stands.
run_fw run --config c.ini --seed 8 -o got.csv
like got.csv '^# seed: 8' "an argument behind"
run_fw run --seed 8 --config c.ini -o got.csv
like got.csv '^# seed: 8' "an argument before"
run_fw run --config c.ini -f body.pdb -o got.csv
is "$(csv_rows got.csv | wc -l)" 1 "a repeatable option comes from one of the two"
run_fw run --config c.ini body.pdb -o got.csv
is "$(csv_rows got.csv | wc -l)" 1 "names without option replace the trajectories"
printf 'trajectory = models.pdb\ntrajectory = body.pdb\nquiet = no\n' >two.ini
run_fw run --config two.ini body.pdb --walks 100 --seed 1 --force -o got.csv
is "$(csv_rows got.csv | wc -l)" 4 "a key may be repeated where the option may"
like out '^seed' "a flag that says no"
run_fw run --config two.ini models.pdb models.pdb --walks 100 --seed 1 --force \
    -o got.csv
is "$(csv_rows got.csv | wc -l)" 3 "two names: topology and trajectory"

# Where an option comes from is no fact of a run.
run_fw run --config c.ini --journal j -o whole.csv
run_fw run body.pdb models.pdb --walks 3000 --interior-samples 500 --seed 7 -q \
    --select 'name CA or name N*' --journal j --resume --force -o got.csv
exits 0 "--resume with arguments what a file began"
same got.csv whole.csv "... gives the same bytes"

# What is wrong is said with file and line.
line=0
while IFS='|' read -r text regex; do
    line=$((line + 1))
    printf '# %s\n\n%b\n' "$line" "$text" >bad.ini
    refused 2 "^framewalk: bad.ini:3: $regex" "refused: $text" \
        run body.pdb --config bad.ini
done <<'END'
walk = 10|walk: no such option
--walks = 10|--walks: no such option
walks = 0|walks: 0 is out of range \(allowed: 1 to 1000000000000\)
walks = many|walks: 'many' is not a whole number
walks =|walks: '' is not a whole number
walks|walks: a value is missing \(N\)
temperature = 25X|temperature: '25X' is not a number with one of the units K C
strategy = fast|strategy: 'fast' is not one of
quiet = perhaps|quiet: 'perhaps' is not yes or no
select =|select: '' is not a text
config = other.ini|config: not in a file
help|help: not in a file
= 5|a value without a key
walks 10|expected: key = value
walks 10 = 5|expected: key = value
[input|a heading without its \]
END
printf 'walks = 10\nwalks = 20\n' >bad.ini
refused 2 "^framewalk: bad.ini:2: walks: given twice" "a key that is given twice" \
    run body.pdb --config bad.ini
printf 'walks = 10\n\000\n' >bad.ini
refused 2 "^framewalk: bad.ini: not a text file" "a NUL" run body.pdb --config bad.ini
refused 2 "config: cannot read 'none.ini': No such file" "no file" \
    run body.pdb --config none.ini
refused 2 "config: cannot read '\.': Is a directory" "a directory" \
    run body.pdb --config .
head -c 1100000 /dev/zero | tr '\0' '#' >long.ini
refused 2 "config: cannot read 'long.ini': it is too large" "a long file" \
    run body.pdb --config long.ini
refused 2 "--config: a value is missing" "no name" run body.pdb --config
refused 2 "unknown option --config" "convert has no such option" \
    convert body.pdb --config c.ini -o x.xyz
run_fw run --config c.ini --seed 0x -o got.csv
exits 2 "what the command line says is judged as ever"
run_fw run --config none.ini --help
exits 0 "--help reads no file"

done_testing
