/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/conditions.h"
#include "cli/inputs.h"
#include "cli/outputs.h"
#include "cli/planning.h"
#include "cli/report.h"
#include "cli/report_target.h"
#include "cli/resume.h"
#include "cli/run_options.h"
#include "cli/signals.h"
#include "engine/run.h"
#include "out/progress.h"
#include "util/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Everything a run owns, so that one place can let go of it. */
struct session {
    struct run_options options;
    struct inputs inputs;
    struct resume resume;
    struct conditions conditions;
    struct job job;
    struct planning planning;
    struct target target;
    struct run_result result;
    struct progress progress;
    double begun;
    uint64_t seed;
    bool seed_resumed;
    bool saved;      /* all outputs */
    bool broken_off; /* a stream that was cut short or damaged */
    FILE *human;     /* where the summary goes */
    int argc;        /* of the command, */
    char **argv;     /* to say how it can be gone on with */
};

static void print_help(void)
{
    printf("Usage: framewalk run TOPOLOGY [TRAJECTORY...] [OPTION...]\n"
           "       framewalk run -s TOPOLOGY -f TRAJECTORY [OPTION...]\n"
           "Hydrodynamic, electrical and geometric properties of every frame of a "
           "trajectory, by\nwalk-on-spheres Monte Carlo, with their means over the "
           "frames.\n"
           "Defaults are in parentheses.\n");
    run_options_help(stdout, NULL);
    printf(
        "\nExamples:\n"
        "  framewalk run protein.pdb trajectory.xtc -o results.csv\n"
        "  framewalk run -s conf.gro -f traj.xtc --shell 1.1 --solvent water "
        "--temperature 25C\n"
        "  framewalk run body.bod --max-rsd-capacitance 0.1 -o -\n\n"
        "Exit status: 0 done, 1 run-time failure, 2 usage, 3 invalid input, 4 some "
        "frames failed or\nwere not run, 5 --resume does not match, 128+n stopped by "
        "signal n.\n\nSignals: INT, TERM and HUP end a run with what is complete in "
        "OUTPUT.partial, and a\nsecond one at once; USR1 prints how far it is.\n");
}

/* A seed that people can retype and that JSON readers keep: 53 bits. */
static int draw_seed(uint64_t *seed, struct err *err)
{
    if (getrandom(seed, sizeof *seed, 0) != (ssize_t)sizeof *seed)
        return err_set(err, ERR_RUNTIME, "the system gives no random seed: use --seed");
    *seed >>= 11;
    return 0;
}

/* Where both counts are given there is nothing to measure for. */
static int make_plan(struct session *s, struct err *err)
{
    const struct run_options *o = &s->options;
    const struct planning_want want = {.sample = !(o->workers && o->threads),
                                       .begun = s->begun};
    if (planning_make(&s->planning, &want, &s->job, o, &s->inputs,
                      resume_n_done(&s->resume), err) < 0)
        return -1;
    if (s->inputs.stream)
        s->planning.plan.predicted_seconds = NAN;
    return 0;
}

static struct report report_of(const struct session *s)
{
    return (struct report){&s->options,          &s->inputs,        &s->conditions,
                           &s->planning.machine, &s->planning.plan, s->seed,
                           s->seed_resumed};
}

/* The user's, else that of the run that is gone on with, else a new one. */
static int choose_seed(struct session *s, struct err *err)
{
    s->seed = s->options.seed;
    if (s->options.seed_text)
        return 0;
    s->seed_resumed = resume_seed(&s->resume, &s->options, &s->seed);
    return s->seed_resumed ? 0 : draw_seed(&s->seed, err);
}

static int set_up(struct session *s, struct err *err)
{
    const struct run_options *o = &s->options;
    const struct inputs_want want = {
        .command = "run", .radii = true, .whole = !o->input.no_unwrap};
    /* A run that is gone on with may have written some of its outputs before. */
    if (outputs_check(&o->output, o->force || o->resume, err) < 0 ||
        resume_open(&s->resume, o, err) < 0)
        return -1;
    if (resume_n_done(&s->resume) == 0 && outputs_check(&o->output, o->force, err) < 0)
        return -1;
    s->human = outputs_use_stdout(&o->output) ? stderr : stdout;
    if (inputs_open(&s->inputs, &o->input, &want, err) < 0 ||
        conditions_resolve(&s->conditions, o, &s->inputs, err) < 0)
        return -1;
    if (s->inputs.half && analyses_have(&o->analyses, &kernel_stokes))
        return err_set(err, ERR_USAGE,
                       "--analysis stokes is for bodies of balls, and %s has boxes",
                       s->inputs.topology_path);
    if (choose_seed(s, err) < 0)
        return -1;
    job_init(&s->job, o, &s->inputs, &s->conditions, s->seed);
    if (planning_target(&s->target, &s->job, &s->options, &s->inputs, err) < 0)
        return -1;
    struct report report = report_of(s);
    if (resume_match(&s->resume, &report, err) < 0)
        return -1;
    return make_plan(s, err);
}

static void log_frame(void *context, const struct result_row *row)
{
    struct progress *progress = context;
    progress_clear(progress);
    report_frame(row, progress->stream);
}

static void show_progress(void *context, size_t done, size_t failed)
{
    progress_update(context, done, failed);
    if (signals_progress) {
        signals_progress = 0;
        progress_print(context);
    }
}

static int compute(struct session *s, struct err *err)
{
    const struct run_options *o = &s->options;
    struct run_job job = job_run(&s->job, &s->inputs);
    job.workers = s->planning.plan.workers;
    job.threads = s->planning.plan.threads;
    job.retries = (unsigned)o->retries;
    job.max_seconds = o->max_run_time;
    job.frame_seconds = o->frame_timeout;
    job.journal = s->resume.journal;
    job.stop = &signals_stop;
    job.tick = show_progress;
    if (o->verbose > 1)
        job.frame_ended = log_frame;
    job.tick_context = &s->progress;
    enum progress_mode mode =
        o->quiet ? PROGRESS_NEVER : (enum progress_mode)o->progress;
    progress_init(&s->progress, stderr, mode, s->inputs.n_frames);
    /* What is known of a stream counts when it comes again. */
    if (!s->inputs.stream)
        s->progress.restored = s->progress.done = resume_n_done(&s->resume);
    fflush(NULL); /* nothing may be buffered twice by the fork */
    struct bind *bind = NULL;
    if (o->bind != BIND_NONE && !(bind = bind_create((enum bind_mode)o->bind, err)))
        return -1;
    job.bind = bind;
    int status = run_job(&job, &s->result, err);
    bind_destroy(bind);
    progress_finish(&s->progress);
    return status;
}

static struct results table_of(const struct session *s,
                               const struct report_facts *facts)
{
    struct results results = run_table(&s->result);
    results.common_noise = s->options.common_random_numbers;
    results.n_provenance = facts->n;
    results.provenance = facts->fact;
    results.n_stages = STAGE_N;
    results.stage = kernel_stage_name;
    return results;
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

/* What the reader of a stream has found, for the counts and warnings that follow. -1
   where it is not the end that a run may have. */
static int end_stream(struct session *s, struct err *err)
{
    struct run_result *r = &s->result;
    struct inputs *in = &s->inputs;
    struct traj_seen *seen = &r->end.seen;
    const struct err *why = &r->end.err;
    bool damaged = why->code != ERR_NONE;
    bool bearable =
        damaged && why->code == ERR_INPUT && s->options.input.allow_truncated;
    /* A reader that was stopped has told nothing. */
    if (r->n_frames && r->row[r->n_frames - 1].frame >= seen->n_frames)
        seen->n_frames = r->row[r->n_frames - 1].frame + 1;
    in->n_frames = r->n_frames;
    if (traj_adopt(in->traj, seen, bearable ? why->text : NULL, err) < 0)
        return -1;
    if (damaged && !bearable)
        return err_set(err, why->code, "%s", why->text);
    if (r->n_frames == 0 && !r->stopped && !r->out_of_time)
        return traj_nothing_left(in->traj, &in->choice, err);
    return 0;
}

/* Whether the outputs hold less than they will when the run is gone on with. */
static bool is_partial(const struct session *s)
{
    return s->result.stopped || s->broken_off || s->result.journal_err.code != ERR_NONE;
}

static int deliver(struct session *s, struct err *err)
{
    struct report report = report_of(s);
    struct report_facts facts;
    report_facts(&facts, &report);
    struct results results = table_of(s, &facts);
    results.plan = report_plan_json(&report);
    results.stages = report_stages_json(&s->result);
    int status = outputs_save(&s->options.output, &results, is_partial(s), err);
    if (status == 0 && s->options.resume && !is_partial(s))
        outputs_remove_partial(&s->options.output);
    s->saved = status == 0;
    if (status == 0 && !s->options.quiet)
        status = report_end(&report, &s->result, &results, s->human, err);
    if (status == 0 && !s->options.quiet && !isnan(s->target.percent))
        report_target_reached(&s->target, &results, s->human);
    report_warnings(&report, &s->result, stderr);
    json_decref(results.plan);
    json_decref(results.stages);
    if (s->result.journal_err.code != ERR_NONE) {
        *err = s->result.journal_err;
        return -1;
    }
    return status;
}

/* Lets go of the journal, and says how to go on where that would add something: frames
   that failed for reasons of their own would fail again. */
static int finish_journal(struct session *s, struct err *err)
{
    const struct run_result *r = &s->result;
    bool complete = s->saved && !is_partial(s) && r->n_not_run == 0 &&
                    (r->n_failed == 0 || r->failure == ERR_INPUT);
    bool ran = r->row != NULL;
    if (signals_stop) {
        char name[SIGNALS_NAME_BYTES];
        fprintf(stderr, "framewalk: stopped by %s\n",
                signals_name((int)signals_stop, name));
    }
    if (ran && !complete && !s->broken_off &&
        (resume_n_done(&s->resume) > 0 || signals_stop))
        resume_explain(&s->resume, s->inputs.stream, s->argc, s->argv, stderr);
    return resume_close(&s->resume, complete, err);
}

static int exit_status(const struct session *s)
{
    if (signals_stop)
        return 128 + (int)signals_stop;
    bool cut_off = s->inputs.stream && s->result.out_of_time && !s->result.end.reached;
    return s->result.n_failed || s->result.n_not_run || cut_off ? 4 : 0;
}

static int run_session(struct session *s, struct err *err)
{
    signals_begin();
    if (set_up(s, err) < 0)
        return -1;
    struct report report = report_of(s);
    if (!s->options.quiet)
        report_begin(&report, s->human);
    if (!s->options.quiet && !isnan(s->target.percent))
        report_target(&s->target, s->inputs.n_frames, s->human);
    if (s->resume.absent)
        fprintf(stderr,
                "framewalk: warning: --resume: %s is not there or empty: the run "
                "starts at the beginning\n",
                s->resume.path);
    signals_install();
    if (compute(s, err) < 0)
        return -1;
    /* A stream that breaks off cannot be read again: what was complete is kept. */
    if (s->inputs.stream && end_stream(s, err) < 0) {
        struct err also;
        s->broken_off = true;
        if (s->result.n_frames)
            deliver(s, &also);
        return -1;
    }
    if (all_failed(s, err) < 0)
        return -1;
    return deliver(s, err);
}

int command_run(int argc, char **argv)
{
    struct session session = {
        .human = stdout, .argc = argc, .argv = argv, .begun = clock_seconds()};
    struct err err = {0}, why = {0};
    int status = run_options_parse(&session.options, NULL, argc, argv, &err);
    if (status == 0 && session.options.help) {
        print_help();
        status = fflush(stdout) == 0 ? 0 : ERR_RUNTIME;
    } else {
        if (status == 0)
            status = run_session(&session, &err);
        if (status < 0)
            fprintf(stderr, "framewalk: %s\n", err.text);
        if (finish_journal(&session, &why) < 0 && status == 0) {
            fprintf(stderr, "framewalk: %s\n", why.text);
            err = why;
            status = -1;
        }
        status = status < 0 ? (int)err.code : exit_status(&session);
    }
    run_fini(&session.result);
    inputs_close(&session.inputs);
    run_options_fini(&session.options);
    return status;
}
