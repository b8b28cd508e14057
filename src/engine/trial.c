/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/trial.h"

#include "engine/run_private.h"
#include "pool/child.h"
#include "util/alloc.h"
#include "util/clock.h"
#include "util/memory.h"
#include "util/stopwatch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* In the child: a worker of its own, which computes frames as those of a run do.
   Nothing is freed: it leaves with _exit. */
struct tester {
    struct run_job job;
    struct run_result result; /* its columns */
    struct run_parent parent;
    struct run_worker *worker;
    size_t row[TRIAL_FRAMES_MAX];
    void *slot;
};

static int begin(struct tester *t, const struct run_job *job, const size_t *frame,
                 size_t n)
{
    void *worker;
    *t = (struct tester){.job = *job};
    for (size_t i = 0; i < n; i++)
        t->row[i] = i;
    t->job.frame = frame;
    t->job.n_frames = n;
    t->job.workers = t->job.threads = 1;
    t->job.bind = NULL;
    /* The stream goes on elsewhere: not a byte may be taken from it, and the frame that
       has come is in memory. */
    if (job->stream)
        traj_let_go(job->stream);
    t->parent =
        (struct run_parent){.job = &t->job, .result = &t->result, .row = t->row};
    run_prepare_columns(&t->job, &t->result);
    t->slot = alloc_zeroed(1, run_one_slot_bytes(job->n_atoms, t->result.width),
                           "a frame", NULL);
    if (!t->slot || run_worker_begin(&t->parent, 0, &worker, NULL) < 0)
        return -1;
    t->worker = worker;
    return 0;
}

static int compute(struct tester *t, size_t task, struct trial_frame *out)
{
    struct slot_view view = run_view_slot(t->slot, &t->parent);
    const struct kernel_record *record = view.record;
    struct frame_view frame;
    struct stopwatch watch;
    stopwatch_start(&watch);
    if (run_worker_get(&t->parent, t->worker, task, &view, &frame, NULL) < 0)
        return -1;
    /* Time in which other programs had the core is not the frame's. */
    double read = fmin(record->seconds[STAGE_READ], stopwatch_seconds(&watch));
    double begun = clock_seconds();
    stopwatch_start(&watch);
    run_worker_map(t->worker, &frame, &view);
    if (record->status == FRAME_FAILED)
        return -1;
    double wall = clock_seconds() - begun, own = stopwatch_seconds(&watch);
    double share = wall > 0 ? fmin(own / wall, 1) : 1;
    for (int stage = 0; stage < STAGE_N; stage++)
        out->seconds[stage] = record->seconds[stage] * share;
    out->seconds[STAGE_READ] = read;
    out->whole_seconds = read + wall * share;
    out->walks = record->walks;
    out->interior_samples = record->interior_samples;
    out->bytes = memory_own_peak_bytes();
    out->capacitance_rsd = 100 * record->capacitance_std / record->capacitance;
    return 0;
}

/* Sends a packet for each frame. */
static _Noreturn void tester_main(int fd, const struct run_job *job,
                                  const size_t *frame, size_t n)
{
    struct tester tester;
    if (begin(&tester, job, frame, n) < 0)
        _exit(1);
    for (size_t i = 0; i < n; i++) {
        struct trial_frame done = {0};
        if (compute(&tester, i, &done) < 0 ||
            send(fd, &done, sizeof done, MSG_NOSIGNAL) != sizeof done)
            _exit(1);
    }
    _exit(0);
}

int trial_run(struct trial *trial, const struct run_job *job, const size_t *frame,
              size_t n, double limit_seconds)
{
    double begun = clock_seconds();
    int fd;
    *trial = (struct trial){0};
    if (n > TRIAL_FRAMES_MAX)
        return -1;
    pid_t pid = child_start(&fd, NULL);
    if (pid < 0)
        return -1;
    if (pid == 0)
        tester_main(fd, job, frame, n);
    while (trial->n < n && child_receive(fd, begun + limit_seconds - clock_seconds(),
                                         &trial->frame[trial->n], sizeof *trial->frame))
        trial->n++;
    close(fd);
    child_reap(pid, NULL);
    trial->seconds = clock_seconds() - begun;
    return trial->n > 0 ? 0 : -1;
}
