/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The runs of `framewalk bench`: time, stages, memory and bytes of each. */
#include "cli/bench_private.h"
#include "cli/signals.h"
#include "out/writer.h"
#include "stats/median.h"
#include "util/clock.h"
#include "util/hash.h"
#include "util/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Proportional set size of a process: its own pages and its part of shared ones. */
static uint64_t proportional_bytes(const char *pid)
{
    static const char *const name[] = {"Pss"};
    char path[64];
    snprintf(path, sizeof path, "/proc/%.20s/smaps_rollup", pid);
    return memory_proc_bytes(path, name, 1);
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

static ssize_t add_to_print(void *cookie, const char *text, size_t bytes)
{
    struct bench_print *print = cookie;
    print->hash = hash_bytes(text, bytes, print->hash);
    print->bytes += bytes;
    return (ssize_t)bytes;
}

/* The CSV of a run, not kept: what it comes to is that of the first one, or not. */
static int check_bits(struct bench_session *s, struct bench_layout *layout,
                      const struct results *results, double *seconds, struct err *err)
{
    struct bench_print print = {0};
    double begun = clock_seconds();
    FILE *stream =
        fopencookie(&print, "w", (cookie_io_functions_t){.write = add_to_print});
    int status = stream ? csv_write(results, stream, err)
                        : err_set(err, ERR_RUNTIME, "out of memory for the results");
    if (stream && fclose(stream) != 0 && status == 0)
        status = err_set(err, ERR_RUNTIME, "out of memory for the results");
    *seconds = clock_seconds() - begun;
    if (s->first.bytes == 0)
        s->first = print;
    layout->same =
        layout->same && print.bytes == s->first.bytes && print.hash == s->first.hash;
    return status;
}

static int settle(struct bench_session *s, size_t index, const struct run_result *r,
                  struct err *err)
{
    struct bench_layout *layout = &s->bench.layout[index];
    double *stage = s->stages[index][layout->n];
    const double *seconds = r->totals.seconds;
    struct results results = run_table(r);
    results.common_noise = s->options.run.common_random_numbers;
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

static void summarise(struct bench_session *s)
{
    for (size_t i = 0; i < s->bench.n; i++) {
        struct bench_layout *l = &s->bench.layout[i];
        for (int k = 0; k < BENCH_STAGES; k++) {
            double value[BENCH_REPEATS_MAX];
            for (size_t r = 0; r < l->n; r++)
                value[r] = s->stages[i][r][k];
            l->stage[k] = stats_median(value, l->n);
        }
        l->seconds = stats_median(l->time, l->n);
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
int bench_measure(struct bench_session *s, struct err *err)
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
