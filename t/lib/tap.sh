# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2317
# TAP for the whole-program tests, which begin with
#     . "$(dirname "$0")/lib/tap.sh"
# and end with done_testing. They run in a folder of their own that is removed at the
# end, and know: $FW, the program; $SRC, the source tree; $DATA, reference data that may
# be absent (need_data); $PY, python3 or nothing.

fail() {
    echo "Bail out! $*"
    exit 1
}

absolute() {
    case $1 in
    /*) echo "$1" ;;
    *) echo "$PWD/$1" ;;
    esac
}

SRC=$(cd "${FW_SRCDIR:-$(dirname "$0")/..}" && pwd) || fail "no source tree"
FW=$(absolute "${FW:-$SRC/build/framewalk}")
DATA=$(absolute "${FW_SHARED_DATA:-$SRC/../shared/data}")
KUNITZ="$SRC/examples/kunitz.pdb $SRC/examples/kunitz.xtc"
PY=$(command -v python3) || PY=

# The tests of the sources need no program.
case ${0##*/} in
lint-*) ;;
*) [ -x "$FW" ] || fail "no program $FW (FW names it)" ;;
esac

# What a user's session may hold must not reach the tests.
unset OMP_NUM_THREADS SLURM_CPUS_PER_TASK SLURM_MEM_PER_NODE SLURM_MEM_PER_CPU \
    SLURM_CPUS_ON_NODE PBS_NCPUS NCPUS PBS_NUM_PPN LSB_DJOB_NUMPROC \
    LSB_MAX_NUM_PROCESSORS
LC_ALL=C
export LC_ALL

TMP=$(mktemp -d "${TMPDIR:-/tmp}/framewalk-test.XXXXXX") || fail "no temporary folder"
trap 'cd /; rm -rf "$TMP"' EXIT
trap 'exit 1' HUP INT TERM
cd "$TMP" || fail "cannot enter $TMP"
# ... nor may they change what is there.
XDG_CACHE_HOME=$TMP/.cache
export XDG_CACHE_HOME

tap_n=0
tap_failed=0

diag() {
    printf '%s\n' "$@" | sed 's/^/# /' >&2
}

diag_file() {
    head -n 20 "$1" | cut -c1-200 | sed "s|^|# $(basename "$1"): |" >&2
}

# ok STATUS NAME
ok() {
    tap_n=$((tap_n + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $tap_n - $2"
    else
        echo "not ok $tap_n - $2"
        tap_failed=$((tap_failed + 1))
    fi
    return "$1"
}

# check NAME COMMAND...: passes when the command does.
check() {
    tap_name=$1
    shift
    "$@"
    ok $? "$tap_name"
}

# refuse NAME COMMAND...: passes when the command fails.
refuse() {
    tap_name=$1
    shift
    ! "$@"
    ok $? "$tap_name"
}

# is GOT WANTED NAME
is() {
    [ "$1" = "$2" ]
    ok $? "$3" || diag "got '$1'" "not '$2'"
}

# like FILE REGEX NAME, an extended regular expression.
like() {
    grep -Eq -e "$2" "$1"
    ok $? "$3" || { diag "nothing like '$2' in"; diag_file "$1"; }
}

unlike() {
    [ -r "$1" ] && ! grep -Eq -e "$2" "$1"
    ok $? "$3" || { diag "there is something like '$2' in"; diag_file "$1"; }
}

# same FILE FILE NAME: byte for byte, and not for want of any.
same() {
    [ -s "$1" ] && cmp "$1" "$2" >cmp.txt 2>&1
    ok $? "$3" || diag_file cmp.txt
}

differ() {
    cmp -s "$1" "$2"
    [ $? -eq 1 ]
    ok $? "$3" || diag "$1 and $2 are the same, or not there"
}

# skip REASON NAME
skip() {
    tap_n=$((tap_n + 1))
    echo "ok $tap_n - $2 # SKIP $1"
}

skip_all() {
    echo "1..0 # SKIP $1"
    exit 0
}

have_data() {
    [ -r "$DATA/reference.json" ]
}

no_data="no reference data (FW_SHARED_DATA)"

done_testing() {
    echo "1..$tap_n"
    [ "$tap_failed" -eq 0 ]
    exit
}

# load: how many processes want each core, now or of late; 1 where nothing is known.
load() {
    awk -v n="$(nproc)" '{
        split($4, running, "/")
        print ($1 > running[1] ? $1 : running[1]) / n }' /proc/loadavg 2>/dev/null ||
        echo 1
}

# run_fw ARGUMENT...: leaves $status and the files out and err.
run_fw() {
    "$FW" "$@" >out 2>err
    status=$?
}

# exits STATUS NAME, of the last run_fw.
exits() {
    is "$status" "$1" "$2" || diag_file err
}

# refused STATUS REGEX NAME ARGUMENT...: the program ends with that status, says nothing
# on standard output, and one line, which matches, on standard error.
refused() {
    tap_want=$1 tap_regex=$2 tap_name=$3
    shift 3
    run_fw "$@"
    [ "$status" -eq "$tap_want" ] && [ ! -s out ] && [ "$(wc -l <err)" -eq 1 ] &&
        grep -Eq -e "$tap_regex" err
    ok $? "$tap_name" && return
    diag "framewalk $*" "status $status, wanted $tap_want and '$tap_regex'"
    diag_file out
    diag_file err
}

# The rows of a CSV result, without comments and header.
csv_rows() {
    grep -v '^#' "$1" | tail -n +2
}

csv_header() {
    grep -v '^#' "$1" | head -n 1
}

# csv_column FILE NAME: one value a line; nothing where there is no such column.
csv_column() {
    awk -F, -v name="$2" '
        /^#/ { next }
        !at { for (i = 1; i <= NF; i++) if ($i == name) at = i; if (!at) exit; next }
        { print $at }' "$1"
}

# near A B RELATIVE: as numbers.
near() {
    awk -v a="$1" -v b="$2" -v tolerance="$3" 'BEGIN {
        if (a == "" || b == "") exit 1
        size = b < 0 ? -b : b
        difference = a > b ? a - b : b - a
        exit !(difference <= tolerance * size) }'
}

# is_near A B RELATIVE NAME
is_near() {
    near "$1" "$2" "$3"
    ok $? "$4" || diag "got $1" "not $2"
}

# atom N X Y Z [NAME [RESNAME [ELEMENT]]]: a line of a PDB file, coordinates as text.
atom() {
    printf 'ATOM  %5d  %-3s %3s A%4d    %8s%8s%8s  1.00  0.00          %2s\n' \
        "$1" "${5:-CA}" "${6:-ALA}" "$1" "$2" "$3" "$4" "${7:-C}"
}

# A PDB file of three atoms, the last of them at X (1.000 if not given).
three_atoms() {
    atom 1 0.000 0.000 0.000
    atom 2 3.800 0.000 0.000
    atom 3 3.800 3.800 "${1:-1.000}"
}

# models X...: a PDB file with a model of three_atoms for each X.
models() {
    tap_model=0
    for tap_x; do
        tap_model=$((tap_model + 1))
        printf 'MODEL     %4d\n' $tap_model
        three_atoms "$tap_x"
        echo ENDMDL
    done
    echo END
}
