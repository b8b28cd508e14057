/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/stream.h"
#include "traj/times.h"
#include "traj/traj_private.h"
#include "util/alloc.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* How many frames at the start of a part repeat the last frame before it. */
static size_t frames_repeated(const struct traj_file *file, double last_ps)
{
    double tolerance = time_tolerance(last_ps);
    /* Where frames are denser than that, a step on is a step on. */
    if (file->n_frames > 1) {
        double step = fabs(file->frames[1].time_ps - file->frames[0].time_ps);
        if (step > 0)
            tolerance = fmin(tolerance, step / 4);
    }
    size_t n = 0;
    while (n < file->n_frames && fabs(file->frames[n].time_ps - last_ps) <= tolerance)
        n++;
    return n;
}

/* The last part before part `k` that has frames left. */
static const struct traj_part *part_before(const struct traj *traj, size_t k)
{
    while (k-- > 0)
        if (traj->parts[k].skip < traj->parts[k].file.n_frames)
            return &traj->parts[k];
    return NULL;
}

/* Numbers the frames of part `k` after those before. */
static void join_part(struct traj *traj, size_t k)
{
    struct traj_part *part = &traj->parts[k];
    const struct traj_part *before = part_before(traj, k);
    part->skip = 0;
    if (before && before->file.has_times && part->file.has_times)
        part->skip = frames_repeated(
            &part->file, before->file.frames[before->file.n_frames - 1].time_ps);
    part->first = traj->n_frames;
    traj->n_dropped += part->skip;
    traj->n_frames += part->file.n_frames - part->skip;
}

static void describe(const struct traj_file *file, struct traj_description *out)
{
    *out = (struct traj_description){
        .format = file->format->name,
        .random_access = !file->source.stream,
    };
    if (file->format->describe)
        file->format->describe(file, out);
}

static int open_part(struct traj *traj, size_t k, const char *path,
                     const struct traj_options *options, struct err *err)
{
    struct traj_file *file = &traj->parts[k].file;
    bool stream = stream_is_path(path);
    if (stream && traj->capacity > 1)
        return err_set(err, ERR_USAGE,
                       "%s: a stream must be the only trajectory; it cannot be joined "
                       "with others",
                       path);
    if (stream ? traj_file_open_stream(file, path, options, err)
               : traj_file_open(file, path, options, err))
        return -1;
    traj->n_parts = k + 1;
    if (k == 0)
        traj->n_atoms = file->n_atoms;
    if (file->n_atoms != traj->n_atoms)
        return err_set(err, ERR_INPUT,
                       "%s: frame 0 has %zu atoms, those of %s have %zu", path,
                       file->n_atoms, traj->parts[0].file.source.path, traj->n_atoms);
    if (file->n_atoms > UINT32_MAX)
        return err_set(err, ERR_INPUT, "%s: frame 0 has %zu atoms, too many", path,
                       file->n_atoms);
    join_part(traj, k);
    if (stream)
        describe(file, &traj->described);
    return 0;
}

struct traj *traj_open(const char *const *paths, size_t n_paths,
                       const struct traj_options *options, struct err *err)
{
    static const struct traj_options standard = {0};
    if (n_paths == 0) {
        err_set(err, ERR_USAGE, "no trajectory file given");
        return NULL;
    }
    struct traj *traj = alloc_zeroed(1, sizeof *traj, "a trajectory", err);
    if (!traj)
        return NULL;
    traj->parts = alloc_zeroed(n_paths, sizeof *traj->parts, "trajectory files", err);
    if (!traj->parts)
        goto fail;
    traj->capacity = n_paths;
    for (size_t k = 0; k < n_paths; k++)
        if (open_part(traj, k, paths[k], options ? options : &standard, err))
            goto fail;
    return traj;
fail:
    traj_close(traj);
    return NULL;
}

void traj_close(struct traj *traj)
{
    if (!traj)
        return;
    for (size_t k = 0; k < traj->n_parts; k++)
        traj_file_close(&traj->parts[k].file);
    free(traj->parts);
    free(traj);
}

size_t traj_n_frames(const struct traj *traj)
{
    return traj->n_frames;
}

size_t traj_n_atoms(const struct traj *traj)
{
    return traj->n_atoms;
}

const char *traj_format_name(const struct traj *traj)
{
    return traj->parts[0].file.format->name;
}

size_t traj_n_files(const struct traj *traj)
{
    return traj->n_parts;
}

const char *traj_file_path(const struct traj *traj, size_t file)
{
    return traj->parts[file].file.source.path;
}

size_t traj_file_n_frames(const struct traj *traj, size_t file)
{
    return traj->parts[file].file.n_frames - traj->parts[file].skip;
}

const char *traj_damage(const struct traj *traj, size_t file)
{
    return traj->parts[file].file.damage;
}

void traj_describe(const struct traj *traj, size_t file, struct traj_description *out)
{
    if (traj_is_stream(traj))
        *out = traj->described;
    else
        describe(&traj->parts[file].file, out);
}

size_t traj_n_without_positions(const struct traj *traj)
{
    size_t n = 0;
    for (size_t k = 0; k < traj->n_parts; k++)
        n += traj->parts[k].file.n_without_positions;
    return n;
}

size_t traj_dropped_at_seams(const struct traj *traj)
{
    return traj->n_dropped;
}

const struct traj_file *traj_find_frame(const struct traj *traj, size_t frame,
                                        size_t *within)
{
    assert(frame < traj->n_frames);
    size_t low = 0,
           high = traj->n_parts; /* parts[low].first <= frame < parts[high]'s */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (traj->parts[middle].first <= frame)
            low = middle;
        else
            high = middle;
    }
    const struct traj_part *part = &traj->parts[low];
    *within = frame - part->first + part->skip;
    return &part->file;
}

bool traj_frame_has_positions(const struct traj *traj, size_t frame)
{
    size_t within;
    return !traj_find_frame(traj, frame, &within)->frames[within].no_positions;
}

const char *traj_frame_path(const struct traj *traj, size_t frame)
{
    size_t within;
    if (traj_is_stream(traj))
        return traj->parts[0].file.source.path;
    return traj_find_frame(traj, frame, &within)->source.path;
}

bool traj_frame_time(const struct traj *traj, size_t frame, double *time_ps)
{
    size_t within;
    const struct traj_file *file = traj_find_frame(traj, frame, &within);
    if (!file->has_times)
        return false;
    *time_ps = file->frames[within].time_ps;
    return true;
}

bool traj_frames_vary(const struct traj *traj)
{
    bool varies = false;
    for (size_t k = 0; k < traj->n_parts; k++)
        varies = varies || traj->parts[k].file.varies;
    return varies;
}

bool traj_is_stream(const struct traj *traj)
{
    return traj->parts[0].file.source.stream != NULL;
}

bool traj_is_live(const struct traj *traj)
{
    return stream_is_imd(traj->parts[0].file.source.path);
}

bool traj_path_is_stream(const char *path)
{
    return stream_is_path(path);
}

int traj_advance(struct traj *traj, struct err *err)
{
    struct traj_file *file = &traj->parts[0].file;
    int more = traj_file_next(file, err);
    traj->n_frames = file->n_frames;
    traj->whole = more == 0;
    return more;
}

void traj_let_go(struct traj *traj)
{
    stream_let_go(traj->parts[0].file.source.stream);
}

struct traj_seen traj_seen(const struct traj *traj)
{
    const struct traj_file *file = &traj->parts[0].file;
    return (struct traj_seen){
        .n_frames = file->n_frames,
        .n_without_positions = file->n_without_positions,
        .has_times = file->has_times,
        .whole = traj->whole,
    };
}

int traj_adopt(struct traj *traj, const struct traj_seen *seen, const char *damage,
               struct err *err)
{
    struct traj_file *file = &traj->parts[0].file;
    traj->n_frames = file->n_frames = seen->n_frames;
    file->n_without_positions = seen->n_without_positions;
    file->has_times = seen->has_times;
    traj->whole = seen->whole;
    if (!damage)
        return 0;
    free(file->damage);
    file->damage = alloc_string(damage, err);
    return file->damage ? 0 : -1;
}
