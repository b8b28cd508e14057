/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/conditions.h"
#include "cli/inputs.h"
#include "cli/outputs.h"
#include "cli/report.h"
#include "cli/run_options.h"
#include "cli/signals.h"
#include "engine/hydro_kernel.h"
#include "engine/run.h"
#include "engine/stokes_kernel.h"
#include "out/progress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Everything a run owns, so that one place can let go of it. */
struct session {
    struct run_options options;
    struct inputs inputs;
    struct conditions conditions;
    struct hydro_options hydro;
    struct stokes_options stokes;
    struct kernel_task task[ANALYSES_MAX];
    struct machine machine;
    struct plan plan;
    struct run_result result;
    struct progress progress;
    uint64_t seed;
    FILE *human; /* where the summary goes */
};

static void print_help(void)
{
    printf("Usage: framewalk run TOPOLOGY [TRAJECTORY...] [OPTION...]\n"
           "       framewalk run -s TOPOLOGY -f TRAJECTORY [OPTION...]\n"
           "Hydrodynamic, electrical and geometric properties of every frame of a "
           "trajectory, by\nwalk-on-spheres Monte Carlo, with their means over the "
           "frames.\n"
           "Defaults are in parentheses.\n");
    run_options_help(stdout);
    printf("\nExamples:\n"
           "  framewalk run protein.pdb trajectory.xtc -o results.csv\n"
           "  framewalk run -s conf.gro -f traj.xtc --shell 1.1 --solvent water "
           "--temperature 25C\n"
           "  framewalk run body.bod --max-rsd-capacitance 0.1 -o -\n\n"
           "Exit status: 0 done, 1 run-time failure, 2 usage, 3 invalid input, 4 some "
           "frames failed or\nwere not run, 128+n stopped by signal n.\n");
}

/* A seed that people can retype and that JSON readers keep: 53 bits. */
static int draw_seed(uint64_t *seed, struct err *err)
{
    if (getrandom(seed, sizeof *seed, 0) != (ssize_t)sizeof *seed)
        return err_set(err, ERR_RUNTIME, "the system gives no random seed: use --seed");
    *seed >>= 11;
    return 0;
}

static void set_kernel_options(struct session *s)
{
    const struct run_options *o = &s->options;
    const struct body_params *file = &s->inputs.topology.params;
    s->hydro = (struct hydro_options){
        .seed = s->seed,
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
        .conditions = s->conditions.hydro,
        /* A body of balls may be as many parts as its author likes. */
        .find_groups = !s->inputs.topology.atoms.bare_balls,
    };
    s->stokes = (struct stokes_options){
        .seed = s->seed,
        .plan = {(size_t)o->stokes_sources, (size_t)o->stokes_points},
        .volume_samples =
            o->interior_samples > STOKES_VOLUME_SAMPLES && isnan(o->max_rsd_volume)
                ? o->interior_samples
                : STOKES_VOLUME_SAMPLES,
        .body = s->hydro.body,
        .conditions = s->conditions.hydro,
        .with_capacitance = analyses_have(&o->analyses, &kernel_hydro),
        .molecules = s->hydro.find_groups,
        .common_random_numbers = o->common_random_numbers,
    };
    for (size_t i = 0; i < o->analyses.n; i++) {
        const struct kernel *kernel = o->analyses.kernel[i];
        s->task[i].kernel = kernel;
        s->task[i].options =
            kernel == &kernel_stokes ? (const void *)&s->stokes : &s->hydro;
    }
}

/* Sums of what the kernels cost; memory that they need in turn is counted for each. */
static struct hydro_cost cost_of(const struct session *s)
{
    size_t balls = s->inputs.selection.n;
    const struct analyses *analyses = &s->options.analyses;
    struct hydro_cost cost = hydro_cost(&s->hydro, balls);
    if (!analyses_have(analyses, &kernel_hydro))
        cost.walk_seconds = cost.walks = 0;
    if (analyses_have(analyses, &kernel_stokes)) {
        struct hydro_cost more = stokes_cost(&s->stokes, balls);
        cost.build_seconds += more.build_seconds;
        cost.walk_seconds += more.walk_seconds;
        cost.walks += more.walks;
        cost.worker_bytes += more.worker_bytes;
    }
    return cost;
}

/* Decoding one atom of one frame, in seconds, and bytes a frame costs the parent. */
static const double DECODE_PER_ATOM = 50e-9;
static const uint64_t BYTES_PER_FRAME = 1024, BYTES_FIXED = 16 << 20;

static struct workload describe(const struct session *s)
{
    const struct inputs *in = &s->inputs;
    struct hydro_cost cost = cost_of(s);
    size_t all_atoms = in->topology.atoms.n;
    double blocks = ceil(cost.walks / 1024);
    return (struct workload){
        .frames = in->n_frames,
        .blocks_per_frame = (uint64_t)fmax(blocks, 1),
        .frame_parallel_seconds = cost.walk_seconds,
        .frame_serial_seconds =
            cost.build_seconds + DECODE_PER_ATOM * (double)all_atoms,
        .start_seconds = 0.01,
        .fixed_bytes = BYTES_FIXED + BYTES_PER_FRAME * traj_n_frames(in->traj) +
                       sizeof(struct atom) * all_atoms,
        .worker_bytes = cost.worker_bytes + run_slot_bytes(in->selection.n, 128) +
                        16 * all_atoms + (in->unwrap ? 24 * in->unwrap->n_read : 0),
        .thread_bytes = cost.thread_bytes,
    };
}

static int make_plan(struct session *s, struct err *err)
{
    const struct run_options *o = &s->options;
    struct workload workload = describe(s);
    struct plan_request request = {(enum strategy)o->strategy, o->workers, o->threads,
                                   o->cores, o->memory};
    plan_probe(&s->machine);
    return plan_decide(&s->plan, &s->machine, &workload, &request, err);
}

static struct report report_of(const struct session *s)
{
    return (struct report){&s->options, &s->inputs, &s->conditions,
                           &s->machine, &s->plan,   s->seed};
}

static int set_up(struct session *s, struct err *err)
{
    const struct run_options *o = &s->options;
    const struct inputs_want want = {
        .command = "run", .radii = true, .whole = !o->input.no_unwrap};
    if (outputs_check(&o->output, o->force, err) < 0)
        return -1;
    s->human = outputs_use_stdout(&o->output) ? stderr : stdout;
    if (inputs_open(&s->inputs, &o->input, &want, err) < 0 ||
        conditions_resolve(&s->conditions, o, &s->inputs, err) < 0)
        return -1;
    s->seed = o->seed;
    if (!o->seed_text && draw_seed(&s->seed, err) < 0)
        return -1;
    set_kernel_options(s);
    return make_plan(s, err);
}

static void show_progress(void *context, size_t done, size_t failed)
{
    progress_update(context, done, failed);
}

static int compute(struct session *s, struct err *err)
{
    const struct run_options *o = &s->options;
    const struct inputs *in = &s->inputs;
    struct run_job job = {
        .traj = in->traj,
        .frame = in->frame,
        .n_frames = in->n_frames,
        .atom = in->selection.index,
        .n_atoms = in->selection.n,
        .radius = in->radius,
        .unwrap = in->unwrap,
        .task = s->task,
        .n_tasks = o->analyses.n,
        .workers = s->plan.workers,
        .threads = s->plan.threads,
        .retries = (unsigned)o->retries,
        .max_seconds = o->max_run_time,
        .stop = &signals_stop,
        .tick = show_progress,
        .tick_context = &s->progress,
    };
    enum progress_mode mode =
        o->quiet ? PROGRESS_NEVER : (enum progress_mode)o->progress;
    progress_init(&s->progress, stderr, mode, in->n_frames);
    fflush(NULL); /* nothing may be buffered twice by the fork */
    int status = run_job(&job, &s->result, err);
    progress_finish(&s->progress);
    return status;
}

static struct results table_of(const struct session *s,
                               const struct report_facts *facts)
{
    const struct run_result *r = &s->result;
    return (struct results){
        .n_frames = r->n_frames,
        .row = r->row,
        .n_columns = r->n_columns,
        .column = r->column,
        .width = r->width,
        .value = r->value,
        .std = r->std,
        .common_noise = s->options.common_random_numbers,
        .n_provenance = facts->n,
        .provenance = facts->fact,
    };
}

/* A frame that fails is one of many; where all fail, the input as a whole is wrong and
   the first message says how. */
static int all_failed(const struct session *s, struct err *err)
{
    const struct run_result *r = &s->result;
    if (r->n_failed == 0 || r->n_failed < r->n_frames)
        return 0;
    const char *reason = r->row[0].reason ? r->row[0].reason : "out of memory";
    if (r->n_frames == 1)
        return err_set(err, r->failure, "%s", reason);
    return err_set(err, r->failure, "all %zu frames failed, the first one because: %s",
                   r->n_frames, reason);
}

static int deliver(struct session *s, struct err *err)
{
    struct report report = report_of(s);
    struct report_facts facts;
    report_facts(&facts, &report);
    struct results results = table_of(s, &facts);
    results.plan = report_plan_json(&report);
    results.stages = report_stages_json(&s->result);
    int status = outputs_save(&s->options.output, &results, s->result.stopped, err);
    if (status == 0 && !s->options.quiet)
        status = report_end(&report, &s->result, &results, s->human, err);
    report_warnings(&report, &s->result, stderr);
    json_decref(results.plan);
    json_decref(results.stages);
    return status;
}

static int exit_status(const struct session *s)
{
    if (signals_stop)
        return 128 + (int)signals_stop;
    return s->result.n_failed || s->result.n_not_run ? 4 : 0;
}

static int run_session(struct session *s, struct err *err)
{
    struct report report = report_of(s);
    if (set_up(s, err) < 0)
        return -1;
    report = report_of(s);
    if (!s->options.quiet)
        report_begin(&report, s->human);
    signals_install();
    if (compute(s, err) < 0 || all_failed(s, err) < 0)
        return -1;
    return deliver(s, err);
}

int command_run(int argc, char **argv)
{
    struct session session = {.human = stdout};
    struct err err = {0};
    int status = run_options_parse(&session.options, argc, argv, &err);
    if (status == 0 && session.options.help) {
        print_help();
        status = fflush(stdout) == 0 ? 0 : ERR_RUNTIME;
    } else {
        if (status == 0)
            status = run_session(&session, &err);
        if (status < 0) {
            fprintf(stderr, "framewalk: %s\n", err.text);
            status = (int)err.code;
        } else {
            status = exit_status(&session);
        }
    }
    run_fini(&session.result);
    inputs_close(&session.inputs);
    run_options_fini(&session.options);
    return status;
}
