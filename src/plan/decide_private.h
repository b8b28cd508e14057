/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_PLAN_DECIDE_PRIVATE_H
#define FRAMEWALK_PLAN_DECIDE_PRIVATE_H

#include "plan/capacity.h"
#include "plan/plan.h"

#include <stdbool.h>

/* What the request and the machine leave open: the budgets, and the counts to look at.
   A range that the user fixed may lie outside the budgets. */
struct bounds {
    unsigned cores;
    struct capacity capacity;
    uint64_t address_bytes; /* of one process; UINT64_MAX: no limit */
    uint64_t memory_bytes;
    unsigned min_workers, max_workers;
    unsigned min_threads, max_threads;
};

/* -1 (ERR_USAGE) when the request contradicts itself. */
int plan_bounds(struct bounds *bounds, const struct machine *machine,
                const struct workload *workload, const struct plan_request *request,
                struct err *err);

/* Predictions that differ by a smaller factor are ties. */
#define PLAN_TIE 1.01

struct layout {
    unsigned workers, threads;
    double seconds;
    uint64_t bytes;
};

struct layout plan_layout(const struct bounds *bounds, const struct workload *workload,
                          unsigned workers, unsigned threads);

/* Blocks of the part of a frame that has most of them, >= 1. */
uint64_t plan_blocks(const struct workload *workload);

/* How fast a layout's threads run. */
struct layout_speed {
    unsigned workers, threads;
    double each; /* a thread when all are busy */
    double one;  /* when only one of each worker is */
    double loss; /* of a team, as a share */
    size_t n_classes;
    struct speed_class speeds[SPEED_CLASSES_MAX];
};

struct layout_speed plan_layout_speed(const struct capacity *capacity,
                                      const struct workload *workload, unsigned workers,
                                      unsigned threads);

/* A frame on one worker, on cores of speed 1: what one thread does, and what all share.
 */
struct frame_time {
    double alone, shared;
};

struct frame_time plan_frame_time(const struct workload *workload, unsigned threads,
                                  double loss);

/* What a team that comes to help with a frame has to make before it is of use. */
double plan_helper_seconds(const struct workload *workload, unsigned threads);

/* The parent, who serves one worker after the other, needs so much for a frame: its
   messages, a record of the journal, progress. */
#define PLAN_DISPATCH_SECONDS 2.5e-5
/* What helping costs besides building the body once more, as a share of the work. */
#define PLAN_HELP_LOSS 0.05

/* Until all workers and their threads run. */
double plan_begin_seconds(unsigned workers, unsigned threads);

/* plan_predict on a capacity that is known. */
double plan_model(const struct capacity *capacity, const struct workload *workload,
                  unsigned workers, unsigned threads);

/* Address space that a worker takes: its memory, stacks, libraries. A thread besides
   the first has a stack of 8 MiB, and glibc sets 64 MiB aside for what it allocates. */
#define PLAN_THREAD_ADDRESS (UINT64_C(72) << 20)
uint64_t plan_address(const struct workload *workload, unsigned threads);

/* The best layout within bounds. False when none fits into both budgets. */
bool plan_search(struct layout *best, const struct bounds *bounds,
                 const struct workload *workload);

/* Writes plan->reason and plan->warning for the layout that the plan holds. `fits` is
   what plan_search said. */
void plan_explain(struct plan *plan, const struct bounds *bounds, bool fits,
                  const struct machine *machine, const struct workload *workload,
                  const struct plan_request *request);

#endif
