/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_BODY_H
#define FRAMEWALK_HYDRO_BODY_H

#include "geom/balls.h"
#include "geom/bvh.h"
#include "geom/groups.h"
#include "util/err.h"

#include <stddef.h>

/* What may be fixed instead of being derived from the body: NaN for "derive". */
struct body_options {
    double launch_radius; /* A; must enclose the body */
    double skin;          /* A; a walker this near that cannot use first passage ends */
};

/* The union of balls of one frame, ready for walks and samples. All lengths are in the
   unit of the coordinates; the balls are relative to the launch centre. One struct
   serves frame after frame and reuses its memory; threads share it read-only. */
struct body {
    struct balls balls; /* without those wholly inside another ball */
    size_t n_contained; /* how many of those there were */
    double centre[3];   /* of the launch sphere, in the frame's coordinates */
    double launch_radius;
    double skin;
    double radius_min;
    double total_volume; /* sum over balls, overlaps counted again and again */
    double total_area;
    double *volume_sum; /* running sums over balls, for drawing a ball */
    double *area_sum;
    struct bvh bvh;
    struct groups groups; /* at a gap of BODY_GROUP_GAP; n = 0 when not asked for */
};

/* Gap (A) beyond which parts of a body count as separate. */
#define BODY_GROUP_GAP 3.0

/* Sets up n >= 1 balls from xyz[3 n] and radius[n]. -1 with ERR_INPUT for what cannot
   be a body (a coordinate or radius that is not finite or absurd, naming the atom by
   its position in the arrays through `number`, nullable: number[i] + 1 is printed),
   ERR_USAGE for a launch radius that does not enclose the body, ERR_RUNTIME without
   memory. Zero-initialise the struct before its first use. */
int body_prepare(struct body *body, const double *xyz, const double *radius, size_t n,
                 const unsigned *number, const struct body_options *options,
                 struct err *err);

/* Fills body->groups; only of interest to callers that warn about broken molecules. */
int body_find_groups(struct body *body, struct err *err);

void body_fini(struct body *body);

#endif
