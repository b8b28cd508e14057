/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/convert_options.h"
#include "cli/inputs.h"
#include "cli/outputs.h"
#include "cli/signals.h"
#include "out/number.h"
#include "out/progress.h"
#include "save/save.h"
#include "traj/times.h"
#include "util/alloc.h"
#include "util/clock.h"

#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Everything a conversion owns, so that one place can let go of it. */
struct conversion {
    struct convert_options options;
    struct inputs inputs;
    const struct save_format *format;
    struct save_job job;
    struct save *save;
    struct traj_reader *reader;
    double *xyz, *velocity, *force;
    double *whole; /* of the atoms that unwrapping reads */
    struct progress progress;
    size_t n_saved;
    unsigned lost; /* SAVE_...: what the source has and the output cannot hold */
    bool uneven;   /* times that the format cannot hold */
    bool unread;   /* it was reading that a frame failed at */
    struct err broken_off; /* why, where the frames before it are kept all the same */
    double seconds;
};

static bool to_stdout(const struct conversion *c)
{
    return strcmp(c->options.output, SAVE_STDOUT) == 0;
}

static void print_help(void)
{
    printf("Usage: framewalk convert [TOPOLOGY] TRAJECTORY... -o OUTPUT [OPTION...]\n"
           "       framewalk convert [-s TOPOLOGY] -f TRAJECTORY -o OUTPUT "
           "[OPTION...]\n"
           "Writes a trajectory, or some of its atoms and frames, in another format. A "
           "topology is\nneeded where atoms are selected by name and for formats that "
           "name them (pdb, gro, xyz).\nDefaults are in parentheses.\n");
    convert_options_help(stdout);
    printf(
        "\nExamples:\n"
        "  framewalk convert -s conf.gro -f traj.xtc --select protein -o protein.xtc\n"
        "  framewalk convert traj.trr -b 1000 --dt 100 -o every100ps.dcd\n"
        "  framewalk convert conf.pdb traj.xtc --frames -1: -o last.pdb\n\n"
        "Exit status: 0 done, 1 run-time failure, 2 usage, 3 invalid input, 128+n "
        "stopped by\nsignal n.\n");
}

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

static int set_up(struct conversion *c, struct err *err)
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
        (!to_stdout(c) && outputs_check_path(o->output, o->force, err) < 0) ||
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
    for (size_t i = 0; i < 3 * c->job.n_atoms; i++)
        if (!isfinite(c->xyz[i]))
            return err_set(err, ERR_INPUT,
                           "%s: frame %zu: atom %zu: %c coordinate is not a number",
                           traj_frame_path(in->traj, frame), frame,
                           (size_t)in->selection.index[i / 3] + 1, "xyz"[i % 3]);
    return 0;
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

static int copy_frames(struct conversion *c, struct err *err)
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

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

/* Where the trajectory itself goes to standard output, on standard error. */
static void print_summary(const struct conversion *c, FILE *stream)
{
    const struct inputs *in = &c->inputs;
    char size[NUMBER_TEXT_BYTES + 2] = "", time[NUMBER_TEXT_BYTES];
    struct stat status;
    bool out = to_stdout(c);
    if (!out && stat(c->options.output, &status) == 0) {
        number_bytes((double)status.st_size, size);
        strcat(size, " ");
    }
    number_duration(c->seconds, time);
    fprintf(stream, "input      %s: %s, %zu frame%s of %zu atoms\n",
            in->first_trajectory, traj_format_name(in->traj), traj_n_frames(in->traj),
            plural(traj_n_frames(in->traj)), traj_n_atoms(in->traj));
    if (in->n_trajectories > 1)
        fprintf(stream, "           with %zu more file%s\n", in->n_trajectories - 1,
                plural(in->n_trajectories - 1));
    if (traj_dropped_at_seams(in->traj))
        fprintf(stream, "seams      %zu repeated frame%s dropped\n",
                traj_dropped_at_seams(in->traj),
                plural(traj_dropped_at_seams(in->traj)));
    fprintf(stream, "atoms      %zu of %zu (%s)\n", in->selection.n,
            traj_n_atoms(in->traj), in->selection_words);
    fprintf(stream, "output     %s: %s, %zu frame%s, %sin %s\n",
            out ? "standard output" : c->options.output, save_format_name(c->format),
            c->n_saved, plural(c->n_saved), size, time);
}

static const char *lost_vectors(unsigned lost)
{
    static const char *const text[] = {"", "velocities", "forces",
                                       "velocities and forces"};
    return text[(lost & SAVE_VELOCITIES ? 1 : 0) + (lost & SAVE_FORCES ? 2 : 0)];
}

/* What the output cannot hold, and what became of it. */
static void print_warnings(const struct conversion *c)
{
    unsigned holds = save_format_holds(c->format);
    const char *name = save_format_name(c->format);
    size_t cut = save_names_cut(c->format, &c->job);
    if ((holds & SAVE_EVEN_TIMES) && c->inputs.stream && c->job.has_times)
        fprintf(stderr,
                "framewalk: warning: %s files hold a first time and a step, which of a "
                "stream is not known beforehand: times are lost\n",
                name);
    if ((holds & SAVE_EVEN_TIMES) && c->uneven)
        fprintf(stderr,
                "framewalk: warning: the frames are not evenly spaced in time, and %s "
                "files hold a first time and a step only: times are lost\n",
                name);
    inputs_warn(&c->inputs, stderr);
    if (c->broken_off.code != ERR_NONE)
        fprintf(stderr, "framewalk: warning: %zu frame%s kept before damage: %s\n",
                c->n_saved, plural(c->n_saved), c->broken_off.text);
    if (c->options.input.unwrap && !c->inputs.unwrap)
        fprintf(stderr, "framewalk: warning: --unwrap left everything as it is: no "
                        "bonds are known of these atoms, or there is no box\n");
    if (c->lost)
        fprintf(stderr, "framewalk: warning: %s files cannot hold %s%s%s\n", name,
                c->lost & SAVE_BOX ? "the box" : "",
                (c->lost & SAVE_BOX) && (c->lost & ~SAVE_BOX) ? " and " : "",
                lost_vectors(c->lost));
    if (cut)
        fprintf(stderr,
                "framewalk: warning: %zu atom%s have names or residue names that are "
                "longer than the columns of a %s file, and were cut\n",
                cut, plural(cut), name);
}

static int convert(struct conversion *c, struct err *err)
{
    if (set_up(c, err) < 0)
        return -1;
    signals_install();
    if (copy_frames(c, err) < 0)
        return -1;
    if (!c->options.quiet)
        print_summary(c, to_stdout(c) ? stderr : stdout);
    print_warnings(c);
    if (fflush(stdout) != 0)
        return err_set(err, ERR_RUNTIME, "cannot write the summary");
    return 0;
}

static int run(struct conversion *c, int argc, char **argv, struct err *err)
{
    if (convert_options_parse(&c->options, argc, argv, err) < 0)
        return -1;
    if (!c->options.help)
        return convert(c, err);
    print_help();
    return fflush(stdout) == 0 ? 0 : err_set(err, ERR_RUNTIME, "cannot write");
}

int command_convert(int argc, char **argv)
{
    struct conversion conversion = {.save = NULL};
    struct err err = {0};
    int status = run(&conversion, argc, argv, &err);
    if (status < 0)
        fprintf(stderr, "framewalk: %s\n", err.text);
    save_discard(conversion.save);
    traj_reader_destroy(conversion.reader);
    free(conversion.xyz);
    free(conversion.whole);
    free(conversion.velocity);
    free(conversion.force);
    inputs_close(&conversion.inputs);
    convert_options_fini(&conversion.options);
    if (status < 0)
        return (int)err.code;
    return signals_stop ? 128 + (int)signals_stop : 0;
}
