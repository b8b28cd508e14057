/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/capacity.h"

#include <math.h>

/* What the second thread of a core adds, in units of the first, where it has not been
   measured. Walks keep the vector units busy, which the two share. */
static const double SECOND_THREAD = 0.25;

/* A measurement that says more was of something else. */
static const double SECOND_MOST = 0.8, BUSY_LOSS_MOST = 0.7;

/* Losses up to this are noise, which a mean of losses alone would take for bias. */
static const double BUSY_LOSS_LEAST = 0.1;

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static double total_of(const struct speed_class *speeds, size_t n)
{
    double total = 0;
    for (size_t k = 0; k < n; k++)
        total += speeds[k].threads * speeds[k].speed;
    return total;
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
                busy, class->speed * (1 + c->second_thread) * shared / busy};
    }
    return m;
}

/* What `threads` that were busy at once have shown. Second threads of cores are to
   blame as far as they can be, all else that threads share for the rest: a clock, a
   bus, or cores that are in truth threads of one. */
static void take_measured(struct capacity *c, unsigned threads, double speed)
{
    struct speed_class speeds[SPEED_CLASSES_MAX];
    double total[2], second[2] = {0, 1};
    if (threads < 2 || !(speed > 0))
        return;
    for (int i = 0; i < 2; i++) {
        c->second_thread = second[i];
        total[i] = total_of(speeds, uncapped(c, threads, speeds));
    }
    c->second_thread = SECOND_THREAD;
    if (total[1] > total[0])
        c->second_thread = fmin(
            fmax((threads * speed - total[0]) / (total[1] - total[0]), 0), SECOND_MOST);
    double expected = total_of(speeds, uncapped(c, threads, speeds)) / threads;
    double loss = 1 - speed / expected;
    c->busy_loss = loss > BUSY_LOSS_LEAST ? fmin(loss, BUSY_LOSS_MOST) : 0;
    c->busy_threads = threads;
}

void capacity_init(struct capacity *capacity, const struct machine *machine,
                   unsigned cores)
{
    unsigned all = 0;
    *capacity = (struct capacity){
        .cores = cores ? cores : machine->cores,
        .quota = machine->quota > 0 ? machine->quota : HUGE_VAL,
        .nodes = machine->nodes ? machine->nodes : 1,
        .second_thread = SECOND_THREAD,
        .n_classes = machine->n_classes,
    };
    for (size_t k = 0; k < machine->n_classes; k++) {
        capacity->core_class[k] = machine->core_class[k];
        all += machine->core_class[k].threads;
    }
    if (capacity->cores > machine->cores)
        capacity->quota = HUGE_VAL;
    if (capacity->n_classes == 0) {
        capacity->n_classes = 1;
        capacity->core_class[0] = (struct core_class){.speed = 1};
    }
    if (all < capacity->cores) {
        capacity->core_class[0].cores += capacity->cores - all;
        capacity->core_class[0].threads += capacity->cores - all;
    }
    take_measured(capacity, least(machine->busy_threads, capacity->cores),
                  machine->busy_speed);
}

/* The share of its speed that is left to each of n threads, at most as many as cores:
   what they take from each other, then the quota, which is one of processor time. */
static double left_to_each(const struct capacity *c, unsigned n)
{
    double scale = n > c->quota ? c->quota / n : 1;
    if (c->busy_threads < 2 || n < 2)
        return scale;
    double others = (double)(n - 1) / (c->busy_threads - 1);
    return scale * (1 - c->busy_loss * fmin(others, 1));
}

size_t capacity_speeds(const struct capacity *capacity, unsigned n,
                       struct speed_class speeds[SPEED_CLASSES_MAX])
{
    unsigned running = least(n, capacity->cores);
    size_t m = uncapped(capacity, running, speeds);
    double scale = left_to_each(capacity, running);
    if (n > capacity->cores) { /* they take turns */
        speeds[0] = (struct speed_class){n, total_of(speeds, m) * scale / n};
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
    return total_of(speeds, m);
}
