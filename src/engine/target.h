/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_ENGINE_TARGET_H
#define FRAMEWALK_ENGINE_TARGET_H

#include "engine/hydro_kernel.h"
#include "engine/run.h"

/* Walks that a mean over the frames needs: more than what makes Monte Carlo noise small
   beside the spread of the frames, or smaller than was asked for, is wasted. */
struct target {
    double percent;      /* standard error of the mean capacitance that is asked for */
    size_t frames;       /* that the estimate is from */
    double mean, spread; /* of the capacitance; spread of the frames, without noise */
    double noise;        /* of a frame with TARGET_WALKS */
    uint64_t walks;      /* in each frame, */
    double walks_noise;  /* and the noise that they are expected to leave */
    bool limited;        /* by the most that is allowed: the noise will be more */
};

enum { TARGET_FRAMES = 16, TARGET_WALKS = 16384 };

/* Monte Carlo's share of the variance of the mean that is taken for small. */
#define TARGET_SHARE 0.1

/* From capacitances and deviations of n frames at TARGET_WALKS each, for a run of
   n_frames, a fixed formula: the least whole blocks of walks with which the variance of
   a frame's noise is at most TARGET_SHARE of the spread's, or what leaves the standard
   error at the target, N T^2 - spread^2, whichever is more. With a control variate,
   whose sources grow with the fourth root of the walks (hydro/control.h), the variance
   goes like walks^(-5/4), and fewer than CONTROL_PAYS are not worth having. */
void target_solve(struct target *target, const double *value, const double *std,
                  size_t n, size_t n_frames, const struct hydro_options *options);

/* Computes TARGET_FRAMES frames, spread evenly over those of the job, with few walks,
   and solves. A function of the job's inputs, options and seed, not of its layout. -1
   when frames fail. */
int target_estimate(struct target *target, const struct run_job *job,
                    const struct hydro_options *options, double percent,
                    struct err *err);

#endif
