/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_BOX_H
#define FRAMEWALK_TRAJ_BOX_H

#include "traj/frame.h"

/* Notes a, b, c (A) and alpha, beta, gamma (degrees). A box that no periodic system can
   have (an edge that is not positive, an angle outside 0..180, NaN) counts as none:
   that is how formats without room for "no box" say so. */
void box_set(struct frame_info *info, const double box[6]);

/* The same from the box vectors v[0], v[1], v[2], each edge multiplied by `scale`. */
void box_set_vectors(struct frame_info *info, const double v[3][3], double scale);

#endif
