/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/capacity.h"

#include <math.h>

/* What the second thread of a core adds, in units of the first. Walks keep the vector
   units busy, which the two share. */
static const double SECOND_THREAD = 0.25;

void capacity_init(struct capacity *capacity, const struct machine *machine,
                   unsigned cores)
{
    unsigned all = 0;
    *capacity = (struct capacity){
        .cores = cores ? cores : machine->cores,
        .quota = machine->quota > 0 ? machine->quota : HUGE_VAL,
        .nodes = machine->nodes ? machine->nodes : 1,
        .n_classes = machine->n_classes,
    };
    for (size_t k = 0; k < machine->n_classes; k++) {
        capacity->core_class[k] = machine->core_class[k];
        all += machine->core_class[k].threads;
    }
    if (capacity->cores > machine->cores)
        capacity->quota = HUGE_VAL;
    if (all >= capacity->cores)
        return;
    if (capacity->n_classes == 0) {
        capacity->n_classes = 1;
        capacity->core_class[0] = (struct core_class){.speed = 1};
    }
    capacity->core_class[0].cores += capacity->cores - all;
    capacity->core_class[0].threads += capacity->cores - all;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Cores before second threads. */
static size_t uncapped(const struct capacity *c, unsigned n,
                       struct speed_class speeds[SPEED_CLASSES_MAX])
{
    unsigned second[MACHINE_CLASSES_MAX] = {0}, single[MACHINE_CLASSES_MAX] = {0};
    size_t k, m = 0;
    for (k = 0; k < c->n_classes; k++) {
        single[k] = least(n, c->core_class[k].cores);
        n -= single[k];
    }
    for (k = 0; k < c->n_classes; k++) {
        const struct core_class *class = &c->core_class[k];
        second[k] = least(n, class->threads - class->cores);
        n -= second[k];
    }
    for (k = 0; k < c->n_classes; k++) {
        const struct core_class *class = &c->core_class[k];
        /* More than two threads a core share what two have. */
        unsigned shared = least(second[k], single[k]);
        unsigned busy = shared + second[k];
        if (single[k] > shared)
            speeds[m++] = (struct speed_class){single[k] - shared, class->speed};
        if (busy > 0)
            speeds[m++] = (struct speed_class){
                busy, class->speed * (1 + SECOND_THREAD) * shared / busy};
    }
    return m;
}

size_t capacity_speeds(const struct capacity *capacity, unsigned n,
                       struct speed_class speeds[SPEED_CLASSES_MAX])
{
    size_t m = uncapped(capacity, least(n, capacity->cores), speeds);
    double total = 0, scale = 1;
    for (size_t k = 0; k < m; k++)
        total += speeds[k].threads * speeds[k].speed;
    if (total > capacity->quota)
        scale = capacity->quota / total;
    if (n > capacity->cores) { /* they take turns */
        speeds[0] = (struct speed_class){n, total * scale / n};
        return 1;
    }
    for (size_t k = 0; k < m; k++)
        speeds[k].speed *= scale;
    return m;
}

double capacity_total(const struct capacity *capacity, unsigned n)
{
    struct speed_class speeds[SPEED_CLASSES_MAX];
    size_t m = capacity_speeds(capacity, n, speeds);
    double total = 0;
    for (size_t k = 0; k < m; k++)
        total += speeds[k].threads * speeds[k].speed;
    return total;
}
