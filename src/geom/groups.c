/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/groups.h"

#include "util/alloc.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* A forest of union-find with path halving; the smaller index is the root. */
struct forest {
    size_t *parent;
    size_t n_trees;
    size_t from; /* the ball whose neighbourhood is being joined */
};

static size_t root_of(struct forest *forest, size_t i)
{
    while (forest->parent[i] != i) {
        forest->parent[i] = forest->parent[forest->parent[i]];
        i = forest->parent[i];
    }
    return i;
}

static bool join(void *context, size_t ball)
{
    struct forest *forest = context;
    size_t a = root_of(forest, forest->from), b = root_of(forest, ball);
    if (a != b) {
        forest->parent[a > b ? a : b] = a > b ? b : a;
        forest->n_trees--;
    }
    return forest->n_trees > 1;
}

/* Distance between the surfaces of two balls; negative where they overlap. */
static double surface_gap(const struct balls *b, size_t i, size_t j)
{
    double dx = b->x[i] - b->x[j], dy = b->y[i] - b->y[j], dz = b->z[i] - b->z[j];
    return sqrt(dx * dx + dy * dy + dz * dz) - b->r[i] - b->r[j];
}

/* Whose balls are below a node of the tree: a group's root, or one of these. */
static const size_t NOBODYS = SIZE_MAX, SEVERAL = SIZE_MAX - 1;

/* Fills owner[] for all nodes of the tree. */
static void find_owners(const struct bvh *bvh, struct forest *forest, size_t *owner)
{
    size_t leaves = bvh->n_leaves;
    for (size_t node = leaves; node < 2 * leaves; node++)
        owner[node] = NOBODYS;
    for (size_t i = 0; i < bvh->balls->n; i++) {
        size_t *leaf = &owner[leaves + i / BVH_LEAF_BALLS], root = root_of(forest, i);
        *leaf = *leaf == NOBODYS || *leaf == root ? root : SEVERAL;
    }
    for (size_t node = leaves - 1; node >= 1; node--) {
        size_t left = owner[2 * node], right = owner[2 * node + 1];
        owner[node] = right == NOBODYS || left == right ? left : SEVERAL;
    }
}

struct search {
    const struct bvh *bvh;
    struct forest *forest;
    const size_t *owner;
    size_t from, from_root;
    double gap; /* the smallest so far */
};

static double box_gap(const struct search *search, size_t node)
{
    const struct balls *b = search->bvh->balls;
    const double *box = search->bvh->box[node];
    double p[3] = {b->x[search->from], b->y[search->from], b->z[search->from]};
    double square = 0;
    for (int k = 0; k < 3; k++) {
        double d = fmax(0, fmax(box[k] - p[k], p[k] - box[3 + k]));
        square += d * d;
    }
    return sqrt(square) - b->r[search->from];
}

/* Looks below a node for balls of other groups that are nearer than search->gap. What
   belongs to the ball's own group is not entered: a molecule in two halves would
   otherwise take time quadratic in the number of its atoms. */
static void seek_outsider(struct search *search, size_t node, double gap)
{
    size_t owner = search->owner[node], leaves = search->bvh->n_leaves;
    if (owner == NOBODYS || owner == search->from_root || gap >= search->gap)
        return;
    if (node < leaves) {
        double left = box_gap(search, 2 * node), right = box_gap(search, 2 * node + 1);
        size_t nearer = left <= right ? 2 * node : 2 * node + 1;
        seek_outsider(search, nearer, fmin(left, right));
        seek_outsider(search, nearer ^ 1, fmax(left, right));
        return;
    }
    const struct balls *balls = search->bvh->balls;
    size_t begin = (node - leaves) * BVH_LEAF_BALLS;
    for (size_t i = begin; i < begin + BVH_LEAF_BALLS && i < balls->n; i++)
        if (root_of(search->forest, i) != search->from_root)
            search->gap = fmin(search->gap, surface_gap(balls, search->from, i));
}

/* The widest of the groups' distances to their nearest outsider. */
static int widest_gap(const struct bvh *bvh, struct forest *forest, double *widest,
                      struct err *err)
{
    size_t n = bvh->balls->n;
    double *gap = alloc_zeroed(n, sizeof *gap, "gaps between groups", err);
    size_t *owner =
        alloc_zeroed(2 * bvh->n_leaves, sizeof *owner, "gaps between groups", err);
    int status = gap && owner ? 0 : -1;
    if (status == 0) {
        find_owners(bvh, forest, owner);
        for (size_t i = 0; i < n; i++)
            gap[i] = INFINITY;
        for (size_t i = 0; i < n; i++) {
            size_t root = root_of(forest, i);
            struct search search = {bvh, forest, owner, i, root, gap[root]};
            seek_outsider(&search, 1, -INFINITY);
            gap[root] = search.gap;
        }
        *widest = 0;
        for (size_t i = 0; i < n; i++)
            if (root_of(forest, i) == i)
                *widest = fmax(*widest, gap[i]);
    }
    free(gap);
    free(owner);
    return status;
}

int groups_find(struct groups *groups, const struct bvh *bvh, double gap,
                struct err *err)
{
    const struct balls *balls = bvh->balls;
    struct forest forest = {.n_trees = balls->n};
    forest.parent = alloc_zeroed(balls->n, sizeof *forest.parent, "groups", err);
    if (!forest.parent)
        return -1;
    for (size_t i = 0; i < balls->n; i++)
        forest.parent[i] = i;
    /* Touching balls first: that is cheap and mostly leaves one group. */
    for (int pass = 0; pass < 2 && forest.n_trees > 1; pass++)
        for (size_t i = 0; i < balls->n && forest.n_trees > 1; i++) {
            double p[3] = {balls->x[i], balls->y[i], balls->z[i]};
            forest.from = i;
            bvh_visit(bvh, p, balls->r[i] + (pass ? gap : 0.0), join, &forest);
        }
    groups->n = forest.n_trees;
    groups->gap = 0;
    int status = 0;
    if (forest.n_trees > 1)
        status = widest_gap(bvh, &forest, &groups->gap, err);
    free(forest.parent);
    return status;
}
