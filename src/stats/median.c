/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/median.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

double stats_median(double *value, size_t n)
{
    gsl_sort(value, 1, n);
    return gsl_stats_median_from_sorted_data(value, 1, n);
}

double stats_midmean(double *value, size_t n)
{
    gsl_sort(value, 1, n);
    return gsl_stats_trmean_from_sorted_data(0.25, value, 1, n);
}
