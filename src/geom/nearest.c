/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/nearest.h"

#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

/* A cell is split when its list is longer than LIST_GOOD, it is not far, and the budget
   of nodes and list entries lasts. Molecules take about 30 nodes and 300 entries a ball
   in the end, 1200 on the way; only many balls in nearly the same place would go on
   without a limit. FAR_RATIO: nearest surface at the centre over half the diagonal,
   from which on only a bound is kept (the step is then at least (FAR_RATIO - 1) /
   (FAR_RATIO + 1) of the true distance). */
enum { LIST_GOOD = 28 };
enum { NODES_BASE = 4096, NODES_PER_BALL = 256 };
enum { ENTRIES_BASE = 1 << 22, ENTRIES_PER_BALL = 2048 };
static const double FAR_RATIO = 3.0;

/* A cell still to be looked at: `node` lists all that can matter in it, as first and
   count into the list of pending cells' candidates. */
struct pending {
    uint32_t node;
    uint32_t first, count; /* candidates */
    int level;             /* NEAREST_LEVELS at the root, halving the size downwards */
    double centre[3];
};

/* Breadth-first, so that a budget that runs out leaves the same refinement everywhere:
   the cells of one level and their candidates, and those of the next. */
struct nearest_scratch {
    struct pending *cell[2];
    size_t n_cells[2], cell_capacity[2];
    uint32_t *candidate[2];
    size_t n_candidates[2], candidate_capacity[2];
    double *gap;
    size_t gap_capacity;
    size_t nodes_max, entries_max;
    size_t
        entries; /* that the lists will have when no pending cell is split any more */
};

static int push_candidates(struct nearest_scratch *s, int side, const uint32_t *from,
                           size_t n, struct err *err)
{
    void *memory = s->candidate[side];
    if (alloc_grow(&memory, &s->candidate_capacity[side], s->n_candidates[side] + n,
                   sizeof(uint32_t), "a search structure", err) < 0)
        return -1;
    s->candidate[side] = memory;
    memcpy(s->candidate[side] + s->n_candidates[side], from, n * sizeof *from);
    s->n_candidates[side] += n;
    return 0;
}

static int push_cell(struct nearest_scratch *s, int side, const struct pending *cell,
                     struct err *err)
{
    void *memory = s->cell[side];
    if (alloc_grow(&memory, &s->cell_capacity[side], s->n_cells[side] + 1, sizeof *cell,
                   "a search structure", err) < 0)
        return -1;
    s->cell[side] = memory;
    s->cell[side][s->n_cells[side]++] = *cell;
    return 0;
}

static int append_list(struct nearest *nearest, struct nearest_node *node,
                       const uint32_t *from, size_t n, struct err *err)
{
    void *memory = nearest->list;
    if (alloc_grow(&memory, &nearest->list_capacity, nearest->n_list + n,
                   sizeof(uint32_t), "a search structure", err) < 0)
        return -1;
    nearest->list = memory;
    memcpy(nearest->list + nearest->n_list, from, n * sizeof *from);
    node->first = (uint32_t)nearest->n_list;
    node->count = (uint32_t)n;
    nearest->n_list += n;
    return 0;
}

/* Distances of the candidates to the centre, and the two smallest of them. */
static void measure(const struct balls *balls, const uint32_t *candidate, size_t n,
                    const double c[3], double *gap, double *first, double *second)
{
    double g1 = INFINITY, g2 = INFINITY;
    for (size_t i = 0; i < n; i++) {
        uint32_t k = candidate[i];
        double dx = c[0] - balls->x[k], dy = c[1] - balls->y[k],
               dz = c[2] - balls->z[k];
        double g = sqrt(dx * dx + dy * dy + dz * dz) - balls->r[k];
        gap[i] = g;
        double worse = g > g1 ? g : g1;
        g2 = worse < g2 ? worse : g2;
        g1 = g < g1 ? g : g1;
    }
    *first = g1;
    *second = g2;
}

/* Half the diagonal of a cell, with room for rounding in the point's own cell number.
 */
static double half_diagonal(const struct nearest *nearest, int level)
{
    return 0.8660254037844387 * ldexp(1.0, level) / nearest->scale * (1 + 1e-9);
}

/* Keeps those of the cell's candidates that can be first or second in it; what is kept
   moves to the front of `candidate`. Sets *first to d_(1) at the centre. */
static size_t sift(const struct nearest *nearest, const struct pending *cell,
                   uint32_t *candidate, double *gap, double *first)
{
    double second;
    measure(nearest->balls, candidate, cell->count, cell->centre, gap, first, &second);
    double limit = second + 2 * half_diagonal(nearest, cell->level);
    size_t kept = 0;
    for (size_t i = 0; i < cell->count; i++)
        if (gap[i] <= limit || second == INFINITY)
            candidate[kept++] = candidate[i];
    return kept;
}

/* Makes eight children of a cell whose sifted candidates are given. */
static int split(struct nearest *nearest, struct nearest_scratch *s, int side,
                 const struct pending *cell, const uint32_t *candidate, size_t n,
                 struct err *err)
{
    void *nodes = nearest->node;
    if (alloc_grow(&nodes, &nearest->node_capacity, nearest->n_nodes + 8,
                   sizeof *nearest->node, "a search structure", err) < 0)
        return -1;
    nearest->node = nodes;
    uint32_t first = (uint32_t)nearest->n_nodes;
    nearest->node[cell->node] = (struct nearest_node){first, {NEAREST_INNER}};
    nearest->n_nodes += 8;
    double quarter = 0.25 * ldexp(1.0, cell->level) / nearest->scale;
    struct pending child = {.first = (uint32_t)s->n_candidates[side],
                            .count = (uint32_t)n,
                            .level = cell->level - 1};
    if (push_candidates(s, side, candidate, n, err) < 0)
        return -1;
    for (uint32_t octant = 0; octant < 8; octant++) {
        child.node = first + octant;
        for (int k = 0; k < 3; k++)
            child.centre[k] = cell->centre[k] + (octant >> k & 1 ? quarter : -quarter);
        if (push_cell(s, side, &child, err) < 0)
            return -1;
    }
    return 0;
}

static int settle(struct nearest *nearest, struct nearest_scratch *s, int side,
                  const struct pending *cell, struct err *err)
{
    uint32_t stack_copy[256], *candidate = stack_copy, *heap = NULL;
    if (cell->count > 256) {
        heap = malloc(cell->count * sizeof *heap);
        if (!heap)
            return err_memory(err, cell->count * sizeof *heap, "a search structure");
        candidate = heap;
    }
    memcpy(candidate, s->candidate[side] + cell->first,
           cell->count * sizeof *candidate);
    double first, h = half_diagonal(nearest, cell->level);
    size_t kept = sift(nearest, cell, candidate, s->gap, &first);
    struct nearest_node *node = &nearest->node[cell->node];
    int status = 0;
    bool buried = first + h < 0; /* wholly inside one ball: nobody asks */
    s->entries -= cell->count;
    if (kept > LIST_GOOD && first >= FAR_RATIO * h) {
        node->first = NEAREST_FAR;
        node->bound = (float)(first * (1 - 1e-7));
    } else if (kept > LIST_GOOD && !buried && cell->level > 0 &&
               nearest->n_nodes + 8 <= s->nodes_max &&
               s->entries + 8 * kept <= s->entries_max) {
        s->entries += 8 * kept;
        status = split(nearest, s, !side, cell, candidate, kept, err);
    } else {
        size_t listed = buried ? 1 : kept;
        s->entries += listed;
        status = append_list(nearest, node, candidate, listed, err);
    }
    free(heap);
    return status;
}

static int prepare(struct nearest *nearest, size_t n, struct err *err)
{
    if (!nearest->scratch)
        nearest->scratch =
            alloc_zeroed(1, sizeof *nearest->scratch, "a search structure", err);
    if (!nearest->scratch)
        return -1;
    struct nearest_scratch *s = nearest->scratch;
    void *nodes = nearest->node, *gaps = s->gap;
    int status = alloc_grow(&nodes, &nearest->node_capacity, 1, sizeof *nearest->node,
                            "a search structure", err);
    nearest->node = nodes;
    if (status == 0)
        status = alloc_grow(&gaps, &s->gap_capacity, n, sizeof *s->gap,
                            "a search structure", err);
    s->gap = gaps;
    return status;
}

static void set_budget(struct nearest_scratch *s, size_t n)
{
    size_t nodes = NODES_BASE + NODES_PER_BALL * n;
    size_t entries = ENTRIES_BASE + ENTRIES_PER_BALL * n;
    /* nearest_node counts both in 32 bits. */
    s->nodes_max = nodes < INT32_MAX ? nodes : INT32_MAX;
    s->entries_max = entries < INT32_MAX ? entries : INT32_MAX;
    s->entries = n;
}

int nearest_build(struct nearest *nearest, const struct balls *balls, double half,
                  struct err *err)
{
    size_t n = balls->n;
    if (prepare(nearest, n, err) < 0)
        return -1;
    struct nearest_scratch *s = nearest->scratch;
    set_budget(s, n);
    nearest->balls = balls;
    nearest->half = half;
    nearest->scale = ldexp(1.0, NEAREST_LEVELS) / (2 * half);
    nearest->n_list = 0;
    nearest->n_nodes = 1;
    s->n_cells[0] = s->n_candidates[0] = 0;
    struct pending root = {.count = (uint32_t)n, .level = NEAREST_LEVELS};
    for (size_t i = 0; i < n; i++) {
        uint32_t k = (uint32_t)i;
        if (push_candidates(s, 0, &k, 1, err) < 0)
            return -1;
    }
    if (push_cell(s, 0, &root, err) < 0)
        return -1;
    for (int side = 0; s->n_cells[side]; side = !side) {
        s->n_cells[!side] = s->n_candidates[!side] = 0;
        for (size_t i = 0; i < s->n_cells[side]; i++)
            if (settle(nearest, s, side, &s->cell[side][i], err) < 0)
                return -1;
    }
    return 0;
}

void nearest_fini(struct nearest *nearest)
{
    free(nearest->node);
    free(nearest->list);
    if (nearest->scratch) {
        for (int side = 0; side < 2; side++) {
            free(nearest->scratch->cell[side]);
            free(nearest->scratch->candidate[side]);
        }
        free(nearest->scratch->gap);
        free(nearest->scratch);
    }
    *nearest = (struct nearest){0};
}
