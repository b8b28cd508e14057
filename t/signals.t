#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs that are interrupted, and workers that die.
# shellcheck source=t/lib/tap.sh disable=SC2317
. "$(dirname "$0")/lib/tap.sh"
# shellcheck source=t/lib/processes.sh
. "$SRC/t/lib/processes.sh"

[ -r /proc/self/stat ] || skip_all "no /proc"

# A run that would take minutes, with many frames done in its first second: 6040 frames.
files=
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    files="$files -f $SRC/examples/kunitz.xtc -f $SRC/examples/kunitz.xtc"
done
long="-s $SRC/examples/kunitz.pdb $files --walks 4000 --interior-samples 1000 --seed 4"

# start COMMAND...: in the background as $parent, until $workers has $n_workers pids.
n_workers=2
start() {
    "$@" >out 2>err &
    parent=$!
    workers=
    for _ in $(seq 2000); do
        workers=$(children $parent | tr '\n' ' ')
        # shellcheck disable=SC2086
        set -- $workers
        [ $# -lt $n_workers ] || return 0
        sleep 0.02
    done
    fail "no workers appeared"
}

# stop_busy PID: it is stopped once it has computed for 30 ms, as no start-up does. It
# is looked at while it stands still, lest it be done before something happens to it.
stop_busy() {
    for _ in $(seq 2000); do
        kill -STOP "$1" || fail "worker $1 is gone already"
        ticks=$(sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 12)
        [ "$ticks" -lt 3 ] || return 0
        kill -CONT "$1"
        sleep 0.01
    done
    fail "worker $1 does nothing"
}

trap 'kill -9 $parent 2>/dev/null; cd /; rm -rf "$TMP"' EXIT

shm=$(ls -A /dev/shm 2>/dev/null)

# interrupt SIGNAL STATUS TARGET COMMAND...: TARGET is "parent", or "group" for what a
# terminal does.
interrupt() {
    tap_signal=$1 tap_status=$2 tap_target=$3
    shift 3
    rm -f result.*
    # shellcheck disable=SC2086
    start "$@" "$FW" run $long --workers 2 --threads 2 -o result.csv -o result.npz
    # Frames are done when the journal has more than its head.
    wait_grown result.csv.journal || fail "no frame was done"
    most=$(scaled 2000)
    sent=$(now_ms)
    case $tap_target in
    group) kill -s "$tap_signal" -- -$parent ;;
    *) kill -s "$tap_signal" $parent ;;
    esac
    wait $parent
    status=$?
    took=$(($(now_ms) - sent))
    exits "$tap_status" "$tap_signal to the $tap_target: exit $tap_status"
    [ "$took" -lt "$most" ]
    ok $? "... within two seconds of an idle machine" || diag "$took ms of $most"
    # shellcheck disable=SC2086
    check "... no process is left" gone_within 0 $workers
    check "... what is complete is kept" test -s result.csv.partial -a \
        -s result.npz.partial
    refuse "... under another name" test -e result.csv -o -e result.npz
    is "$(find . -name '.framewalk*')" "" "... and no temporary file"
}

interrupt INT 130 parent env
like out '[0-9]+ frames? done, [0-9]+ not run' "... the summary counts"
done_rows=$(csv_rows result.csv.partial | grep -c ',ok,')
[ "$done_rows" -gt 0 ]
ok $? "... some frames were done" || diag_file out
is "$(csv_column result.csv.partial status | sort -u | tr '\n' ' ')" "not_run ok " \
    "... the others are said not to be run"
is "$(csv_column result.csv.partial frame | wc -l)" 6040 "... each in its row"
csv_rows result.csv.partial | grep ',ok,' | awk -F, '$1 < 4' >got
# shellcheck disable=SC2086
run_fw run $long --frames :4 -q -o whole.csv
csv_rows whole.csv >whole
grep -Fxf got whole >want
same got want "... complete rows are those of a whole run"

interrupt TERM 143 parent env
if command -v setsid >/dev/null; then
    interrupt INT 130 group setsid
else
    skip "no setsid" "INT to the process group"
fi

# nohup: hanging up is ignored by those who were told to ignore it.
# shellcheck disable=SC2086
start sh -c 'trap "" HUP; exec "$@"' sh "$FW" run $long --workers 2 --threads 1
kill -s HUP $parent
sleep 0.3
check "HUP after nohup: the run goes on" alive $parent
kill -s TERM $parent
wait $parent
status=$?
exits 143 "... until something else ends it"

# A parent that is killed takes its workers along.
rm -f result.*
# shellcheck disable=SC2086
start "$FW" run $long --workers 2 --threads 2 -o result.csv
sleep 0.2
kill -9 $parent
wait $parent 2>/dev/null
# shellcheck disable=SC2086
check "KILL of the parent: its workers go at once" gone_within "$(scaled 2000)" $workers
is "$(find . -name 'result.*' -o -name '.framewalk*')" ./result.csv.journal \
    "... and leave no files but the journal"

# A worker that is killed: its frame is computed again, by another.
three_atoms >body.pdb
models 1.0 2.0 >models.pdb
some="models.pdb --walks 1e6 --interior-samples 1000 --seed 6 --force"
begun=$(now_ms)
# shellcheck disable=SC2086
run_fw run $some --workers 2 --threads 1 -q -o whole.csv
limit=$((3 + 4 * ($(now_ms) - begun) / 1000)) # seconds that no frame takes
# shellcheck disable=SC2086
start "$FW" run $some --workers 2 --threads 1 -o result.csv
stop_busy "${workers%% *}"
kill -9 "${workers%% *}"
wait $parent
status=$?
exits 0 "KILL of a worker: the run goes on"
same result.csv whole.csv "... to the same bytes"
like err "warning: 1 worker died and was replaced" "... and says so"

# Killed each time, or never to be tried again.
n_workers=1
# shellcheck disable=SC2086
start "$FW" run $some --workers 1 --threads 1 --retries 0 -o result.csv
stop_busy "${workers%% *}"
kill -9 "${workers%% *}"
wait $parent
status=$?
exits 4 "--retries 0: the run ends without the frame"
is "$(csv_column result.csv status | sort | uniq -c | tr -s '\n ' ' ')" \
    " 1 failed 1 ok " "... which has failed"
like err 'failed: its worker was lost: killed by signal 9' "... for the reason given"
csv_rows result.csv | grep ',ok,' >got
csv_rows whole.csv | grep -Fxf got >want
same got want "... the others are as they should be"

# Stuck for good: as if it had died.
n_workers=2
# shellcheck disable=SC2086
start "$FW" run $some --workers 2 --threads 1 --frame-timeout $limit -o result.csv
stop_busy "${workers%% *}"
wait $parent
status=$?
exits 0 "--frame-timeout: a worker that is stuck is replaced"
same result.csv whole.csv "... and its frame computed again, to the same bytes"
like err "warning: 1 worker died and was replaced" "... and that is said"
n_workers=1
# shellcheck disable=SC2086
start "$FW" run $some --workers 1 --threads 1 --retries 0 -o result.csv \
    --frame-timeout $limit
stop_busy "${workers%% *}"
wait $parent
status=$?
exits 4 "... or given up without a retry"
like err "failed: its worker was lost: killed after $limit s without an end" \
    "... for that reason"

# How far is it?
n_workers=2
# shellcheck disable=SC2086
start "$FW" run $long --workers 2 --threads 1 -q
stop_busy "${workers%% *}"
kill -CONT "${workers%% *}"
kill -USR1 $parent
# shellcheck disable=SC2086
kill -USR1 $workers
wait_for test -s err
check "USR1: the run goes on" alive $parent
like err '^frames [0-9]+/6040 \(' "... and says how far it is, even with --quiet"
kill -TERM $parent
# A second one ends it at once.
kill -TERM $parent
wait $parent
status=$?
exits 143 "a second signal"

# A reader that goes away.
# shellcheck disable=SC2086
{
    "$FW" run $some -q -o - 2>err
    echo $? >code
} | true
is "$(cat code)" 1 "standard output closed by its reader: exit 1"
like err 'standard output: closed by its reader' "... for that reason"
# shellcheck disable=SC2086
{
    "$FW" run $some -o result.csv 2>err
    echo $? >code
} | true
is "$(cat code)" 1 "... also for the summary"
same result.csv whole.csv "... but the output files are there"

# The first time that is enough for a frame.
for seconds in 0.5 2 8; do
    # shellcheck disable=SC2086
    run_fw run $long --workers 2 --threads 1 --max-run-time $seconds -o late.csv --force
    ! csv_column late.csv status | grep -q ok || break
done
exits 4 "--max-run-time"
is "$(csv_column late.csv status | sort -u | tr '\n' ' ')" "not_run ok " \
    "... ends a run with what is done"

is "$(ls -A /dev/shm 2>/dev/null)" "$shm" "nothing is left in /dev/shm"

done_testing
