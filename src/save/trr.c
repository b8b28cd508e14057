/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "save/format.h"
#include "save/store.h"

#include <limits.h>

/* GROMACS's full-precision frames: XDR, big endian, in nm, ps and kJ/mol. A frame is a
   header that gives the bytes of each section (which tell float from double), time and
   lambda, and the sections box, positions, velocities, forces. */
static const char TRR_VERSION[12] = "GMX_trn_file";
enum {
    TRR_MAGIC = 1993,
    HEADER_BYTES = 3 * 4 + sizeof TRR_VERSION + 13 * 4 + 2 * 8,
};

static int begin(struct save *save, struct err *err)
{
    const struct save_job *job = save->job;
    size_t number = job->options.float64 ? 8 : 4;
    if (job->n_atoms > INT32_MAX / (3 * number))
        return err_set(err, ERR_RUNTIME, "%zu atoms are more than TRR can hold",
                       job->n_atoms);
    return save_buffer_begin(save, err);
}

static unsigned char *put_number(unsigned char *at, bool wide, double value)
{
    return wide ? store_be_f64(at, value) : store_be_f32(at, value);
}

static unsigned char *put_numbers(unsigned char *at, bool wide, const double *value,
                                  size_t n, double factor)
{
    for (size_t i = 0; i < n; i++)
        at = put_number(at, wide, value[i] * factor);
    return at;
}

/* A to nm by a division: coordinates that were floats of nm come back to the bit. */
static unsigned char *put_lengths(unsigned char *at, bool wide, const double *value,
                                  size_t n)
{
    for (size_t i = 0; i < n; i++)
        at = put_number(at, wide, value[i] / 10);
    return at;
}

static unsigned char *put_header(unsigned char *at, const struct save *save,
                                 const struct save_frame *frame)
{
    bool wide = save->job->options.float64;
    uint32_t number = wide ? 8 : 4;
    uint32_t vectors = (uint32_t)save->job->n_atoms * 3 * number;
    int64_t step = save_step(save, frame->info);
    at = store_be32(at, TRR_MAGIC);
    at = store_be32(at, sizeof TRR_VERSION + 1); /* with the NUL that is not stored */
    at = store_be32(at, sizeof TRR_VERSION);
    memcpy(at, TRR_VERSION, sizeof TRR_VERSION);
    at += sizeof TRR_VERSION;
    const uint32_t words[13] = {
        0, /* input record */
        0, /* energies */
        frame->info->has_box ? 9 * number : 0,
        0, /* virial */
        0, /* pressure */
        0, /* topology */
        0, /* symbol table */
        vectors,
        frame->velocity ? vectors : 0,
        frame->force ? vectors : 0,
        (uint32_t)save->job->n_atoms,
        (uint32_t)step,
        0, /* number of energies */
    };
    for (int i = 0; i < 13; i++)
        at = store_be32(at, words[i]);
    at = put_number(at, wide,
                    frame->info->has_time ? frame->info->time_ps : (double)step);
    return put_number(at, wide, 0); /* lambda */
}

static int frame(struct save *save, const struct save_frame *frame, struct err *err)
{
    struct save_buffer *buffer = save->state;
    bool wide = save->job->options.float64;
    size_t n = 3 * save->job->n_atoms;
    unsigned char *start = save_room(buffer, HEADER_BYTES + 8 * (9 + 3 * n), err);
    if (!start)
        return -1;
    unsigned char *at = put_header(start, save, frame);
    if (frame->info->has_box) {
        double v[3][3];
        save_box_vectors(frame->info, v);
        at = put_lengths(at, wide, &v[0][0], 9);
    }
    at = put_lengths(at, wide, frame->xyz, n);
    if (frame->velocity)
        at = put_lengths(at, wide, frame->velocity, n);
    if (frame->force)
        at = put_numbers(at, wide, frame->force, n, 10);
    buffer->n = (size_t)(at - start);
    return save_flush(save, buffer, err);
}

const struct save_format save_format_trr = {
    .name = "TRR",
    .extensions = {"trr"},
    .streams = true,
    .holds = SAVE_BOX | SAVE_TIMES | SAVE_VELOCITIES | SAVE_FORCES,
    .begin = begin,
    .frame = frame,
    .release = save_buffer_release,
};
