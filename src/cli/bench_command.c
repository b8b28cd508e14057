/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/bench_private.h"
#include "cli/command.h"
#include "cli/outputs.h"
#include "cli/signals.h"
#include "util/clock.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT(field) offsetof(struct bench_options, field)

static const struct option_spec bench_table[] = {
    {0, "layouts", "LIST", OPTION_TEXT, AT(layouts), 0, 0, 0, 0, "Bench",
     "what to measure, with commas: 1x1,2x1,1x2 (workers x threads;\n"
     "those that make sense here, serial first)"},
    {0, "repeats", "N", OPTION_U64, AT(repeats), 1, BENCH_REPEATS_MAX, 0, 0, 0,
     "of each layout, in turn; medians are told (3)"},
    {0, NULL, NULL, OPTION_FLAG, 0, 0, 0, 0, 0, 0, NULL},
};

static void print_help(const struct option_part *more)
{
    printf(
        "Usage: framewalk bench TOPOLOGY [TRAJECTORY...] [OPTION...]\n"
        "Strong scaling: runs the job of framewalk run in several layouts of workers "
        "and threads,\nin turn, and tells time, speed-up, efficiency, stages and how "
        "far predictions were off;\nchecks that all results are the same bytes. -o "
        "takes .json, .csv and .svg (a plot).\n"
        "Defaults are in parentheses.\n");
    run_options_help(stdout, more);
    printf(
        "\nExamples:\n"
        "  framewalk bench protein.pdb trajectory.xtc --frames :20\n"
        "  framewalk bench protein.pdb trajectory.xtc --layouts 1x1,2x1,1x2 -o "
        "scaling.svg\n\nExit status: as of framewalk run; 1 where results differ.\n");
}

/* ---- layouts ---- */

static int add_layout(struct bench *bench, unsigned workers, unsigned threads,
                      struct err *err)
{
    for (size_t i = 0; i < bench->n; i++)
        if (bench->layout[i].workers == workers && bench->layout[i].threads == threads)
            return 0;
    if (bench->n == BENCH_LAYOUTS_MAX)
        return err_set(err, ERR_USAGE, "--layouts: more than %d", BENCH_LAYOUTS_MAX);
    bench->layout[bench->n++] =
        (struct bench_layout){.workers = workers, .threads = threads, .same = true};
    return 0;
}

static int parse_layouts(struct bench *bench, const char *text, struct err *err)
{
    for (const char *at = text; *at;) {
        char *end;
        unsigned long workers = strtoul(at, &end, 10), threads = 0;
        if (end > at && *end == 'x' && end[1] >= '0' && end[1] <= '9')
            threads = strtoul(end + 1, &end, 10);
        if (*at < '0' || *at > '9' || workers < 1 || workers > 65536 || threads < 1 ||
            threads > 65536 || (*end && (*end != ',' || !end[1])))
            return err_set(err, ERR_USAGE,
                           "--layouts: '%s' is no list like 1x1,2x1,1x2 (workers x "
                           "threads, 1 to 65536 of each)",
                           text);
        if (add_layout(bench, (unsigned)workers, (unsigned)threads, err) < 0)
            return -1;
        at = *end ? end + 1 : end;
    }
    return 0;
}

/* Workers alone, threads alone, and whole machines of both. */
static int sensible_layouts(struct bench_session *s, struct err *err)
{
    struct planning *p = &s->planning;
    struct plan_candidate list[PLAN_CANDIDATES];
    size_t n = plan_candidates(list, PLAN_CANDIDATES, &p->plan, &p->machine,
                               &p->workload, &p->request);
    unsigned cores = p->request.cores ? p->request.cores : p->machine.cores;
    if (add_layout(&s->bench, 1, 1, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const struct plan_candidate *c = &list[i];
        bool chosen = c->workers == p->plan.workers && c->threads == p->plan.threads;
        bool whole = 4ul * c->workers * c->threads > 3ul * cores;
        if (!c->discarded && (chosen || whole || c->workers == 1 || c->threads == 1) &&
            s->bench.n < BENCH_LAYOUTS_MAX &&
            add_layout(&s->bench, c->workers, c->threads, err) < 0)
            return -1;
    }
    return 0;
}

static void predict(struct bench_session *s)
{
    const struct planning *p = &s->planning;
    struct workload workload = p->workload;
    /* What the command itself took for its plan is not a run's. */
    workload.start_seconds -= p->plan_seconds;
    for (size_t i = 0; i < s->bench.n; i++) {
        struct bench_layout *l = &s->bench.layout[i];
        l->predicted_seconds = plan_predict(&p->machine, p->request.cores, &workload,
                                            l->workers, l->threads);
        l->predicted_bytes = plan_memory(&workload, l->workers, l->threads);
        l->chosen = l->workers == p->plan.workers && l->threads == p->plan.threads;
    }
}

/* ---- the command ---- */

static int check_outputs(const struct run_options *o, struct err *err)
{
    for (size_t i = 0; i < o->output.n; i++) {
        if (!bench_can_write(o->output.at[i]))
            return err_set(err, ERR_USAGE,
                           "--output: %s: unknown extension (known: .json .csv .svg)",
                           o->output.at[i]);
        if (outputs_check_path(o->output.at[i], o->force, err) < 0)
            return -1;
    }
    return 0;
}

static int set_up(struct bench_session *s, struct err *err)
{
    const struct run_options *o = &s->options.run;
    const struct planning_want how = {.sample = true, .begun = s->begun};
    s->bench.repeats = (unsigned)s->options.repeats;
    if ((s->options.layouts && parse_layouts(&s->bench, s->options.layouts, err) < 0) ||
        check_outputs(o, err) < 0 ||
        job_open(&s->job, &s->inputs, &s->conditions, o, "bench", err) < 0)
        return -1;
    if (s->inputs.stream)
        return err_set(
            err, ERR_USAGE,
            "bench reads its frames several times, which a stream cannot be");
    struct target target;
    if (planning_target(&target, &s->job, &s->options.run, &s->inputs, err) < 0)
        return -1;
    if (planning_make(&s->planning, &how, &s->job, o, &s->inputs, 0, err) < 0)
        return -1;
    s->bench.planning = &s->planning;
    s->bench.inputs = &s->inputs;
    if (!s->options.layouts && sensible_layouts(s, err) < 0)
        return -1;
    predict(s);
    return 0;
}

static int bench_session_run(struct bench_session *s, struct err *err)
{
    signals_begin();
    if (set_up(s, err) < 0)
        return -1;
    signals_install();
    if (bench_measure(s, err) < 0)
        return -1;
    bench_print(&s->bench, stdout);
    if (fflush(stdout) != 0 || ferror(stdout))
        return err_set(err, ERR_RUNTIME, "cannot write the table: %s", strerror(errno));
    for (size_t i = 0; i < s->options.run.output.n; i++)
        if (bench_save(&s->bench, s->options.run.output.at[i], err) < 0)
            return -1;
    for (size_t i = 0; i < s->bench.n; i++)
        if (!s->bench.layout[i].same)
            return err_set(err, ERR_RUNTIME,
                           "the results of %u x %u are not those of %u x %u",
                           s->bench.layout[i].workers, s->bench.layout[i].threads,
                           s->bench.layout[0].workers, s->bench.layout[0].threads);
    return 0;
}

int command_bench(int argc, char **argv)
{
    struct err err = {0};
    struct bench_session *session = calloc(1, sizeof *session);
    if (!session) {
        fprintf(stderr, "framewalk: out of memory\n");
        return ERR_RUNTIME;
    }
    session->begun = clock_seconds();
    session->options.repeats = 3;
    const struct option_part more = {bench_table, &session->options};
    int status = run_options_parse(&session->options.run, &more, argc, argv, &err);
    if (status == 0 && session->options.run.help) {
        print_help(&more);
        status = fflush(stdout) == 0 ? 0 : -1;
    } else if (status == 0) {
        status = bench_session_run(session, &err);
    }
    if (status < 0)
        fprintf(stderr, "framewalk: %s\n", err.text);
    status = status < 0 ? (int)err.code : 0;
    if (signals_stop)
        status = 128 + (int)signals_stop;
    inputs_close(&session->inputs);
    run_options_fini(&session->options.run);
    free(session);
    return status;
}
