/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coordinates of frames, and whether they are numbers. */
#include "traj/traj_private.h"
#include "util/alloc.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PLACE_BYTES = 1024 };

struct traj_reader {
    const struct traj *traj;
    struct frame_scratch scratch;
};

struct traj_reader *traj_reader_create(const struct traj *traj, struct err *err)
{
    struct traj_reader *reader = alloc_zeroed(1, sizeof *reader, "a reader", err);
    if (reader)
        reader->traj = traj;
    return reader;
}

void traj_reader_destroy(struct traj_reader *reader)
{
    if (!reader)
        return;
    frame_scratch_fini(&reader->scratch);
    free(reader);
}

/* Programmers' errors: the formats index their buffers by these numbers. */
__attribute__((unused)) static bool pick_is_valid(const struct traj *traj,
                                                  const uint32_t *pick, size_t n_pick)
{
    if (!pick)
        return n_pick <= traj->n_atoms;
    for (size_t i = 0; i < n_pick; i++)
        if (pick[i] >= traj->n_atoms || (i > 0 && pick[i] <= pick[i - 1]))
            return false;
    return true;
}

static int read_frame(struct traj_reader *reader, size_t frame,
                      const struct frame_pick *pick, const struct frame_vectors *out,
                      struct frame_info *info, struct err *err)
{
    assert(pick_is_valid(reader->traj, pick->pick, pick->n));
    size_t within;
    const struct traj_file *file = traj_find_frame(reader->traj, frame, &within);
    const struct frame_entry *entry = &file->frames[within];
    *info = (struct frame_info){
        .has_time = file->has_times,
        .has_positions = !entry->no_positions,
        .n_present = pick->n,
    };
    if (info->has_time)
        info->time_ps = entry->time_ps;
    return file->format->read(file, within, &reader->scratch, pick, out, info, err);
}

int traj_read_present(struct traj_reader *reader, size_t frame, const uint32_t *pick,
                      size_t n_pick, double *xyz, uint32_t *present,
                      struct frame_info *info, struct err *err)
{
    const struct frame_pick wanted = {pick, n_pick, present};
    const struct frame_vectors out = {.xyz = xyz};
    size_t within;
    for (size_t i = 0; i < n_pick; i++)
        present[i] = (uint32_t)i;
    if (!traj_find_frame(reader->traj, frame, &within)->varies)
        return traj_read(reader, frame, pick, n_pick, xyz, info, err);
    return read_frame(reader, frame, &wanted, &out, info, err);
}

int traj_read_vectors(struct traj_reader *reader, size_t frame, const uint32_t *pick,
                      size_t n_pick, const struct frame_vectors *out,
                      struct frame_info *info, struct err *err)
{
    struct frame_pick wanted = {pick, n_pick, NULL};
    size_t within;
    const struct traj_file *file = traj_find_frame(reader->traj, frame, &within);
    if (!file->varies)
        return read_frame(reader, frame, &wanted, out, info, err);
    wanted.present = alloc_zeroed(n_pick, sizeof *wanted.present, "a frame", err);
    int rc = wanted.present ? read_frame(reader, frame, &wanted, out, info, err) : -1;
    free(wanted.present);
    if (rc == 0 && info->n_present < n_pick)
        rc = err_set(err, ERR_INPUT,
                     "%s: frame %zu has %zu of %zu atoms: they change from frame to "
                     "frame",
                     file->source.path, within, info->n_present, n_pick);
    return rc;
}

int traj_read(struct traj_reader *reader, size_t frame, const uint32_t *pick,
              size_t n_pick, double *xyz, struct frame_info *info, struct err *err)
{
    const struct frame_vectors out = {.xyz = xyz};
    size_t within;
    const struct traj_file *file = traj_find_frame(reader->traj, frame, &within);
    if (file->frames[within].no_positions)
        return traj_file_error(file, within, file->frames[within].offset, err,
                               "the frame has no positions");
    return traj_read_vectors(reader, frame, pick, n_pick, &out, info, err);
}

/* The place of a frame in its own file, for messages: "a.xtc: frame 3 at byte offset
   1234". Nobody counts bytes of a stream, nor where all frames lie in one table. */
static void name_place(const struct traj *traj, size_t frame, char *text, size_t size)
{
    size_t within = frame;
    uint64_t offset = 0;
    if (!traj_is_stream(traj))
        offset = traj_find_frame(traj, frame, &within)->frames[within].offset;
    int n = snprintf(text, size, "%s: frame %zu", traj_frame_path(traj, frame), within);
    if (offset > 0 && n > 0 && (size_t)n < size)
        snprintf(text + n, size - (size_t)n, " at byte offset %" PRIu64, offset);
}

int traj_check_finite(const struct traj *traj, size_t frame, const uint32_t *pick,
                      size_t n, const double *xyz, struct err *err)
{
    char place[PLACE_BYTES];
    for (size_t i = 0; i < 3 * n; i++) {
        if (isfinite(xyz[i]))
            continue;
        name_place(traj, frame, place, sizeof place);
        return err_set(err, ERR_INPUT, "%s: atom %zu: %c coordinate is not a number",
                       place, (pick ? pick[i / 3] : i / 3) + 1, "xyz"[i % 3]);
    }
    return 0;
}
