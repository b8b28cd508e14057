/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_PLAN_RATES_H
#define FRAMEWALK_PLAN_RATES_H

/* How much longer than the cost constants say the stages of a frame take here: 1 where
   nothing is known. They stretch predictions, results never. */
struct rates {
    double read, build, walks, samples, stokes;
};

extern const struct rates rates_none;

/* Those of earlier runs of this build on this machine, as a prior. `build` is a text
   that no other build has. What is not there, or not to be trusted, is 1. */
void rates_load(struct rates *rates, const char *build);

/* Keeps a mean of what was there and these; a failure is nobody's business. Files are
   in $XDG_CACHE_HOME/framewalk, or ~/.cache/framewalk. */
void rates_store(const struct rates *rates, const char *build);

#endif
