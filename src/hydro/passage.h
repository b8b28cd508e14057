/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_PASSAGE_H
#define FRAMEWALK_HYDRO_PASSAGE_H

#include "rng/stream.h"

#include <math.h>
#include <stdbool.h>

/* First passage of Brownian motion, in closed form. Positions are given by 1 - cos of
   the angle to an axis; the azimuth is uniform and left to the caller.
   docs/algorithm.md has the derivations. */

/* Angle on a sphere of radius R at which a walker at distance t R from its centre first
   meets it (t < 1; axis towards the walker), or from R / t outside, given that it meets
   it at all: the inverse of the Poisson kernel's distribution function. `complement` is
   1 - t, given apart because the caller knows it without cancellation. Returns
   1 - cos(theta), in [0, 2]. */
static inline double passage_poisson(double t, double complement, double uniform)
{
    double denominator = complement + 2.0 * t * uniform;
    double chord = complement * (1.0 + t) / denominator;
    double m = complement * (1.0 - uniform) * (chord + complement) / denominator;
    return m < 0 ? 0 : m > 2 ? 2 : m;
}

static inline double passage_sine(double one_minus_cosine)
{
    return sqrt(one_minus_cosine * (2.0 - one_minus_cosine));
}

/* A ball B (radius a, centre at the origin), a walker at distance d = a + s on the
   axis, and a sphere S of radius rho about h on the axis with h^2 = a^2 + rho^2, hence
   orthogonal to B's surface. Inversion in B maps S onto itself, so that the Green's
   function of the part of S outside B is that of S minus its image: the walk from the
   walker to the boundary of that region can be drawn exactly (the idea of Given,
   Hubbard, Douglas, J. Chem. Phys. 106, 3761 (1997), here with rejection). */
struct passage {
    double a, d, s; /* s = d - a > 0 */
    double rho;
};

/* The largest rho for which S stays within distance `empty` of the walker, a ball that
   touches nothing but B; a factor 0.9999 keeps rounding away. S is useful (and contains
   the walker) when the result is above 1.5 s. */
static inline double passage_radius(double a, double d, double s, double empty)
{
    double m = empty + d, e = d - empty;
    double rho = (s + empty) * (m + a) / (2.0 * m);
    if (e > 0) {
        double other = (a - e) * (a + e) / (2.0 * e);
        rho = other < rho ? other : rho;
    }
    return 0.9999 * rho;
}

/* 1 - f^(3/2) is the share of the Poisson kernel that the image leaves. */
static inline bool passage_accept(struct rng_stream *stream, double f)
{
    return rng_uniform(stream) < 1.0 - f * sqrt(f);
}

/* Draws where the walker leaves the part of S outside B. True: it hits B; false: it
   arrives on S. *axial and *radial are the point's coordinates along the axis and
   across it, relative to B's centre. *trials grows by the number of proposals; when it
   reaches `trials_max` the walker is left at its place (false). */
static inline bool passage_draw(const struct passage *q, struct rng_stream *stream,
                                double *axial, double *radial, unsigned *trials,
                                unsigned trials_max)
{
    double a = q->a, d = q->d, s = q->s, rho = q->rho;
    double h = sqrt(a * a + rho * rho);
    double lift = rho * rho / (h + a); /* h - a */
    double t = s - lift;               /* d - h: the walker relative to S's centre */
    double sign = t < 0 ? -1.0 : 1.0;
    double depth = rho - fabs(t); /* of the walker below S */
    ++*trials;
    if (rng_uniform(stream) * d < a) { /* free space would bring it to B */
        double m = passage_poisson(a / d, s / d, rng_uniform(stream));
        double g = 2.0 * a * (lift - h * m);
        if (g > 0) {
            double A = rho * rho * (s * s + 2.0 * a * d * m);
            if (passage_accept(stream, A / (A + depth * (rho + fabs(t)) * g))) {
                *axial = a * (1.0 - m);
                *radial = a * passage_sine(m);
                return true;
            }
        }
    }
    while (++*trials < trials_max) {
        double n = passage_poisson(fabs(t) / rho, depth / rho, rng_uniform(stream));
        double mu = sign * (1.0 - n);
        double g = 2.0 * rho * (rho + h * mu);
        if (g <= 0)
            continue;
        double A = a * a * (depth * depth + 2.0 * rho * fabs(t) * n);
        if (passage_accept(stream, A / (A + s * (d + a) * g))) {
            *axial = h + rho * mu;
            *radial = rho * passage_sine(n);
            return false;
        }
    }
    *axial = d;
    *radial = 0;
    return false;
}

#endif
