/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/groups.h"

#include "util/alloc.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* Whose balls are below a box of the tree: the number of a group, or one of these. */
static const size_t NOBODYS = SIZE_MAX, SEVERAL = SIZE_MAX - 1;

/* A flood through the balls: one that has been reached leaves the tree, and with the
   last of them a box, so that every ball is found once and what is flooded costs no
   more time. */
struct flood {
    const struct bvh *bvh;
    uint8_t
        *dry; /* bits: of a leaf its balls, of a node its children, still to reach */
    size_t *group;              /* of each ball */
    size_t *pending, n_pending; /* reached, their neighbours not yet */
    size_t *owner;              /* of each box */
    struct bvh_place place;
    size_t from; /* the ball there */
    double gap;
};

/* Boxes are numbered leaves first, then nodes: that of a child of a node of `level`. */
static size_t box_number(const struct bvh *bvh, int level, size_t child)
{
    return level ? bvh->n_leaves + bvh->first[level - 1] + child : child;
}

static size_t n_children(const struct bvh *bvh, int level, size_t node)
{
    size_t n = level ? bvh->n_level[level - 1] : bvh->n_leaves;
    return n - EIGHT * node < EIGHT ? n - EIGHT * node : EIGHT;
}

/* Distance between the surfaces of two balls; negative where they overlap. */
static double surface_gap(const struct balls *b, size_t i, size_t j)
{
    double dx = b->x[i] - b->x[j], dy = b->y[i] - b->y[j], dz = b->z[i] - b->z[j];
    return sqrt(dx * dx + dy * dy + dz * dz) - b->r[i] - b->r[j];
}

static void reach_ball(struct flood *flood, size_t ball, size_t group)
{
    flood->dry[ball / EIGHT] &= (uint8_t) ~(1u << ball % EIGHT);
    flood->group[ball] = group;
    flood->pending[flood->n_pending++] = ball;
}

static void flood_leaf(struct flood *flood, size_t leaf)
{
    const struct bvh *bvh = flood->bvh;
    unsigned near = bvh_leaf_near(&bvh->leaf[leaf], &flood->place) & flood->dry[leaf];
    for (; near; near &= near - 1) {
        size_t ball = EIGHT * leaf + (unsigned)__builtin_ctz(near);
        if (surface_gap(bvh->balls, flood->from, ball) <= flood->gap)
            reach_ball(flood, ball, flood->group[flood->from]);
    }
}

static void flood_node(struct flood *flood, int level, size_t at)
{
    const struct bvh *bvh = flood->bvh;
    uint8_t *dry = &flood->dry[box_number(bvh, level + 1, at)];
    unsigned near =
        bvh_children(bvh_node(bvh, level, at), flood->place.low, flood->place.high) &
        *dry;
    for (; near; near &= near - 1) {
        unsigned child = (unsigned)__builtin_ctz(near);
        if (level)
            flood_node(flood, level - 1, EIGHT * at + child);
        else
            flood_leaf(flood, EIGHT * at + child);
        if (!flood->dry[box_number(bvh, level, EIGHT * at + child)])
            *dry &= (uint8_t) ~(1u << child);
    }
}

/* Fills flood->group; returns the number of groups. */
static size_t flood_all(struct flood *flood)
{
    const struct bvh *bvh = flood->bvh;
    const struct balls *b = bvh->balls;
    size_t groups = 0;
    for (size_t leaf = 0; leaf < bvh->n_leaves; leaf++)
        flood->dry[leaf] =
            (uint8_t)((1u << (bvh_leaf_end(bvh, leaf) - EIGHT * leaf)) - 1);
    for (int level = 0; level < bvh->levels; level++)
        for (size_t node = 0; node < bvh->n_level[level]; node++)
            flood->dry[box_number(bvh, level + 1, node)] =
                (uint8_t)((1u << n_children(bvh, level, node)) - 1);
    for (size_t i = 0; i < b->n; i++) {
        if (!(flood->dry[i / EIGHT] >> i % EIGHT & 1))
            continue;
        reach_ball(flood, i, groups++);
        while (flood->n_pending) {
            size_t from = flood->from = flood->pending[--flood->n_pending];
            const double c[3] = {b->x[from], b->y[from], b->z[from]};
            bvh_place_set(&flood->place, bvh, c, b->r[from] + flood->gap);
            flood_node(flood, bvh->levels - 1, 0);
        }
    }
    return groups;
}

static size_t common_owner(size_t a, size_t b)
{
    return a == NOBODYS || a == b ? b : SEVERAL;
}

/* Fills flood->owner from the groups. */
static void find_owners(struct flood *flood)
{
    const struct bvh *bvh = flood->bvh;
    for (size_t leaf = 0; leaf < bvh->n_leaves; leaf++) {
        size_t owner = NOBODYS;
        for (size_t i = EIGHT * leaf; i < bvh_leaf_end(bvh, leaf); i++)
            owner = common_owner(owner, flood->group[i]);
        flood->owner[leaf] = owner;
    }
    for (int level = 0; level < bvh->levels; level++)
        for (size_t node = 0; node < bvh->n_level[level]; node++) {
            const size_t *below = flood->owner + box_number(bvh, level, EIGHT * node);
            size_t owner = NOBODYS;
            for (size_t k = 0; k < n_children(bvh, level, node); k++)
                owner = common_owner(owner, below[k]);
            flood->owner[box_number(bvh, level + 1, node)] = owner;
        }
}

/* A search from those of a leaf's balls that belong to one group. */
struct search {
    const struct flood *flood;
    size_t leaf, group;
    double low[3], high[3]; /* their box, relative to the tree's origin */
    double gap;             /* the smallest so far */
};

/* The square of a lower bound of the distance to the balls below a child. */
static double child_square(const struct search *search, const struct bvh_node *node,
                           size_t child)
{
    double square = 0;
    for (int k = 0; k < 3; k++) {
        double below = (double)node->low[k][child] - search->high[k],
               above = search->low[k] - (double)node->high[k][child];
        double d = below > above ? below : above;
        square += d > 0 ? d * d : 0;
    }
    return square;
}

static void seek_in_leaf(struct search *search, size_t leaf)
{
    const struct bvh *bvh = search->flood->bvh;
    const size_t *group = search->flood->group;
    for (size_t i = EIGHT * search->leaf; i < bvh_leaf_end(bvh, search->leaf); i++)
        for (size_t j = EIGHT * leaf; j < bvh_leaf_end(bvh, leaf); j++)
            if (group[i] == search->group && group[j] != search->group) {
                double gap = surface_gap(bvh->balls, i, j);
                search->gap = gap < search->gap ? gap : search->gap;
            }
}

/* Looks below a node for balls of other groups that are nearer than search->gap, the
   nearest child first. What belongs to the own group alone is not entered: a molecule
   in two halves would otherwise take time quadratic in the number of its atoms. */
static void seek_outsider(struct search *search, int level, size_t at)
{
    const struct bvh *bvh = search->flood->bvh;
    const struct bvh_node *node = bvh_node(bvh, level, at);
    const size_t *owner = search->flood->owner + box_number(bvh, level, EIGHT * at);
    double square[EIGHT];
    unsigned left = 0;
    for (size_t k = 0; k < n_children(bvh, level, at); k++)
        if (owner[k] != search->group) {
            square[k] = child_square(search, node, k);
            left |= 1u << k;
        }
    while (left) {
        unsigned nearest = (unsigned)__builtin_ctz(left);
        for (unsigned k = nearest + 1; k < EIGHT; k++)
            if (left >> k & 1 && square[k] < square[nearest])
                nearest = k;
        if (square[nearest] >= search->gap * search->gap)
            return;
        left &= ~(1u << nearest);
        if (level)
            seek_outsider(search, level - 1, EIGHT * at + nearest);
        else
            seek_in_leaf(search, EIGHT * at + nearest);
    }
}

/* False when ball i is not the first of its group in its leaf. */
static bool set_box(struct search *search, size_t i)
{
    const struct bvh *bvh = search->flood->bvh;
    const double *centre[3] = {bvh->balls->x, bvh->balls->y, bvh->balls->z};
    const size_t *group = search->flood->group;
    for (size_t j = EIGHT * search->leaf; j < i; j++)
        if (group[j] == search->group)
            return false;
    for (int k = 0; k < 3; k++) {
        search->low[k] = INFINITY;
        search->high[k] = -INFINITY;
        for (size_t j = i; j < bvh_leaf_end(bvh, search->leaf); j++) {
            double c = centre[k][j] - bvh->origin[k], r = bvh->balls->r[j];
            if (group[j] != search->group)
                continue;
            search->low[k] = c - r < search->low[k] ? c - r : search->low[k];
            search->high[k] = c + r > search->high[k] ? c + r : search->high[k];
        }
    }
    return true;
}

/* The widest of the groups' distances to their nearest outsider; gap[] is scratch, one
   number a group. */
static double widest_gap(struct flood *flood, double *gap, size_t n_groups)
{
    const struct bvh *bvh = flood->bvh;
    find_owners(flood);
    for (size_t g = 0; g < n_groups; g++)
        gap[g] = INFINITY;
    for (size_t i = 0; i < bvh->balls->n; i++) {
        struct search search = {.flood = flood, .leaf = i / EIGHT};
        search.group = flood->group[i];
        if (!set_box(&search, i))
            continue;
        search.gap = gap[search.group];
        seek_outsider(&search, bvh->levels - 1, 0);
        gap[search.group] = search.gap;
    }
    double widest = 0;
    for (size_t g = 0; g < n_groups; g++)
        widest = gap[g] > widest ? gap[g] : widest;
    return widest;
}

int groups_find(struct groups *groups, const struct bvh *bvh, double gap,
                struct err *err)
{
    size_t n = bvh->balls->n, boxes = box_number(bvh, bvh->levels, 1);
    size_t *memory = alloc_zeroed(2 * n + boxes, sizeof *memory, "groups", err);
    double *gaps = alloc_zeroed(n, sizeof *gaps, "groups", err);
    uint8_t *dry = alloc_zeroed(boxes, 1, "groups", err);
    int status = memory && gaps && dry ? 0 : -1;
    if (status == 0) {
        struct flood flood = {.bvh = bvh,
                              .dry = dry,
                              .group = memory,
                              .pending = memory + n,
                              .owner = memory + 2 * n,
                              .gap = gap};
        groups->n = flood_all(&flood);
        groups->gap = groups->n > 1 ? widest_gap(&flood, gaps, groups->n) : 0;
    }
    free(memory);
    free(gaps);
    free(dry);
    return status;
}
