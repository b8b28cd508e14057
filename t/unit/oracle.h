/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exterior walks written down plainly: one walker at a time, double precision, every
   ball looked at in every step. What the lanes of src/simd are compared with. */
#ifndef FRAMEWALK_T_ORACLE_H
#define FRAMEWALK_T_ORACLE_H

#include "dice.h"
#include "geom/balls.h"
#include "util/pmath.h"

#include <math.h>
#include <stdbool.h>

/* 1 - cos of the angle on a sphere of radius R at which a walker at distance t R from
   its centre (t < 1), or R / t outside, first meets it if it meets it at all: the
   inverse of the Poisson kernel's distribution function. `rest` is 1 - t. */
static inline double oracle_poisson(double t, double rest, double uniform)
{
    double denominator = rest + 2.0 * t * uniform;
    double chord = rest * (1.0 + t) / denominator;
    double m = rest * (1.0 - uniform) * (chord + rest) / denominator;
    return fmin(fmax(m, 0), 2);
}

static inline double oracle_sine(double one_minus_cosine)
{
    return sqrt(one_minus_cosine * (2.0 - one_minus_cosine));
}

/* Moves p to a uniform point of the sphere of the given radius about it. */
static inline void sphere_step(struct dice *dice, double radius, double p[3])
{
    double direction[3];
    dice_direction(dice, direction);
    for (int k = 0; k < 3; k++)
        p[k] += radius * direction[k];
}

/* axial * axis + radial * (a unit vector across the axis, turned by `turn` of a full
   circle). The basis is that of Duff et al., J. Comput. Graph. Tech. 6 (2017) 1. */
static inline void sphere_around_axis(const double axis[3], double axial, double radial,
                                      double turn, double out[3])
{
    double x = axis[0], y = axis[1], z = axis[2], sine, cosine;
    double sign = copysign(1.0, z);
    double a = -1.0 / (sign + z), b = x * y * a;
    pmath_sincos_turn(turn, &sine, &cosine);
    double along_1 = radial * cosine, along_2 = radial * sine;
    out[0] = axial * x + along_1 * (1.0 + sign * x * x * a) + along_2 * b;
    out[1] = axial * y + along_1 * sign * b + along_2 * (sign + y * y * a);
    out[2] = axial * z - along_1 * sign * x - along_2 * y;
}

/* A ball B (radius a, centre at the origin), a walker at distance d = a + s on the
   axis, and the sphere S about h on the axis whose radius rho is such that h^2 = a^2 +
   rho^2: inversion in B maps S onto itself, hence Green's function of S without B is
   that of S less its image. docs/algorithm.md, first passage. */
struct oracle_passage {
    double a, d, s, rho;
};

/* The largest rho for which S stays within distance `empty` of the walker, less a
   little for rounding. */
static inline double oracle_radius(double a, double d, double s, double empty)
{
    double m = empty + d, e = d - empty;
    double rho = (s + empty) * (m + a) / (2.0 * m);
    if (e > 0)
        rho = fmin(rho, (a - e) * (a + e) / (2.0 * e));
    return 0.9999 * rho;
}

/* Draws where the walker leaves the part of S outside B: true on B, false on S. *axial,
   *radial: coordinates along the axis and across it. *trials grows by the proposals;
   at the limit the walker is left where it is. */
static inline bool oracle_draw(const struct oracle_passage *q, struct dice *dice,
                               double *axial, double *radial, unsigned *trials,
                               unsigned trials_max)
{
    double a = q->a, d = q->d, s = q->s, rho = q->rho;
    double h = sqrt(a * a + rho * rho), lift = rho * rho / (h + a);
    double t = s - lift, sign = t < 0 ? -1.0 : 1.0, depth = rho - fabs(t);
    ++*trials;
    if (dice_between(dice, 0, 1) * d < a) {
        double m = oracle_poisson(a / d, s / d, dice_between(dice, 0, 1));
        double g = 2.0 * a * (lift - h * m);
        double A = rho * rho * (s * s + 2.0 * a * d * m);
        double f = g > 0 ? A / (A + depth * (rho + fabs(t)) * g) : 1;
        if (dice_between(dice, 0, 1) < 1.0 - f * sqrt(f)) {
            *axial = a * (1.0 - m);
            *radial = a * oracle_sine(m);
            return true;
        }
    }
    while (++*trials < trials_max) {
        double n = oracle_poisson(fabs(t) / rho, depth / rho, dice_between(dice, 0, 1));
        double mu = sign * (1.0 - n), g = 2.0 * rho * (rho + h * mu);
        double A = a * a * (depth * depth + 2.0 * rho * fabs(t) * n);
        double f = g > 0 ? A / (A + s * (d + a) * g) : 1;
        if (dice_between(dice, 0, 1) < 1.0 - f * sqrt(f)) {
            *axial = h + rho * mu;
            *radial = rho * oracle_sine(n);
            return false;
        }
    }
    *axial = d;
    *radial = 0;
    return false;
}

/* What is walked around: balls relative to the launch centre. */
struct oracle {
    const struct balls *balls; /* borrowed */
    double launch_radius, skin;
};

enum oracle_end { ORACLE_GOES_ON, ORACLE_HIT, ORACLE_SKIN, ORACLE_ESCAPED };

enum { ORACLE_STEPS_MAX = 1000000 };

struct oracle_near {
    size_t ball;
    double gap, second; /* distances of the two nearest surfaces */
};

static inline struct oracle_near oracle_nearest(const struct balls *balls,
                                                const double p[3])
{
    struct oracle_near near = {0, INFINITY, INFINITY};
    for (size_t i = 0; i < balls->n; i++) {
        double dx = p[0] - balls->x[i], dy = p[1] - balls->y[i],
               dz = p[2] - balls->z[i];
        double gap = sqrt(dx * dx + dy * dy + dz * dz) - balls->r[i];
        if (gap < near.gap) {
            near = (struct oracle_near){i, gap, near.gap};
        } else if (gap < near.second) {
            near.second = gap;
        }
    }
    return near;
}

/* One step of a walker inside the launch sphere; on a hit p is the point on the body.
 */
static inline enum oracle_end oracle_step(const struct oracle *o, struct dice *dice,
                                          double p[3], unsigned *steps)
{
    const struct balls *b = o->balls;
    struct oracle_near near = oracle_nearest(b, p);
    double c[3] = {b->x[near.ball], b->y[near.ball], b->z[near.ball]};
    double a = b->r[near.ball], s = near.gap, d = a + s, axis[3], offset[3];
    for (int k = 0; k < 3; k++)
        axis[k] = (p[k] - c[k]) / d;
    double rho =
        s > 0 ? oracle_radius(a, d, s, fmin(near.second, 1e3 * o->launch_radius)) : 0;
    double axial = a, radial = 0;
    enum oracle_end end = ORACLE_SKIN;
    ++*steps;
    if (s > 0 && rho > 1.5 * s) {
        struct oracle_passage q = {a, d, s, rho};
        end = oracle_draw(&q, dice, &axial, &radial, steps, ORACLE_STEPS_MAX)
                  ? ORACLE_HIT
                  : ORACLE_GOES_ON;
    } else if (s >= o->skin) {
        sphere_step(dice, s, p);
        return ORACLE_GOES_ON;
    }
    sphere_around_axis(axis, axial, radial, radial > 0 ? dice_between(dice, 0, 1) : 0,
                       offset);
    for (int k = 0; k < 3; k++)
        p[k] = c[k] + offset[k];
    return end;
}

/* A walker at r outside the launch sphere comes back with probability R / r. */
static inline enum oracle_end oracle_outside(const struct oracle *o, struct dice *dice,
                                             double p[3], double r)
{
    double launch = o->launch_radius;
    if (dice_between(dice, 0, 1) * r >= launch)
        return ORACLE_ESCAPED;
    double m = oracle_poisson(launch / r, (r - launch) / r, dice_between(dice, 0, 1));
    double axis[3] = {p[0] / r, p[1] / r, p[2] / r};
    sphere_around_axis(axis, launch * (1.0 - m), launch * oracle_sine(m),
                       dice_between(dice, 0, 1), p);
    return ORACLE_GOES_ON;
}

/* A walk from a uniform point of the launch sphere, whose direction goes to `start`, to
 *p; true when it ends on the body. Walks of more than ORACLE_STEPS_MAX steps escape.
 */
static inline bool oracle_walk(const struct oracle *o, struct dice *dice,
                               double start[3], double p[3])
{
    enum oracle_end end = ORACLE_GOES_ON;
    unsigned steps = 0;
    dice_direction(dice, start);
    for (int k = 0; k < 3; k++)
        p[k] = o->launch_radius * start[k];
    while (end == ORACLE_GOES_ON && steps < ORACLE_STEPS_MAX) {
        end = oracle_step(o, dice, p, &steps);
        double r = sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]);
        if (end == ORACLE_GOES_ON && r > o->launch_radius)
            end = oracle_outside(o, dice, p, r);
    }
    return end == ORACLE_HIT || end == ORACLE_SKIN;
}

#endif
