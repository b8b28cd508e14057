/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/plan_simulate.h"

#include "out/svg.h"
#include "out/writer.h"
#include "plan/guide.h"
#include "plan/simulate.h"
#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Walks in a block, and in one of a pilot: as in hydro. */
enum { WALKS_BLOCK = 2048, PILOT_BLOCK = 512 };

static double number_at(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    double number = json_is_number(value) ? json_number_value(value) : 0;
    return isfinite(number) && number > 0 ? number : 0;
}

/* Sums over the frames; each frame's whole time goes to cost. */
struct replay_sums {
    size_t n;
    double read, build, walks_seconds, interior, stokes, walks, samples;
};

static int add_frames(struct replay_sums *sums, double *cost, const json_t *frames,
                      double threads, const char *path, struct err *err)
{
    size_t i;
    const json_t *frame;
    json_array_foreach(frames, i, frame)
    {
        const json_t *seconds = json_object_get(frame, "seconds");
        double read = number_at(seconds, "read"), build = number_at(seconds, "build");
        double walks = number_at(seconds, "walks") * threads;
        double interior = number_at(seconds, "interior") * threads;
        double stokes = number_at(seconds, "stokes") * threads;
        double all = read + build + walks + interior + stokes;
        if (all <= 0)
            continue;
        cost[sums->n++] = all;
        sums->read += read;
        sums->build += build;
        sums->walks_seconds += walks;
        sums->interior += interior;
        sums->stokes += stokes;
        sums->walks += number_at(frame, "walks");
        sums->samples += number_at(frame, "interior_samples");
    }
    if (sums->n == 0)
        return err_set(
            err, ERR_INPUT,
            "--replay: %s: no frame tells its seconds: the JSON of framewalk "
            "run is expected",
            path);
    return 0;
}

static uint64_t blocks(double n, double size)
{
    return (uint64_t)fmax(ceil(n / size), 1);
}

static void set_workload(struct replay *replay, const struct replay_sums *s,
                         const json_t *json)
{
    const json_t *plan = json_object_get(json, "plan");
    double n = (double)s->n, workers = fmax(number_at(plan, "workers"), 1);
    double pilot = number_at(json_object_get(json, "stages"), "pilot_walks") / n;
    double walks = s->walks / n, share = pilot / fmax(pilot + walks, 1);
    double mean = 0, square = 0;
    replay->workload = (struct workload){
        .frames = s->n,
        .helps = true,
        .read_seconds = s->read / n,
        .build_seconds = s->build / n,
        .part = {[WORKLOAD_PILOT] = {share * s->walks_seconds / n,
                                     blocks(pilot, PILOT_BLOCK)},
                 [WORKLOAD_WALKS] = {(1 - share) * s->walks_seconds / n,
                                     blocks(walks, WALKS_BLOCK)},
                 [WORKLOAD_SAMPLES] = {s->interior / n,
                                       blocks(s->samples / n, WALKS_BLOCK)},
                 [WORKLOAD_STOKES] = {s->stokes / n, 64}},
        .walks = walks,
        .worker_bytes = (uint64_t)(number_at(plan, "peak_memory_bytes") / workers),
    };
    double whole = workload_frame_seconds(&replay->workload);
    for (size_t i = 0; i < s->n; i++) {
        replay->cost[i] /= whole;
        mean += replay->cost[i] / n;
        square += replay->cost[i] * replay->cost[i] / n;
    }
    replay->workload.spread = sqrt(fmax(square - mean * mean, 0));
}

int replay_read(struct replay *replay, const char *path, struct err *err)
{
    json_error_t why;
    struct replay_sums sums = {0};
    *replay = (struct replay){0};
    json_t *json = json_load_file(path, 0, &why);
    if (!json)
        return err_set(err, ERR_INPUT, "--replay: %s: %s", path, why.text);
    const json_t *frames = json_object_get(json, "frames");
    double threads = fmax(number_at(json_object_get(json, "plan"), "threads"), 1);
    replay->cost =
        alloc_zeroed(json_array_size(frames), sizeof *replay->cost, "frames", err);
    int status =
        replay->cost ? add_frames(&sums, replay->cost, frames, threads, path, err) : -1;
    if (status == 0)
        set_workload(replay, &sums, json);
    else
        replay_free(replay);
    json_decref(json);
    return status;
}

void replay_free(struct replay *replay)
{
    free(replay->cost);
    replay->cost = NULL;
}

static int simulate_row(struct replay_row *row, const struct replay *replay,
                        const struct machine *machine,
                        const struct plan_request *request, struct err *err)
{
    const struct workload *w = &replay->workload;
    struct simulation chosen, serial, guide;
    size_t n = (size_t)w->frames;
    if (plan_decide(&row->plan, machine, w, request, err) < 0)
        return -1;
    unsigned cores = request->cores ? request->cores : machine->cores;
    row->cores = cores;
    guide_layout(w->frames, w->walks, cores, &row->guide_workers, &row->guide_threads);
    if (plan_simulate(&chosen, machine, cores, w, replay->cost, n, row->plan.workers,
                      row->plan.threads, err) < 0 ||
        plan_simulate(&serial, machine, cores, w, replay->cost, n, 1, 1, err) < 0 ||
        plan_simulate(&guide, machine, cores, w, replay->cost, n, row->guide_workers,
                      row->guide_threads, err) < 0)
        return -1;
    row->simulated_seconds = chosen.seconds;
    row->serial_seconds = serial.seconds;
    row->guide_seconds = guide.seconds;
    double all = chosen.busy_seconds + chosen.wait_seconds;
    row->wait_share = all > 0 ? fmax(chosen.wait_seconds, 0) / all : 0;
    return 0;
}

int replay_simulate(struct replay_row *row, const struct replay *replay,
                    const struct machine *machine, const struct plan_request *request,
                    struct err *err)
{
    struct plan_request asked = *request;
    if (request->cores)
        return simulate_row(row, replay, machine, request, err) < 0 ? -1 : 1;
    int n = 0;
    for (unsigned cores = 2; cores <= 512; cores *= 2) {
        struct machine equal = {
            .cores = cores,
            .cores_source = "what if",
            .quota = HUGE_VAL,
            .memory_bytes = machine->memory_bytes,
            .memory_source = "this machine's",
            .nodes = cores > 64 ? cores / 64 : 1,
        };
        asked.cores = cores;
        if (simulate_row(&row[n++], replay, &equal, &asked, err) < 0)
            return -1;
    }
    return n;
}

void replay_print(const struct replay_row *row, int n, const struct replay *replay,
                  FILE *stream)
{
    const struct workload *w = &replay->workload;
    fprintf(stream, "simulated  %ju frames of %.3g walks, %.3g s each on one core\n",
            (uintmax_t)w->frames, w->walks, workload_frame_seconds(w));
    fprintf(stream, "  %5s %11s %12s %12s %9s %11s %7s %14s %12s %9s\n", "cores",
            "layout", "predicted", "simulated", "speed-up", "efficiency", "wait",
            "rules of thumb", "simulated", "of choice");
    for (int i = 0; i < n; i++) {
        const struct replay_row *r = &row[i];
        char layout[32], guide[32];
        snprintf(layout, sizeof layout, "%u x %u", r->plan.workers, r->plan.threads);
        snprintf(guide, sizeof guide, "%u x %u", r->guide_workers, r->guide_threads);
        double speedup = r->serial_seconds / r->simulated_seconds;
        fprintf(stream,
                "  %5u %11s %10.4g s %10.4g s %9.2f %9.1f %% %5.1f %% %14s %10.4g s "
                "%9.2f\n",
                r->cores, layout, r->plan.predicted_seconds, r->simulated_seconds,
                speedup, 100 * speedup / r->cores, 100 * r->wait_share, guide,
                r->guide_seconds, r->guide_seconds / r->simulated_seconds);
    }
}

json_t *replay_json(const struct replay_row *row, int n)
{
    json_t *rows = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(
            rows,
            json_pack("{s:i, s:i, s:i, s:f, s:f, s:f, s:f, s:i, s:i, s:f}", "cores",
                      (int)row[i].cores, "workers", (int)row[i].plan.workers, "threads",
                      (int)row[i].plan.threads, "predicted_seconds",
                      row[i].plan.predicted_seconds, "simulated_seconds",
                      row[i].simulated_seconds, "serial_seconds", row[i].serial_seconds,
                      "wait_share", row[i].wait_share, "guide_workers",
                      (int)row[i].guide_workers, "guide_threads",
                      (int)row[i].guide_threads, "guide_seconds",
                      row[i].guide_seconds));
    return rows;
}

struct replay_points {
    double cores[REPLAY_ROWS_MAX], up[REPLAY_ROWS_MAX], full[REPLAY_ROWS_MAX];
};

struct replay_rows {
    const struct replay_row *row;
    int n;
};

static int write_plot(const void *what, FILE *stream, struct err *err)
{
    const struct replay_row *row = ((const struct replay_rows *)what)->row;
    int n = ((const struct replay_rows *)what)->n;
    struct replay_points choice, rules;
    for (int i = 0; i < n; i++) {
        double cores = row[i].cores, serial = row[i].serial_seconds;
        choice.cores[i] = rules.cores[i] = cores;
        choice.up[i] = serial / row[i].simulated_seconds;
        rules.up[i] = serial / row[i].guide_seconds;
        choice.full[i] = 100 * choice.up[i] / cores;
        rules.full[i] = 100 * rules.up[i] / cores;
    }
    size_t m = (size_t)n;
    const double full[2] = {100, 100};
    const double ends[2] = {choice.cores[0], choice.cores[n - 1]};
    const struct svg_series up[] = {{"planner", m, choice.cores, choice.up, false},
                                    {"rules of thumb", m, rules.cores, rules.up, false},
                                    {"ideal", 2, ends, ends, true}};
    const struct svg_series efficiency[] = {
        {"planner", m, choice.cores, choice.full, false},
        {"rules of thumb", m, rules.cores, rules.full, false},
        {"ideal", 2, ends, full, true}};
    const struct svg_panel panels[] = {
        {"Speed-up, simulated", "cores", "speed-up", true, true, false, false, 3, up},
        {"Efficiency, simulated", "cores", "percent", true, false, true, true, 3,
         efficiency},
    };
    return svg_write(panels, 2, stream, err);
}

int replay_plot(const struct replay_row *row, int n, const char *path, struct err *err)
{
    const struct replay_rows rows = {row, n};
    return writer_save_by(write_plot, &rows, path, err);
}
