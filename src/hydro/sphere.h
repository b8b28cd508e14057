/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_SPHERE_H
#define FRAMEWALK_HYDRO_SPHERE_H

#include "rng/stream.h"
#include "util/pmath.h"

#include <math.h>

/* Points on spheres. */

/* Uniform unit vector. */
static inline void sphere_direction(struct rng_stream *stream, double out[3])
{
    double z = 2.0 * rng_uniform(stream) - 1.0, sine, cosine;
    pmath_sincos_turn(rng_uniform(stream), &sine, &cosine);
    double across = sqrt((1.0 - z) * (1.0 + z));
    out[0] = across * cosine;
    out[1] = across * sine;
    out[2] = z;
}

/* Moves p to a uniform point of the sphere of the given radius about it. */
static inline void sphere_step(struct rng_stream *stream, double radius, double p[3])
{
    double direction[3];
    sphere_direction(stream, direction);
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

#endif
