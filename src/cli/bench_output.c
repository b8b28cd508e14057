/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables and files of `framewalk bench`. */
#include "cli/bench_private.h"
#include "cli/plan_output.h"
#include "out/number.h"
#include "out/sink.h"
#include "out/svg.h"
#include "out/writer.h"
#include "stats/median.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const stage_names[BENCH_STAGES] = {
    "topology", "index", "read", "build", "walk", "wait", "reduce", "write"};

/* How fast the chosen layout is: its time over the best one's. */
static double choice_ratio(const struct bench *bench)
{
    double chosen = NAN, best = HUGE_VAL;
    for (size_t i = 0; i < bench->n; i++) {
        best = fmin(best, bench->layout[i].seconds);
        if (bench->layout[i].chosen)
            chosen = bench->layout[i].seconds;
    }
    return chosen / best;
}

/* Median over the layouts of |predicted / measured - 1|. */
static double prediction_error(const struct bench *bench)
{
    double error[BENCH_LAYOUTS_MAX];
    for (size_t i = 0; i < bench->n; i++)
        error[i] =
            fabs(bench->layout[i].predicted_seconds / bench->layout[i].seconds - 1);
    return bench->n ? stats_median(error, bench->n) : (double)NAN;
}

static void print_times(const struct bench *bench, FILE *stream)
{
    fprintf(stream, "  %9s %11s %17s %8s %10s %11s %10s %10s\n", "layout", "seconds",
            "range", "speed-up", "efficiency", "predicted", "memory", "predicted");
    for (size_t i = 0; i < bench->n; i++) {
        const struct bench_layout *l = &bench->layout[i];
        char name[32], range[48], used[PLAN_SIZE_BYTES] = "-", thought[PLAN_SIZE_BYTES];
        snprintf(name, sizeof name, "%u x %u", l->workers, l->threads);
        snprintf(range, sizeof range, "%.3f - %.3f", l->least, l->most);
        if (l->peak_bytes)
            plan_size(used, l->peak_bytes);
        fprintf(stream, "%s %9s %11.3f %17s %8.2f %8.1f %% %11.3f %10s %10s%s\n",
                l->chosen ? "*" : " ", name, l->seconds, range, l->speedup,
                100 * l->efficiency, l->predicted_seconds, used,
                plan_size(thought, l->predicted_bytes), l->same ? "" : "  OTHER BITS");
    }
}

static void print_stages(const struct bench *bench, FILE *stream)
{
    fprintf(stream, "\n  %9s", "stages, s");
    for (int k = 0; k < BENCH_STAGES; k++)
        fprintf(stream, " %9s", stage_names[k]);
    fputc('\n', stream);
    for (size_t i = 0; i < bench->n; i++) {
        const struct bench_layout *l = &bench->layout[i];
        char name[32];
        snprintf(name, sizeof name, "%u x %u", l->workers, l->threads);
        fprintf(stream, "  %9s", name);
        for (int k = 0; k < BENCH_STAGES; k++)
            fprintf(stream, " %9.4f", l->stage[k]);
        fputc('\n', stream);
    }
    fprintf(stream, "(read to wait: sums over the workers)\n\n");
}

void bench_print(const struct bench *bench, FILE *stream)
{
    bool same = true;
    fprintf(stream, "%ju frame%s of %zu balls; medians of %u run%s, layouts in turn\n",
            (uintmax_t)bench->planning->workload.frames,
            number_plural(bench->planning->workload.frames), bench->inputs->selection.n,
            bench->repeats, number_plural(bench->repeats));
    print_times(bench, stream);
    print_stages(bench, stream);
    for (size_t i = 0; i < bench->n; i++)
        same = same && bench->layout[i].same;
    fprintf(stream, "results    %s\n",
            same ? "the same bytes from every layout" : "DIFFER between layouts");
    double ratio = choice_ratio(bench);
    if (isfinite(ratio))
        fprintf(stream, "choice     %u x %u takes %.3f of the best time\n",
                bench->planning->plan.workers, bench->planning->plan.threads, ratio);
    fprintf(stream, "prediction off by %.1f %% (median)\n",
            100 * prediction_error(bench));
}

static json_t *layout_json(const struct bench_layout *l)
{
    json_t *times = json_array(), *stages = json_object();
    for (size_t r = 0; r < l->n; r++)
        json_array_append_new(times, json_real(l->time[r]));
    for (int k = 0; k < BENCH_STAGES; k++)
        json_object_set_new(stages, stage_names[k], json_real(l->stage[k]));
    return json_pack(
        "{s:i, s:i, s:f, s:o, s:f, s:f, s:f, s:o, s:I, s:b, s:b, s:o}", "workers",
        (int)l->workers, "threads", (int)l->threads, "seconds", l->seconds, "times",
        times, "speedup", l->speedup, "efficiency", l->efficiency, "predicted_seconds",
        l->predicted_seconds, "peak_memory_bytes",
        l->peak_bytes ? json_integer((json_int_t)l->peak_bytes) : json_null(),
        "predicted_memory_bytes", (json_int_t)l->predicted_bytes, "chosen", l->chosen,
        "same_bits", l->same, "stages", stages);
}

static int write_json(const void *what, FILE *stream, struct err *err)
{
    const struct bench *bench = what;
    json_t *layouts = json_array();
    double ratio = choice_ratio(bench);
    for (size_t i = 0; i < bench->n; i++)
        json_array_append_new(layouts, layout_json(&bench->layout[i]));
    json_t *json = json_pack(
        "{s:s, s:i, s:i, s:o, s:o, s:f, s:o}", "schema", "framewalk.bench",
        "schema_version", 1, "repeats", (int)bench->repeats, "layouts", layouts,
        "chosen_over_best", isfinite(ratio) ? json_real(ratio) : json_null(),
        "prediction_error", prediction_error(bench), "planning",
        plan_json(bench->planning, bench->inputs));
    int status = json ? json_dumpf(json, stream, JSON_INDENT(2)) : -1;
    json_decref(json);
    return status == 0 ? sink_text(stream, "\n", err)
                       : err_set(err, ERR_RUNTIME, "out of memory for the JSON");
}

static int write_csv(const void *what, FILE *stream, struct err *err)
{
    const struct bench *bench = what;
    if (sink_text(stream,
                  "workers,threads,seconds,least_seconds,most_seconds,speedup,"
                  "efficiency,predicted_seconds,peak_memory_bytes,"
                  "predicted_memory_bytes,chosen,same_bits",
                  err) < 0)
        return -1;
    for (int k = 0; k < BENCH_STAGES; k++)
        if (sink_print(stream, err, ",%s_seconds", stage_names[k]) < 0)
            return -1;
    for (size_t i = 0; i < bench->n; i++) {
        const struct bench_layout *l = &bench->layout[i];
        if (sink_print(
                stream, err, "\n%u,%u,%.6f,%.6f,%.6f,%.6f,%.6f,%.6f,%ju,%ju,%d,%d",
                l->workers, l->threads, l->seconds, l->least, l->most, l->speedup,
                l->efficiency, l->predicted_seconds, (uintmax_t)l->peak_bytes,
                (uintmax_t)l->predicted_bytes, l->chosen, l->same) < 0)
            return -1;
        for (int k = 0; k < BENCH_STAGES; k++)
            if (sink_print(stream, err, ",%.6f", l->stage[k]) < 0)
                return -1;
    }
    return sink_text(stream, "\n", err);
}

/* The layouts of a kind as points, by cores. */
enum kind { KIND_WORKERS, KIND_THREADS, KIND_HYBRID, KINDS };

struct points {
    size_t n;
    double cores[BENCH_LAYOUTS_MAX], speedup[BENCH_LAYOUTS_MAX],
        efficiency[BENCH_LAYOUTS_MAX], predicted[BENCH_LAYOUTS_MAX];
};

static bool is_kind(const struct bench_layout *l, enum kind kind)
{
    bool serial = l->workers == 1 && l->threads == 1;
    switch (kind) {
    case KIND_WORKERS:
        return l->threads == 1;
    case KIND_THREADS:
        return l->workers == 1;
    default:
        return !serial && l->workers > 1 && l->threads > 1;
    }
}

static int by_cores(const void *a, const void *b)
{
    const struct bench_layout *x = a, *y = b;
    uint64_t p = (uint64_t)x->workers * x->threads,
             q = (uint64_t)y->workers * y->threads;
    return (p > q) - (p < q);
}

static void collect(const struct bench *bench, enum kind kind, struct points *points)
{
    struct bench_layout sorted[BENCH_LAYOUTS_MAX];
    memcpy(sorted, bench->layout, bench->n * sizeof *sorted);
    qsort(sorted, bench->n, sizeof *sorted, by_cores);
    points->n = 0;
    for (size_t i = 0; i < bench->n; i++) {
        const struct bench_layout *l = &sorted[i];
        if (!is_kind(l, kind))
            continue;
        points->cores[points->n] = (double)l->workers * l->threads;
        points->speedup[points->n] = l->speedup;
        points->efficiency[points->n++] = 100 * l->efficiency;
    }
}

static int write_svg(const void *what, FILE *stream, struct err *err)
{
    const struct bench *bench = what;
    static const char *const names[KINDS] = {"workers", "threads", "both"};
    struct points points[KINDS];
    struct svg_series up[KINDS + 1], efficiency[KINDS + 1];
    double most = 2;
    for (int k = 0; k < KINDS; k++) {
        collect(bench, (enum kind)k, &points[k]);
        if (points[k].n)
            most = fmax(most, points[k].cores[points[k].n - 1]);
        up[k] = (struct svg_series){names[k], points[k].n, points[k].cores,
                                    points[k].speedup, false};
        efficiency[k] = (struct svg_series){names[k], points[k].n, points[k].cores,
                                            points[k].efficiency, false};
    }
    const double ends[2] = {1, most}, full[2] = {100, 100};
    up[KINDS] = (struct svg_series){"ideal", 2, ends, ends, true};
    efficiency[KINDS] = (struct svg_series){"ideal", 2, ends, full, true};
    const struct svg_panel panels[] = {
        {"Speed-up over the serial run", "cores", "speed-up", true, true, false, false,
         KINDS + 1, up},
        {"Efficiency", "cores", "percent", true, false, true, true, KINDS + 1,
         efficiency},
    };
    return svg_write(panels, 2, stream, err);
}

static const struct {
    const char *extension;
    writer_fill *write;
} formats[] = {{".json", write_json}, {".csv", write_csv}, {".svg", write_svg}};

static int format_of(const char *path)
{
    size_t length = strlen(path);
    for (int i = 0; i < (int)(sizeof formats / sizeof *formats); i++) {
        size_t n = strlen(formats[i].extension);
        if (length > n && strcmp(path + length - n, formats[i].extension) == 0)
            return i;
    }
    return -1;
}

bool bench_can_write(const char *path)
{
    return format_of(path) >= 0;
}

int bench_save(const struct bench *bench, const char *path, struct err *err)
{
    return writer_save_by(formats[format_of(path)].write, bench, path, err);
}
