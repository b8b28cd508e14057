/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_STATS_ENSEMBLE_H
#define FRAMEWALK_STATS_ENSEMBLE_H

#include <stdbool.h>
#include <stddef.h>

/* Statistics of one property over the frames of a trajectory. */
struct ensemble {
    size_t n; /* frames that count (finite values) */
    double mean;
    double std;    /* standard deviation of the series, n - 1 in the denominator */
    double sem;    /* standard error of the mean with correlation in time */
    double sem_mc; /* the Monte Carlo share of it */
    double n_eff;  /* independent frames: n / (2 tau) */
    double correlation_time_frames; /* integrated autocorrelation time tau, >= 1/2 */
};

/* value[k * stride] and std[k * stride], k = 0 .. n - 1: a property and its Monte Carlo
   standard deviation in frame order; NaN values (failed frames) are left out, keeping
   the order of the rest. tau = 1/2 + sum of the normalised autocorrelation up to the
   self-consistent window of Sokal (smallest W >= 5 tau(W), at most half the series),
   times 1 + 2 W / n for the bias that the sample's own mean brings, never below 1/2 (so
   that n_eff <= n and sem >= std / sqrt(n)) nor above n / 2. sem_mc is the root of the
   sum of the frames' variances over n, and sem never below it. `common` says that all
   frames have the same random numbers: then sem_mc is the mean of their deviations, as
   if they were the same error, and sem^2 holds sem_mc^2 besides the spread's. sem_mc is
   NaN where the deviation of a frame that counts is. For n = 0 all is
   NaN; for n = 1 std and tau are NaN, n_eff is 1 and sem = sem_mc; a constant series
   has tau 1/2. When memory runs out, what needs it is NaN. Sokal, in Functional
   Integration (1997), eq. 3.19; Wolff, Comput. Phys. Commun. 156, 143 (2004). */
struct ensemble ensemble_of(const double *value, const double *std, size_t n,
                            size_t stride, bool common);

/* The same with a call for each number that has been looked at, once: what lies before
   it need not stay in memory. */
struct ensemble_pass {
    void (*passed)(void *context);
    void *context;
};
struct ensemble ensemble_passing(const double *value, const double *std, size_t n,
                                 size_t stride, bool common,
                                 const struct ensemble_pass *pass);

#endif
