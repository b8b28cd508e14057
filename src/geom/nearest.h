/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_GEOM_NEAREST_H
#define FRAMEWALK_GEOM_NEAREST_H

#include "geom/balls.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* The two balls whose surfaces are nearest to a point in the cube |x|, |y|, |z| <=
   half: an octree whose leaves list the balls that can be first or second for any point
   of the cell. For a cell with centre c and half diagonal h these are the balls with
   d_k(c) <= d_(2)(c) + 2 h, d_k being the distance to the surface of ball k and d_(2)
   the second smallest. A cell far from everything keeps a lower bound instead of a
   list: d_(1)(c) - |x - c|. */
struct nearest {
    const struct balls *balls; /* borrowed */
    double half;
    double scale; /* cells of the finest level per length */
    struct nearest_node *node;
    size_t n_nodes, node_capacity;
    uint32_t *list;
    size_t n_list, list_capacity;
    struct nearest_scratch *scratch;
};

enum { NEAREST_LEVELS = 16 };

/* Eight bytes, so that the eight children of a cell share a cache line: walkers wait
   for memory here more than for anything else. */
struct nearest_node {
    uint32_t
        first; /* the first child, or the first entry of the list, or NEAREST_FAR */
    union {
        uint32_t count; /* of the list; NEAREST_INNER when there are children */
        float bound;    /* far cells: d_(1) at the centre, rounded down */
    };
};

#define NEAREST_FAR UINT32_MAX
#define NEAREST_INNER UINT32_MAX

/* Builds the tree for balls within the cube, reusing memory (zero-initialise the
   first). Time and memory are bounded by a budget proportional to the number of balls:
   what the budget does not refine keeps longer lists, so results never depend on it. */
int nearest_build(struct nearest *nearest, const struct balls *balls, double half,
                  struct err *err);
void nearest_fini(struct nearest *nearest);

/* Where a point is relative to the balls. */
struct nearest_hit {
    uint32_t ball;   /* the nearest */
    double distance; /* from its centre */
    double gap;      /* from its surface; negative inside */
    double second;   /* from the surface of the second nearest, infinity if none */
};

/* True with *hit filled, or false when the point is far from all balls and only
   hit->gap, a lower bound of the distance to any surface, is known. For points outside
   the body; deep inside it any one ball may be given. */
static inline bool nearest_find(const struct nearest *nearest, const double p[3],
                                struct nearest_hit *hit)
{
    const double top = (1 << NEAREST_LEVELS) - 1;
    uint32_t cell[3];
    for (int k = 0; k < 3; k++) {
        double at = (p[k] + nearest->half) * nearest->scale;
        cell[k] = (uint32_t)(at < 0 ? 0 : at > top ? top : at);
    }
    const struct nearest_node *node = nearest->node;
    int level = NEAREST_LEVELS;
    while (node->first != NEAREST_FAR && node->count == NEAREST_INNER) {
        level--;
        uint32_t child = (cell[0] >> level & 1) | (cell[1] >> level & 1) << 1 |
                         (cell[2] >> level & 1) << 2;
        node = nearest->node + node->first + child;
    }
    if (node->first == NEAREST_FAR) {
        double size = (double)(1u << level), off = 0;
        for (int k = 0; k < 3; k++) {
            double centre = ((double)(cell[k] >> level) + 0.5) * size;
            double d = p[k] - (centre / nearest->scale - nearest->half);
            off += d * d;
        }
        hit->gap = (double)node->bound - sqrt(off);
        return false;
    }
    const struct balls *balls = nearest->balls;
    const uint32_t *list = nearest->list + node->first;
    double gap = INFINITY, second = INFINITY;
    uint32_t ball = list[0];
    for (uint32_t i = 0; i < node->count; i++) {
        uint32_t k = list[i];
        double dx = p[0] - balls->x[k], dy = p[1] - balls->y[k],
               dz = p[2] - balls->z[k];
        double g = sqrt(dx * dx + dy * dy + dz * dz) - balls->r[k];
        double worse = g > gap ? g : gap;
        second = worse < second ? worse : second;
        ball = g < gap ? k : ball;
        gap = g < gap ? g : gap;
    }
    hit->ball = ball;
    hit->gap = gap;
    hit->distance = gap + balls->r[ball];
    hit->second = second;
    return true;
}

#endif
