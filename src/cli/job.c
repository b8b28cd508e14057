/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/job.h"

#include "hydro/cell_lists.h"
#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void set_hydro(struct job *job, const struct run_options *o,
                      const struct inputs *in, const struct conditions *conditions,
                      uint64_t seed)
{
    const struct body_params *file = &in->topology.params;
    job->hydro = (struct hydro_options){
        .seed = seed,
        .walks = o->walks,
        .min_walks = o->min_walks,
        .common_random_numbers = o->common_random_numbers,
        .no_control_variate = o->no_control_variate,
        .interior_samples = o->interior_samples,
        .max_rsd_capacitance = o->max_rsd_capacitance,
        .max_rsd_polarizability = o->max_rsd_polarizability,
        .max_rsd_volume = o->max_rsd_volume,
        .body = {isnan(o->launch_radius) ? file->launch_radius_a : o->launch_radius,
                 isnan(o->skin) ? file->skin_a : o->skin},
        .conditions = conditions->hydro,
        /* A body of balls may be as many parts as its author likes. */
        .find_groups = !in->topology.atoms.bare_balls,
    };
}

static void set_stokes(struct job *job, const struct run_options *o)
{
    bool more = o->interior_samples > STOKES_VOLUME_SAMPLES && isnan(o->max_rsd_volume);
    job->stokes = (struct stokes_options){
        .seed = job->hydro.seed,
        .plan = {(size_t)o->stokes_sources, (size_t)o->stokes_points},
        .volume_samples = more ? o->interior_samples : STOKES_VOLUME_SAMPLES,
        .body = job->hydro.body,
        .conditions = job->hydro.conditions,
        .with_capacitance = job->with_hydro,
        .molecules = job->hydro.find_groups,
        .common_random_numbers = o->common_random_numbers,
    };
}

static void point_tasks(struct job *job)
{
    for (size_t i = 0; i < job->n_tasks; i++)
        job->task[i].options = job->task[i].kernel == &kernel_stokes
                                   ? (const void *)&job->stokes
                                   : &job->hydro;
}

void job_init(struct job *job, const struct run_options *options,
              const struct inputs *inputs, const struct conditions *conditions,
              uint64_t seed)
{
    const struct analyses *analyses = &options->analyses;
    *job = (struct job){.cell_lists = NAN};
    job->with_hydro = analyses_have(analyses, &kernel_hydro);
    job->with_stokes = analyses_have(analyses, &kernel_stokes);
    set_hydro(job, options, inputs, conditions, seed);
    set_stokes(job, options);
    job->mass = conditions->mass_source == MASS_ATOMS ? inputs->mass : NULL;
    job->n_tasks = analyses->n;
    for (size_t i = 0; i < analyses->n; i++)
        job->task[i].kernel = analyses->kernel[i];
    point_tasks(job);
}

int job_open(struct job *job, struct inputs *inputs, struct conditions *conditions,
             const struct run_options *o, const char *command, struct err *err)
{
    const struct inputs_want want = {
        .command = command, .radii = true, .whole = !o->input.no_unwrap};
    if (inputs_open(inputs, &o->input, &want, err) < 0 ||
        conditions_resolve(conditions, o, inputs, err) < 0)
        return -1;
    job_init(job, o, inputs, conditions, o->seed);
    return 0;
}

void job_copy(struct job *copy, const struct job *job)
{
    *copy = *job;
    point_tasks(copy);
}

/* Of the Stokes flow alone: cells of the walks that find its points. */
static struct hydro_cost cost_of_cells(const struct job *job, double walks,
                                       size_t balls, bool boxes, uint64_t n_frames)
{
    struct hydro_options few = job->hydro;
    few.walks = (uint64_t)walks;
    few.max_rsd_capacitance = few.max_rsd_polarizability = NAN;
    few.no_control_variate = true;
    struct hydro_cost cost = hydro_cost(&few, balls, boxes, n_frames, job->cell_lists);
    cost.pilot = cost.walks = cost.samples = (struct cost_part){0, 1};
    cost.serial_seconds = cost.derive_seconds = cost.cells_seconds = 0;
    return cost;
}

/* Sums of what the kernels cost; memory that they need in turn is counted for each. */
static struct hydro_cost cost_of(const struct job *job, size_t balls, bool boxes,
                                 uint64_t n_frames)
{
    struct hydro_cost more = {0}, cost;
    if (job->with_stokes)
        more = stokes_cost(&job->stokes, balls);
    cost = job->with_hydro
               ? hydro_cost(&job->hydro, balls, boxes, n_frames, job->cell_lists)
               : cost_of_cells(job, more.n_walks, balls, boxes, n_frames);
    if (job->known_walks > 0 && cost.n_walks > 0) {
        double ratio = job->known_walks / cost.n_walks;
        cost.walks.seconds *= ratio;
        cost.walks.blocks = (uint64_t)ceil((double)cost.walks.blocks * ratio);
        cost.n_walks = job->known_walks;
    }
    cost.serial_seconds += more.serial_seconds;
    cost.stokes = more.stokes;
    cost.frame_bytes += more.frame_bytes;
    return cost;
}

double job_cell_lists(const struct inputs *in)
{
    size_t n = in->selection.n;
    double bytes = NAN, *xyz = NULL;
    struct traj_reader *reader = NULL;
    struct frame_info info;
    if (!in->traj || in->stream || in->updating || in->unwrap || n == 0 ||
        in->n_frames == 0 || traj_frames_vary(in->traj))
        return NAN;
    xyz = alloc_zeroed(n, 3 * sizeof *xyz, "a frame", NULL);
    reader = xyz ? traj_reader_create(in->traj, NULL) : NULL;
    if (reader &&
        traj_read(reader, in->frame[0], in->selection.index, n, xyz, &info, NULL) == 0)
        bytes = cell_lists_bytes(n, xyz, in->radius, in->half);
    traj_reader_destroy(reader);
    free(xyz);
    return bytes;
}

static struct workload_part part_of(struct cost_part part, double rate)
{
    return (struct workload_part){part.seconds * rate, part.blocks};
}

/* Bytes a frame costs the parent; and what is there for any, most of it pages of the
   program and its libraries, which all processes share. */
static const uint64_t BYTES_PER_FRAME = 128, BYTES_FIXED = 9 << 19;

/* Bytes an atom costs the parent: itself, its place, radius and mass; 73 to 113 in
   files of 3,000 to 48,000 atoms. */
static const uint64_t BYTES_PER_ATOM = 110;

/* Predictions of memory are to be kept: what is measured scatters by so much. */
static const double BYTES_MARGIN = 1.06;

/* A run's beginning and end: the first worker, files; for each ball, and for each row
   of an output. */
static const double RUN_SECONDS = 6e-3, RUN_PER_BALL = 4e-7, RUN_PER_ROW = 4.5e-5;

/* Reading a frame, however few atoms it has, in seconds. */
static const double READ_FRAME = 7e-6;

/* Decoding one atom of one frame: numbers that are text, packed, plain. */
static double decode_seconds(const struct inputs *in)
{
    static const char *const texts[] = {"XYZ", "PDB", "GRO", "bod"};
    const char *name = traj_format_name(in->traj);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcasecmp(name, texts[i]) == 0)
            return 250e-9;
    return strcmp(name, "XTC") == 0 ? 50e-9 : 15e-9;
}

/* Bytes an atom costs a worker that selects for itself: places, twice where molecules
   are made whole, masks, trees. */
static const uint64_t WORDS_PER_ATOM = 96;

/* What is not known of a stream: plenty, so that each core gets frames of its own. */
static const uint64_t STREAM_FRAMES = 1000000;

/* --frames may say how many frames of a stream can be wanted at most. */
static uint64_t stream_frames(const struct inputs *in)
{
    struct frame_filter filter;
    if (frame_filter_init(&filter, &in->choice, NULL) < 0 ||
        filter.stop <= filter.start)
        return 1;
    uint64_t most = (filter.stop - filter.start - 1) / filter.step + 1;
    return most < STREAM_FRAMES ? most : STREAM_FRAMES;
}

static uint64_t margin(uint64_t bytes)
{
    return (uint64_t)(BYTES_MARGIN * (double)bytes);
}

struct workload job_workload(const struct job *job, const struct inputs *in,
                             const struct rates *rates, size_t n_done)
{
    size_t n_balls = in->updating ? in->n_first : in->selection.n;
    uint64_t frames = in->stream              ? stream_frames(in)
                      : n_done < in->n_frames ? in->n_frames - n_done
                                              : 1;
    struct hydro_cost cost = cost_of(job, n_balls, in->half != NULL, frames);
    size_t all_atoms = in->topology.atoms.n;
    uint64_t own = cost.worker_bytes +
                   run_slot_bytes(in->selection.n, 128, in->stream, frames) +
                   16 * all_atoms + (in->unwrap ? 24 * in->unwrap->n_read : 0) +
                   (in->updating ? WORDS_PER_ATOM * all_atoms : 0);
    uint64_t first = own < cost.thread_bytes ? own : cost.thread_bytes;
    return (struct workload){
        .frames = frames,
        .open_ended = in->stream,
        .helps = true,
        .read_seconds =
            rates->read * (READ_FRAME + decode_seconds(in) * (double)all_atoms),
        .build_seconds = rates->build * cost.build_seconds,
        .serial_seconds =
            cost.serial_seconds * (job->with_stokes ? rates->stokes : rates->walks),
        .derive_seconds = cost.derive_seconds,
        .part = {[WORKLOAD_PILOT] = part_of(cost.pilot, rates->walks),
                 [WORKLOAD_WALKS] = part_of(cost.walks, rates->walks),
                 [WORKLOAD_SAMPLES] = part_of(cost.samples, rates->samples),
                 [WORKLOAD_STOKES] = part_of(cost.stokes, rates->stokes)},
        .first_seconds = cost.first_seconds,
        .cells_seconds = rates->walks * cost.cells_seconds,
        .walks = job->with_hydro ? cost.n_walks : 0,
        .start_seconds = RUN_SECONDS + RUN_PER_BALL * (double)in->selection.n,
        .end_seconds = in->stream ? 0 : RUN_PER_ROW * (double)frames,
        .fixed_bytes = margin(BYTES_FIXED + BYTES_PER_FRAME * traj_n_frames(in->traj) +
                              BYTES_PER_ATOM * all_atoms),
        .worker_bytes = margin(own - first),
        .frame_bytes = margin(cost.frame_bytes),
        .thread_bytes = margin(cost.thread_bytes),
    };
}

struct run_job job_run(const struct job *job, const struct inputs *in)
{
    return (struct run_job){
        .traj = in->traj,
        .frame = in->frame,
        .n_frames = in->n_frames,
        .stream = in->stream ? in->traj : NULL,
        .choice = &in->choice,
        .atom = in->selection.index,
        .n_atoms = in->selection.n,
        .radius = in->radius,
        .half = in->half,
        .unwrap = in->unwrap,
        .words = in->updating ? &in->frame_words : NULL,
        .mass = job->mass,
        .task = job->task,
        .n_tasks = job->n_tasks,
        .max_seconds = NAN,
        .frame_seconds = NAN,
    };
}
