#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The forms of the results: CSV, JSON, NPZ, the summary, and writes that fail.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

fast="--walks 3000 --interior-samples 2000 --seed 9"
water="--solvent water --temperature 25C"

umask 022
# shellcheck disable=SC2086
run_fw run $KUNITZ $fast $water --frames 10:14 -o k.csv -o k.json -o k.npz
exits 0 "CSV, JSON and NPZ in one run"
is "$(stat -c %a k.csv k.json k.npz | sort -u)" 644 "the umask decides who may read"
is "$(find . ! -name . ! -name 'k.*' ! -name out ! -name err)" "" \
    "no other files appear"

# CSV: comments, one header line, rows.
names="capacitance electric_polarizability electric_polarizability_tensor
    electric_polarizability_eigenvalues intrinsic_conductivity volume surface_area
    gyration_tensor gyration_eigenvalues radius_of_gyration
    capacitance_same_volume_sphere hydrodynamic_radius intrinsic_viscosity_prefactor
    viscometric_radius intrinsic_viscosity intrinsic_viscosity_mass
    friction_coefficient diffusion_coefficient sedimentation_coefficient"
want=frame,time_ps,status,walks,interior_samples
for name in $names; do
    case $name in
    *_tensor) parts="_xx _xy _xz _yy _yz _zz" ;;
    *_eigenvalues) parts="_1 _2 _3" ;;
    *) parts=: ;;
    esac
    for part in $parts; do
        want=$want,$name${part#:},$name${part#:}_std
    done
done
is "$(csv_header k.csv)" "$want" "CSV: the columns of the contract, in order"
is "$(csv_column k.csv frame | tr '\n' ' ')" "10 11 12 13 " "CSV: a row for each frame"
is "$(grep -v '^#' k.csv | sed 's/[^,]//g' | sort -u | wc -l)" 1 \
    "CSV: all rows are as long as the header"
is "$(grep -n '^#' k.csv | tail -n 1 | cut -d: -f1)" "$(grep -c '^#' k.csv)" \
    "CSV: comments come first"
like k.csv '^# program: framewalk [0-9]' "CSV: which program"
like k.csv '^# seed: 9$' "CSV: which seed"
like k.csv '^# walks: 3000$' "CSV: how many walks"
for unit in capacitance=A volume=A^3 surface_area=A^2 gyration_tensor=A^2 \
    intrinsic_viscosity=1 intrinsic_viscosity_mass=cm3/g friction_coefficient=g/s \
    diffusion_coefficient=cm2/s sedimentation_coefficient=S; do
    grep '^# units: ' k.csv | tr -s ' ,' '\n' | grep -Fqx "$unit" || echo "$unit"
done >missing
is "$(cat missing)" "" "CSV: units"
unlike k.csv '[0-9]:[0-9][0-9]:[0-9]|seconds' "CSV: no times of day, no durations"
refuse "CSV: no carriage returns" grep -q "$(printf '\r')" k.csv

if [ -z "$PY" ]; then
    skip "no python3" "JSON"
    skip "no python3" "CSV as JSON"
else
    "$PY" - <<'END'
import json
d = json.load(open("k.json"))
assert list(d)[:2] == ["schema", "schema_version"]
assert d["schema"] == "framewalk.result" and d["schema_version"] == 1
assert d["provenance"]["seed"] in (9, "9") and d["plan"]["workers"] >= 1
assert d["plan"]["threads"] >= 1 and d["plan"]["reason"]
assert d["units"]["diffusion_coefficient"] == "cm2/s"
assert [f["frame"] for f in d["frames"]] == [10, 11, 12, 13]
assert [f["time_ps"] for f in d["frames"]] == [10.0, 11.0, 12.0, 13.0]
assert all(f["status"] == "ok" and f["walks"] == 3000 for f in d["frames"])
names = [k for k in d["frames"][0] if k + "_std" in d["frames"][0]]
assert set(names) == set(d["ensemble"]) == set(d["units"]), names
keys = {"mean", "sem", "sem_mc", "std", "n_eff", "correlation_time_frames"}
for name, e in d["ensemble"].items():
    assert keys <= set(e), (name, e)
mean = sum(f["capacitance"] for f in d["frames"]) / 4
assert abs(d["ensemble"]["capacitance"]["mean"] - mean) < 1e-12 * mean
table = d["stages"].pop("table")
assert d["stages"] and all(v >= 0 for v in d["stages"].values())
assert {"read", "build", "walks", "interior", "stokes", "help", "wait"} <= set(table)
for row in table.values():
    assert 0 <= row["min"] <= row["mean"] <= row["max"] <= row["total"] * 1.000001, row
workers = d["plan"]["workers"]
assert abs(table["walks"]["total"] - d["stages"]["walks_seconds"]) < 1e-9
whole = workers * d["stages"]["wall_seconds"]
assert sum(r["total"] for r in table.values()) <= 1.01 * whole
assert 0 < d["stages"]["serial_share"] <= 1
assert 1 <= d["stages"]["amdahl_bound"] <= d["stages"]["amdahl_limit"]
for f in d["frames"]:
    assert 0 <= f["worker"] < workers and f["attempts"] == 1 and not f["restored"]
    assert 0 < f["seconds"]["walks"] < f["seconds"]["all"]
    assert sum(f["seconds"].values()) <= 2.001 * f["seconds"]["all"]
for f in d["frames"]:
    for name in ("electric_polarizability_tensor", "gyration_tensor"):
        for t in (f[name], f[name + "_std"]):
            assert all(t[i][j] == t[j][i] for i in range(3) for j in range(3))
        trace = sum(f[name][i][i] for i in range(3))
        values = f[name.replace("tensor", "eigenvalues")]
        assert values == sorted(values) and abs(trace - sum(values)) < 1e-9 * trace
    third = sum(f["electric_polarizability_eigenvalues"]) / 3
    assert abs(f["electric_polarizability"] - third) < 1e-9 * third
    for name in names:
        flat = f[name + "_std"]
        while isinstance(flat, list) and isinstance(flat[0], list):
            flat = sum(flat, [])
        assert all(s > 0 for s in (flat if isinstance(flat, list) else [flat])), name
END
    ok $? "JSON: schema, frames, ensemble, symmetric tensors, deviations above zero"
    "$PY" - <<'END'
import csv, json
lines = [l for l in open("k.csv", newline="") if not l.startswith("#")]
rows = list(csv.DictReader(lines))
frames = json.load(open("k.json"))["frames"]
assert len(rows) == len(frames) == 4
axes = {"x": 0, "y": 1, "z": 2}
for row, frame in zip(rows, frames):
    assert row["status"] == frame["status"] and int(row["walks"]) == frame["walks"]
    n = 0
    for name in frame:
        if name + "_std" not in frame:
            continue
        for end in ("", "_std"):
            v = frame[name + end]
            if name.endswith("_tensor"):
                cells = {f"_{a}{b}": v[i][j] for a, i in axes.items()
                         for b, j in axes.items() if i <= j}
            elif name.endswith("_eigenvalues"):
                cells = {f"_{i + 1}": v[i] for i in range(3)}
            else:
                cells = {"": v}
            for part, value in cells.items():
                assert float(row[name + part + end]) == value, name + part + end
                n += 1
    assert n == len(row) - 5
END
    ok $? "CSV and JSON hold the same numbers, to the last bit"
fi

numpy=
for python in "$PY" /usr/bin/python3; do
    if [ -x "$python" ] && "$python" -c 'import numpy' 2>/dev/null; then
        numpy=$python
        break
    fi
done
if [ -z "$numpy" ]; then
    skip "no python3 with numpy" "NPZ"
else
    "$numpy" - <<'END'
import json, numpy
frames = json.load(open("k.json"))["frames"]
with numpy.load("k.npz", allow_pickle=False) as d:
    assert d["status"].dtype.kind == "U" and list(d["status"]) == ["ok"] * 4
    assert d["frame"].dtype.kind == "i" and list(d["frame"]) == [10, 11, 12, 13]
    assert list(d["time_ps"]) == [10, 11, 12, 13]
    shapes = {"electric_polarizability_tensor": (4, 3, 3), "gyration_tensor": (4, 3, 3),
              "electric_polarizability_eigenvalues": (4, 3),
              "gyration_eigenvalues": (4, 3)}
    for name in frames[0]:
        if name + "_std" not in frames[0]:
            continue
        for key in (name, name + "_std"):
            assert d[key].dtype == numpy.float64, key
            assert d[key].shape == shapes.get(name, (4,)), key
            assert (d[key] == numpy.array([f[key] for f in frames])).all(), key
END
    ok $? "NPZ loads without pickle and holds the same numbers"
fi
check "NPZ is a zip archive" grep -aq '^PK' k.npz

# A failed frame: empty cells, null, NaN.
models 1.000 nan 3.000 >nan.pdb
# shellcheck disable=SC2086
run_fw run nan.pdb $fast -q -o nan.npz -o nan.csv
if [ -n "$numpy" ]; then
    "$numpy" -c 'import numpy
d = numpy.load("nan.npz")
assert list(d["status"]) == ["ok", "failed", "ok"]
assert list(numpy.isnan(d["volume"])) == [False, True, False]
assert numpy.isnan(d["gyration_tensor"][1]).all()'
    ok $? "a failed frame is NaN in NPZ"
else
    skip "no python3 with numpy" "a failed frame is NaN in NPZ"
fi

# The summary, and where it goes.
is "$(cat out)" "" "-q: nothing on standard output"
# shellcheck disable=SC2086
run_fw run $KUNITZ $fast --frames 10:14 $water
like out '^capacitance +[0-9.]+ \+- [0-9.]+ +A ' "summary: means with errors and units"
like out '^diffusion_coefficient .*cm2/s' "summary: diffusion"
like out '^plan  ' "summary: the plan"
like out '^4 frames done' "summary: frames done"
like out '^seed +9$' "summary: the seed"
like out 'No hydration shell: .*--shell' "summary: no hydration shell"
is "$(cat err)" "" "... and nothing on standard error"
# shellcheck disable=SC2086
run_fw run $KUNITZ $fast --frames 10:14 $water -o -
same out k.csv "-o -: the CSV on standard output"
like err '^capacitance +[0-9.]+ \+- ' "... the summary on standard error"
# shellcheck disable=SC2086
run_fw run $KUNITZ $fast --frames 10:14 $water -o - -q
same out k.csv "-o - -q: the CSV"
is "$(cat err)" "" "... and nothing else"
# shellcheck disable=SC2086
run_fw run nan.pdb $fast -q -v
exits 2 "-q and -v contradict each other"
# shellcheck disable=SC2086
run_fw run $KUNITZ $fast --frames 10:12 -v
like out '^ *element +atoms +radius' "-v: the radii that were used"
like out '^gyration_tensor' "-v: tensors"
# shellcheck disable=SC2086
run_fw run $KUNITZ $fast --frames 10:14 --progress always -q
is "$(cat out)" "" "--progress always -q: nothing on standard output"

# Writes that fail are failures, and leave no half file.
# shellcheck disable=SC2086
{
    "$FW" run nan.pdb $fast -q -o - >/dev/full 2>err
    status=$?
    exits 1 "a full standard output"
    like err "standard output: No space left on device" "... is said"
    "$FW" run nan.pdb $fast >/dev/full 2>err
    status=$?
    exits 1 "a summary that cannot be written"
    { "$FW" run $KUNITZ $fast --frames 10:14 -q -o - 2>err; echo $? >code; } | :
    [ "$(cat code)" -eq 0 ] || [ "$(cat code)" -eq 1 ]
    ok $? "a closed pipe ends in order, not by a signal"
}

# Times for people: a table with -v, a line for each frame as it ends with -vv.
for level in -v -vv; do
    # shellcheck disable=SC2086
    run_fw run $KUNITZ --frames :3 --walks 3000 --seed 1 $level
    like out '^stages +of [0-9]+ workers?, seconds: total, min, mean, max' \
        "$level: the table of stages"
    like out '^  walks( +[0-9.]+){4}$' "... walks"
    like out '^  wait( +[0-9.]+){4}$' "... waiting"
    like out '^serial .* of the work: at most .*\(Amdahl\)$' "... serial share, bound"
    lines=0
    [ $level = -v ] || lines=3
    n=$(grep -Ec '^frame [0-2]: ok, worker [0-9]+, read [0-9.e-]+ s, .* all .* s$' err)
    is "$n" $lines "... $lines lines of frames"
done

mkdir full
if [ "$(id -u)" -eq 0 ] &&
    unshare -m mount -t tmpfs -o size=8k none full 2>/dev/null; then
    # shellcheck disable=SC2016
    unshare -m sh -c 'mount -t tmpfs -o size=8k none full; run=$1; shift
        "$run" "$@" 2>err; echo $? >code; ls -A full >left' \
        sh "$FW" run nan.pdb --walks 1000 --interior-samples 1000 --seed 1 -q \
        -o full/full.json -o fits.csv
    is "$(cat code)" 1 "a full disk"
    like err "full/full.json: No space left on device" "... is said, and where"
    is "$(cat left)" full.json.journal "... nothing is left there but the journal"
    like err '^framewalk: 2 finished frames are in full/full.json.journal; to go on:' \
        "... which knows all"
    like err 'framewalk run --resume nan.pdb' "... and how to go on is said"
    check "... the other output is written all the same" test -s fits.csv
else
    skip "needs root and a mount" "a full disk"
fi
if [ "$(id -u)" -eq 0 ]; then
    skip "root writes everywhere" "a folder that may not be written to"
else
    mkdir -m 555 locked
    refused 1 "cannot write locked/a.csv: folder locked: Permission denied" \
        "a folder that may not be written to" run nan.pdb -o locked/a.csv
fi

done_testing
