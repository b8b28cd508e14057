/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_BODY_H
#define FRAMEWALK_HYDRO_BODY_H

#include "geom/balls.h"
#include "geom/boxes.h"
#include "geom/bvh.h"
#include "geom/groups.h"
#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>

/* What may be fixed instead of being derived from the body: NaN for "derive". */
struct body_options {
    double launch_radius; /* A; must enclose the body */
    double skin;          /* A; a walker this near that cannot use first passage ends */
};

/* The union of balls and boxes of one frame, ready for walks and samples. All lengths
   are in the unit of the coordinates; the shapes are relative to the launch centre. One
   struct serves frame after frame and reuses its memory; threads share it read-only. */
struct body {
    struct balls balls; /* without those wholly inside another shape; may be none */
    struct boxes boxes; /* likewise */
    size_t n_contained; /* how many of those there were */
    double centre[3];   /* of the launch sphere, in the frame's coordinates */
    double launch_radius;
    double skin;
    double radius_min;   /* or half of an edge */
    double total_volume; /* sum over shapes, overlaps counted again and again */
    double total_area;
    double room;        /* faces of boxes nearer than this are one: rounding */
    bool exact_area;    /* total_area is the union's: boxes alone, none overlap */
    double *volume_sum; /* running sums over balls, then boxes, for drawing one */
    double *area_sum;
    struct bvh bvh;           /* where there are balls */
    struct box_tree box_tree; /* where there are boxes */
    struct groups groups;     /* at a gap of BODY_GROUP_GAP; n = 0 when not asked for */
};

/* Gap (A) beyond which parts of a body count as separate. */
#define BODY_GROUP_GAP 3.0

/* What a body is made of. */
struct body_shapes {
    size_t n;
    const double *xyz;    /* 3 n: centres */
    const double *radius; /* n, not looked at where a shape is a box */
    const double *half;   /* 3 n: half the edges of boxes, zeros for balls; nullable */
    const unsigned *number; /* nullable: messages name number[i] + 1 instead of i + 1 */
};

/* Sets up n >= 1 shapes. -1 with ERR_INPUT for what cannot be a body (a coordinate or
   size that is not finite or absurd, naming the atom), ERR_USAGE for a launch radius
   that does not enclose the body, ERR_RUNTIME without memory. Zero-initialise the
   struct before its first use. */
int body_prepare_shapes(struct body *body, const struct body_shapes *shapes,
                        const struct body_options *options, struct err *err);

/* The same for balls alone. */
int body_prepare(struct body *body, const double *xyz, const double *radius, size_t n,
                 const unsigned *number, const struct body_options *options,
                 struct err *err);

/* Fills body->groups, of bodies of balls alone (of others nothing is said); only of
   interest to callers that warn about broken molecules. */
int body_find_groups(struct body *body, struct err *err);

void body_fini(struct body *body);

#endif
