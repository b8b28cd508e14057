#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# The rooms under src and who may include whom, as a failing test instead of a matter of
# taste; then the first line and the width of every source file.
# shellcheck source=t/lib/tap.sh
. "$(dirname "$0")/lib/tap.sh"

# A room may include itself, util, and what stands here: rooms, or single headers.
cat >rooms <<'END'
util
rng
geom
stats
mol geom
traj mol
hydro rng geom stats simd
simd rng geom hydro/hits.h hydro/tally.h
analysis geom stats mol
engine traj mol hydro analysis stats pool out/results.h
pool
plan
out stats
save mol traj out
dist engine pool out
api engine out/results.h framewalk/framewalk.h
cli *
END

# System headers that only some rooms may use, or that one may not.
cat >system <<'END'
hydro !stdio.h !pthread.h !time.h !sys/time.h !unistd.h !sys/wait.h
geom !stdio.h !pthread.h !time.h !unistd.h
rng !stdio.h !pthread.h !time.h !unistd.h
pool !math.h
END

# ROOM FILE:LINE HEADER of every include of our own, and "<HEADER" of the others.
includes() {
    grep -nE '^[[:space:]]*#[[:space:]]*include' "$@" /dev/null |
        sed -nE "s|^$tree/([a-z0-9]+)/([^:]*:[0-9]+):[^\"<]*\"([^\"]*)\".*|\\1 \\2 \\3|p
                 s|^$tree/([a-z0-9]+)/([^:]*:[0-9]+):[^\"<]*(<[^>]*)>.*|\\1 \\2 \\3|p"
}

violations() {
    awk '
        FILENAME == "rooms" {
            for (i = 2; i <= NF; i++) may[$1, $i]
            known[$1]
            next
        }
        FILENAME == "system" {
            for (i = 2; i <= NF; i++) never[$1, "<" substr($i, 2)]
            next
        }
        !($1 in known) { print $1 "/" $2 ": a room without rules"; next }
        $3 == "config.h" { next }
        $3 ~ /^</ {
            if (($1, $3) in never || ($3 == "<mpi.h" && $1 != "dist"))
                print $1 "/" $2 ": " $3 ">"
            next
        }
        {
            room = $3
            if (!sub(/\/.*/, "", room))
                print $1 "/" $2 ": " $3 " is not relative to src"
            else if (room != $1 && room != "util" && !(($1, room) in may) &&
                     !(($1, $3) in may) && !(($1, "*") in may))
                print $1 "/" $2 ": " $3
        }' rooms system "$1"
}

# The rules themselves must be able to fail.
tree=made
mkdir -p made/geom made/hydro made/pool made/attic made/engine
printf '#include "geom/a.h"\n#include "util/err.h"\n#include <math.h>\n' >made/geom/a.c
printf '#include "cli/a.h"\n # include "b.h"\n' >made/geom/b.c
printf '#include "geom/a.h"\n#include <time.h>\n' >made/hydro/a.c
printf '#include <mpi.h>\n#include "mol/atoms.h"\n' >made/pool/a.c
printf '#include "out/results.h"\n#include "out/csv.h"\n' >made/engine/a.c
printf '#include "util/err.h"\n' >made/attic/a.c
includes made/*/*.c >made.list
cat >want <<'END'
attic/a.c:1: a room without rules
engine/a.c:2: out/csv.h
geom/b.c:1: cli/a.h
geom/b.c:2: b.h is not relative to src
hydro/a.c:2: <time.h>
pool/a.c:1: <mpi.h>
pool/a.c:2: mol/atoms.h
END
violations made.list | sort >got
same got want "the rules find what is wrong"

tree=$SRC/src
includes "$SRC"/src/*/*.[ch] >src.list
[ "$(wc -l <src.list)" -gt 300 ]
ok $? "includes are found in src" || diag_file src.list
violations src.list >got
check "rooms include only what they may" test ! -s got || diag_file got
is "$(ls "$SRC"/src/*.[ch] 2>/dev/null)" "" "no source file outside the rooms"

for file in "$SRC"/src/*/*.[ch] "$SRC"/include/*/*.h "$SRC"/t/unit/*.[ch]; do
    [ "$(head -n 1 "$file")" = '/* SPDX-License-Identifier: GPL-3.0-or-later */' ] ||
        echo "$file"
done >got
check "C files begin with their licence" test ! -s got || diag_file got
for file in "$SRC"/t/*.t "$SRC"/t/lib/*.sh; do
    head -n 2 "$file" | grep -q '^# SPDX-License-Identifier: GPL-3.0-or-later$' ||
        echo "$file"
    [ -x "$file" ] || [ "${file##*.}" = sh ] || echo "$file is not executable"
done >got
check "scripts begin with their licence and can be run" test ! -s got || diag_file got

perl -CSD -ne 'chomp; print "$ARGV:$.\n" if length > 88 || /\t/; close ARGV if eof' \
    "$SRC"/src/*/*.[ch] "$SRC"/include/*/*.h "$SRC"/t/unit/*.[ch] "$SRC"/t/*.t \
    "$SRC"/t/lib/*.sh >got
check "no line over 88 columns, no tabs" test ! -s got || diag_file got

done_testing
