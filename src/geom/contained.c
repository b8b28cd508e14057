/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/contained.h"

#include "util/alloc.h"

#include <stdlib.h>

struct search {
    const struct bvh *bvh;
    size_t of; /* the ball whose holder is sought */
    struct bvh_place place;
    unsigned visits; /* boxes that may still be looked into */
};

/* Balls of equal radius whose distance is lost in rounding hold one another: of them
   the first one stays. */
static inline bool holds(const struct balls *b, size_t i, size_t j)
{
    double dx = b->x[i] - b->x[j], dy = b->y[i] - b->y[j], dz = b->z[i] - b->z[j];
    double square = dx * dx + dy * dy + dz * dz;
    double limit = b->r[i] - b->r[j] + 0x1p-50 * b->r[i]; /* with room for rounding */
    if (limit < 0 || square > limit * limit || i == j)
        return false;
    double distance = sqrt(square);
    return distance + b->r[j] <= b->r[i] && (b->r[i] > b->r[j] || i < j);
}

static bool leaf_holds(const struct search *search, size_t leaf)
{
    unsigned near = bvh_leaf_near(&search->bvh->leaf[leaf], &search->place);
    for (; near; near &= near - 1)
        if (holds(search->bvh->balls, EIGHT * leaf + (unsigned)__builtin_ctz(near),
                  search->of))
            return true;
    return false;
}

/* Takes the child out of *children whose box leaves the most room about the ball. */
static unsigned roomiest(const struct search *search, const struct bvh_node *node,
                         unsigned *children)
{
    if ((*children & (*children - 1)) == 0) {
        unsigned only = (unsigned)__builtin_ctz(*children);
        *children = 0;
        return only;
    }
    unsigned best = 0;
    float most = -1;
    for (unsigned rest = *children; rest; rest &= rest - 1) {
        unsigned child = (unsigned)__builtin_ctz(rest);
        float room = INFINITY;
        for (int k = 0; k < 3; k++) {
            float below = search->place.high[k] - node->low[k][child],
                  above = node->high[k][child] - search->place.low[k];
            room = below < room ? below : room;
            room = above < room ? above : room;
        }
        if (room > most) {
            most = room;
            best = child;
        }
    }
    *children &= ~(1u << best);
    return best;
}

/* Depth first, what encloses the ball with most room before the others. */
static bool node_holds(struct search *search, int level, size_t at)
{
    const struct bvh_node *node = bvh_node(search->bvh, level, at);
    unsigned children = bvh_children(node, search->place.low, search->place.high);
    while (children && search->visits) {
        search->visits--;
        size_t child = EIGHT * at + roomiest(search, node, &children);
        if (level ? node_holds(search, level - 1, child) : leaf_holds(search, child))
            return true;
    }
    return false;
}

static bool is_held(const struct bvh *bvh, size_t ball, const struct bvh_place *place,
                    uint64_t *visits)
{
    struct search search = {bvh, ball, *place, CONTAINED_VISITS};
    bool held = node_holds(&search, bvh->levels - 1, 0);
    *visits += CONTAINED_VISITS - search.visits;
    return held;
}

/* Equal balls stand next to each other once they are sorted: no search for them,
   however many there are. */
static bool repeats(const struct balls *b, size_t ball)
{
    return ball && b->x[ball] == b->x[ball - 1] && b->y[ball] == b->y[ball - 1] &&
           b->z[ball] == b->z[ball - 1] && b->r[ball] == b->r[ball - 1];
}

/* The places of a leaf's balls, and one that all boxes enclose which enclose any of
   them. */
static void set_places(const struct bvh *bvh, size_t leaf, struct bvh_place own[EIGHT],
                       struct bvh_place *any)
{
    const struct balls *b = bvh->balls;
    size_t begin = EIGHT * leaf, n = bvh_leaf_end(bvh, leaf) - begin;
    for (size_t i = 0; i < n; i++) {
        const double c[3] = {b->x[begin + i], b->y[begin + i], b->z[begin + i]};
        bvh_place_set(&own[i], bvh, c, -b->r[begin + i]);
        for (int k = 0; k < 3; k++) {
            float low = own[i].low[k], high = own[i].high[k];
            any->low[k] = i == 0 || low < any->low[k] ? low : any->low[k];
            any->high[k] = i == 0 || high > any->high[k] ? high : any->high[k];
        }
    }
}

/* Those balls of a leaf (as bits) that something may hold; the others nothing does. All
   at once, because in most bodies that is the end of it. */
static unsigned suspects(const struct bvh *bvh, size_t leaf,
                         const struct bvh_place own[EIGHT], const struct bvh_place *any,
                         uint64_t *visits)
{
    unsigned n = (unsigned)(bvh_leaf_end(bvh, leaf) - EIGHT * leaf), found = 0;
    struct bvh_walk walk;
    size_t other;
    bvh_walk_begin(&walk, bvh, any);
    for (int looked = 0; bvh_walk_next(&walk, &other); looked++) {
        if (looked == CONTAINED_VISITS / 4)
            return (1u << n) - 1;
        ++*visits;
        for (unsigned i = 0; i < n; i++) {
            unsigned near = bvh_leaf_near(&bvh->leaf[other], &own[i]);
            near &= ~(other == leaf ? 1u << i : 0);
            found |= (near != 0) << i;
        }
    }
    return found;
}

int contained_drop(struct balls *balls, struct bvh *bvh, uint64_t *visits,
                   struct err *err)
{
    bool *held = alloc_zeroed(balls->n, sizeof *held, "contained balls", err);
    if (!held || bvh_build(bvh, balls, err) < 0) {
        free(held);
        return -1;
    }
    size_t n = balls->n;
    *visits = 0;
    for (size_t leaf = 0; leaf < bvh->n_leaves; leaf++) {
        struct bvh_place own[EIGHT], any;
        set_places(bvh, leaf, own, &any);
        unsigned left = suspects(bvh, leaf, own, &any, visits);
        for (; left; left &= left - 1) {
            unsigned i = (unsigned)__builtin_ctz(left);
            size_t ball = EIGHT * leaf + i;
            held[ball] = repeats(balls, ball) || is_held(bvh, ball, &own[i], visits);
        }
    }
    balls->n = 0;
    for (size_t i = 0; i < n; i++)
        if (!held[i])
            balls_push(balls, balls->x[i], balls->y[i], balls->z[i], balls->r[i]);
    free(held);
    return balls->n < n ? bvh_build(bvh, balls, err) : 0;
}
