/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simd/walk.h"

#include "simd/cells.h"
#include "simd/wave.h"
#include "util/alloc.h"

#include <stdlib.h>

struct simd_walker {
    struct cells *cells;
    double launch_radius, skin;
    unsigned n_threads;
    struct wave **wave;
};

/* Serves the walkers of a queue in batches; a partial one only on request. Those that
   come back to it meanwhile wait for the next pass. True when there was a batch. */
static bool serve(struct wave *w, struct queue *queue, int n_fields,
                  void (*stage)(struct wave *, unsigned, unsigned), bool partial)
{
    unsigned end = queue->n, at = 0;
    for (; at + BATCH <= end; at += BATCH)
        stage(w, at, (1u << BATCH) - 1);
    if (partial && at < end) {
        queue_pad(queue, at, n_fields);
        stage(w, at, (1u << (end - at)) - 1);
        at = end;
    }
    queue_drop(queue, at, n_fields);
    return at > 0;
}

/* Launches walkers while there is room. */
static unsigned launch(struct wave *w, unsigned launched, unsigned n)
{
    while (launched < n && w->alive + BATCH <= QUEUE_WALKERS) {
        unsigned count = n - launched < BATCH ? n - launched : BATCH;
        wave_launch(w, launched, (1u << count) - 1);
        launched += count;
        w->alive += count;
    }
    return launched;
}

static void walk_all(struct wave *w, unsigned n)
{
    unsigned launched = 0;
    bool stuck = false; /* no queue has a whole batch */
    while ((launched < n || w->alive) && !atomic_load(&w->cells->failed)) {
        unsigned before = launched;
        launched = launch(w, launched, n);
        bool served = serve(w, &w->locate, PLACED, wave_locate, stuck);
        served |= serve(w, &w->far, NEAR_FIELDS, wave_far, stuck);
        served |= serve(w, &w->near, NEAR_FIELDS, wave_near, stuck);
        served |= serve(w, &w->escape, ESCAPE_FIELDS, wave_escape, stuck);
        served |= serve(w, &w->tangent, TANGENT_FIELDS, wave_tangent, stuck);
        if (SIMD_BOXES) {
            served |= serve(w, &w->face, FACE_FIELDS, wave_face, stuck);
            served |= serve(w, &w->leave, LEAVE_FIELDS, wave_leave, stuck);
        }
        served |= serve(w, &w->step, STEP_FIELDS, wave_step, stuck);
        served |= serve(w, &w->outside, OUTSIDE_FIELDS, wave_outside, stuck);
        bool last = stuck && w->alive == w->hit.n;
        served |= serve(w, &w->hit, HIT_FIELDS, wave_hit, last);
        stuck = !served && launched == before;
    }
}

static void report(const struct wave *w, unsigned n, struct walk_hits *hits)
{
    hits->walks = n;
    hits->steps = w->steps;
    hits->skin_hits = w->skin_hits;
    hits->truncated = w->truncated;
    hits->n = 0;
    for (unsigned i = 0; i < n; i++) {
        if (!w->has_hit[i])
            continue;
        for (int k = 0; k < 3; k++) {
            hits->start[k][hits->n] = (double)w->start[k][i];
            hits->point[k][hits->n] = (double)w->point[k][i];
        }
        hits->n++;
    }
}

static int walk(struct simd_walker *walker, unsigned thread,
                const struct simd_block *block, struct walk_hits *hits, struct err *err)
{
    struct wave *w = walker->wave[thread];
    w->alive = 0;
    w->steps = w->skin_hits = w->truncated = 0;
    w->locate.n = w->far.n = w->near.n = w->escape.n = w->tangent.n = w->step.n =
        w->outside.n = w->hit.n = w->face.n = w->leave.n = 0;
    memset(w->has_hit, 0, sizeof w->has_hit);
    random_start(&w->random, block->seed, block->purpose, block->frame, block->block);
    walk_all(w, block->n);
    report(w, block->n, hits);
    if (atomic_load(&w->cells->failed))
        return err_set(err, ERR_RUNTIME, "out of memory for the search structure");
    return 0;
}

static void destroy(struct simd_walker *walker)
{
    if (!walker)
        return;
    for (unsigned i = 0; walker->wave && i < walker->n_threads; i++)
        free(walker->wave[i]);
    free(walker->wave);
    cells_destroy(walker->cells);
    free(walker);
}

static struct simd_walker *create(unsigned n_threads, struct err *err)
{
    struct simd_walker *walker = alloc_zeroed(1, sizeof *walker, "walkers", err);
    if (!walker)
        return NULL;
    walker->n_threads = n_threads;
    walker->cells = cells_create(n_threads, err);
    walker->wave = alloc_zeroed(n_threads, sizeof *walker->wave, "walkers", err);
    bool complete = walker->cells && walker->wave;
    for (unsigned i = 0; complete && i < n_threads; i++) {
        walker->wave[i] = alloc_zeroed(1, sizeof *walker->wave[i], "walkers", err);
        complete = walker->wave[i] != NULL;
        if (complete)
            *walker->wave[i] = (struct wave){.cells = walker->cells, .thread = i};
    }
    if (complete)
        return walker;
    destroy(walker);
    return NULL;
}

static int set(struct simd_walker *walker, const struct balls *balls,
               const struct boxes *boxes, double launch_radius, double skin,
               struct err *err)
{
    /* Below a few roundings of a coordinate a walker would not get any closer. */
    const double least = VEC_REAL == 32 ? 2e-7 : 1e-15, relative = skin / launch_radius;
    for (unsigned i = 0; i < walker->n_threads; i++)
        walker->wave[i]->skin = (real)(relative > least ? relative : least);
    return cells_set(walker->cells, balls, boxes, launch_radius, err);
}

extern const struct simd_walk_kernel SIMD_REAL_(simd_walk);

const struct simd_walk_kernel SIMD_REAL_(simd_walk) = {create, destroy, set, walk};
