/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_ENGINE_TRIAL_H
#define FRAMEWALK_ENGINE_TRIAL_H

#include "engine/run.h"

/* What frames of a job cost, measured in a child process for the planner: whatever it
   does to time and memory ends with it, and nothing of it becomes a result. */

enum { TRIAL_FRAMES_MAX = 32 };

struct trial_frame {
    double seconds[STAGE_N];
    double whole_seconds; /* reading to properties */
    uint64_t walks, interior_samples;
    double capacitance_rsd; /* percent; NaN where no kernel has it */
    uint64_t bytes;         /* of memory, of a worker so far; 0 where not known */
};

struct trial {
    size_t n; /* frames that were done in time */
    struct trial_frame frame[TRIAL_FRAMES_MAX];
    double seconds; /* all of it */
};

/* Computes frames frame[0 .. n - 1] (numbers in the trajectory, n <= TRIAL_FRAMES_MAX;
   of a stream 0, which has come, and no other) of the job on one thread, as a worker of
   the run would; the child is killed after limit_seconds. -1 when not a single frame
   was done: there is then nothing to learn. */
int trial_run(struct trial *trial, const struct run_job *job, const size_t *frame,
              size_t n, double limit_seconds);

#endif
