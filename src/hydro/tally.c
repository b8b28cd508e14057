/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/tally.h"

#include <math.h>

static void merge(double *into, const double *from, int n)
{
    for (int i = 0; i < n; i++)
        into[i] += from[i];
}

void walk_tally_merge(struct walk_tally *into, const struct walk_tally *block)
{
    into->walks += block->walks;
    into->hits += block->hits;
    into->steps += block->steps;
    into->skin_hits += block->skin_hits;
    into->truncated += block->truncated;
    merge(into->sum, block->sum, WALK_DIM);
    merge(into->product, block->product, TALLY_PRODUCTS(WALK_DIM));
}

void interior_tally_merge(struct interior_tally *into,
                          const struct interior_tally *block)
{
    into->samples += block->samples;
    merge(into->sum, block->sum, INTERIOR_DIM);
    merge(into->product, block->product, TALLY_PRODUCTS(INTERIOR_DIM));
}

void surface_tally_merge(struct surface_tally *into, const struct surface_tally *block)
{
    into->samples += block->samples;
    merge(into->sum, block->sum, SURFACE_DIM);
    merge(into->product, block->product, TALLY_PRODUCTS(SURFACE_DIM));
}

void tally_means(const double *sum, const double *product, uint64_t n, int d,
                 double *mean, double *covariance, int stride)
{
    double count = (double)n;
    for (int i = 0; i < d; i++)
        mean[i] = sum[i] / count;
    for (int i = 0; i < d; i++)
        for (int j = i; j < d; j++) {
            double c = (*product++ / count - mean[i] * mean[j]) / (count - 1);
            if (i == j && c < 0)
                c = 0; /* rounding, where all contributions are equal */
            covariance[i * stride + j] = covariance[j * stride + i] = n < 2 ? NAN : c;
        }
}

/* Hitting probability t, and mean polarizability over 4 pi R^3, which is g = sum_i
   (w_ii
   - u_i v_i / t), with the variances of the two; g's follows from its gradient. */
struct estimate {
    double t, g, t_variance, g_variance;
};

static struct estimate estimate(const struct walk_tally *tally, const double *exact)
{
    double mean[WALK_DIM], covariance[WALK_DIM * WALK_DIM], gradient[WALK_DIM] = {0};
    tally_means(tally->sum, tally->product, tally->walks, WALK_DIM, mean, covariance,
                WALK_DIM);
    for (int i = 0; i < WALK_DIM; i++)
        mean[i] += exact[i];
    double t = mean[0], g = 0, variance = 0;
    for (int i = 0; i < 3; i++) {
        double u = mean[1 + i], v = mean[4 + i];
        g += mean[7 + 4 * i] - u * v / t;
        gradient[0] += u * v / (t * t);
        gradient[1 + i] = -v / t;
        gradient[4 + i] = -u / t;
        gradient[7 + 4 * i] = 1;
    }
    for (int i = 0; i < WALK_DIM; i++)
        for (int j = 0; j < WALK_DIM; j++)
            variance += gradient[i] * gradient[j] * covariance[i * WALK_DIM + j];
    return (struct estimate){t, g, covariance[0], variance > 0 ? variance : 0};
}

void walk_tally_rsd(const struct walk_tally *tally, const double *exact,
                    double *capacitance, double *polarizability)
{
    *capacitance = *polarizability = INFINITY;
    if (tally->hits == 0 || tally->walks < 2)
        return;
    struct estimate e = estimate(tally, exact);
    *capacitance = sqrt(e.t_variance) / e.t;
    *polarizability = e.g > 0 ? sqrt(e.g_variance) / e.g : INFINITY;
}

void walk_tally_variances(const struct walk_tally *tally, const double *exact,
                          double *capacitance, double *polarizability)
{
    *capacitance = *polarizability = NAN;
    if (tally->hits == 0 || tally->walks < 2)
        return;
    struct estimate e = estimate(tally, exact);
    *capacitance = e.t_variance;
    *polarizability = e.g_variance;
}

double interior_tally_rsd(const struct interior_tally *tally)
{
    if (tally->samples < 2)
        return INFINITY;
    return sqrt(tally->product[0]) / tally->sum[0];
}
