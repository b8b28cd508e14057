/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_GEOM_CONTAINED_H
#define FRAMEWALK_GEOM_CONTAINED_H

#include "geom/bvh.h"

#include <stdint.h>

enum { CONTAINED_VISITS = 96 };

/* Removes balls that are wholly inside another one, in place; of balls that hold one
   another (equal ones, also by rounding) the first stays. *bvh becomes a tree over
   those that are left. The balls should be sorted (hilbert_sort).

   The search for a ball's holder looks into CONTAINED_VISITS boxes at most, the most
   promising first, so that the time is proportional to the number of balls whatever
   they are; *visits receives how many were looked into. That is enough for bodies of
   up to 600 balls in any case and for larger ones that are not made against it: a ball
   whose holder is hidden among hundreds that nearly hold it stays, which changes
   nothing of the union. Equal balls leave always when they stand next to each other. */
int contained_drop(struct balls *balls, struct bvh *bvh, uint64_t *visits,
                   struct err *err);

#endif
