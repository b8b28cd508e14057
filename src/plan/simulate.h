/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_PLAN_SIMULATE_H
#define FRAMEWALK_PLAN_SIMULATE_H

#include "plan/plan.h"

/* An event-driven simulation of the dispatcher, for machines one does not have and for
   frames of unequal cost: what the model (plan_predict) sums up in a formula happens
   here one frame after the other. */

struct simulation {
    double seconds;      /* wall time of the run */
    double busy_seconds; /* of all workers together */
    double wait_seconds; /* of workers with nothing to do, begin and end included */
    size_t helped;       /* frames that idle workers helped with */
};

/* `cost[i]` is what frame i costs over what workload_frame_seconds says, n of them;
   NULL: all are 1. -1 only without memory. */
int plan_simulate(struct simulation *simulation, const struct machine *machine,
                  unsigned cores, const struct workload *workload, const double *cost,
                  size_t n, unsigned workers, unsigned threads, struct err *err);

/* Cores that are split over several nodes, as a batch system does it: each gets every
   nodes-th frame and a run of its own; the slowest one counts. `machine` is one node.
 */
int plan_simulate_nodes(struct simulation *simulation, const struct machine *machine,
                        unsigned nodes, const struct workload *workload,
                        const double *cost, size_t n, unsigned workers,
                        unsigned threads, struct err *err);

#endif
