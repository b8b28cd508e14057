/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_STATS_MEDIAN_H
#define FRAMEWALK_STATS_MEDIAN_H

#include <stddef.h>

/* The median of n >= 1 values, which are sorted. */
double stats_median(double *value, size_t n);
/* The mean of the middle half of n >= 1 values, which are sorted; of fewer than four
   the mean of all. */
double stats_midmean(double *value, size_t n);

#endif
