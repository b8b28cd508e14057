/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The least squares of a control variate: its columns, their products, the solution. */
#include "simd/field.h"

#include "simd/field_kernels.h"
#include "simd/least_squares.h"
#include "simd/vec.h"

_Static_assert((int)FIELD_PANEL == (int)LSQ_PANEL, "panels of the normal equations");

/* Of the mean diagonal: what is left of a pivot below this is rounding. */
static const double PIVOT_MIN = 1e-7;

/* A panel's columns over a stretch of FIELD_HITS points. Those of all panels lie next
   to each other, so that the memory is read in order. */
static inline float *stretch_of(const struct field_fit *fit, size_t stretch,
                                size_t panel)
{
    size_t panels = fit->n_columns / FIELD_PANEL;
    return fit->basis + (stretch * panels + panel) * FIELD_HITS * FIELD_PANEL;
}

static void put_targets(const struct field_points *points, size_t begin, float *column)
{
    for (size_t h = begin; h < begin + FIELD_HITS; h++, column += FIELD_PANEL) {
        float target[FIELD_PANEL] = {1, points->x[h], points->y[h], points->z[h]};
        memcpy(column, target, sizeof target);
    }
}

static void put_potentials(const struct field_points *points, size_t begin,
                           const struct field_source *source, float *column)
{
    float x[FIELD_PANEL], y[FIELD_PANEL], z[FIELD_PANEL];
    for (size_t i = 0; i < FIELD_PANEL; i++) {
        x[i] = source[i].x;
        y[i] = source[i].y;
        z[i] = source[i].z;
    }
    for (size_t h = begin; h < begin + FIELD_HITS; h++, column += FIELD_PANEL)
        for (size_t i = 0; i < FIELD_PANEL; i += VEC_LANES) {
            vreal dx = vec_load(x + i) - points->x[h],
                  dy = vec_load(y + i) - points->y[h],
                  dz = vec_load(z + i) - points->z[h];
            vec_store(column + i, 1.0f / vec_sqrt(dx * dx + dy * dy + dz * dz));
        }
}

void field_basis(const struct field_fit *fit, size_t panel)
{
    const struct field_points *points = &fit->points;
    for (size_t begin = 0; begin < points->n_padded; begin += FIELD_HITS) {
        float *column = stretch_of(fit, begin / FIELD_HITS, panel);
        if (panel * FIELD_PANEL < fit->field->n)
            put_potentials(points, begin, fit->field->source + panel * FIELD_PANEL,
                           column);
        else
            put_targets(points, begin, column);
        /* Copies of points count for nothing. */
        size_t last = points->n - begin;
        if (last < FIELD_HITS)
            memset(column + last * FIELD_PANEL, 0,
                   (FIELD_HITS - last) * FIELD_PANEL * sizeof *column);
    }
}

void field_gram(const struct field_fit *fit, size_t group)
{
    size_t n = fit->n_columns, panels = n / FIELD_PANEL, first = group * FIELD_GROUP;
    size_t last = first + FIELD_GROUP < panels ? first + FIELD_GROUP : panels;
    double *matrix = fit->matrix;
    memset(matrix + first * FIELD_PANEL * n, 0,
           (last - first) * FIELD_PANEL * n * sizeof *matrix);
    /* The group's own columns stay in the first cache; each other panel, which comes
       from farther away, serves the whole group. */
    for (size_t s = 0; s < fit->points.n_padded / FIELD_HITS; s++)
        for (size_t j = first; j < panels; j++)
            for (size_t i = first; i < last && i <= j; i++)
                for (size_t row = 0; row < FIELD_PANEL; row += LSQ_ROWS)
                    lsq_add_products(
                        stretch_of(fit, s, i) + row, stretch_of(fit, s, j), FIELD_HITS,
                        matrix + (i * FIELD_PANEL + row) * n + j * FIELD_PANEL, n);
}

void field_solve(const struct field_fit *fit, size_t n, double ridge,
                 double (*beta)[FIELD_TARGETS])
{
    size_t stride = fit->n_columns, right = fit->field->n;
    double *a = fit->matrix, mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += a[i * stride + i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        a[i * stride + i] += ridge * mean;
        /* Right-hand sides next to the last charge that is not idle. */
        for (size_t q = 0; q < FIELD_TARGETS; q++)
            a[i * stride + n + q] = a[i * stride + right + q];
    }
    lsq_factor(a, n, n + FIELD_TARGETS, stride, PIVOT_MIN * mean);
    for (size_t i = n; i-- > 0;) {
        const double *row = a + i * stride;
        for (size_t q = 0; q < FIELD_TARGETS; q++)
            beta[i][q] = row[n + q];
        for (size_t j = i + 1; j < n; j++)
            for (size_t q = 0; q < FIELD_TARGETS; q++)
                beta[i][q] -= row[j] * beta[j][q];
        for (size_t q = 0; q < FIELD_TARGETS; q++)
            beta[i][q] /= row[i];
    }
}
