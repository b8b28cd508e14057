/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/walk.h"

/* Launch radii per smallest radius from which on single precision is too coarse: the
   places of walkers are rounded to 6e-8 launch radii. */
static const double SINGLE_MAX = 2000;

static const struct simd_walk_kernel *kernel(const struct walker *walker, unsigned kind)
{
    const struct simd_table *t = walker->table;
    const struct simd_walk_kernel *const kernels[WALKER_KINDS] = {
        [0] = t->walk_f32,
        [WALKER_DOUBLE] = t->walk_f64,
        [WALKER_BOXES] = t->walk_boxes_f32,
        [WALKER_BOXES | WALKER_DOUBLE] = t->walk_boxes_f64,
    };
    return kernels[kind];
}

void walker_init(struct walker *walker, const struct simd_table *table,
                 unsigned n_threads)
{
    *walker = (struct walker){.table = table, .n_threads = n_threads};
}

int walker_set(struct walker *walker, const struct body *body, struct err *err)
{
    bool is_double = body->launch_radius > SINGLE_MAX * body->radius_min;
    walker->kind =
        (is_double ? WALKER_DOUBLE : 0u) | (body->boxes.n ? WALKER_BOXES : 0u);
    const struct simd_walk_kernel *k = kernel(walker, walker->kind);
    struct simd_walker **lanes = &walker->lanes[walker->kind];
    if (!*lanes && !(*lanes = k->create(walker->n_threads, err)))
        return -1;
    return k->set(*lanes, &body->balls, &body->boxes, body->launch_radius, body->skin,
                  err);
}

int walker_walk(struct walker *walker, unsigned thread, const struct simd_block *block,
                struct walk_hits *hits, struct err *err)
{
    return kernel(walker, walker->kind)
        ->walk(walker->lanes[walker->kind], thread, block, hits, err);
}

void walker_fini(struct walker *walker)
{
    for (unsigned i = 0; i < WALKER_KINDS; i++)
        if (walker->lanes[i])
            kernel(walker, i)->destroy(walker->lanes[i]);
    *walker = (struct walker){0};
}
