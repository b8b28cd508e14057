/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/boxes.h"

#include "geom/hilbert.h"
#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int boxes_reserve(struct boxes *boxes, size_t n, struct err *err)
{
    if (n <= boxes->capacity)
        return 0;
    struct box *at = alloc_zeroed(n, sizeof *at, "boxes", err);
    if (!at)
        return -1;
    if (boxes->n)
        memcpy(at, boxes->at, boxes->n * sizeof *at);
    free(boxes->at);
    boxes->at = at;
    boxes->capacity = n;
    return 0;
}

void boxes_fini(struct boxes *boxes)
{
    free(boxes->at);
    *boxes = (struct boxes){0};
}

int boxes_sort(struct boxes *boxes, struct err *err)
{
    size_t n = boxes->n;
    struct balls centres = {0};
    struct box *sorted = alloc_zeroed(n, sizeof *sorted, "an order of boxes", err);
    int status = sorted ? balls_reserve(&centres, n, err) : -1;
    /* The radius, which nothing is sorted by, takes the box's number along. */
    for (size_t i = 0; i < n && status == 0; i++) {
        const struct box *b = &boxes->at[i];
        balls_push(&centres, 0.5 * (b->low[0] + b->high[0]),
                   0.5 * (b->low[1] + b->high[1]), 0.5 * (b->low[2] + b->high[2]),
                   (double)i);
    }
    if (status == 0)
        status = hilbert_sort(&centres, err);
    for (size_t i = 0; i < n && status == 0; i++)
        sorted[i] = boxes->at[(size_t)centres.r[i]];
    if (status == 0)
        memcpy(boxes->at, sorted, n * sizeof *sorted);
    free(sorted);
    balls_fini(&centres);
    return status;
}

double box_reach(const struct box *box, const double p[3])
{
    double square = 0;
    for (int k = 0; k < 3; k++) {
        double below = p[k] - box->low[k], above = box->high[k] - p[k];
        double d = below > above ? below : above;
        square += d * d;
    }
    return sqrt(square);
}

static const struct bvh_node *node_at(const struct box_tree *tree, int level, size_t at)
{
    return &tree->node[tree->first[level] + at];
}

/* In single precision, relative to the origin, with room for rounding. */
static void set_child(struct box_tree *tree, size_t node, size_t child,
                      const struct box *box)
{
    struct bvh_node *n = &tree->node[node];
    for (int k = 0; k < 3; k++) {
        double low = box ? box->low[k] - tree->origin[k] : INFINITY,
               high = box ? box->high[k] - tree->origin[k] : -INFINITY;
        n->low[k][child] = box ? bvh_below(low, fabs(low) * 0x1p-22) : INFINITY;
        n->high[k][child] = box ? bvh_above(high, fabs(high) * 0x1p-22) : -INFINITY;
    }
}

static void set_level(struct box_tree *tree, int level)
{
    for (size_t child = 0; child < EIGHT * tree->n_level[level]; child++) {
        struct bvh_node *node = &tree->node[tree->first[level] + child / EIGHT];
        bool there = child < tree->n_level[level - 1];
        const struct bvh_node *below = there ? node_at(tree, level - 1, child) : NULL;
        for (int k = 0; k < 3; k++) {
            float from = INFINITY, to = -INFINITY;
            for (int i = 0; i < EIGHT && there; i++) {
                from = fminf(from, below->low[k][i]);
                to = fmaxf(to, below->high[k][i]);
            }
            node->low[k][child % EIGHT] = from;
            node->high[k][child % EIGHT] = to;
        }
    }
}

int box_tree_build(struct box_tree *tree, const struct boxes *boxes, struct err *err)
{
    size_t nodes = 0, below = boxes->n;
    tree->levels = 0;
    do {
        tree->first[tree->levels] = nodes;
        below = (below + EIGHT - 1) / EIGHT;
        tree->n_level[tree->levels++] = below;
        nodes += below;
    } while (below > 1);
    void *memory = tree->node;
    if (alloc_grow(&memory, &tree->node_capacity, nodes, sizeof *tree->node,
                   "a tree of boxes", err) < 0)
        return -1;
    tree->node = memory;
    tree->boxes = boxes;
    memcpy(tree->origin, boxes->at[0].low, sizeof tree->origin);
    for (size_t i = 0; i < EIGHT * tree->n_level[0]; i++)
        set_child(tree, i / EIGHT, i % EIGHT, i < boxes->n ? &boxes->at[i] : NULL);
    for (int level = 1; level < tree->levels; level++)
        set_level(tree, level);
    return 0;
}

void box_tree_fini(struct box_tree *tree)
{
    free(tree->node);
    *tree = (struct box_tree){0};
}

struct region {
    const struct box_tree *tree;
    const double *low, *high;
    float from[3], to[3]; /* the same for nodes */
    bool (*visit)(void *context, size_t box);
    void *context;
};

static bool meets(const struct box *box, const struct region *region)
{
    for (int k = 0; k < 3; k++)
        if (box->low[k] > region->high[k] || box->high[k] < region->low[k])
            return false;
    return true;
}

static bool visit_node(const struct region *region, int level, size_t at)
{
    const struct box_tree *tree = region->tree;
    unsigned children =
        bvh_children(node_at(tree, level, at), region->from, region->to);
    for (; children; children &= children - 1) {
        size_t child = EIGHT * at + (size_t)__builtin_ctz(children);
        if (level ? !visit_node(region, level - 1, child)
                  : meets(&tree->boxes->at[child], region) &&
                        !region->visit(region->context, child))
            return false;
    }
    return true;
}

bool box_tree_visit(const struct box_tree *tree, const double low[3],
                    const double high[3], bool (*visit)(void *context, size_t box),
                    void *context)
{
    struct region region = {tree, low, high, {0}, {0}, visit, context};
    for (int k = 0; k < 3; k++) {
        double from = low[k] - tree->origin[k], to = high[k] - tree->origin[k];
        region.from[k] = bvh_below(from, fabs(from) * 0x1p-22);
        region.to[k] = bvh_above(to, fabs(to) * 0x1p-22);
    }
    return visit_node(&region, tree->levels - 1, 0);
}

struct counter {
    size_t except;
    unsigned n;
};

static bool count_one(void *context, size_t box)
{
    struct counter *counter = context;
    counter->n += box != counter->except;
    return true;
}

unsigned box_tree_count(const struct box_tree *tree, const double p[3], size_t except)
{
    struct counter counter = {except, 0};
    box_tree_visit(tree, p, p, count_one, &counter);
    return counter.n;
}

struct contact {
    const struct boxes *boxes;
    size_t of;
    double room, area;
};

/* Of a pair of boxes, met from the first of the two. */
static bool add_contact(void *context, size_t at)
{
    struct contact *contact = context;
    const struct box *a = &contact->boxes->at[contact->of],
                     *b = &contact->boxes->at[at];
    double area = 1;
    int along = 0; /* axes along which they share more than a face's thickness */
    if (at <= contact->of)
        return true;
    for (int k = 0; k < 3; k++) {
        double shared = fmin(a->high[k], b->high[k]) - fmax(a->low[k], b->low[k]);
        bool more = shared > contact->room;
        along += more;
        area *= more ? shared : 1;
    }
    contact->area += along == 2 ? area : 0;
    return along < 3;
}

bool box_tree_contact(const struct box_tree *tree, double room, double *area)
{
    const struct boxes *boxes = tree->boxes;
    struct contact contact = {boxes, 0, room, 0};
    for (size_t i = 0; i < boxes->n; i++) {
        double low[3], high[3];
        contact.of = i;
        for (int k = 0; k < 3; k++) {
            low[k] = boxes->at[i].low[k] - room;
            high[k] = boxes->at[i].high[k] + room;
        }
        if (!box_tree_visit(tree, low, high, add_contact, &contact))
            return false;
    }
    *area = contact.area;
    return true;
}

/* A search for a box that holds another one. */
struct holder {
    const struct boxes *boxes;
    size_t of;
    int visits; /* that are left */
    bool found;
};

static bool try_holder(void *context, size_t box)
{
    struct holder *holder = context;
    const struct box *outer = &holder->boxes->at[box],
                     *inner = &holder->boxes->at[holder->of];
    bool holds = box != holder->of, equal = true;
    for (int k = 0; k < 3; k++) {
        holds &= outer->low[k] <= inner->low[k] && outer->high[k] >= inner->high[k];
        equal &= outer->low[k] == inner->low[k] && outer->high[k] == inner->high[k];
    }
    holder->found = holds && (!equal || box < holder->of);
    return !holder->found && --holder->visits > 0;
}

void boxes_drop(struct boxes *boxes, const bool *marked)
{
    size_t n = boxes->n;
    boxes->n = 0;
    for (size_t i = 0; i < n; i++)
        if (!marked[i])
            boxes->at[boxes->n++] = boxes->at[i];
}

int boxes_drop_contained(struct boxes *boxes, struct box_tree *tree, struct err *err)
{
    size_t n = boxes->n;
    bool *held = alloc_zeroed(n, sizeof *held, "contained boxes", err);
    if (!held || box_tree_build(tree, boxes, err) < 0) {
        free(held);
        return -1;
    }
    for (size_t i = 0; i < n; i++) {
        struct holder holder = {boxes, i, BOXES_VISITS, false};
        box_tree_visit(tree, boxes->at[i].low, boxes->at[i].low, try_holder, &holder);
        held[i] = holder.found;
    }
    boxes_drop(boxes, held);
    free(held);
    return boxes->n < n ? box_tree_build(tree, boxes, err) : 0;
}
