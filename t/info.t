#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# framewalk info: what is said of files, to people and as JSON.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

# shellcheck disable=SC2086
set -- $KUNITZ
top=$1 traj=$2

# json EXPRESSION: of the object d, the last output as JSON.
json() {
    "$PY" -c "import json; d = json.load(open('out')); print($1)" 2>&1
}

run_fw info "$top" "$traj"
exits 0 "topology and trajectory"
like out '^trajectory +.*kunitz.xtc$' "the trajectory's name"
like out '^  format +XTC' "its format"
like out '^  frames +151, 0 to 150 ps, every 1 ps$' "its frames and times"
like out '^  atoms +1112$' "its atoms"
like out '^  box +56.4343 x 56.4343 x 56.4344 A, angles 60 60 90$' "its box"
like out '^  atoms +1112 in 71 residues' "the topology"
like out '^  elements +H 527  C 364  O 119  N 95  S 7$' "its elements"
like out '^selection +protein or nucleic$' "the default selection"
like out '^  S +7  1\.8 +SD SG$' "the table of radii: element, atoms, radius, names"
is "$(grep -v '^trajectory\|^topology' out | awk 'length > 80')" "" "80 columns"
run_fw info "$traj"
exits 0 "a trajectory alone"
refuse "... has no selection" grep -q '^selection' out
run_fw info "$top"
exits 0 "a topology alone"
like out '^  frames +1' "... has a frame"
run_fw info -s "$top" -f "$traj" -f "$traj"
like out '^together$' "two trajectories"
like out '^  frames +302' "... have twice the frames"

models 1.000 2.000 3.000 >models.pdb
run_fw info models.pdb
like out '^  frames +3, without times$' "no times"
like out '^  box +none$' "no box"

if [ -z "$PY" ]; then
    skip "no python3" "--json"
else
    run_fw info -s "$top" -f "$traj" --select 'name CA and resid 1:3' --json
    exits 0 "--json"
    is "$(json '*[d[k] for k in ("format", "n_atoms", "n_frames")]')" "XTC 1112 151" \
        "format, atoms, frames"
    is "$(json 'd["first_time_ps"], d["last_time_ps"]')" "0.0 150.0" "times"
    is "$(json '*["%.3f" % x for x in d["box"]]')" \
        "56.434 56.434 56.434 60.000 60.000 90.000" "box"
    is "$(json 'sorted(d["elements"].items())')" \
        "[('C', 364), ('H', 527), ('N', 95), ('O', 119), ('S', 7)]" "elements"
    is "$(json 'd["selection"]["expression"], d["selection"]["n"]')" \
        "name CA and resid 1:3 3" "selection"
    is "$(json 'len(d["selection"]["indices"])')" 3 "... its atoms"
    is "$(json 'd["radii"][0]["element"], d["radii"][0]["radius"]')" "C 1.7" \
        "... their radii"
    run_fw info models.pdb --json
    is "$(json 'd["box"], d["first_time_ps"], d["last_time_ps"], d["has_times"]')" \
        "None 0.0 2.0 False" "no box, no times"
    run_fw info "$traj" --json
    is "$(json 'd["elements"], d["topology_format"], d["damage"]')" "{} None None" \
        "no names"
    run_fw info "$top" --select 'resname NIL' --json
    is "$(json 'd["selection"]["n"], d["selection"]["indices"]')" "0 []" \
        "a selection of nothing is no error"
fi

head -c 100000 "$traj" >cut.xtc
run_fw info cut.xtc
exits 3 "a file that is cut short"
like out '^  damaged +after 23 good frames$' "... tells how many frames are good"
like out '^  frames +23, 0 to 22 ps' "... and their times"
like err '^framewalk: .*cut.xtc: frame 23 at byte offset [0-9]+' "... and what is wrong"
run_fw info cut.xtc --allow-truncated
exits 0 "... which may be so"
like err 'warning: 23 frames kept' "... with a warning"
head -c 50 "$traj" >nothing.xtc
refused 3 "nothing.xtc: frame 0 at byte offset 0" "no good frame" info nothing.xtc
: >empty.xtc
refused 3 "empty.xtc" "an empty file" info empty.xtc
refused 3 "none.xtc: No such file|none.xtc.*No such file" "no file" info none.xtc
run_fw info --help
exits 0 "info --help"
refused 2 "no input" "no name" info
refused 2 "unknown option --frames" "an option of run" info "$traj" --frames :3

atom 1 0.000 0.000 0.000 XX UNK | cut -c 1-66 >strange.pdb
run_fw info strange.pdb
exits 0 "an atom without a radius"
like out '^  radii +none: .*UNK:XX' "... is named"

done_testing
