/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/lattice.h"

#include "util/pmath.h"

#include <math.h>

static void angle(double degrees, double *sine, double *cosine)
{
    pmath_sincos_turn(degrees / 360.0, sine, cosine);
}

bool lattice_init(struct lattice *lattice, const double box[6])
{
    struct lattice made = {0};
    double sine_alpha, ca, sine_beta, cb, sg, cg;
    for (int i = 0; i < 3; i++)
        if (!(box[i] > 0 && isfinite(box[i]) && box[3 + i] > 0 && box[3 + i] < 180))
            return false;
    angle(box[3], &sine_alpha, &ca);
    angle(box[4], &sine_beta, &cb);
    angle(box[5], &sg, &cg);
    double y = (ca - cb * cg) / sg, square = 1.0 - cb * cb - y * y;
    if (!(square > 1e-10))
        return false;
    made.v[0][0] = box[0];
    made.v[1][0] = box[1] * cg;
    made.v[1][1] = box[1] * sg;
    made.v[2][0] = box[2] * cb;
    made.v[2][1] = box[2] * y;
    made.v[2][2] = box[2] * sqrt(square);
    /* Heights: the volume over the area of a face. */
    double(*v)[3] = made.v, x[3];
    made.height[2] = v[2][2];
    x[0] = v[1][1] * v[2][2];
    x[1] = -v[1][0] * v[2][2];
    x[2] = v[1][0] * v[2][1] - v[1][1] * v[2][0];
    double volume = v[0][0] * v[1][1] * v[2][2];
    made.height[0] = volume / sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]);
    made.height[1] = volume / (v[0][0] * sqrt(v[2][2] * v[2][2] + v[2][1] * v[2][1]));
    made.safe = 0.5 * fmin(made.height[0], fmin(made.height[1], made.height[2]));
    if (!(made.safe > 0) || !isfinite(volume))
        return false;
    *lattice = made;
    return true;
}

static void take_away(double d[3], const double v[3], double times)
{
    for (int k = 0; k < 3; k++)
        d[k] -= times * v[k];
}

void lattice_wrap(const struct lattice *lattice, double p[3])
{
    for (int i = 2; i >= 0; i--)
        take_away(p, lattice->v[i], floor(p[i] / lattice->v[i][i]));
}

static double square_of(const double d[3])
{
    return d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
}

void lattice_shortest(const struct lattice *lattice, double d[3])
{
    for (int i = 2; i >= 0; i--)
        take_away(d, lattice->v[i], rint(d[i] / lattice->v[i][i]));
    double least = square_of(d);
    if (least <= lattice->safe * lattice->safe)
        return;
    /* In a skewed box a neighbour of that image may be nearer. */
    double best[3] = {d[0], d[1], d[2]};
    for (int image = 0; image < 27; image++) {
        double other[3] = {d[0], d[1], d[2]};
        take_away(other, lattice->v[0], image % 3 - 1);
        take_away(other, lattice->v[1], image / 3 % 3 - 1);
        take_away(other, lattice->v[2], image / 9 - 1);
        double square = square_of(other);
        if (square < least) {
            least = square;
            for (int k = 0; k < 3; k++)
                best[k] = other[k];
        }
    }
    for (int k = 0; k < 3; k++)
        d[k] = best[k];
}
