#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The commands that README and the help show must work as they stand (fewer walks, for
# time), and README's links must lead somewhere.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

ln -s "$SRC/examples" examples
mkdir bin
ln -s "$FW" bin/framewalk
PATH=$PWD/bin:$PATH

cat "$SRC/README.md" "$SRC/examples/README.md" |
    sed -n 's/^    \(framewalk run examples.*\)/\1/p' >commands
[ -s commands ]
ok $? "README shows commands"
while read -r command; do
    sh -c "$command --walks 500 --interior-samples 500 --frames ::50 --force -q" \
        >out 2>err </dev/null
    status=$?
    [ $status -eq 0 ]
    ok $? "$command" || diag_file err
done <commands

for link in $(grep -o '](\([a-zA-Z][^):]*\))' "$SRC/README.md" | tr -d '()]'); do
    [ -e "$SRC/$link" ]
    ok $? "README's link to $link"
done

done_testing
