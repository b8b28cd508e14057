/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sharp estimates from where walks begin and end, whoever walked. For a point x_k of
   the body 1 / |x - x_k| is harmonic outside it, so that for walks from uniform points
   s of the launch sphere which hit at X or escape

       E[hit / |X - x_k|] = 1,    E[hit s_i / |X - x_k|] = x_ki / 3

   exactly. Lengths are in launch radii. */
#ifndef FRAMEWALK_T_SIMD_ESTIMATE_H
#define FRAMEWALK_T_SIMD_ESTIMATE_H

#include "fwtest.h"

#include "dice.h"
#include "geom/balls.h"
#include "simd/walk.h"

#include <gsl/gsl_cdf.h>

/* 1. Those means for some points, against the scatter of the walks. */
enum { HARMONIC_POINTS = 8, HARMONIC = 4 * HARMONIC_POINTS };

struct harmonic {
    double at[HARMONIC_POINTS][3];
    double walks, one[HARMONIC], two[HARMONIC][HARMONIC];
};

/* Points spread over the balls, up to 0.6 radii from their centres. Not in small ones:
   what few walks that find them add there is far from normal. */
#define HARMONIC_LEAST 0.01
static inline void harmonic_begin(struct harmonic *h, const struct balls *balls,
                                  double launch_radius, uint64_t seed)
{
    struct dice dice = {seed};
    memset(h, 0, sizeof *h);
    for (size_t k = 0; k < HARMONIC_POINTS; k++) {
        size_t i = (k * balls->n + balls->n / 2) / HARMONIC_POINTS;
        for (size_t n = 0; n < balls->n && balls->r[i] < HARMONIC_LEAST * launch_radius;
             n++)
            i = (i + 1) % balls->n;
        double u[3], r = 0.6 * balls->r[i] * dice_between(&dice, 0, 1);
        dice_direction(&dice, u);
        h->at[k][0] = (balls->x[i] + r * u[0]) / launch_radius;
        h->at[k][1] = (balls->y[i] + r * u[1]) / launch_radius;
        h->at[k][2] = (balls->z[i] + r * u[2]) / launch_radius;
    }
}

static inline double inverse_distance(const double a[3], const double b[3])
{
    double x = a[0] - b[0], y = a[1] - b[1], z = a[2] - b[2];
    return 1 / sqrt(x * x + y * y + z * z);
}

/* A walk that hit; those that escaped are only counted. */
static inline void harmonic_add(struct harmonic *h, const double s[3],
                                const double X[3])
{
    double f[HARMONIC];
    for (int k = 0; k < HARMONIC_POINTS; k++) {
        f[4 * k] = inverse_distance(X, h->at[k]);
        for (int i = 0; i < 3; i++)
            f[4 * k + 1 + i] = s[i] * f[4 * k];
    }
    for (int i = 0; i < HARMONIC; i++) {
        h->one[i] += f[i];
        for (int j = 0; j <= i; j++)
            h->two[i][j] += f[i] * f[j];
    }
}

static inline double harmonic_exact(const struct harmonic *h, int i)
{
    return i % 4 ? h->at[i / 4][i % 4 - 1] / 3 : 1;
}

/* Sum of the squares of the means' deviations, decorrelated by a Cholesky factorisation
   that leaves out what nearly follows from the functions before it; *freedom: how many
   are left. */
static inline double harmonic_chi_square(const struct harmonic *h, int *freedom)
{
    static double L[HARMONIC][HARMONIC];
    double w[HARMONIC] = {0}, chi2 = 0, n = h->walks;
    *freedom = 0;
    memset(L, 0, sizeof L);
    for (int i = 0; i < HARMONIC; i++) {
        double variance = h->two[i][i] - h->one[i] * h->one[i] / n, left = variance;
        double deviation = h->one[i] - n * harmonic_exact(h, i);
        for (int j = 0; j < i; j++) {
            double c = h->two[i][j] - h->one[i] * h->one[j] / n;
            for (int k = 0; k < j; k++)
                c -= L[i][k] * L[j][k];
            L[i][j] = L[j][j] > 0 ? c / L[j][j] : 0;
            left -= L[i][j] * L[i][j];
            deviation -= L[i][j] * w[j];
        }
        if (!(left > 1e-4 * variance))
            continue;
        L[i][i] = sqrt(left);
        w[i] = deviation / L[i][i];
        chi2 += w[i] * w[i];
        ++*freedom;
    }
    return chi2;
}

/* 2. Capacitance and polarizability by a control variate: sums phi_q of b_qk / |X -
   x_k| that are nearly f_q = 1, X, Y, Z on the body, the exact means of which are added
   to those of what is left. */
enum { SHARP_SOURCES = 224, SHARP_TARGETS = 4, SHARP_BATCHES = 20 };
enum { SHARP_MEANS = 16 }; /* t; u; v; w_ij, as in hydro/tally.h */

struct sharp {
    size_t n;
    double at[SHARP_SOURCES][3], weight[SHARP_TARGETS][SHARP_SOURCES];
    double gram[SHARP_SOURCES][SHARP_SOURCES], right[SHARP_TARGETS][SHARP_SOURCES];
    double exact[SHARP_MEANS];
    double walks[SHARP_BATCHES], sum[SHARP_BATCHES][SHARP_MEANS];
};

static inline void sharp_source(struct sharp *sharp, double x, double y, double z)
{
    if (sharp->n < SHARP_SOURCES)
        memcpy(sharp->at[sharp->n++], (double[3]){x, y, z}, sizeof *sharp->at);
}

/* Sources in the balls: centres, and for few balls points around them. */
static inline void sharp_begin(struct sharp *sharp, const struct balls *b,
                               double launch_radius)
{
    const double R = launch_radius;
    memset(sharp, 0, sizeof *sharp);
    for (size_t i = 0; i < b->n; i++)
        sharp_source(sharp, b->x[i] / R, b->y[i] / R, b->z[i] / R);
    for (int side = 0; side < 12; side++) {
        /* The corners of an icosahedron. */
        double a = side & 1 ? 0.5257311 : -0.5257311,
               c = side & 2 ? 0.8506508 : -0.8506508;
        double u[3] = {0};
        u[side / 4] = a;
        u[(side / 4 + 1) % 3] = c;
        for (size_t i = 0; i < b->n && 13 * b->n <= SHARP_SOURCES; i++) {
            double r = 0.7 * b->r[i] / R;
            sharp_source(sharp, b->x[i] / R + r * u[0], b->y[i] / R + r * u[1],
                         b->z[i] / R + r * u[2]);
        }
    }
}

static inline void sharp_basis(const struct sharp *sharp, const double X[3],
                               double g[SHARP_SOURCES])
{
    for (size_t k = 0; k < sharp->n; k++)
        g[k] = inverse_distance(X, sharp->at[k]);
}

static inline void sharp_targets(const double X[3], double f[SHARP_TARGETS])
{
    f[0] = 1;
    memcpy(f + 1, X, 3 * sizeof *X);
}

/* A hit of the pilot, which is not to be used again. */
static inline void sharp_learn(struct sharp *sharp, const double X[3])
{
    double g[SHARP_SOURCES], f[SHARP_TARGETS];
    sharp_basis(sharp, X, g);
    sharp_targets(X, f);
    for (size_t i = 0; i < sharp->n; i++) {
        for (size_t j = 0; j <= i; j++)
            sharp->gram[i][j] += g[i] * g[j];
        for (int q = 0; q < SHARP_TARGETS; q++)
            sharp->right[q][i] += g[i] * f[q];
    }
}

/* Least squares by Cholesky's factorisation, with a little ridge. */
static inline void sharp_fit(struct sharp *sharp)
{
    size_t n = sharp->n;
    double(*L)[SHARP_SOURCES] = sharp->gram, ridge = 0;
    for (size_t i = 0; i < n; i++)
        ridge += 1e-8 * L[i][i] / (double)n;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            double c = L[i][j] + (i == j ? ridge : 0);
            for (size_t k = 0; k < j; k++)
                c -= L[i][k] * L[j][k];
            L[i][j] = i == j ? sqrt(c) : c / L[j][j];
        }
    for (int q = 0; q < SHARP_TARGETS; q++) {
        double *b = memcpy(sharp->weight[q], sharp->right[q], n * sizeof *b);
        for (size_t i = 0; i < n; b[i] /= L[i][i], i++)
            for (size_t k = 0; k < i; k++)
                b[i] -= L[i][k] * b[k];
        for (size_t i = n; i-- > 0; b[i] /= L[i][i])
            for (size_t k = i + 1; k < n; k++)
                b[i] -= L[k][i] * b[k];
        for (size_t k = 0; k < n; k++) {
            double *mean = sharp->exact;
            mean[q ? 3 + q : 0] += b[k];
            for (int i = 0; i < 3; i++)
                mean[q ? 6 + 3 * i + q : 1 + i] += b[k] * sharp->at[k][i] / 3;
        }
    }
}

/* A hit in one of the batches; all its walks are to be counted in walks[]. */
static inline void sharp_add(struct sharp *sharp, unsigned batch, const double s[3],
                             const double X[3])
{
    double g[SHARP_SOURCES], f[SHARP_TARGETS], *sum = sharp->sum[batch];
    sharp_basis(sharp, X, g);
    sharp_targets(X, f);
    for (int q = 0; q < SHARP_TARGETS; q++)
        for (size_t k = 0; k < sharp->n; k++)
            f[q] -= sharp->weight[q][k] * g[k];
    for (int q = 0; q < SHARP_TARGETS; q++) {
        sum[q ? 3 + q : 0] += f[q];
        for (int i = 0; i < 3; i++)
            sum[q ? 6 + 3 * i + q : 1 + i] += s[i] * f[q];
    }
}

struct estimate {
    double value, sigma; /* sigma from the scatter of the batches */
};

/* C / R for ij < 0, else the element of alpha / R^3 with i = ij / 3, j = ij % 3: 12 pi
   (w_ij - u_i v_j / t), made symmetric. */
static inline struct estimate sharp_estimate(const struct sharp *sharp, int ij)
{
    double one = 0, two = 0;
    for (int batch = 0; batch < SHARP_BATCHES; batch++) {
        double mean[SHARP_MEANS];
        for (int q = 0; q < SHARP_MEANS; q++)
            mean[q] = sharp->exact[q] + sharp->sum[batch][q] / sharp->walks[batch];
        double value = mean[0];
        if (ij >= 0) {
            int i = ij / 3, j = ij % 3;
            value = 6 * M_PI *
                    (mean[7 + 3 * i + j] - mean[1 + i] * mean[4 + j] / mean[0] +
                     mean[7 + 3 * j + i] - mean[1 + j] * mean[4 + i] / mean[0]);
        }
        one += value;
        two += value * value;
    }
    double mean = one / SHARP_BATCHES, scatter = two / SHARP_BATCHES - mean * mean;
    return (struct estimate){mean, sqrt(fmax(scatter, 0) / (SHARP_BATCHES - 1))};
}

/* The start and the end of hit i, as the others take them. */
static inline void hit_at(const struct walk_hits *hits, uint64_t i, double s[3],
                          double X[3])
{
    for (int k = 0; k < 3; k++) {
        s[k] = hits->start[k][i];
        X[k] = hits->point[k][i];
    }
}

#endif
