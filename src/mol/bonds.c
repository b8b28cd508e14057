/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mol/bonds.h"

#include "util/alloc.h"

#include <stdlib.h>

int bonds_add(struct bonds *bonds, size_t a, size_t b, struct err *err)
{
    void *grown = bonds->pair;
    if (alloc_grow(&grown, &bonds->capacity, bonds->n + 1, sizeof *bonds->pair, "bonds",
                   err) != 0)
        return -1;
    bonds->pair = grown;
    struct bond bond = {(uint32_t)(a < b ? a : b), (uint32_t)(a < b ? b : a)};
    bonds->pair[bonds->n++] = bond;
    return 0;
}

static int compare(const void *left, const void *right)
{
    const struct bond *x = left, *y = right;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return x->b < y->b ? -1 : x->b > y->b;
}

static void sort_and_thin(struct bonds *bonds)
{
    size_t kept = 0;
    if (bonds->n)
        qsort(bonds->pair, bonds->n, sizeof *bonds->pair, compare);
    for (size_t i = 0; i < bonds->n; i++) {
        struct bond bond = bonds->pair[i];
        if (bond.a != bond.b &&
            (kept == 0 || compare(&bonds->pair[kept - 1], &bond) != 0))
            bonds->pair[kept++] = bond;
    }
    bonds->n = kept;
}

static void fill_partners(struct bonds *bonds, size_t n_atoms)
{
    size_t *first = bonds->first;
    for (size_t i = 0; i < bonds->n; i++) {
        first[bonds->pair[i].a + 1]++;
        first[bonds->pair[i].b + 1]++;
    }
    for (size_t i = 0; i < n_atoms; i++)
        first[i + 1] += first[i];
    /* Filled through first[i], which ends where atom i + 1 begins. The lower partners
       of an atom come first: the pairs ascend in b within a, and in a. */
    for (size_t i = 0; i < bonds->n; i++)
        bonds->partner[first[bonds->pair[i].b]++] = bonds->pair[i].a;
    for (size_t i = 0; i < bonds->n; i++)
        bonds->partner[first[bonds->pair[i].a]++] = bonds->pair[i].b;
    for (size_t i = n_atoms; i > 0; i--)
        first[i] = first[i - 1];
    first[0] = 0;
}

static const uint32_t NOWHERE = UINT32_MAX;

/* Breadth first, with `queue` of n_atoms; every atom is queued once. */
static void number_fragments(struct bonds *bonds, size_t n_atoms, uint32_t *queue)
{
    uint32_t *fragment = bonds->fragment;
    bonds->n_fragments = 0;
    for (size_t i = 0; i < n_atoms; i++)
        fragment[i] = NOWHERE;
    for (size_t root = 0; root < n_atoms; root++) {
        if (fragment[root] != NOWHERE)
            continue;
        uint32_t number = (uint32_t)bonds->n_fragments++;
        size_t begin = 0, end = 0;
        fragment[root] = number;
        queue[end++] = (uint32_t)root;
        while (begin < end) {
            uint32_t atom = queue[begin++];
            for (size_t k = bonds->first[atom]; k < bonds->first[atom + 1]; k++) {
                uint32_t partner = bonds->partner[k];
                if (fragment[partner] == NOWHERE) {
                    fragment[partner] = number;
                    queue[end++] = partner;
                }
            }
        }
    }
}

static void drop_index(struct bonds *bonds)
{
    free(bonds->first);
    free(bonds->partner);
    free(bonds->fragment);
    bonds->first = NULL;
    bonds->partner = bonds->fragment = NULL;
    bonds->n_fragments = 0;
}

int bonds_index(struct bonds *bonds, size_t n_atoms, struct err *err)
{
    uint32_t *queue = NULL;
    drop_index(bonds);
    sort_and_thin(bonds);
    for (size_t i = 0; i < bonds->n; i++)
        if (bonds->pair[i].b >= n_atoms)
            return err_set(err, ERR_INPUT, "a bond names atom %lu of %zu",
                           (unsigned long)bonds->pair[i].b + 1, n_atoms);
    if (!(bonds->first = alloc_zeroed(n_atoms + 1, sizeof *bonds->first, "bonds", err)))
        goto fail;
    if (!(bonds->partner =
              alloc_zeroed(2 * bonds->n, sizeof *bonds->partner, "bonds", err)))
        goto fail;
    if (!(bonds->fragment =
              alloc_zeroed(n_atoms, sizeof *bonds->fragment, "bonds", err)))
        goto fail;
    if (!(queue = alloc_zeroed(n_atoms, sizeof *queue, "bonds", err)))
        goto fail;
    fill_partners(bonds, n_atoms);
    number_fragments(bonds, n_atoms, queue);
    free(queue);
    return 0;
fail:
    drop_index(bonds);
    return -1;
}

void bonds_fini(struct bonds *bonds)
{
    drop_index(bonds);
    free(bonds->pair);
    *bonds = (struct bonds){0};
}
