/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_GEOM_BOXES_H
#define FRAMEWALK_GEOM_BOXES_H

#include "geom/bvh.h"
#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>

/* Boxes whose edges are parallel to the axes, their surfaces belonging to them. */
struct box {
    double low[3], high[3]; /* low < high */
};

struct boxes {
    size_t n, capacity;
    struct box *at;
};

/* Room for n boxes; n and the contents are kept. */
int boxes_reserve(struct boxes *boxes, size_t n, struct err *err);
void boxes_fini(struct boxes *boxes);

/* The same by the places of their centres as hilbert_sort for balls. */
int boxes_sort(struct boxes *boxes, struct err *err);

/* A hierarchy over boxes, in the nodes of bvh.h: the children of a node of level 0 are
   boxes 8 k to 8 k + 7. */
struct box_tree {
    const struct boxes *boxes; /* borrowed; must not change while the tree is used */
    double origin[3];
    struct bvh_node *node;
    size_t node_capacity;
    int levels;
    size_t first[BVH_LEVELS_MAX], n_level[BVH_LEVELS_MAX];
};

/* Builds the tree of n >= 1 boxes, reusing the memory of an earlier one
   (zero-initialise the first). */
int box_tree_build(struct box_tree *tree, const struct boxes *boxes, struct err *err);
void box_tree_fini(struct box_tree *tree);

/* Calls visit for each box that meets the region from low to high (closed), in their
   order, until one returns false. False when a visit did. */
bool box_tree_visit(const struct box_tree *tree, const double low[3],
                    const double high[3], bool (*visit)(void *context, size_t box),
                    void *context);

/* Number of boxes but `except` (SIZE_MAX: none) that contain p. */
unsigned box_tree_count(const struct box_tree *tree, const double p[3], size_t except);

/* Distance from p to the farthest corner. */
double box_reach(const struct box *box, const double p[3]);

/* Area in which boxes touch one another, once for both; false when some of them
   overlap. Faces nearer than `room` touch. */
bool box_tree_contact(const struct box_tree *tree, double room, double *area);

/* Removes boxes that are wholly inside another one; of equal ones the first stays. The
   boxes should be sorted. A box's holders are sought among the first BOXES_VISITS that
   contain its low corner: what is not found stays, which changes nothing of the union.
   *tree becomes a tree over those that are left. */
enum { BOXES_VISITS = 64 };
int boxes_drop_contained(struct boxes *boxes, struct box_tree *tree, struct err *err);

/* Removes the boxes that are marked. */
void boxes_drop(struct boxes *boxes, const bool *marked);

#endif
