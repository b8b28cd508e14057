/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_TALLY_H
#define FRAMEWALK_HYDRO_TALLY_H

#include <stdint.h>

/* Sums over walks and samples, with all products of two, so that means come with their
   covariances. Sums of blocks are added in the order of the blocks: double precision
   then gives the same bits for every division of labour. */

#define TALLY_PRODUCTS(d) ((d) * ((d) + 1) / 2)

/* What a walk contributes when it hits the body (an escaped one contributes zeros):
   with start direction n and end point e in launch radii, 1; n_x n_y n_z; e_x e_y e_z;
   n_i e_j, row by row. Their means are t, u, v / R, w / R of Mansfield, Douglas,
   Garboczi, Phys. Rev. E 64, 061401 (2001). With a control variate (control.h) 1 and e
   are what is left of them, and its exact means are to be added. */
enum { WALK_DIM = 16 };

/* What an interior sample contributes: 1/m, and 1/m times x, y, z, xx, xy, xz, yy, yz,
   zz in launch radii, m being the number of balls that contain the point. */
enum { INTERIOR_DIM = 10 };

/* What a surface sample contributes: 1 when no other ball contains it. */
enum { SURFACE_DIM = 1 };

struct walk_tally {
    uint64_t walks;
    uint64_t hits;
    uint64_t steps;
    uint64_t skin_hits; /* walks that ended in the skin, not by first passage */
    uint64_t truncated; /* walks given up at the step limit, counted as escaped */
    double sum[WALK_DIM];
    double product[TALLY_PRODUCTS(WALK_DIM)]; /* rows of the upper triangle */
};

/* Samples are stratified (sample.h): `product` sums the products of the differences
   between a stratum's two halves, which estimates the covariance of `sum`. */
struct interior_tally {
    uint64_t samples;
    double sum[INTERIOR_DIM];
    double product[TALLY_PRODUCTS(INTERIOR_DIM)];
};

struct surface_tally {
    uint64_t samples;
    double sum[SURFACE_DIM];
    double product[TALLY_PRODUCTS(SURFACE_DIM)];
};

/* Adds q and its products; d is a constant wherever this is inlined. */
static inline void tally_add(double *sum, double *product, const double *q, int d)
{
    for (int i = 0; i < d; i++) {
        sum[i] += q[i];
        for (int j = i; j < d; j++)
            *product++ += q[i] * q[j];
    }
}

void walk_tally_merge(struct walk_tally *into, const struct walk_tally *block);
void interior_tally_merge(struct interior_tally *into,
                          const struct interior_tally *block);
void surface_tally_merge(struct surface_tally *into, const struct surface_tally *block);

/* Means of n contributions and the covariance matrix (d x d, rows `stride` apart) of
   those means; NaN covariances for n < 2. */
void tally_means(const double *sum, const double *product, uint64_t n, int d,
                 double *mean, double *covariance, int stride);

/* Relative standard deviations (not percent) of what a prefix of the walks gives for
   capacitance and mean polarizability; infinite while nothing has hit. `exact`: the
   control variate's means, WALK_DIM numbers, zeros without one. */
void walk_tally_rsd(const struct walk_tally *tally, const double *exact,
                    double *capacitance, double *polarizability);
/* Variances of capacitance over R and mean polarizability over 4 pi R^3 instead, to be
   compared with others of the same body; NaN while nothing has hit. */
void walk_tally_variances(const struct walk_tally *tally, const double *exact,
                          double *capacitance, double *polarizability);
double interior_tally_rsd(const struct interior_tally *tally);

#endif
