/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool/bind.h"

#include "util/alloc.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_BYTES = 4096, NODES_MAX = 1024, NODES_GAP = 8 };

struct set {
    _Alignas(cpu_set_t) unsigned char bytes[BIND_SET_BYTES];
};

struct place {
    unsigned node, first; /* for the order: its node of memory, and its first CPU */
    struct set cpus;
};

struct bind {
    unsigned n;
    struct place *place;
};

static cpu_set_t *bits(struct set *set)
{
    return (cpu_set_t *)(void *)set->bytes;
}

/* "0-3,8,10-11" as in /sys. False for what is no such list. */
static bool parse_list(const char *at, struct set *set)
{
    memset(set, 0, sizeof *set);
    while (*at && *at != '\n') {
        char *end;
        unsigned long first = strtoul(at, &end, 10), last = first;
        if (end == at)
            return false;
        if (*end == '-')
            last = strtoul(end + 1, &end, 10);
        if (last < first || last >= BIND_CPUS_MAX)
            return false;
        for (unsigned long cpu = first; cpu <= last; cpu++)
            CPU_SET_S(cpu, BIND_SET_BYTES, bits(set));
        at = *end == ',' ? end + 1 : end;
        if (*end && *end != ',' && *end != '\n')
            return false;
    }
    return true;
}

static bool read_list(const char *root, const char *path, struct set *set)
{
    char name[PATH_MAX], line[LIST_BYTES];
    snprintf(name, sizeof name, "%s%s", root, path);
    FILE *file = fopen(name, "re");
    bool ok = file && fgets(line, sizeof line, file) && parse_list(line, set);
    if (file)
        fclose(file);
    return ok;
}

/* The CPUs of `of` that are in `in` too. */
static void intersect(struct set *of, const cpu_set_t *in)
{
    CPU_AND_S(BIND_SET_BYTES, bits(of), bits(of), in);
}

static bool add_place(struct bind *bind, unsigned node, unsigned first,
                      const struct set *cpus)
{
    struct place *place = realloc(bind->place, (bind->n + 1) * sizeof *place);
    if (!place)
        return false;
    bind->place = place;
    bind->place[bind->n++] = (struct place){node, first, *cpus};
    return true;
}

static unsigned first_cpu(struct set *set)
{
    unsigned cpu = 0;
    while (cpu < BIND_CPUS_MAX && !CPU_ISSET_S(cpu, BIND_SET_BYTES, bits(set)))
        cpu++;
    return cpu;
}

/* One place for each node that has CPUs; without any, one for all. */
static int find_nodes(struct bind *bind, const char *root, const cpu_set_t *allowed,
                      struct err *err)
{
    struct set set;
    char path[64];
    for (unsigned node = 0, gap = 0; node < NODES_MAX && gap < NODES_GAP; node++) {
        snprintf(path, sizeof path, "/sys/devices/system/node/node%u/cpulist", node);
        if (!read_list(root, path, &set)) {
            gap++;
            continue;
        }
        gap = 0;
        intersect(&set, allowed);
        if (CPU_COUNT_S(BIND_SET_BYTES, bits(&set)) > 0 &&
            !add_place(bind, node, first_cpu(&set), &set))
            return err_memory(err, sizeof set, "nodes of memory");
    }
    memcpy(set.bytes, allowed, sizeof set.bytes);
    if (bind->n == 0 && !add_place(bind, 0, first_cpu(&set), &set))
        return err_memory(err, sizeof set, "nodes of memory");
    return 0;
}

static unsigned node_of(const struct bind *nodes, unsigned cpu)
{
    for (unsigned i = 0; i < nodes->n; i++)
        if (CPU_ISSET_S(cpu, BIND_SET_BYTES, bits(&nodes->place[i].cpus)))
            return nodes->place[i].node;
    return 0;
}

static int by_node(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

/* One place for each core: the CPUs of it that are allowed. Where /sys does not tell
   which CPUs share a core (a bare chroot), each is taken for one. */
static int find_cores(struct bind *bind, const char *root, const cpu_set_t *allowed,
                      const struct bind *nodes, struct err *err)
{
    struct set set;
    char path[96];
    for (unsigned cpu = 0; cpu < BIND_CPUS_MAX; cpu++) {
        if (!CPU_ISSET_S(cpu, BIND_SET_BYTES, allowed))
            continue;
        snprintf(path, sizeof path,
                 "/sys/devices/system/cpu/cpu%u/topology/thread_siblings_list", cpu);
        if (!read_list(root, path, &set) ||
            !CPU_ISSET_S(cpu, BIND_SET_BYTES, bits(&set))) {
            memset(&set, 0, sizeof set);
            CPU_SET_S(cpu, BIND_SET_BYTES, bits(&set));
        }
        intersect(&set, allowed);
        if (first_cpu(&set) == cpu && !add_place(bind, node_of(nodes, cpu), cpu, &set))
            return err_memory(err, sizeof set, "cores");
    }
    if (bind->n == 0)
        return err_set(err, ERR_RUNTIME, "--bind: there is no core to bind to");
    qsort(bind->place, bind->n, sizeof *bind->place, by_node);
    return 0;
}

struct bind *bind_create_from(enum bind_mode mode, const char *root,
                              const cpu_set_t *allowed, struct err *err)
{
    struct bind *nodes = alloc_zeroed(1, sizeof *nodes, "places", err);
    struct bind *cores = NULL;
    if (!nodes || find_nodes(nodes, root, allowed, err) < 0)
        goto fail;
    if (mode == BIND_NUMA)
        return nodes;
    cores = alloc_zeroed(1, sizeof *cores, "places", err);
    if (!cores || find_cores(cores, root, allowed, nodes, err) < 0)
        goto fail;
    bind_destroy(nodes);
    return cores;
fail:
    bind_destroy(nodes);
    bind_destroy(cores);
    return NULL;
}

struct bind *bind_create(enum bind_mode mode, struct err *err)
{
    struct set allowed;
    if (mode == BIND_NONE)
        return NULL;
    memset(&allowed, 0, sizeof allowed);
    if (sched_getaffinity(0, BIND_SET_BYTES, bits(&allowed)) != 0) {
        err_set(err, ERR_RUNTIME, "--bind: sched_getaffinity: %s", strerror(errno));
        return NULL;
    }
    return bind_create_from(mode, "", bits(&allowed), err);
}

void bind_destroy(struct bind *bind)
{
    if (!bind)
        return;
    free(bind->place);
    free(bind);
}

unsigned bind_n_places(const struct bind *bind)
{
    return bind->n;
}

const cpu_set_t *bind_place(const struct bind *bind, unsigned place)
{
    return bits(&bind->place[place].cpus);
}

int bind_thread(const struct bind *bind, unsigned thread, unsigned n_threads,
                struct err *err)
{
    unsigned place = (unsigned)((unsigned long long)thread * bind->n / n_threads);
    if (sched_setaffinity(0, BIND_SET_BYTES, bind_place(bind, place)) == 0)
        return 0;
    return err_set(err, ERR_RUNTIME, "--bind: sched_setaffinity: %s", strerror(errno));
}
