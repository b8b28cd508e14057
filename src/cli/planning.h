/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_PLANNING_H
#define FRAMEWALK_CLI_PLANNING_H

#include "cli/job.h"
#include "engine/target.h"
#include "engine/trial.h"
#include "plan/plan.h"
#include "plan/rates.h"

/* The way from a job to its layout: probe, estimate, measure a sample, decide. */
struct planning {
    struct machine machine;
    struct workload workload; /* after the sample */
    struct plan_request request;
    struct rates rates;
    bool rates_known; /* something, from earlier runs */
    bool sampled;
    struct trial trial;
    uint64_t as_frames;
    double walks_per_frame; /* that are expected */
    uint64_t more_bytes;    /* of a worker than the model says */
    double start_seconds;   /* from the command's begin to planning */
    double plan_seconds;    /* that planning took, the sample with it */
    struct plan plan;
};

/* How it is done: `sample` allows measuring, `machine` (nullable) is a machine instead
   of this one, `begun` (clock_seconds) is when the command began: what it took until
   now a run takes too. */
struct planning_want {
    bool sample;
    uint64_t as_frames; /* as if there were so many; 0: as many as there are */
    double begun;
    const struct machine *machine;
};

/* With --target-sem: finds the walks of a frame, which are part of the results, and
   stores them in the options and the job. Elsewhere target->percent is NaN. */
int planning_target(struct target *target, struct job *job, struct run_options *options,
                    const struct inputs *inputs, struct err *err);

int planning_make(struct planning *planning, const struct planning_want *want,
                  const struct job *job, const struct run_options *options,
                  const struct inputs *inputs, size_t n_done, struct err *err);

#endif
