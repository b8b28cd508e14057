/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_BOD_SHAPES_H
#define FRAMEWALK_TRAJ_BOD_SHAPES_H

#include "traj/source.h"

#include <stdint.h>

/* A ball or a box of a bod file. */
struct bod_shape {
    double xyz[3];
    double radius;  /* of a box half its least edge */
    double half[3]; /* edges, of a box; zeros of a ball */
    uint64_t line;  /* for messages about the converted numbers */
};

struct bod_shapes {
    struct bod_shape *at;
    size_t n, n_boxes, capacity;
    unsigned images;
};

/* Images of a body: a text that named one again and again could ask for any amount of
   time and memory. */
enum { BOD_IMAGES_MAX = 64 };

int bod_shapes_add_ball(struct bod_shapes *shapes, const double xyz[3], double radius,
                        uint64_t line, struct err *err);
/* By its lowest corner. */
int bod_shapes_add_box(struct bod_shapes *shapes, const double low[3],
                       const double edge[3], uint64_t line, struct err *err);

/* The solid voxels of a FITS file that is looked for beside the bod file, voxel (0, 0,
   0) with its lowest corner at 0; those that make up a box together are one. */
int bod_shapes_add_voxels(struct bod_shapes *shapes, const struct source *bod,
                          const char *name, uint64_t line, struct err *err);

/* Multiplies all lengths; -1 for one that leaves the range of numbers then, with its
   line. `unit`: of the result, for the message. */
int bod_shapes_scale(struct bod_shapes *shapes, double scale, const char *unit,
                     const struct source *bod, struct err *err);

void bod_shapes_fini(struct bod_shapes *shapes);

#endif
