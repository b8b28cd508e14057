/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_PLAN_DECIDE_PRIVATE_H
#define FRAMEWALK_PLAN_DECIDE_PRIVATE_H

#include "plan/plan.h"

#include <stdbool.h>

/* What the request and the machine leave open: the budgets, and the counts to look at.
   A range that the user fixed may lie outside the budgets. */
struct bounds {
    unsigned cores;
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

struct layout plan_layout(const struct workload *workload, unsigned workers,
                          unsigned threads);

/* The best layout within bounds. False when none fits into both budgets. */
bool plan_search(struct layout *best, const struct bounds *bounds,
                 const struct workload *workload);

/* Writes plan->reason and plan->warning for the layout that the plan holds. `fits` is
   what plan_search said. */
void plan_explain(struct plan *plan, const struct bounds *bounds, bool fits,
                  const struct machine *machine, const struct workload *workload,
                  const struct plan_request *request);

enum { PLAN_SIZE_BYTES = 24 };

/* "3.5 GiB" in `text`, which is returned. */
const char *plan_size(char text[PLAN_SIZE_BYTES], uint64_t bytes);

#endif
