#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Frames that come once: standard input, named pipes, and what can go wrong with them.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"
# shellcheck source=t/lib/processes.sh
. "$SRC/t/lib/processes.sh"

top=$SRC/examples/kunitz.pdb
fast="--walks 200 --interior-samples 100 --seed 1 -q --force"

# Forty frames, 1 ps apart.
head -c 171804 "$SRC/examples/kunitz.xtc" >some.xtc
xtc=$PWD/some.xtc

# stream NAME ARGUMENT...: of standard input, leaves NAME.csv and $status.
stream() {
    tap_out=$1
    shift
    # shellcheck disable=SC2086
    timeout 60 "$FW" run -s "$top" -f - $fast -o "$tap_out.csv" "$@" >out 2>err
    status=$?
    echo $status >status # for the last of a pipeline, which is a process of its own
}
piped() {
    status=$(cat status)
}
# The rows, and the facts but for the name of the trajectory.
facts() {
    grep -v '^# trajectory:' "$1"
}
# alike NAME: stream.csv and file.csv.
alike() {
    facts stream.csv >got
    facts file.csv >want
    same got want "$1"
}

# shellcheck disable=SC2086
run_fw run "$top" "$xtc" $fast -o file.csv
exits 0 "the file"
for layout in 1x1 3x2 1x3; do
    stream stream --format xtc --workers "${layout%x*}" --threads "${layout#*x}" \
        <"$xtc"
    exits 0 "standard input, $layout"
    alike "... gives the bytes of the file"
done
cp file.csv whole.csv

# Slices and times on the fly.
while read -r choice; do
    # shellcheck disable=SC2086
    run_fw run "$top" "$xtc" $fast -o file.csv $choice
    # shellcheck disable=SC2086
    stream stream $choice <"$xtc"
    csv_rows stream.csv >got
    csv_rows file.csv >want
    same got want "$choice"
done <<'END'
--frames 5:30:7
--frames 35:
--frames :3
-b 20 -e 30
--dt 3.5
--frames 3::2 -b 10 --dt 3
END
cp whole.csv file.csv
stream stream --frames :3 <"$xtc"
like stream.csv '^# frames: 3 of at least 3$' "what follows the last frame is not read"
# An endless source: the run ends all the same.
{ cat "$xtc"; cat /dev/zero; } | stream stream --frames :40
piped
exits 0 "a source that does not end: --frames does"
for choice in -5: :-1 ::0 5; do
    stream stream --frames "$choice" <"$xtc"
    exits 2 "--frames $choice"
done
stream stream --frames -5: <"$xtc"
like err 'from the end, which is not known of a stream' "... says why"
stream stream --frames 40: <"$xtc"
exits 2 "no frame left"
like err 'leaves none of the 40 frames' "... says so"

# Named pipes, recognised by their bytes. Under the same name, every byte is the same.
mkfifo pipe.fifo
cat "$xtc" >pipe.fifo &
# shellcheck disable=SC2086
run_fw run "$top" pipe.fifo $fast -o stream.csv -o stream.npz
exits 0 "a named pipe"
alike "... gives the bytes of the file"
mkdir folder && cp "$xtc" folder/pipe.fifo
# shellcheck disable=SC2086
(cd folder && "$FW" run "$top" pipe.fifo $fast -o file.csv -o file.npz)
same stream.csv folder/file.csv "... all of them under the same name, CSV"
same stream.npz folder/file.npz "... NPZ"
refused 2 "pipe.fifo: a stream must be the only trajectory" "a pipe and a file" \
    run "$top" pipe.fifo "$xtc"
refused 2 "pipe.fifo: the atoms cannot come from a stream" "atoms from a pipe" \
    run -s pipe.fifo -f "$xtc"

# A slow producer: in pieces that end anywhere.
{
    head -c 100
    sleep 0.3
    head -c 5000
    sleep 0.3
    head -c 1
    sleep 0.3
    cat
} <"$xtc" | stream stream
piped
exits 0 "a slow producer"
alike "... gives the bytes of the file"

# Cut short: what was complete is kept under another name, or used when that is asked
# for.
head -c 20000 "$xtc" >cut.xtc
rm -f stream.csv
stream stream <cut.xtc
exits 3 "a stream cut short"
like err 'standard input: frame 4 at byte offset 17[0-9]*: the frame takes' \
    "... names frame and offset"
is "$(wc -l <err)" 1 "... in one line"
refuse "... no output" test -e stream.csv
csv_rows stream.csv.partial >got
csv_rows whole.csv | head -n 4 >want
same got want "... what was complete is in its .partial"
stream stream --allow-truncated <cut.xtc
exits 0 "--allow-truncated"
like err 'warning: 4 frames kept' "... with a warning"
csv_rows stream.csv >got
same got want "... the complete frames"
: | stream stream
piped
exits 3 "nothing at all"
like err 'is empty' "... says so"
head -c 100000 /dev/zero | stream stream --format xtc
piped
exits 3 "garbage"
like err 'not an XTC file' "... says so"
{ cat "$xtc"; head -c 1000 "$top"; } | stream stream
piped
exits 3 "garbage behind good frames"
like err 'frame 40 at byte offset 171804: magic number' "... names frame and offset"

# A producer that is killed.
# shellcheck disable=SC2317
is_called() {
    grep -qx "$1" "/proc/$2/comm"
}
# shellcheck disable=SC2317
holds() {
    [ "$(wc -c 2>/dev/null <"$2" || echo 0)" -ge "$1" ]
}
rm -f pipe.fifo && mkfifo pipe.fifo
{ head -c 20000 "$xtc"; exec sleep 60; } >pipe.fifo &
producer=$!
# shellcheck disable=SC2086
timeout 60 "$FW" run "$top" pipe.fifo $fast -o killed.csv >out 2>err &
runner=$!
# It has written everything when it is the sleep.
wait_for is_called sleep $producer
kill -9 $producer
wait $runner
status=$?
exits 3 "a producer that is killed within a frame"
is "$(csv_rows killed.csv.partial | wc -l)" 4 "... the frames before are kept"

# A signal while nothing comes.
{ cat "$xtc"; exec sleep 60; } >pipe.fifo &
producer=$!
# shellcheck disable=SC2086
"$FW" run "$top" pipe.fifo $fast -o stopped.csv >out 2>err &
runner=$!
wait_for holds 9000 stopped.csv.journal
most=$(scaled 2000)
sent=$(now_ms)
kill -s TERM $runner
wait $runner
status=$?
exits 143 "TERM while nothing comes"
[ $(($(now_ms) - sent)) -lt "$most" ]
ok $? "... within two seconds of an idle machine"
n=$(csv_rows stopped.csv.partial | grep -c ',ok,')
[ "${n:-0}" -gt 0 ]
ok $? "... what was complete is kept" || diag_file err
kill $producer

# A worker that dies: its frame is still in its slot. A reader that dies: the end.
# The first child is the reader.
kill_one() {
    rm -f pipe.fifo && mkfifo pipe.fifo
    { cat "$xtc"; exec sleep 60; } >pipe.fifo &
    producer=$!
    # shellcheck disable=SC2086
    "$FW" run "$top" pipe.fifo $fast --walks 60000 --frames :8 --workers 2 --threads 1 \
        -o died.csv >out 2>err &
    runner=$!
    for _ in $(seq 2000); do
        [ "$(children $runner | wc -l)" -lt 3 ] || break
        sleep 0.02
    done
    sleep 0.1
    kill -9 "$(children $runner | sort -n | $1)"
    wait $runner
    status=$?
    kill $producer
}
if [ -r /proc/self/stat ]; then
    kill_one 'tail -n 1'
    exits 0 "a worker that dies"
    like err '1 worker died and was replaced' "... is replaced"
    # shellcheck disable=SC2086
    run_fw run "$top" "$xtc" $fast --walks 60000 --frames :8 -o file.csv
    csv_rows died.csv >got
    csv_rows file.csv >want
    same got want "... which has its frame from the same slot"
else
    skip "no /proc" "a worker that dies"
fi

# Other formats, and those that cannot be read forward.
three_atoms >body.pdb
models 1.000 2.000 3.000 4.000 >models.pdb
# shellcheck disable=SC2086
run_fw run body.pdb models.pdb $fast -o file.csv
csv_rows file.csv >want
for format in pdb xyz gro dcd trr xtc; do
    run_fw convert body.pdb models.pdb -o "frames.$format" -q
    # shellcheck disable=SC2086
    run_fw run body.pdb "frames.$format" $fast -o file.csv
    csv_rows file.csv >want
    # shellcheck disable=SC2086
    timeout 20 "$FW" run -s body.pdb -f - --format $format $fast -o stream.csv \
        <"frames.$format" >out 2>err
    csv_rows stream.csv >got
    same got want "$format as a stream" || diag_file err
    is "$(wc -l <got)" 4 "... all frames"
done
run_fw convert body.pdb models.pdb -o frames.nc -q
# shellcheck disable=SC2086
refused 2 "NetCDF files cannot be read as a stream" "nc as a stream" \
    run -s body.pdb -f - --format nc <frames.nc

# The other commands.
run_fw convert "$xtc" --frames 3:20:4 -o file.trr -q --force
"$FW" convert -f - --frames 3:20:4 -o stream.trr -q <"$xtc" >out 2>err
same stream.trr file.trr "convert of a stream"
for format in pdb xyz nc dcd; do
    run_fw convert "$top" "$xtc" -o "file.$format" -q --force
    cat "$xtc" | "$FW" convert -s "$top" -f - -o "stream.$format" -q >out 2>err
    same "stream.$format" "file.$format" "convert of a stream to $format"
done
rm -f stream.trr
"$FW" convert -f - -o stream.trr -q <cut.xtc >out 2>err
status=$?
exits 3 "convert of a stream cut short"
check "... keeps what was complete" test -s stream.trr.partial -a ! -e stream.trr
"$FW" convert -f - -o stream.trr -q --allow-truncated <cut.xtc >out 2>err
status=$?
exits 0 "... or takes it for all"
same stream.trr stream.trr.partial "... which is the same"
"$FW" info --json -f - <"$xtc" >got 2>err
like got '"n_frames": *40' "info of a stream"
like got '"last_time_ps": *39.0' "... with its last time"
"$FW" info -f - <cut.xtc >got 2>err
status=$?
exits 3 "info of a stream cut short"
like got '4 good frames' "... says what was good"

# Back-pressure: a fast and long stream takes no more memory than a short one.
peak() {
    "$PY" - "$1" "$FW" "$top" "$xtc" <<'END'
import os, resource, subprocess, sys
n, fw, top, xtc = int(sys.argv[1]), *sys.argv[2:]
run = subprocess.Popen(
    [fw, "run", "-s", top, "-f", "-", "--format", "xtc", "--select", "index 0:9",
     "--walks", "100", "--interior-samples", "4", "--seed", "1", "-q", "--workers", "2",
     "--threads", "1", "-o", "memory.csv", "--force"], stdin=subprocess.PIPE)
data = open(xtc, "rb").read()
for _ in range(n):
    run.stdin.write(data)
run.stdin.close()
pid, status, usage = os.wait4(run.pid, 0)
assert status == 0
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
END
}
if [ -n "$PY" ]; then
    short=$(peak 2)
    long=$(peak 60)
    [ "${long:-0}" -gt 0 ] && [ "$long" -lt $((short + 8192)) ]
    ok $? "60 times 40 frames take no more memory than 2 times" ||
        diag "$short and $long KiB"
else
    skip "no python3" "memory of a long stream"
fi
is "$(find . -name '.framewalk*')" "" "no temporary file is left"

done_testing
