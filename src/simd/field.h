/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_FIELD_H
#define FRAMEWALK_SIMD_FIELD_H

#include "hydro/hits.h"
#include "hydro/tally.h"

#include <stddef.h>
#include <stdint.h>

/* The potentials of point charges inside a body, which the walks' control variate is
   made of (hydro/control.h), in lanes: evaluated at the hits of a block, fitted to the
   hits of a pilot, and the choice of the charges' places. Single precision but for
   sums. All lengths are in launch radii. */

enum {
    FIELD_TARGETS = 4,
    FIELD_SOURCES_MAX = 384,
    FIELD_RUN = 16,   /* sources that are summed in single precision */
    FIELD_PANEL = 16, /* columns of the fit that are handled together */
    FIELD_GROUP = 2,  /* panels whose rows of the matrix are one job */
    FIELD_HITS = 64,  /* hits of the fit that are summed in single precision */
};

/* A charge, as strong as each target wants it. */
struct field_source {
    float x, y, z, beta[FIELD_TARGETS];
};

/* Phi_q(X) = sum_k beta_qk / |X - x_k|. */
struct field {
    size_t n; /* a multiple of FIELD_RUN; idle charges fill it up */
    struct field_source source[FIELD_SOURCES_MAX];
};

/* Points by coordinate, a multiple of FIELD_HITS of them: what stands behind the first
   n are copies. */
struct field_points {
    size_t n, n_padded;
    const float *x, *y, *z;
};

/* The least-squares problem of a fit. Its columns are the potentials of unit charges at
   the points and, in a last panel of their own, the targets 1, x, y, z. */
struct field_fit {
    struct field_points points;
    const struct field *field; /* whose charges */
    size_t n_columns;          /* field->n + FIELD_PANEL */
    /* By stretches of FIELD_HITS points, in them by panels, in them by points:
       FIELD_PANEL values of each. */
    float *basis;
    double *matrix; /* n_columns^2, row by row: products of columns, upper triangle */
};

struct simd_field_kernel {
    /* Adds the hits to *tally with what the field leaves of their targets; with the
       targets themselves where `field` is NULL. Sums and products grow in the order of
       the hits. */
    void (*tally)(const struct field *field, const struct walk_hits *hits,
                  struct walk_tally *tally);
    /* Takes a new centre into account in the squared distances to the nearest one, and
       returns the point that is then farthest from all of them, the first such. */
    size_t (*spread)(const struct field_points *points, const float centre[3],
                     float *nearest);
    /* The nearest of n centres for each point, the first such, and its squared
       distance. n > 0; the arrays have n_padded elements. */
    void (*assign)(const struct field_points *points, size_t n,
                   const float (*centre)[3], uint32_t *which, float *square);
    /* Fills panel `panel` of the basis. */
    void (*basis)(const struct field_fit *fit, size_t panel);
    /* Fills the rows of a group of panels in the matrix; needs the basis of all panels.
     */
    void (*gram)(const struct field_fit *fit, size_t group);
    /* Solves (matrix + ridge * its mean diagonal) beta = targets for the n charges that
       are not idle; those that depend on earlier ones get none. Destroys the matrix. */
    void (*solve)(const struct field_fit *fit, size_t n, double ridge,
                  double (*beta)[FIELD_TARGETS]);
};

#endif
