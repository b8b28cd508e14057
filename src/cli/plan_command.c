/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/outputs.h"
#include "cli/plan_output.h"
#include "cli/plan_simulate.h"
#include "cli/report_target.h"
#include "out/writer.h"
#include "util/clock.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

struct plan_options {
    struct run_options run;
    bool json;
    const char *machine, *replay;
    bool simulate;
    uint64_t as_frames;
};

#define AT(field) offsetof(struct plan_options, field)

static const struct option_spec plan_table[] = {
    {0, "json", NULL, OPTION_FLAG, AT(json), 0, 0, 0, 0, "Planning",
     "one JSON object instead of the table: plan, candidates,\n"
     "machine, workload"},
    {0, "machine", "FILE", OPTION_TEXT, AT(machine), 0, 0, 0, 0, 0,
     "plan for a machine that was recorded: the JSON of plan --json\n"
     "there, or copies of its /proc and /sys by\n"
     "t/machines/record.sh (this machine)"},
    {0, "as-frames", "N", OPTION_U64, AT(as_frames), 1, 1e9, 0, 0, 0,
     "plan as if there were so many frames of this kind"},
    {0, "simulate", NULL, OPTION_FLAG, AT(simulate), 0, 0, 0, 0, 0,
     "the job on 2, 4, ... 512 cores (or --cores N), frame by frame\n"
     "in an event-driven simulation, beside rules of thumb; with\n"
     "-o FILE.svg a plot"},
    {0, "replay", "FILE", OPTION_TEXT, AT(replay), 0, 0, 0, 0, 0,
     "simulate frames with the costs that the JSON of a run tells;\n"
     "no other input is needed"},
    {0, NULL, NULL, OPTION_FLAG, 0, 0, 0, 0, 0, 0, NULL},
};

struct plan_session {
    struct plan_options options;
    struct inputs inputs;
    struct conditions conditions;
    struct job job;
    struct machine machine;
    struct planning planning;
    struct target target;
    struct replay replay;
    struct replay_row row[REPLAY_ROWS_MAX];
    int n_rows; /* 0: nothing is simulated */
    double begun;
};

static void print_help(const struct option_part *more)
{
    printf("Usage: framewalk plan TOPOLOGY [TRAJECTORY...] [OPTION...]\n"
           "What framewalk run would do with the same arguments, and why: layouts of "
           "workers and\nthreads with predicted time, speed-up, efficiency and memory, "
           "and the one it would\nchoose. Nothing is written.\n"
           "Defaults are in parentheses.\n");
    run_options_help(stdout, more);
    printf("\nExamples:\n"
           "  framewalk plan protein.pdb trajectory.xtc --walks 1e6\n"
           "  framewalk plan protein.pdb trajectory.xtc --cores 64 --memory 16G\n"
           "  framewalk plan protein.pdb trajectory.xtc --json\n"
           "  framewalk plan protein.pdb trajectory.xtc --as-frames 1000 --simulate\n"
           "  framewalk plan --replay results.json\n");
}

/* What is simulated is the job's workload, or that of a run. */
static int simulate(struct plan_session *s, struct err *err)
{
    if (s->options.replay && replay_read(&s->replay, s->options.replay, err) < 0)
        return -1;
    if (!s->options.replay) {
        s->replay.workload = s->planning.workload;
        /* What this command took for its plan is no part of a run elsewhere. */
        s->replay.workload.start_seconds -= s->planning.plan_seconds;
        if (s->replay.workload.open_ended)
            return err_set(
                err, ERR_USAGE,
                "--simulate: nobody knows how many frames a stream has: give "
                "--as-frames");
    }
    if (!s->options.machine && s->options.replay)
        plan_probe(&s->machine);
    else if (!s->options.machine)
        s->machine = s->planning.machine;
    const struct run_options *o = &s->options.run;
    struct plan_request request = {(enum strategy)o->strategy, o->workers, o->threads,
                                   o->cores, o->memory};
    if (s->options.machine && !request.cores)
        request.cores = s->machine.cores;
    s->n_rows = replay_simulate(s->row, &s->replay, &s->machine, &request, err);
    return s->n_rows < 0 ? -1 : 0;
}

static bool is_plot(const char *path)
{
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".svg") == 0;
}

/* Outputs of a run are left alone, but should be such; plots of a simulation are
   written. */
static int check_outputs(const struct plan_session *s, struct err *err)
{
    const struct run_options *o = &s->options.run;
    for (size_t i = 0; i < o->output.n; i++) {
        const char *path = o->output.at[i];
        bool plot = is_plot(path);
        if (!plot && !writer_for(path))
            return err_set(err, ERR_USAGE,
                           "--output: %s: unknown extension (known: .svg %s)", path,
                           writer_extensions());
        if (plot && !s->options.simulate && !s->options.replay)
            return err_set(err, ERR_USAGE,
                           "--output: %s: a plot needs --simulate or --replay", path);
        if (plot && outputs_check_path(path, o->force, err) < 0)
            return -1;
    }
    return 0;
}

static int set_up(struct plan_session *s, struct err *err)
{
    const struct run_options *o = &s->options.run;
    if (check_outputs(s, err) < 0)
        return -1;
    if (s->options.machine && machine_read(&s->machine, s->options.machine, err) < 0)
        return -1;
    if (s->options.replay)
        return simulate(s, err);
    if (job_open(&s->job, &s->inputs, &s->conditions, o, "plan", err) < 0 ||
        planning_target(&s->target, &s->job, &s->options.run, &s->inputs, err) < 0)
        return -1;
    const struct planning_want how = {
        .sample = true,
        .begun = s->begun,
        .as_frames = s->options.as_frames,
        .machine = s->options.machine ? &s->machine : NULL,
    };
    if (planning_make(&s->planning, &how, &s->job, o, &s->inputs, 0, err) < 0)
        return -1;
    return s->options.simulate ? simulate(s, err) : 0;
}

static int show_json(const struct plan_session *s)
{
    json_t *json =
        s->options.replay ? json_object() : plan_json(&s->planning, &s->inputs);
    if (s->n_rows)
        json_object_set_new(json, "simulation", replay_json(s->row, s->n_rows));
    int status = json ? json_dumpf(json, stdout, JSON_INDENT(2)) : -1;
    json_decref(json);
    putchar('\n');
    return status;
}

static int save_plots(const struct plan_session *s, struct err *err)
{
    const struct run_options *o = &s->options.run;
    for (size_t i = 0; i < o->output.n; i++)
        if (is_plot(o->output.at[i]) &&
            replay_plot(s->row, s->n_rows, o->output.at[i], err) < 0)
            return -1;
    return 0;
}

static int show(const struct plan_session *s, struct err *err)
{
    if (s->options.json) {
        int status = show_json(s);
        if (status < 0)
            return err_set(err, ERR_RUNTIME, "cannot write the plan");
    } else if (s->n_rows) {
        replay_print(s->row, s->n_rows, &s->replay, stdout);
    } else {
        plan_print(&s->planning, &s->inputs, s->options.run.verbose, stdout);
        if (!isnan(s->target.percent))
            report_target(&s->target, s->inputs.n_frames, stdout);
    }
    if (fflush(stdout) != 0 || ferror(stdout))
        return err_set(err, ERR_RUNTIME, "cannot write the plan: %s", strerror(errno));
    return 0;
}

int command_plan(int argc, char **argv)
{
    struct plan_session session = {.begun = clock_seconds()};
    struct err err = {0};
    const struct option_part more = {plan_table, &session.options};
    int status = run_options_parse(&session.options.run, &more, argc, argv, &err);
    if (status == 0 && session.options.run.help) {
        print_help(&more);
        status = fflush(stdout) == 0 ? 0 : -1;
    } else if (status == 0) {
        status = set_up(&session, &err);
        if (status == 0)
            status = save_plots(&session, &err);
        if (status == 0)
            status = show(&session, &err);
    }
    if (status < 0)
        fprintf(stderr, "framewalk: %s\n", err.text);
    replay_free(&session.replay);
    inputs_close(&session.inputs);
    run_options_fini(&session.options.run);
    return status < 0 ? (int)err.code : 0;
}
