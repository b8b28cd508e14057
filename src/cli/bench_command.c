/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/bench.h"
#include "cli/command.h"
#include "cli/outputs.h"
#include "cli/signals.h"
#include "out/writer.h"
#include "util/clock.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct bench_options {
    struct run_options run;
    const char *layouts;
    uint64_t repeats;
};

#define AT(field) offsetof(struct bench_options, field)

static const struct option_spec bench_table[] = {
    {0, "layouts", "LIST", OPTION_TEXT, AT(layouts), 0, 0, 0, 0, "Bench",
     "what to measure, with commas: 1x1,2x1,1x2 (workers x threads;\n"
     "those that make sense here, serial first)"},
    {0, "repeats", "N", OPTION_U64, AT(repeats), 1, BENCH_REPEATS_MAX, 0, 0, 0,
     "of each layout, in turn; medians are told (3)"},
    {0, NULL, NULL, OPTION_FLAG, 0, 0, 0, 0, 0, 0, NULL},
};

struct bench_session {
    struct bench_options options;
    struct inputs inputs;
    struct conditions conditions;
    struct job job;
    struct planning planning;
    struct bench bench;
    char *csv; /* the results of the first run */
    size_t csv_bytes;
    double stages[BENCH_LAYOUTS_MAX][BENCH_REPEATS_MAX][BENCH_STAGES];
    double begun;
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

/* ---- measuring ---- */

/* Proportional set size of a process: its own pages and its part of shared ones. */
static uint64_t proportional_bytes(const char *pid)
{
    char path[64], line[256];
    unsigned long long kib = 0;
    snprintf(path, sizeof path, "/proc/%.20s/smaps_rollup", pid);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "Pss: %llu kB", &kib) == 1)
            break;
    if (file)
        fclose(file);
    return (uint64_t)kib * 1024;
}

/* Of this process and its children. */
static uint64_t all_bytes(void)
{
    char path[64], pid[32];
    uint64_t bytes = proportional_bytes("self");
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    FILE *file = fopen(path, "re");
    while (file && fscanf(file, "%31s", pid) == 1)
        bytes += proportional_bytes(pid);
    if (file)
        fclose(file);
    return bytes;
}

struct watch {
    double next;
    uint64_t peak_bytes;
};

/* Looking costs time: twenty times a second. */
static void look(void *context, size_t done, size_t failed)
{
    struct watch *watch = context;
    double now = clock_seconds();
    (void)done;
    (void)failed;
    if (now < watch->next)
        return;
    uint64_t bytes = all_bytes();
    if (bytes > watch->peak_bytes)
        watch->peak_bytes = bytes;
    watch->next = clock_seconds() + 0.05;
}

/* Means and their errors over the frames, as a run's end makes them. */
static double reduce_seconds(const struct results *results)
{
    double begun = clock_seconds(), sum = 0;
    for (size_t k = 0; k < results->width; k++)
        sum += results_ensemble(results, k).mean;
    return clock_seconds() - begun + 0 * sum;
}

/* The CSV of a run: kept of the first one, compared with that of the others. */
static int check_bits(struct bench_session *s, struct bench_layout *layout,
                      const struct results *results, double *seconds, struct err *err)
{
    char *text = NULL;
    size_t bytes = 0;
    double begun = clock_seconds();
    FILE *stream = open_memstream(&text, &bytes);
    int status = stream ? csv_write(results, stream, err)
                        : err_set(err, ERR_RUNTIME, "out of memory for the results");
    if (stream && fclose(stream) != 0 && status == 0)
        status = err_set(err, ERR_RUNTIME, "out of memory for the results");
    *seconds = clock_seconds() - begun;
    if (status == 0 && s->csv)
        layout->same =
            layout->same && bytes == s->csv_bytes && memcmp(text, s->csv, bytes) == 0;
    if (status == 0 && !s->csv) {
        s->csv = text;
        s->csv_bytes = bytes;
        return 0;
    }
    free(text);
    return status;
}

static int settle(struct bench_session *s, size_t index, const struct run_result *r,
                  struct err *err)
{
    struct bench_layout *layout = &s->bench.layout[index];
    double *stage = s->stages[index][layout->n];
    const double *seconds = r->totals.seconds;
    const struct results results = {
        .n_frames = r->n_frames,
        .row = r->row,
        .n_columns = r->n_columns,
        .column = r->column,
        .width = r->width,
        .value = r->value,
        .std = r->std,
        .common_noise = s->options.run.common_random_numbers,
    };
    stage[BENCH_TOPOLOGY] = s->inputs.topology_seconds;
    stage[BENCH_INDEX] = s->inputs.index_seconds;
    stage[BENCH_READ] = seconds[STAGE_READ];
    stage[BENCH_BUILD] = seconds[STAGE_BUILD];
    stage[BENCH_WALK] =
        seconds[STAGE_WALKS] + seconds[STAGE_INTERIOR] + seconds[STAGE_STOKES];
    stage[BENCH_WAIT] = 0;
    for (unsigned w = 0; w < r->pool.workers_started; w++) {
        const struct run_worker_facts *worker = &r->worker[w];
        stage[BENCH_WALK] += worker->help_seconds;
        stage[BENCH_WAIT] +=
            fmax(r->seconds - worker->frame_seconds - worker->help_seconds, 0);
    }
    stage[BENCH_REDUCE] = reduce_seconds(&results);
    if (check_bits(s, layout, &results, &stage[BENCH_WRITE], err) < 0)
        return -1;
    layout->time[layout->n++] = stage[BENCH_TOPOLOGY] + stage[BENCH_INDEX] +
                                r->seconds + stage[BENCH_REDUCE] + stage[BENCH_WRITE];
    return 0;
}

static int run_once(struct bench_session *s, size_t index, struct err *err)
{
    struct bench_layout *layout = &s->bench.layout[index];
    struct watch watch = {0};
    struct run_result result;
    struct run_job job = job_run(&s->job, &s->inputs);
    job.workers = layout->workers;
    job.threads = layout->threads;
    job.retries = (unsigned)s->options.run.retries;
    job.frame_seconds = s->options.run.frame_timeout;
    job.stop = &signals_stop;
    job.tick = look;
    job.tick_context = &watch;
    if (run_job(&job, &result, err) < 0)
        return -1;
    int status = 0;
    if (result.stopped)
        status = err_set(err, ERR_RUNTIME, "stopped by a signal");
    else if (result.n_failed)
        status = err_set(err, result.failure,
                         "%zu frames failed, the first because: %s", result.n_failed,
                         result.row[0].reason ? result.row[0].reason : "out of memory");
    else
        status = settle(s, index, &result, err);
    run_fini(&result);
    if (watch.peak_bytes > layout->peak_bytes)
        layout->peak_bytes = watch.peak_bytes;
    return status;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *value, size_t n)
{
    qsort(value, n, sizeof *value, by_value);
    return n % 2 ? value[n / 2] : (value[n / 2 - 1] + value[n / 2]) / 2;
}

static void summarise(struct bench_session *s)
{
    for (size_t i = 0; i < s->bench.n; i++) {
        struct bench_layout *l = &s->bench.layout[i];
        for (int k = 0; k < BENCH_STAGES; k++) {
            double value[BENCH_REPEATS_MAX];
            for (size_t r = 0; r < l->n; r++)
                value[r] = s->stages[i][r][k];
            l->stage[k] = median(value, l->n);
        }
        l->seconds = median(l->time, l->n);
        l->least = l->time[0];
        l->most = l->time[l->n - 1];
    }
    /* Speed-ups are over the serial run; without one, over the first layout as if that
       had been perfect. */
    const struct bench_layout *first = &s->bench.layout[0];
    double serial = first->seconds * first->workers * first->threads;
    for (size_t i = 0; i < s->bench.n; i++) {
        struct bench_layout *l = &s->bench.layout[i];
        l->speedup = serial / l->seconds;
        l->efficiency = l->speedup / ((double)l->workers * l->threads);
    }
}

/* In turn, and every other time backwards: what drifts touches all alike. */
static int measure(struct bench_session *s, struct err *err)
{
    size_t n = s->bench.n;
    bool say = !s->options.run.quiet && isatty(STDERR_FILENO);
    for (unsigned r = 0; r < s->bench.repeats; r++)
        for (size_t k = 0; k < n; k++) {
            size_t i = r % 2 ? n - 1 - k : k;
            if (say)
                fprintf(stderr, "\r%u of %u: %u x %u    ", r + 1, s->bench.repeats,
                        s->bench.layout[i].workers, s->bench.layout[i].threads);
            if (run_once(s, i, err) < 0)
                return -1;
        }
    if (say)
        fprintf(stderr, "\r%40s\r", "");
    summarise(s);
    return 0;
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
    if (measure(s, err) < 0)
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
    free(session->csv);
    free(session);
    return status;
}
