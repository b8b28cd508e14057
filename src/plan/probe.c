/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/probe_private.h"

#include "util/parse.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define KIB_BYTES UINT64_C(1024)

static uint64_t saturating_product(uint64_t a, uint64_t b)
{
    return b != 0 && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

void probe_limit_cores(struct machine *machine, uint64_t cores, const char *source)
{
    unsigned whole = cores < 1 ? 1 : cores > UINT_MAX ? UINT_MAX : (unsigned)cores;
    /* Where they agree the one that was asked for is the reason. */
    if (whole <= machine->cores) {
        machine->cores = whole;
        snprintf(machine->cores_source, sizeof machine->cores_source, "%s", source);
    }
}

void probe_limit_memory(struct machine *machine, uint64_t bytes, const char *source)
{
    if (bytes < machine->memory_bytes) {
        machine->memory_bytes = bytes;
        snprintf(machine->memory_source, sizeof machine->memory_source, "%s", source);
    }
}

/* A line is "MemAvailable:    1234 kB", and its kB are KiB. UINT64_MAX without one. */
static uint64_t meminfo(struct machine *machine, const char *root, const char *name,
                        const char *what)
{
    char text[64];
    uint64_t kib;
    if (probe_field(root, "/proc/meminfo", name, text, sizeof text) != 0)
        return UINT64_MAX;
    text[strspn(text, "0123456789")] = '\0';
    if (!parse_u64(text, &kib))
        return UINT64_MAX;
    probe_note(machine, "/proc/meminfo", what, "%ju bytes",
               (uintmax_t)saturating_product(kib, KIB_BYTES));
    return saturating_product(kib, KIB_BYTES);
}

/* "Max address space   5368709120   unlimited   bytes": the soft limit comes first. */
static uint64_t address_limit(const char *root)
{
    char text[128];
    uint64_t bytes;
    if (!*root) {
        struct rlimit limit;
        bool limited =
            getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
        return limited ? limit.rlim_cur : UINT64_MAX;
    }
    if (probe_field(root, "/proc/self/limits", "Max address space", text,
                    sizeof text) != 0)
        return UINT64_MAX;
    text[strspn(text, "0123456789")] = '\0';
    return parse_u64(text, &bytes) ? bytes : UINT64_MAX;
}

static void probe_memory(struct machine *machine, const char *root)
{
    long pages = *root ? 0 : sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    uint64_t physical = meminfo(machine, root, "MemTotal:", "physical memory");
    if (physical == UINT64_MAX && pages > 0 && page > 0)
        physical = saturating_product((uint64_t)pages, (uint64_t)page);
    machine->memory_bytes = physical;
    strcpy(machine->memory_source, "physical memory");
    /* What the kernel believes a new program can have without swapping. */
    probe_limit_memory(machine,
                       meminfo(machine, root, "MemAvailable:", "available memory"),
                       "available memory");
    uint64_t address = address_limit(root);
    if (address == UINT64_MAX)
        return;
    machine->address_bytes = address;
    probe_note(machine, "limit of address space (ulimit -v)", "address space",
               "%ju bytes a process", (uintmax_t)address);
    /* It binds each process by itself; whoever sets it means the job all the same. */
    probe_limit_memory(machine, address, "limit of address space (ulimit -v)");
}

/* A fraction of a core is worth a thread of its own: it is throttled, but the group
   gets all the time that it may have. A twentieth is not. */
static void apply_quota(struct machine *machine, const struct cgroup_limits *limits)
{
    machine->quota = limits->cores;
    if (isfinite(limits->cores))
        probe_limit_cores(machine, (uint64_t)fmax(ceil(limits->cores - 0.05), 1),
                          "cgroup CPU quota");
    probe_limit_memory(machine, limits->memory_bytes, "cgroup memory limit");
}

static void probe_at(struct machine *machine, const char *root)
{
    struct cgroup_limits limits;
    *machine = (struct machine){.quota = HUGE_VAL};
    probe_cpu_topology(machine, root);
    probe_batch_cores(machine, root);
    probe_memory(machine, root);
    probe_cgroups(&limits, machine, root);
    apply_quota(machine, &limits);
    probe_batch_memory(machine, root);
}

void plan_probe(struct machine *machine)
{
    probe_at(machine, "");
}

void plan_probe_recorded(struct machine *machine, const char *root)
{
    probe_at(machine, root);
}

void plan_note_busy(struct machine *machine, unsigned threads, double speed)
{
    char what[48];
    machine->busy_threads = threads;
    machine->busy_speed = speed;
    snprintf(what, sizeof what, "speed of %u busy threads", threads);
    probe_note(machine, "measured walks, all at once and one alone", what,
               "%.3g of one alone", speed);
}
