/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/run_private.h"

#include "engine/frame_body.h"
#include "util/alloc.h"
#include "util/clock.h"

#include <string.h>

/* What a worker does that has no frame of its own: blocks of another's, from the
   coordinates in that one's slot. It makes body and search structure again, which takes
   less time than to wait. */

static bool called(void *context)
{
    return pool_called(context);
}

/* The frame that the owner is at, copied out of its slot, or out of the ring. False
   when it has ended meanwhile. */
static bool copy_frame(const struct run_parent *parent, struct run_worker *worker,
                       const struct slot_view *slot, uint64_t task, uint64_t attempt,
                       struct frame_view *frame)
{
    const struct run_job *job = parent->job;
    const double *xyz = slot->xyz;
    *frame = (struct frame_view){
        .n = (size_t)*slot->n,
        .radius = job->radius,
        .half = job->half,
        .atom = job->atom,
    };
    if (parent->feed) {
        const struct feed_frame *fed = feed_find(&parent->feed_job, task);
        if (!fed)
            return false;
        frame->frame = (size_t)fed->frame;
        xyz = fed->xyz;
    } else {
        frame->frame = job->frame[parent->row[task]];
    }
    if (frame->n > job->n_atoms)
        return false;
    memcpy(worker->helped, xyz, 3 * frame->n * sizeof *xyz);
    frame->xyz = worker->helped;
    if (worker->present)
        memcpy(worker->present, slot->present, frame->n * sizeof *worker->present);
    if (!share_lasts(slot->share, attempt))
        return false;
    if (worker->present)
        run_take_present(worker, worker->present, frame->n, frame);
    return true;
}

/* What the kernels say to a stage, and need for that. */
struct stage_context {
    struct run_worker *worker;
    const struct frame_view *frame;
};

static struct share_work prepare(void *context, const struct share_stage *stage)
{
    const struct stage_context *c = context;
    const struct run_job *job = c->worker->job;
    struct share_work work = {0};
    for (size_t i = 0; i < job->n_tasks && !work.ordered; i++)
        if (job->task[i].kernel->help_stage)
            work =
                job->task[i].kernel->help_stage(c->worker->state[i], c->frame, stage);
    return work;
}

static int help_frame(struct run_worker *worker, const struct frame_view *frame,
                      struct err *err)
{
    const struct run_job *job = worker->job;
    frame_body_forget(worker->site.body);
    for (size_t i = 0; i < job->n_tasks; i++)
        if (job->task[i].kernel->help_frame &&
            job->task[i].kernel->help_frame(worker->state[i], frame, err) < 0)
            return -1;
    return 0;
}

static bool make_room(struct run_worker *worker)
{
    if (!worker->helped)
        worker->helped =
            alloc_zeroed(worker->job->n_atoms, 3 * sizeof(double), "coordinates", NULL);
    return worker->helped != NULL;
}

bool run_worker_help(void *context, void *state, const struct pool_help *help)
{
    const struct run_parent *parent = context;
    struct run_worker *worker = state;
    struct slot_view slot = run_view_slot(help->slot, parent);
    double begun = clock_seconds();
    void *call = (void *)(uintptr_t)help;
    struct frame_view frame;
    uint64_t task, attempt, blocks;
    if (!slot.share || !make_room(worker))
        return false;
    if (!share_await(slot.share, called, call, &task, &attempt) ||
        !copy_frame(parent, worker, &slot, task, attempt, &frame))
        return true;
    struct stage_context stage = {worker, &frame};
    const struct share_help share = {
        .share = slot.share,
        .self = help->self,
        .team = worker->site.team,
        .frame = attempt,
        .context = &stage,
        .prepare = prepare,
        .called = called,
        .call_context = call,
    };
    struct err err = {0};
    /* A frame that is no body is the owner's to report. */
    if (help_frame(worker, &frame, &err) < 0)
        return err.code != ERR_RUNTIME;
    int status = share_help(&share, &blocks, NULL);
    size_t own = parent->slots_each * (size_t)help->self;
    struct slot_facts *facts =
        run_view_slot(arena_slot(parent->arena, own), parent).facts;
    facts->help_seconds += clock_seconds() - begun;
    facts->help_blocks += blocks;
    return status == 0;
}
