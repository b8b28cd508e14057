#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# framewalk plan: what it prints, other machines, budgets, and that a run does what was
# planned.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

machines=$SRC/t/machines
three_atoms >body.pdb
models 1.000 1.500 2.000 2.500 3.000 3.500 4.000 4.500 >models.pdb

run_fw plan --help
exits 0 "plan --help"
for option in json machine cores memory walks strategy select; do
    grep -q -e "--$option " out || echo "$option"
done >absent
is "$(cat absent)" "" "plan --help has its options and those of run"

# shellcheck disable=SC2086
run_fw plan $KUNITZ --walks 2000
exits 0 "plan"
like out '^plan  ' "the choice"
like out '^machine  ' "the machine"
like out '^ *workers +threads +time +speed-up +efficiency +memory' "the table"
like out '^\*' "the chosen layout is marked"
is "$(cat err)" "" "nothing on standard error"
# shellcheck disable=SC2086
run_fw plan $KUNITZ --walks 2000 -v
like out 'available memory .*/proc/meminfo' "-v: facts with their sources"
like out '^frame  .*walks' "-v: what a frame costs"

# get NAME FILE: a number or a text in JSON.
get() {
    sed -n "s/^ *\"$1\": \"*\([^,\"]*\)\"*,*\$/\1/p" "$2" | head -n 1
}

# shellcheck disable=SC2086
run_fw plan $KUNITZ --walks 2000 --json
exits 0 "plan --json"
cp out plan.json
for key in plan candidates machine workload predicted_seconds peak_memory_bytes reason \
    strategy discarded efficiency speedup cores_source; do
    grep -q "\"$key\":" plan.json || echo "$key"
done >absent
is "$(cat absent)" "" "--json has what it should"
if [ -n "$PY" ]; then
    "$PY" - <<'END'
import json
d = json.load(open("plan.json"))
p = d["plan"]
c = [x for x in d["candidates"]
     if (x["workers"], x["threads"]) == (p["workers"], p["threads"])]
assert len(c) == 1 and c[0]["discarded"] is None
assert abs(c[0]["predicted_seconds"] - p["predicted_seconds"]) < 1e-9
assert all(x["peak_memory_bytes"] > 0 for x in d["candidates"])
END
    ok $? "the chosen layout is one of the candidates"
fi

# Other machines: layouts of a few long frames, and of many.
while read -r machine walks workers threads; do
    # shellcheck disable=SC2086
    run_fw plan $KUNITZ --walks "$walks" --machine "$machines/$machine.txt" --json
    is "$(get workers out) x $(get threads out)" "$workers x $threads" \
        "$machine, $walks walks"
done <<'END'
laptop-4p8e 20000 16 1
container-2.5cpu-4g 20000 3 1
slurm-12-of-128 20000 12 1
cgroup-v1-host 20000 8 1
END
# shellcheck disable=SC2086
run_fw plan $KUNITZ --frames :1 --walks 1e7 --json \
    --machine "$machines/slurm-12-of-128.txt"
is "$(get workers out) x $(get threads out)" "1 x 12" "one long frame: threads"
like out 'a single frame' "... and says so"
# shellcheck disable=SC2086
run_fw plan $KUNITZ --machine "$machines/slurm-12-of-128.txt" --json
cp out recorded.json
# shellcheck disable=SC2086
run_fw plan $KUNITZ --machine recorded.json
like out '^machine    12 cores \(SLURM_CPUS_PER_TASK\); 23.4 GiB' \
    "a machine out of JSON"
# What busy threads lose is part of a machine.
sed 's/"busy_threads": null/"busy_threads": 12/
    s/"busy_speed": null/"busy_speed": 0.5/' recorded.json >busy.json
# shellcheck disable=SC2086
run_fw plan $KUNITZ --walks 1e5 --machine busy.json --json
awk -v e="$(get efficiency out)" 'BEGIN { exit !(e > 0.4 && e < 0.6) }'
ok $? "threads that lose half of their speed when all are busy" || diag_file out
sed 's/"busy_threads": null/"busy_threads": -1/' recorded.json >bad.json
refused 3 "not a machine" "... and no such number of threads" plan body.pdb \
    --machine bad.json
refused 3 "no-such-file" "--machine that is not there" plan body.pdb \
    --machine no-such-file
refused 3 "neither the JSON" "--machine that is none" plan body.pdb --machine body.pdb
echo '{"cores": -1}' >bad.json
refused 3 "not a machine" "--machine that is bad JSON" plan body.pdb --machine bad.json
echo '{"cores": ' >bad.json
refused 3 "line " "--machine that is cut off" plan body.pdb --machine bad.json

# What if: budgets as they are given.
# shellcheck disable=SC2086
run_fw plan $KUNITZ --walks 1e5 --cores 32 --json
is "$(get workers out)" 32 "--cores beyond the machine"
# shellcheck disable=SC2086
run_fw plan $KUNITZ --cores 1 --json
is "$(get strategy out)" serial "--cores 1"
# shellcheck disable=SC2086
run_fw plan $KUNITZ --workers 3 --threads 2 --json
is "$(get workers out) x $(get threads out)" "3 x 2" "explicit counts"
refused 1 "needs [0-9]* bytes" "--memory that is too little, with the need" \
    plan body.pdb --memory 1M
refused 2 "contradicts" "a strategy against explicit counts" plan body.pdb \
    --strategy serial --workers 2

# Costs that go by the kind of body. ratio KEY FILE FILE: of what plan --json says.
ratio() {
    awk -v a="$(get "$1" "$2")" -v b="$(get "$1" "$3")" 'BEGIN { printf "%.1f", a / b }'
}
for n in 20 200; do
    awk -v n=$n 'BEGIN { for (i = 0; i < n; i++) {
        x = 3 * (i % 5); y = 3 * int(i / 5 % 5); z = 3 * int(i / 25)
        print "SPHERE", x, y, z, 1.5 >"balls.bod"
        print "CUBE", x, y, z, 2 >"cubes.bod" } }'
    for body in balls cubes; do
        run_fw plan $body.bod --json
        cp out "$body$n.json"
    done
    run_fw plan balls.bod --analysis stokes --json
    cp out "stokes$n.json"
done
at_least() {
    awk -v a="$1" -v b="$2" 'BEGIN { exit !(a >= b) }'
}
more=$(ratio frame_seconds stokes20.json stokes200.json)
check "few balls are fitted in double precision" at_least "$more" 1.8
more=$(ratio frame_seconds cubes200.json balls200.json)
check "walks about boxes take longer" at_least "$more" 1.8
more=$(ratio worker_bytes cubes200.json balls200.json)
check "... and more memory" at_least "$more" 1.2

# The environment of a batch job.
SLURM_CPUS_PER_TASK=1 run_fw plan models.pdb -v
like out 'cores of the job +1 +SLURM_CPUS_PER_TASK' "a variable is a fact"
like out '^machine    1 core \(SLURM_CPUS_PER_TASK\)' "... and a limit"
OMP_NUM_THREADS=1 run_fw plan body.pdb --walks 1e7 --cores 8 --json \
    --strategy threads
is "$(get threads out)" 1 "OMP_NUM_THREADS caps threads"
like out 'OMP_NUM_THREADS allows 1 thread in a process' "... which is the reason"

# Planning writes nothing but its cache; one that cannot be used does not matter.
run_fw plan models.pdb -o not.csv
[ ! -e not.csv ] && [ ! -e not.csv.journal ]
ok $? "plan writes no output"
refused 2 "a plot needs --simulate" "a plot of nothing" plan models.pdb -o plot.svg
refused 2 "unknown extension" "an output that no run has" plan models.pdb -o plot.png

# plan_sampled ARGUMENT...: a sample that takes too long is broken off, which on a busy
# machine may happen to any.
plan_sampled() {
    busiest=$(load)
    for pause in 0.1 0.2 0.2 0.5 0.5 0.5 1 1 1 0; do
        run_fw plan "$@" -v <"$stdin"
        ! grep -Eq '^sample +[1-9][0-9]* frame' out || break
        sleep $pause
        busiest=$(printf '%s\n' "$busiest" "$(load)" | sort -g | tail -n 1)
    done
    if grep -q '^sample  *none' out && at_least "$busiest" 1.5; then
        skip "the machine is too busy" "$sampled"
        return
    fi
    like out '^sample +[1-9][0-9]* frame' "$sampled"
}
stdin=/dev/null
sampled="a sample is measured"
# shellcheck disable=SC2086
plan_sampled $KUNITZ --as-frames 1e6 --walks 3e4
if [ "$(nproc)" -gt 1 ]; then
    like out '^  speed of [0-9]+ busy threads +[0-9.]+ of one alone' \
        "... and busy cores"
fi
check "rates are kept" test -d .cache/framewalk
for file in .cache/framewalk/*; do echo "walks nonsense" >"$file"; done
# shellcheck disable=SC2086
run_fw plan $KUNITZ --walks 3e4
exits 0 "rates that are nonsense"
XDG_CACHE_HOME=/proc/nowhere
# shellcheck disable=SC2086
run_fw plan $KUNITZ --walks 3e4
exits 0 "a cache that cannot be written"
is "$(cat err)" "" "... is nobody's business"
XDG_CACHE_HOME=$PWD/.cache
run_fw plan models.pdb --walks 1000 -v
like out '^sample     none' "no sample of a short run"

# Simulated on machines of 2 to 512 cores, of this job and of a run's own costs.
# shellcheck disable=SC2086
run_fw plan $KUNITZ --as-frames 1000 --walks 5e4 --simulate
exits 0 "--simulate"
is "$(grep -cE '^ +(2|4|8|16|32|64|128|256|512) +[0-9]+ x [0-9]+ ' out)" 9 \
    "... 2 to 512 cores"
like out '^ +16 +16 x 1 .* 16 x 1 ' "many cheap frames: processes, as the rules say"
# shellcheck disable=SC2086
run_fw plan $KUNITZ --as-frames 1 --walks 1e7 --simulate --cores 16
like out '^ +16 +1 x 16 .* 1 x 16 ' "one expensive frame: threads, as the rules say"
is "$(grep -cE '^ +[0-9]+ +[0-9]+ x ' out)" 1 "--cores: one row"
# shellcheck disable=SC2086
run_fw plan $KUNITZ --as-frames 100 --walks 1e6 --simulate -o plot.svg
is "$(grep -c '<circle' plot.svg)" 36 "-o FILE.svg: a plot"
refused 2 "exists already" "... is not overwritten" plan models.pdb --as-frames 9 \
    --simulate -o plot.svg
# shellcheck disable=SC2086
run_fw plan $KUNITZ --as-frames 100 --walks 1e6 --simulate --json
like out '"simulation": ' "--simulate --json"
cat >run.json <<'END'
{"plan": {"workers": 2, "threads": 1, "peak_memory_bytes": 40000000},
 "stages": {"pilot_walks": 8192},
 "frames": [
  {"walks": 100000, "interior_samples": 10000,
   "seconds": {"read": 0.001, "build": 0.001, "walks": 0.1, "interior": 0.001}},
  {"walks": 100000, "interior_samples": 10000,
   "seconds": {"read": 0.001, "build": 0.001, "walks": 0.3, "interior": 0.001}}]}
END
run_fw plan --replay run.json
exits 0 "--replay"
like out '^simulated  2 frames of 1e\+05 walks, 0.203 s each' "... with its costs"
is "$(grep -cE '^ +[0-9]+ +[0-9]+ x ' out)" 9 "... on 2 to 512 cores"
run_fw run models.pdb --walks 5000 --workers 2 -q -o real.json
run_fw plan --replay real.json --cores 4
exits 0 "--replay of a run"
like out '^simulated  8 frames of 5e\+03 walks' "... with its frames"
echo '{"frames": [{"frame": 0}]}' >bad.json
refused 3 "no frame tells its seconds" "--replay of another file" plan \
    --replay bad.json
refused 3 "bad.txt" "--replay of nothing" plan --replay bad.txt

# The sample changes no result.
few="name CA and resid 1:20"
sampled="few balls are sampled within a second"
# shellcheck disable=SC2086
plan_sampled $KUNITZ --select "$few" --walks 5e4
# shellcheck disable=SC2086
run_fw run $KUNITZ --select "$few" --walks 5e4 --seed 3 -q -o auto.csv
# shellcheck disable=SC2086
run_fw run $KUNITZ --select "$few" --walks 5e4 --seed 3 -q -o fixed.csv --workers 2 \
    --threads 1
same auto.csv fixed.csv "a run with a sample has the bits of one without"

# Of a stream the first frame is one, and not a byte of what follows is taken away.
stdin=$SRC/examples/kunitz.xtc
set -- -s "$SRC/examples/kunitz.pdb" -f - --format xtc --select "$few" --seed 3
sampled="the first frame of a stream is a sample"
plan_sampled "$@"
run_fw run "$@" --walks 3000 -q --force -o auto.csv <"$stdin"
run_fw run "$@" --walks 3000 -q --force -o fixed.csv --workers 1 --threads 2 <"$stdin"
same auto.csv fixed.csv "... and changes no result"
run_fw plan "$@" --frames :2 -v <"$stdin"
like out '^sample +none' "no sample of a stream of which little is wanted"

# What planning costs, in processor time, which on a busy machine is less than what
# passes. cpu_ms ARGUMENT...: of plan with these, and of its children.
cpu_ms() {
    (run_fw plan "$@" <"$stdin"; times) | tail -n 1 |
        awk -F '[ms ]+' '{ print 60000 * ($1 + $3) + 1000 * ($2 + $4) }'
}
cheap() {
    awk -v used="$used" -v p="$predicted" \
        'BEGIN { exit !(p > 2.5 && used < 20 * p + 50 && used < 1100) }'
}
for _ in 1 2 3; do
    rm -rf .cache
    # shellcheck disable=SC2086
    used=$(cpu_ms $KUNITZ --walks 1e6 --json)
    predicted=$(get predicted_seconds out)
    ! cheap || break
done
cheap
ok $? "planning takes 2 % of a long run" || diag "$used ms of $predicted s"
# Processor time is more where other processes share caches and cores: one of five will
# do.
for _ in 1 2 3 4 5; do
    least=$(cpu_ms "$@" --frames :2)
    used=$(cpu_ms "$@")
    [ "${used%.*}" -ge $((${least%.*} + 70)) ] || break
done
[ "${used%.*}" -lt $((${least%.*} + 70)) ]
ok $? "... and 50 ms of a stream" || diag "$used ms, $least without a sample"

# What other jobs have taught must not keep this one from learning.
XDG_CACHE_HOME=$PWD/mistaught
export XDG_CACHE_HOME
mkdir -p mistaught/framewalk
# shellcheck disable=SC2086
"$FW" plan $KUNITZ >out 2>err
for file in mistaught/framewalk/rates-*; do
    printf 'read 1\nbuild 4.47\nwalks 0.33\nsamples 1\nstokes 1\n' >"$file"
done
# shellcheck disable=SC2086
"$FW" plan $KUNITZ >out 2>err
is "$(grep -h '^build 4.47' mistaught/framewalk/rates-*)" "" \
    "rates by which no sample fits are forgotten" || diag_file out

done_testing
