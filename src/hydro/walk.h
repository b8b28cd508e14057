/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_WALK_H
#define FRAMEWALK_HYDRO_WALK_H

#include "hydro/body.h"
#include "hydro/hits.h"
#include "simd/table.h"

/* Kinds of kernels, as bits. */
enum { WALKER_DOUBLE = 1, WALKER_BOXES = 2, WALKER_KINDS = 4 };

/* Exterior walks: each starts at a uniform point of the launch sphere and ends on the
   body or at infinity. A walker holds what a team of threads needs to walk around one
   body after another: the search structure, which they share and fill as they go, and
   the walkers on their way. */
struct walker {
    const struct simd_table *table;
    unsigned n_threads;
    /* Single precision, and double for balls that are tiny beside the body; the same
       for bodies with boxes. Each made when it is first needed. */
    struct simd_walker *lanes[WALKER_KINDS];
    unsigned kind; /* that the body takes */
};

void walker_init(struct walker *walker, const struct simd_table *table,
                 unsigned n_threads);
/* Takes the body, which must last, for walks that follow. -1 without memory. */
int walker_set(struct walker *walker, const struct body *body, struct err *err);
/* Walks a block, a pure function of the body and the block: any thread may do it. */
int walker_walk(struct walker *walker, unsigned thread, const struct simd_block *block,
                struct walk_hits *hits, struct err *err);
void walker_fini(struct walker *walker);

#endif
