#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# framewalk convert: atoms, frames and formats through the whole program. t/oracles.t
# has other programs read what it writes.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"
# shellcheck source=t/lib/processes.sh
. "$SRC/t/lib/processes.sh"

# shellcheck disable=SC2086
set -- $KUNITZ
top=$1 traj=$2

# frames FILE: how many there are, by info.
frames() {
    "$FW" info --json "$1" 2>/dev/null | grep -o '"n_frames": [0-9]*' | head -n 1 |
        grep -o '[0-9]*'
}

run_fw convert "$traj" -o same.xtc
exits 0 "XTC to XTC"
same same.xtc "$traj" "... gives the same bytes back"
like out '^output +same.xtc: XTC, 151 frames' "... and a summary"
is "$(cat err)" "" "... without warnings"
run_fw convert -q "$traj" -o quiet.xtc
is "$(cat out err)" "" "--quiet"

# To standard output, which has no way back.
"$FW" convert -q "$traj" -o - --output-format xtc >piped.xtc 2>err
is "$? $(cat err)" "0 " "standard output"
same piped.xtc "$traj" "... takes the same bytes"
run_fw convert "$top" "$traj" -o - --output-format gro --frames :2
is "$(grep -c '^Generated\|^ *1112$' out)" 2 "... and text, and nothing else"
like err '^output +standard output: GRO, 2 frames' "... with the summary elsewhere"
refused 2 "--output -: no format for standard output: give --output-format" \
    "... which has no extension" convert "$traj" -o -
for format in dcd nc npz; do
    refused 2 "--output -: .* files cannot be written to standard output" \
        "... no $format" convert "$traj" -o - --output-format $format
done
refuse "... nor a file of that name" test -e -

# Through the formats that keep as many digits, to the same numbers.
run_fw convert "$traj" -o five.npz --frames :5
run_fw convert "$traj" -o five.xtc --frames :5
for format in trr nc h5md; do
    run_fw convert "$traj" -o between.$format --frames :5
    if grep -q "unknown extension\|HDF5" err; then
        skip "not there" "XTC to $format and back"
        continue
    fi
    exits 0 "XTC to $format"
    # A box of three vectors has its angles to the last digits only.
    kind=npz
    [ "$format" != h5md ] || kind=xtc
    run_fw convert between.$format -o back.$kind --force
    if [ "$status" -eq 3 ]; then
        skip "cannot be read" "$format to $kind"
        continue
    fi
    same back.$kind five.$kind "$format to $kind"
done
run_fw convert -s "$top" -f "$traj" --frames 2:3 -o third.gro
exits 0 "XTC to GRO"
run_fw convert third.gro -o third.xtc
run_fw convert "$traj" --frames 2:3 -o direct.xtc
# The step of the title is not read.
cut_head() {
    tail -c +57 "$1" >"$2"
}
cut_head third.xtc a
cut_head direct.xtc b
same a b "XTC to GRO and back"

# Atoms and frames.
run_fw convert -s "$top" -f "$traj" --select 'name CA' --frames ::50 -o ca.pdb
exits 0 "a selection, and every 50th frame"
is "$(grep -c '^ATOM.* CA ' ca.pdb) $(grep -c '^MODEL' ca.pdb)" "284 4" \
    "... are what is in the file"
like out 'atoms +71 of 1112 \(name CA\)' "... and in the summary"
run_fw convert "$traj" --select 'index 0:9' -o ten.dcd
exits 0 "atoms by index need no topology"
like out 'atoms +10 of 1112' "... ten of them"
refused 3 "selects none of its 1112 atoms, which it does not name" \
    "atoms by name need one" convert "$traj" --select protein -o no.dcd
refused 3 "'resname NIL' selects none" "a selection of nothing" \
    convert "$top" "$traj" --select 'resname NIL' -o no.dcd
run_fw convert "$traj" -b 10 -e 20 --dt 2 -o times.xtc
is "$(frames times.xtc)" 6 "-b, -e and --dt"
run_fw convert "$top" "$traj" -f "$traj" --frames -2: -o last.xtc
is "$(frames last.xtc)" 2 "--frames from the end of two trajectories"
run_fw convert "$top" -o single.pdb
exits 0 "the topology's own coordinates"
refuse "... in a file without models" grep -q MODEL single.pdb

# Precision.
size() {
    wc -c <"$1" | tr -d ' '
}
run_fw convert "$traj" -o fine.xtc --precision 5
[ "$(size fine.xtc)" -gt "$(($(size same.xtc) + 100000))" ]
ok $? "--precision 5: a larger XTC file"
run_fw convert fine.xtc -o fine2.xtc
same fine2.xtc fine.xtc "... whose precision is kept"
run_fw convert fine.xtc -o coarse.xtc --precision 3
same coarse.xtc same.xtc "... until another one is asked for"
run_fw convert "$traj" -o double.trr --frames :1 --precision double
run_fw convert "$traj" -o float.trr --frames :1
is "$(($(size double.trr) - $(size float.trr)))" $((4 * (3 * 1112 + 9 + 2))) \
    "--precision double"
run_fw convert "$top" "$traj" --frames :1 -o fine.gro --precision 6
like fine.gro '[0-9]\.[0-9]{6} +[0-9.-]+$' "decimals of a GRO file"

# Names longer than columns; hybrid-36 where numbers are.
{
    echo "long names"
    echo 2
    echo "12345LONGNABCDE99999   1.000   1.000   1.000"
    echo "    1ALA     CA    2   2.000   1.000   1.000"
    echo "   0.0 0.0 0.0"
} >long.gro
run_fw convert long.gro -o long.pdb
exits 0 "names longer than PDB's columns"
like err 'warning: 1 atom have names or residue names' "... are cut with a warning"
like long.pdb '^ATOM      1 ABCD LONG A1T5 ' "... as are numbers written in base 36"
refuse "no box, no CRYST1" grep -q CRYST1 long.pdb

# XYZ with elements and the box of extended XYZ.
run_fw convert -s "$top" -f "$traj" --frames :1 -o one.xyz
like one.xyz '^Lattice="56\.4343.*" Properties=species:S:1:pos:R:3 Time=0\.00000$' \
    "XYZ: box and time in the comment"
is "$(tail -n +3 one.xyz | cut -c 1-3 | sort | uniq -c | tr -s ' \n' ' ')" \
    " 364 C 527 H 95 N 119 O 7 S " "XYZ: elements"

run_fw convert --help
exits 0 "convert --help"
for option in topology trajectory format allow-truncated frames begin end dt select \
    output output-format precision chunk compression unwrap force progress quiet; do
    grep -q -e "--$option " out || echo "$option"
done >absent
is "$(cat absent)" "" "... has every option"

# What cannot be done.
refused 2 "no output" "no output" convert "$traj"
refused 2 "no input" "no input" convert -o no.xtc
refused 2 "--output: no.mp3: unknown extension \(known: xtc trr dcd" \
    "an unknown extension" convert "$traj" -o no.mp3
refused 2 "unknown output format 'mp3'" "an unknown format" \
    convert "$traj" -o no.xtc --output-format mp3
run_fw convert "$traj" -o some.name --output-format xtc
same some.name "$traj" "--output-format"
refused 2 "PDB files name their atoms: give a topology \(-s\)" "missing names" \
    convert "$traj" -o no.pdb
refused 2 "same.xtc exists already \(--force" "an existing output" \
    convert "$traj" -o same.xtc
refused 1 "folder no/such: No such file" "a missing folder" \
    convert "$traj" -o no/such/file.xtc
refused 2 "--precision: 'x' is not float, double or a number" "--precision x" \
    convert "$traj" -o no.xtc --precision x
refused 2 "--precision: '10' .*allowed: 0 to 9" "--precision 10" \
    convert "$traj" -o no.xtc --precision 10
refused 2 "--chunk: '0' is not FRAMES" "--chunk 0" convert "$traj" -o no.xtc --chunk 0
refused 2 "--chunk: '2x' is not FRAMES" "--chunk 2x" \
    convert "$traj" -o no.xtc --chunk 2x
refused 2 "--compression: 'lzma' is not none" "--compression lzma" \
    convert "$traj" -o no.xtc --compression lzma
refused 2 "unknown option --walks" "an option of run" \
    convert "$traj" -o no.xtc --walks 10
is "$(ls no.* .framewalk* 2>/dev/null)" "" "failures leave nothing behind"

# Damage.
head -c 100000 "$traj" >cut.xtc
refused 3 "cut.xtc: frame [0-9]+ at byte offset [0-9]+" "a damaged input" \
    convert cut.xtc -o kept.xtc
refuse "... leaves no output" test -e kept.xtc
run_fw convert cut.xtc -o kept.xtc --allow-truncated
exits 0 "--allow-truncated"
like err 'warning: [0-9]+ frames kept of a damaged file' "... warns"
cmp -n "$(size kept.xtc)" kept.xtc "$traj"
ok $? "... and keeps the good frames"

# A full disk: files may not grow beyond 8 KiB.
for format in xtc h5md; do
    (
        trap '' XFSZ
        ulimit -f 16
        "$FW" convert "$traj" -o full.$format >out 2>err
        echo $? >status
    )
    if grep -q "built without" err; then
        skip "no HDF5" "a full disk: $format"
        continue
    fi
    is "$(cat status)" 1 "a full disk is a run-time failure: $format"
    like err "^framewalk: full.$format: .*File too large" "... which names the file"
    is "$(ls full.* .framewalk* 2>/dev/null)" "" "... and leaves nothing behind"
done

# Equal data, equal files; chunks as asked for.
run_fw convert "$traj" -o a.h5md --frames :5 --chunk 2x100 --compression 1
if [ "$status" -eq 0 ]; then
    run_fw convert "$traj" -o b.h5md --frames :5 --chunk 2x100 --compression 1
    same a.h5md b.h5md "H5MD: the same bytes again"
    refused 2 "--chunk: 13344000000 bytes are too many" "a chunk of 13 GB" \
        convert "$traj" -o no.h5md --chunk 1000000
else
    skip "no HDF5" "H5MD: the same bytes again"
fi

# Stopped in between: what is done has another name.
args=
for _ in 1 2 3 4 5 6 7 8; do
    args="$args $traj $traj $traj $traj $traj"
done
# shellcheck disable=SC2086
"$FW" convert -q -s "$top" -f "$traj" $args $args -o stopped.pdb 2>err &
pid=$!
# begun PID: whether it has written some of an output, which has no name yet.
begun() {
    for fd in "/proc/$1/fd"/*; do
        case $(readlink "$fd") in
        *"(deleted)") [ "$(stat -Lc %s "$fd")" -lt 4096 ] || return 0 ;;
        esac
    done
    return 1
}
wait_for begun $pid
kill -INT $pid
wait $pid
is $? 130 "stopped by a signal"
refuse "... no file that looks complete" test -e stopped.pdb
[ "$(frames stopped.pdb.partial)" -gt 0 ]
ok $? "... but its beginning"

# npz, with numpy where it is there.
run_fw convert "$traj" -o all.npz --frames :7
exits 0 "npz"
if [ -n "$PY" ] && "$PY" -c 'import numpy' 2>/dev/null; then
    "$PY" - <<'END' >out 2>err
import numpy, zipfile
z = numpy.load("all.npz")
assert zipfile.ZipFile("all.npz").testzip() is None
p = z["positions"]
assert p.shape == (7, 1112, 3) and p.dtype == numpy.float32, (p.shape, p.dtype)
assert list(z["time_ps"]) == [0, 1, 2, 3, 4, 5, 6]
box = [56.4343, 56.4343, 56.4344, 60, 60, 90]
assert z["box"].shape == (7, 6) and abs(z["box"][0] - box).max() < 1e-3
END
    ok $? "npz: shapes, types and numbers" || diag_file err
else
    skip "no numpy" "npz: shapes, types and numbers"
fi

done_testing
