#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# 100,000 short frames: memory stays flat, nothing is left, and the time is what a tenth
# of them predicts. SOAK_FRAMES for another number.
# shellcheck source=t/lib/tap.sh disable=SC2086
. "$(dirname "$0")/../lib/tap.sh"

frames=${SOAK_FRAMES:-100000}
awk -v n="$frames" 'BEGIN { srand(1); for (f = 0; f < n; f++) { print 3; print "frame", f
    for (i = 0; i < 3; i++) printf "C %.3f 0.1 %.3f\n", 1.2 * i, rand() } }' >soak.xyz
run="run soak.xyz --walks 20 --interior-samples 4 --seed 1 -q --force"
run="$run --workers 2 --threads 1"

# anonymous PID: KiB of private memory of a process and its children.
anonymous() {
    for p in $1 $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
        sed -n 's/^RssAnon:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$p/status" 2>/dev/null
    done | awk '{ sum += $1 } END { print sum + 0 }'
}

since() {
    echo "$(date +%s.%N) $1" | awk '{ print $1 - $2 }'
}

# watched ARGUMENT...: runs it; lines "seconds KiB" in ./watch.
watched() {
    : >watch
    "$FW" $run "$@" >out 2>err &
    pid=$!
    while kill -0 $pid 2>/dev/null; do
        echo "$(date +%s.%N) $(anonymous $pid)" >>watch
        sleep 0.2
    done
    wait $pid
    status=$?
}

from=$(date +%s.%N)
"$FW" $run --frames ":$((frames / 10))" -o tenth.csv || fail "the first tenth"
tenth=$(since "$from")
from=$(date +%s.%N)
watched -o soak.csv
seconds=$(since "$from")
is $status 0 "$frames frames" || diag_file err
is "$(csv_rows soak.csv | wc -l)" "$frames" "... all of them"
csv_rows soak.csv | head -n $((frames / 10)) >a
csv_rows tenth.csv >b
same a b "... the first tenth as it is alone"
# The rows of the result are kept: a kilobyte each, beside the journal's.
awk -v n="$frames" 'NF == 2 && $2 > 0 { kib[++i] = $2 }
    END { first = kib[int(i / 10) + 1]; last = kib[int(9 * i / 10)]
          print first, last; exit !(i > 5 && last - first < 1024 + 2 * n) }' watch >mem
ok $? "... memory is flat but for a row each: $(cat mem) KiB" || diag_file watch
awk -v all="$seconds" -v tenth="$tenth" 'BEGIN { exit !(all < 15 * tenth + 2) }'
ok $? "... in ten times the time of a tenth: $seconds and $tenth s"
is "$(find . -name '.framewalk*' -o -name '*.journal')" "" "... nothing is left"

done_testing
