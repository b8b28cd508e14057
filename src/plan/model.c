/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a layout costs: a model of the program, documented in docs/planner.md. */
#include "plan/decide_private.h"

#include <math.h>

/* The orders of magnitude come from measurements on x86-64 servers; layouts that differ
   by less than their errors are ties anyway.

   To fork a worker and to reap it in the end; its own preparations run beside others.
 */
#define WORKER_SECONDS 3e-4
/* To create a thread, in each worker at the same time. */
#define THREAD_SECONDS 5e-5
/* A worker waits so long between two frames: a message to the parent and one back. */
#define HANDOVER_SECONDS 2e-5
/* To wake one more thread for a part of a frame and to wait for it at its end. */
#define WAKE_SECONDS 5e-6
/* The share of the parallel part that a team of threads loses to unequal blocks, to the
   ordered reduction and to caches that it has in common; and that a team loses that is
   larger than a NUMA node, for the memory of another one. */
#define TEAM_LOSS 0.02
#define NODE_LOSS 0.10

/* Of a worker that waits for a frame. */
#define IDLE_WORKER_BYTES (UINT64_C(1) << 19)

/* Of address space that a worker has reserved and not used. */
#define CHUNK_BYTES (UINT64_C(4) << 20)

static double divide_up(double a, double b)
{
    return ceil(a / b - 1e-9);
}

double workload_frame_seconds(const struct workload *workload)
{
    double sum = workload->build_seconds + workload->serial_seconds +
                 workload->derive_seconds +
                 (workload->open_ended ? 0 : workload->read_seconds);
    for (int p = 0; p < WORKLOAD_PARTS; p++)
        sum += workload->part[p].seconds;
    return sum;
}

/* Blocks are not divided further: 10 of them take 4 threads as long as 12 do. */
static double part_seconds(const struct workload_part *part, unsigned threads,
                           double loss)
{
    double blocks = part->blocks ? (double)part->blocks : 1;
    if (part->seconds <= 0 || threads <= 1)
        return part->seconds;
    double share = divide_up(blocks, threads) / blocks;
    double width = fmin(threads, blocks);
    return part->seconds * share * (1 + loss) + WAKE_SECONDS * (width - 1);
}

static double team_loss(const struct capacity *capacity, unsigned threads)
{
    return threads > capacity->cores / capacity->nodes && capacity->nodes > 1
               ? TEAM_LOSS + NODE_LOSS
               : TEAM_LOSS;
}

struct frame_time plan_frame_time(const struct workload *w, unsigned threads,
                                  double loss)
{
    struct frame_time time = {.alone = w->build_seconds + w->serial_seconds +
                                       w->derive_seconds + HANDOVER_SECONDS};
    if (!w->open_ended)
        time.alone += w->read_seconds;
    for (int p = 0; p < WORKLOAD_PARTS; p++)
        time.shared += part_seconds(&w->part[p], threads, loss);
    return time;
}

/* Frames that take `seconds` on cores of speed 1, dealt out to single threads of
   several speeds: the first time at which all are done. */
static double deal_unequal(double frames, double seconds,
                           const struct speed_class *speeds, size_t n)
{
    double total = 0, slowest = HUGE_VAL;
    for (size_t k = 0; k < n; k++) {
        total += speeds[k].threads * speeds[k].speed;
        slowest = fmin(slowest, speeds[k].speed);
    }
    double low = frames * seconds / total, high = low + seconds / slowest;
    for (int i = 0; i < 60 && high - low > 1e-9 * high; i++) {
        double middle = (low + high) / 2, done = 0;
        for (size_t k = 0; k < n; k++)
            done += speeds[k].threads *
                    floor(middle * speeds[k].speed / seconds * (1 + 1e-12));
        if (done >= frames)
            high = middle;
        else
            low = middle;
    }
    return high;
}

double plan_helper_seconds(const struct workload *w, unsigned threads)
{
    return w->build_seconds + w->cells_seconds / threads;
}

/* The last `frames`, fewer than workers, when the idle ones help with their walks and
   samples: they build each body again, and its cells as walks come to them, then all
   work on all blocks. */
static double helped_seconds(const struct workload *w, const struct frame_time *time,
                             const struct layout_speed *speed, double frames)
{
    double threads = (double)speed->workers * speed->threads;
    double helped = w->part[WORKLOAD_WALKS].seconds, own = time->shared;
    double loss = speed->threads > 1 ? speed->loss : 0;
    double blocks = (double)w->part[WORKLOAD_WALKS].blocks;
    double in_team = part_seconds(&w->part[WORKLOAD_WALKS], speed->threads, loss);
    double rounds = divide_up(frames * fmax(blocks, 1), threads) / fmax(blocks, 1);
    double all = helped * rounds * (1 + loss + PLAN_HELP_LOSS) +
                 plan_helper_seconds(w, speed->threads) * (1 - frames / speed->workers);
    own += fmin(all, in_team) - in_team;
    return time->alone / speed->one + own / speed->each;
}

/* Frames of equal cost, dealt out one by one, come in rounds; the last round takes as
   long as a full one, unless the idle help. That is why few frames are better shared by
   threads. Costs that scatter make workers wait for the last one: half a standard
   deviation, where there are several. */
static double frames_seconds(const struct workload *w, const struct layout_speed *speed)
{
    struct frame_time time = plan_frame_time(w, speed->threads, speed->loss);
    double each = time.alone / speed->one + time.shared / speed->each;
    double frames = (double)w->frames, workers = speed->workers;
    double wait = workers > 1 && frames > workers ? w->spread * each / 2 : 0;
    if (speed->threads == 1 && speed->n_classes > 1 && frames > 1)
        return wait / 2 + deal_unequal(frames, time.alone + time.shared, speed->speeds,
                                       speed->n_classes);
    if (!w->helps || w->open_ended)
        return wait + divide_up(frames, workers) * each;
    double rounds = floor(frames / workers), rest = frames - rounds * workers;
    return rounds * each +
           (rest > 0 ? helped_seconds(w, &time, speed, rest) : wait / 4);
}

struct layout_speed plan_layout_speed(const struct capacity *capacity,
                                      const struct workload *w, unsigned workers,
                                      unsigned threads)
{
    struct layout_speed speed = {.workers = workers, .threads = threads};
    /* With fewer frames than workers and no help the others sleep. */
    unsigned busy = !w->helps && (double)workers > (double)w->frames
                        ? (unsigned)w->frames
                        : workers;
    busy = busy ? busy : 1;
    uint64_t n = (uint64_t)busy * threads;
    unsigned all = n > 1u << 30 ? 1u << 30 : (unsigned)n;
    speed.each = capacity_total(capacity, all) / all;
    speed.one = threads == 1 ? speed.each : capacity_total(capacity, busy) / busy;
    speed.loss = team_loss(capacity, threads);
    speed.n_classes = capacity_speeds(capacity, all, speed.speeds);
    return speed;
}

double plan_begin_seconds(unsigned workers, unsigned threads)
{
    return WORKER_SECONDS * workers + THREAD_SECONDS * (threads - 1);
}

double plan_model(const struct capacity *capacity, const struct workload *workload,
                  unsigned workers, unsigned threads)
{
    unsigned w = workers ? workers : 1, t = threads ? threads : 1;
    struct layout_speed speed = plan_layout_speed(capacity, workload, w, t);
    double frames = (double)workload->frames;
    double compute = frames > 0 ? frames_seconds(workload, &speed) : 0;
    double parent = frames * (PLAN_DISPATCH_SECONDS + workload->parent_seconds);
    /* The reader of a stream works beside the others, one frame after the other. */
    double reader = workload->open_ended ? frames * workload->read_seconds : 0;
    /* Where workers have all cores, both take their time from them. */
    unsigned cores = capacity->cores ? capacity->cores : 1;
    if ((uint64_t)w * t >= cores)
        compute += (parent + reader) / capacity_total(capacity, cores);
    if (frames > 0)
        compute += workload->first_seconds / speed.one;
    return workload->start_seconds + workload->end_seconds + plan_begin_seconds(w, t) +
           fmax(compute, fmax(parent, reader));
}

double plan_predict(const struct machine *machine, unsigned cores,
                    const struct workload *workload, unsigned workers, unsigned threads)
{
    struct capacity capacity;
    capacity_init(&capacity, machine, cores);
    return plan_model(&capacity, workload, workers, threads);
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
    /* Who never gets a frame needs next to nothing. */
    uint64_t frames = workload->frames ? workload->frames : 1;
    bool idle = !workload->helps && workers > frames;
    uint64_t busy = idle ? frames : workers;
    uint64_t sleeping = saturating_product(IDLE_WORKER_BYTES, workers - busy);
    uint64_t owners = workers < frames ? workers : frames;
    uint64_t fixed = saturating_sum(workload->fixed_bytes, sleeping);
    uint64_t own = saturating_product(workload->frame_bytes, owners);
    return saturating_sum(saturating_sum(fixed, own), saturating_product(each, busy));
}

/* The kernel reserves a stack for each thread besides the first, and the C library an
   arena. Memory is asked for in chunks that are not used up, and what grows is doubled:
   the fit of a control variate. */
uint64_t plan_address(const struct workload *workload, unsigned threads)
{
    uint64_t stacks = saturating_product(PLAN_THREAD_ADDRESS, threads - 1);
    uint64_t unused = saturating_sum(CHUNK_BYTES, workload->frame_bytes);
    uint64_t counted = saturating_sum(plan_memory(workload, 1, threads), unused);
    return saturating_sum(saturating_sum(counted, stacks), workload->address_bytes);
}
