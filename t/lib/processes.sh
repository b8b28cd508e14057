# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=sh
# For the whole-program tests that watch processes, behind tap.sh. Nothing here takes a
# busy machine for a broken program.

# A zombie whose new parent has not looked yet is gone as well.
alive() {
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | grep -q '^[^ZX]'
}

# children PID: pids of its children that are not dead. (The system may list them, which
# on a busy machine is much faster than a look at all processes.)
children() {
    if [ -r "/proc/$1/task/$1/children" ]; then
        read -r list <"/proc/$1/task/$1/children"
        for pid in $list; do
            ! alive "$pid" || echo "$pid"
        done
        return
    fi
    cat /proc/[0-9]*/stat 2>/dev/null | awk -v parent="$1" '
        { pid = $1; sub(/.*\) /, ""); if ($2 == parent && $1 !~ /[ZX]/) print pid }'
}

now_ms() {
    date +%s%3N
}

# scaled MS: what takes so long on an idle machine may take on this one.
scaled() {
    awk -v ms="$1" -v load="$(load)" \
        'BEGIN { print int(ms * (load > 1 ? 2 * load : 1)) }'
}

# wait_for COMMAND...: until it succeeds, for a minute at most.
wait_for() {
    tap_until=$(($(now_ms) + 60000))
    until "$@"; do
        [ "$(now_ms)" -lt "$tap_until" ] || return 1
        sleep 0.05
    done
}

# gone_within MS PID...
gone_within() {
    until=$(($(now_ms) + $1))
    shift
    for pid; do
        while alive "$pid"; do
            [ "$(now_ms)" -lt "$until" ] || return 1
            sleep 0.02
        done
    done
}

# grown FILE: whether it has more bytes than when this was asked first.
grown() {
    size=$(wc -c 2>/dev/null <"$1") || return 1
    [ "$size" -gt 0 ] || return 1
    : "${size_before:=$size}"
    [ "$size" -gt "$size_before" ]
}

# wait_grown FILE: until more is in it than when it was seen first.
wait_grown() {
    size_before=
    wait_for grown "$1"
}
