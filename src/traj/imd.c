/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/imd_message.h"

#include "traj/box.h"
#include "traj/bytes.h"
#include "traj/stream.h"
#include "traj/vectors.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    ENERGY_BYTES = 40, /* the step and nine floats */
    TIME_BYTES = 24,   /* step size and time as doubles, the step as int64 */
    BOX_BYTES = 36,    /* three vectors */
    /* Of one frame. Far beyond: energies alone come once a step. */
    MESSAGES_MAX = 1000,
    /* No simulation shows more; keeps the sums below from wrapping around. */
    ATOMS_MAX = 300000000,
};

/* The size of a body, by the type; -1 for what has no place in a stream of frames. */
static int judge(const struct traj_file *file, uint64_t offset,
                 struct imd_message *message, struct err *err)
{
    int32_t length = message->length;
    bool wrong = false;
    switch (message->type) {
    case IMD_ENERGIES:
        wrong = length != 1;
        message->body_bytes = ENERGY_BYTES;
        break;
    case IMD_TIME:
        wrong = length != 1;
        message->body_bytes = TIME_BYTES;
        break;
    case IMD_BOX:
        wrong = length != 1;
        message->body_bytes = BOX_BYTES;
        break;
    case IMD_COORDINATES:
    case IMD_VELOCITIES:
    case IMD_FORCES:
        wrong = length <= 0 || length > ATOMS_MAX ||
                (file->n_atoms > 0 && (size_t)length != file->n_atoms);
        message->body_bytes = wrong ? 0 : 12 * (uint64_t)length;
        break;
    case IMD_PAUSE:
    case IMD_RESUME:
    case IMD_TRATE:
    case IMD_WAIT:
        break;
    default:
        return traj_file_error(file, file->n_frames, offset, err,
                               "a message of type %" PRId32
                               " (%s) is not expected here",
                               message->type, imd_type_name(message->type));
    }
    if (!wrong)
        return 0;
    return traj_file_error(file, file->n_frames, offset, err,
                           "%s of length %" PRId32 ": %zu expected",
                           imd_type_name(message->type), length,
                           message->type == IMD_ENERGIES || message->type == IMD_TIME ||
                                   message->type == IMD_BOX
                               ? 1
                               : file->n_atoms);
}

/* The message at `offset`, all of it. 1, 0 where the server has ended, -1 on error. A
   simulation may take its time for a step, but not for a message that has begun. */
static int next_message(const struct traj_file *file, uint64_t offset,
                        struct imd_message *message, struct err *err)
{
    struct stream *stream = file->source.stream;
    double patience_s = stream->patience;
    stream->patience = 0;
    int more = source_has(&file->source, offset, 1, err);
    stream->patience = patience_s;
    if (more > 0)
        more = imd_load_header(&file->source, offset, message, err);
    if (more <= 0)
        return more < 0 ? err_prefix(err, "frame %zu", file->n_frames) : 0;
    if (message->type == IMD_DISCONNECT || message->type == IMD_KILL)
        return 0;
    if (judge(file, offset, message, err))
        return -1;
    more =
        source_has(&file->source, offset + IMD_HEADER_BYTES, message->body_bytes, err);
    if (more < 0)
        return err_prefix(err, "frame %zu", file->n_frames);
    if (more == 0)
        return traj_file_error(file, file->n_frames, offset, err,
                               "%s takes %" PRIu64
                               " bytes, the connection ended after %" PRIu64,
                               imd_type_name(message->type), message->body_bytes,
                               source_left(&file->source, offset + IMD_HEADER_BYTES));
    return 1;
}

static double read_time(const struct traj_file *file, uint64_t body)
{
    const struct imd *imd = file->state;
    unsigned char bytes[TIME_BYTES];
    if (source_read(&file->source, body, bytes, sizeof bytes, NULL))
        return NAN;
    return load_f64(bytes + 8, imd->big_endian);
}

/* Notes a message of the frame; a second one of its kind, or one that was not
   announced, is an error. */
static int note(const struct traj_file *file, uint64_t offset, int32_t type,
                bool seen[IMD_WAIT + 1], struct err *err)
{
    const struct imd *imd = file->state;
    /* Of version 2, energies come with some of the frames, before or behind. */
    if (type == IMD_ENERGIES && imd->version == 2)
        return 0;
    if (type == IMD_PAUSE || type == IMD_RESUME || type == IMD_TRATE ||
        type == IMD_WAIT)
        return 0;
    if (!seen[type] && imd->has[type]) {
        seen[type] = true;
        return 0;
    }
    return traj_file_error(
        file, file->n_frames, offset, err, "%s %s", imd_type_name(type),
        imd->has[type] ? "comes twice in one frame" : "was not announced");
}

static bool is_complete(const struct imd *imd, const bool seen[IMD_WAIT + 1])
{
    for (int type = 0; type <= IMD_WAIT; type++)
        if (imd->has[type] && !seen[type])
            return false;
    return true;
}

static int imd_next(struct traj_file *file, struct err *err)
{
    const struct imd *imd = file->state;
    bool seen[IMD_WAIT + 1] = {false};
    uint64_t begin = file->next_offset, at = begin;
    double time_ps = NAN;
    for (int count = 0; !is_complete(imd, seen); count++) {
        struct imd_message message;
        int more = next_message(file, at, &message, err);
        if (more < 0)
            return -1;
        bool begun = memchr(seen, true, sizeof seen) != NULL;
        if (more == 0 && begun)
            return traj_file_error(file, file->n_frames, begin, err,
                                   "the connection ended inside the frame");
        if (more == 0)
            return 0;
        if (count == MESSAGES_MAX)
            return traj_file_error(file, file->n_frames, at, err,
                                   "%d messages without a frame", count);
        if (note(file, at, message.type, seen, err))
            return -1;
        if (message.type == IMD_COORDINATES)
            file->n_atoms = (size_t)message.length;
        if (message.type == IMD_TIME)
            time_ps = read_time(file, at + IMD_HEADER_BYTES);
        at += IMD_HEADER_BYTES + message.body_bytes;
    }
    file->next_offset = at;
    return traj_file_add(file, begin, time_ps, at - begin, err) ? -1 : 1;
}

static int read_step(const struct source *source, uint64_t body, bool big_endian,
                     struct frame_info *info, struct err *err)
{
    unsigned char bytes[TIME_BYTES];
    if (source_read(source, body, bytes, sizeof bytes, err))
        return -1;
    info->has_step = true;
    info->step = (int64_t)load_u64(bytes + 16, big_endian);
    return 0;
}

static int read_box(const struct source *source, uint64_t body, bool big_endian,
                    struct frame_info *info, struct err *err)
{
    unsigned char bytes[BOX_BYTES];
    double v[3][3];
    if (source_read(source, body, bytes, sizeof bytes, err))
        return -1;
    for (size_t i = 0; i < 9; i++)
        v[i / 3][i % 3] = load_f32(bytes + 4 * i, big_endian);
    box_set_vectors(info, (const double(*)[3])v, 1.0);
    return 0;
}

static int read_body(const struct traj_file *file, const struct imd_message *message,
                     uint64_t body, struct frame_scratch *scratch,
                     const struct frame_pick *pick, const struct frame_vectors *out,
                     struct frame_info *info, struct err *err)
{
    const struct imd *imd = file->state;
    struct real_kind kind = {.wide = false, .big_endian = imd->big_endian};
    double *vectors = NULL;
    switch (message->type) {
    case IMD_TIME:
        return read_step(&file->source, body, imd->big_endian, info, err);
    case IMD_BOX:
        return read_box(&file->source, body, imd->big_endian, info, err);
    case IMD_COORDINATES:
        vectors = out->xyz;
        break;
    case IMD_VELOCITIES:
        info->has_velocities = true;
        vectors = out->velocity;
        break;
    case IMD_FORCES:
        info->has_forces = true;
        vectors = out->force;
        break;
    default:
        break;
    }
    if (!vectors)
        return 0;
    return vectors_read(&file->source, body, kind, 1.0, pick, scratch, vectors, err);
}

static int imd_read(const struct traj_file *file, size_t frame,
                    struct frame_scratch *scratch, const struct frame_pick *pick,
                    const struct frame_vectors *out, struct frame_info *info,
                    struct err *err)
{
    const struct frame_entry *entry = &file->frames[frame];
    uint64_t end = entry->offset + entry->extra;
    for (uint64_t at = entry->offset; at < end;) {
        struct imd_message message;
        if (imd_load_header(&file->source, at, &message, err) < 0 ||
            judge(file, at, &message, err) ||
            read_body(file, &message, at + IMD_HEADER_BYTES, scratch, pick, out, info,
                      err))
            return err_prefix(err, "frame %zu", frame);
        at += IMD_HEADER_BYTES + message.body_bytes;
    }
    return 0;
}

static void imd_describe(const struct traj_file *file, struct traj_description *out)
{
    const struct imd *imd = file->state;
    snprintf(out->flavour, sizeof out->flavour, "version %d, %s endian", imd->version,
             imd->big_endian ? "big" : "little");
    out->float_bits = 32;
}

static const struct format format_imd = {
    .name = "IMD",
    .begin = imd_begin,
    .next = imd_next,
    .read = imd_read,
    .describe = imd_describe,
    .release = free,
};

const struct format *imd_format(const char *name, struct err *err)
{
    if (!name || strcasecmp(name, format_imd.name) == 0)
        return &format_imd;
    err_set(err, ERR_USAGE, "--format %s: imd:// has a format of its own", name);
    return NULL;
}
