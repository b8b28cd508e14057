/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_WALK_H
#define FRAMEWALK_HYDRO_WALK_H

#include "hydro/body.h"
#include "hydro/tally.h"

#include <stdint.h>

/* Walks and samples come in blocks of this many; a run's last block may be smaller. */
enum { HYDRO_BLOCK = 1024 };

/* A walk is given up after this many steps (counted and reported). */
enum { WALK_STEPS_MAX = 1000000 };

/* Runs n exterior walks of block `block` of frame `frame` and adds them to *tally. Each
   starts at a uniform point of the launch sphere and ends on the body or at infinity.
 */
void walk_block(const struct body *body, uint64_t seed, uint64_t frame, uint64_t block,
                unsigned n, struct walk_tally *tally);

#endif
