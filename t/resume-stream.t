#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# A run on a stream goes on when the same stream comes again: frames are compared with
# those in the journal one by one, and what is there is not computed twice.
# shellcheck source=t/lib/tap.sh disable=SC2086
. "$(dirname "$0")/lib/tap.sh"

TOP=${KUNITZ%% *}
XTC=${KUNITZ##* }
small="--format xtc --frames :24 --walks 2000 --interior-samples 1000 --seed 3 -q"

# stream ARGUMENT...: a run on standard input, which is the file $from.
from=$XTC
stream() {
    "$FW" run "$TOP" -f - $small "$@" <"$from" >out 2>err
    status=$?
}

stream -o ref.csv -o ref.npz --journal whole.j
exits 0 "a run on a stream"

# cut PERCENT: a journal that ends early, most likely within a record.
cut_journal() {
    head -c $(($(wc -c <whole.j) * $1 / 100)) whole.j >part.j
}

for layout in 1x1 3x1 1x2; do
    cut_journal 60
    stream --resume --journal part.j --force -o part.csv -o part.npz -o part.json \
        --workers "${layout%x*}" --threads "${layout#*x}"
    exits 0 "$layout: it goes on"
    same part.csv ref.csv "... same CSV"
    same part.npz ref.npz "... same NPZ"
    n=$(grep -c '"restored":true' part.json)
    [ "$n" -gt 5 ] && [ "$n" -lt 24 ]
    ok $? "... with frames of the journal and others" || diag "$n restored"
    is "$(wc -c <part.j)" "$(wc -c <whole.j)" "... the journal is whole again"
done

cp whole.j part.j
stream --resume --journal part.j --force -o part.csv -o part.json
exits 0 "nothing is left to do"
same part.csv ref.csv "... same CSV"
is "$(grep -c '"restored":true' part.json)" 24 "... all frames are of the journal"

# By way of a named pipe, and after a signal.
mkfifo pipe
(cat "$XTC" >pipe) &
"$FW" run "$TOP" -f pipe $small --walks 20000 -o sig.csv 2>err &
pid=$!
while [ ! -s sig.csv.journal ] || [ "$(wc -c <sig.csv.journal)" -lt 9000 ]; do
    sleep 0.02
    kill -0 $pid 2>/dev/null || break
done
kill -TERM $pid
wait $pid
is $? 143 "stopped by a signal"
like err 'finished frames? (is|are) in sig.csv.journal; to go on, when the same' \
    "... and how to go on is said"
check "... what is complete is in .partial" test -s sig.csv.partial
stream --walks 20000 -o want.csv
stream --walks 20000 -o sig.csv --resume
exits 0 "... it goes on, from standard input now"
same sig.csv want.csv "... same CSV"
is "$(ls sig.csv*)" sig.csv "... and neither journal nor .partial stay"

# After the death of everything.
"$FW" run "$TOP" -f - $small --walks 20000 -o kill.csv <"$XTC" 2>err &
pid=$!
while [ ! -s kill.csv.journal ] || [ "$(wc -c <kill.csv.journal)" -lt 9000 ]; do
    sleep 0.02
    kill -0 $pid 2>/dev/null || break
done
kill -KILL $pid
wait $pid 2>/dev/null
stream --walks 20000 -o kill.csv --resume --workers 3 --threads 1
exits 0 "killed, and gone on with"
same kill.csv want.csv "... same CSV"

# Another stream.
"$FW" convert -s "$TOP" -f "$XTC" --frames 1:30 -o other.xtc -q 2>/dev/null
from=other.xtc
cut_journal 60
stream --resume --journal part.j --force -o none.csv
exits 5 "another stream"
like err 'part.j is of another stream: frame 0 has other coordinates now' \
    "... the frame is named"
"$FW" convert -s "$TOP" -f "$XTC" --frames :5 -o short.xtc -q 2>/dev/null
from=short.xtc
cut_journal 60
stream --resume --journal part.j --force -o none.csv
exits 5 "a shorter stream"
like err 'frame 5 does not come in this one' "... the frame is named"
check "... nothing is written" test ! -e none.csv
from=$XTC
stream --frames :25 --resume --journal part.j --force -o none.csv
exits 5 "other frames of the stream"
stream --walks 2001 --resume --journal part.j --force -o none.csv
exits 5 "other options"
run_fw run "$TOP" "$XTC" $small --resume --journal part.j --force -o none.csv
exits 5 "the same frames as a file"

done_testing
