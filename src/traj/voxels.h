/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_VOXELS_H
#define FRAMEWALK_TRAJ_VOXELS_H

#include "traj/fits.h"

/* The solid voxels of an image as few boxes that touch but do not overlap: runs along
   x, runs of equal extent in consecutive rows as one rectangle, rectangles of equal
   extent in consecutive planes as one box. */
struct voxel_box {
    uint64_t low[3], high[3]; /* voxels low to high - 1 */
};

/* Images that need more boxes than this are refused: a small compressed file can be a
   large image, and what follows takes some hundred bytes a box. */
enum { VOXEL_BOXES_MAX = 1 << 21 };

/* Calls add for each box; -1 where that failed or the image cannot be read. */
int voxels_boxes(const struct fits_image *image,
                 int (*add)(void *context, const struct voxel_box *box,
                            struct err *err),
                 void *context, struct err *err);

#endif
