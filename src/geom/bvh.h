/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_GEOM_BVH_H
#define FRAMEWALK_GEOM_BVH_H

#include "geom/balls.h"
#include "geom/eight.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* A bounding-volume hierarchy over balls: which of them contain a point or come near
   one. Leaf k is balls 8 k to 8 k + 7, so balls that are consecutive should be close
   (hilbert_sort). Nodes have eight children: of a node k of level 0 these are leaves 8
   k to 8 k + 7, of a higher one the nodes 8 k to 8 k + 7 of the level below; the
   highest level has one node. Radii may differ by any factor.

   Boxes, and copies of the balls, are in single precision, relative to an origin near
   the balls, and used with more room than the arithmetic on them can lose: a search may
   look at something in vain, but leaves nothing out. What is near is decided in double
   precision. */

enum { BVH_LEVELS_MAX = 20 };

struct bvh_node {
    float low[3][EIGHT], high[3][EIGHT]; /* of the children; low > high: none */
};

struct bvh_leaf {
    float c[3][EIGHT], r[EIGHT]; /* r = -infinity: no ball */
};

/* Relative room for rounding, and of squares where they leave the range of full
   precision. */
#define BVH_ROOM 0x1p-21f
#define BVH_TINY 0x1p-140f

struct bvh {
    const struct balls *balls; /* borrowed; must not change while the tree is used */
    double origin[3];
    float extent; /* no ball reaches farther from the origin along an axis */
    struct bvh_node *node;
    struct bvh_leaf *leaf;
    size_t node_capacity, leaf_capacity;
    size_t n_leaves;                /* the last one may have fewer than eight balls */
    int levels;                     /* at least one */
    size_t first[BVH_LEVELS_MAX];   /* each level's first node */
    size_t n_level[BVH_LEVELS_MAX]; /* its number of nodes */
};

/* Builds the tree of n >= 1 balls, reusing the memory of an earlier one
   (zero-initialise the first). */
int bvh_build(struct bvh *bvh, const struct balls *balls, struct err *err);
void bvh_fini(struct bvh *bvh);

/* Calls visit for each ball i with |p - c_i| <= r_i + reach, in order of i, until one
   returns false. False when a visit did. */
bool bvh_visit(const struct bvh *bvh, const double p[3], double reach,
               bool (*visit)(void *context, size_t ball), void *context);

/* Number of balls that contain p; their surface belongs to them. */
unsigned bvh_count(const struct bvh *bvh, const double p[3]);

/* The same without ball `except`. */
unsigned bvh_count_others(const struct bvh *bvh, const double p[3], size_t except);

/* Whether any ball but `except` contains p. */
bool bvh_covered(const struct bvh *bvh, const double p[3], size_t except);

static inline const struct bvh_node *bvh_node(const struct bvh *bvh, int level,
                                              size_t node)
{
    return &bvh->node[bvh->first[level] + node];
}

/* Numbers of single precision that are not above, not below x, `room` being at least
   2^-23 of its magnitude. */
static inline float bvh_below(double x, double room)
{
    return (float)(x - room - 1e-37);
}

static inline float bvh_above(double x, double room)
{
    return (float)(x + room + 1e-37);
}

/* Children whose boxes meet the one from low to high. */
static inline unsigned bvh_children(const struct bvh_node *node, const float low[3],
                                    const float high[3])
{
    unsigned bits = 0;
    for (int i = 0; i < EIGHT; i += EIGHT_PART) {
        eight_mask all = (eight_load(node->low[0] + i) <= high[0]) &
                         (eight_load(node->high[0] + i) >= low[0]);
        for (int k = 1; k < 3; k++)
            all &= (eight_load(node->low[k] + i) <= high[k]) &
                   (eight_load(node->high[k] + i) >= low[k]);
        bits |= eight_bits(all) << i;
    }
    return bits;
}

/* Where a search is about: single precision, relative to the tree's origin. */
struct bvh_place {
    float c[3], low[3], high[3], reach;
};

/* For balls within `reach` of p; with a negative reach, for balls that enclose one of
   radius -reach about p (the box's corners are exchanged then, and bvh_children gives
   the boxes that enclose it). */
static inline void bvh_place_set(struct bvh_place *place, const struct bvh *bvh,
                                 const double p[3], double reach)
{
    float size = bvh->extent + (float)fabs(reach);
    for (int k = 0; k < 3; k++) {
        double at = p[k] - bvh->origin[k], room = (fabs(at) + fabs(reach)) * 0x1p-22;
        place->c[k] = (float)at;
        place->low[k] = bvh_below(at - reach, room);
        place->high[k] = bvh_above(at + reach, room);
        size += fabsf(place->c[k]);
    }
    place->reach = (float)reach + BVH_ROOM * size;
}

/* Balls of a leaf with |p - c| <= r + reach, and perhaps some that are a little
   farther. */
static inline unsigned bvh_leaf_near(const struct bvh_leaf *leaf,
                                     const struct bvh_place *place)
{
    unsigned bits = 0;
    for (int i = 0; i < EIGHT; i += EIGHT_PART) {
        eight_part dx = eight_load(leaf->c[0] + i) - place->c[0],
                   dy = eight_load(leaf->c[1] + i) - place->c[1],
                   dz = eight_load(leaf->c[2] + i) - place->c[2],
                   r = eight_load(leaf->r + i) + place->reach;
        eight_part square = dx * dx + dy * dy + dz * dz, limit = r * r + BVH_TINY;
        bits |= eight_bits((square <= limit) & (r >= 0)) << i;
    }
    return bits;
}

/* A walk over the leaves whose boxes meet a place's, in their order. */
struct bvh_walk {
    const struct bvh *bvh;
    const struct bvh_place *place;
    int level;
    size_t node[BVH_LEVELS_MAX];
    unsigned left[BVH_LEVELS_MAX]; /* children of that node still to be entered */
};

static inline void bvh_walk_enter(struct bvh_walk *walk, int level, size_t node)
{
    walk->level = level;
    walk->node[level] = node;
    walk->left[level] = bvh_children(bvh_node(walk->bvh, level, node), walk->place->low,
                                     walk->place->high);
}

static inline void bvh_walk_begin(struct bvh_walk *walk, const struct bvh *bvh,
                                  const struct bvh_place *place)
{
    walk->bvh = bvh;
    walk->place = place;
    bvh_walk_enter(walk, bvh->levels - 1, 0);
}

/* The next child of a node of level `stop` (a leaf for 0) below which there may be
   something, or false. */
static inline bool bvh_walk_down(struct bvh_walk *walk, int stop, size_t *child)
{
    for (;;) {
        while (walk->left[walk->level] == 0)
            if (++walk->level == walk->bvh->levels)
                return false;
        unsigned *left = &walk->left[walk->level];
        *child = EIGHT * walk->node[walk->level] + (size_t)__builtin_ctz(*left);
        *left &= *left - 1;
        if (walk->level == stop)
            return true;
        bvh_walk_enter(walk, walk->level - 1, *child);
    }
}

/* The next leaf, or false. */
static inline bool bvh_walk_next(struct bvh_walk *walk, size_t *leaf)
{
    return bvh_walk_down(walk, 0, leaf);
}

/* A leaf has balls 8 leaf to this one - 1. */
static inline size_t bvh_leaf_end(const struct bvh *bvh, size_t leaf)
{
    size_t end = EIGHT * (leaf + 1);
    return end < bvh->balls->n ? end : bvh->balls->n;
}

#endif
