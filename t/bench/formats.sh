#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How fast trajectories are read: 200 frames of a large system as XTC and DCD, beside
# MDAnalysis and gmx where these are installed, the atoms of the protein alone, and the
# search of an XTC file of 1 GB for its frames. Runs alternate; medians of processor time
# (of gmx and of the search: of time by the clock).
#     make framewalk t/bench/read
#     FW=./framewalk READ=t/bench/read formats.sh GRO XTC [REPEATS]
# GRO and XTC are a system that begins with a protein and its trajectory, whose frames are
# repeated until there are 200. Needs 2 GB under TMPDIR; all files lie in the page cache.
set -e
gro=$1 xtc=$2 repeats=${3:-5}
[ -x "$FW" ] && [ -x "$READ" ] && [ -f "$xtc" ] || { sed -n '3,11p' "$0"; exit 2; }
gro=$(realpath "$gro") xtc=$(realpath "$xtc") FW=$(realpath "$FW") READ=$(realpath "$READ")
for python in "$PYTHON" /usr/bin/python3 python3; do
    [ -n "$python" ] && "$python" -W ignore -c 'import MDAnalysis' 2>/dev/null && break
    python=
done
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

# whole COMMAND...: the seconds of a process.
whole() {
    local begun
    begun=$(date +%s.%N)
    taskset -c 0 "$@" >out.txt 2>err.txt || { cat err.txt >&2; exit 1; }
    awk -v a="$begun" -v b="$(date +%s.%N)" 'BEGIN { print b - a }'
}

# number NAME FILE: of what info says.
number() {
    "$FW" info "$2" --json | grep -o "\"$1\": [0-9]*" | head -n 1 | grep -o '[0-9]*$'
}

frames=$(number n_frames "$xtc")
for ((i = 0; i * frames < 200; i++)); do cat "$xtc"; done >all.xtc
"$FW" convert all.xtc --frames :200 -q -o big.xtc
"$FW" convert big.xtc -q -o big.dcd 2>/dev/null
"$FW" convert "$gro" --select protein -q -o protein.gro
atoms=$(number n_atoms big.xtc) protein=$(number n_atoms protein.gro)
cat >read.py <<'END'
import sys, time, warnings
warnings.simplefilter("ignore")
from MDAnalysis.coordinates.XTC import XTCReader
from MDAnalysis.coordinates.DCD import DCDReader
reader = {"xtc": XTCReader, "dcd": DCDReader}[sys.argv[1][-3:]](sys.argv[1])
begun = time.process_time()
total = 0.0
for ts in reader:
    total += float(ts.positions[-1, 0])
print(time.process_time() - begun)
END

size=$(stat -c %s all.xtc)
for ((i = 0; i * size < 1000000000; i++)); do cat all.xtc; done >huge.xtc
for ((r = 0; r < repeats; r++)); do
    for format in xtc dcd; do
        taskset -c 0 "$READ" big.$format >>read.$format
        [ -z "$python" ] ||
            taskset -c 0 "$python" -W ignore read.py big.$format 2>/dev/null >>mda.$format
    done
    taskset -c 0 "$READ" big.xtc "$protein" >>protein.xtc
    taskset -c 0 "$READ" big.dcd "$protein" >>protein.dcd
    command -v gmx >/dev/null && whole gmx -quiet check -f big.xtc >>gmx.xtc
    cat huge.xtc >/dev/null
    rm -f .huge.xtc_framewalk.idx
    whole "$FW" info huge.xtc >>scan
done

median() {
    [ -s "$1" ] && sort -g "$1" | awk '{ v[NR] = $1 } END {
        print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}
rate() {
    [ -s "$1" ] && awk -v t="$(median "$1")" 'BEGIN { printf "%.0f", 200 / t }' || echo -
}
times() {
    [ -s "$1" ] && [ -s "$2" ] &&
        awk -v a="$(median "$1")" -v b="$(median "$2")" 'BEGIN { printf "%.2f", a / b }' ||
        echo -
}
echo "200 frames of $atoms atoms, $protein of them protein; processor time, medians of $repeats"
printf '%-36s %8s %8s\n' '' XTC DCD \
    "frames a second" "$(rate read.xtc)" "$(rate read.dcd)" \
    "... of the protein alone" "$(rate protein.xtc)" "$(rate protein.dcd)" \
    "... by MDAnalysis" "$(rate mda.xtc)" "$(rate mda.dcd)" \
    "... by gmx check, with its start" "$(rate gmx.xtc)" - \
    "faster than MDAnalysis, times" "$(times mda.xtc read.xtc)" "$(times mda.dcd read.dcd)" \
    "faster for the protein alone, times" "$(times read.xtc protein.xtc)" \
    "$(times read.dcd protein.dcd)"
awk -v t="$(median scan)" -v b="$(stat -c %s huge.xtc)" \
    'BEGIN { printf "search of %.2f GB for frames: %.3f s\n", b / 1e9, t }'
