/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "save/format.h"
#include "save/store.h"
#include "save/xtc_encode.h"
#include "util/alloc.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

/* See traj/xtc.c for the layout of a frame. */
enum {
    XTC_MAGIC = 1995,
    XTC_MAGIC_LARGE = 2023,    /* the data's size has 64 bits */
    XTC_ATOMS_MAX = 298261617, /* of the former */
    UNCOMPRESSED_ATOMS_MAX = 9,
    HEADER_BYTES = 56,
    COMPRESSED_HEADER_BYTES = 40,
};
static const double XTC_PRECISION = 1000;

struct xtc_writer {
    struct save_buffer buffer;
    int32_t (*at)[3];
};

static void release(void *state)
{
    struct xtc_writer *xtc = state;
    save_buffer_fini(&xtc->buffer);
    free(xtc->at);
    free(xtc);
}

static int begin(struct save *save, struct err *err)
{
    size_t n = save->job->n_atoms;
    struct xtc_writer *xtc = save->state =
        alloc_zeroed(1, sizeof *xtc, "an XTC file", err);
    if (!xtc)
        return -1;
    if (n > INT32_MAX)
        return err_set(err, ERR_RUNTIME, "XTC files hold at most %d atoms", INT32_MAX);
    xtc->at = alloc_zeroed(n, sizeof *xtc->at, "a frame to compress", err);
    return xtc->at ? 0 : -1;
}

static unsigned char *put_header(unsigned char *at, const struct save *save,
                                 const struct save_frame *frame)
{
    double v[3][3];
    size_t n = save->job->n_atoms;
    save_box_vectors(frame->info, v);
    at = store_be32(at, n > XTC_ATOMS_MAX ? XTC_MAGIC_LARGE : XTC_MAGIC);
    at = store_be32(at, (uint32_t)n);
    at = store_be32(at, (uint32_t)save_step(save, frame->info));
    at = store_be_f32(at, frame->info->has_time ? frame->info->time_ps
                                                : (double)save->n_frames);
    for (int i = 0; i < 9; i++)
        at = store_be_f32(at, v[i / 3][i % 3] / 10);
    return store_be32(at, (uint32_t)n);
}

/* To integers, in the arithmetic of GROMACS: the product of floats, half a unit, cut.
 */
static int quantise(struct save *save, const double *xyz, float precision,
                    struct err *err)
{
    struct xtc_writer *xtc = save->state;
    for (size_t i = 0; i < save->job->n_atoms; i++)
        for (int axis = 0; axis < 3; axis++) {
            float nm = (float)(xyz[3 * i + (size_t)axis] / 10);
            float scaled = nm * precision;
            scaled = (float)((double)scaled + (nm >= 0 ? 0.5 : -0.5));
            if (!isfinite(nm))
                return save_atom_error(save, ERR_INPUT, i, err,
                                       "a coordinate of %g A cannot be compressed",
                                       xyz[3 * i + (size_t)axis]);
            if (!(fabsf(scaled) < (float)(INT_MAX - 2)))
                return save_atom_error(save, ERR_RUNTIME, i, err,
                                       "%g A at %g steps per nm is more than XTC can "
                                       "hold (--precision with fewer decimals helps)",
                                       xyz[3 * i + (size_t)axis], (double)precision);
            xtc->at[i][axis] = (int32_t)scaled;
        }
    return 0;
}

static int put_compressed(struct save *save, const double *xyz, struct err *err)
{
    struct xtc_writer *xtc = save->state;
    const struct save_job *job = save->job;
    bool large = job->n_atoms > XTC_ATOMS_MAX;
    double wanted = job->options.xtc_precision;
    float precision = (float)(wanted > 0 ? wanted : XTC_PRECISION);
    if (quantise(save, xyz, precision, err) < 0)
        return -1;
    unsigned char *head = save_room(
        &xtc->buffer, COMPRESSED_HEADER_BYTES + xtc_encode_bytes_max(job->n_atoms) + 4,
        err);
    if (!head)
        return -1;
    unsigned char *data = head + COMPRESSED_HEADER_BYTES - (large ? 0 : 4);
    struct xtc_encoded encoded;
    xtc_encode(xtc->at, job->n_atoms, data, &encoded);
    if (!large && encoded.n_bytes > INT32_MAX)
        return err_set(err, ERR_RUNTIME, "frame %zu is larger than XTC can hold",
                       save->n_frames);
    head = store_be_f32(head, (double)precision);
    for (int i = 0; i < 3; i++)
        head = store_be32(head, (uint32_t)encoded.min[i]);
    for (int i = 0; i < 3; i++)
        head = store_be32(head, (uint32_t)encoded.max[i]);
    head = store_be32(head, (uint32_t)encoded.small_index);
    if (large)
        store_be64(head, encoded.n_bytes);
    else
        store_be32(head, (uint32_t)encoded.n_bytes);
    size_t padding = -encoded.n_bytes & 3;
    memset(data + encoded.n_bytes, 0, padding);
    xtc->buffer.n =
        (size_t)(data - (unsigned char *)xtc->buffer.bytes) + encoded.n_bytes + padding;
    return 0;
}

static int frame(struct save *save, const struct save_frame *frame, struct err *err)
{
    struct xtc_writer *xtc = save->state;
    size_t n = save->job->n_atoms;
    unsigned char *at =
        save_room(&xtc->buffer, HEADER_BYTES + 12 * UNCOMPRESSED_ATOMS_MAX, err);
    if (!at)
        return -1;
    at = put_header(at, save, frame);
    xtc->buffer.n = HEADER_BYTES;
    if (n > UNCOMPRESSED_ATOMS_MAX) {
        if (put_compressed(save, frame->xyz, err) < 0)
            return -1;
    } else {
        for (size_t i = 0; i < 3 * n; i++)
            at = store_be_f32(at, frame->xyz[i] / 10);
        xtc->buffer.n += 12 * n;
    }
    return save_flush(save, &xtc->buffer, err);
}

const struct save_format save_format_xtc = {
    .name = "XTC",
    .extensions = {"xtc"},
    .streams = true,
    .holds = SAVE_BOX | SAVE_TIMES,
    .begin = begin,
    .frame = frame,
    .release = release,
};
