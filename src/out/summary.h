/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_OUT_SUMMARY_H
#define FRAMEWALK_OUT_SUMMARY_H

#include "out/results.h"
#include "util/err.h"

#include <stdbool.h>
#include <stdio.h>

/* The table of ensemble means for people: a line a property (tensors only when verbose)
   with mean, standard error, unit, standard deviation over the frames, the part of the
   error's variance that is Monte Carlo noise, and the number of effective frames; with
   one frame that has values, its values with their Monte Carlo deviations. Figures are
   rounded to their uncertainty. Below it advice on the number of walks, where that is
   far from what the frames need. Plain ASCII as far as names and units are; a function
   of the results alone. -1 with *err set when writing fails or memory runs out. */
int summary_print(const struct results *results, FILE *stream, bool verbose,
                  struct err *err);

/* Monte Carlo noise in the mean capacitance, as a part of its variance: advice is due
   outside of these limits and aims at the third. */
#define SUMMARY_SHARE_HIGH 0.25
#define SUMMARY_SHARE_LOW 0.01
#define SUMMARY_SHARE_AIM 0.10

/* From so many walks on a control variate takes most of their noise away; advice to do
   with fewer does not go below, where the noise would no longer follow from today's. */
#define SUMMARY_WALKS_CONTROLLED 4096.0

/* Walks a frame at which noise would be SUMMARY_SHARE_AIM of the variance, if it is the
   given share at `walks` now; rounded up to two digits. 0 when there is nothing to say:
   the share lies within the limits or is not a number, or the noise hides whatever else
   there is (share above 0.99), so that no number follows from it. */
double summary_walks_wanted(double share, double walks);

#endif
