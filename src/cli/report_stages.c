/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/report.h"

#include "out/number.h"

#include <math.h>

/* Rows of the table of stages: those of the kernels' record, then what of a frame is in
   none of them, then what workers do that have no frame. */
enum { ROW_OTHER = STAGE_N, ROW_HELP, ROW_WAIT, ROWS };

/* Seconds of workers. */
struct stage_row {
    const char *name;
    double total, min, mean, max;
};

struct stage_table {
    struct stage_row row[ROWS];
    /* Of the work on one core, the share that no number of cores divides, and Amdahl's
       bounds of the speed-up that follow: on the cores of this run, and on any. */
    double cores, serial_share, bound, limit;
};

static double worker_seconds(const struct run_result *run, unsigned w, int row)
{
    const struct run_worker_facts *worker = &run->worker[w];
    double stages = 0;
    if (row < STAGE_N)
        return worker->seconds[row];
    for (int s = 0; s < STAGE_N; s++)
        stages += worker->seconds[s];
    double seconds = row == ROW_OTHER ? worker->frame_seconds - stages
                     : row == ROW_HELP
                         ? worker->help_seconds
                         : run->seconds - worker->frame_seconds - worker->help_seconds;
    return fmax(seconds, 0); /* read in another process, for a stream */
}

static void fill_row(struct stage_row *out, const struct run_result *run, int row)
{
    static const char *const more[] = {"other", "help", "wait"};
    unsigned n = run->pool.workers_started;
    *out = (struct stage_row){
        .name = row < STAGE_N ? kernel_stage_name[row] : more[row - STAGE_N],
        .min = n ? INFINITY : 0,
    };
    for (unsigned w = 0; w < n; w++) {
        double seconds = worker_seconds(run, w, row);
        out->total += seconds;
        out->min = fmin(out->min, seconds);
        out->max = fmax(out->max, seconds);
    }
    out->mean = n ? out->total / n : 0;
}

/* G. M. Amdahl, AFIPS Conf. Proc. 30, 483 (1967): with a share s of the work that is
   serial, N cores are at most 1 / (s + (1 - s) / N) times as fast as one. Serial are
   the parent's own seconds, and of a frame what its threads do not share: of as many
   frames as there are, one always remains. */
static void fill_bounds(struct stage_table *t, const struct run_result *run)
{
    double threads = run->threads ? run->threads : 1;
    double frames = (double)(run->n_frames - run->n_restored - run->n_not_run);
    double parent = fmax(run->seconds - run->pool.task_seconds, 0), divided = 0;
    double single =
        t->row[STAGE_READ].total + t->row[STAGE_BUILD].total + t->row[ROW_OTHER].total;
    divided = threads * (t->row[STAGE_WALKS].total + t->row[STAGE_INTERIOR].total +
                         t->row[STAGE_STOKES].total + t->row[ROW_HELP].total);
    double serial = parent + (frames > 0 ? single / frames : 0);
    double all = parent + single + divided;
    t->cores = fmax(run->pool.workers_started, 1) * threads;
    t->serial_share = all > 0 ? fmin(serial / all, 1) : 1;
    t->bound = 1 / (t->serial_share + (1 - t->serial_share) / t->cores);
    t->limit = 1 / fmax(t->serial_share, 1e-9);
}

static struct stage_table make_table(const struct run_result *run)
{
    struct stage_table table;
    for (int row = 0; row < ROWS; row++)
        fill_row(&table.row[row], run, row);
    fill_bounds(&table, run);
    return table;
}

void report_stages(const struct run_result *run, FILE *stream)
{
    struct stage_table t = make_table(run);
    if (run->pool.workers_started == 0)
        return;
    fprintf(stream, "stages     of %u worker%s, seconds: total, min, mean, max\n",
            run->pool.workers_started, number_plural(run->pool.workers_started));
    for (int row = 0; row < ROWS; row++) {
        const struct stage_row *r = &t.row[row];
        if (r->total > 0)
            fprintf(stream, "  %-9s%10.3f%10.3f%10.3f%10.3f\n", r->name, r->total,
                    r->min, r->mean, r->max);
    }
    fprintf(stream,
            "serial     %.2g %% of the work: at most %.3g times as fast on %.0f "
            "core%s as on one, %.3g times on any number (Amdahl)\n",
            100 * t.serial_share, t.bound, t.cores, number_plural(t.cores), t.limit);
}

/* NULL without memory. */
static json_t *table_object(const struct stage_table *t)
{
    json_t *table = json_object();
    int bad = !table;
    for (int row = 0; row < ROWS; row++) {
        const struct stage_row *r = &t->row[row];
        bad |= json_object_set_new(table, r->name,
                                   json_pack("{s:f, s:f, s:f, s:f}", "total", r->total,
                                             "min", r->min, "mean", r->mean, "max",
                                             r->max));
    }
    if (!bad)
        return table;
    json_decref(table);
    return NULL;
}

static int add_table(json_t *object, const struct run_result *run)
{
    struct stage_table t = make_table(run);
    int bad =
        json_object_set_new(object, "wait_seconds", json_real(t.row[ROW_WAIT].total));
    bad |=
        json_object_set_new(object, "help_seconds", json_real(t.row[ROW_HELP].total));
    bad |= json_object_set_new(object, "serial_share", json_real(t.serial_share));
    bad |= json_object_set_new(object, "amdahl_bound", json_real(t.bound));
    bad |= json_object_set_new(object, "amdahl_limit", json_real(t.limit));
    bad |= json_object_set_new(object, "table", table_object(&t));
    return bad;
}

static uint64_t help_blocks(const struct run_result *run)
{
    uint64_t blocks = 0;
    for (unsigned i = 0; i < run->n_workers; i++)
        blocks += run->worker[i].help_blocks;
    return blocks;
}

json_t *report_stages_json(const struct run_result *run)
{
    const struct run_totals *t = &run->totals;
    double frames = (double)t->controlled_frames;
    json_t *object = json_pack(
        "{s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
        "s:f, s:f}",
        "wall_seconds", run->seconds, "read_seconds", t->seconds[STAGE_READ],
        "build_seconds", t->seconds[STAGE_BUILD], "walks_seconds",
        t->seconds[STAGE_WALKS], "interior_seconds", t->seconds[STAGE_INTERIOR],
        "stokes_seconds", t->seconds[STAGE_STOKES], "help_blocks",
        (json_int_t)help_blocks(run), "walks", (json_int_t)t->walks, "steps",
        (json_int_t)t->steps, "skin_hits", (json_int_t)t->skin_hits, "truncated_walks",
        (json_int_t)t->truncated, "pilot_walks", (json_int_t)t->pilot_walks, "sources",
        (json_int_t)t->sources, "stokes_points", (json_int_t)t->fit_points,
        "stokes_sources", (json_int_t)t->fit_sources, "variance_reduction_capacitance",
        frames > 0 ? frames / t->left_capacitance : 1.0,
        "variance_reduction_polarizability",
        frames > 0 ? frames / t->left_polarizability : 1.0);
    if (!object || add_table(object, run) == 0)
        return object;
    json_decref(object);
    return NULL;
}

void report_frame(const struct result_row *row, FILE *stream)
{
    const struct frame_log *log = &row->log;
    fprintf(stream, "frame %zu: %s, worker %d", row->frame,
            frame_status_name(row->status), log->worker);
    if (log->attempts > 1)
        fprintf(stream, " (attempt %u)", log->attempts);
    for (int s = 0; s < STAGE_N; s++)
        if (log->seconds[s] > 0)
            fprintf(stream, ", %s %.4g s", kernel_stage_name[s], log->seconds[s]);
    fprintf(stream, ", all %.4g s", log->all_seconds);
    if (row->reason)
        fprintf(stream, ": %s", row->reason);
    fputc('\n', stream);
}
