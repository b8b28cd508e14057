#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Teams, shares and dispatch under thread checkers, whole runs under valgrind. Builds the
# unit programs of the pool by itself: CC (cc), FW the program without a sanitizer.
# shellcheck source=t/lib/tap.sh disable=SC2086
. "$(dirname "$0")/../lib/tap.sh"

CC=${CC:-cc}
sources="$SRC/src/pool/*.c $SRC/src/util/err.c $SRC/src/util/alloc.c $SRC/src/util/clock.c"
flags="-std=gnu17 -g -O1 -D_GNU_SOURCE -I$SRC/src -I$SRC/t/unit"
programs="team share run ahead feed help"

# unit NAME COMMAND...: the programs of the pool, under the command.
unit() {
    name=$1
    shift
    for program in $programs; do
        "$@" "./$program" >out 2>err
        ok $? "$name: pool-$program" || { diag_file out; diag_file err; }
    done
}

# build FLAG...: false where this compiler cannot.
build() {
    for program in $programs; do
        $CC $flags "$@" "$SRC/t/unit/pool-$program.c" $sources -lcmocka -lm -pthread \
            -o $program 2>err || return
    done
}

# Tests fork before and after they make threads, which is what dies otherwise.
TSAN_OPTIONS="exitcode=66 die_after_fork=0"
export TSAN_OPTIONS
if build -fsanitize=thread; then
    unit "ThreadSanitizer" env
else
    skip "no -fsanitize=thread" "ThreadSanitizer"
fi
if ! command -v valgrind >/dev/null; then
    skip "no valgrind" "helgrind, memcheck"
    done_testing
fi
build || fail "cannot build"
# Time is what run and help measure, and there is none to spare there.
programs="team share feed"
unit "memcheck" valgrind -q --error-exitcode=66

programs="team share"
unit "helgrind" valgrind --tool=helgrind -q --error-exitcode=66 \
    --suppressions="$SRC/t/lib/helgrind.supp"

# Whole runs. What the parent has not freed when it ends would be a leak; HDF5 and others
# that are not loaded here have their own.
run="run $KUNITZ --frames :3 --walks 3000 --interior-samples 1000 --seed 1 -q --force"
for layout in 1x1 2x2 4x1; do
    valgrind -q --error-exitcode=66 --leak-check=full --errors-for-leak-kinds=definite \
        "$FW" $run --workers "${layout%x*}" --threads "${layout#*x}" -o v.csv -o v.npz \
        -o v.json 2>err
    ok $? "a whole run, $layout" || diag_file err
done
"$FW" $run -o want.csv
same v.csv want.csv "... the same bytes"
valgrind -q --error-exitcode=66 --leak-check=full --errors-for-leak-kinds=definite \
    "$FW" run "${KUNITZ%% *}" -f - --format xtc --frames :3 --walks 3000 --seed 1 -q \
    --force --workers 2 --threads 1 -o s.csv <"${KUNITZ##* }" 2>err
ok $? "a stream" || diag_file err

done_testing
