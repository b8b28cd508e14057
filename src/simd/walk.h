/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_WALK_H
#define FRAMEWALK_SIMD_WALK_H

#include "geom/balls.h"
#include "geom/boxes.h"
#include "hydro/hits.h"
#include "rng/purpose.h"

/* Exterior walks in lanes. A walker holds a body and the memory of every thread that
   may walk around it. */
struct simd_walker;

struct simd_block {
    uint64_t seed, frame, block;
    enum rng_purpose purpose;
    unsigned n; /* walks, at most HYDRO_BLOCK */
};

/* The kernel in one precision, for balls or for balls and boxes. */
struct simd_walk_kernel {
    struct simd_walker *(*create)(unsigned n_threads, struct err *err);
    void (*destroy)(struct simd_walker *walker);
    /* Takes balls centred on the launch sphere, and boxes where the kernel is one for
       them (else NULL); skin in their units. No thread may walk meanwhile. */
    int (*set)(struct simd_walker *walker, const struct balls *balls,
               const struct boxes *boxes, double launch_radius, double skin,
               struct err *err);
    /* Walks a block: a pure function of the body and the block. -1 without memory. */
    int (*walk)(struct simd_walker *walker, unsigned thread,
                const struct simd_block *block, struct walk_hits *hits,
                struct err *err);
};

#endif
