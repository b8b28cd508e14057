#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Is the planner right? Workloads of 1 to 10,000 frames, 2 to 30,000 balls, 1e3 to 1e8
# walks or a precision, files and streams: time of the chosen layout over the best one's,
# predicted over measured time and memory, and what planning costs.
#     planner.sh [FACTOR [REPEATS [PATTERN]]]
# FACTOR scales the work: 1 means 2 to 30 s a serial run, and with REPEATS 3 about 35
# minutes on two cores in all (12 a repeat), 0.03 two minutes. PATTERN, a regular
# expression, picks lines of the list below ('^file 20 ', stream). Lines go to $OUT
# (planner.out) as they are done; those that are there already, with this factor and as
# many repeats, are not done again, so that a bench that was stopped goes on where it was.
# The last lines are of all that $OUT has. FW names the program. On a quiet machine.
set -eu
factor=${1-1} repeats=${2-3} pattern=${3-.}
FW=${FW-./framewalk} OUT=${OUT-planner.out}
touch "$OUT"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
XDG_CACHE_HOME=$tmp/cache
export XDG_CACHE_HOME

# kind balls frames walks-or-precision
cat >"$tmp/all" <<'END'
file 2 1 1e8
file 20 10000 1e3
file 20 1000 2e4
file 20 100 3e5
file 20 1 3e7
file 100 3000 5e3
file 100 7 2e6
file 100 1 2e7
file 300 1000 2e4
file 300 37 3e5
file 300 3 4e6
file 1000 1000 1e4
file 1000 100 2e5
file 1000 5 2e6
file 1000 3 3e6
file 1000 2 5e6
file 1000 1 1e7
file 3341 300 1e4
file 3341 50 2e5
file 3341 3 3e6
file 3341 1 5e6
file 10000 60 2e4
file 10000 9 5e5
file 10000 1 4e6
file 30000 20 1e4
file 30000 5 2e5
file 30000 1 2e6
precision 1000 200 0.03
precision 3341 30 0.012
precision 300 1 0.0008
stream 1000 300 4e4
stream 100 5000 3e3
END
grep -E "$pattern" "$tmp/all" >"$tmp/list"

# A globule of $1 balls that moves a little from frame to frame, $2 of them: a random
# walk in a sphere.
globule() {
    awk -v n="$1" -v frames="$2" 'BEGIN {
        srand(n)
        R = 1.9 * n ^ (1 / 3); if (R < 4) R = 4
        for (i = 0; i < n; i++) do {
            z = 2 * rand() - 1; a = 6.283185307 * rand(); s = sqrt(1 - z * z)
            X[i] = x + 1.5 * s * cos(a); Y[i] = y + 1.5 * s * sin(a); Z[i] = w + 1.5 * z
            if (X[i] ^ 2 + Y[i] ^ 2 + Z[i] ^ 2 < R * R) { x = X[i]; y = Y[i]; w = Z[i]; break }
        } while (1)
        for (f = 0; f < frames; f++) {
            printf "%d\nframe %d\n", n, f
            for (i = 0; i < n; i++)
                printf "C %.3f %.3f %.3f\n", X[i] + 0.3 * rand(), Y[i] + 0.3 * rand(), Z[i] + 0.3 * rand()
        } }'
}

seconds() {
    date +%s.%N
}

# Layouts of a stream, timed by hand: the stream cannot be read twice by one process.
time_stream() {
    for r in $(seq "$repeats"); do
        for layout in 1x1 2x1 1x2 autoxauto; do
            begun=$(seconds)
            "$FW" run -s "$tmp/one.xyz" -f - --format xyz --select all --walks "$1" \
                --seed 1 -q --workers "${layout%x*}" --threads "${layout#*x}" \
                <"$tmp/traj.xyz"
            echo "$layout $begun $(seconds)"
        done
    done | awk '{ t = $3 - $2; k = $1; n[k]++; for (i = n[k]; i > 1 && v[k, i - 1] > t; i--)
            v[k, i] = v[k, i - 1]; v[k, i] = t }
        END { for (k in n) { m = v[k, int((n[k] + 1) / 2)]
            if (k == "autoxauto") auto = m; else if (!best || m < best) best = m }
            printf "auto %.3f %.4f - - -\n", auto, auto / best }'
}

# Time of the chosen layout, over the best one's, predicted time and memory over measured
# ones, and planning in percent of that time.
time_file() {
    option=--walks
    [ "$1" = file ] || option=--max-rsd-capacitance
    "$FW" bench "$tmp/traj.xyz" --select all "$option" "$2" --seed 1 \
        --repeats "$repeats" -q --force -o "$tmp/b.csv" -o "$tmp/b.json" >/dev/null
    planning=$(sed -n 's/^ *"planning_seconds": \([0-9.e-]*\),*/\1/p' "$tmp/b.json")
    awk -F, -v planning="$planning" 'NR > 1 {
            if (!best || $3 < best) best = $3
            if ($11) { t = $3; layout = $1 "x" $2; p = $8 / $3; m = $9 ? $10 / $9 : "-" } }
        END { printf "%s %.3f %.4f %.3f %s %.2f\n", layout, t, t / best, p, m,
            100 * planning / t }' "$tmp/b.csv"
}

echo "kind balls frames work repeats | layout seconds over_best predicted/measured memory planning_%"
while read -r kind balls frames work; do
    set -- $(awk -v f="$frames" -v w="$work" -v x="$factor" -v k="$kind" 'BEGIN {
        if (k == "precision") { f = f > 1 ? f * x : f; w = f > 1 ? w : w / sqrt(x) }
        else if (f <= 10) w *= x
        else f *= x
        f = int(f); if (f < 1) f = 1
        if (k != "precision") { w = int(w); if (w < 1000) w = 1000 }
        print f, w }')
    frames=$1 work=$2
    what="$kind $balls $frames $work $repeats |"
    if grep -qF "$what" "$OUT"; then
        grep -F "$what" "$OUT" | head -n 1
        continue
    fi
    globule "$balls" "$frames" >"$tmp/traj.xyz"
    head -n $((balls + 2)) "$tmp/traj.xyz" >"$tmp/one.xyz"
    if [ "$kind" = stream ]; then
        result=$(time_stream "$work")
    else
        result=$(time_file "$kind" "$work")
    fi
    echo "$what $result" | tee -a "$OUT"
done <"$tmp/list"

awk '
    function sorted(v, n,  i, j, t) {
        for (i = 2; i <= n; i++) { t = v[i]
            for (j = i - 1; j > 0 && v[j] > t; j--) v[j + 1] = v[j]
            v[j + 1] = t } }
    function middle(v, n) { return (v[int((n + 1) / 2)] + v[int(n / 2) + 1]) / 2 }
    function off(x) { return x > 1 ? x - 1 : 1 - x }
    NF != 12 { next }
    { over[++n] = $9; worst = $9 > worst ? $9 : worst }
    $10 != "-" { time[++nt] = off($10) }
    $11 != "-" { mem[++nm] = off($11); if (!low || $11 < low) low = $11
                 if ($11 > high) high = $11 }
    $12 != "-" { plan[++np] = $12
                 if ($8 > 2.5 && $12 > dear) dear = $12
                 if ($8 <= 2.5 && 10 * $12 * $8 > ms) ms = 10 * $12 * $8 }
    END {
        if (!n) exit
        sorted(over, n); sorted(time, nt); sorted(mem, nm); sorted(plan, np)
        printf "\n%d workloads\n", n
        printf "chosen over best   median %.4f  worst %.4f  (aims 1.05, 1.10)\n", middle(over, n), worst
        printf "time predicted     off by %.1f %% (median; aim 15)\n", 100 * middle(time, nt)
        printf "memory predicted   off by %.1f %% (median), %.2f to %.2f of measured (aims 20, 0.95)\n", 100 * middle(mem, nm), low, high
        printf "planning           %.2f %% of the run (median), at most %.2f %% of runs above 2.5 s and %.0f ms of shorter ones (aims 2, 50)\n", middle(plan, np), dear, ms
    }' "$OUT"
