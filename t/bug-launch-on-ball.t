#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Walks of a single ball start on its surface, or by rounding just below it. Those below
# used to wander up to the step limit and count as escaped: C was a quarter too small.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

while read -r x y z r; do
    echo "sphere $x $y $z $r" >ball.bod
    # In time even where every walk goes astray.
    run_fw run ball.bod --walks 200 --interior-samples 1000 --seed 1 \
        -q -o - --max-run-time 9
    name="ball of radius $r at $x $y $z"
    exits 0 "$name"
    is_near "$(csv_column out capacitance)" "$r" 1e-9 "$name: C is its radius"
    is "$(cat err)" "" "$name: no walk is given up"
done <<'END'
0 0 0 1
1 1 1 1
0.1 0.2 0.3 1
-7 3 1e3 25
1 1 1 1e-6
END

done_testing
