/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/format.h"

#include "traj/index_cache.h"
#include "util/alloc.h"
#include "util/clock.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { REASON_BYTES = 512 };

/* An index that took so long is kept for the next run: computing, or waiting for a disk
   or a network. */
static const double CACHE_WORK_SECONDS = 0.05, CACHE_WALL_SECONDS = 1.0;

int traj_file_add(struct traj_file *file, uint64_t offset, double time_ps,
                  uint64_t extra, struct err *err)
{
    void *frames = file->frames;
    if (alloc_grow(&frames, &file->capacity, file->n_frames + 1, sizeof *file->frames,
                   "the frame index", err))
        return -1;
    file->frames = frames;
    file->frames[file->n_frames++] =
        (struct frame_entry){.offset = offset, .time_ps = time_ps, .extra = extra};
    return 0;
}

int traj_file_error(const struct traj_file *file, size_t frame, uint64_t offset,
                    struct err *err, const char *format, ...)
{
    char reason[REASON_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    return err_set(err, ERR_INPUT, "%s: frame %zu at byte offset %" PRIu64 ": %s",
                   file->source.path, frame, offset, reason);
}

int line_error(const struct line_reader *lines, struct err *err, const char *format,
               ...)
{
    char reason[REASON_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    return err_set(err, ERR_INPUT,
                   "%s: line %" PRIu64 " at byte offset %" PRIu64 ": %s",
                   lines->source->path, lines->line_number, lines->line_offset, reason);
}

/* Times count only where no frame lacks one: half a time axis is of no use. */
static bool all_have_times(const struct traj_file *file)
{
    for (size_t i = 0; i < file->n_frames; i++)
        if (!isfinite(file->frames[i].time_ps))
            return false;
    return true;
}

static size_t count_without_positions(const struct traj_file *file)
{
    size_t n = 0;
    for (size_t i = 0; i < file->n_frames; i++)
        n += file->frames[i].no_positions;
    return n;
}

/* The index as far as the file goes. Where that is the end of a frame, the format sees
   nothing wrong with a file that is cut. */
static int index_frames(struct traj_file *file, const struct traj_options *options,
                        struct err *why)
{
    const struct source *source = &file->source;
    if (file->format->index(file, options->unit, why))
        return source_say_cut(source, why);
    if (!source->cut)
        return 0;
    return traj_file_error(file, file->n_frames, source->size, why, "%s", source->cut);
}

/* Makes the index. Of a damaged file that may be cut short, what went wrong is noted
   and the frames before it stand. */
static int make_index(struct traj_file *file, const struct traj_options *options,
                      struct err *err)
{
    struct err why = {0};
    if (file->format->begin && file->format->begin(file, options->unit, err))
        return -1;
    if (index_cache_load(file))
        return 0;
    double wall = clock_seconds(), work = clock_work_seconds();
    if (index_frames(file, options, &why) == 0) {
        wall = clock_seconds() - wall;
        work = clock_work_seconds() - work;
        if (work > CACHE_WORK_SECONDS || wall > CACHE_WALL_SECONDS)
            index_cache_store(file);
        if (file->n_frames > 0)
            return 0;
        return err_set(err, ERR_INPUT, "%s: no frames in this %s file",
                       file->source.path, file->format->name);
    }
    if (!options->allow_truncated || why.code != ERR_INPUT || file->n_frames == 0)
        return err_set(err, why.code, "%s", why.text);
    file->damage = alloc_string(why.text, err);
    return file->damage ? 0 : -1;
}

int traj_file_open(struct traj_file *file, const char *path,
                   const struct traj_options *options, struct err *err)
{
    *file = (struct traj_file){.source.fd = -1};
    if (source_open_cut(&file->source, path, err))
        return -1;
    file->format = format_detect(&file->source, options->format, err);
    if (file->format && !file->format->index) {
        err_set(err, ERR_INPUT,
                "%s: %s files hold no coordinates: a trajectory is needed", path,
                file->format->name);
        goto fail;
    }
    if (!file->format) {
        source_say_cut(&file->source, err);
        goto fail;
    }
    if (format_check_unit(file->format, &file->source, options->unit, err) ||
        make_index(file, options, err))
        goto fail;
    file->has_times = all_have_times(file);
    file->n_without_positions = count_without_positions(file);
    return 0;
fail:
    traj_file_close(file);
    return -1;
}

void traj_file_close(struct traj_file *file)
{
    if (file->format && file->format->release && file->state)
        file->format->release(file->state);
    free(file->frames);
    frame_scratch_fini(&file->ahead);
    free(file->damage);
    source_close(&file->source);
    *file = (struct traj_file){.source.fd = -1};
}

unsigned char *frame_scratch_bytes(struct frame_scratch *scratch, size_t n,
                                   struct err *err)
{
    if (alloc_grow(&scratch->bytes, &scratch->capacity, n, 1, "a frame of a trajectory",
                   err))
        return NULL;
    return scratch->bytes;
}

struct line_reader *frame_scratch_lines(struct frame_scratch *scratch,
                                        const struct source *source, uint64_t offset,
                                        struct err *err)
{
    if (!scratch->lines_ready) {
        if (line_reader_init(&scratch->lines, source, offset, err))
            return NULL;
        scratch->lines_ready = true;
    }
    line_reader_seek(&scratch->lines, source, offset);
    return &scratch->lines;
}

void frame_scratch_end_helper(struct frame_scratch *scratch)
{
    if (scratch->helper)
        scratch->end_helper(scratch->helper);
    scratch->helper = NULL;
    scratch->helper_file = NULL;
}

void frame_scratch_fini(struct frame_scratch *scratch)
{
    frame_scratch_end_helper(scratch);
    free(scratch->bytes);
    if (scratch->lines_ready)
        line_reader_fini(&scratch->lines);
    *scratch = (struct frame_scratch){0};
}
