/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/conversion.h"

#include "cli/outputs.h"
#include "cli/signals.h"
#include "traj/times.h"
#include "util/alloc.h"
#include "util/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The time axis of the frames that are kept. */
static void find_times(struct conversion *c)
{
    const struct inputs *in = &c->inputs;
    struct save_job *job = &c->job;
    double first, second, time;
    job->dt_ps = NAN;
    job->has_times = traj_frame_time(in->traj, in->stream ? 0 : in->frame[0], &first);
    if (!job->has_times)
        return;
    job->first_time_ps = first;
    /* The step of a stream is not known before it is written. */
    if (in->stream)
        return;
    job->dt_ps = 1;
    if (in->n_frames < 2)
        return;
    traj_frame_time(in->traj, in->frame[1], &second);
    traj_frame_time(in->traj, in->frame[in->n_frames - 1], &time);
    /* From all of them: files keep times as float32. */
    job->dt_ps = (time - first) / (double)(in->n_frames - 1);
    for (size_t k = 1; k < in->n_frames; k++) {
        double even = first + (double)k * job->dt_ps;
        if (!traj_frame_time(in->traj, in->frame[k], &time) ||
            !(fabs(time - even) <= time_tolerance(even)))
            c->uneven = true;
    }
    c->uneven |= !(job->dt_ps > 0);
    if (c->uneven)
        job->dt_ps = NAN;
}

/* How numbers are kept: as asked for, else as in the source. */
static void choose_precision(struct conversion *c)
{
    const struct convert_options *o = &c->options;
    struct save_options *options = &c->job.options;
    struct traj_description source;
    traj_describe(c->inputs.traj, 0, &source);
    *options = (struct save_options){
        .decimals = o->decimals,
        .float64 = o->as_double || (source.float_bits == 64 && !o->as_float),
        .chunk_frames = o->chunk_frames,
        .chunk_atoms = o->chunk_atoms,
        .compression = o->compression,
    };
    if (o->decimals >= 0)
        options->xtc_precision = pow(10, o->decimals);
    else if (strcmp(source.format, save_format_name(c->format)) == 0 &&
             source.resolution_a > 0)
        options->xtc_precision = (double)(float)(10 / source.resolution_a);
}

/* Makes room for what the source has and the output can hold. The first frame tells:
   velocities come in all frames or in none, as far as formats have a say. */
static int make_room(struct conversion *c, struct err *err)
{
    const struct inputs *in = &c->inputs;
    unsigned holds = save_format_holds(c->format);
    struct save_job *job = &c->job;
    size_t n = job->n_atoms;
    struct frame_info info;
    c->xyz = alloc_zeroed(n, 3 * sizeof *c->xyz, "coordinates", err);
    c->reader = c->xyz ? traj_reader_create(in->traj, err) : NULL;
    if (!c->reader ||
        traj_read_vectors(c->reader, in->stream ? 0 : in->frame[0], job->pick, n,
                          &(struct frame_vectors){.xyz = c->xyz}, &info, err) < 0)
        return -1;
    c->lost = (info.has_velocities ? SAVE_VELOCITIES : 0U) |
              (info.has_forces ? SAVE_FORCES : 0U) | (info.has_box ? SAVE_BOX : 0U);
    c->lost &= ~holds;
    job->has_velocities = info.has_velocities && (holds & SAVE_VELOCITIES);
    job->has_forces = info.has_forces && (holds & SAVE_FORCES);
    if (job->has_velocities) {
        c->velocity = alloc_zeroed(n, 3 * sizeof *c->xyz, "velocities", err);
        if (!c->velocity)
            return -1;
    }
    if (job->has_forces)
        c->force = alloc_zeroed(n, 3 * sizeof *c->xyz, "forces", err);
    return job->has_forces && !c->force ? -1 : 0;
}

static void describe(struct conversion *c)
{
    const struct inputs *in = &c->inputs;
    bool all = in->selection.n == traj_n_atoms(in->traj);
    c->job = (struct save_job){
        .atoms = in->has_names ? &in->topology.atoms : NULL,
        .pick = all ? NULL : in->selection.index,
        .n_atoms = in->selection.n,
        .n_frames = in->stream ? SIZE_MAX : in->n_frames,
    };
    choose_precision(c);
    find_times(c);
}

int conversion_begin(struct conversion *c, struct err *err)
{
    const struct convert_options *o = &c->options;
    const struct inputs_want want = {
        .command = "convert",
        .nameless = true,
        .all = true,
        .whole = o->input.unwrap,
    };
    c->format = save_format_find(o->output_format, o->output, err);
    if (!c->format ||
        (!save_is_stdout(o->output) &&
         outputs_check_path(o->output, o->force, err) < 0) ||
        inputs_open(&c->inputs, &o->input, &want, err) < 0)
        return -1;
    const struct inputs *in = &c->inputs;
    if (in->selection.n == 0)
        return err_set(err, ERR_INPUT, "%s: '%s' selects none of its %zu atoms%s",
                       in->topology_path, in->selection_words, in->topology.atoms.n,
                       in->has_names ? "" : ", which it does not name");
    describe(c);
    if ((save_format_holds(c->format) & SAVE_BONDS) && in->has_names &&
        bonds_index(&c->inputs.topology.atoms.bonds, in->topology.atoms.n, err) < 0)
        return -1;
    if (make_room(c, err) < 0)
        return -1;
    if (in->unwrap) {
        size_t n_read = in->unwrap->n_read;
        c->whole = alloc_zeroed(n_read, 3 * sizeof *c->whole, "coordinates", err);
        if (!c->whole)
            return -1;
    }
    c->save = save_open(o->output, c->format, &c->job, err);
    return c->save ? 0 : -1;
}

/* Puts the selected atoms' places with their molecules whole into c->xyz, reading the
   frame once more for the atoms between them. */
static int make_whole(struct conversion *c, size_t frame, struct err *err)
{
    const struct unwrap *unwrap = c->inputs.unwrap;
    struct frame_info info;
    struct lattice lattice;
    if (traj_read(c->reader, frame, unwrap->read, unwrap->n_read, c->whole, &info,
                  err) < 0)
        return -1;
    if (info.has_box && lattice_init(&lattice, info.box))
        unwrap_apply(unwrap, &lattice, c->whole);
    unwrap_gather(unwrap, c->whole, c->xyz);
    return 0;
}

/* Coordinates that are not numbers are damage that no reader would look for. */
static int check_coordinates(const struct conversion *c, size_t frame, struct err *err)
{
    const struct inputs *in = &c->inputs;
    return traj_check_finite(in->traj, frame, in->selection.index, c->job.n_atoms,
                             c->xyz, err);
}

static int read_frame(struct conversion *c, size_t frame, struct frame_info *info,
                      struct err *err)
{
    const struct frame_vectors to = {c->xyz, c->velocity, c->force};
    if (traj_read_vectors(c->reader, frame, c->job.pick, c->job.n_atoms, &to, info,
                          err) < 0 ||
        (info->has_positions && check_coordinates(c, frame, err) < 0))
        return -1;
    return c->whole && info->has_positions ? make_whole(c, frame, err) : 0;
}

static int copy_frame(struct conversion *c, size_t frame, struct err *err)
{
    struct frame_info info;
    if (read_frame(c, frame, &info, err) < 0) {
        c->unread = true;
        return -1;
    }
    const struct save_frame from = {
        .xyz = c->xyz,
        .velocity = info.has_velocities ? c->velocity : NULL,
        .force = info.has_forces ? c->force : NULL,
        .info = &info,
    };
    return save_frame(c->save, &from, err);
}

/* Whether a frame that cannot be read only ends what is kept. */
static bool is_bearable(struct conversion *c, const struct err *err)
{
    if (!c->unread || err->code != ERR_INPUT || !c->options.input.allow_truncated ||
        save_n_frames(c->save) == 0)
        return false;
    c->broken_off = *err;
    return true;
}

static int copy_file(struct conversion *c, struct err *err)
{
    const struct inputs *in = &c->inputs;
    int status = 0;
    for (size_t k = 0; k < in->n_frames && !signals_stop && status == 0; k++) {
        status = copy_frame(c, in->frame[k], err);
        progress_update(&c->progress, k + (status == 0), 0);
    }
    return status < 0 && is_bearable(c, err) ? 0 : status;
}

/* The frames as they come, until the stream ends or none can follow that is wanted; -1
   with *err where it breaks off. */
static int copy_stream(struct conversion *c, struct err *err)
{
    struct inputs *in = &c->inputs;
    struct frame_filter filter;
    int more = 1;
    if (frame_filter_init(&filter, &in->choice, err) < 0)
        return -1;
    while (more > 0 && !signals_stop) {
        int wanted = frame_filter_take(&filter, in->traj, err);
        if (wanted < 0)
            return -1;
        if (wanted && copy_frame(c, traj_n_frames(in->traj) - 1, err) < 0)
            return is_bearable(c, err) ? 0 : -1;
        progress_update(&c->progress, filter.n_taken, 0);
        if (frame_filter_is_over(&filter, in->traj))
            break;
        more = traj_advance(in->traj, err);
    }
    if (signals_stop)
        return 0;
    struct traj_seen seen = traj_seen(in->traj);
    if (more < 0 && err->code == ERR_INPUT && c->options.input.allow_truncated)
        more = traj_adopt(in->traj, &seen, err->text, err);
    if (more >= 0 && filter.n_taken == 0)
        return traj_nothing_left(in->traj, &in->choice, err);
    return more < 0 ? -1 : 0;
}

int conversion_copy(struct conversion *c, struct err *err)
{
    const struct inputs *in = &c->inputs;
    enum progress_mode mode =
        c->options.quiet ? PROGRESS_NEVER : (enum progress_mode)c->options.progress;
    double started = clock_seconds();
    progress_init(&c->progress, stderr, mode, in->n_frames);
    int status = in->stream ? copy_stream(c, err) : copy_file(c, err);
    progress_finish(&c->progress);
    c->n_saved = save_n_frames(c->save);
    if (status == 0) {
        status = save_close(c->save, signals_stop != 0, err);
        c->save = NULL;
    } else if (in->stream && c->n_saved > 0) {
        /* What a stream that breaks off has said cannot be heard again. */
        save_close(c->save, true, NULL);
        c->save = NULL;
    }
    c->seconds = clock_seconds() - started;
    return status;
}

void conversion_fini(struct conversion *c)
{
    save_discard(c->save);
    traj_reader_destroy(c->reader);
    free(c->xyz);
    free(c->whole);
    free(c->velocity);
    free(c->force);
    inputs_close(&c->inputs);
}
