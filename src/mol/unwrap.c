/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mol/unwrap.h"

#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t NOBODY = UINT32_MAX;

/* Breadth-first trees over the molecules of the selected atoms. */
struct forest {
    const struct bonds *bonds;
    size_t n_atoms;
    uint32_t *parent; /* NOBODY where not visited; a root is its own */
    uint32_t *queue;  /* atoms in the order of their visits */
    size_t n_visited;
    uint8_t *needed; /* selected, or an ancestor of one that is */
};

static void visit_molecule(struct forest *forest, uint32_t root)
{
    size_t at = forest->n_visited;
    forest->parent[root] = root;
    forest->queue[forest->n_visited++] = root;
    while (at < forest->n_visited) {
        uint32_t atom = forest->queue[at++];
        for (size_t k = forest->bonds->first[atom]; k < forest->bonds->first[atom + 1];
             k++) {
            uint32_t partner = forest->bonds->partner[k];
            if (forest->parent[partner] == NOBODY) {
                forest->parent[partner] = atom;
                forest->queue[forest->n_visited++] = partner;
            }
        }
    }
}

static void grow_forest(struct forest *forest, const uint32_t *atom, size_t n)
{
    for (size_t i = 0; i < forest->n_atoms; i++)
        forest->parent[i] = NOBODY;
    for (size_t i = 0; i < n; i++) {
        forest->needed[atom[i]] = 1;
        if (forest->parent[atom[i]] == NOBODY)
            visit_molecule(forest, atom[i]);
    }
    /* Children come after their parents. */
    for (size_t i = forest->n_visited; i-- > 0;)
        if (forest->needed[forest->queue[i]])
            forest->needed[forest->parent[forest->queue[i]]] = 1;
}

/* Turns the trees into lists; the queue's numbers of atoms become places in `read`. */
static int take_lists(struct unwrap *unwrap, struct forest *forest,
                      const uint32_t *atom, struct err *err)
{
    for (size_t i = 0; i < forest->n_atoms; i++)
        unwrap->n_read += forest->needed[i];
    for (size_t i = 0; i < forest->n_visited; i++) {
        uint32_t child = forest->queue[i];
        unwrap->n_links += forest->needed[child] && forest->parent[child] != child;
    }
    unwrap->read =
        alloc_zeroed(unwrap->n_read, sizeof *unwrap->read, "unwrapping", err);
    unwrap->place = alloc_zeroed(unwrap->n, sizeof *unwrap->place, "unwrapping", err);
    unwrap->link =
        alloc_zeroed(unwrap->n_links, sizeof *unwrap->link, "unwrapping", err);
    uint32_t *place = alloc_zeroed(forest->n_atoms, sizeof *place, "unwrapping", err);
    if (!unwrap->read || !unwrap->place || !unwrap->link || !place) {
        free(place);
        return -1;
    }
    for (size_t i = 0, k = 0; i < forest->n_atoms; i++)
        if (forest->needed[i]) {
            place[i] = (uint32_t)k;
            unwrap->read[k++] = (uint32_t)i;
        }
    for (size_t i = 0; i < unwrap->n; i++)
        unwrap->place[i] = place[atom[i]];
    for (size_t i = 0, k = 0; i < forest->n_visited; i++) {
        uint32_t child = forest->queue[i], parent = forest->parent[child];
        if (forest->needed[child] && parent != child)
            unwrap->link[k++] = (struct bond){place[parent], place[child]};
    }
    free(place);
    return 0;
}

struct unwrap *unwrap_create(const struct bonds *bonds, size_t n_atoms,
                             const uint32_t *atom, size_t n, struct err *err)
{
    struct forest forest = {.bonds = bonds, .n_atoms = n_atoms};
    struct unwrap *unwrap = alloc_zeroed(1, sizeof *unwrap, "unwrapping", err);
    int rc = -1;
    if (!unwrap)
        return NULL;
    unwrap->n = n;
    if ((forest.parent =
             alloc_zeroed(n_atoms, sizeof *forest.parent, "unwrapping", err)) &&
        (forest.queue =
             alloc_zeroed(n_atoms, sizeof *forest.queue, "unwrapping", err)) &&
        (forest.needed = alloc_zeroed(n_atoms, 1, "unwrapping", err))) {
        grow_forest(&forest, atom, n);
        rc = take_lists(unwrap, &forest, atom, err);
    }
    free(forest.parent);
    free(forest.queue);
    free(forest.needed);
    if (rc == 0)
        return unwrap;
    unwrap_destroy(unwrap);
    return NULL;
}

void unwrap_destroy(struct unwrap *unwrap)
{
    if (!unwrap)
        return;
    free(unwrap->read);
    free(unwrap->place);
    free(unwrap->link);
    free(unwrap);
}

void unwrap_apply(const struct unwrap *unwrap, const struct lattice *lattice,
                  double *xyz)
{
    for (size_t i = 0; i < unwrap->n_links; i++) {
        const double *from = xyz + 3 * (size_t)unwrap->link[i].a;
        double *to = xyz + 3 * (size_t)unwrap->link[i].b, d[3], shortest[3];
        for (int k = 0; k < 3; k++)
            shortest[k] = d[k] = to[k] - from[k];
        if (!isfinite(d[0] + d[1] + d[2]))
            continue;
        lattice_shortest(lattice, shortest);
        /* An atom that is near already keeps its bits. */
        if (memcmp(d, shortest, sizeof d) == 0)
            continue;
        for (int k = 0; k < 3; k++)
            to[k] = from[k] + shortest[k];
    }
}

void unwrap_gather(const struct unwrap *unwrap, const double *from, double *to)
{
    /* place[i] >= i, so that nothing is overwritten before it is read. */
    for (size_t i = 0; i < unwrap->n; i++)
        memmove(to + 3 * i, from + 3 * (size_t)unwrap->place[i], 3 * sizeof *to);
}
