#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Everything that reads files, given small valid inputs and the same with changes at
# random. Five seconds for each target, a minute with EXPENSIVE=1; `make fuzz` searches
# in earnest.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

build=${FW_BUILDDIR:-$(dirname "$FW")}
seconds=5
[ -z "$EXPENSIVE" ] || seconds=60
[ -x "$build/t/fuzz/try-config" ] || skip_all "t/fuzz/try-config is not built"

mkdir seeds
if [ -x "$build/t/unit/traj-hostile" ]; then
    FW_SRCDIR=$SRC FUZZ_SEEDS=seeds "$build/t/unit/traj-hostile" >/dev/null
fi
for target in bod config h5md index radii select topology traj; do
    set --
    if [ $target = traj ]; then
        set -- seeds/*
        [ -e "$1" ] || set --
    fi
    "$build/t/fuzz/try-$target" $seconds "$@" >out 2>err
    ok $? "$target: $(cat out)" || diag_file err
done

done_testing
