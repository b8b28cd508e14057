/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_STOKES_H
#define FRAMEWALK_SIMD_STOKES_H

#include <stddef.h>

/* The linear algebra of hydro/stokes.h in lanes. Sources inside a body, each a
   Stokeslet (I / r + r r / r^3) f and a source doublet (I / r^3 - 3 r r / r^5) g, are
   fitted to velocities at points of its surface: three translations, three rotations,
   five strains. Lengths are in a unit that makes them about one, relative to a centre.

   Columns: sources in groups of STOKES_PANEL, a group's Stokeslets along x, y, z, then
   its doublets, each a panel of one column a source; then a panel of the boundary
   velocities, modes in their order. Rows: the three components of the velocity at a
   point, points in stretches. Sums grow in the order of the points, whatever the
   instruction set and the division of labour. */

enum { STOKES_TRANSLATIONS = 3, STOKES_ROTATIONS = 3, STOKES_STRAINS = 5 };
enum {
    STOKES_RIGID = STOKES_TRANSLATIONS + STOKES_ROTATIONS,
    STOKES_MODES = STOKES_RIGID + STOKES_STRAINS,
};
enum { STOKES_PANEL = 16, STOKES_PANELS = 6 /* of a group */ };
enum {
    STOKES_STRETCH = 32, /* points */
    STOKES_ROWS = 3 * STOKES_STRETCH,
    STOKES_CHUNK = 16, /* stretches whose columns are held at a time */
};
/* Panels whose rows of the matrix are one job. */
enum { STOKES_GROUP = 2 };
/* Fields that are evaluated at the points: of the fit to each mode, then of its
   adjoint, either padded to a panel. */
enum { STOKES_FIELDS = 2 * STOKES_PANEL };
enum { STOKES_SOURCES_MAX = 1024 };

struct stokes_fit {
    size_t n_points, n_sources;
    const double (*point)[3], (*source)[3];
    void *basis;    /* STOKES_CHUNK * STOKES_ROWS * stokes_columns() numbers */
    void *weight;   /* STOKES_FIELDS of them for each column of a source */
    double *matrix; /* stokes_columns() rows, stokes_stride() apart */
};

/* What the fit gives. */
struct stokes_solution {
    /* m_ab = sum over sources of v_a(y) . f_b, symmetrised, by all sources and by the
       first half of the groups. */
    double m[STOKES_MODES][STOKES_MODES], half[STOKES_MODES][STOKES_MODES];
    /* Mean squares over the points: of a mode's velocity, of what the fit leaves of it,
       by all sources and by half of them, and the part of it that the ridge adds. */
    double square[STOKES_MODES], left[STOKES_MODES], left_half[STOKES_MODES];
    double penalty[STOKES_MODES];
};

static inline size_t stokes_groups(size_t n_sources)
{
    return (n_sources + STOKES_PANEL - 1) / STOKES_PANEL;
}

static inline size_t stokes_source_columns(const struct stokes_fit *fit)
{
    return stokes_groups(fit->n_sources) * STOKES_PANELS * STOKES_PANEL;
}

static inline size_t stokes_columns(const struct stokes_fit *fit)
{
    return stokes_source_columns(fit) + STOKES_PANEL;
}

/* Behind the columns there is room for the adjoint's right-hand sides. */
static inline size_t stokes_stride(const struct stokes_fit *fit)
{
    return stokes_columns(fit) + STOKES_PANEL;
}

static inline size_t stokes_stretches(const struct stokes_fit *fit)
{
    return (fit->n_points + STOKES_STRETCH - 1) / STOKES_STRETCH;
}

/* Row jobs of the matrix. */
static inline size_t stokes_jobs(const struct stokes_fit *fit)
{
    size_t panels = stokes_columns(fit) / STOKES_PANEL;
    return (panels + STOKES_GROUP - 1) / STOKES_GROUP;
}

/* In one precision: `basis` and `weight` are of its numbers. */
struct simd_stokes_kernel {
    size_t number_bytes;
    /* Fills the columns at a stretch; it goes to place stretch % STOKES_CHUNK. */
    void (*basis)(const struct stokes_fit *fit, size_t stretch);
    /* Adds the products of columns over stretches first to last - 1, which are held, to
       job `job`'s rows of the matrix, zeroed before the first stretch. */
    void (*gram)(const struct stokes_fit *fit, size_t job, size_t first, size_t last);
    /* Takes the weights of the solution, STOKES_FIELDS for each column. */
    void (*take)(const struct stokes_fit *fit, const double *weight);
    /* The fields at a stretch that is held: what the fit leaves of each mode, and the
       adjoint; by rows. */
    void (*fields)(const struct stokes_fit *fit, size_t stretch,
                   double (*out)[STOKES_FIELDS]);
};

struct simd_stokes_solver {
    /* Solves (columns of unit mean square, normal matrix / rows, + ridge) for all
       modes and adjoints. Destroys the matrix; `weight` receives STOKES_FIELDS numbers
       for each column of a source. */
    void (*solve)(const struct stokes_fit *fit, double ridge,
                  struct stokes_solution *solution, double *weight);
    /* Least squared distance of a place to n > 0 points, given by coordinate and padded
       with copies to a multiple of FIELD_HITS; *nearest: which it is, the first
       such. */
    float (*clearance)(const float *const point[3], size_t n_padded,
                       const float place[3], size_t *nearest);
};

/* Velocity of mode `mode` at x: e_i; e_i x x; E_k x with orthonormal strains xx - yy,
   2 zz - xx - yy, xy, xz, yz. */
static inline void stokes_velocity(const double x[3], double v[STOKES_MODES][3])
{
    const double a = 0.70710678118654752440, b = 0.40824829046386301637; /* 1/sqrt 6 */
    const double all[STOKES_MODES][3] = {
        {1, 0, 0},
        {0, 1, 0},
        {0, 0, 1},
        {0, -x[2], x[1]},
        {x[2], 0, -x[0]},
        {-x[1], x[0], 0},
        {a * x[0], -a * x[1], 0},
        {-b * x[0], -b * x[1], 2 * b * x[2]},
        {a * x[1], a * x[0], 0},
        {a * x[2], 0, a * x[0]},
        {0, a * x[2], a * x[1]},
    };
    for (int i = 0; i < STOKES_MODES; i++)
        for (int k = 0; k < 3; k++)
            v[i][k] = all[i][k];
}

#endif
