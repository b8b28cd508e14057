/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_GEOM_GROUPS_H
#define FRAMEWALK_GEOM_GROUPS_H

#include "geom/bvh.h"

/* How a body falls apart. */
struct groups {
    size_t n;   /* sets of balls that are connected by gaps of at most `gap` */
    double gap; /* widest distance (A) from such a set to the nearest ball outside it, 0
                   where there is one set */
};

/* Joins balls whose surfaces are at most `gap` apart. The tree's balls are meant. */
int groups_find(struct groups *groups, const struct bvh *bvh, double gap,
                struct err *err);

#endif
