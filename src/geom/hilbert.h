/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_GEOM_HILBERT_H
#define FRAMEWALK_GEOM_HILBERT_H

#include "geom/balls.h"

/* Puts balls that are close in space close in memory: sorts them by the place of their
   centres along a Hilbert curve through 2^60 cells of a cube about them (equal cells
   keep their order). Balls that are consecutive then fit into small boxes; a Morton
   curve, which jumps, makes boxes of eight atoms twice as large. */
int hilbert_sort(struct balls *balls, struct err *err);

#endif
