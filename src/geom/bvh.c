/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/bvh.h"

#include "util/alloc.h"

#include <stdlib.h>

/* Copies a leaf's balls along one axis and sets its box in the node above. */
static void set_axis(struct bvh *bvh, size_t leaf, int axis, const double *centre)
{
    const double *radius = bvh->balls->r;
    struct bvh_node *node = &bvh->node[leaf / EIGHT];
    float *copy = bvh->leaf[leaf].c[axis];
    double from = INFINITY, to = -INFINITY, origin = bvh->origin[axis];
    size_t begin = EIGHT * leaf, n = bvh_leaf_end(bvh, leaf) - begin;
    for (size_t i = 0; i < EIGHT; i++)
        copy[i] = i < n ? (float)(centre[begin + i] - origin) : INFINITY;
    for (size_t i = begin; i < begin + n; i++) {
        double c = centre[i] - origin, r = radius[i];
        from = c - r < from ? c - r : from;
        to = c + r > to ? c + r : to;
    }
    /* from <= c - r and r <= c - from for all balls, so that |c| + r is below the sum
       of the magnitudes of from and to, twice. */
    double size = 2 * (fabs(from) + fabs(to));
    node->low[axis][leaf % EIGHT] = bvh_below(from, size * 0x1p-22);
    node->high[axis][leaf % EIGHT] = bvh_above(to, size * 0x1p-22);
}

static void set_leaves(struct bvh *bvh)
{
    const struct balls *b = bvh->balls;
    const double *centre[3] = {b->x, b->y, b->z};
    for (size_t leaf = 0; leaf < bvh->n_leaves; leaf++) {
        size_t begin = EIGHT * leaf, n = bvh_leaf_end(bvh, leaf) - begin;
        for (size_t i = 0; i < EIGHT; i++)
            bvh->leaf[leaf].r[i] = i < n ? (float)b->r[begin + i] : -INFINITY;
        for (int k = 0; k < 3; k++)
            set_axis(bvh, leaf, k, centre[k]);
    }
    for (size_t leaf = bvh->n_leaves; leaf < EIGHT * bvh->n_level[0]; leaf++)
        for (int k = 0; k < 3; k++) {
            bvh->node[leaf / EIGHT].low[k][leaf % EIGHT] = INFINITY;
            bvh->node[leaf / EIGHT].high[k][leaf % EIGHT] = -INFINITY;
        }
}

static void set_level(struct bvh *bvh, int level)
{
    for (size_t child = 0; child < EIGHT * bvh->n_level[level]; child++) {
        struct bvh_node *node = &bvh->node[bvh->first[level] + child / EIGHT];
        size_t at = child % EIGHT;
        bool there = child < bvh->n_level[level - 1];
        const struct bvh_node *below = there ? bvh_node(bvh, level - 1, child) : NULL;
        for (int k = 0; k < 3; k++) {
            float from = INFINITY, to = -INFINITY;
            for (int i = 0; i < EIGHT && there; i++) {
                from = below->low[k][i] < from ? below->low[k][i] : from;
                to = below->high[k][i] > to ? below->high[k][i] : to;
            }
            node->low[k][at] = from;
            node->high[k][at] = to;
        }
    }
}

static void set_extent(struct bvh *bvh)
{
    const struct bvh_node *root = bvh_node(bvh, bvh->levels - 1, 0);
    bvh->extent = 0;
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < EIGHT; i++)
            if (root->low[k][i] <= root->high[k][i])
                bvh->extent =
                    fmaxf(bvh->extent, fmaxf(-root->low[k][i], root->high[k][i]));
}

int bvh_build(struct bvh *bvh, const struct balls *balls, struct err *err)
{
    bvh->n_leaves = (balls->n + EIGHT - 1) / EIGHT;
    size_t nodes = 0, below = bvh->n_leaves;
    bvh->levels = 0;
    do {
        bvh->first[bvh->levels] = nodes;
        below = (below + EIGHT - 1) / EIGHT;
        bvh->n_level[bvh->levels++] = below;
        nodes += below;
    } while (below > 1);
    void *memory = bvh->node;
    int status = alloc_grow(&memory, &bvh->node_capacity, nodes, sizeof *bvh->node,
                            "a bounding-volume hierarchy", err);
    bvh->node = memory;
    memory = bvh->leaf;
    if (status < 0 ||
        alloc_grow(&memory, &bvh->leaf_capacity, bvh->n_leaves, sizeof *bvh->leaf,
                   "a bounding-volume hierarchy", err) < 0)
        return -1;
    bvh->leaf = memory;
    bvh->balls = balls;
    bvh->origin[0] = balls->x[0];
    bvh->origin[1] = balls->y[0];
    bvh->origin[2] = balls->z[0];
    set_leaves(bvh);
    for (int level = 1; level < bvh->levels; level++)
        set_level(bvh, level);
    set_extent(bvh);
    return 0;
}

void bvh_fini(struct bvh *bvh)
{
    free(bvh->node);
    free(bvh->leaf);
    *bvh = (struct bvh){0};
}

static inline bool ball_near(const struct balls *balls, size_t i, const double p[3],
                             double reach)
{
    double dx = p[0] - balls->x[i], dy = p[1] - balls->y[i], dz = p[2] - balls->z[i];
    double limit = balls->r[i] + reach;
    return dx * dx + dy * dy + dz * dz <= limit * limit;
}

/* Inlined into each query, so that `visit` is no indirect call there. */
static inline __attribute__((always_inline)) bool
visit_near(const struct bvh *bvh, const double p[3], double reach,
           bool (*visit)(void *context, size_t ball), void *context)
{
    struct bvh_place place;
    struct bvh_walk walk;
    size_t leaf;
    bvh_place_set(&place, bvh, p, reach);
    bvh_walk_begin(&walk, bvh, &place);
    while (bvh_walk_next(&walk, &leaf))
        for (unsigned near = bvh_leaf_near(&bvh->leaf[leaf], &place); near;
             near &= near - 1) {
            size_t i = EIGHT * leaf + (unsigned)__builtin_ctz(near);
            if (ball_near(bvh->balls, i, p, reach) && !visit(context, i))
                return false;
        }
    return true;
}

bool bvh_visit(const struct bvh *bvh, const double p[3], double reach,
               bool (*visit)(void *context, size_t ball), void *context)
{
    return visit_near(bvh, p, reach, visit, context);
}

static inline bool count_one(void *context, size_t ball)
{
    (void)ball;
    ++*(unsigned *)context;
    return true;
}

unsigned bvh_count(const struct bvh *bvh, const double p[3])
{
    unsigned count = 0;
    visit_near(bvh, p, 0.0, count_one, &count);
    return count;
}

struct others {
    size_t except;
    unsigned count;
};

static inline bool count_other(void *context, size_t ball)
{
    struct others *others = context;
    others->count += ball != others->except;
    return true;
}

unsigned bvh_count_others(const struct bvh *bvh, const double p[3], size_t except)
{
    struct others others = {except, 0};
    visit_near(bvh, p, 0.0, count_other, &others);
    return others.count;
}

static inline bool is_exception(void *context, size_t ball)
{
    return ball == *(size_t *)context;
}

bool bvh_covered(const struct bvh *bvh, const double p[3], size_t except)
{
    return !visit_near(bvh, p, 0.0, is_exception, &except);
}
