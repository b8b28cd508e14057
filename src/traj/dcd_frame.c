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
    const unsigned char *axis[3]; /* coordinates from atom `first` on */
    size_t n;                     /* coordinates that the records hold */
    size_t first;
};

static int marker_error(const struct traj_file *file, size_t frame, uint64_t offset,
                        const char *what, struct err *err)
{
    return traj_file_error(file, frame, offset, err,
                           "the record markers around %s do not hold its length", what);
}

/* What the records of a frame are called; the first is the unit cell's. */
static const char *record_name(int axis)
{
    static const char *const names[] = {"unit cell", "x", "y", "z", "fourth dimension"};
    return names[axis + 1];
}

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

static int load_whole(const struct traj_file *file, size_t frame,
                      struct frame_scratch *scratch, struct dcd_frame *out,
                      struct err *err)
{
    const struct dcd_state *dcd = file->state;
    const struct dcd_layout *layout = &dcd->layout;
    const struct frame_entry *entry = &file->frames[frame];
    unsigned char *bytes = frame_scratch_bytes(scratch, (size_t)entry->extra, err);
    if (!bytes)
        return -1;
    if (source_read(&file->source, entry->offset, bytes, (size_t)entry->extra, err))
        return err_prefix(err, "frame %zu", frame);

    const unsigned char *at = bytes;
    *out = (struct dcd_frame){.n = frame == 0 ? layout->n_atoms : layout->n_free};
    for (int i = layout->has_cell ? -1 : 0; i < (layout->has_fourth_dimension ? 4 : 3);
         i++) {
        uint64_t length = i < 0 ? 8 * CELL_NUMBERS : 4 * (uint64_t)out->n;
        const unsigned char *record = take_record(layout, &at, length);
        if (!record)
            return marker_error(file, frame, entry->offset + (uint64_t)(at - bytes),
                                record_name(i), err);
        if (i < 0)
            out->cell = record;
        else if (i < 3)
            out->axis[i] = record;
    }
    return 0;
}

/* `n` bytes of a record from `skip` on, with the marker before it, which is checked. */
static int load_piece(const struct traj_file *file, size_t frame, uint64_t offset,
                      uint64_t length, uint64_t skip, size_t n, int axis,
                      unsigned char *out, struct err *err)
{
    const struct dcd_state *dcd = file->state;
    const struct dcd_layout *layout = &dcd->layout;
    unsigned char head[8];
    if (source_read(&file->source, offset, head, layout->marker_bytes, err) ||
        source_read(&file->source, offset + layout->marker_bytes + skip, out, n, err))
        return err_prefix(err, "frame %zu", frame);
    if (dcd_marker(layout, head) != length)
        return marker_error(file, frame, offset, record_name(axis), err);
    return 0;
}

/* The cell and the coordinates of atoms `first` to first + n - 1 only. */
static int load_stretch(const struct traj_file *file, size_t frame, size_t first,
                        size_t n, struct frame_scratch *scratch, struct dcd_frame *out,
                        struct err *err)
{
    const struct dcd_state *dcd = file->state;
    const struct dcd_layout *layout = &dcd->layout;
    uint64_t offset = file->frames[frame].offset;
    uint64_t markers = 2 * layout->marker_bytes;
    unsigned char *bytes = frame_scratch_bytes(scratch, 8 * CELL_NUMBERS + 12 * n, err);
    if (!bytes)
        return -1;
    *out = (struct dcd_frame){.n = layout->n_atoms, .first = first};
    if (layout->has_cell) {
        const size_t length = 8 * CELL_NUMBERS;
        if (load_piece(file, frame, offset, length, 0, length, -1, bytes, err))
            return -1;
        out->cell = bytes;
        offset += length + markers;
    }
    for (int i = 0; i < 3; i++) {
        unsigned char *piece = bytes + 8 * CELL_NUMBERS + 4 * n * (size_t)i;
        uint64_t length = 4 * (uint64_t)layout->n_atoms;
        if (load_piece(file, frame, offset, length, 4 * (uint64_t)first, 4 * n, i,
                       piece, err))
            return -1;
        out->axis[i] = piece;
        offset += length + markers;
    }
    return 0;
}

/* Where less than half of a frame is wanted, the rest is not read. */
static int load_frame(const struct traj_file *file, size_t frame,
                      const struct frame_pick *pick, struct frame_scratch *scratch,
                      struct dcd_frame *out, struct err *err)
{
    const struct dcd_state *dcd = file->state;
    if (pick->n > 0 && !dcd->slot) {
        size_t first = frame_pick_at(pick, 0);
        size_t n = frame_pick_at(pick, pick->n - 1) - first + 1;
        if (n < file->n_atoms / 2)
            return load_stretch(file, frame, first, n, scratch, out, err);
    }
    return load_whole(file, frame, scratch, out, err);
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

/* Atoms that all lie in the frame. */
static inline __attribute__((always_inline)) void
load_axes(const struct dcd_frame *in, bool big_endian, const struct frame_pick *pick,
          double *xyz)
{
    for (size_t i = 0; i < pick->n;) {
        size_t atom = frame_pick_at(pick, i), n = pick->pick ? 1 : pick->n;
        while (i + n < pick->n && frame_pick_at(pick, i + n) == atom + n)
            n++;
        const unsigned char *x = in->axis[0] + 4 * (atom - in->first);
        const unsigned char *y = in->axis[1] + 4 * (atom - in->first);
        const unsigned char *z = in->axis[2] + 4 * (atom - in->first);
        double *out = xyz + 3 * i;
        for (size_t k = 0; k < n; k++) {
            out[3 * k] = load_f32(x + 4 * k, big_endian);
            out[3 * k + 1] = load_f32(y + 4 * k, big_endian);
            out[3 * k + 2] = load_f32(z + 4 * k, big_endian);
        }
        i += n;
    }
}

/* Where some atoms are fixed, in the frames behind the first. */
static void load_free_atoms(const struct dcd_frame *in, const struct dcd_state *dcd,
                            const struct frame_pick *pick, double *xyz)
{
    for (size_t i = 0; i < pick->n; i++) {
        size_t atom = frame_pick_at(pick, i);
        int32_t place = dcd->slot[atom];
        for (size_t axis = 0; axis < 3; axis++)
            xyz[3 * i + axis] = place < 0 ? dcd->fixed_xyz[3 * atom + axis]
                                          : load_f32(in->axis[axis] + 4 * (size_t)place,
                                                     dcd->layout.big_endian);
    }
}

int dcd_read(const struct traj_file *file, size_t frame, struct frame_scratch *scratch,
             const struct frame_pick *pick, const struct frame_vectors *out,
             struct frame_info *info, struct err *err)
{
    const struct dcd_state *dcd = file->state;
    bool big_endian = dcd->layout.big_endian;
    struct dcd_frame in;
    if (load_frame(file, frame, pick, scratch, &in, err))
        return -1;
    if (in.cell)
        read_cell(in.cell, big_endian, info);
    if (dcd->slot && frame > 0)
        load_free_atoms(&in, dcd, pick, out->xyz);
    else if (big_endian)
        load_axes(&in, true, pick, out->xyz);
    else
        load_axes(&in, false, pick, out->xyz);
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
    if (dcd->fixed_xyz && load_whole(file, 0, &scratch, &first, err) == 0) {
        for (size_t i = 0; i < n; i++)
            for (size_t axis = 0; axis < 3; axis++)
                dcd->fixed_xyz[3 * i + axis] =
                    load_f32(first.axis[axis] + 4 * i, dcd->layout.big_endian);
        rc = 0;
    }
    frame_scratch_fini(&scratch);
    return rc;
}
