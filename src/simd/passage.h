/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_PASSAGE_H
#define FRAMEWALK_SIMD_PASSAGE_H

#include "simd/random.h"
#include "simd/vec.h"

/* First passage of Brownian motion in lanes; docs/algorithm.md derives the formulas.
   Angles are given by m = 1 - cos(theta). */

/* Angle on a sphere at which a walker at t times its radius from the centre (t < 1)
   first meets it, or from 1 / t outside, given that it meets it at all: the inverse of
   the Poisson kernel's distribution function. `rest` is 1 - t, which callers know
   without cancellation. */
static inline vreal passage_poisson(vreal t, vreal rest, vreal uniform)
{
    vreal inverse = (real)1 / (rest + (real)2 * t * uniform);
    vreal chord = rest * ((real)1 + t) * inverse;
    vreal m = rest * ((real)1 - uniform) * (chord + rest) * inverse;
    return vec_max(vec_min(m, vec_all(2)), vec_all(0));
}

static inline vreal passage_sine(vreal m)
{
    return vec_sqrt(m * ((real)2 - m));
}

/* The radius of the sphere S that is orthogonal to a ball of radius a, at distance d =
   a + s from its centre, and stays within distance `empty` of the walker; a factor
   leaves room for rounding. */
static inline vreal passage_radius(vreal a, vreal d, vreal s, vreal empty)
{
    vreal m = empty + d, e = d - empty;
    vreal top = (s + empty) * (m + a), under = (real)2 * m;
    vreal top_2 = (empty - s) * (a + e), under_2 = (real)2 * e;
    vmask other = (e > (real)0) & (top_2 * under < top * under_2);
    return (real)0.9999 * vec_select(other, top_2, top) /
           vec_select(other, under_2, under);
}

/* S relative to the ball: its centre is at h on the axis from the ball's centre to the
   walker, and the walker at t from S's centre. */
struct passage {
    vreal a, d, s, rho;
    vreal h, lift, tip; /* lift = h - a, tip = h - rho */
    vreal away;         /* |t| */
    vreal depth;        /* rho - |t| */
    vmask behind;       /* t < 0: the walker is between ball and S's centre */
};

static inline struct passage passage_of(vreal a, vreal s, vreal rho)
{
    struct passage q = {.a = a, .d = a + s, .s = s, .rho = rho};
    vreal square = rho * rho, square_a = a * a;
    q.h = vec_sqrt(square_a + square);
    vreal with_a = q.h + a, with_rho = q.h + rho;
    vreal inverse = (real)1 / (with_a * with_rho);
    q.lift = square * with_rho * inverse;
    q.tip = square_a * with_a * inverse;
    vreal t = s - q.lift;
    q.behind = t < (real)0;
    q.away = vec_abs(t);
    q.depth =
        vec_select(q.behind, s + a * rho * (with_rho + a) * inverse, rho - q.away);
    return q;
}

/* 1 - f^(3/2), the share of the kernel that the image leaves, where f = 1 - e. */
static inline vreal passage_share(vreal e)
{
    vreal f = (real)1 - e;
    return e * ((real)1 + f / ((real)1 + vec_sqrt(f)));
}

/* Trial of a hit; lanes where it fails are to leave through S. *m: angle on the ball.
 */
static inline vmask passage_hit(const struct passage *q, vreal inverse_d, vreal choose,
                                vreal uniform, vreal accept, vreal *m)
{
    *m = passage_poisson(q->a * inverse_d, q->s * inverse_d, uniform);
    vreal g = (real)2 * q->a * (q->lift - q->h * *m);
    vreal A = q->rho * q->rho * (q->s * q->s + (real)2 * q->a * q->d * *m);
    vreal B = vec_max(q->depth * (q->rho + q->away) * g, vec_all(0));
    vreal f = A / (A + B);
    return (choose * q->d < q->a) & (accept < (real)1 - f * vec_sqrt(f));
}

/* Trial of an escape through S, to be repeated until it succeeds. *axial, *radial: the
   point relative to the ball's centre. The share e of a point is largest on the axis
   beyond S's centre: relative to that one, trials succeed however close to the ball the
   walker is. */
static inline vmask passage_escape(const struct passage *q, vreal uniform, vreal accept,
                                   vreal *axial, vreal *radial)
{
    vreal inverse = (real)1 / q->rho, two_rho = q->rho + q->rho;
    vreal n = passage_poisson(q->away * inverse, q->depth * inverse, uniform);
    vreal mu = (real)1 - n;
    vreal g = two_rho * vec_select(q->behind, q->h * n - q->tip, q->rho + q->h * mu);
    vreal square = q->a * q->a;
    vreal A = square * (q->depth * q->depth + two_rho * q->away * n);
    vreal step = q->s * (q->d + q->a), B = vec_max(step * g, vec_all(0));
    vreal pole = vec_select(q->behind, q->rho + q->away, q->depth);
    vreal A_most = square * pole * pole, B_most = step * two_rho * (q->rho + q->h);
    *axial = vec_select(q->behind, q->tip + q->rho * n, q->h + q->rho * mu);
    *radial = q->rho * passage_sine(n);
    return accept * passage_share(B_most / (A_most + B_most)) <
           passage_share(B / (A + B));
}

/* axial u + radial (a unit vector across u, by the sine and cosine of its azimuth). The
   basis is that of Duff et al., J. Comput. Graph. Tech. 6 (2017) 1. */
static inline void passage_turn(const vreal u[3], vreal axial, vreal radial, vreal sine,
                                vreal cosine, vreal out[3])
{
    vword bit = (vword)u[2] & ((word)1 << (VEC_REAL - 1));
    vreal sign = (vreal)((vword)vec_all(1) | bit);
    vreal a = (real)-1 / (sign + u[2]), b = u[0] * u[1] * a;
    vreal along_1 = radial * cosine, along_2 = radial * sine;
    vreal turned = sign * along_1;
    out[0] = axial * u[0] + along_1 + turned * (u[0] * u[0] * a) + along_2 * b;
    out[1] = axial * u[1] + turned * b + along_2 * (sign + u[1] * u[1] * a);
    out[2] = axial * u[2] - turned * u[0] - along_2 * u[1];
}

#endif
