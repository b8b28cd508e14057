/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/cell_lists.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

/* So many of the shapes stand for all. */
enum { SAMPLE = 1000 };

/* The finest level that has such lists, and the part of the list above from which on a
   cell shares that one (simd/cells_store.c). */
enum { LEVELS = 4 };
static const double SHARED = 0.75;

/* Launch radii per radius of the smallest shape from which on walks are in double
   precision. */
static const double SINGLE_MAX = 2000;

struct shape {
    double centre[3], half[3], radius;
};

struct sample {
    struct shape *shape;
    double *gap;
    size_t *list; /* LEVELS + 1 lists of indices, one for each level */
    size_t n;
    double entries, least; /* least: of the radii */
};

static double surface_gap(const struct shape *s, const double p[3])
{
    double square = 0;
    for (int k = 0; k < 3; k++) {
        double d = fabs(p[k] - s->centre[k]) - s->half[k];
        square += d > 0 ? d * d : 0;
    }
    return sqrt(square) - s->radius;
}

/* Every so many-th shape, in units of the radius of a ball around all of them. */
static int take(struct sample *sample, size_t n, const double *xyz,
                const double *radius, const double *half)
{
    double low[3], high[3], most = 0;
    for (size_t i = 0; i < n; i++)
        for (int k = 0; k < 3; k++) {
            double x = xyz[3 * i + (size_t)k];
            double edge = half ? half[3 * i + (size_t)k] : 0;
            low[k] = i ? fmin(low[k], x - edge - radius[i]) : x - edge - radius[i];
            high[k] = i ? fmax(high[k], x + edge + radius[i]) : x + edge + radius[i];
            if (!isfinite(x))
                return -1;
        }
    for (size_t j = 0; j < sample->n; j++) {
        size_t i = (size_t)((double)j * (double)n / (double)sample->n);
        struct shape *s = &sample->shape[j];
        double square = 0;
        for (int k = 0; k < 3; k++) {
            s->centre[k] = xyz[3 * i + (size_t)k] - (low[k] + high[k]) / 2;
            s->half[k] = half ? half[3 * i + (size_t)k] : 0;
            double d = fabs(s->centre[k]) + s->half[k];
            square += d * d;
        }
        s->radius = radius[i];
        most = fmax(most, sqrt(square) + s->radius);
    }
    for (size_t j = 0; j < sample->n; j++) {
        struct shape *s = &sample->shape[j];
        for (int k = 0; k < 3; k++) {
            s->centre[k] /= most;
            s->half[k] /= most;
        }
        s->radius /= most;
        double size = s->radius;
        for (int k = 0; k < 3 && size <= 0; k++)
            size = s->half[k];
        sample->least = j && sample->least < size ? sample->least : size;
    }
    return most > 0 ? 0 : -1;
}

/* The sons of a cell whose list is given; where they lie in the launch sphere, which is
   where walks come. */
static void descend(struct sample *sample, const double centre[3], double side,
                    const size_t *from, size_t n, int level)
{
    size_t *kept = sample->list + (size_t)level * sample->n;
    double h = side * 0.4330127;
    for (int son = 0; son < 8; son++) {
        double p[3], square = 0, first = HUGE_VAL, second = HUGE_VAL;
        for (int k = 0; k < 3; k++) {
            p[k] = centre[k] + (son >> k & 1 ? side : -side) / 4;
            square += p[k] * p[k];
        }
        if (square > (1 + h) * (1 + h))
            continue;
        for (size_t i = 0; i < n; i++) {
            double gap = sample->gap[i] = surface_gap(&sample->shape[from[i]], p);
            double later = gap > first ? gap : first;
            second = later < second ? later : second;
            first = gap < first ? gap : first;
        }
        size_t m = 0;
        for (size_t i = 0; i < n; i++) {
            kept[m] = from[i];
            m += sample->gap[i] <= second + 2 * h;
        }
        bool shares = (double)m > SHARED * (double)n;
        sample->entries += shares ? 0 : (double)m;
        if (level < LEVELS)
            descend(sample, p, side / 2, shares ? from : kept, shares ? n : m,
                    level + 1);
    }
}

/* Of a number for each row of a list and a place: in single precision where that is
   enough (hydro/walk.c). */
static size_t item_bytes(const struct sample *sample, bool boxes)
{
    size_t rows = boxes ? 7 : 4;
    bool is_double = sample->least * SINGLE_MAX < 1;
    return rows * (is_double ? sizeof(double) : sizeof(float)) + sizeof(uint32_t);
}

double cell_lists_bytes(size_t n, const double *xyz, const double *radius,
                        const double *half)
{
    static const double origin[3] = {0, 0, 0};
    struct sample sample = {.n = n < SAMPLE ? n : SAMPLE};
    double bytes = NAN;
    sample.shape = calloc(sample.n + 1, sizeof *sample.shape);
    sample.gap = calloc(sample.n + 1, sizeof *sample.gap);
    sample.list = calloc((LEVELS + 1) * (sample.n + 1), sizeof *sample.list);
    if (sample.shape && sample.gap && sample.list && n > 0 &&
        take(&sample, n, xyz, radius, half) == 0) {
        for (size_t i = 0; i < sample.n; i++)
            sample.list[i] = i;
        descend(&sample, origin, 2, sample.list, sample.n, 1);
        bytes = sample.entries * (double)n / (double)sample.n *
                (double)item_bytes(&sample, half != NULL);
    }
    free(sample.shape);
    free(sample.gap);
    free(sample.list);
    return bytes;
}
