/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_LEAST_SQUARES_H
#define FRAMEWALK_SIMD_LEAST_SQUARES_H

#include "simd/vec.h"

#include <math.h>

/* Normal equations: products of columns, and the Cholesky factorisation. Columns come
   in panels of LSQ_PANEL, whose values for one row lie next to each other. */
enum { LSQ_PANEL = 16 };

_Static_assert((int)LSQ_PANEL % (int)VEC_LANES == 0, "whole vectors");

/* Rows of the matrix whose products with a panel fit into the registers. */
enum {
    LSQ_PIECES = LSQ_PANEL / VEC_LANES,
    LSQ_ROWS = VEC_BYTES == 64  ? 8
               : VEC_REAL == 32 ? 4
                                : 2,
};

/* Rows that the factorisation takes off those below at a time. */
enum { LSQ_PIVOTS = 8 };

/* Products of LSQ_ROWS columns from `left` on with the panel `right`, over n rows:
   summed as `real`, the sums added to the matrix in double. */
static inline void lsq_add_products(const real *left, const real *right, int n,
                                    double *matrix, size_t stride)
{
    vreal sum[LSQ_ROWS][LSQ_PIECES] = {{{0}}};
    for (int h = 0; h < n; h++, left += LSQ_PANEL, right += LSQ_PANEL) {
        vreal r[LSQ_PIECES];
        for (int i = 0; i < LSQ_PIECES; i++)
            r[i] = vec_load(right + i * VEC_LANES);
        for (int row = 0; row < LSQ_ROWS; row++)
            for (int i = 0; i < LSQ_PIECES; i++)
                sum[row][i] += left[row] * r[i];
    }
    for (int row = 0; row < LSQ_ROWS; row++, matrix += stride) {
        real part[LSQ_PANEL];
        for (int i = 0; i < LSQ_PIECES; i++)
            vec_store(part + i * VEC_LANES, sum[row][i]);
        for (int i = 0; i < LSQ_PANEL; i++)
            matrix[i] += (double)part[i];
    }
}

/* row -= factor * above, from column `begin` on. */
static inline void lsq_take_row_off(double *restrict row, const double *restrict above,
                                    double factor, size_t begin, size_t end)
{
    for (size_t j = begin; j < end; j++)
        row[j] -= factor * above[j];
}

/* The same for LSQ_PIVOTS rows above, in their order. */
static inline void lsq_take_rows_off(double *restrict row, const double *restrict above,
                                     size_t stride, size_t column, size_t end)
{
    double f[LSQ_PIVOTS];
    for (size_t k = 0; k < LSQ_PIVOTS; k++)
        f[k] = above[k * stride + column];
    for (size_t j = column; j < end; j++) {
        double x = row[j];
        for (size_t k = 0; k < LSQ_PIVOTS; k++)
            x -= f[k] * above[k * stride + j];
        row[j] = x;
    }
}

/* Finishes row k of the Cholesky factor U. A pivot that is rounding noise drops its
   column: an infinite one makes its row and its unknowns zero. */
static inline void lsq_scale_row(double *row, size_t k, size_t end, double least)
{
    double pivot = row[k] > least ? sqrt(row[k]) : INFINITY;
    row[k] = pivot;
    for (size_t j = k + 1; j < end; j++)
        row[j] /= pivot;
}

/* Upper triangle A = U^T U in place, in blocks of LSQ_PIVOTS rows; the columns from n
   to end - 1 take part as right-hand sides and come out as U^-T of theirs. Pivots up to
   `least` count as zero. */
static inline void lsq_factor(double *a, size_t n, size_t end, size_t stride,
                              double least)
{
    size_t begin = 0;
    for (; begin + LSQ_PIVOTS <= n; begin += LSQ_PIVOTS) {
        double *block = a + begin * stride;
        for (size_t k = 0; k < LSQ_PIVOTS; k++) {
            double *row = block + k * stride;
            for (size_t above = 0; above < k; above++)
                lsq_take_row_off(row, block + above * stride,
                                 block[above * stride + begin + k], begin + k, end);
            lsq_scale_row(row, begin + k, end, least);
        }
        for (size_t i = begin + LSQ_PIVOTS; i < n; i++)
            lsq_take_rows_off(a + i * stride, block, stride, i, end);
    }
    for (size_t k = begin; k < n; k++) {
        for (size_t above = begin; above < k; above++)
            lsq_take_row_off(a + k * stride, a + above * stride, a[above * stride + k],
                             k, end);
        lsq_scale_row(a + k * stride, k, end, least);
    }
}

#endif
