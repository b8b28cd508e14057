#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How well cores are used:
#     FW=build/framewalk [CORES=2] [ROUNDS=5] [SECONDS_EACH=10] t/bench/efficiency.sh
# The same job runs in one layout after another, again and again; the table has the
# medians over the rounds of wall clock and of processor time, the efficiency, which is
# the wall clock of 1x1 over that of the layout, over the cores, and what it would be if
# all cores were ours alone all the time: processor time of 1x1 over that of the layout.
# On a machine with other work only the last column means anything.
#
#     frames    24 frames, CORES x 1                                       (aim 97 %)
#     threads   one frame of SECONDS_EACH on one core, 1 x CORES           (aim 93 %)
#     helped    the same frame on CORES workers: all but one help          (aim 93 %)
#     tail      CORES + 1 frames of a third of that, CORES x 1             (aim 93 %)
#     hybrid    the same on CORES/2 x 2 (from 4 cores on)                  (aim 93 %)
#     stream    the tail through a pipe                                    (aim 93 %)
# then the dispatch: the time that 10,000 frames of three atoms and few walks take beyond
# what their worker is busy with them, per frame (aim 50 us); and the processor time of a
# worker and a team that have nothing to do for two seconds (aim: next to none).
: "${FW_SRCDIR:=$(dirname "$0")/../..}"
HERE=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=t/lib/tap.sh
. "$HERE/../lib/tap.sh"

cores=${CORES:-$(nproc)}
rounds=${ROUNDS:-5}
each=${SECONDS_EACH:-10}
[ "$cores" -ge 2 ] || fail "two cores at least"

calculate() {
    awk "BEGIN { printf \"%.10g\", $1 }"
}

# timed COMMAND...: its wall clock and processor time, seconds.
timed() {
    TIMEFORMAT="%R %U %S"
    { time "$@" >out 2>err; } 2>clock || { diag_file err; fail "$*"; }
    awk '{ print $1, $2 + $3 }' clock
}

# run_job LAYOUT ARGUMENT...
run_job() {
    layout=$1
    shift
    # shellcheck disable=SC2086
    "$FW" run $KUNITZ --seed 1 -q --force --no-control-variate -o - \
        --workers "${layout%x*}" --threads "${layout#*x}" "$@"
}

run_stream() {
    layout=$1
    shift
    "$FW" run "${KUNITZ%% *}" -f - --format xtc --seed 1 -q --force -o - \
        --no-control-variate --workers "${layout%x*}" --threads "${layout#*x}" "$@" \
        <"${KUNITZ##* }"
}

# median FIELD FILE
median() {
    awk -v at="$1" '{ print $at }' "$2" | sort -g | awk '{ v[NR] = $1 } END {
        print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# As many walks as take SECONDS_EACH on one core.
run_job 1x1 --frames :1 --walks 100000 >/dev/null 2>&1 # the cells' first touch
read -r _ cpu <<END
$(timed run_job 1x1 --frames :1 --walks 1000000)
END
[ -n "$cpu" ] || fail "one frame on one core"
walks=$(calculate "int($each / $cpu * 1e6)")

cases="frames:${cores}x1 threads:1x$cores helped:${cores}x1 tail:${cores}x1"
[ "$cores" -lt 4 ] || cases="$cases hybrid:$((cores / 2))x2"
cases="$cases stream:${cores}x1"

# case_of NAME LAYOUT
case_of() {
    case $1 in
    frames) run_job "$2" --frames ::6 --walks "$((walks / 24))" ;;
    threads | helped) run_job "$2" --frames :1 --walks "$walks" ;;
    tail | hybrid) run_job "$2" --frames ":$((cores + 1))" --walks "$((walks / 3))" ;;
    stream) run_stream "$2" --frames ":$((cores + 1))" --walks "$((walks / 3))" ;;
    esac
}

echo "$("$FW" --version | head -n 1), $cores cores, $walks walks in $each s," \
    "$rounds rounds"
for _ in $(seq "$rounds"); do
    for item in $cases; do
        name=${item%%:*}
        timed case_of "$name" 1x1 >>"$name.serial"
        timed case_of "$name" "${item#*:}" >>"$name.parallel"
    done
done
printf '%-9s%-8s%10s%10s%10s%10s%12s%12s\n' case layout "1x1 s" "its s" "1x1 CPU" \
    "its CPU" efficiency "by CPU"
for item in $cases; do
    name=${item%%:*}
    s=$(median 1 "$name.serial") p=$(median 1 "$name.parallel")
    sc=$(median 2 "$name.serial") pc=$(median 2 "$name.parallel")
    printf '%-9s%-8s%10.3f%10.3f%10.3f%10.3f%10.1f %%%10.1f %%\n' "$name" \
        "${item#*:}" "$s" "$p" "$sc" "$pc" "$(calculate "100 * $s / $p / $cores")" \
        "$(calculate "100 * $sc / $pc")"
done

awk 'BEGIN { srand(1); for (f = 0; f < 10000; f++) { print 3; print "frame", f
    for (i = 0; i < 3; i++) printf "C %.3f 0.1 %.3f\n", 1.2 * i, rand() } }' >tiny.xyz
for _ in $(seq "$rounds"); do
    "$FW" run tiny.xyz --walks 20 --interior-samples 4 --seed 1 --workers 1 --threads 1 \
        --force -o tiny.csv -v 2>err >out || fail "10,000 frames"
    awk '$1 == "wait" { print $2 * 1e6 / 10000 }' out >>dispatch
done
printf 'dispatch %.1f us a frame\n' "$(median 1 dispatch)"

mkfifo pipe
"$FW" run "${KUNITZ%% *}" -f pipe --format xtc --walks 100 -q --workers 2 --threads 2 \
    -o - >out 2>err &
pid=$!
exec 3>pipe
head -c 100000 "${KUNITZ##* }" >&3
sleep 1
# Ticks of all its processes.
ticks() {
    total=0
    for p in $pid $(cat "/proc/$pid/task/$pid/children"); do
        more=$(sed 's/.*) //' "/proc/$p/stat" | awk '{ print $12 + $13 }')
        total=$((total + more))
    done
    echo $total
}
from=$(ticks)
sleep 2
to=$(ticks)
exec 3>&-
wait $pid
printf 'idle      %.1f ms of processor time a second\n' \
    "$(calculate "($to - $from) * 1000 / $(getconf CLK_TCK) / 2")"
