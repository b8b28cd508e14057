#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Records what the planner looks at on this machine, in one text file on standard output,
# for `framewalk plan --machine FILE` elsewhere. Of the environment only the variables that
# it knows.
set -u

section() {
    [ -r "$1" ] || return 0
    echo "== $1"
    cat "$1"
}

# Limits of the groups above $2 below the mount point $1.
group() {
    point=$1 path=$2
    shift 2
    while :; do
        for name; do section "$point$path/$name"; done
        [ -n "$path" ] || break
        path=${path%/*}
    done
}

echo "== /env"
env | grep -E '^(SLURM_(CPUS_PER_TASK|MEM_PER_NODE|MEM_PER_CPU|CPUS_ON_NODE)|OMP_NUM_THREADS|PBS_NCPUS|NCPUS|PBS_NUM_PPN|LSB_DJOB_NUMPROC|LSB_MAX_NUM_PROCESSORS)='
echo "== /proc/self/status"
grep '^Cpus_allowed_list' /proc/self/status
echo "== /proc/meminfo"
grep -E '^Mem(Total|Available):' /proc/meminfo
section /proc/self/limits
section /proc/self/cgroup
echo "== /proc/self/mountinfo"
grep -E ' - cgroup2? ' /proc/self/mountinfo
section /sys/devices/system/cpu/online
section /sys/devices/cpu_atom/cpus
for cpu in /sys/devices/system/cpu/cpu[0-9]*; do
    section "$cpu/topology/thread_siblings_list"
    section "$cpu/cpu_capacity"
    section "$cpu/cpufreq/cpuinfo_max_freq"
done
for node in /sys/devices/system/node/node[0-9]*; do section "$node/cpulist"; done
grep -E ' - cgroup2? ' /proc/self/mountinfo | while read -r _ _ _ root point rest; do
    case $rest in
    *' - cgroup2 '*) key='^0::' ;;
    *' - cgroup '*cpu*) key='[:,]cpu[,:]' ;;
    *' - cgroup '*memory*) key=':memory:' ;;
    *) continue ;;
    esac
    own=$(grep -E "$key" /proc/self/cgroup | head -n 1 | cut -d: -f3-)
    [ "$root" = / ] || own=${own#"$root"}
    group "$point" "${own%/}" cpu.max memory.max memory.high cpu.cfs_quota_us \
        cpu.cfs_period_us memory.limit_in_bytes
done
