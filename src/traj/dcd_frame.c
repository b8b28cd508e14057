/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/dcd.h"

#include "traj/box.h"
#include "traj/bytes.h"
#include "util/alloc.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { CELL_NUMBERS = 6 };

/* A frame in memory, and where its records begin in it. */
struct dcd_frame {
    const unsigned char *cell;    /* NULL when there is none */
    const unsigned char *axis[3]; /* n coordinates each */
    size_t n;
};

/* Checks the record of `length` bytes at `at` against both its markers. Returns its
   contents and moves `at` behind it, or NULL. */
static const unsigned char *take_record(const struct dcd_layout *layout,
                                        const unsigned char **at, uint64_t length)
{
    const unsigned char *contents = *at + layout->marker_bytes;
    const unsigned char *tail = contents + length;
    if (dcd_marker(layout, *at) != length || dcd_marker(layout, tail) != length)
        return NULL;
    *at = tail + layout->marker_bytes;
    return contents;
}

static int load_frame(const struct traj_file *file, size_t frame,
                      struct frame_scratch *scratch, struct dcd_frame *out,
                      struct err *err)
{
    static const char *const names[] = {"x", "y", "z", "fourth dimension"};
    const struct dcd_state *dcd = file->state;
    const struct dcd_layout *layout = &dcd->layout;
    const struct frame_entry *entry = &file->frames[frame];
    unsigned char *bytes = frame_scratch_bytes(scratch, (size_t)entry->extra, err);
    if (!bytes)
        return -1;
    if (source_read(&file->source, entry->offset, bytes, (size_t)entry->extra, err))
        return err_prefix(err, "frame %zu", frame);

    const unsigned char *at = bytes;
    const char *name = "unit cell";
    *out = (struct dcd_frame){.n = frame == 0 ? layout->n_atoms : layout->n_free};
    if (layout->has_cell) {
        out->cell = take_record(layout, &at, 8 * CELL_NUMBERS);
        if (!out->cell)
            goto damaged;
    }
    for (int i = 0; i < (layout->has_fourth_dimension ? 4 : 3); i++) {
        name = names[i];
        const unsigned char *record = take_record(layout, &at, 4 * (uint64_t)out->n);
        if (!record)
            goto damaged;
        if (i < 3)
            out->axis[i] = record;
    }
    return 0;
damaged:
    return traj_file_error(file, frame, entry->offset + (uint64_t)(at - bytes), err,
                           "the record markers around %s do not hold its length", name);
}

/* CHARMM from version 36 on writes the upper triangle of the symmetric matrix whose
   rows are the box vectors. */
static void cell_from_matrix(const double h[CELL_NUMBERS], struct frame_info *info)
{
    const double v[3][3] = {{h[0], h[1], h[3]}, {h[1], h[2], h[4]}, {h[3], h[4], h[5]}};
    box_set_vectors(info, v, 1.0);
}

/* The six numbers are A, gamma, B, beta, alpha, C; angles as cosines (CHARMM, NAMD
   since 2.5) or as degrees. Nothing in the file says which; the values decide, by the
   rules of MDAnalysis. */
static void read_cell(const unsigned char *bytes, bool big_endian,
                      struct frame_info *info)
{
    double h[CELL_NUMBERS];
    for (size_t i = 0; i < CELL_NUMBERS; i++)
        h[i] = load_f64(bytes + 8 * i, big_endian);
    double box[6] = {h[0], h[2], h[5], h[4], h[3], h[1]};
    bool cosines = true, matrix = false;
    for (int i = 0; i < 3; i++) {
        cosines = cosines && fabs(box[3 + i]) <= 1;
        matrix = matrix || box[i] < 0 || box[3 + i] < 0 || box[3 + i] > 180;
    }
    if (cosines) {
        /* Through the arcsine: a zero becomes 90 degrees exactly. */
        for (int i = 3; i < 6; i++)
            box[i] = 90.0 - asin(box[i]) * (180.0 / M_PI);
    } else if (matrix) {
        cell_from_matrix(h, info);
        return;
    }
    box_set(info, box);
}

int dcd_read(const struct traj_file *file, size_t frame, struct frame_scratch *scratch,
             const struct frame_pick *pick, const struct frame_vectors *out,
             struct frame_info *info, struct err *err)
{
    double *xyz = out->xyz;
    const struct dcd_state *dcd = file->state;
    bool big_endian = dcd->layout.big_endian;
    struct dcd_frame in;
    if (load_frame(file, frame, scratch, &in, err))
        return -1;
    if (in.cell)
        read_cell(in.cell, big_endian, info);
    for (size_t i = 0; i < pick->n; i++) {
        size_t atom = frame_pick_at(pick, i), place = atom;
        bool fixed = false;
        if (dcd->slot && frame > 0) {
            fixed = dcd->slot[atom] < 0;
            place = fixed ? 0 : (size_t)dcd->slot[atom];
        }
        for (size_t axis = 0; axis < 3; axis++)
            xyz[3 * i + axis] = fixed ? dcd->fixed_xyz[3 * atom + axis]
                                      : load_f32(in.axis[axis] + 4 * place, big_endian);
    }
    return 0;
}

int dcd_keep_fixed(struct traj_file *file, struct err *err)
{
    struct dcd_state *dcd = file->state;
    struct frame_scratch scratch = {0};
    struct dcd_frame first;
    size_t n = dcd->layout.n_atoms;
    int rc = -1;
    dcd->fixed_xyz = alloc_zeroed(3 * n, sizeof *dcd->fixed_xyz, "fixed atoms", err);
    if (dcd->fixed_xyz && load_frame(file, 0, &scratch, &first, err) == 0) {
        for (size_t i = 0; i < n; i++)
            for (size_t axis = 0; axis < 3; axis++)
                dcd->fixed_xyz[3 * i + axis] =
                    load_f32(first.axis[axis] + 4 * i, dcd->layout.big_endian);
        rc = 0;
    }
    frame_scratch_fini(&scratch);
    return rc;
}
