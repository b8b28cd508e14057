/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/ensemble.h"

#include <gsl/gsl_fft_halfcomplex.h>
#include <gsl/gsl_fft_real.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>

/* Sokal's factor: the window is at least so many correlation times wide. */
static const double window_factor = 5.0;
static const double tau_least = 0.5; /* no correlation at all */

/* Sums over frames of the Monte Carlo noise; NaN when that of one is not known. */
struct noise {
    double std, variance;
};

/* The frames that count, next to each other; returns how many. */
static size_t compact(const double *value, const double *std, size_t n, size_t stride,
                      const struct ensemble_pass *pass, double *series,
                      struct noise *noise)
{
    size_t kept = 0;
    *noise = (struct noise){0, 0};
    for (size_t k = 0; k < n; k++) {
        double x = value[k * stride];
        if (pass)
            pass->passed(pass->context);
        if (!isfinite(x))
            continue;
        double sigma = std[k * stride];
        noise->std += sigma;
        noise->variance += sigma * sigma;
        series[kept++] = x;
    }
    return kept;
}

/* Sums of products of the deviations at lags 0 .. n - 1, in the first n of *size
   doubles, to be freed; NULL without memory. Through a Fourier transform, since a sum a
   lag would take n^2 steps when a slow drift keeps the window growing. */
static double *lagged_products(const double *series, size_t n, double mean)
{
    size_t size = 2;
    while (size < 2 * n) /* padded, or the end would be correlated with the beginning */
        size *= 2;
    double *work = calloc(size, sizeof *work);
    if (!work)
        return NULL;
    for (size_t k = 0; k < n; k++)
        work[k] = series[k] - mean;
    gsl_fft_real_radix2_transform(work, 1, size);
    work[0] *= work[0];
    work[size / 2] *= work[size / 2];
    for (size_t k = 1; k < size / 2;
         k++) { /* real parts, imaginary ones from the end */
        work[k] = work[k] * work[k] + work[size - k] * work[size - k];
        work[size - k] = 0.0;
    }
    gsl_fft_halfcomplex_radix2_inverse(work, 1, size);
    return work;
}

/* The integrated autocorrelation time; NaN without memory. Each estimated correlation
   is too small by variance / n, because the mean is the sample's own; over the window W
   that adds up to a factor of 1 - 2 W / n, which is undone (Wolff, eq. 49, whose 2 W +
   1 has one part in the n - 1 of our variance already). */
static double correlation_time(const double *series, size_t n, double mean)
{
    double *product = lagged_products(series, n, mean);
    if (!product)
        return NAN;
    double tau = tau_least;
    size_t window = 1;
    for (; window < n; window++) {
        double pairs = (double)(n - window);
        tau += product[window] / product[0] * ((double)n / pairs);
        /* Beyond half the series too few pairs are left to say anything. */
        if ((double)window >= window_factor * tau || window >= n / 2)
            break;
    }
    free(product);
    tau *= 1.0 + 2.0 * (double)window / (double)n;
    double most = 0.5 * (double)n; /* n_eff >= 1 */
    return isnan(tau) ? tau : fmin(fmax(tau, tau_least), most);
}

static void fill_spread(struct ensemble *e, const double *series, bool common)
{
    double n = (double)e->n;
    e->std = gsl_stats_sd_m(series, 1, e->n, e->mean);
    e->correlation_time_frames =
        e->std > 0.0 ? correlation_time(series, e->n, e->mean) : tau_least;
    e->n_eff = n / (2.0 * e->correlation_time_frames);
    e->sem = e->std / sqrt(e->n_eff);
    /* Noise that all frames share is not in their spread; and noise that hides behind
       an unlucky anticorrelation is still noise. */
    if (common)
        e->sem = sqrt(e->sem * e->sem + e->sem_mc * e->sem_mc);
    else if (e->sem < e->sem_mc)
        e->sem = e->sem_mc;
}

struct ensemble ensemble_of(const double *value, const double *std, size_t n,
                            size_t stride, bool common)
{
    return ensemble_passing(value, std, n, stride, common, NULL);
}

struct ensemble ensemble_passing(const double *value, const double *std, size_t n,
                                 size_t stride, bool common,
                                 const struct ensemble_pass *pass)
{
    struct ensemble e = {0, NAN, NAN, NAN, NAN, NAN, NAN};
    double *series = n ? calloc(n, sizeof *series) : NULL;
    if (!series)
        return e;
    struct noise noise;
    e.n = compact(value, std, n, stride, pass, series, &noise);
    if (e.n) {
        e.mean = gsl_stats_mean(series, 1, e.n);
        e.sem_mc = (common ? noise.std : sqrt(noise.variance)) / (double)e.n;
    }
    if (e.n == 1) {
        e.n_eff = 1.0;
        e.sem = e.sem_mc;
    } else if (e.n > 1) {
        fill_spread(&e, series, common);
    }
    free(series);
    return e;
}
