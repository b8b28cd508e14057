#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# fuzz.sh SOURCE [SECONDS [TARGET...]]: builds the targets of t/fuzz with the address and
# undefined-behaviour sanitizers and runs each for so long (60 seconds): with clang and
# libFuzzer in ./fuzz-build, or, where FUZZER=afl, with AFL++ in ./fuzz-afl. What is found
# stays in `found` there, the inputs in `corpus`.
set -e
source=$(cd "$1" && pwd)
seconds=${2:-60}
[ $# -lt 2 ] || shift
shift
: "${CLANG:=clang}"
if [ "$FUZZER" = afl ]; then
    folder=fuzz-afl compiler=${AFL_CLANG:-afl-clang-fast} flags=-O1
    # A build of its own kind that configure's trials may run as well.
    export AFL_QUIET=1
else
    folder=fuzz-build compiler=$CLANG flags='-O1 -g -fsanitize=fuzzer-no-link'
fi
mkdir -p $folder/found $folder/seeds/traj
cd $folder
[ -f Makefile ] ||
    "$source/configure" -q --enable-sanitizer=address,undefined CC="$compiler" CFLAGS="$flags"
make -s src/libcore.la t/unit/traj-hostile
FW_SRCDIR=$source FUZZ_SEEDS=seeds/traj t/unit/traj-hostile >/dev/null

# build NAME SANITIZERS SOURCE... -> the program fuzz-NAME
build() {
    program=$1 sanitizers=$2
    shift 2
    ./libtool --silent --tag=CC --mode=link "$compiler" -std=gnu17 -g -O1 -D_GNU_SOURCE -I. \
        -I"$source/src" -I"$source/include" -fsanitize="$sanitizers" \
        -fno-sanitize-recover=all "$@" src/libcore.la -lm -o "fuzz-$program"
}

search() {
    if [ "$FUZZER" = afl ]; then
        ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0 \
            AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 \
            AFL_NO_AFFINITY=1 AFL_AUTORESUME=1 \
            afl-fuzz -m none -t 5000 -V "$seconds" -i "seeds/$1" -o "corpus/$1" \
            -- "./fuzz-$1" >"$1.log" 2>&1 || { tail -n 40 "$1.log"; return 1; }
        grep -E '^(execs_done|saved_crashes|saved_hangs|corpus_count)' \
            "corpus/$1/default/fuzzer_stats"
        for found in "corpus/$1"/default/crashes/id* "corpus/$1"/default/hangs/id*; do
            [ ! -e "$found" ] || { cp "$found" found/; return 1; }
        done
    else
        "./fuzz-$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=3000 \
            -max_len=20000 -print_final_stats=1 -artifact_prefix=found/ "corpus/$1" \
            "seeds/$1" >"$1.log" 2>&1 || { tail -n 40 "$1.log"; return 1; }
        grep -E 'stat::number_of_executed_units|stat::peak_rss_mb' "$1.log"
    fi
}

[ $# -gt 0 ] || set -- "$source"/t/fuzz/fuzz-*.c
for target; do
    name=$(basename "$target" .c)
    name=${name#fuzz-}
    mkdir -p "corpus/$name" "seeds/$name"
    build "$name" address,undefined "$source/t/fuzz/fuzz-$name.c" "$source/t/fuzz/driver.c"
    # The driver writes the seeds, where it is not AFL++'s.
    if [ "$FUZZER" = afl ]; then
        build seeds-of-$name address,undefined -DFUZZ_PLAIN \
            "$source/t/fuzz/fuzz-$name.c" "$source/t/fuzz/driver.c"
        ./fuzz-seeds-of-$name --seeds "seeds/$name"
    else
        "./fuzz-$name" --seeds "seeds/$name"
        build "$name" fuzzer,address,undefined "$source/t/fuzz/fuzz-$name.c"
    fi
    echo "$name: $seconds seconds"
    search "$name"
done
