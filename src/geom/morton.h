/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_GEOM_MORTON_H
#define FRAMEWALK_GEOM_MORTON_H

#include "geom/balls.h"

/* Puts balls that are close in space close in memory: sorts them by the Morton code of
   their centres (21 bits an axis over the bounding box; equal codes keep their order).
 */
int morton_sort(struct balls *balls, struct err *err);

#endif
