/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_CELLS_LIST_H
#define FRAMEWALK_SIMD_CELLS_LIST_H

#include "simd/cells.h"
#include "simd/nearest.h"
#include "util/alloc.h"

#include <stdlib.h>

/* Lists of shapes for cells.c: where they are kept, and distances to what they list. */

/* Padding of lists. */
#define NOWHERE CELLS_NOTHING

enum { ARENA_BYTES = 1 << 20 };

/* Memory for lists, all given back at once. */
struct arena {
    void **block;
    size_t *size;
    size_t n, capacity, size_capacity;
    size_t at, used; /* block and bytes of it */
};

static inline void *arena_take(struct arena *arena, size_t bytes)
{
    bytes = (bytes + 63) / 64 * 64;
    while (arena->at < arena->n && arena->used + bytes > arena->size[arena->at]) {
        arena->at++;
        arena->used = 0;
    }
    if (arena->at == arena->n) {
        void *blocks = arena->block, *sizes = arena->size;
        size_t size = bytes > ARENA_BYTES ? bytes : ARENA_BYTES;
        int grown = alloc_grow(&blocks, &arena->capacity, arena->n + 1, sizeof(void *),
                               "cells", NULL);
        arena->block = blocks;
        if (grown < 0 || alloc_grow(&sizes, &arena->size_capacity, arena->n + 1,
                                    sizeof(size_t), "cells", NULL) < 0)
            return NULL;
        arena->size = sizes;
        if (!(arena->block[arena->n] = aligned_alloc(64, size)))
            return NULL;
        arena->size[arena->n++] = size;
    }
    void *out = (char *)arena->block[arena->at] + arena->used;
    arena->used += bytes;
    return out;
}

static inline void arena_fini(struct arena *arena)
{
    for (size_t i = 0; i < arena->n; i++)
        free(arena->block[i]);
    free(arena->block);
    free(arena->size);
}

static inline size_t padded(size_t n)
{
    return (n + BATCH - 1) / BATCH * BATCH;
}

/* Bytes of a list's rows, and the rows at a place. */
static inline size_t list_bytes(size_t n)
{
    return n * (CELLS_ROWS * sizeof(real) + sizeof(uint32_t));
}

static inline void list_place(struct cells_list *list, void *memory, size_t n)
{
    real *at = memory;
    *list = (struct cells_list){.n = n,
                                .bound = NOWHERE,
                                .x = at,
                                .y = at + n,
                                .z = at + 2 * n,
                                .r = at + 3 * n,
                                .place = (uint32_t *)(void *)(at + CELLS_ROWS * n)};
    for (int k = 0; k < 3 && SIMD_BOXES; k++)
        list->half[k] = at + (size_t)(4 + k) * n;
}

/* Fills a list up from n with balls in the far distance. */
static inline void list_pad(struct cells_list *list, size_t n, size_t end,
                            uint32_t nowhere)
{
    for (size_t i = n; i < end; i++) {
        list->x[i] = list->y[i] = list->z[i] = NOWHERE;
        list->r[i] = 0;
        list->place[i] = nowhere;
        for (int k = 0; k < 3 && SIMD_BOXES; k++)
            list->half[k][i] = 0;
    }
    list->n = end;
}

static inline real sqrt_real(real x)
{
    return vec_sqrt(vec_all(x))[0];
}

/* Distances of VEC_LANES surfaces from a point at d from their shapes' centres. */
static inline vreal surface_gap(const struct cells_list *list, size_t i,
                                const vreal d[3])
{
    if (!SIMD_BOXES)
        return vec_sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) -
               vec_load(list->r + i);
    vreal square = vec_all(0), most = vec_all(-NOWHERE);
    for (int k = 0; k < 3; k++) {
        vreal q = vec_abs(d[k]) - vec_load(list->half[k] + i);
        vreal out = vec_max(q, vec_all(0));
        square += out * out;
        most = vec_max(most, q);
    }
    return vec_sqrt(square) + vec_min(most, vec_all(0)) - vec_load(list->r + i);
}

/* Distances of the list's surfaces from the centre; *first and *second are the smallest
   two. */
static inline void measure(const struct cells_list *list, const real centre[3],
                           real *gap, real *first, real *second)
{
    const struct cells_list l = *list; /* not to be read again after each store */
    const vreal cx = vec_all(centre[0]), cy = vec_all(centre[1]),
                cz = vec_all(centre[2]);
    struct nearest_pair best = {vec_all(NOWHERE), vec_all(NOWHERE)};
    for (size_t i = 0; i < l.n; i += VEC_LANES) {
        const vreal d[3] = {vec_load(l.x + i) - cx, vec_load(l.y + i) - cy,
                            vec_load(l.z + i) - cz};
        vreal g = surface_gap(&l, i, d);
        vec_store(gap + i, g);
        best.second = vec_min(best.second, vec_max(best.first, g));
        best.first = vec_min(best.first, g);
    }
    best = nearest_across(best);
    *first = best.first[0];
    *second = best.second[0];
}

/* Distance of the farthest point of the body (not of padding). */
static inline real farthest(const struct cells_list *list, const real centre[3])
{
    vreal most = vec_all(0);
    for (size_t i = 0; i < list->n; i += VEC_LANES) {
        vreal r = vec_load(list->r + i), size = r;
        vreal d[3] = {vec_load(list->x + i) - centre[0],
                      vec_load(list->y + i) - centre[1],
                      vec_load(list->z + i) - centre[2]};
        for (int k = 0; k < 3 && SIMD_BOXES; k++) {
            vreal half = vec_load(list->half[k] + i);
            d[k] = vec_abs(d[k]) + half;
            size += half;
        }
        vreal far = vec_sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) + r;
        most = vec_max(most, vec_select(size > (real)0, far, vec_all(0)));
    }
    real out = 0;
    for (int i = 0; i < VEC_LANES; i++)
        out = most[i] > out ? most[i] : out;
    return out;
}

/* Index of the first that equals x, which is there. */
static inline size_t index_of(const real *value, real x)
{
    for (size_t i = 0;; i += VEC_LANES) {
        unsigned bits = vec_bits(vec_load(value + i) == x);
        if (bits)
            return i + (unsigned)__builtin_ctz(bits);
    }
}

static inline real largest(const real *value, size_t n)
{
    vreal most = vec_load(value);
    for (size_t i = VEC_LANES; i < n; i += VEC_LANES)
        most = vec_max(most, vec_load(value + i));
    real out = most[0];
    for (int i = 1; i < VEC_LANES; i++)
        out = most[i] > out ? most[i] : out;
    return out;
}

static inline size_t count_within(const real *gap, size_t n, real limit)
{
    size_t count = 0;
    for (size_t i = 0; i < n; i += VEC_LANES)
        count += vec_count(vec_bits(vec_load(gap + i) <= limit));
    return count;
}

/* Over whole batches. */
static inline real smallest_beyond(const real *gap, size_t n, real limit)
{
    vreal least = vec_all(NOWHERE);
    for (size_t i = 0; i < padded(n); i += VEC_LANES) {
        vreal g = vec_load(gap + i);
        least = vec_min(vec_select(g > limit, g, vec_all(NOWHERE)), least);
    }
    real out = NOWHERE;
    for (int i = 0; i < VEC_LANES; i++)
        out = least[i] < out ? least[i] : out;
    return out;
}

#endif
