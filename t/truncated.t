#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Trajectories cut short: refused with file, frame and offset, unless --allow-truncated.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

top=$SRC/examples/kunitz.pdb
fast="--walks 500 --interior-samples 100 --seed 1 -q --force"

head -c 20000 "$SRC/examples/kunitz.xtc" >cut.xtc
refused 3 "cut.xtc: frame 4 at byte offset [0-9]+: " "a cut file" run "$top" cut.xtc -q
# shellcheck disable=SC2086
run_fw run "$top" cut.xtc --allow-truncated $fast -o cut.csv
exits 0 "--allow-truncated"
is "$(wc -l <err)" 1 "... with one line on standard error"
like err "warning: 4 frames kept of a damaged file: cut.xtc: frame 4 at byte offset" \
    "... which says what is kept and what is wrong"
# shellcheck disable=SC2086
run_fw run $KUNITZ --frames :4 $fast -o whole.csv
csv_rows whole.csv >whole
csv_rows cut.csv >cut
is "$(wc -l <cut)" 4 "four frames"
same cut whole "... the same as of the whole file"

head -c 1000 "$SRC/examples/kunitz.xtc" >none.xtc
refused 3 "none.xtc: frame 0 at" "not one good frame" run "$top" none.xtc \
    --allow-truncated -q
: >empty.xtc
refused 3 "empty.xtc: the file is empty" "an empty file" run "$top" empty.xtc \
    --allow-truncated -q
# shellcheck disable=SC2086
run_fw run $KUNITZ --frames :1 --allow-truncated $fast -o -
is "$status $(wc -l <err)" "0 0" "a whole file: no warning"

done_testing
