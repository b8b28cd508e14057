/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/run_private.h"

#include "util/alloc.h"
#include "util/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the journal has, and the list of what is left to do. */
static int prepare_tasks(struct run_parent *parent, struct err *err)
{
    const struct run_job *job = parent->job;
    if (run_kept_begin(parent, err) < 0)
        return -1;
    /* The rows of a stream are made as its frames come, one for each task. */
    if (job->stream)
        return 0;
    parent->row = alloc_zeroed(job->n_frames, sizeof *parent->row, "frames", err);
    if (!parent->row)
        return -1;
    for (size_t i = 0; i < job->n_frames; i++) {
        if (parent->result->row[i].status == FRAME_NOT_RUN)
            parent->row[parent->n_rows++] = i;
        run_passed(parent->result);
    }
    return 0;
}

static size_t row_of(const struct run_parent *parent, size_t task)
{
    return parent->row ? parent->row[task] : task;
}

/* Adds to what its last worker did. */
static void count_frame(struct run_result *result, const struct task_end *end,
                        const struct kernel_record *record)
{
    struct run_worker_facts *worker = &result->worker[end->worker];
    worker->frames++;
    worker->frame_seconds += record->frame_seconds;
    for (int s = 0; s < STAGE_N; s++)
        worker->seconds[s] += record->seconds[s];
    if (record->threads && (result->threads == 0 || record->threads < result->threads))
        result->threads = record->threads;
}

/* A frame whose workers died has nothing but its reason. */
static void store_loss(struct run_result *result, size_t index,
                       const struct task_end *end)
{
    const struct kernel_record record = {.worker = end->worker,
                                         .attempts = end->attempts};
    char text[KERNEL_REASON_BYTES];
    snprintf(text, sizeof text, "its worker was lost: %.200s", end->reason);
    run_store_log(result, index, &record);
    run_store_failure(result, index, ERR_RUNTIME, text);
}

static void store(struct run_parent *parent, size_t index, const struct task_end *end)
{
    struct run_result *result = parent->result;
    if (end->outcome == TASK_LOST) {
        store_loss(result, index, end);
        return;
    }
    struct slot_view view = run_view_slot((void *)(uintptr_t)end->slot, parent);
    view.record->worker = end->worker;
    view.record->attempts = end->attempts;
    run_store_log(result, index, view.record);
    count_frame(result, end, view.record);
    if (view.record->status == FRAME_FAILED) {
        run_store_failure(result, index, (enum err_code)view.record->error_code,
                          view.record->reason);
        return;
    }
    run_store_success(result, index, view.record, view.value, view.std);
    run_keep(parent, result->row[index].frame, &view);
}

static void task_ended(void *context, const struct task_end *end)
{
    struct run_parent *parent = context;
    const struct run_job *job = parent->job;
    size_t index = row_of(parent, end->task);
    parent->done++;
    store(parent, index, end);
    if (parent->feed)
        feed_release(parent->feed, end->task);
    if (job->frame_ended)
        job->frame_ended(job->tick_context, &parent->result->row[index]);
}

/* What it had claimed of others' frames is open again. */
static void worker_died(void *context, unsigned worker)
{
    struct run_parent *parent = context;
    for (size_t i = 0; i < parent->slots_each * (size_t)parent->job->workers; i++) {
        struct slot_view view = run_view_slot(arena_slot(parent->arena, i), parent);
        if (view.share)
            share_bury(view.share, worker);
    }
}

static int tick(void *context)
{
    struct run_parent *parent = context;
    const struct run_job *job = parent->job;
    if (job->tick)
        job->tick(job->tick_context, parent->done, parent->result->n_failed);
    if (clock_seconds() - parent->begun >= job->max_seconds)
        parent->result->out_of_time = true;
    struct err *journal_err = &parent->result->journal_err;
    if (job->journal && journal_err->code == ERR_NONE)
        journal_sync(job->journal, false, journal_err);
    return parent->result->out_of_time || journal_err->code != ERR_NONE ||
           parent->err.code != ERR_NONE;
}

/* What the reader of the stream has ready becomes tasks. */
static int more_tasks(void *context, size_t *n_tasks)
{
    struct run_parent *parent = context;
    struct run_result *result = parent->result;
    const struct feed_frame *frame;
    int more;
    while ((more = feed_next(parent->feed, &frame)) > 0) {
        if (run_add_row(result, (size_t)frame->frame, frame->time_ps, &parent->err) < 0)
            return 0;
        size_t task = result->n_frames - 1;
        int known = run_kept_find(parent, task, frame, &parent->err);
        if (known < 0)
            return 0;
        if (known)
            feed_release(parent->feed, task);
        *n_tasks = result->n_frames;
    }
    return more == 0;
}

/* Whether a frame of a stream was in the journal. */
static bool has_ended(void *context, size_t task)
{
    const struct run_parent *parent = context;
    return parent->result->row[task].status != FRAME_NOT_RUN;
}

static int start_feed(struct run_parent *parent, struct arena *arena, struct err *err)
{
    const struct run_job *job = parent->job;
    parent->feed_job = (struct feed_job){
        .traj = job->stream,
        .choice = job->choice,
        .atom = job->atom,
        .n_atoms = job->n_atoms,
        .unwrap = job->unwrap,
        .words = job->words,
        .arena = arena,
        .first_slot = parent->slots_each * (size_t)job->workers,
        .n_slots = feed_n_slots(job->workers),
    };
    parent->feed = feed_start(&parent->feed_job, err);
    return parent->feed ? 0 : -1;
}

static int run_pool(struct run_parent *parent, struct arena *arena, struct err *err)
{
    const struct run_job *job = parent->job;
    struct run_result *result = parent->result;
    if (job->stream && start_feed(parent, arena, err) < 0)
        return -1;
    const struct pool_feed feed = {
        .fd = parent->feed ? feed_fd(parent->feed) : -1,
        .more = more_tasks,
        .has_ended = has_ended,
    };
    struct pool_job pool = {
        .n_workers = job->workers,
        .n_tasks = parent->n_rows,
        .feed = parent->feed ? &feed : NULL,
        .retries = job->retries,
        .task_seconds = job->frame_seconds,
        .arena = arena,
        .slots_each = parent->slots_each,
        .context = parent,
        .worker_begin = run_worker_begin,
        .run_task = run_worker_task,
        .help_task = job->workers > 1 ? run_worker_help : NULL,
        .worker_end = run_worker_end,
        .task_ended = task_ended,
        .worker_died = worker_died,
        .tick = tick,
        .stop = job->stop,
    };
    int status = pool_run(&pool, &result->pool, err);
    if (!parent->feed)
        return status;
    feed_stop(parent->feed, &result->end);
    parent->feed = NULL;
    run_settle_times(result);
    if (status == 0 && parent->err.code != ERR_NONE)
        status = err_set(err, parent->err.code, "%s", parent->err.text);
    if (status == 0 && result->end.reached && !result->pool.stopped)
        status = run_kept_check(parent, err);
    return status;
}

static int run_tasks(struct run_parent *parent, struct err *err)
{
    const struct run_job *job = parent->job;
    size_t bytes = run_one_slot_bytes(job->n_atoms, parent->result->width);
    parent->slots_each = run_slots_each(bytes);
    size_t own = parent->slots_each * (size_t)job->workers;
    struct arena *arena =
        arena_create(own + (job->stream ? feed_n_slots(job->workers) : 0), bytes, err);
    if (!arena)
        return -1;
    parent->arena = arena;
    for (size_t i = 0; i < own; i++)
        run_init_slot(arena_slot(arena, i), parent);
    int status = run_pool(parent, arena, err);
    for (unsigned i = 0; i < job->workers; i++) {
        void *slot = arena_slot(arena, parent->slots_each * (size_t)i);
        const struct slot_facts *facts = run_view_slot(slot, parent).facts;
        parent->result->worker[i].help_seconds = facts->help_seconds;
        parent->result->worker[i].help_blocks = facts->help_blocks;
    }
    arena_destroy(arena);
    return status;
}

int run_job(const struct run_job *job, struct run_result *result, struct err *err)
{
    *result = (struct run_result){0};
    struct run_parent parent = {.job = job, .result = result, .begun = clock_seconds()};
    int status = run_prepare_rows(job, result, err);
    result->n_workers = job->workers;
    result->worker = alloc_zeroed(job->workers, sizeof *result->worker, "workers", err);
    if (!result->worker)
        status = -1;
    if (status == 0)
        status = prepare_tasks(&parent, err);
    if (status == 0)
        status = run_tasks(&parent, err);
    /* What is complete will be in the outputs in a moment. */
    if (job->journal && result->journal_err.code == ERR_NONE)
        journal_sync(job->journal, parent.done < result->n_frames,
                     &result->journal_err);
    free(parent.row);
    run_kept_end(&parent);
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
