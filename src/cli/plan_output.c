/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/plan_output.h"

#include "out/number.h"

#include <math.h>
#include <string.h>

static double peak_cores(const struct plan *plan)
{
    return (double)plan->workers * plan->threads;
}

static void print_candidates(const struct planning *p, FILE *stream)
{
    struct plan_candidate list[PLAN_CANDIDATES];
    size_t n = plan_candidates(list, PLAN_CANDIDATES, &p->plan, &p->machine,
                               &p->workload, &p->request);
    bool open = p->workload.open_ended;
    double frames = (double)p->workload.frames;
    fprintf(stream, "  %7s %7s %12s %8s %10s %10s\n", "workers", "threads",
            open ? "s/frame" : "time", "speed-up", "efficiency", "memory");
    for (size_t i = 0; i < n; i++) {
        const struct plan_candidate *c = &list[i];
        bool chosen = c->workers == p->plan.workers && c->threads == p->plan.threads;
        char time[NUMBER_TEXT_BYTES], size[PLAN_SIZE_BYTES];
        if (open)
            snprintf(time, sizeof time, "%.3g", c->predicted_seconds / frames);
        else
            number_duration(c->predicted_seconds, time);
        fprintf(stream, "%s %7u %7u %12s %8.2f %8.1f %% %10s", chosen ? "*" : " ",
                c->workers, c->threads, time, c->speedup, 100 * c->efficiency,
                plan_size(size, c->peak_memory_bytes));
        fprintf(stream, "%s%s\n", c->discarded ? "  " : "",
                c->discarded ? c->discarded : "");
    }
}

static void print_facts(const struct machine *m, FILE *stream)
{
    fprintf(stream, "facts\n");
    for (size_t i = 0; i < m->n_facts; i++)
        fprintf(stream, "  %-30s %-32s %s\n", m->fact[i].what, m->fact[i].value,
                m->fact[i].source);
    fputc('\n', stream);
}

static void print_cost(const struct planning *p, FILE *stream)
{
    const struct workload *w = &p->workload;
    static const char *const names[WORKLOAD_PARTS] = {"pilot", "walks", "samples",
                                                      "stokes"};
    fprintf(stream, "frame      read %.3g s, build %.3g s, serial %.3g s",
            w->read_seconds, w->build_seconds, w->serial_seconds);
    for (int i = 0; i < WORKLOAD_PARTS; i++)
        if (w->part[i].seconds > 0)
            fprintf(stream, ", %s %.3g s in %ju block%s", names[i], w->part[i].seconds,
                    (uintmax_t)w->part[i].blocks, number_plural(w->part[i].blocks));
    fprintf(stream, "; one core\n");
    if (p->sampled)
        fprintf(stream,
                "sample     %zu frame%s measured in %.3g s: read x %.2f, build x %.2f, "
                "walks x %.2f, samples x %.2f, stokes x %.2f of the model\n",
                p->trial.n, number_plural(p->trial.n), p->trial.seconds, p->rates.read,
                p->rates.build, p->rates.walks, p->rates.samples, p->rates.stokes);
    else
        fprintf(stream, "sample     none\n");
    if (p->more_bytes > 0)
        fprintf(stream,
                "memory     a worker of the sample took %.1f MiB more than the "
                "model\n",
                (double)p->more_bytes / (1 << 20));
    fprintf(stream, "planning   %.3g s\n", p->plan_seconds);
}

void plan_print(const struct planning *p, const struct inputs *in, bool verbose,
                FILE *stream)
{
    const struct machine *m = &p->machine;
    char text[NUMBER_TEXT_BYTES], size[PLAN_SIZE_BYTES];
    fprintf(stream, "machine    %u core%s (%s)", m->cores, number_plural(m->cores),
            m->cores_source);
    if (isfinite(m->quota) && m->quota > 0)
        fprintf(stream, ", %.3g of them at a time", m->quota);
    fprintf(stream, "; %s of memory (%s)\n", plan_size(size, m->memory_bytes),
            m->memory_source);
    if (p->workload.open_ended)
        fprintf(stream, "job        a stream, %zu balls", in->selection.n);
    else
        fprintf(stream, "job        %ju frame%s, %zu balls",
                (uintmax_t)p->workload.frames, number_plural(p->workload.frames),
                in->selection.n);
    if (p->workload.walks > 0)
        fprintf(stream, ", about %.3g walks a frame", p->workload.walks);
    fputc('\n', stream);
    if (verbose) {
        print_cost(p, stream);
        fputc('\n', stream);
        print_facts(m, stream);
    }
    print_candidates(p, stream);
    fprintf(stream, "\nplan       %s\n", p->plan.reason);
    if (!p->workload.open_ended) {
        number_duration(p->plan.predicted_seconds, text);
        fprintf(stream,
                "predicted  %s, %.0f %% efficiency on %.0f core%s, %s of memory\n",
                text, 100 * p->plan.efficiency, peak_cores(&p->plan),
                number_plural(peak_cores(&p->plan)),
                plan_size(size, p->plan.peak_memory_bytes));
    }
    if (*p->plan.warning)
        fprintf(stream, "warning    %s\n", p->plan.warning);
}

static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* Sizes that are too large to count are those of nobody's machine. */
static json_t *bytes_json(uint64_t bytes)
{
    return json_integer((json_int_t)(bytes > INT64_MAX ? INT64_MAX : bytes));
}

/* How long a stream takes nobody knows; a frame of it, on the average, is known. */
static json_t *candidates_json(const struct planning *p)
{
    struct plan_candidate list[PLAN_CANDIDATES];
    size_t n = plan_candidates(list, PLAN_CANDIDATES, &p->plan, &p->machine,
                               &p->workload, &p->request);
    json_t *array = json_array();
    bool open = p->workload.open_ended;
    for (size_t i = 0; i < n; i++) {
        const struct plan_candidate *c = &list[i];
        double seconds = c->predicted_seconds;
        json_array_append_new(
            array,
            json_pack("{s:i, s:i, s:o, s:f, s:f, s:f, s:o, s:s?}", "workers",
                      (int)c->workers, "threads", (int)c->threads, "predicted_seconds",
                      number_or_null(open ? (double)NAN : seconds), "seconds_per_frame",
                      seconds / fmax((double)p->workload.frames, 1), "speedup",
                      c->speedup, "efficiency", c->efficiency, "peak_memory_bytes",
                      bytes_json(c->peak_memory_bytes), "discarded", c->discarded));
    }
    return array;
}

static json_t *workload_json(const struct planning *p, const struct inputs *in)
{
    const struct workload *w = &p->workload;
    static const char *const names[WORKLOAD_PARTS] = {"pilot", "walks", "samples",
                                                      "stokes"};
    json_t *parts = json_object();
    for (int i = 0; i < WORKLOAD_PARTS; i++)
        json_object_set_new(parts, names[i],
                            json_pack("{s:f, s:I}", "seconds", w->part[i].seconds,
                                      "blocks", (json_int_t)w->part[i].blocks));
    json_t *sample = json_null();
    if (p->sampled)
        sample = json_pack("{s:I, s:f}", "frames", (json_int_t)p->trial.n, "seconds",
                           p->trial.seconds);
    return json_pack(
        "{s:o, s:I, s:f, s:f, s:f, s:f, s:f, s:o, s:f, s:f, s:f, s:f, s:b, s:o, s:o, "
        "s:o, s:o, s:o, s:f}",
        "frames", w->open_ended ? json_null() : json_integer((json_int_t)w->frames),
        "balls", (json_int_t)in->selection.n, "walks_per_frame", w->walks,
        "frame_seconds", workload_frame_seconds(w), "read_seconds", w->read_seconds,
        "build_seconds", w->build_seconds, "serial_seconds", w->serial_seconds,
        "parallel", parts, "spread", w->spread, "start_seconds", w->start_seconds,
        "end_seconds", w->end_seconds, "parent_seconds_per_frame", w->parent_seconds,
        "idle_help", w->helps, "fixed_bytes", bytes_json(w->fixed_bytes),
        "worker_bytes", bytes_json(w->worker_bytes), "frame_bytes",
        bytes_json(w->frame_bytes), "thread_bytes", bytes_json(w->thread_bytes),
        "sample", sample, "planning_seconds", p->plan_seconds);
}

json_t *plan_json(const struct planning *p, const struct inputs *in)
{
    const struct plan *plan = &p->plan;
    bool known = !p->workload.open_ended;
    json_t *chosen = json_pack(
        "{s:i, s:i, s:s, s:o, s:o, s:f, s:o, s:s, s:s?}", "workers", (int)plan->workers,
        "threads", (int)plan->threads, "strategy", strategy_name(plan->strategy),
        "predicted_seconds",
        number_or_null(known ? plan->predicted_seconds : (double)NAN), "serial_seconds",
        number_or_null(known ? plan->serial_seconds : (double)NAN), "efficiency",
        plan->efficiency, "peak_memory_bytes", bytes_json(plan->peak_memory_bytes),
        "reason", plan->reason, "warning", *plan->warning ? plan->warning : NULL);
    return json_pack("{s:o, s:o, s:o, s:o}", "plan", chosen, "candidates",
                     candidates_json(p), "machine", machine_json(&p->machine),
                     "workload", workload_json(p, in));
}
