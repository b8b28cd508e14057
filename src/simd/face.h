/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_FACE_H
#define FRAMEWALK_SIMD_FACE_H

#include "simd/passage.h"

/* First passage near a face of a box: from a walker at height s through half of a ball
   of radius rho that lies on the face, centred below the walker. Reflection in the
   face's plane maps the ball to itself, so that the half has the Green's function of
   the ball, charges at the walker and at its image with the signs + and -: what
   passage.h has for a ball, in the limit of a large one. Lengths are in units of rho,
   t = s / rho < 1. */

/* Where a walker is relative to a box. */
struct face_site {
    vreal nearest[3]; /* point of the box */
    vreal u[3];       /* from there to the walker, in units of their distance; along an
                         axis where the walker faces the box */
    vreal gap;        /* 0 inside */
    vreal edge;       /* of the walker that faces the box, to the nearest edge of the
                         face; negative where it does not */
};

static inline struct face_site face_locate(const vreal p[3], const vreal centre[3],
                                           const vreal half[3])
{
    struct face_site site;
    vreal d[3], q[3], square = vec_all(0);
    for (int k = 0; k < 3; k++) {
        d[k] = p[k] - centre[k];
        q[k] = vec_abs(d[k]) - half[k];
        vreal out = vec_max(q[k], vec_all(0));
        square += out * out;
        vreal sign =
            (vreal)((vword)vec_all(1) | ((vword)d[k] & ((word)1 << (VEC_REAL - 1))));
        site.u[k] = out * sign;
        site.nearest[k] = centre[k] + vec_min(vec_abs(d[k]), half[k]) * sign;
    }
    vreal low = vec_min(q[0], q[1]), high = vec_max(q[0], q[1]);
    vreal most = vec_max(high, q[2]);
    site.edge = -vec_max(low, vec_min(high, q[2]));
    /* Across a face the square root would lose what single precision has of small
       gaps. */
    vmask faces = site.edge >= (real)0;
    site.gap = vec_select(faces, vec_max(most, vec_all(0)), vec_sqrt(square));
    vreal inverse = (real)1 / vec_max(site.gap, vec_all((real)1e-30));
    for (int k = 0; k < 3; k++)
        site.u[k] *= inverse;
    return site;
}

/* The largest half ball: it may not reach beyond the face, and all of it is closer to
   the walker than `empty`, the distance to anything else. Not above 0 where there is
   none; a factor leaves room for rounding. */
static inline vreal face_radius(const struct face_site *site, vreal empty)
{
    vreal room = (empty - site->gap) * (empty + site->gap);
    return (real)0.9999 * vec_min(site->edge, vec_sqrt(vec_max(room, vec_all(0))));
}

/* Trial of a hit; lanes where it fails are to leave through the half sphere. The walker
   hits the plane at r; *r: distance from below it, in units of rho. */
static inline vmask face_hit(vreal t, vreal uniform, vreal accept, vreal *r)
{
    *r = t * vec_sqrt(((real)1 - uniform) * ((real)1 + uniform)) / uniform;
    vreal A = *r * *r + t * t;
    vreal B = ((real)1 - t) * ((real)1 + t) * ((real)1 - *r) * ((real)1 + *r);
    vreal e = vec_max(B, vec_all(0)) / (A + vec_max(B, vec_all(0)));
    return (*r < (real)1) & (accept < passage_share(e));
}

/* Trial of an escape, to be repeated until it succeeds: through the half sphere, at
 *m = 1 - cos(angle from u), *m <= 1. */
static inline vmask face_escape(vreal t, vreal uniform, vreal accept, vreal *m)
{
    *m = passage_poisson(t, (real)1 - t, uniform);
    vreal A = ((real)1 - t) * ((real)1 - t) + (real)2 * t * *m;
    vreal B = vec_max((real)4 * t * ((real)1 - *m), vec_all(0));
    vreal most = (real)4 * t / (((real)1 + t) * ((real)1 + t));
    return accept * passage_share(most) < passage_share(B / (A + B));
}

#endif
