/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/plan_output.h"
#include "cli/report_target.h"
#include "util/clock.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

struct plan_options {
    struct run_options run;
    bool json;
    const char *machine;
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
           "  framewalk plan protein.pdb trajectory.xtc --json\n");
}

static int set_up(struct plan_session *s, struct err *err)
{
    const struct run_options *o = &s->options.run;
    if (s->options.machine && machine_read(&s->machine, s->options.machine, err) < 0)
        return -1;
    if (job_open(&s->job, &s->inputs, &s->conditions, o, "plan", err) < 0 ||
        planning_target(&s->target, &s->job, &s->options.run, &s->inputs, err) < 0)
        return -1;
    const struct planning_want how = {
        .sample = true,
        .begun = s->begun,
        .machine = s->options.machine ? &s->machine : NULL,
    };
    return planning_make(&s->planning, &how, &s->job, o, &s->inputs, 0, err);
}

static int show(const struct plan_session *s, struct err *err)
{
    if (s->options.json) {
        json_t *json = plan_json(&s->planning, &s->inputs);
        int status = json ? json_dumpf(json, stdout, JSON_INDENT(2)) : -1;
        json_decref(json);
        putchar('\n');
        if (status < 0)
            return err_set(err, ERR_RUNTIME, "cannot write the plan");
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
            status = show(&session, &err);
    }
    if (status < 0)
        fprintf(stderr, "framewalk: %s\n", err.text);
    inputs_close(&session.inputs);
    run_options_fini(&session.options.run);
    return status < 0 ? (int)err.code : 0;
}
