/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/run.h"

#include "engine/frame_body.h"
#include "engine/frame_reader.h"
#include "util/alloc.h"
#include "util/clock.h"
#include "util/hash.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The parent's side of a run. */
struct parent {
    const struct run_job *job;
    struct run_result *result;
    /* Of each task of the pool: what the journal does not have. NULL for a stream,
       whose tasks are its rows. */
    size_t *row;
    size_t n_rows;
    unsigned char *kept; /* a record on its way to the journal */
    size_t done;         /* restored ones included */
    double begun;
    struct feed_job feed_job; /* of a stream */
    struct feed *feed;        /* else NULL */
    struct err err;           /* of what cannot be told at once */
};

/* A worker's own state. */
struct worker {
    const struct run_job *job;
    struct frame_reader *reader;
    /* Where frames lack some of the atoms: which of the job's are there, and these. */
    uint32_t *present, *atom;
    double *radius;
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

static size_t slot_bytes(size_t n_atoms, size_t width)
{
    size_t bytes =
        sizeof(struct kernel_record) + (2 * width + 3 * n_atoms) * sizeof(double);
    size_t ring = feed_slot_bytes(n_atoms);
    return bytes > ring ? bytes : ring;
}

size_t run_slot_bytes(size_t n_atoms, size_t width, bool stream)
{
    size_t bytes = slot_bytes(n_atoms, width);
    /* Two slots of the ring for each worker, and two more in all. */
    return stream ? 5 * bytes : bytes;
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
    frame_reader_destroy(worker->reader);
    free(worker->present);
    free(worker->atom);
    free(worker->radius);
    free(worker);
}

static int worker_buffers(struct worker *worker, struct err *err)
{
    const struct run_job *job = worker->job;
    size_t n = job->n_atoms;
    if (!traj_frames_vary(job->traj))
        return 0;
    worker->present = alloc_zeroed(n, sizeof *worker->present, "a frame", err);
    worker->atom = alloc_zeroed(n, sizeof *worker->atom, "a frame", err);
    worker->radius = alloc_zeroed(n, sizeof *worker->radius, "a frame", err);
    return worker->present && worker->atom && worker->radius ? 0 : -1;
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
    worker->reader =
        frame_reader_create(job->traj, job->atom, job->n_atoms, job->unwrap, err);
    if (worker->reader && worker_buffers(worker, err) == 0)
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
static int check_coordinates(const struct run_job *job, const struct frame_view *view,
                             struct err *err)
{
    for (size_t i = 0; i < 3 * view->n; i++)
        if (!isfinite(view->xyz[i]))
            return err_set(err, ERR_INPUT,
                           "%s: frame %zu: atom %zu: %c coordinate is not a number",
                           traj_frame_path(job->traj, view->frame), view->frame,
                           (size_t)view->atom[i / 3] + 1, "xyz"[i % 3]);
    return 0;
}

/* The selected atoms that the frame has, with their radii. */
static int read_present(struct worker *worker, double *xyz, struct frame_view *view,
                        struct err *err)
{
    const struct run_job *job = worker->job;
    if (frame_reader_read_present(worker->reader, view->frame, xyz, worker->present,
                                  &view->n, err) < 0)
        return -1;
    for (size_t i = 0; i < view->n; i++) {
        worker->atom[i] = job->atom[worker->present[i]];
        worker->radius[i] = job->radius[worker->present[i]];
    }
    view->radius = worker->radius;
    view->atom = worker->atom;
    return 0;
}

/* The coordinates of a frame of a file, decoded here, or of a stream, decoded by its
   reader. */
static int get_frame(const struct parent *parent, struct worker *worker, size_t task,
                     const struct slot_view *slot, struct frame_view *view,
                     struct err *err)
{
    double begun = clock_seconds();
    if (parent->feed) {
        const struct feed_frame *fed = feed_find(&parent->feed_job, task);
        view->frame = (size_t)fed->frame;
        view->xyz = fed->xyz;
        slot->record->seconds[STAGE_READ] = fed->seconds;
        if (fed->error_code != ERR_NONE)
            return err_set(err, (enum err_code)fed->error_code, "%s", fed->reason);
        return 0;
    }
    view->frame = worker->job->frame[parent->row[task]];
    view->xyz = slot->xyz;
    int status = worker->present
                     ? read_present(worker, slot->xyz, view, err)
                     : frame_reader_read(worker->reader, view->frame, slot->xyz, err);
    if (status < 0)
        return -1;
    slot->record->seconds[STAGE_READ] = clock_seconds() - begun;
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
    struct frame_view frame = {
        .n = job->n_atoms, .radius = job->radius, .atom = job->atom};
    struct err err = {0};
    memset(view.record, 0, sizeof *view.record);
    view.record->threads = team_size(worker->team);
    if (get_frame(parent, worker, task, &view, &frame, &err) < 0 ||
        check_coordinates(job, &frame, &err) < 0) {
        kernel_fail(view.record, &err);
        return;
    }
    view.record->frame_hash = hash_bytes(frame.xyz, 3 * frame.n * sizeof(double), 0);
    run_kernels(worker, &frame, &view);
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

static void store_failure(struct run_result *result, size_t index, enum err_code code,
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

static void store_success(struct run_result *result, size_t index,
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
}

static size_t kept_bytes(size_t width)
{
    return KERNEL_RECORD_KEPT + 2 * width * sizeof(double);
}

/* The record, values and deviations as they lie in the slot, without the reason. */
static void keep(struct parent *parent, size_t frame, const struct slot_view *view)
{
    size_t width = parent->result->width;
    unsigned char *at = parent->kept;
    if (!parent->job->journal || parent->result->journal_err.code)
        return;
    memcpy(at, view->record, KERNEL_RECORD_KEPT);
    memcpy(at + KERNEL_RECORD_KEPT, view->value, 2 * width * sizeof(double));
    const struct journal_record record = {frame, view->record->frame_hash, at,
                                          kept_bytes(width)};
    journal_append(parent->job->journal, &record, &parent->result->journal_err);
}

static int by_number(const void *key, const void *element)
{
    size_t a = *(const size_t *)key, b = *(const size_t *)element;
    return (a > b) - (a < b);
}

/* A record of the journal into its row. */
static int restore(void *context, const struct journal_record *kept, struct err *err)
{
    struct parent *parent = context;
    struct run_result *result = parent->result;
    const struct run_job *job = parent->job;
    size_t width = result->width, frame = kept->frame;
    struct kernel_record record = {0};
    const size_t *found =
        bsearch(&frame, job->frame, job->n_frames, sizeof frame, by_number);
    if (found && kept->payload_bytes == kept_bytes(width))
        memcpy(&record, kept->payload, KERNEL_RECORD_KEPT);
    if (!found || kept->payload_bytes != kept_bytes(width) ||
        !frame_has_values((enum frame_status)record.status))
        return err_set(err, ERR_RESUME,
                       "--resume: %s: the record of frame %zu is not one of this "
                       "version's",
                       journal_path(job->journal), frame);
    size_t index = (size_t)(found - job->frame);
    if (result->row[index].status != FRAME_NOT_RUN)
        return 0;
    memcpy(parent->kept, kept->payload, kept->payload_bytes); /* aligned */
    const double *value = (const double *)(parent->kept + KERNEL_RECORD_KEPT);
    store_success(result, index, &record, value, value + width);
    result->n_restored++;
    parent->done++;
    return 0;
}

/* What the journal has, and the list of what is left to do. */
static int prepare_tasks(struct parent *parent, struct err *err)
{
    const struct run_job *job = parent->job;
    size_t width = parent->result->width;
    parent->kept = alloc_zeroed(kept_bytes(width), 1, "a record", err);
    if (!parent->kept)
        return -1;
    /* The rows of a stream are made as its frames come, one for each task. */
    if (job->stream)
        return 0;
    parent->row = alloc_zeroed(job->n_frames, sizeof *parent->row, "frames", err);
    if (!parent->row ||
        (job->journal && journal_replay(job->journal, restore, parent, err) != 0))
        return -1;
    for (size_t i = 0; i < job->n_frames; i++)
        if (parent->result->row[i].status == FRAME_NOT_RUN)
            parent->row[parent->n_rows++] = i;
    return 0;
}

static size_t row_of(const struct parent *parent, size_t task)
{
    return parent->row ? parent->row[task] : task;
}

static void store(struct parent *parent, size_t task, enum task_outcome outcome,
                  const void *slot, const char *reason)
{
    struct run_result *result = parent->result;
    size_t index = row_of(parent, task);
    char text[KERNEL_REASON_BYTES];
    parent->done++;
    if (outcome == TASK_LOST) {
        snprintf(text, sizeof text, "its worker was lost: %.200s", reason);
        store_failure(result, index, ERR_RUNTIME, text);
        return;
    }
    struct slot_view view = view_slot((void *)(uintptr_t)slot, result->width);
    unsigned threads = view.record->threads;
    if (threads && (result->threads == 0 || threads < result->threads))
        result->threads = threads;
    if (view.record->status == FRAME_FAILED) {
        store_failure(result, index, (enum err_code)view.record->error_code,
                      view.record->reason);
        return;
    }
    store_success(result, index, view.record, view.value, view.std);
    keep(parent, result->row[index].frame, &view);
}

static void task_ended(void *context, size_t task, enum task_outcome outcome,
                       const void *slot, const char *reason)
{
    struct parent *parent = context;
    store(parent, task, outcome, slot, reason);
    if (parent->feed)
        feed_release(parent->feed, task);
}

static int tick(void *context)
{
    struct parent *parent = context;
    const struct run_job *job = parent->job;
    if (job->tick)
        job->tick(job->tick_context, parent->done, parent->result->n_failed);
    if (clock_seconds() - parent->begun >= job->max_seconds)
        parent->result->out_of_time = true;
    struct err *journal_err = &parent->result->journal_err;
    if (job->journal && journal_err->code == ERR_NONE)
        journal_sync(job->journal, false, journal_err);
    return parent->result->out_of_time || journal_err->code != ERR_NONE;
}

/* Adds a row of no results. */
static int add_row(struct run_result *result, size_t frame, double time_ps,
                   struct err *err)
{
    size_t n = result->n_frames + 1, width = result->width;
    size_t row_capacity = result->capacity, number_capacity = result->capacity * width;
    size_t std_capacity = number_capacity;
    void *row = result->row, *value = result->value, *std = result->std;
    int status = 0;
    if (n > result->capacity) {
        if (alloc_grow(&row, &row_capacity, n, sizeof *result->row, "results", err) < 0)
            status = -1;
        result->row = row;
        if (status < 0 || alloc_grow(&value, &number_capacity, row_capacity * width,
                                     sizeof(double), "results", err) < 0)
            status = -1;
        result->value = value;
        if (status < 0 || alloc_grow(&std, &std_capacity, row_capacity * width,
                                     sizeof(double), "results", err) < 0)
            status = -1;
        result->std = std;
        if (status < 0)
            return -1;
        result->capacity = row_capacity;
    }
    for (size_t i = (n - 1) * width; i < n * width; i++)
        result->value[i] = result->std[i] = NAN;
    result->row[n - 1] = (struct result_row){
        .frame = frame,
        .time_ps = isnan(time_ps) ? (double)frame : time_ps,
        .status = FRAME_NOT_RUN,
    };
    result->n_frames = n;
    return 0;
}

static int prepare_result(const struct run_job *job, struct run_result *result,
                          struct err *err)
{
    for (size_t i = 0; i < job->n_tasks; i++)
        result->n_columns += job->task[i].kernel->columns(
            job->task[i].options, result->column + result->n_columns);
    result->width = kernel_width(result->column, result->n_columns);
    for (size_t i = 0; !job->stream && i < job->n_frames; i++) {
        double time_ps = NAN;
        if (!traj_frame_time(job->traj, job->frame[i], &time_ps))
            time_ps = NAN;
        if (add_row(result, job->frame[i], time_ps, err) < 0)
            return -1;
    }
    return 0;
}

/* What the reader of the stream has ready becomes tasks. */
static int more_tasks(void *context, size_t *n_tasks)
{
    struct parent *parent = context;
    struct run_result *result = parent->result;
    const struct feed_frame *frame;
    int more;
    while ((more = feed_next(parent->feed, &frame)) > 0) {
        if (add_row(result, (size_t)frame->frame, frame->time_ps, &parent->err) < 0)
            return 0;
        *n_tasks = result->n_frames;
    }
    return more == 0;
}

/* Files have a time axis or none, and so have streams once they are known to the end.
 */
static void settle_times(struct run_result *result)
{
    for (size_t i = 0; !result->end.seen.has_times && i < result->n_frames; i++)
        result->row[i].time_ps = (double)result->row[i].frame;
}

static int start_feed(struct parent *parent, struct arena *arena, struct err *err)
{
    const struct run_job *job = parent->job;
    parent->feed_job = (struct feed_job){
        .traj = job->stream,
        .choice = job->choice,
        .atom = job->atom,
        .n_atoms = job->n_atoms,
        .unwrap = job->unwrap,
        .arena = arena,
        .first_slot = job->workers,
        .n_slots = feed_n_slots(job->workers),
    };
    parent->feed = feed_start(&parent->feed_job, err);
    return parent->feed ? 0 : -1;
}

static int run_pool(struct parent *parent, struct arena *arena, struct err *err)
{
    const struct run_job *job = parent->job;
    struct run_result *result = parent->result;
    if (job->stream && start_feed(parent, arena, err) < 0)
        return -1;
    const struct pool_feed feed = {
        .fd = parent->feed ? feed_fd(parent->feed) : -1,
        .more = more_tasks,
    };
    struct pool_job pool = {
        .n_workers = job->workers,
        .n_tasks = parent->n_rows,
        .feed = parent->feed ? &feed : NULL,
        .retries = job->retries,
        .task_seconds = job->frame_seconds,
        .arena = arena,
        .context = parent,
        .worker_begin = worker_begin,
        .run_task = run_task,
        .worker_end = worker_end,
        .task_ended = task_ended,
        .tick = tick,
        .stop = job->stop,
    };
    int status = pool_run(&pool, &result->pool, err);
    if (!parent->feed)
        return status;
    feed_stop(parent->feed, &result->end);
    parent->feed = NULL;
    settle_times(result);
    if (status == 0 && parent->err.code != ERR_NONE)
        status = err_set(err, parent->err.code, "%s", parent->err.text);
    return status;
}

static int run_tasks(struct parent *parent, struct err *err)
{
    const struct run_job *job = parent->job;
    size_t slots = job->workers + (job->stream ? feed_n_slots(job->workers) : 0);
    struct arena *arena =
        arena_create(slots, slot_bytes(job->n_atoms, parent->result->width), err);
    if (!arena)
        return -1;
    int status = run_pool(parent, arena, err);
    arena_destroy(arena);
    return status;
}

int run_job(const struct run_job *job, struct run_result *result, struct err *err)
{
    *result = (struct run_result){0};
    struct parent parent = {.job = job, .result = result, .begun = clock_seconds()};
    int status = prepare_result(job, result, err);
    if (status == 0)
        status = prepare_tasks(&parent, err);
    if (status == 0)
        status = run_tasks(&parent, err);
    /* What is complete will be in the outputs in a moment. */
    if (job->journal && result->journal_err.code == ERR_NONE)
        journal_sync(job->journal, parent.done < result->n_frames,
                     &result->journal_err);
    free(parent.row);
    free(parent.kept);
    if (status < 0) {
        run_fini(result);
        return -1;
    }
    result->seconds = clock_seconds() - parent.begun;
    result->n_not_run = result->n_frames - parent.done;
    result->stopped = result->pool.stopped && !result->out_of_time &&
                      result->journal_err.code == ERR_NONE;
    return 0;
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
