/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_PLAN_CAPACITY_H
#define FRAMEWALK_PLAN_CAPACITY_H

#include "plan/machine.h"

/* How much work so many threads at once get done: cores of several speeds, the second
   thread of a core, what threads take from each other, CPU quotas. */

/* Threads of the same speed. */
struct speed_class {
    unsigned threads;
    double speed; /* of the fastest core with one thread */
};

enum { SPEED_CLASSES_MAX = 2 * MACHINE_CLASSES_MAX + 1 };

struct capacity {
    unsigned cores; /* threads that may be used */
    double quota;   /* HUGE_VAL: none */
    unsigned nodes;
    double second_thread; /* what one adds, in units of the first of its core */
    /* The part of its speed that a thread loses when so many or more are busy; beside
       fewer it loses less, in proportion to their number. */
    double busy_loss;
    unsigned busy_threads;
    size_t n_classes;
    struct core_class core_class[MACHINE_CLASSES_MAX];
};

/* `cores`: a budget, 0 for the machine's. With fewer cores than the machine has it is
   the fastest that are used; more are thought to be like the fastest, and then no quota
   holds. */
void capacity_init(struct capacity *capacity, const struct machine *machine,
                   unsigned cores);

/* The threads of n that run at once, fastest first: idle cores before second threads,
   as schedulers do it. Returns how many classes there are. Threads beyond the machine's
   take turns. */
size_t capacity_speeds(const struct capacity *capacity, unsigned n,
                       struct speed_class speeds[SPEED_CLASSES_MAX]);

/* Sum of their speeds. */
double capacity_total(const struct capacity *capacity, unsigned n);

#endif
