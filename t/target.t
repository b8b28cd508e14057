#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# --target-sem: walks that follow from the frames, the same whatever the layout.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

three_atoms >body.pdb
models 1.000 1.500 2.000 2.500 3.000 3.500 4.000 4.500 >models.pdb

for layout in 1x1 2x1 1x2 autoxauto; do
    # shellcheck disable=SC2086
    run_fw run $KUNITZ --frames ::10 --target-sem 0.5 --seed 3 --force \
        --workers "${layout%x*}" --threads "${layout#*x}" -o $layout.csv
    exits 0 "$layout"
    same $layout.csv 1x1.csv "$layout: the same bits"
done
like out '^target     0.5 % of <C>; 16 frames show a spread of [0-9.]+ %: [0-9]+ ' \
    "what was found"
like out 'expected [0-9.]+ % with 16 frames' "what is expected"
like out 'four times as many frames would give' "what other numbers of frames would do"
like out '^target     0.5 % asked, [0-9.]+ % reached' "what was reached"
walks=$(csv_column 1x1.csv walks | sort -u)
like 1x1.csv "^# walks: $walks\$" "the walks are a fact"
like 1x1.csv '^# target_sem: 0.5 %' "... and so is the target"
[ "$walks" -ge 4096 ] && [ "$walks" -lt 100000 ]
ok $? "$walks walks a frame"

# Bodies that differ little need the more walks for a mean the more precise.
last=0
for percent in 0.3 0.03 0.01; do
    run_fw run body.pdb --target-sem $percent --seed 3 -q --force -o one.csv
    walks=$(csv_column one.csv walks)
    [ "$walks" -ge "$last" ]
    ok $? "$percent %: $walks walks"
    last=$walks
done
run_fw run body.pdb --target-sem 0.0001 --walks 20000 --seed 3 --force -o one.csv
is "$(csv_column one.csv walks)" 18432 "--walks is the most, in whole blocks"
like out 'the most allowed' "... and that is said"

run_fw plan models.pdb --target-sem 0.5 --seed 3
exits 0 "plan --target-sem"
like out '^target ' "plan: the target"
like out 'about [0-9.e+]+ walks a frame' "plan: the walks"

# Resumed runs find the same walks; other targets are other runs.
run_fw run models.pdb --target-sem 0.5 --seed 3 -q --journal j --max-run-time 0.000001 \
    -o some.csv
run_fw run models.pdb --target-sem 0.5 -q --journal j --resume --force -o resumed.csv
exits 0 "a resumed run"
run_fw run models.pdb --target-sem 0.5 --seed 3 -q -o whole.csv
same resumed.csv whole.csv "... has the bits of one in one go"
refused 5 "target_sem|walks" "--resume with another target" run models.pdb \
    --target-sem 0.1 -q --journal j --resume --force -o other.csv

refused 2 "--target-sem" "not with a precision of frames" run body.pdb --target-sem 1 \
    --max-rsd-capacitance 1
refused 2 "a stream" "not of a stream" run -s body.pdb -f - --format pdb \
    --target-sem 1 <models.pdb
refused 2 "needs --analysis hydro" "not without capacitance" run body.pdb \
    --target-sem 1 --analysis stokes
refused 2 "out of range" "--target-sem 0" run body.pdb --target-sem 0

done_testing
