/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The solution of the fit of Stokeslets and doublets, and distances for the choice of
   their places. */
#include "simd/stokes.h"

#include "simd/isa.h"
#include "simd/least_squares.h"

/* Of a column's mean square, which is one: what is left of a pivot below this is
   rounding of sums in double precision. */
static const double PIVOT_MIN = 1e-14;

static const double EIGHT_PI = 25.132741228718345908; /* of the Stokeslet */

/* Makes columns' mean squares one and adds the ridge. Idle columns stay zero. */
static void scale_matrix(const struct stokes_fit *fit, double ridge, double *scale)
{
    size_t n = stokes_source_columns(fit), stride = stokes_stride(fit);
    double rows = 3.0 * (double)fit->n_points, *a = fit->matrix;
    for (size_t i = 0; i < n; i++) {
        double square = a[i * stride + i] / rows;
        scale[i] = square > 0 ? 1 / sqrt(square) : 0;
    }
    for (size_t i = 0; i < n; i++) {
        double *row = a + i * stride, factor = scale[i] / rows;
        for (size_t j = i; j < n; j++)
            row[j] *= factor * scale[j];
        for (size_t j = n; j < n + STOKES_MODES; j++)
            row[j] *= factor;
        row[i] += ridge;
    }
}

/* The functional m_a = sum of v_a(y) . f by columns: what the adjoint solves for. */
static void put_adjoints(const struct stokes_fit *fit, const double *scale)
{
    size_t stride = stokes_stride(fit), at = stokes_columns(fit);
    for (size_t i = 0; i < stokes_source_columns(fit); i++)
        memset(fit->matrix + i * stride + at, 0, STOKES_PANEL * sizeof(double));
    for (size_t s = 0; s < fit->n_sources; s++) {
        double v[STOKES_MODES][3];
        stokes_velocity(fit->source[s], v);
        for (size_t c = 0; c < 3; c++) {
            size_t column = (s / STOKES_PANEL * STOKES_PANELS + c) * STOKES_PANEL +
                            s % STOKES_PANEL;
            for (size_t a = 0; a < STOKES_MODES; a++)
                fit->matrix[column * stride + at + a] =
                    EIGHT_PI * v[a][c] * scale[column];
        }
    }
}

/* Products of the right-hand sides' U^-T over columns begin to end - 1: of modes with
   adjoints, which give m, and of modes with themselves, which tell what is left. */
static void add_solution(const struct stokes_fit *fit, size_t begin, size_t end,
                         double m[STOKES_MODES][STOKES_MODES],
                         double square[STOKES_MODES])
{
    size_t stride = stokes_stride(fit), mode = stokes_source_columns(fit);
    for (size_t i = begin; i < end; i++) {
        const double *z = fit->matrix + i * stride + mode, *w = z + STOKES_PANEL;
        for (size_t a = 0; a < STOKES_MODES; a++) {
            square[a] += z[a] * z[a];
            for (size_t b = 0; b < STOKES_MODES; b++)
                m[a][b] += w[a] * z[b];
        }
    }
}

static void symmetrise(double m[STOKES_MODES][STOKES_MODES])
{
    for (size_t a = 0; a < STOKES_MODES; a++)
        for (size_t b = 0; b < a; b++)
            m[a][b] = m[b][a] = 0.5 * (m[a][b] + m[b][a]);
}

/* Back substitution, from the last column on; the result is by columns, of unit mean
   square still. */
static void substitute(const struct stokes_fit *fit, double *weight)
{
    size_t n = stokes_source_columns(fit), stride = stokes_stride(fit);
    for (size_t i = n; i-- > 0;) {
        const double *row = fit->matrix + i * stride;
        double *x = weight + i * STOKES_FIELDS;
        memcpy(x, row + n, STOKES_FIELDS * sizeof *x);
        for (size_t j = i + 1; j < n; j++)
            for (size_t q = 0; q < STOKES_FIELDS; q++)
                x[q] -= row[j] * weight[j * STOKES_FIELDS + q];
        for (size_t q = 0; q < STOKES_FIELDS; q++)
            x[q] /= row[i];
    }
}

static void set_left(const struct stokes_fit *fit, const double square[STOKES_MODES],
                     double left[STOKES_MODES])
{
    size_t n = stokes_source_columns(fit), stride = stokes_stride(fit);
    double points = (double)fit->n_points;
    for (size_t a = 0; a < STOKES_MODES; a++)
        left[a] = fit->matrix[(n + a) * stride + n + a] / points - 3 * square[a];
}

static void solve(const struct stokes_fit *fit, double ridge,
                  struct stokes_solution *solution, double *weight)
{
    size_t n = stokes_source_columns(fit), stride = stokes_stride(fit);
    size_t half = stokes_groups(fit->n_sources) / 2 * STOKES_PANELS * STOKES_PANEL;
    double scale[STOKES_SOURCES_MAX * STOKES_PANELS], square[STOKES_MODES] = {0};
    *solution = (struct stokes_solution){0};
    scale_matrix(fit, ridge, scale);
    put_adjoints(fit, scale);
    lsq_factor(fit->matrix, n, stride, stride, PIVOT_MIN);
    add_solution(fit, 0, half, solution->half, square);
    set_left(fit, square, solution->left_half);
    memcpy(solution->m, solution->half, sizeof solution->m);
    add_solution(fit, half, n, solution->m, square);
    set_left(fit, square, solution->left);
    symmetrise(solution->m);
    symmetrise(solution->half);
    substitute(fit, weight);
    for (size_t a = 0; a < STOKES_MODES; a++) {
        solution->square[a] =
            fit->matrix[(n + a) * stride + n + a] / (double)fit->n_points;
        for (size_t i = 0; i < n; i++)
            solution->penalty[a] += 3 * ridge * weight[i * STOKES_FIELDS + a] *
                                    weight[i * STOKES_FIELDS + a];
    }
    for (size_t i = 0; i < n; i++)
        for (size_t q = 0; q < STOKES_FIELDS; q++)
            weight[i * STOKES_FIELDS + q] *= scale[i];
}

static float clearance(const float *const point[3], size_t n_padded,
                       const float place[3], size_t *nearest)
{
    vreal least = vec_all(INFINITY);
    vword best = {0};
    for (size_t at = 0; at < n_padded; at += VEC_LANES) {
        vreal dx = vec_load(point[0] + at) - place[0],
              dy = vec_load(point[1] + at) - place[1],
              dz = vec_load(point[2] + at) - place[2];
        vreal square = dx * dx + dy * dy + dz * dz;
        vword here = vec_all_word((word)at);
        best = (vword)vec_select(square < least, (vreal)here, (vreal)best);
        least = vec_min(square, least);
    }
    float lane[VEC_LANES], result = INFINITY;
    word begin[VEC_LANES];
    vec_store(lane, least);
    vec_store_word(begin, best);
    *nearest = 0;
    for (size_t i = 0; i < VEC_LANES; i++) {
        size_t which = begin[i] + i;
        if (lane[i] < result || (lane[i] <= result && which < *nearest))
            *nearest = which;
        result = lane[i] < result ? lane[i] : result;
    }
    return result;
}

extern const struct simd_stokes_solver SIMD_(simd_stokes_solver);

const struct simd_stokes_solver SIMD_(simd_stokes_solver) = {solve, clearance};
