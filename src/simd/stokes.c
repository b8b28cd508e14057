/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns of the fit of Stokeslets and doublets, their products, and fields. */
#include "simd/stokes.h"

#include "simd/isa.h"
#include "simd/least_squares.h"

#include <stdbool.h>

_Static_assert((int)STOKES_PANEL == (int)LSQ_PANEL, "panels of the normal equations");

enum { FIELD_PIECES = STOKES_FIELDS / VEC_LANES };

/* Rows whose fields are worked on at a time. */
enum { ABREAST = VEC_BYTES == 64 ? 4 : 2 };

/* Fields that are summed together, so that their sums fit into the registers. */
enum { PORTION = FIELD_PIECES < 8 / ABREAST ? FIELD_PIECES : 8 / ABREAST };

_Static_assert(FIELD_PIECES % PORTION == 0, "whole portions");

/* A panel's columns at a stretch, row by row; those of all panels lie next to each
   other, so that the memory is read in order. */
static inline real *panel_of(const struct stokes_fit *fit, size_t stretch, size_t panel)
{
    size_t panels = stokes_columns(fit) / STOKES_PANEL;
    return (real *)fit->basis +
           ((stretch % STOKES_CHUNK) * panels + panel) * STOKES_ROWS * STOKES_PANEL;
}

/* Sources of a group by coordinate; `on` is 0 for those that fill the last group. */
struct lanes {
    real at[3][STOKES_PANEL], on[STOKES_PANEL];
};

static void take_group(const struct stokes_fit *fit, size_t group, struct lanes *lanes)
{
    for (size_t i = 0; i < STOKES_PANEL; i++) {
        size_t source = group * STOKES_PANEL + i;
        bool on = source < fit->n_sources;
        for (int k = 0; k < 3; k++)
            lanes->at[k][i] = on ? (real)fit->source[source][k] : 8;
        lanes->on[i] = on;
    }
}

/* The velocities of VEC_LANES sources at a point: out[panel][component] are panels'
   rows. */
static inline void put_velocities(const struct lanes *lanes, size_t i, const real x[3],
                                  real *panel[STOKES_PANELS])
{
    vreal r[3];
    for (int k = 0; k < 3; k++)
        r[k] = x[k] - vec_load(lanes->at[k] + i);
    vreal square = r[0] * r[0] + r[1] * r[1] + r[2] * r[2];
    vreal inverse = vec_load(lanes->on + i) / vec_sqrt(square);
    vreal inverse_square = 1 / square;
    vreal cube = inverse * inverse_square;
    vreal fifth = cube * inverse_square * 3;
    for (int c = 0; c < 3; c++)
        for (int j = 0; j < 3; j++) {
            vreal product = r[c] * r[j];
            vreal stokeslet = product * cube, doublet = -(product * fifth);
            if (c == j) {
                stokeslet += inverse;
                doublet += cube;
            }
            vec_store(panel[j] + c * STOKES_PANEL + i, stokeslet);
            vec_store(panel[3 + j] + c * STOKES_PANEL + i, doublet);
        }
}

static void put_modes(const double point[3], real *row)
{
    double v[STOKES_MODES][3];
    stokes_velocity(point, v);
    for (int c = 0; c < 3; c++, row += STOKES_PANEL)
        for (int a = 0; a < STOKES_PANEL; a++)
            row[a] = a < STOKES_MODES ? (real)v[a][c] : 0;
}

static void basis(const struct stokes_fit *fit, size_t stretch)
{
    size_t groups = stokes_groups(fit->n_sources), begin = stretch * STOKES_STRETCH;
    size_t n =
        fit->n_points - begin < STOKES_STRETCH ? fit->n_points - begin : STOKES_STRETCH;
    for (size_t g = 0; g < groups; g++) {
        struct lanes lanes;
        take_group(fit, g, &lanes);
        real *panel[STOKES_PANELS];
        for (size_t p = 0; p < STOKES_PANELS; p++)
            panel[p] = panel_of(fit, stretch, g * STOKES_PANELS + p);
        for (size_t h = 0; h < n; h++) {
            const double *point = fit->point[begin + h];
            const real x[3] = {(real)point[0], (real)point[1], (real)point[2]};
            for (size_t i = 0; i < STOKES_PANEL; i += VEC_LANES)
                put_velocities(&lanes, i, x, panel);
            for (size_t p = 0; p < STOKES_PANELS; p++)
                panel[p] += 3 * STOKES_PANEL;
        }
    }
    real *modes = panel_of(fit, stretch, groups * STOKES_PANELS);
    for (size_t h = 0; h < n; h++)
        put_modes(fit->point[begin + h], modes + h * 3 * STOKES_PANEL);
    /* There are no points behind the last one. */
    for (size_t p = 0; n < STOKES_STRETCH && p <= groups * STOKES_PANELS; p++)
        memset(panel_of(fit, stretch, p) + n * 3 * STOKES_PANEL, 0,
               (STOKES_STRETCH - n) * 3 * STOKES_PANEL * sizeof(real));
}

static void gram(const struct stokes_fit *fit, size_t job, size_t begin, size_t end)
{
    size_t panels = stokes_columns(fit) / STOKES_PANEL, stride = stokes_stride(fit);
    size_t first = job * STOKES_GROUP;
    size_t last = first + STOKES_GROUP < panels ? first + STOKES_GROUP : panels;
    double *matrix = fit->matrix;
    if (begin == 0)
        memset(matrix + first * STOKES_PANEL * stride, 0,
               (last - first) * STOKES_PANEL * stride * sizeof *matrix);
    /* The job's own columns stay in the first cache; each other panel, which comes from
       farther away, serves the whole job. */
    for (size_t s = begin; s < end; s++)
        for (size_t j = first; j < panels; j++)
            for (size_t i = first; i < last && i <= j; i++)
                for (size_t row = 0; row < STOKES_PANEL; row += LSQ_ROWS)
                    lsq_add_products(
                        panel_of(fit, s, i) + row, panel_of(fit, s, j), STOKES_ROWS,
                        matrix + (i * STOKES_PANEL + row) * stride + j * STOKES_PANEL,
                        stride);
}

static void take(const struct stokes_fit *fit, const double *weight)
{
    real *to = fit->weight;
    size_t n = stokes_source_columns(fit) * STOKES_FIELDS;
    for (size_t i = 0; i < n; i++)
        to[i] = (real)weight[i];
}

/* A portion of the fields of ABREAST rows: sums over columns in their order. */
static inline void add_columns(const struct stokes_fit *fit, size_t stretch, size_t row,
                               const real *weight, vreal sum[ABREAST][PORTION])
{
    size_t panels = stokes_groups(fit->n_sources) * STOKES_PANELS;
    for (size_t p = 0; p < panels; p++) {
        const real *column = panel_of(fit, stretch, p) + row * STOKES_PANEL;
        for (size_t i = 0; i < STOKES_PANEL; i++, weight += STOKES_FIELDS) {
            vreal w[PORTION];
            for (int k = 0; k < PORTION; k++)
                w[k] = vec_load(weight + k * VEC_LANES);
            for (int r = 0; r < ABREAST; r++)
                for (int k = 0; k < PORTION; k++)
                    sum[r][k] += column[(size_t)r * STOKES_PANEL + i] * w[k];
        }
    }
}

static void fields(const struct stokes_fit *fit, size_t stretch,
                   double (*out)[STOKES_FIELDS])
{
    const real *weight = fit->weight;
    const real *modes =
        panel_of(fit, stretch, stokes_groups(fit->n_sources) * STOKES_PANELS);
    for (size_t row = 0; row < STOKES_ROWS; row += ABREAST)
        for (size_t k = 0; k < FIELD_PIECES; k += PORTION) {
            vreal sum[ABREAST][PORTION] = {{{0}}};
            add_columns(fit, stretch, row, weight + k * VEC_LANES, sum);
            for (size_t r = 0; r < ABREAST; r++)
                for (size_t j = 0; j < PORTION; j++) {
                    real part[VEC_LANES];
                    vec_store(part, sum[r][j]);
                    for (size_t i = 0; i < VEC_LANES; i++)
                        out[row + r][(k + j) * VEC_LANES + i] = (double)part[i];
                }
        }
    for (size_t row = 0; row < STOKES_ROWS; row++)
        for (size_t a = 0; a < STOKES_MODES; a++)
            out[row][a] = (double)modes[row * STOKES_PANEL + a] - out[row][a];
}

extern const struct simd_stokes_kernel SIMD_REAL_(simd_stokes);

const struct simd_stokes_kernel SIMD_REAL_(simd_stokes) = {
    .number_bytes = sizeof(real),
    .basis = basis,
    .gram = gram,
    .take = take,
    .fields = fields,
};
