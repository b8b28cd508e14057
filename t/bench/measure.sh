# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2086
# Measuring for bench.sh: runs of both programs, their time, their instructions, and a
# list of "body key value" lines in ./records that the table is made from. Without
# output files a run writes nothing.

alone="--seed 1 --workers 1 --threads 1 --progress never -q"
precision="--max-rsd-capacitance 0.1 --max-rsd-polarizability 0.1"

# calculate EXPRESSION, of awk.
calculate() {
    awk "BEGIN { printf \"%.6g\", $1 }"
}

now() {
    date +%s.%N
}

# record BODY KEY VALUE
record() {
    echo "$1 $2 $3" >>records
}

# median BODY KEY: of what was recorded, or "-".
median() {
    awk -v body="$1" -v key="$2" '$1 == body && $2 == key { print $3 }' records |
        sort -g | awk '{ v[NR] = $1 } END {
            if (!NR) print "-"
            else print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}

# The runs; $under is a program that runs them, or nothing.
under=

fw_walks() {
    $under "$FW" run "$TMP/$1.bod" $alone --interior-samples 10 --walks "$2"
}

fw_plain() {
    $under "$FW" run "$TMP/$1.bod" $alone --interior-samples 10 --walks "$2" \
        --no-control-variate
}

fw_precise() {
    "$FW" run "$TMP/$1.bod" $alone $precision
}

zeno_walks() {
    "$ZENO" -i "$TMP/$1.bod" --num-threads=1 --seed=1 --num-walks="$2" \
        --num-interior-samples=10 --csv-output-file="$TMP/zeno.csv"
}

# stop COMMAND...: that failed; from within $( ) too.
stop() {
    diag_file err
    diag "failed: $*"
    kill "$$"
    exit 1
}

# seconds_of COMMAND...: of processors, for the program and the system. (Of the shells
# only bash has them finer than a hundredth.)
seconds_of() {
    TIMEFORMAT="%U + %S"
    { time "$@" >out 2>err; } 2>clock || stop "$@"
    calculate "$(cat clock)"
}

repeat() {
    tap_times=$1
    shift
    while [ "$tap_times" -gt 0 ]; do
        "$@" || return
        tap_times=$((tap_times - 1))
    done
}

# seconds_each COMMAND...: of one run among as many as last 0.4 s (50 at most); one that
# decides how many goes before them.
seconds_each() {
    tap_first=$(seconds_of "$@")
    tap_runs=$(awk -v t="$tap_first" 'BEGIN {
        n = t > 0 ? int(0.4 / t) : 50; print (n < 1 ? 1 : n > 50 ? 50 : n) }')
    calculate "$(seconds_of repeat "$tap_runs" "$@") / $tap_runs"
}

# per_walk COMMAND BODY N: microseconds, from 2 N walks minus N.
per_walk() {
    tap_once=$(seconds_of "$1" "$2" "$3")
    tap_twice=$(seconds_of "$1" "$2" $((2 * $3)))
    calculate "1e6 * ($tap_twice - $tap_once) / $3"
}

# zeno_needs N: how many walks the run of N that has just ended says that 0.1 % in both
# will take.
zeno_needs() {
    awk -F, -v n="$1" '
        $1 == "capacitance" || $1 == "mean_electric_polarizability" {
            if ($2 == "value") value = $3
            if ($2 == "std_dev") {
                rsd = $3 / value / 1e-3
                if (n * rsd * rsd > need) need = n * rsd * rsd } }
        END { printf "%.6g", need }' "$TMP/zeno.csv"
}

# instructions COMMAND...: of all its processes, in thousands.
instructions() {
    under="valgrind --tool=cachegrind --cache-sim=no --cachegrind-out-file=/dev/null"
    "$@" >out 2>err || stop "$@"
    under=
    awk '/I +refs:/ { gsub(",", ""); sum += $NF } END { printf "%.0f", sum / 1000 }' err
}

# instructions_per_walk COMMAND BODY N
instructions_per_walk() {
    tap_once=$(instructions "$1" "$2" "$3")
    tap_twice=$(instructions "$1" "$2" $((2 * $3)))
    calculate "1000 * ($tap_twice - $tap_once) / $3"
}
