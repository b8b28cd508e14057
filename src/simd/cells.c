/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simd/cells.h"

#include "simd/cells_store.h"
#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>

/* Numbers of a shape that walkers gather: x y z r, and with boxes their half edges. */
enum { ROW = 4, ROWS = SIMD_BOXES ? 2 : 1 };

static int thread_reserve(struct cells_thread *t, size_t n, struct err *err)
{
    /* Compressing writes a vector past the end. */
    size_t need = padded(n) + BATCH;
    if (t->capacity < need) {
        free(t->memory);
        t->capacity = 0;
        t->memory =
            alloc_zeroed(1, list_bytes(need) + 2 * need * sizeof(real), "cells", err);
        if (!t->memory)
            return -1;
        t->capacity = need;
        t->gap = t->memory;
        t->kept_gap = t->memory + need;
        list_place(&t->kept, t->memory + 2 * need, need);
    }
    t->arena.at = t->arena.used = 0;
    t->node = t->nodes_end = t->record = t->records_end = 0;
    return 0;
}

static int reserve(struct cells *cells, size_t n, struct err *err)
{
    size_t end = padded(n);
    if (cells->capacity < end) {
        free(cells->all.x);
        free(cells->ball);
        cells->all.x = NULL;
        cells->half = NULL;
        cells->capacity = 0;
        cells->ball = alloc_zeroed(end + 1, ROWS * ROW * sizeof(real), "cells", err);
        void *rows = alloc_zeroed(1, list_bytes(end), "cells", err);
        list_place(&cells->all, rows, end);
        if (!cells->ball || !rows)
            return -1;
        if (SIMD_BOXES)
            cells->half = cells->ball + ROW * (end + 1);
        cells->capacity = end;
    }
    list_place(&cells->all, cells->all.x, end);
    cells->nowhere = (uint32_t)(n * 4 * sizeof(real));
    return 0;
}

/* Shape i of the list, its radius set and its half edges zero. */
static void take_place(struct cells *cells, size_t i)
{
    const struct cells_list *all = &cells->all;
    real ball[ROW] = {all->x[i], all->y[i], all->z[i], all->r[i]};
    all->place[i] = (uint32_t)(i * sizeof ball);
    memcpy(cells->ball + ROW * i, ball, sizeof ball);
    for (int k = 0; k < 3 && SIMD_BOXES; k++)
        cells->half[ROW * i + (size_t)k] = all->half[k][i];
}

static void take_shapes(struct cells *cells, const struct balls *balls,
                        const struct boxes *boxes, double radius)
{
    struct cells_list *all = &cells->all;
    size_t n_boxes = SIMD_BOXES && boxes ? boxes->n : 0, n = balls->n + n_boxes;
    for (size_t i = 0; i < balls->n; i++) {
        all->x[i] = (real)(balls->x[i] / radius);
        all->y[i] = (real)(balls->y[i] / radius);
        all->z[i] = (real)(balls->z[i] / radius);
        all->r[i] = (real)(balls->r[i] / radius);
        for (int k = 0; k < 3 && SIMD_BOXES; k++)
            all->half[k][i] = 0;
        take_place(cells, i);
    }
    for (size_t i = balls->n; i < n; i++) {
        const struct box *box = &boxes->at[i - balls->n];
        real *const centre[3] = {all->x, all->y, all->z};
        for (int k = 0; k < 3; k++) {
            centre[k][i] = (real)(0.5 * (box->high[k] + box->low[k]) / radius);
            all->half[k][i] = (real)(0.5 * (box->high[k] - box->low[k]) / radius);
        }
        all->r[i] = 0;
        take_place(cells, i);
    }
    const real nowhere[ROW] = {NOWHERE, NOWHERE, NOWHERE, 0};
    memcpy(cells->ball + ROW * n, nowhere, sizeof nowhere);
    for (size_t k = 0; k < ROW && SIMD_BOXES; k++)
        cells->half[ROW * n + k] = 0;
    list_pad(all, n, all->n, cells->nowhere);
}

/* Balls of the body's size and larger that touch it from outside on the side away from
   a direction: centres on rays from the launch centre, radii to the farthest surface.
   The directions are a spherical Fibonacci lattice. */
static void make_outers(struct cells *cells)
{
    static const real shift[CELLS_SHIFTS] = {(real)0.3, (real)1, (real)3};
    const double turn_cosine = -0.73736887807831990, turn_sine = 0.67549029426152364;
    struct cells_list *list = &cells->outer_list;
    list_place(list, cells->outer_memory, CELLS_OUTERS);
    for (size_t i = 0; i < CELLS_OUTERS; i++) {
        list->x[i] = list->y[i] = list->z[i] = 0;
        list->r[i] = 1;
        for (int k = 0; k < 3 && SIMD_BOXES; k++)
            list->half[k][i] = 0;
    }
    double cosine = 1, sine = 0;
    for (size_t i = 0; i < CELLS_DIRECTIONS; i++) {
        double z = 1 - (2 * (double)i + 1) / CELLS_DIRECTIONS;
        double across = sqrt(1 - z * z);
        for (size_t k = 0; k < CELLS_SHIFTS; k++) {
            size_t at = 1 + i * CELLS_SHIFTS + k;
            list->x[at] = (real)(across * cosine) * shift[k];
            list->y[at] = (real)(across * sine) * shift[k];
            list->z[at] = (real)z * shift[k];
            const real centre[3] = {list->x[at], list->y[at], list->z[at]};
            list->r[at] = farthest(&cells->all, centre) + 8 * MARGIN;
        }
        double next = cosine * turn_cosine - sine * turn_sine;
        sine = cosine * turn_sine + sine * turn_cosine;
        cosine = next;
    }
    for (size_t i = 0; i < CELLS_OUTERS; i++) {
        const real row[4] = {list->x[i], list->y[i], list->z[i], list->r[i]};
        memcpy(cells->outer[i], row, sizeof row);
    }
}

int cells_set(struct cells *cells, const struct balls *balls, const struct boxes *boxes,
              double launch_radius, struct err *err)
{
    size_t n = balls->n + (SIMD_BOXES && boxes ? boxes->n : 0);
    atomic_store(&cells->node_chunks, 0);
    atomic_store(&cells->record_chunks, 0);
    atomic_store(&cells->failed, false);
    for (size_t i = 0; i < CELLS_GRID; i++)
        atomic_store_explicit(&cells->top[i], CELLS_UNMADE, memory_order_relaxed);
    for (size_t i = 0; i < CELLS_COARSE; i++)
        atomic_store_explicit(&cells->coarse[i], NULL, memory_order_relaxed);
    for (size_t i = 0; i < CELLS_FATHERS; i++)
        atomic_store_explicit(&cells->outer_best[i], CELLS_UNMADE,
                              memory_order_relaxed);
    for (unsigned i = 0; i < cells->n_threads; i++)
        if (thread_reserve(&cells->thread[i], n, err) < 0)
            return -1;
    if (reserve(cells, n, err) < 0)
        return -1;
    take_shapes(cells, balls, boxes, launch_radius);
    make_outers(cells);
    atomic_store(&cells->coarse[0], &cells->all);
    return 0;
}

struct cells *cells_create(unsigned n_threads, struct err *err)
{
    struct cells *cells = alloc_zeroed(1, sizeof *cells, "cells", err);
    if (!cells)
        return NULL;
    cells->n_threads = n_threads;
    cells->node = alloc_zeroed(CELLS_CHUNKS, sizeof *cells->node, "cells", err);
    cells->record = alloc_zeroed(CELLS_CHUNKS, sizeof *cells->record, "cells", err);
    cells->thread = alloc_zeroed(n_threads, sizeof *cells->thread, "cells", err);
    if (cells->node && cells->record && cells->thread)
        return cells;
    cells_destroy(cells);
    return NULL;
}

void cells_destroy(struct cells *cells)
{
    if (!cells)
        return;
    for (size_t i = 0; i < CELLS_CHUNKS; i++) {
        if (cells->node)
            free(cells->node[i]);
        if (cells->record)
            free(cells->record[i]);
    }
    for (unsigned i = 0; cells->thread && i < cells->n_threads; i++) {
        arena_fini(&cells->thread[i].arena);
        free(cells->thread[i].memory);
    }
    free(cells->thread);
    free(cells->node);
    free(cells->record);
    free(cells->all.x);
    free(cells->ball);
    free(cells);
}
