/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_JOB_H
#define FRAMEWALK_CLI_JOB_H

#include "cli/conditions.h"
#include "cli/inputs.h"
#include "cli/run_options.h"
#include "engine/hydro_kernel.h"
#include "engine/run.h"
#include "engine/stokes_kernel.h"
#include "plan/plan.h"
#include "plan/rates.h"

/* The kernels that options and inputs ask for, with their options: what `run` computes,
   `plan` foresees and `bench` times. Tasks point into the struct: it must stay where it
   is. */
struct job {
    struct hydro_options hydro;
    struct stokes_options stokes;
    struct kernel_task task[ANALYSES_MAX];
    size_t n_tasks;
    bool with_hydro, with_stokes;
    double known_walks; /* a frame, where a sample has told; else 0 */
    double cell_lists;  /* bytes, of the first frame (hydro/cell_lists.h), or NaN */
    const double *mass; /* the inputs', where each frame has its own; else NULL */
};

void job_init(struct job *job, const struct run_options *options,
              const struct inputs *inputs, const struct conditions *conditions,
              uint64_t seed);

/* Opens the inputs of `command` and makes the job of it: plan and bench, which have no
   outputs or journals that come before. What was opened is the caller's to close, also
   after a failure. */
int job_open(struct job *job, struct inputs *inputs, struct conditions *conditions,
             const struct run_options *options, const char *command, struct err *err);

/* A copy, whose tasks point into itself. */
void job_copy(struct job *copy, const struct job *job);

/* What job->cell_lists is to be: reads the first frame. NaN where that cannot be told:
   of a stream, and where frames differ in their atoms or molecules are made whole. */
double job_cell_lists(const struct inputs *inputs);

/* What it will cost at these rates, when `n_done` frames are not to be done again. */
struct workload job_workload(const struct job *job, const struct inputs *inputs,
                             const struct rates *rates, size_t n_done);

/* The engine's view of it, all but layout, limits and callbacks. */
struct run_job job_run(const struct job *job, const struct inputs *inputs);

#endif
