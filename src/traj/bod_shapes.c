/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/bod_shapes.h"

#include "traj/bod_frames.h"
#include "traj/voxels.h"
#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int add(struct bod_shapes *shapes, const struct bod_shape *shape,
               struct err *err)
{
    void *at = shapes->at;
    if (alloc_grow(&at, &shapes->capacity, shapes->n + 1, sizeof *shape, "shapes", err))
        return -1;
    shapes->at = at;
    shapes->at[shapes->n++] = *shape;
    return 0;
}

int bod_shapes_add_ball(struct bod_shapes *shapes, const double xyz[3], double radius,
                        uint64_t line, struct err *err)
{
    struct bod_shape ball = {.radius = radius, .line = line};
    memcpy(ball.xyz, xyz, sizeof ball.xyz);
    return add(shapes, &ball, err);
}

int bod_shapes_add_box(struct bod_shapes *shapes, const double low[3],
                       const double edge[3], uint64_t line, struct err *err)
{
    struct bod_shape box = {.radius = INFINITY, .line = line};
    for (int k = 0; k < 3; k++) {
        box.half[k] = 0.5 * edge[k];
        box.xyz[k] = low[k] + box.half[k];
        box.radius = fmin(box.radius, box.half[k]);
    }
    shapes->n_boxes++;
    return add(shapes, &box, err);
}

struct voxel_adder {
    struct bod_shapes *shapes;
    double size[3];
    uint64_t line;
};

static int add_voxel_box(void *context, const struct voxel_box *box, struct err *err)
{
    const struct voxel_adder *adder = context;
    double low[3], edge[3];
    if (adder->shapes->n_boxes >= VOXEL_BOXES_MAX)
        return err_set(err, ERR_INPUT, "more than %d boxes", VOXEL_BOXES_MAX);
    for (int k = 0; k < 3; k++) {
        double from = (double)box->low[k] * adder->size[k],
               to = (double)box->high[k] * adder->size[k];
        low[k] = fmin(from, to);
        edge[k] = fabs(to - from);
    }
    return bod_shapes_add_box(adder->shapes, low, edge, adder->line, err);
}

int bod_shapes_add_voxels(struct bod_shapes *shapes, const struct source *bod,
                          const char *name, uint64_t line, struct err *err)
{
    struct source source;
    struct fits_image image;
    struct voxel_adder adder = {.shapes = shapes, .line = line};
    size_t before = shapes->n;
    if (shapes->images++ == BOD_IMAGES_MAX)
        return err_set(err, ERR_INPUT, "more than %d VOXELS", BOD_IMAGES_MAX);
    if (bod_open_beside(&source, bod, name, err))
        return -1;
    int status = fits_open(&image, &source, err);
    if (status == 0) {
        memcpy(adder.size, image.size, sizeof adder.size);
        status = voxels_boxes(&image, add_voxel_box, &adder, err);
        fits_close(&image);
    }
    if (status == 0 && shapes->n == before)
        status =
            err_set(err, ERR_INPUT, "%s: none of the voxels is solid", source.path);
    source_close(&source);
    return status;
}

int bod_shapes_scale(struct bod_shapes *shapes, double scale, const char *unit,
                     const struct source *bod, struct err *err)
{
    for (size_t i = 0; i < shapes->n; i++) {
        struct bod_shape *shape = &shapes->at[i];
        bool is_box = shapes->n_boxes && shape->half[0] > 0, valid = true;
        for (int k = 0; k < 3; k++) {
            shape->xyz[k] *= scale;
            shape->half[k] *= scale;
            valid &= isfinite(shape->xyz[k]) && isfinite(shape->half[k]);
            valid &= !is_box || shape->half[k] > 0;
        }
        shape->radius *= scale;
        if (!valid || !isfinite(shape->radius) || !(shape->radius > 0))
            return err_set(err, ERR_INPUT,
                           "%s: line %llu: this %s is out of range in %s", bod->path,
                           (unsigned long long)shape->line, is_box ? "box" : "ball",
                           unit);
    }
    return 0;
}

void bod_shapes_fini(struct bod_shapes *shapes)
{
    free(shapes->at);
    *shapes = (struct bod_shapes){0};
}
