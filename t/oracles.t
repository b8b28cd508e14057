#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# What framewalk convert writes, read by MDAnalysis, mdtraj, gmx and h5py where they are
# there: the same numbers as in the source, within what each format keeps.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

# A python that has a module; the first one of the path need not.
python_with() {
    for tap_python in "$PY" /usr/bin/python3; do
        [ -x "$tap_python" ] && "$tap_python" -W ignore -c "import $1" 2>/dev/null &&
            echo "$tap_python" && return
    done
}

# shellcheck disable=SC2086
set -- $KUNITZ
top=$1 traj=$2
mda=$(python_with MDAnalysis)
mdtraj=$(python_with mdtraj)
[ -n "$mda" ] || [ -n "$mdtraj" ] || command -v gmx >/dev/null ||
    skip_all "neither MDAnalysis nor mdtraj nor gmx"

formats=
for format in xtc trr dcd pdb gro xyz nc h5md npz; do
    run_fw convert -s "$top" -f "$traj" --frames 3:60:9 -o "a.$format"
    if [ "$status" -eq 2 ] || grep -q HDF5 err; then
        skip "not there" "writing $format"
    else
        exits 0 "writing $format"
        formats="$formats $format"
    fi
done
run_fw convert -s "$top" -f "$traj" --frames 3:60:9 -o double.trr --precision double

cat >reads.py <<'END'
import sys, warnings
warnings.filterwarnings("ignore")
import numpy as np
reader, formats = sys.argv[1], sys.argv[2:]
z = np.load("a.npz")
wanted, times, box = z["positions"], z["time_ps"], z["box"]
# What a format rounds to, in A; further a float32's last digits.
rounds = dict(pdb=5.1e-4, gro=5.1e-3, xyz=5.1e-6)
def check(name, got, time, got_box, ratio=1):
    assert got.shape == wanted.shape, (name, got.shape)
    error = np.abs(got * ratio - wanted)
    allowed = rounds.get(name, 0) + 3e-7 * np.abs(wanted) + 1e-9
    assert (error <= allowed).all(), (name, error.max())
    if time is not None:
        assert np.abs(time - times).max() < 1e-3, (name, time, times)
    if got_box is not None:
        assert np.abs(got_box - box).max() < 6e-3, (name, got_box, box)
def by_mdanalysis(name):
    import MDAnalysis
    own = name in ("pdb",)
    u = MDAnalysis.Universe("a.pdb", *([] if own else ["a." + name]))
    frames = [(t.positions.copy(), t.time, None if t.dimensions is None
               else t.dimensions.copy()) for t in u.trajectory]
    boxes = None if name == "xyz" else np.array([f[2] for f in frames])
    check(name, np.array([f[0] for f in frames]),
          None if name in ("pdb", "xyz") else np.array([f[1] for f in frames]), boxes)
    if name == "pdb":
        v = MDAnalysis.Universe(sys.argv[-1])
        assert (u.atoms.names == v.atoms.names).all()
        assert (u.atoms.resids == v.atoms.resids).all()
        assert (u.atoms.resnames == v.atoms.resnames).all()
def by_mdtraj(name):
    import mdtraj
    t = mdtraj.load("a." + name) if name in ("pdb", "gro") else \
        mdtraj.load("a." + name, top="a.pdb")
    boxes = None
    if t.unitcell_lengths is not None and name != "xyz":
        boxes = np.hstack([t.unitcell_lengths * 10, t.unitcell_angles])
        if name == "pdb":  # which knows one box for all models
            boxes = None
    check(name, t.xyz, None if name in ("pdb", "dcd", "xyz") else t.time, boxes, 10)
def by_h5py(name):
    import h5py
    with h5py.File("a." + name) as f:
        p = f["particles/trajectory/position"]
        assert list(f["h5md"].attrs["version"]) == [1, 1]
        assert p["value"].attrs["unit"] in (b"Angstrom", "Angstrom")
        assert p["value"].chunks == (1, wanted.shape[1], 3), p["value"].chunks
        check(name, p["value"][:], p["time"][:], None)
for name in formats:
    if name == sys.argv[-1]:
        continue
    try:
        {"mdanalysis": by_mdanalysis, "mdtraj": by_mdtraj,
         "h5py": by_h5py}[reader](name)
        print("ok", name)
    except Exception as e:
        print("not ok", name, repr(e))
END

# read_by PYTHON READER FORMATS: one test for each.
read_by() {
    tap_python=$1 tap_reader=$2
    # shellcheck disable=SC2086
    [ -z "$tap_python" ] ||
        "$tap_python" -W ignore reads.py "$tap_reader" $3 "$top" >reads 2>&1
    for tap_format in $3; do
        if [ -z "$tap_python" ]; then
            skip "no $tap_reader" "$tap_reader reads $tap_format"
        else
            grep -qx "ok $tap_format" reads
            ok $? "$tap_reader reads $tap_format" ||
                { grep "^not ok $tap_format" reads >why; diag_file why; }
        fi
    done
}
without() {
    echo "$formats" | tr ' ' '\n' | grep -vxE "$1" | tr '\n' ' '
}
# MDAnalysis reads the first frame only of a GRO file.
read_by "$mda" mdanalysis "$(without 'npz|gro')"
if [ -n "$EXPENSIVE" ]; then
    read_by "$mdtraj" mdtraj "$(without 'npz|h5md')"
else
    skip "EXPENSIVE=1 asks for it" "mdtraj"
fi
case $formats in
*h5md*) read_by "$(python_with h5py)" h5py h5md ;;
esac

if ! command -v gmx >/dev/null; then
    skip "no gmx" "gmx reads what we write"
    done_testing
fi
for format in xtc trr gro pdb; do
    gmx -quiet check -f a.$format >check.log 2>&1
    is "$(awk '$1 == "Coords" { print $2, $3 }' check.log)" "7 9" \
        "gmx check of a.$format: frames and step" || diag_file check.log
done
gmx -quiet check -f double.trr >check.log 2>&1
like check.log 'double precision' "gmx check of double.trr"
# The integers of XTC are those that gmx makes of the same floats.
gmx -quiet trjconv -f a.trr -o gmx.xtc >check.log 2>&1
run_fw convert a.trr -o ours.xtc
exits 0 "TRR to XTC"
same ours.xtc gmx.xtc "the same bytes as gmx's, from TRR"
if have_data; then
    gmx -quiet trjconv -f "$DATA/cobrotoxin.trr" -o gmx.xtc >check.log 2>&1
    run_fw convert "$DATA/cobrotoxin.trr" -o ours.xtc --force
    same ours.xtc gmx.xtc "... of 19,385 atoms with water"
    gmx -quiet trjconv -f "$DATA/cobrotoxin.trr" -ndec 4 -o gmx.xtc >check.log 2>&1
    run_fw convert "$DATA/cobrotoxin.trr" -o ours.xtc --force --precision 4
    same ours.xtc gmx.xtc "... with four decimals"
    gmx -quiet dump -f "$DATA/cobrotoxin.trr" 2>/dev/null | tail -n +2 >theirs
    run_fw convert "$DATA/cobrotoxin.trr" -o copy.trr
    gmx -quiet dump -f copy.trr 2>/dev/null | tail -n +2 >ours
    # Lambda is not kept.
    sed -i 's/lambda *= *[^ ]*//; s/^.*\.trr frame/frame/' ours theirs
    same ours theirs "velocities and forces of TRR as gmx dump shows them"
else
    skip "$no_data" "XTC from TRR with water"
fi

done_testing
