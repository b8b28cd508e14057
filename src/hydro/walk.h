/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_WALK_H
#define FRAMEWALK_HYDRO_WALK_H

#include "hydro/body.h"
#include "hydro/control.h"
#include "hydro/tally.h"

#include <stdint.h>

/* Walks and samples come in blocks of this many; a run's last block may be smaller. */
enum { HYDRO_BLOCK = 1024 };

/* A walk is given up after this many steps (counted and reported). */
enum { WALK_STEPS_MAX = 1000000 };

/* Runs n exterior walks of block `block` of frame `frame` and adds them to *tally. Each
   starts at a uniform point of the launch sphere and ends on the body or at infinity.
   `control` is nullable. */
void walk_block(const struct body *body, const struct control *control, uint64_t seed,
                uint64_t frame, uint64_t block, unsigned n, struct walk_tally *tally);

/* What a block of the pilot hands to the fit. */
struct walk_hits {
    uint64_t n;
    double hit[3 * HYDRO_BLOCK]; /* x y z of each, in launch radii */
};

/* Runs a block of HYDRO_BLOCK pilot walks, which have a random stream of their own, and
   stores where they hit. */
void walk_pilot_block(const struct body *body, uint64_t seed, uint64_t frame,
                      uint64_t block, struct walk_hits *hits);

#endif
