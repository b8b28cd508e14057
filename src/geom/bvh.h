/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_GEOM_BVH_H
#define FRAMEWALK_GEOM_BVH_H

#include "geom/balls.h"

#include <stdbool.h>
#include <stdint.h>

enum { BVH_LEAF_BALLS = 4 };

/* A bounding-volume hierarchy over balls: which of them contain a point or come near
   one. A complete binary tree over leaves of BVH_LEAF_BALLS consecutive balls (leaf k
   is node n_leaves + k), so balls that are consecutive should be close (morton_sort).
   Radii may differ by any factor. */
struct bvh {
    const struct balls *balls; /* borrowed; must not change while the tree is used */
    size_t n_leaves;           /* a power of two; those past the balls are empty */
    double (*box)[6];          /* by node, root 1: low x y z, high x y z */
    size_t capacity;           /* nodes there is room for */
};

/* Builds the tree, reusing the memory of an earlier one (zero-initialise the first). */
int bvh_build(struct bvh *bvh, const struct balls *balls, struct err *err);
void bvh_fini(struct bvh *bvh);

/* Calls visit for each ball i with |p - c_i| <= r_i + reach, in order of i, until one
   returns false. False when a visit did. */
bool bvh_visit(const struct bvh *bvh, const double p[3], double reach,
               bool (*visit)(void *context, size_t ball), void *context);

/* Number of balls that contain p; their surface belongs to them. */
unsigned bvh_count(const struct bvh *bvh, const double p[3]);

/* Whether any ball but `except` contains p. */
bool bvh_covered(const struct bvh *bvh, const double p[3], size_t except);

#endif
