#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The journal: a run that was killed goes on where it stopped, to the same bytes, or is
# told what differs. EXPENSIVE=1: 200 kills instead of a few, and every byte of a tail.
# shellcheck source=t/lib/tap.sh disable=SC2086,SC2317
. "$(dirname "$0")/lib/tap.sh"

trials=4 stride=211
[ -z "${EXPENSIVE-}" ] || trials=200 stride=1
parent=
trap 'kill -9 $parent 2>/dev/null; cd /; rm -rf "$TMP"' EXIT
shm=$(ls -A /dev/shm 2>/dev/null)

three_atoms >body.pdb
models 1.0 1.5 2.0 2.5 3.0 3.5 >models.pdb
small="models.pdb --walks 2000 --interior-samples 1000"
one="--workers 1 --threads 1"

# A run with a journal, and what becomes of it.
run_fw run $small --seed 3 -q -o whole.csv -o whole.npz
exits 0 "a run"
is "$(ls ./*.journal 2>/dev/null)" "" "... that is complete leaves no journal"
run_fw run $small --seed 3 -q -o named.csv --journal named.j
exits 0 "--journal"
check "... leaves the journal that was named" test -s named.j
same named.csv whole.csv "... and changes no result"
refused 2 "named.j holds 6 finished frames of an earlier run: --resume .* --force" \
    "a journal is not overwritten" run $small --seed 3 -o other.csv --journal named.j
cp named.j copy.j
run_fw run $small -o resumed.csv -o resumed.npz --journal copy.j --resume
exits 0 "--resume of a complete journal"
same resumed.csv whole.csv "... the same CSV"
same resumed.npz whole.npz "... the same NPZ"
same copy.j named.j "... and the same journal"
like out "^seed +3 \(the journal's\)" "... with its seed"
like out '^6 frames done \(6 of them before\)' "... which is said"
run_fw run $small --seed 4 -q -o anew.csv --journal copy.j --force
exits 0 "--force starts anew"
differ anew.csv whole.csv "... with another seed"
is "$(grep -ac '^seed.4$' copy.j)" 1 "... in the journal too"

run_fw run $small -q --resume -o absent.csv --seed 3
exits 0 "--resume without a journal"
like err "warning: --resume: absent.csv.journal is not there" "... is said"
same absent.csv whole.csv "... and starts at the beginning"
rm -f absent.csv.journal
refused 2 "absent.csv exists already" "... but not over an output of its name" \
    run $small -q --resume -o absent.csv --seed 3
refused 2 "^framewalk: --resume: which run" "--resume without a name" \
    run $small --resume
refused 2 "--journal: a.csv is an output as well" "a journal is no output" \
    run $small -o a.csv --journal a.csv
echo precious >text.j
refused 2 "--journal: text.j exists and is not a journal" "a file that is no journal" \
    run $small --journal text.j --force
refused 2 "--journal: text.j exists and is not a journal" "... nor to be resumed" \
    run $small --journal text.j --resume
is "$(cat text.j)" precious "... is left alone"
mkfifo fifo.j
refused 2 "--journal: fifo.j exists and is not a regular file" "a FIFO as a journal" \
    run $small --journal fifo.j
refused 1 "no/such.j: cannot open the journal: No such file" "a journal nowhere" \
    run $small --journal no/such.j
rm -f none.csv.journal
run_fw run none.pdb -o none.csv
refuse "a run that cannot begin leaves no journal" test -e none.csv.journal

# What must not differ; the text is what names the difference.
sed 's/3.800 /3.801 /' body.pdb >other.pdb
models 1.0 1.5 2.0 2.5 3.0 3.6 >moved.pdb
echo "CA 1.5" >own.radii
base="-s body.pdb -f models.pdb --walks 2000 --interior-samples 1000 --seed 3"
run_fw run $base -q -o base.csv --journal base.j
cp base.j before.j
while IFS='|' read -r text options; do
    refused 5 "^framewalk: --resume: base.j is of another run, with other $text: " \
        "another run: $options" run $base -o none.csv --journal base.j --resume $options
done <<'END'
seed|--seed 4
walks|--walks 2001
interior_samples|--interior-samples 1001
max_rsd_capacitance|--max-rsd-capacitance 2
max_rsd_polarizability|--max-rsd-polarizability 2
max_rsd_volume|--max-rsd-volume 2
common_random_numbers|--common-random-numbers
control_variate|--no-control-variate
launch_radius|--launch-radius 30
skin|--skin 0.001
temperature|--temperature 300
temperature|--temperature 300 --solvent water
viscosity|--viscosity 1
mass|--mass 2kDa
buoyancy|--buoyancy 0.3
selection|--select all
radii|--radii zeno
radii|--radii own.radii
radii_scale|--radii-scale 1.1
shell|--shell 1
frames|--frames :4
topology \(other.pdb\)|-s other.pdb
trajectory 2 \(models.pdb\)|-f models.pdb --frames :6
format|--format pdb
END
refused 5 'with other trajectory 1 \(moved.pdb\): [0-9]+ bytes, hash .* there, ' \
    "another run: a coordinate of the last frame" run -s body.pdb -f moved.pdb \
    --walks 2000 --interior-samples 1000 -o none.csv --journal base.j --resume
same base.j before.j "... which leaves the journal as it was"
cp models.pdb renamed.pdb
run_fw run -s body.pdb -f renamed.pdb --walks 2000 --interior-samples 1000 -q \
    -o renamed.csv --journal base.j --resume --workers 2 --threads 2 --retries 5 \
    --max-run-time 1000
exits 0 "names of files and layouts may differ"
csv_rows renamed.csv >got
csv_rows base.csv >want
same got want "... rows are the same"

# Torn at any byte of the last two records, or of the facts.
size=$(stat -c %s named.j)
record=$(((size - $(grep -abo 'algorithm.*' named.j | cut -d: -f1) - 12) / 6))
for cut in $(seq $((size - 2 * record)) $stride $((size - 1))) $((size - 1)); do
    rm -f torn.csv
    head -c "$cut" named.j >torn.j
    "$FW" run $small -q -o torn.csv --journal torn.j --resume $one 2>&1 &&
        cmp torn.csv whole.csv
done >torn.txt
is "$(head -n 1 torn.txt)" "" "a tail torn at any byte is computed again"
for cut in 0 1 7 8 20 31 32 100 $((size - 6 * record - 1)); do
    rm -f torn.csv
    head -c "$cut" named.j >torn.j
    "$FW" run $small --seed 3 -q -o torn.csv --journal torn.j --resume $one 2>err &&
        cmp torn.csv whole.csv && grep -q 'starts at the beginning' err ||
        echo "at $cut"
done >torn.txt 2>&1
is "$(head -n 1 torn.txt)" "" "... and so is everything where the facts are torn"
{
    head -c $((size - 3 * record / 2)) named.j
    head -c $((3 * record / 2)) /dev/zero
} >zeros.j
run_fw run $small -q -o zeros.csv --journal zeros.j --resume $one
same zeros.csv whole.csv "a tail of zeros likewise"

# A limit of file sizes in place of a full disk.
if (ulimit -f 8) 2>/dev/null; then
    files=
    for _ in 1 2 3 4 5 6 7 8 9 10; do files="$files -f models.pdb"; done
    many="-s body.pdb $files --walks 1000 --interior-samples 500 --seed 3"
    run_fw run $many -q -o many.csv
    (
        ulimit -f 30
        run_fw run $many -q -o limited.csv
        echo $status >code
    )
    is "$(cat code)" 1 "a journal that cannot grow ends the run"
    like err 'limited.csv.journal: cannot write the journal: File too' \
        "... for that reason"
    like err ' [0-9]+ finished frames are in limited.csv.journal; to go on:' \
        "... and says how to go on"
    run_fw run $many -q -o limited.csv --resume
    exits 0 "... which works when there is room"
    same limited.csv many.csv "... to the same bytes"
    refuse "... without a journal in the end" test -e limited.csv.journal
fi

# Runs that take about a second.
long="$KUNITZ --frames ::5 --walks 9000 --interior-samples 3000"
run_fw run $long --seed 5 -q -o ref.csv -o ref.npz
# wait_records N: until the journal has grown to about so many records.
wait_records() {
    for _ in $(seq 6000); do
        [ "$(stat -c %s k.csv.journal 2>/dev/null || echo 0)" -lt $(($1 * 900)) ] ||
            return 0
        sleep 0.005
    done
    fail "the journal does not grow"
}

"$FW" run $long --workers 2 --threads 1 -o k.csv -o k.npz >k.out 2>k.err &
parent=$!
wait_records 2
cp k.csv.journal early.j
run_fw run $long -q -o l.csv --journal k.csv.journal --resume
exits 1 "a journal is for one run at a time"
like err 'k.csv.journal: in use by another run' "... which is said"
kill -INT $parent
wait $parent
status=$?
exits 130 "INT"
check "... leaves what is complete" test -s k.csv.partial -a -s k.npz.partial
like k.err 'stopped by SIGINT' "... says why it ended"
seed=$(sed -n 's/^seed  *\([0-9]*\) (drawn.*/\1/p' k.out)
command=$(sed -n 's/^  framewalk //p' k.err)
eval "\"\$FW\" $command --workers 1 --threads 2" >out 2>err
status=$?
exits 0 "... and the command that goes on" || diag "$command"
like out "^seed +$seed \(the journal's\)" "... with the drawn seed"
is "$(ls k.*)" "k.csv
k.err
k.npz
k.out" "... and leaves results only"
run_fw run $long --seed "$seed" -q -o again.csv -o again.npz
same k.csv again.csv "... the bytes of a run that was not disturbed: CSV"
same k.npz again.npz "... and NPZ"

# Late enough for a frame or two, which is another time on a busy machine.
for seconds in 0.2 0.5 1 2 4; do
    rm -f late.csv
    run_fw run $long --seed 5 -q -o late.csv --max-run-time $seconds
    [ ! -e late.csv.journal ] || break
done
exits 4 "--max-run-time"
like err 'framewalk run --resume ' "... says how to go on"
run_fw run $long -q -o late.csv --resume
exits 0 "... over its own output, without a seed"
same late.csv ref.csv "... and gives the same bytes"

# KILL at random times, again and again until one gets through, in changing layouts.
kills=$(awk -v n="$trials" 'BEGIN {
    srand(11); for (i = 0; i < n; i++) print int(1000 * rand()), int(4 * rand()) }')
set -- 1:1 2:1 1:2 3:2
n_killed=0 n_wrong=0
for trial in $(echo "$kills" | tr ' ' :); do
    rm -f k.csv k.npz
    layout=${trial#*:}
    ms=${trial%:*}
    for try in 1 2 3 4 5 6; do
        eval "l=\${$(((layout + try) % 4 + 1))}"
        seed=
        [ -e k.csv.journal ] || seed="--seed 5"
        "$FW" run $long $seed -q -o k.csv -o k.npz --workers "${l%:*}" \
            --threads "${l#*:}" --resume 2>err &
        parent=$!
        if [ $try -lt 4 ]; then
            sleep "0.$(printf %03d $((ms / try)))"
            kill -9 $parent 2>/dev/null && n_killed=$((n_killed + 1))
        fi
        wait $parent 2>/dev/null && break
    done
    cmp k.csv ref.csv && cmp k.npz ref.npz && [ ! -e k.csv.journal ] ||
        n_wrong=$((n_wrong + 1))
done >cmp.txt 2>&1
parent=
[ $n_killed -gt 0 ]
ok $? "KILL of the parent, $n_killed times in $trials runs" || diag_file err
is $n_wrong 0 "... and each has the bytes of a run that was not disturbed" ||
    diag_file cmp.txt
is "$(ls -A /dev/shm 2>/dev/null)" "$shm" "... and nothing in /dev/shm"

done_testing
