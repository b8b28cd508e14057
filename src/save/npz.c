/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "save/format.h"
#include "save/store.h"
#include "save/zip.h"
#include "util/alloc.h"
#include "util/spill.h"

#include <math.h>
#include <stdlib.h>

/* A numpy archive: positions (frames, atoms, 3) in A as float32 or float64, time_ps
   (frames,), box (frames, 6) as a, b, c in A and angles in degrees, zeros where a frame
   has none. The last two wait for the end of the first, mostly not in memory. */
enum { NPY_HEAD_BYTES = 128, PREAMBLE_BYTES = 10, BOX_NUMBERS = 6 };

struct npz_writer {
    struct zip_writer zip;
    struct save_buffer buffer;
    struct spill times, boxes;
    unsigned char head[NPY_HEAD_BYTES];
};

static void release(void *state)
{
    struct npz_writer *npz = state;
    save_buffer_fini(&npz->buffer);
    spill_fini(&npz->times);
    spill_fini(&npz->boxes);
    free(npz);
}

/* An .npy header of constant length, whatever the number of frames. */
static void make_head(unsigned char head[NPY_HEAD_BYTES], const char *type,
                      size_t n_frames, const char *more_shape)
{
    char text[NPY_HEAD_BYTES];
    int n = snprintf(text, sizeof text,
                     "{'descr': '%s', 'fortran_order': False, 'shape': (%zu,%s), }",
                     type, n_frames, more_shape);
    memset(head, ' ', NPY_HEAD_BYTES);
    memcpy(head, "\x93NUMPY\x01\x00", 8);
    store_le16(head + 8, NPY_HEAD_BYTES - PREAMBLE_BYTES);
    memcpy(head + PREAMBLE_BYTES, text, (size_t)n);
    head[NPY_HEAD_BYTES - 1] = '\n';
}

static void positions_head(struct save *save, size_t n_frames)
{
    struct npz_writer *npz = save->state;
    char shape[48];
    snprintf(shape, sizeof shape, " %zu, 3", save->job->n_atoms);
    make_head(npz->head, save->job->options.float64 ? "<f8" : "<f4", n_frames, shape);
}

static int begin(struct save *save, struct err *err)
{
    struct npz_writer *npz = save->state =
        alloc_zeroed(1, sizeof *npz, "an npz file", err);
    if (!npz)
        return -1;
    zip_init(&npz->zip, save->stream);
    positions_head(save, save->job->n_frames);
    return zip_begin(&npz->zip, "positions.npy", npz->head, NPY_HEAD_BYTES, err);
}

static int put_numbers(struct save_buffer *buffer, bool wide, const double *value,
                       size_t n, struct err *err)
{
    size_t bytes = n * (wide ? 8 : 4);
    unsigned char *at = save_room(buffer, bytes, err);
    if (!at)
        return -1;
    for (size_t i = 0; i < n; i++)
        at = wide ? store_le_f64(at, value[i]) : store_le_f32(at, value[i]);
    buffer->n += bytes;
    return 0;
}

/* Row number `row` of a table of so many numbers each. */
static int keep_numbers(struct spill *table, size_t row, const double *value, size_t n,
                        struct err *err)
{
    if (spill_reserve(table, (row + 1) * n * sizeof *value, "frames", err) < 0)
        return -1;
    unsigned char *at = (unsigned char *)table->at + row * n * sizeof *value;
    for (size_t i = 0; i < n; i++)
        at = store_le_f64(at, value[i]);
    spill_touched(table);
    return 0;
}

static int frame(struct save *save, const struct save_frame *frame, struct err *err)
{
    struct npz_writer *npz = save->state;
    const struct frame_info *info = frame->info;
    static const double no_box[BOX_NUMBERS] = {0};
    double time = info->has_time ? info->time_ps : (double)save->n_frames;
    npz->buffer.n = 0;
    if (keep_numbers(&npz->times, save->n_frames, &time, 1, err) < 0 ||
        keep_numbers(&npz->boxes, save->n_frames, info->has_box ? info->box : no_box,
                     BOX_NUMBERS, err) < 0 ||
        put_numbers(&npz->buffer, save->job->options.float64, frame->xyz,
                    3 * save->job->n_atoms, err) < 0)
        return -1;
    return zip_put(&npz->zip, npz->buffer.bytes, npz->buffer.n, err);
}

static int put_array(struct npz_writer *npz, const char *name, struct spill *table,
                     size_t n_frames, size_t n_numbers, const char *more_shape,
                     struct err *err)
{
    size_t row_bytes = n_numbers * sizeof(double);
    make_head(npz->head, "<f8", n_frames, more_shape);
    if (zip_begin(&npz->zip, name, npz->head, NPY_HEAD_BYTES, err) < 0)
        return -1;
    for (size_t row = 0; row < n_frames; row++) {
        const unsigned char *at = table->at;
        if (zip_put(&npz->zip, at + row * row_bytes, row_bytes, err) < 0)
            return -1;
        spill_touched(table);
    }
    return zip_end(&npz->zip, npz->head, err);
}

static int finish(struct save *save, struct err *err)
{
    struct npz_writer *npz = save->state;
    size_t n = save->n_frames;
    positions_head(save, n);
    if (zip_end(&npz->zip, npz->head, err) < 0 ||
        put_array(npz, "time_ps.npy", &npz->times, n, 1, "", err) < 0 ||
        put_array(npz, "box.npy", &npz->boxes, n, BOX_NUMBERS, " 6", err) < 0)
        return -1;
    return zip_finish(&npz->zip, err);
}

const struct save_format save_format_npz = {
    .name = "npz",
    .extensions = {"npz"},
    .holds = SAVE_BOX | SAVE_TIMES,
    .begin = begin,
    .frame = frame,
    .finish = finish,
    .release = release,
};
