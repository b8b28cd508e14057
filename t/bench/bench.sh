#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How fast the walks are: `make bench`, or
#     FW=build/framewalk [ZENO=/path/to/zeno] t/bench/bench.sh
# For each body: microseconds a walk in steady state (2 N walks minus N, with the
# control variate and without), seconds of the whole process until the standard error is
# 0.1 % in both capacitance and mean polarizability, instructions a walk; then frames a
# second of a trajectory to the same precision. With ZENO, the program of NIST, both run
# alternately, and their ratios stand beside the aims. One worker with one thread; to a
# precision framewalk takes its usual samples of volume and surface too, ZENO none.
#
# Rounds over all bodies are repeated while time lasts; each figure is the median over
# the rounds, a gain the median of the ratios within the rounds. Seconds are those of
# the processor, for the program and the system: with one thread the wall clock shows
# the same on an idle machine, which is still the best to measure on. Instructions do
# not vary; valgrind has no AVX-512, so they are those of x86-64-v3 at most.
#
# ZENO's seconds to 0.1 % are its microseconds a walk times the walks that it needs by
# the deviations that it prints. Whole runs of it agree with that, and take minutes.
#
# Without the reference data other bodies, made here, stand in for those of the aims.
#     BENCH_SECONDS     begin no round that would end later (270)
#     BENCH_WALKS       N (1000000); BENCH_ZENO_WALKS, that of ZENO (100000)
#     BENCH_COUNT       walks whose instructions are counted (20000), 0 for none
: "${FW_SRCDIR:=$(dirname "$0")/../..}"
HERE=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=t/lib/tap.sh
. "$HERE/../lib/tap.sh"
# shellcheck source=t/bench/bodies.sh
. "$HERE/bodies.sh"
# shellcheck source=t/bench/measure.sh
. "$HERE/measure.sh"

seconds_max=${BENCH_SECONDS:-270}
walks=${BENCH_WALKS:-1000000}
walks_zeno=${BENCH_ZENO_WALKS:-100000}
walks_counted=${BENCH_COUNT:-20000}
ZENO=${ZENO:+$(absolute "$ZENO")}
[ -z "$ZENO" ] || [ -x "$ZENO" ] || fail "no program $ZENO (ZENO names it)"
started=$(now)

# Each body with the aims of its two gains over ZENO.
if bodies_reference; then
    bodies="two:-:- polymer:40:3000 1LYD:45:1500 torus:20:1000 protein:50:1500
        adk:-:- proteins:40:200"
    trajectory="$DATA/adk_closed.pdb $DATA/adk_dims.dcd"
    trajectory_name="adenylate kinase, 3,341 atoms (aim: 20)"
else
    bodies="two:-:- coil:40:3000 calphas:45:1500 ring:20:1000 kunitz:50:1500
        kunitzes:40:200"
    trajectory="$KUNITZ --frames ::3"
    trajectory_name="kunitz, 1,112 atoms"
fi

body ball

measure_body() {
    if [ -n "$ZENO" ]; then
        us=$(per_walk zeno_walks "$1" "$walks_zeno")
        needs=$(zeno_needs $((2 * walks_zeno)))
        record "$1" zeno "$us"
        record "$1" zeno_precise "$(calculate "$us * $needs / 1e6")"
    fi
    record "$1" plain "$(per_walk fw_plain "$1" "$walks")"
    record "$1" control "$(per_walk fw_walks "$1" "$walks")"
    record "$1" precise "$(seconds_each fw_precise "$1")"
    record_gain "$1" gain zeno plain
    record_gain "$1" gain_precise zeno_precise precise
}

# record_gain BODY KEY OF OVER: the ratio of what this round has recorded.
record_gain() {
    awk -v body="$1" -v of="$3" -v over="$4" '
        $1 == body { last[$2] = $3 }
        END { if (last[over] > 0 && of in last) print last[of] / last[over] }' records |
        while read -r ratio; do
            record "$1" "$2" "$ratio"
        done
}

measure_frames() {
    # shellcheck disable=SC2086
    seconds=$(seconds_of "$FW" run $trajectory $alone $precision --force -o frames.csv)
    record frames rate "$(calculate "$(csv_rows frames.csv | wc -l) / $seconds")"
}

measure_round() {
    for item in $bodies; do
        measure_body "${item%%:*}"
    done
    measure_frames
}

# Rounds as long as one like the last would end in time.
measure_rounds() {
    rounds=0
    more=1
    while [ "$more" -eq 1 ]; do
        from=$(now)
        measure_round
        rounds=$((rounds + 1))
        more=$(awk -v from="$from" -v now="$(now)" -v start="$started" \
            -v max="$seconds_max" 'BEGIN { print (2 * now - from - start <= max) }')
    done
}

count_instructions() {
    [ "$walks_counted" -gt 0 ] && command -v valgrind >/dev/null || return
    for item in $bodies; do
        name=${item%%:*}
        counted=$(instructions_per_walk fw_plain "$name" "$walks_counted")
        record "$name" count "$counted"
    done
}

# Of those that the processor has, or the one that FRAMEWALK_ISA forces.
instruction_set() {
    "$FW" run "$TMP/ball.bod" ${alone% -q} -v --walks 1 --interior-samples 2 2>/dev/null |
        sed -n 's/^machine.*walks in \(.*\) lanes$/\1/p'
}

print_head() {
    "$FW" --version | head -n 1
    echo "machine   $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)," \
        "$(nproc) cores; instruction set $(instruction_set)"
    echo "compiler  ${FW_COMPILER:-unknown}"
    echo
}

# show BODY KEY WIDTH DIGITS: the median, right-aligned, significant digits.
show() {
    median "$1" "$2" | awk -v width="$3" -v digits="$4" '{
        if ($1 == "-") printf "%*s", width, "-"
        else if ($1 >= 100) printf "%*.0f", width, $1
        else printf "%*.*g", width, digits, $1 }'
}

print_row() {
    rest=${1#*:}
    printf '%-9s%6d' "${1%%:*}" "$(balls_of "${1%%:*}")"
    for column in plain:7:3 control:8:3 zeno:7:3 gain:6:3; do
        show_column "${1%%:*}" $column
    done
    printf '%5s' "${rest%%:*}"
    for column in precise:10:3 zeno_precise:6:3 gain_precise:6:3; do
        show_column "${1%%:*}" $column
    done
    printf '%6s' "${rest#*:}"
    show_column "${1%%:*}" count:8:3
    echo
}

show_column() {
    width=${2#*:}
    show "$1" "${2%%:*}" "${width%:*}" "${width#*:}"
}

print_table() {
    cat <<'END'
                ---------- us a walk -----------  ---- s to 0.1 %, whole ----  instr.
body      balls  plain control   ZENO  gain  aim framewalk  ZENO  gain   aim  a walk
END
    for item in $bodies; do
        print_row "$item"
    done
    echo
    echo "frames a second to 0.1 %, $trajectory_name: $(show frames rate 1 3)"
    bodies_reference ||
        echo "(without the reference data: other bodies stand in for those of the aims)"
    echo "$rounds round(s), $(calculate "int($(now) - $started)") seconds in all"
}

print_head
for item in $bodies; do
    body "${item%%:*}" || fail "cannot make the body ${item%%:*}"
done
measure_rounds
count_instructions
print_table
