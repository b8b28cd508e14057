/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/walk.h"

/* Launch radii per smallest radius from which on single precision is too coarse: the
   places of walkers are rounded to 6e-8 launch radii. */
static const double SINGLE_MAX = 2000;

static const struct simd_walk_kernel *kernel(const struct walker *walker,
                                             bool is_double)
{
    return is_double ? walker->table->walk_f64 : walker->table->walk_f32;
}

void walker_init(struct walker *walker, const struct simd_table *table,
                 unsigned n_threads)
{
    *walker = (struct walker){.table = table, .n_threads = n_threads};
}

int walker_set(struct walker *walker, const struct body *body, struct err *err)
{
    bool is_double = body->launch_radius > SINGLE_MAX * body->radius_min;
    const struct simd_walk_kernel *k = kernel(walker, is_double);
    struct simd_walker **lanes = &walker->lanes[is_double];
    walker->is_double = is_double;
    if (!*lanes && !(*lanes = k->create(walker->n_threads, err)))
        return -1;
    return k->set(*lanes, &body->balls, body->launch_radius, body->skin, err);
}

int walker_walk(struct walker *walker, unsigned thread, const struct simd_block *block,
                struct walk_hits *hits, struct err *err)
{
    return kernel(walker, walker->is_double)
        ->walk(walker->lanes[walker->is_double], thread, block, hits, err);
}

void walker_fini(struct walker *walker)
{
    for (int i = 0; i < 2; i++)
        if (walker->lanes[i])
            kernel(walker, i)->destroy(walker->lanes[i]);
    *walker = (struct walker){0};
}
