/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_PLAN_RATES_H
#define FRAMEWALK_PLAN_RATES_H

#include <stdbool.h>

/* How much longer than the cost constants say the stages of a frame take here: 1 where
   nothing is known. They stretch predictions, results never. */
struct rates {
    double read, build, walks, samples, stokes;
};

extern const struct rates rates_none;

/* Those of earlier runs of this build on this machine, as a prior. `build` is a text
   that no other build has. What is not there, or not to be trusted, is 1; false where
   nothing is there. */
bool rates_load(struct rates *rates, const char *build);

/* What a short sample says, and what others said before it: machines stutter, so where
   the two are not far from each other the middle is better than either; where they are,
   the sample is right, as it is of this job. Reading is the job's alone. */
void rates_blend(struct rates *rates, const struct rates *before);

/* Keeps a mean of what was there and these; a failure is nobody's business. Files are
   in $XDG_CACHE_HOME/framewalk, or ~/.cache/framewalk. */
void rates_store(const struct rates *rates, const char *build);

#endif
