/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies of many kinds that the tests of geometry share. */
#ifndef FRAMEWALK_T_GEOM_SAMPLE_H
#define FRAMEWALK_T_GEOM_SAMPLE_H

#include "fwtest.h"

#include "dice.h"
#include "geom/balls.h"

/* Empties and makes room. */
static inline void sample_begin(struct balls *balls, size_t n)
{
    balls->n = 0;
    assert_int_equal(balls_reserve(balls, n, NULL), 0);
}

/* Centres uniform in a cube about the origin, radii with uniform logarithm. */
static inline void sample_scatter(struct balls *balls, struct dice *dice, size_t n,
                                  double half, double r_min, double r_max)
{
    sample_begin(balls, n);
    for (size_t i = 0; i < n; i++) {
        /* One after the other: the order of arguments is the compiler's. */
        double p[3], r;
        for (int k = 0; k < 3; k++)
            p[k] = dice_between(dice, -half, half);
        r = dice_log(dice, r_min, r_max);
        balls_push(balls, p[0], p[1], p[2], r);
    }
}

/* A chain with bonds of 1.5 that stays inside a sphere of protein-like density. */
static inline void sample_chain(struct balls *balls, struct dice *dice, size_t n)
{
    sample_begin(balls, n);
    double size = 2 + 1.3 * cbrt((double)n), p[3] = {0};
    while (balls->n < n) {
        double step[3], q[3];
        dice_direction(dice, step);
        for (int k = 0; k < 3; k++)
            q[k] = p[k] + 1.5 * step[k];
        if (q[0] * q[0] + q[1] * q[1] + q[2] * q[2] > size * size)
            continue;
        memcpy(p, q, sizeof p);
        balls_push(balls, p[0], p[1], p[2], dice_between(dice, 1.2, 1.8));
    }
}

/* n balls of radius r on a circle of radius R: overlapping much when n is large. */
static inline void sample_ring(struct balls *balls, size_t n, double R, double r)
{
    sample_begin(balls, n);
    for (size_t i = 0; i < n; i++) {
        double angle = 2 * M_PI * (double)i / (double)n;
        balls_push(balls, R * cos(angle), R * sin(angle), 0, r);
    }
}

/* Balls of one radius about the points of a sphere: a centre equally far from all. */
static inline void sample_shell(struct balls *balls, struct dice *dice, size_t n,
                                double R, double r)
{
    sample_begin(balls, n);
    for (size_t i = 0; i < n; i++) {
        double u[3];
        dice_direction(dice, u);
        balls_push(balls, R * u[0], R * u[1], R * u[2], r);
    }
}

static inline void sample_shift(struct balls *balls, const double by[3])
{
    for (size_t i = 0; i < balls->n; i++) {
        balls->x[i] += by[0];
        balls->y[i] += by[1];
        balls->z[i] += by[2];
    }
}

/* Distance of a point from the surface of ball i, negative inside. */
static inline double sample_gap(const struct balls *b, size_t i, const double p[3])
{
    double dx = p[0] - b->x[i], dy = p[1] - b->y[i], dz = p[2] - b->z[i];
    return sqrt(dx * dx + dy * dy + dz * dz) - b->r[i];
}

#endif
