/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a layout costs. A model of the program on an idle machine: it ranks layouts, it
   is no promise. */
#include "plan/plan.h"

/* The orders of magnitude come from measurements on x86-64 servers; layouts that differ
   by less than their errors are ties anyway.

   To fork a worker and to reap it in the end; its own preparations run beside others.
 */
#define WORKER_SECONDS 3e-4
/* To create a thread, in each worker at the same time. */
#define THREAD_SECONDS 5e-5
/* A worker waits so long between two frames: a message to the parent and one back. */
#define HANDOVER_SECONDS 3e-5
/* The parent, who serves one worker after the other, needs so much of that itself. */
#define DISPATCH_SECONDS 1e-5
/* To wake one more thread for a frame and to wait for it at its end. */
#define WAKE_SECONDS 1e-5
/* The share of the parallel part that a team of threads loses to unequal blocks, to the
   ordered reduction and to caches that it has in common. */
#define TEAM_LOSS 0.02

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    return a / b + (a % b != 0);
}

/* A frame on one worker. Blocks are not divided further: 10 of them take 4 threads as
   long as 12 do. */
static double frame_seconds(const struct workload *workload, unsigned threads)
{
    double serial = workload->frame_serial_seconds + HANDOVER_SECONDS;
    uint64_t blocks = workload->blocks_per_frame ? workload->blocks_per_frame : 1;
    if (threads <= 1)
        return serial + workload->frame_parallel_seconds;
    double share = (double)divide_up(blocks, threads) / (double)blocks;
    return serial + workload->frame_parallel_seconds * share * (1 + TEAM_LOSS) +
           WAKE_SECONDS * (threads - 1);
}

/* Frames of equal cost, dealt out one by one, come in rounds; the last round takes as
   long as a full one. That is why few frames are better shared by threads. */
double plan_predict(const struct workload *workload, unsigned workers, unsigned threads)
{
    unsigned w = workers ? workers : 1, t = threads ? threads : 1;
    double frames = (double)divide_up(workload->frames, w) * frame_seconds(workload, t);
    double parent = (double)workload->frames * DISPATCH_SECONDS;
    return workload->start_seconds + WORKER_SECONDS * w + THREAD_SECONDS * (t - 1) +
           (frames > parent ? frames : parent);
}

static uint64_t saturating_product(uint64_t a, uint64_t b)
{
    uint64_t result;
    return __builtin_mul_overflow(a, b, &result) ? UINT64_MAX : result;
}

static uint64_t saturating_sum(uint64_t a, uint64_t b)
{
    uint64_t result;
    return __builtin_add_overflow(a, b, &result) ? UINT64_MAX : result;
}

uint64_t plan_memory(const struct workload *workload, unsigned workers,
                     unsigned threads)
{
    uint64_t team = saturating_product(workload->thread_bytes, threads);
    uint64_t each = saturating_sum(workload->worker_bytes, team);
    return saturating_sum(workload->fixed_bytes, saturating_product(each, workers));
}
