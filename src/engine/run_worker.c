/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/run_private.h"

#include "engine/frame_body.h"
#include "engine/frame_reader.h"
#include "util/alloc.h"
#include "util/clock.h"
#include "util/hash.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Blocks that may be on offer, or ahead of the fold, of one frame: more than workers
   and threads of most machines. */
enum { SHARE_PLACES = 128, SLOT_ALIGN = 64 };

/* Frames of systems with larger slots take so long that one ahead is enough. */
enum { SLOT_SMALL_BYTES = 512 * 1024 };

static const struct share_shape share_shape = {
    .n_places = SHARE_PLACES,
    .facts_bytes = KERNEL_FACTS_BYTES,
    .result_bytes = KERNEL_RESULT_BYTES,
};

/* What stands before the share. */
static size_t data_bytes(size_t n_atoms, size_t width)
{
    size_t bytes =
        sizeof(struct kernel_record) + sizeof(uint64_t) + sizeof(struct slot_facts) +
        (2 * width + 3 * n_atoms) * sizeof(double) + n_atoms * sizeof(uint32_t);
    return (bytes + SLOT_ALIGN - 1) / SLOT_ALIGN * SLOT_ALIGN;
}

struct slot_view run_view_slot(void *slot, const struct run_parent *parent)
{
    const struct run_job *job = parent->job;
    size_t n_atoms = job->n_atoms, width = parent->result->width;
    unsigned char *at = slot;
    struct slot_view view = {.record = slot};
    view.n = (uint64_t *)(void *)(at + sizeof(struct kernel_record));
    view.facts = (struct slot_facts *)(void *)(view.n + 1);
    view.value = (double *)(void *)(view.facts + 1);
    view.std = view.value + width;
    view.xyz = view.std + width;
    view.present = (uint32_t *)(void *)(view.xyz + 3 * n_atoms);
    if (job->workers > 1 && job->workers <= SHARE_HELPERS_MAX)
        view.share = (struct share *)(void *)(at + data_bytes(n_atoms, width));
    return view;
}

void run_init_slot(void *slot, const struct run_parent *parent)
{
    struct slot_view view = run_view_slot(slot, parent);
    if (view.share)
        share_init(view.share, &share_shape);
}

size_t run_one_slot_bytes(size_t n_atoms, size_t width)
{
    size_t bytes = data_bytes(n_atoms, width) + share_bytes(&share_shape);
    size_t ring = feed_slot_bytes(n_atoms);
    return bytes > ring ? bytes : ring;
}

unsigned run_slots_each(size_t slot_bytes)
{
    return slot_bytes <= SLOT_SMALL_BYTES ? POOL_SLOTS_MAX : POOL_SLOTS_MIN;
}

size_t run_slot_bytes(size_t n_atoms, size_t width, bool stream, size_t n_frames)
{
    size_t bytes = run_one_slot_bytes(n_atoms, width), own = run_slots_each(bytes);
    if (n_frames < own)
        own = n_frames;
    /* Two slots of the ring for each worker, and two more in all. */
    return own * data_bytes(n_atoms, width) + share_bytes(&share_shape) +
           (stream ? 4 * bytes : 0);
}

void run_worker_end(void *context, void *state)
{
    struct run_worker *worker = state;
    (void)context;
    if (!worker)
        return;
    for (size_t i = 0; worker->state && i < worker->job->n_tasks; i++)
        worker->job->task[i].kernel->destroy(worker->state[i]);
    free(worker->state);
    frame_body_destroy(worker->site.body);
    team_destroy(worker->site.team);
    frame_reader_destroy(worker->reader);
    free(worker->present);
    free(worker->atom);
    free(worker->radius);
    free(worker->half);
    free(worker->helped);
    free(worker);
}

static int worker_buffers(struct run_worker *worker, struct err *err)
{
    const struct run_job *job = worker->job;
    size_t n = job->n_atoms;
    if (!traj_frames_vary(job->traj) && !job->words)
        return 0;
    worker->present = alloc_zeroed(n, sizeof *worker->present, "a frame", err);
    worker->atom = alloc_zeroed(n, sizeof *worker->atom, "a frame", err);
    worker->radius = alloc_zeroed(n, sizeof *worker->radius, "a frame", err);
    if (job->half)
        worker->half = alloc_zeroed(n, 3 * sizeof *worker->half, "a frame", err);
    return worker->present && worker->atom && worker->radius &&
                   (worker->half || !job->half)
               ? 0
               : -1;
}

static int create_kernels(struct run_worker *worker, struct err *err)
{
    const struct run_job *job = worker->job;
    worker->site.body = frame_body_create(worker->site.team, err);
    if (!worker->site.body)
        return -1;
    worker->state = alloc_zeroed(job->n_tasks, sizeof *worker->state, "kernels", err);
    if (!worker->state)
        return -1;
    for (size_t i = 0; i < job->n_tasks; i++) {
        const struct kernel_task *task = &job->task[i];
        worker->state[i] = task->kernel->create(task->options, &worker->site, err);
        if (!worker->state[i])
            return -1;
    }
    return 0;
}

/* A team's threads on their way to their places. */
struct binding {
    const struct run_job *job;
    unsigned first; /* number of the team's first thread among all of the run */
    pthread_mutex_t lock;
    struct err err;
};

static void bind_member(void *context, unsigned thread)
{
    struct binding *b = context;
    struct err err = {0};
    const struct run_job *job = b->job;
    if (bind_thread(job->bind, b->first + thread, job->workers * job->threads, &err) ==
        0)
        return;
    pthread_mutex_lock(&b->lock);
    b->err = err;
    pthread_mutex_unlock(&b->lock);
}

/* Before anything is allocated, so that it is near. */
static int bind_team(const struct run_job *job, unsigned index, struct team *team,
                     struct err *err)
{
    struct binding b = {
        .job = job, .first = index * job->threads, .lock = PTHREAD_MUTEX_INITIALIZER};
    if (!job->bind)
        return 0;
    team_run(team, bind_member, &b);
    return b.err.code == ERR_NONE ? 0 : err_set(err, b.err.code, "%s", b.err.text);
}

static int set_up(struct run_worker *worker, unsigned index, struct err *err)
{
    const struct run_job *job = worker->job;
    worker->site.team = team_create(job->threads, err);
    if (!worker->site.team || bind_team(job, index, worker->site.team, err) < 0)
        return -1;
    worker->reader = frame_reader_create(job->traj, job->atom, job->n_atoms,
                                         job->unwrap, job->words, err);
    if (!worker->reader || worker_buffers(worker, err) < 0)
        return -1;
    return create_kernels(worker, err);
}

int run_worker_begin(void *context, unsigned index, void **state, struct err *err)
{
    struct run_worker *worker = alloc_zeroed(1, sizeof *worker, "a worker", err);
    if (!worker)
        return -1;
    worker->job = ((struct run_parent *)context)->job;
    if (set_up(worker, index, err) < 0) {
        run_worker_end(context, worker);
        return -1;
    }
    *state = worker;
    return 0;
}

void run_take_present(struct run_worker *worker, const uint32_t *present, size_t n,
                      struct frame_view *view)
{
    const struct run_job *job = worker->job;
    view->n = n;
    view->mass_da = 0;
    for (size_t i = 0; i < n; i++) {
        worker->atom[i] = job->atom[present[i]];
        worker->radius[i] = job->radius[present[i]];
        for (size_t k = 0; k < 3 && job->half; k++)
            worker->half[3 * i + k] = job->half[3 * (size_t)present[i] + k];
        if (job->mass)
            view->mass_da += job->mass[present[i]];
    }
    view->radius = worker->radius;
    view->half = worker->half;
    view->atom = worker->atom;
}

/* The selected atoms that the frame has. */
static int read_present(struct run_worker *worker, const struct slot_view *slot,
                        struct frame_view *view, struct err *err)
{
    size_t n;
    if (frame_reader_read_present(worker->reader, view->frame, slot->xyz, slot->present,
                                  &n, err) < 0)
        return -1;
    run_take_present(worker, slot->present, n, view);
    return 0;
}

/* The coordinates of a frame of a file, decoded here, or of a stream, decoded by its
   reader. */
static int get_frame(const struct run_parent *parent, struct run_worker *worker,
                     size_t task, const struct slot_view *slot, struct frame_view *view,
                     struct err *err)
{
    double begun = clock_seconds();
    if (parent->feed) {
        const struct feed_frame *fed = feed_find(&parent->feed_job, task);
        if (!fed)
            return err_set(err, ERR_RUNTIME, "the frame is not in shared memory");
        view->frame = (size_t)fed->frame;
        view->xyz = fed->xyz;
        slot->record->seconds[STAGE_READ] = fed->seconds;
        if (fed->error_code != ERR_NONE)
            return err_set(err, (enum err_code)fed->error_code, "%s", fed->reason);
        if (worker->present) {
            memcpy(slot->present, feed_present(&parent->feed_job, fed),
                   fed->n_present * sizeof *slot->present);
            run_take_present(worker, slot->present, fed->n_present, view);
        }
        return 0;
    }
    view->frame = worker->job->frame[parent->row[task]];
    view->xyz = slot->xyz;
    int status = worker->present
                     ? read_present(worker, slot, view, err)
                     : frame_reader_read(worker->reader, view->frame, slot->xyz, err);
    if (status < 0)
        return -1;
    slot->record->seconds[STAGE_READ] = clock_seconds() - begun;
    return 0;
}

/* A kernel knows neither file nor frame. */
static void name_frame(const struct run_job *job, size_t frame,
                       struct kernel_record *record)
{
    char reason[KERNEL_REASON_BYTES];
    if (record->status != FRAME_FAILED || record->error_code != ERR_INPUT)
        return;
    memcpy(reason, record->reason, sizeof reason);
    snprintf(record->reason, sizeof record->reason, "%.*s: frame %zu: %.*s",
             (int)sizeof reason / 2, traj_frame_path(job->traj, frame), frame,
             (int)sizeof reason / 3, reason);
}

/* One kernel after another, while the frame has not failed; its status is the worst of
   theirs. */
void run_worker_map(struct run_worker *worker, const struct frame_view *frame,
                    const struct slot_view *view)
{
    const struct run_job *job = worker->job;
    double *value = view->value, *std = view->std;
    int worst = FRAME_OK;
    frame_body_forget(worker->site.body);
    view->record->frame_hash = hash_bytes(frame->xyz, 3 * frame->n * sizeof(double), 0);
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
    name_frame(job, frame->frame, view->record);
}

int run_worker_get(const struct run_parent *parent, struct run_worker *worker,
                   size_t task, const struct slot_view *slot, struct frame_view *frame,
                   struct err *err)
{
    const struct run_job *job = worker->job;
    *frame = (struct frame_view){
        .n = job->n_atoms, .radius = job->radius, .half = job->half, .atom = job->atom};
    memset(slot->record, 0, sizeof *slot->record);
    slot->record->threads = team_size(worker->site.team);
    if (get_frame(parent, worker, task, slot, frame, err) < 0)
        return -1;
    /* Coordinates that are not numbers are the frame's failure. */
    return traj_check_finite(job->traj, frame->frame, frame->atom, frame->n, frame->xyz,
                             err);
}

void run_worker_task(void *context, void *state, size_t task, void *slot)
{
    const struct run_parent *parent = context;
    struct run_worker *worker = state;
    struct slot_view view = run_view_slot(slot, parent);
    struct frame_view frame;
    struct err err = {0};
    double begun = clock_seconds();
    worker->site.share = view.share;
    if (view.share)
        share_end(view.share); /* of a worker that died, perhaps: its slot is ours */
    if (run_worker_get(parent, worker, task, &view, &frame, &err) < 0) {
        kernel_fail(view.record, &err);
    } else {
        *view.n = frame.n;
        if (view.share)
            share_begin(view.share, task);
        run_worker_map(worker, &frame, &view);
        if (view.share)
            share_end(view.share);
    }
    view.record->frame_seconds = clock_seconds() - begun;
}
