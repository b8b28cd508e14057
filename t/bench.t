#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# framewalk bench: layouts, table, files; that results are the same bytes.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

three_atoms >body.pdb
models 1.000 1.500 2.000 2.500 >models.pdb

run_fw bench --help
exits 0 "bench --help"
like out -- '--layouts LIST' "its own options"
like out -- '--walks N' "those of run"

run_fw bench models.pdb --walks 5000 --layouts 1x1,2x1,1x2,3x2 --repeats 2 \
    -o b.json -o b.csv -o b.svg
exits 0 "bench"
for layout in '1 x 1' '2 x 1' '1 x 2' '3 x 2'; do
    is "$(grep -c "^[* ] *$layout " out)" 2 "$layout: times and stages"
done
like out '^ +stages, s +topology +index +read +build +walk +wait +reduce +write' \
    "the table of stages"
like out '^results    the same bytes from every layout' "results are compared"
like out '^prediction off by [0-9.]+ %' "predicted against measured"
is "$(cat err)" "" "nothing on standard error"
is "$(wc -l <b.csv)" 5 "CSV: a line for each layout"
is "$(head -n 1 b.csv | cut -d, -f 1-3)" "workers,threads,seconds" "CSV: its head"
is "$(cut -d, -f 12 b.csv | sort -u | tr '\n' ' ')" "1 same_bits " "CSV: the same bits"
is "$(awk -F, 'NR == 2 { print $6, $7 }' b.csv)" "1.000000 1.000000" \
    "speed-up is over the serial run"
like b.svg '^<svg xmlns=' "SVG"
is "$(tail -n 1 b.svg)" "</svg>" "... to its end"
is "$(grep -c "<circle" b.svg)" 10 "... with points: serial is both kinds"
if [ -n "$PY" ]; then
    "$PY" - <<'END'
import json, xml.dom.minidom
xml.dom.minidom.parse("b.svg")
d = json.load(open("b.json"))
assert d["schema"] == "framewalk.bench" and d["repeats"] == 2
assert [(l["workers"], l["threads"]) for l in d["layouts"]] == \
    [(1, 1), (2, 1), (1, 2), (3, 2)]
for l in d["layouts"]:
    assert len(l["times"]) == 2 and l["seconds"] > 0 and l["same_bits"]
    assert set(l["stages"]) == {"topology", "index", "read", "build", "walk", "wait",
                                "reduce", "write"}
assert d["planning"]["plan"]["reason"]
END
    ok $? "JSON and XML are well-formed"
fi

run_fw bench models.pdb --walks 5000 --cores 2 --repeats 1
exits 0 "layouts by default"
is "$(sed -n 's/^[* ] *\([0-9]* x [0-9]*\) .* - .*/\1/p' out | tr '\n' ';')" \
    "1 x 1;1 x 2;2 x 1;" "... are all that make sense, serial first"
like out '^\* ' "... with the planner's"

refused 2 "exists already" "outputs are not overwritten" bench models.pdb -o b.csv
refused 2 "unknown extension" "... nor of other kinds" bench models.pdb -o b.npz
for list in 1 1x 0x1 1x0 1x1, ,1x1 ax1 1x1x1 65537x1 -1x1; do
    refused 2 "is no list" "--layouts $list" bench models.pdb --layouts "$list"
done
refused 2 "several times" "a stream cannot be repeated" bench -s body.pdb -f - \
    --format pdb <models.pdb

done_testing
