/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/lattice.h"

#include "util/pmath.h"

#include <math.h>
#include <string.h>

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void cross(double out[3], const double a[3], const double b[3])
{
    for (int k = 0; k < 3; k++)
        out[k] = a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3];
}

static void take_away(double d[3], const double v[3], double times)
{
    for (int k = 0; k < 3; k++)
        d[k] -= times * v[k];
}

static void angle(double degrees, double *sine, double *cosine)
{
    pmath_sincos_turn(degrees / 360.0, sine, cosine);
}

/* The vectors of the box, a along x. False where the angles span no volume. */
static bool span(double v[3][3], const double box[6])
{
    double sine_alpha, ca, sine_beta, cb, sg, cg;
    angle(box[3], &sine_alpha, &ca);
    angle(box[4], &sine_beta, &cb);
    angle(box[5], &sg, &cg);
    double y = (ca - cb * cg) / sg, square = 1.0 - cb * cb - y * y;
    if (!(square > 1e-10))
        return false;
    memset(v, 0, 9 * sizeof(double));
    v[0][0] = box[0];
    v[1][0] = box[1] * cg;
    v[1][1] = box[1] * sg;
    v[2][0] = box[2] * cb;
    v[2][1] = box[2] * y;
    v[2][2] = box[2] * sqrt(square);
    return true;
}

/* Takes from each vector what whole multiples of another shorten it by, while that
   helps. Boxes need few rounds; the bound is for those whose lengths differ by many
   orders. */
static void reduce(double v[3][3])
{
    enum { ROUNDS_MAX = 60 };
    bool shorter = true;
    for (int round = 0; shorter && round < ROUNDS_MAX; round++) {
        shorter = false;
        for (int pair = 0; pair < 6; pair++) {
            double *a = v[pair % 3], *b = v[(pair + 1 + pair / 3) % 3];
            double times = rint(dot(a, b) / dot(b, b)), before = dot(a, a);
            double tried[3] = {a[0], a[1], a[2]};
            take_away(tried, b, times);
            if (times != 0 && dot(tried, tried) < before * (1 - 1e-12)) {
                memcpy(a, tried, sizeof tried);
                shorter = true;
            }
        }
    }
}

static double least_height(const double inverse[3][3])
{
    double least = INFINITY;
    for (int i = 0; i < 3; i++)
        least = fmin(least, 1.0 / sqrt(dot(inverse[i], inverse[i])));
    return least;
}

static bool invert(double inverse[3][3], const double v[3][3])
{
    cross(inverse[0], v[1], v[2]);
    cross(inverse[1], v[2], v[0]);
    cross(inverse[2], v[0], v[1]);
    double volume = dot(v[0], inverse[0]);
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            inverse[i][k] /= volume;
    return isfinite(volume) && volume != 0 && isfinite(1.0 / volume);
}

bool lattice_init(struct lattice *lattice, const double box[6])
{
    struct lattice made;
    for (int i = 0; i < 3; i++)
        if (!(box[i] > 0 && isfinite(box[i]) && box[3 + i] > 0 && box[3 + i] < 180))
            return false;
    if (!span(made.v, box) || !invert(made.inverse, made.v))
        return false;
    for (int i = 0; i < 3; i++)
        made.height[i] = 1.0 / sqrt(dot(made.inverse[i], made.inverse[i]));
    memcpy(made.near, made.v, sizeof made.near);
    reduce(made.near);
    if (!invert(made.inverse, made.near))
        return false;
    made.safe = 0.5 * least_height(made.inverse);
    if (!(made.safe > 0) || !isfinite(made.safe))
        return false;
    *lattice = made;
    return true;
}

void lattice_wrap(const struct lattice *lattice, double p[3])
{
    double rest[3] = {p[0], p[1], p[2]};
    for (int i = 2; i >= 0; i--) {
        double fraction = rest[i] / lattice->v[i][i];
        take_away(rest, lattice->v[i], fraction);
        take_away(p, lattice->v[i], floor(fraction));
    }
}

void lattice_shortest(const struct lattice *lattice, double d[3])
{
    double times[3];
    for (int i = 0; i < 3; i++)
        times[i] = rint(dot(lattice->inverse[i], d));
    for (int i = 0; i < 3; i++)
        take_away(d, lattice->near[i], times[i]);
    double least = dot(d, d);
    if (least <= lattice->safe * lattice->safe)
        return;
    /* In a skewed box a neighbour of that image may be nearer. */
    double best[3] = {d[0], d[1], d[2]};
    for (int image = 0; image < 27; image++) {
        double other[3] = {d[0], d[1], d[2]};
        take_away(other, lattice->near[0], image % 3 - 1);
        take_away(other, lattice->near[1], image / 3 % 3 - 1);
        take_away(other, lattice->near[2], image / 9 - 1);
        double square = dot(other, other);
        if (square < least) {
            least = square;
            memcpy(best, other, sizeof best);
        }
    }
    memcpy(d, best, sizeof best);
}
