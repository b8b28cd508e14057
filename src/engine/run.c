/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/run.h"

#include "engine/frame_body.h"

#include "util/alloc.h"
#include "util/clock.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The parent's side of a run. */
struct parent {
    const struct run_job *job;
    struct run_result *result;
    size_t done;
    double begun;
};

/* A worker's own state. */
struct worker {
    const struct run_job *job;
    struct traj_reader *reader;
    double *whole; /* coordinates of all atoms that unwrapping reads */
    struct team *team;
    struct frame_body *body;
    void **state; /* of each kernel */
};

/* A slot holds a record, width values, width deviations, and the coordinates. */
struct slot_view {
    struct kernel_record *record;
    double *value, *std, *xyz;
};

static struct slot_view view_slot(void *slot, size_t width)
{
    struct slot_view view = {.record = slot};
    view.value = (double *)((char *)slot + sizeof(struct kernel_record));
    view.std = view.value + width;
    view.xyz = view.std + width;
    return view;
}

size_t run_slot_bytes(size_t n_atoms, size_t width)
{
    return sizeof(struct kernel_record) + (2 * width + 3 * n_atoms) * sizeof(double);
}

static void worker_end(void *context, void *state)
{
    struct worker *worker = state;
    (void)context;
    if (!worker)
        return;
    for (size_t i = 0; worker->state && i < worker->job->n_tasks; i++)
        worker->job->task[i].kernel->destroy(worker->state[i]);
    free(worker->state);
    frame_body_destroy(worker->body);
    team_destroy(worker->team);
    traj_reader_destroy(worker->reader);
    free(worker->whole);
    free(worker);
}

static int create_kernels(struct worker *worker, struct err *err)
{
    const struct run_job *job = worker->job;
    worker->body = frame_body_create(worker->team, err);
    if (!worker->body)
        return -1;
    worker->state = alloc_zeroed(job->n_tasks, sizeof *worker->state, "kernels", err);
    if (!worker->state)
        return -1;
    const struct kernel_site site = {worker->team, worker->body};
    for (size_t i = 0; i < job->n_tasks; i++) {
        const struct kernel_task *task = &job->task[i];
        worker->state[i] = task->kernel->create(task->options, &site, err);
        if (!worker->state[i])
            return -1;
    }
    return 0;
}

static int worker_begin(void *context, void **state, struct err *err)
{
    const struct run_job *job = ((struct parent *)context)->job;
    struct worker *worker = alloc_zeroed(1, sizeof *worker, "a worker", err);
    if (!worker)
        return -1;
    worker->job = job;
    worker->reader = traj_reader_create(job->traj, err);
    if (worker->reader && job->unwrap)
        worker->whole =
            alloc_zeroed(job->unwrap->n_read, 3 * sizeof(double), "a frame", err);
    if (worker->reader && (worker->whole || !job->unwrap))
        worker->team = team_create(job->threads, err);
    if (!worker->team || create_kernels(worker, err) < 0) {
        worker_end(context, worker);
        return -1;
    }
    *state = worker;
    return 0;
}

/* Coordinates that are not numbers are the frame's failure; the message names the atom
   as the user counts them, the file and the frame. */
static int check_coordinates(const struct run_job *job, size_t frame, const double *xyz,
                             struct err *err)
{
    for (size_t i = 0; i < 3 * job->n_atoms; i++)
        if (!isfinite(xyz[i]))
            return err_set(err, ERR_INPUT,
                           "%s: frame %zu: atom %zu: %c coordinate is not a number",
                           traj_frame_path(job->traj, frame), frame,
                           (size_t)job->atom[i / 3] + 1, "xyz"[i % 3]);
    return 0;
}

/* The selected atoms of a frame, their molecules made whole if that was asked for. */
static int read_frame(struct worker *worker, size_t frame, double *xyz, struct err *err)
{
    const struct run_job *job = worker->job;
    const struct unwrap *unwrap = job->unwrap;
    struct frame_info info;
    struct lattice lattice;
    if (!unwrap)
        return traj_read(worker->reader, frame, job->atom, job->n_atoms, xyz, &info,
                         err);
    if (traj_read(worker->reader, frame, unwrap->read, unwrap->n_read, worker->whole,
                  &info, err) < 0)
        return -1;
    if (info.has_box && lattice_init(&lattice, info.box))
        unwrap_apply(unwrap, &lattice, worker->whole);
    unwrap_gather(unwrap, worker->whole, xyz);
    return 0;
}

/* One kernel after another, while the frame has not failed; its status is the worst of
   theirs. */
static void run_kernels(struct worker *worker, const struct frame_view *frame,
                        const struct slot_view *view)
{
    const struct run_job *job = worker->job;
    double *value = view->value, *std = view->std;
    int worst = FRAME_OK;
    frame_body_forget(worker->body);
    view->record->capacitance = view->record->capacitance_std = NAN;
    for (size_t i = 0; i < job->n_tasks && worst != FRAME_FAILED; i++) {
        const struct kernel_task *task = &job->task[i];
        struct column column[KERNEL_COLUMNS_MAX];
        size_t width =
            kernel_width(column, task->kernel->columns(task->options, column));
        task->kernel->map(worker->state[i], frame, view->record, value, std);
        if (view->record->status != FRAME_OK)
            worst = view->record->status;
        value += width;
        std += width;
    }
    view->record->status = worst;
}

static void run_task(void *context, void *state, size_t task, void *slot)
{
    const struct parent *parent = context;
    struct worker *worker = state;
    const struct run_job *job = worker->job;
    struct slot_view view = view_slot(slot, parent->result->width);
    memset(view.record, 0, sizeof *view.record);
    struct err err = {0};
    size_t frame = job->frame[task];
    double begun = clock_seconds();
    if (read_frame(worker, frame, view.xyz, &err) < 0 ||
        check_coordinates(job, frame, view.xyz, &err) < 0) {
        kernel_fail(view.record, &err);
        return;
    }
    view.record->seconds[STAGE_READ] = clock_seconds() - begun;
    struct frame_view frame_view = {frame, job->n_atoms, view.xyz, job->radius,
                                    job->atom};
    run_kernels(worker, &frame_view, &view);
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
    totals->doubtful_frames += record->doubts != 0;
    totals->doubts |= record->doubts;
    if (record->n_groups > 1) {
        totals->broken_frames++;
        totals->widest_gap = fmax(totals->widest_gap, record->group_gap);
    }
}

static void store_failure(struct run_result *result, size_t task, enum err_code code,
                          const char *reason)
{
    struct result_row *row = &result->row[task];
    row->status = FRAME_FAILED;
    /* Without memory for the text the frame has failed all the same. */
    row->reason = strndup(reason, KERNEL_REASON_BYTES - 1);
    result->n_failed++;
    if (code == ERR_RUNTIME || result->failure == ERR_NONE)
        result->failure = code;
}

static void store_success(struct run_result *result, size_t task,
                          const struct slot_view *view)
{
    struct result_row *row = &result->row[task];
    size_t width = result->width;
    row->status = (enum frame_status)view->record->status;
    row->walks = view->record->walks;
    row->interior_samples = view->record->interior_samples;
    memcpy(result->value + task * width, view->value, width * sizeof(double));
    memcpy(result->std + task * width, view->std, width * sizeof(double));
    result->n_ok += row->status == FRAME_OK;
    result->n_imprecise += row->status == FRAME_PRECISION_NOT_REACHED;
    add_totals(&result->totals, view->record);
}

static void task_ended(void *context, size_t task, enum task_outcome outcome,
                       const void *slot, const char *reason)
{
    struct parent *parent = context;
    struct run_result *result = parent->result;
    char text[KERNEL_REASON_BYTES];
    if (outcome == TASK_LOST) {
        snprintf(text, sizeof text, "its worker was lost: %.200s", reason);
        store_failure(result, task, ERR_RUNTIME, text);
    } else {
        struct slot_view view = view_slot((void *)(uintptr_t)slot, result->width);
        if (view.record->status == FRAME_FAILED)
            store_failure(result, task, (enum err_code)view.record->error_code,
                          view.record->reason);
        else
            store_success(result, task, &view);
    }
    parent->done++;
}

static int tick(void *context)
{
    struct parent *parent = context;
    const struct run_job *job = parent->job;
    if (job->tick)
        job->tick(job->tick_context, parent->done, parent->result->n_failed);
    if (clock_seconds() - parent->begun >= job->max_seconds)
        parent->result->out_of_time = true;
    return parent->result->out_of_time;
}

static int prepare_result(const struct run_job *job, struct run_result *result,
                          struct err *err)
{
    size_t n = job->n_frames;
    result->n_frames = n;
    for (size_t i = 0; i < job->n_tasks; i++)
        result->n_columns += job->task[i].kernel->columns(
            job->task[i].options, result->column + result->n_columns);
    result->width = kernel_width(result->column, result->n_columns);
    size_t numbers = n * result->width;
    if (!(result->row = alloc_zeroed(n, sizeof *result->row, "results", err)) ||
        !(result->value = alloc_zeroed(numbers, sizeof(double), "results", err)) ||
        !(result->std = alloc_zeroed(numbers, sizeof(double), "results", err)))
        return -1;
    for (size_t i = 0; i < numbers; i++)
        result->value[i] = result->std[i] = NAN;
    for (size_t i = 0; i < n; i++) {
        struct result_row *row = &result->row[i];
        row->frame = job->frame[i];
        row->status = FRAME_NOT_RUN;
        if (!traj_frame_time(job->traj, row->frame, &row->time_ps))
            row->time_ps = (double)row->frame;
    }
    return 0;
}

int run_job(const struct run_job *job, struct run_result *result, struct err *err)
{
    *result = (struct run_result){0};
    struct parent parent = {job, result, 0, clock_seconds()};
    if (prepare_result(job, result, err) < 0)
        goto fail;
    struct arena *arena =
        arena_create(job->workers, run_slot_bytes(job->n_atoms, result->width), err);
    if (!arena)
        goto fail;
    struct pool_job pool = {
        .n_workers = job->workers,
        .n_tasks = job->n_frames,
        .retries = job->retries,
        .arena = arena,
        .context = &parent,
        .worker_begin = worker_begin,
        .run_task = run_task,
        .worker_end = worker_end,
        .task_ended = task_ended,
        .tick = tick,
        .stop = job->stop,
    };
    int status = pool_run(&pool, &result->pool, err);
    arena_destroy(arena);
    if (status < 0)
        goto fail;
    result->seconds = clock_seconds() - parent.begun;
    result->n_not_run = job->n_frames - parent.done;
    result->stopped = result->pool.stopped && !result->out_of_time;
    return 0;
fail:
    run_fini(result);
    return -1;
}

void run_fini(struct run_result *result)
{
    for (size_t i = 0; result->row && i < result->n_frames; i++)
        free((char *)(uintptr_t)result->row[i].reason);
    free(result->row);
    free(result->value);
    free(result->std);
    *result = (struct run_result){0};
}
