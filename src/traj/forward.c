/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trajectories that come once, frame by frame. */
#include "traj/format.h"
#include "traj/imd.h"
#include "traj/stream.h"

#include <math.h>

struct line_reader *traj_file_lines(struct traj_file *file, struct err *err)
{
    return frame_scratch_lines(&file->ahead, &file->source, file->next_offset, err);
}

int traj_file_next(struct traj_file *file, struct err *err)
{
    struct stream *stream = file->source.stream;
    stream_forget(stream, file->next_offset);
    int more = file->format->next(file, err);
    if (more <= 0)
        return more;
    const struct frame_entry *entry = &file->frames[file->n_frames - 1];
    file->has_times = file->has_times && isfinite(entry->time_ps);
    file->n_without_positions += entry->no_positions;
    return 1;
}

static int find_format(struct traj_file *file, const struct traj_options *options,
                       struct err *err)
{
    const char *path = file->source.path;
    if (stream_is_imd(path))
        file->format = imd_format(options->format, err);
    else
        file->format = format_detect(&file->source, options->format, err);
    if (!file->format)
        return -1;
    if (!file->format->next)
        return err_set(err, ERR_USAGE,
                       "%s: %s files cannot be read as a stream; give a file", path,
                       file->format->name);
    return format_check_unit(file->format, &file->source, options->unit, err);
}

int traj_file_open_stream(struct traj_file *file, const char *path,
                          const struct traj_options *options, struct err *err)
{
    *file = (struct traj_file){.source.fd = -1, .has_times = true};
    if (stream_is_imd(path) ? imd_open(&file->source, path, err)
                            : stream_open(&file->source, path, err))
        return -1;
    file->source.stream->stop = options->stop;
    if (find_format(file, options, err) ||
        (file->format->begin && file->format->begin(file, options->unit, err)))
        goto fail;
    int more = traj_file_next(file, err);
    if (more == 0)
        err_set(err, ERR_INPUT, "%s: no frames in this %s stream", path,
                file->format->name);
    if (more <= 0)
        goto fail;
    return 0;
fail:
    traj_file_close(file);
    return -1;
}
