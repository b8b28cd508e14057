/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/run_private.h"

#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

_Static_assert((int)STAGE_N <= (int)FRAME_STAGES_MAX,
               "stages have to fit into a row's log");

void run_store_log(struct run_result *result, size_t index,
                   const struct kernel_record *record)
{
    struct frame_log *log = &result->row[index].log;
    log->worker = (int)record->worker;
    log->attempts = record->attempts;
    log->all_seconds = record->frame_seconds;
    memcpy(log->seconds, record->seconds, sizeof record->seconds);
}

static void add_totals(struct run_totals *totals, const struct kernel_record *record)
{
    totals->walks += record->walks;
    totals->steps += record->steps;
    totals->skin_hits += record->skin_hits;
    totals->truncated += record->truncated;
    totals->pilot_walks += record->pilot_walks;
    totals->sources += record->sources;
    if (record->sources) {
        totals->controlled_frames++;
        totals->left_capacitance += 1 / record->gain_capacitance;
        totals->left_polarizability += 1 / record->gain_polarizability;
    }
    for (int s = 0; s < STAGE_N; s++)
        totals->seconds[s] += record->seconds[s];
    totals->fit_points += record->fit_points;
    totals->fit_sources += record->fit_sources;
    totals->fitted_frames += record->fit_sources > 0;
    for (int i = 0; i < STOKES_SHARED_N; i++)
        totals->fit_shared[i] += record->fit_shared[i];
    totals->doubtful_frames += record->doubts != 0;
    totals->doubts |= record->doubts;
    if (record->n_groups > 1) {
        totals->broken_frames++;
        totals->widest_gap = fmax(totals->widest_gap, record->group_gap);
    }
}

void run_passed(struct run_result *result)
{
    for (int i = 0; i < RESULTS_TABLES; i++)
        spill_touched(&result->kept[i]);
}

void run_store_failure(struct run_result *result, size_t index, enum err_code code,
                       const char *reason)
{
    struct result_row *row = &result->row[index];
    row->status = FRAME_FAILED;
    /* Without memory for the text the frame has failed all the same. */
    row->reason = strndup(reason, KERNEL_REASON_BYTES - 1);
    result->n_failed++;
    if (code == ERR_RUNTIME || result->failure == ERR_NONE)
        result->failure = code;
}

void run_store_success(struct run_result *result, size_t index,
                       const struct kernel_record *record, const double *value,
                       const double *std)
{
    struct result_row *row = &result->row[index];
    size_t width = result->width;
    row->status = (enum frame_status)record->status;
    row->walks = record->walks;
    row->interior_samples = record->interior_samples;
    memcpy(result->value + index * width, value, width * sizeof(double));
    memcpy(result->std + index * width, std, width * sizeof(double));
    result->n_ok += row->status == FRAME_OK;
    result->n_imprecise += row->status == FRAME_PRECISION_NOT_REACHED;
    add_totals(&result->totals, record);
    run_passed(result);
}

int run_add_row(struct run_result *result, size_t frame, double time_ps,
                struct err *err)
{
    size_t n = result->n_frames + 1, width = result->width;
    if (spill_reserve(&result->kept[0], n * sizeof *result->row, "results", err) < 0 ||
        spill_reserve(&result->kept[1], n * width * sizeof(double), "results", err) <
            0 ||
        spill_reserve(&result->kept[2], n * width * sizeof(double), "results", err) < 0)
        return -1;
    result->row = result->kept[0].at;
    result->value = result->kept[1].at;
    result->std = result->kept[2].at;
    for (size_t i = (n - 1) * width; i < n * width; i++)
        result->value[i] = result->std[i] = NAN;
    result->row[n - 1] = (struct result_row){
        .frame = frame,
        .time_ps = isnan(time_ps) ? (double)frame : time_ps,
        .status = FRAME_NOT_RUN,
        .log = {.worker = -1},
    };
    result->n_frames = n;
    run_passed(result);
    return 0;
}

void run_prepare_columns(const struct run_job *job, struct run_result *result)
{
    for (size_t i = 0; i < job->n_tasks; i++)
        result->n_columns += job->task[i].kernel->columns(
            job->task[i].options, result->column + result->n_columns);
    result->width = kernel_width(result->column, result->n_columns);
}

int run_prepare_rows(const struct run_job *job, struct run_result *result,
                     struct err *err)
{
    run_prepare_columns(job, result);
    for (size_t i = 0; !job->stream && i < job->n_frames; i++) {
        double time_ps = NAN;
        if (!traj_frame_time(job->traj, job->frame[i], &time_ps))
            time_ps = NAN;
        if (run_add_row(result, job->frame[i], time_ps, err) < 0)
            return -1;
    }
    return 0;
}

void run_settle_times(struct run_result *result)
{
    for (size_t i = 0; !result->end.seen.has_times && i < result->n_frames; i++) {
        result->row[i].time_ps = (double)result->row[i].frame;
        run_passed(result);
    }
}

void run_fini(struct run_result *result)
{
    for (size_t i = 0; result->n_failed && i < result->n_frames; i++) {
        free((char *)(uintptr_t)result->row[i].reason);
        run_passed(result);
    }
    for (int i = 0; i < RESULTS_TABLES; i++)
        spill_fini(&result->kept[i]);
    free(result->worker);
    *result = (struct run_result){0};
}

struct results run_table(const struct run_result *result)
{
    return (struct results){
        .n_frames = result->n_frames,
        .row = result->row,
        .n_columns = result->n_columns,
        .column = result->column,
        .width = result->width,
        .value = result->value,
        .std = result->std,
        .tables = (struct spill *)(uintptr_t)result->kept,
    };
}
