/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "plan/probe_private.h"
#include "util/parse.h"

#include <limits.h>
#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define KIB_BYTES UINT64_C(1024)
#define MIB_BYTES (KIB_BYTES * 1024)

int probe_first_line(const char *root, const char *path, char *line, size_t bytes)
{
    char full[2 * PROBE_PATH_BYTES];
    int length = snprintf(full, sizeof full, "%s%s", root, path);
    if (length < 0 || (size_t)length >= sizeof full)
        return -1;
    FILE *file = fopen(full, "re");
    if (!file)
        return -1;
    bool got = fgets(line, (int)bytes, file) != NULL;
    fclose(file);
    size_t end = got ? strcspn(line, "\n") : 0;
    if (!got || end + 1 >= bytes)
        return -1;
    line[end] = '\0';
    return 0;
}

static uint64_t saturating_product(uint64_t a, uint64_t b)
{
    return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

/* What the kernel believes a new program can have without swapping. UINT64_MAX when it
   does not say. A line is "MemAvailable:    1234 kB", and its kB are KiB. */
static uint64_t available_memory(const char *root)
{
    static const char name[] = "MemAvailable:";
    char path[PROBE_PATH_BYTES], line[256];
    int length = snprintf(path, sizeof path, "%s/proc/meminfo", root);
    FILE *file = length > 0 && (size_t)length < sizeof path ? fopen(path, "re") : NULL;
    uint64_t bytes = UINT64_MAX;
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, name, sizeof name - 1) != 0)
            continue;
        char *number = line + sizeof name - 1;
        number += strspn(number, " \t");
        number[strspn(number, "0123456789")] = '\0';
        uint64_t kib;
        if (parse_u64(number, &kib))
            bytes = saturating_product(kib, KIB_BYTES);
        break;
    }
    if (file)
        fclose(file);
    return bytes;
}

/* A count in the environment, 0 when there is none. Of a list like "4,2" (one number a
   nesting level, says OpenMP) the first one counts. */
static uint64_t variable(const char *name)
{
    const char *text = getenv(name);
    char first[32];
    uint64_t number;
    if (!text)
        return 0;
    size_t length = strcspn(text, ",");
    if (length >= sizeof first)
        return 0;
    memcpy(first, text, length);
    first[length] = '\0';
    return parse_u64(first, &number) ? number : 0;
}

static void limit_cores(struct machine *machine, double cores, const char *source)
{
    /* Rounded down, as what lies beyond the quota is time in which the kernel stops all
       threads of the group; but less than one core still is one. */
    unsigned whole = cores < 1 ? 1 : cores > UINT_MAX ? UINT_MAX : (unsigned)cores;
    if (whole < machine->cores) {
        machine->cores = whole;
        machine->cores_source = source;
    }
}

static void limit_memory(struct machine *machine, uint64_t bytes, const char *source)
{
    if (bytes < machine->memory_bytes) {
        machine->memory_bytes = bytes;
        machine->memory_source = source;
    }
}

void probe_machine(struct machine *machine, const char *root,
                   const struct probe_process *process)
{
    struct cgroup_limits cgroup;
    uint64_t omp = variable("OMP_NUM_THREADS");
    uint64_t slurm_cores = variable("SLURM_CPUS_PER_TASK");
    uint64_t slurm_mib = variable("SLURM_MEM_PER_NODE"); /* 0: all of the node */
    bool known = process->affinity_cores > 0;
    probe_cgroups(&cgroup, root);
    *machine = (struct machine){
        .cores = known ? process->affinity_cores : 1,
        .cores_source = known ? "affinity mask" : "nothing known",
        .memory_bytes = process->physical_bytes,
        .memory_source = "physical memory",
        .thread_limit = omp > UINT_MAX ? 0 : (unsigned)omp,
    };
    limit_cores(machine, cgroup.cores, "cgroup CPU quota");
    if (slurm_cores > 0)
        limit_cores(machine, (double)slurm_cores, "SLURM_CPUS_PER_TASK");
    limit_memory(machine, available_memory(root), "available memory");
    limit_memory(machine, cgroup.memory_bytes, "cgroup memory limit");
    if (slurm_mib > 0)
        limit_memory(machine, saturating_product(slurm_mib, MIB_BYTES),
                     "SLURM_MEM_PER_NODE");
    /* It binds each process by itself; whoever sets it means the job all the same. */
    limit_memory(machine, process->address_space_bytes,
                 "limit of address space (ulimit -v)");
}

/* The kernel refuses masks that are shorter than its own, of which only it knows the
   length: machines with more than 1024 logical CPUs need a longer one. */
static unsigned affinity_cores(void)
{
    enum { FIRST = 1024, LAST = 1024 * 1024 };
    for (size_t n = FIRST; n <= LAST; n *= 2) {
        cpu_set_t *set = CPU_ALLOC(n);
        if (!set)
            break;
        int count = 0;
        if (sched_getaffinity(0, CPU_ALLOC_SIZE(n), set) == 0)
            count = CPU_COUNT_S(CPU_ALLOC_SIZE(n), set);
        CPU_FREE(set);
        if (count > 0)
            return (unsigned)count;
    }
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 && online <= LAST ? (unsigned)online : 0;
}

void plan_probe(struct machine *machine)
{
    struct probe_process process = {
        .affinity_cores = affinity_cores(),
        .physical_bytes = UINT64_MAX,
        .address_space_bytes = UINT64_MAX,
    };
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    if (pages > 0 && page > 0)
        process.physical_bytes = saturating_product((uint64_t)pages, (uint64_t)page);
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        process.address_space_bytes = limit.rlim_cur;
    probe_machine(machine, "", &process);
}
