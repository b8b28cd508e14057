/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/morton.h"

#include "util/alloc.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct coded {
    uint64_t code;
    size_t ball;
};

/* Spreads the low 21 bits of v so that two zero bits follow each. */
static uint64_t spread(uint64_t v)
{
    v &= 0x1fffff;
    v = (v | v << 32) & 0x001f00000000ffffu;
    v = (v | v << 16) & 0x001f0000ff0000ffu;
    v = (v | v << 8) & 0x100f00f00f00f00fu;
    v = (v | v << 4) & 0x10c30c30c30c30c3u;
    v = (v | v << 2) & 0x1249249249249249u;
    return v;
}

/* spread() of the coordinates on a grid over their own range. */
static void add_axis(const double *coordinate, size_t n, int axis, struct coded *coded)
{
    double low = coordinate[0], high = coordinate[0];
    for (size_t i = 1; i < n; i++) {
        low = fmin(low, coordinate[i]);
        high = fmax(high, coordinate[i]);
    }
    /* Ranges so small that their inverse overflows count as none. */
    double scale = high - low > 1e-300 ? 0x1fffff / (high - low) : 0;
    for (size_t i = 0; i < n; i++)
        coded[i].code |= spread((uint64_t)((coordinate[i] - low) * scale)) << axis;
}

/* Stable counting sort by one byte of the code. */
static void sort_byte(const struct coded *from, struct coded *to, size_t n, int shift)
{
    size_t start[257] = {0};
    for (size_t i = 0; i < n; i++)
        start[(from[i].code >> shift & 0xff) + 1]++;
    for (int b = 0; b < 256; b++)
        start[b + 1] += start[b];
    for (size_t i = 0; i < n; i++)
        to[start[from[i].code >> shift & 0xff]++] = from[i];
}

static void permute(double *values, const struct coded *order, size_t n,
                    double *scratch)
{
    for (size_t i = 0; i < n; i++)
        scratch[i] = values[order[i].ball];
    memcpy(values, scratch, n * sizeof *values);
}

int morton_sort(struct balls *balls, struct err *err)
{
    size_t n = balls->n;
    if (n < 2)
        return 0;
    struct coded *coded = alloc_zeroed(2 * n, sizeof *coded, "Morton codes", err);
    double *scratch = alloc_zeroed(n, sizeof *scratch, "Morton codes", err);
    if (!coded || !scratch) {
        free(coded);
        free(scratch);
        return -1;
    }
    for (size_t i = 0; i < n; i++)
        coded[i].ball = i;
    add_axis(balls->x, n, 0, coded);
    add_axis(balls->y, n, 1, coded);
    add_axis(balls->z, n, 2, coded);
    for (int shift = 0; shift < 64; shift += 16) { /* back where it began every time */
        sort_byte(coded, coded + n, n, shift);
        sort_byte(coded + n, coded, n, shift + 8);
    }
    permute(balls->x, coded, n, scratch);
    permute(balls->y, coded, n, scratch);
    permute(balls->z, coded, n, scratch);
    permute(balls->r, coded, n, scratch);
    free(coded);
    free(scratch);
    return 0;
}
