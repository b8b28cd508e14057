#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# fuzz.sh SOURCE [SECONDS [TARGET...]]: builds the targets of t/fuzz with clang, libFuzzer
# and the address and undefined-behaviour sanitizers in ./fuzz-build, and runs each for so
# long (60 seconds). What it finds stays in fuzz-build/found, the corpora in
# fuzz-build/corpus.
set -e
source=$(cd "$1" && pwd)
seconds=${2:-60}
[ $# -lt 2 ] || shift
shift
: "${CLANG:=clang}"
mkdir -p fuzz-build/found
cd fuzz-build
[ -f Makefile ] ||
    "$source/configure" -q --enable-sanitizer=address,undefined CC="$CLANG" \
        CFLAGS='-O1 -g -fsanitize=fuzzer-no-link'
make -s src/libcore.la t/unit/traj-hostile

# Small valid files to begin with.
mkdir -p corpus/traj
FW_SRCDIR=$source FUZZ_SEEDS=corpus/traj t/unit/traj-hostile >/dev/null

[ $# -gt 0 ] || set -- "$source"/t/fuzz/fuzz-*.c
for target; do
    name=$(basename "$target" .c)
    name=${name#fuzz-}
    mkdir -p "corpus/$name"
    ./libtool --silent --tag=CC --mode=link "$CLANG" -std=gnu17 -g -O1 -D_GNU_SOURCE -I. \
        -I"$source/src" -I"$source/include" \
        -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
        "$source/t/fuzz/fuzz-$name.c" src/libcore.la -lm -o "fuzz-$name"
    echo "$name: $seconds seconds"
    "./fuzz-$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=3000 \
        -max_len=20000 -print_final_stats=1 -artifact_prefix=found/ "corpus/$name" \
        >"$name.log" 2>&1 || { tail -n 40 "$name.log"; exit 1; }
    grep -E 'stat::number_of_executed_units|stat::peak_rss_mb' "$name.log"
done
