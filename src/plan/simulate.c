/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/simulate.h"

#include "plan/decide_private.h"
#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>

/* A worker has nothing, does what one thread does of a frame, shares its blocks among
   its threads, or builds a body to help with another's. */
enum state { IDLE, ALONE, SHARED, COMING, HELPING };

struct worker {
    enum state state;
    double left;    /* seconds of work at speed 1 of what it does now */
    double shared;  /* of its frame, behind the part that one thread does */
    double until;   /* when the parent has handed it its frame */
    unsigned whose; /* frame it helps with, by the worker that has it */
    unsigned helpers;
};

struct world {
    const struct workload *workload;
    struct layout_speed speed;
    const double *cost;
    size_t n, next;
    struct worker *worker;
    double now, parent_free;
    struct simulation *out;
};

static double cost_of(const struct world *w, size_t frame)
{
    return w->cost ? w->cost[frame] : 1;
}

/* Work on shared blocks goes as fast as there are threads for it. */
static double rate(const struct world *w, const struct worker *worker)
{
    switch (worker->state) {
    case ALONE:
    case COMING:
        return w->speed.one;
    case SHARED:
        return w->speed.each * (1 + worker->helpers / (1 + PLAN_HELP_LOSS));
    default:
        return 0;
    }
}

/* The parent serves one worker after the other. */
static void hand_out(struct world *w, struct worker *worker)
{
    double cost = cost_of(w, w->next++);
    struct frame_time time =
        plan_frame_time(w->workload, w->speed.threads, w->speed.loss);
    double serve = PLAN_DISPATCH_SECONDS + w->workload->parent_seconds;
    double from = fmax(w->now, w->parent_free);
    w->parent_free = from + serve;
    worker->until = from + serve;
    worker->state = ALONE;
    worker->left = time.alone * cost;
    worker->shared = time.shared * cost;
}

static bool first_frame(const struct world *w, size_t index)
{
    return w->next <= w->speed.workers && index < w->speed.workers;
}

/* The frame with most of its shared work left. A helper pays for a body of its own, so
   there must be something to gain. */
static struct worker *frame_to_help(const struct world *w)
{
    struct worker *best = NULL;
    double most = 2 * w->workload->build_seconds;
    for (unsigned i = 0; i < w->speed.workers; i++) {
        struct worker *candidate = &w->worker[i];
        double left = candidate->state == SHARED  ? candidate->left
                      : candidate->state == ALONE ? candidate->shared
                                                  : 0;
        if (left / (1 + candidate->helpers) > most) {
            most = left / (1 + candidate->helpers);
            best = candidate;
        }
    }
    return best;
}

static void find_work(struct world *w)
{
    for (unsigned i = 0; i < w->speed.workers; i++) {
        struct worker *worker = &w->worker[i];
        if (worker->state != IDLE)
            continue;
        if (w->next < w->n) {
            hand_out(w, worker);
            if (first_frame(w, i))
                worker->left += w->workload->first_seconds;
            continue;
        }
        struct worker *owner = w->workload->helps ? frame_to_help(w) : NULL;
        if (!owner || owner == worker)
            continue;
        worker->state = COMING;
        worker->until = w->now;
        worker->left = plan_helper_seconds(w->workload, w->speed.threads);
        worker->whose = (unsigned)(owner - w->worker);
    }
}

/* Those who help with a frame that is done have nothing to do. */
static void release(struct world *w, unsigned owner)
{
    for (unsigned i = 0; i < w->speed.workers; i++) {
        struct worker *worker = &w->worker[i];
        if ((worker->state == HELPING || worker->state == COMING) &&
            worker->whose == owner)
            worker->state = IDLE;
    }
    w->worker[owner].helpers = 0;
    w->worker[owner].state = IDLE;
}

static void finish(struct world *w, unsigned index)
{
    struct worker *worker = &w->worker[index];
    if (worker->state == ALONE) {
        worker->state = SHARED;
        worker->left = worker->shared;
        worker->until = w->now;
    } else if (worker->state == COMING) {
        struct worker *owner = &w->worker[worker->whose];
        worker->state = HELPING;
        w->out->helped += owner->helpers++ == 0;
    } else {
        release(w, index);
    }
}

/* Moves on to the next thing that ends; false where nothing is under way. */
static bool step(struct world *w)
{
    double soonest = HUGE_VAL;
    unsigned which = 0;
    for (unsigned i = 0; i < w->speed.workers; i++) {
        const struct worker *worker = &w->worker[i];
        double speed = rate(w, worker);
        if (speed <= 0)
            continue;
        double end = fmax(worker->until, w->now) + worker->left / speed;
        if (end < soonest) {
            soonest = end;
            which = i;
        }
    }
    if (!isfinite(soonest))
        return false;
    for (unsigned i = 0; i < w->speed.workers; i++) {
        struct worker *worker = &w->worker[i];
        double speed = rate(w, worker), from = fmax(worker->until, w->now);
        w->out->busy_seconds += worker->state == IDLE ? 0 : soonest - w->now;
        if (speed > 0 && soonest > from)
            worker->left -= (soonest - from) * speed;
    }
    w->now = soonest;
    finish(w, which);
    return true;
}

int plan_simulate(struct simulation *simulation, const struct machine *machine,
                  unsigned cores, const struct workload *workload, const double *cost,
                  size_t n, unsigned workers, unsigned threads, struct err *err)
{
    struct capacity capacity;
    *simulation = (struct simulation){0};
    capacity_init(&capacity, machine, cores);
    struct world world = {
        .workload = workload,
        .speed = plan_layout_speed(&capacity, workload, workers, threads),
        .cost = cost,
        .n = n,
        .out = simulation,
    };
    world.worker = alloc_zeroed(workers, sizeof *world.worker, "a simulation", err);
    if (!world.worker)
        return -1;
    find_work(&world);
    while (step(&world))
        find_work(&world);
    free(world.worker);
    double wall = fmax(world.now, world.parent_free);
    simulation->wait_seconds = workers * wall - simulation->busy_seconds;
    simulation->seconds = workload->start_seconds + workload->end_seconds +
                          plan_begin_seconds(workers, threads) + wall;
    return 0;
}

int plan_simulate_nodes(struct simulation *simulation, const struct machine *machine,
                        unsigned nodes, const struct workload *workload,
                        const double *cost, size_t n, unsigned workers,
                        unsigned threads, struct err *err)
{
    double *part = alloc_zeroed(n / nodes + 1, sizeof *part, "a simulation", err);
    struct simulation sum = {0};
    int status = part ? 0 : -1;
    for (unsigned node = 0; node < nodes && status == 0; node++) {
        struct simulation one;
        size_t m = 0;
        for (size_t i = node; i < n; i += nodes)
            part[m++] = cost ? cost[i] : 1;
        status =
            plan_simulate(&one, machine, 0, workload, part, m, workers, threads, err);
        sum.seconds = fmax(sum.seconds, one.seconds);
        sum.busy_seconds += one.busy_seconds;
        sum.wait_seconds += one.wait_seconds;
        sum.helped += one.helped;
    }
    free(part);
    *simulation = sum;
    return status;
}
