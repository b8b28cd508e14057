/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/bvh.h"

#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>

enum { DEPTH_MAX = 64 };

static void box_of_leaf(const struct balls *balls, size_t leaf, double box[6])
{
    for (int k = 0; k < 3; k++) {
        box[k] = INFINITY;
        box[3 + k] = -INFINITY;
    }
    size_t begin = leaf * BVH_LEAF_BALLS, end = begin + BVH_LEAF_BALLS;
    for (size_t i = begin; i < end && i < balls->n; i++) {
        double c[3] = {balls->x[i], balls->y[i], balls->z[i]}, r = balls->r[i];
        for (int k = 0; k < 3; k++) {
            box[k] = fmin(box[k], c[k] - r);
            box[3 + k] = fmax(box[3 + k], c[k] + r);
        }
    }
}

int bvh_build(struct bvh *bvh, const struct balls *balls, struct err *err)
{
    size_t leaves = 1;
    while (leaves * BVH_LEAF_BALLS < balls->n)
        leaves *= 2;
    void *memory = bvh->box;
    if (alloc_grow(&memory, &bvh->capacity, 2 * leaves, sizeof bvh->box[0],
                   "a bounding-volume hierarchy", err) < 0)
        return -1;
    bvh->box = memory;
    bvh->balls = balls;
    bvh->n_leaves = leaves;
    for (size_t leaf = 0; leaf < leaves; leaf++)
        box_of_leaf(balls, leaf, bvh->box[leaves + leaf]);
    for (size_t node = leaves - 1; node >= 1; node--)
        for (int k = 0; k < 3; k++) {
            const double *left = bvh->box[2 * node], *right = bvh->box[2 * node + 1];
            bvh->box[node][k] = fmin(left[k], right[k]);
            bvh->box[node][3 + k] = fmax(left[3 + k], right[3 + k]);
        }
    return 0;
}

void bvh_fini(struct bvh *bvh)
{
    free(bvh->box);
    *bvh = (struct bvh){0};
}

static inline bool box_near(const double box[6], const double p[3], double reach)
{
    return p[0] >= box[0] - reach && p[0] <= box[3] + reach && p[1] >= box[1] - reach &&
           p[1] <= box[4] + reach && p[2] >= box[2] - reach && p[2] <= box[5] + reach;
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
    size_t stack[DEPTH_MAX], depth = 0;
    stack[depth++] = 1;
    while (depth) {
        size_t node = stack[--depth];
        if (!box_near(bvh->box[node], p, reach))
            continue;
        if (node < bvh->n_leaves) {
            stack[depth++] = 2 * node + 1;
            stack[depth++] = 2 * node;
            continue;
        }
        size_t begin = (node - bvh->n_leaves) * BVH_LEAF_BALLS;
        for (size_t i = begin; i < begin + BVH_LEAF_BALLS && i < bvh->balls->n; i++)
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

static inline bool is_exception(void *context, size_t ball)
{
    return ball == *(size_t *)context;
}

bool bvh_covered(const struct bvh *bvh, const double p[3], size_t except)
{
    return !visit_near(bvh, p, 0.0, is_exception, &except);
}
