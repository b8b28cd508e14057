/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_INTERIOR_H
#define FRAMEWALK_HYDRO_INTERIOR_H

#include "hydro/body.h"
#include "hydro/tally.h"

#include <stdint.h>

/* Volume and moments: n points, each uniform in a ball drawn with probability
   proportional to its volume and weighted by 1 / (number of balls that contain it),
   which makes them uniform in the union: V = total_volume <1/m>. Added to *tally. */
void interior_block(const struct body *body, uint64_t seed, uint64_t frame,
                    uint64_t block, unsigned n, struct interior_tally *tally);

/* Surface area: n points uniform on balls drawn by area; those that no other ball
   contains are on the surface of the union: A = total_area <exposed>. */
void surface_block(const struct body *body, uint64_t seed, uint64_t frame,
                   uint64_t block, unsigned n, struct surface_tally *tally);

#endif
