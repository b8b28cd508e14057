/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_GEOM_ENCLOSE_H
#define FRAMEWALK_GEOM_ENCLOSE_H

#include "geom/balls.h"

/* The smallest ball that contains all the balls (n >= 1), to a relative 1e-10 of its
   radius; it contains them in any case (up to rounding, 1e-15). It is unique, and at
   most four of the balls touch it from inside, with the centre in the convex hull of
   their centres. Fischer, Gaertner, "The smallest enclosing ball of balls", Int. J.
   Comput. Geom. Appl. 14, 341 (2004). */
void enclose_balls(const struct balls *balls, double centre[3], double *radius);

#endif
