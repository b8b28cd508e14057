/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logical CPUs: which of them may be used, which of them share a core, how fast they
   are and whose memory is near. /sys tells all of it; no library is needed. */
#include "plan/probe_private.h"

#include "util/parse.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CPU_FOLDER "/sys/devices/system/cpu/cpu%u/"

/* A core of Intel's efficient kind does less at the same frequency. */
static const double EFFICIENT_PER_CYCLE = 0.7;

/* Cores whose speeds differ by less belong together: favoured cores of one kind differ
   by a few per cent. */
static const double SAME_CLASS = 0.85;

static bool has_cpu(const struct probe_cpus *cpus, unsigned cpu)
{
    return cpu < PROBE_CPUS_MAX && (cpus->word[cpu / 64] >> cpu % 64 & 1);
}

static void add_cpu(struct probe_cpus *cpus, unsigned cpu)
{
    cpus->word[cpu / 64] |= UINT64_C(1) << cpu % 64;
}

unsigned probe_cpus_count(const struct probe_cpus *cpus)
{
    unsigned n = 0;
    for (size_t i = 0; i < PROBE_CPUS_MAX / 64; i++)
        n += (unsigned)__builtin_popcountll(cpus->word[i]);
    return n;
}

bool probe_cpus_parse(struct probe_cpus *cpus, const char *list)
{
    memset(cpus, 0, sizeof *cpus);
    for (const char *at = list; *at;) {
        char *end;
        if (*at < '0' || *at > '9')
            return false;
        unsigned long first = strtoul(at, &end, 10), last = first;
        if (*end == '-') {
            if (end[1] < '0' || end[1] > '9')
                return false;
            last = strtoul(end + 1, &end, 10);
        }
        if (last < first || last >= PROBE_CPUS_MAX || (*end && *end != ','))
            return false;
        for (unsigned long cpu = first; cpu <= last; cpu++)
            add_cpu(cpus, (unsigned)cpu);
        at = *end ? end + 1 : end;
    }
    return *list != '\0';
}

/* The kernel refuses masks that are shorter than its own, of which only it knows the
   length. */
static bool own_affinity(struct probe_cpus *cpus)
{
    for (size_t n = 1024; n <= PROBE_CPUS_MAX * 8; n *= 2) {
        cpu_set_t *set = CPU_ALLOC(n);
        if (!set)
            return false;
        size_t bytes = CPU_ALLOC_SIZE(n);
        bool got = sched_getaffinity(0, bytes, set) == 0;
        memset(cpus, 0, sizeof *cpus);
        for (unsigned cpu = 0; got && cpu < n && cpu < PROBE_CPUS_MAX; cpu++)
            if (CPU_ISSET_S(cpu, bytes, set))
                add_cpu(cpus, cpu);
        CPU_FREE(set);
        if (got)
            return probe_cpus_count(cpus) > 0;
    }
    return false;
}

static bool read_list(const char *root, const char *path, struct probe_cpus *cpus)
{
    char line[PROBE_PATH_BYTES];
    return probe_first_line(root, path, line, sizeof line) == 0 &&
           probe_cpus_parse(cpus, line);
}

/* What may be used: the affinity mask, of what is online. */
static void find_allowed(struct machine *machine, const char *root,
                         struct probe_cpus *allowed)
{
    char list[PROBE_PATH_BYTES];
    struct probe_cpus online;
    bool known = false;
    memset(allowed, 0, sizeof *allowed);
    if (*root)
        known = probe_field(root, "/proc/self/status", "Cpus_allowed_list:", list,
                            sizeof list) == 0 &&
                probe_cpus_parse(allowed, list);
    else
        known = own_affinity(allowed);
    bool has_online = read_list(root, "/sys/devices/system/cpu/online", &online);
    if (has_online)
        probe_note(machine, "/sys/devices/system/cpu/online", "logical CPUs online",
                   "%u", probe_cpus_count(&online));
    if (known)
        probe_note(machine, "affinity mask", "logical CPUs allowed", "%u",
                   probe_cpus_count(allowed));
    for (size_t i = 0; known && has_online && i < PROBE_CPUS_MAX / 64; i++)
        allowed->word[i] &= online.word[i];
    machine->cores = probe_cpus_count(allowed);
    strcpy(machine->cores_source, "affinity mask");
    if (machine->cores == 0 && has_online) {
        *allowed = online;
        machine->cores = probe_cpus_count(allowed);
        strcpy(machine->cores_source, "logical CPUs online");
    }
    if (machine->cores == 0) {
        machine->cores = 1;
        strcpy(machine->cores_source, "nothing known");
    }
}

/* A number in a file of a CPU's folder, 0 without one. */
static double cpu_number(const char *root, unsigned cpu, const char *name)
{
    char path[PROBE_PATH_BYTES], line[64];
    uint64_t number;
    snprintf(path, sizeof path, CPU_FOLDER "%s", cpu, name);
    if (probe_first_line(root, path, line, sizeof line) != 0 ||
        !parse_u64(line, &number))
        return 0;
    return (double)number;
}

/* A core: the first of its hardware threads that may be used, how many of them, and its
   speed in whatever unit the system has. */
struct core {
    unsigned threads;
    double speed;
};

static bool first_sibling(const char *root, unsigned cpu,
                          const struct probe_cpus *allowed, unsigned *threads)
{
    char path[PROBE_PATH_BYTES];
    struct probe_cpus siblings;
    *threads = 1;
    snprintf(path, sizeof path, CPU_FOLDER "topology/thread_siblings_list", cpu);
    if (!read_list(root, path, &siblings))
        return true;
    unsigned n = 0;
    for (unsigned c = 0; c < PROBE_CPUS_MAX; c++)
        if (has_cpu(&siblings, c) && has_cpu(allowed, c)) {
            if (n++ == 0 && c < cpu)
                return false;
        }
    *threads = n ? n : 1;
    return true;
}

static double core_speed(const char *root, unsigned cpu,
                         const struct probe_cpus *efficient)
{
    double speed = cpu_number(root, cpu, "cpu_capacity");
    if (speed > 0)
        return speed;
    speed = cpu_number(root, cpu, "cpufreq/cpuinfo_max_freq");
    return has_cpu(efficient, cpu) ? speed * EFFICIENT_PER_CYCLE : speed;
}

static int by_speed(const void *a, const void *b)
{
    double x = ((const struct core *)a)->speed, y = ((const struct core *)b)->speed;
    return (x < y) - (x > y);
}

/* Classes of cores that are sorted by speed. Where one has no known speed, all count as
   equal; kinds beyond the last class join it. */
static void make_classes(struct machine *machine, const struct core *core, size_t n)
{
    bool known = n > 0 && core[n - 1].speed > 0;
    double first = 0;
    struct core_class *class = NULL;
    for (size_t i = 0; i < n; i++) {
        double speed = known ? core[i].speed : 1;
        bool full = machine->n_classes == MACHINE_CLASSES_MAX;
        if (!class || (speed < SAME_CLASS * first && !full)) {
            class = &machine->core_class[machine->n_classes++];
            first = speed;
        }
        class->cores++;
        class->threads += core[i].threads;
        class->speed += speed;
    }
    double fastest = 0;
    for (size_t k = 0; k < machine->n_classes; k++) {
        class = &machine->core_class[k];
        class->speed /= class->cores;
        if (k == 0)
            fastest = class->speed;
        class->speed /= fastest;
        probe_note(machine, known ? "cpu_capacity or cpufreq" : "topology of /sys",
                   "cores", "%u with %u threads, speed %.2f", class->cores,
                   class->threads, class->speed);
    }
}

static void find_cores(struct machine *machine, const char *root,
                       const struct probe_cpus *allowed)
{
    struct probe_cpus efficient = {0};
    struct core *core = calloc(machine->cores, sizeof *core);
    size_t n = 0;
    read_list(root, "/sys/devices/cpu_atom/cpus", &efficient);
    for (unsigned cpu = 0; core && cpu < PROBE_CPUS_MAX; cpu++) {
        unsigned threads;
        if (!has_cpu(allowed, cpu) || !first_sibling(root, cpu, allowed, &threads) ||
            n >= machine->cores)
            continue;
        core[n].threads = threads;
        core[n++].speed = core_speed(root, cpu, &efficient);
    }
    if (n > 0)
        qsort(core, n, sizeof *core, by_speed);
    make_classes(machine, core, n);
    free(core);
}

static void find_nodes(struct machine *machine, const char *root,
                       const struct probe_cpus *allowed)
{
    enum { NODES_MAX = 1024 };
    char path[PROBE_PATH_BYTES];
    struct probe_cpus cpus;
    machine->nodes = 0;
    /* Numbers may have gaps, few machines large ones. */
    for (unsigned node = 0, gap = 0; node < NODES_MAX && gap < 8; node++) {
        snprintf(path, sizeof path, "/sys/devices/system/node/node%u/cpulist", node);
        gap = probe_exists(root, path) ? 0 : gap + 1;
        if (gap > 0 || !read_list(root, path, &cpus))
            continue;
        for (size_t i = 0; i < PROBE_CPUS_MAX / 64; i++)
            cpus.word[i] &= allowed->word[i];
        machine->nodes += probe_cpus_count(&cpus) > 0;
    }
    if (machine->nodes > 0)
        probe_note(machine, "/sys/devices/system/node", "NUMA nodes", "%u",
                   machine->nodes);
    else
        machine->nodes = 1;
}

void probe_cpu_topology(struct machine *machine, const char *root)
{
    struct probe_cpus allowed;
    find_allowed(machine, root, &allowed);
    find_cores(machine, root, &allowed);
    find_nodes(machine, root, &allowed);
}
