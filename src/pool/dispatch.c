/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool/pool_private.h"
#include "util/clock.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { TICK_MS = 100 };

static bool work_left(const struct pool *pool)
{
    return pool->n_retries > 0 || pool->next_task < pool->n_tasks;
}

static bool run_is_over(const struct pool *pool)
{
    return pool->failed || pool->report->stopped ||
           (!pool->fed && pool->report->tasks_ended == pool->n_tasks);
}

void pool_look_at_stop(struct pool *pool)
{
    if (pool->job->stop && *pool->job->stop)
        pool->report->stopped = 1;
}

static void call_tick(struct pool *pool)
{
    if (pool->job->tick && pool->job->tick(pool->job->context) != 0)
        pool->report->stopped = 1;
    pool_look_at_stop(pool);
}

int pool_start_worker(struct pool *pool, unsigned index, struct err *err)
{
    if (worker_start(pool, index, err) != 0)
        return -1;
    pool->polled[index] =
        (struct pollfd){.fd = pool->workers[index].fd, .events = POLLIN};
    return 0;
}

void pool_push_retry(struct pool *pool, struct attempt attempt)
{
    assert(pool->n_retries < pool->job->slots_each * pool->n_workers);
    pool->retries[pool->n_retries++] = attempt;
}

/* Passes over tasks that have ended without a worker. */
static void pass_over(struct pool *pool)
{
    const struct pool_feed *feed = pool->job->feed;
    while (feed && feed->has_ended && pool->next_task < pool->n_tasks &&
           feed->has_ended(pool->job->context, pool->next_task)) {
        pool->next_task++;
        pool->report->tasks_ended++;
    }
}

struct attempt pool_take_attempt(struct pool *pool)
{
    if (pool->n_retries > 0)
        return pool->retries[--pool->n_retries];
    struct attempt attempt = {.task = pool->next_task++};
    pass_over(pool);
    return attempt;
}

/* The worker is at it from now on. */
static void begin_attempt(struct pool *pool, struct worker *worker,
                          struct attempt attempt, unsigned turn)
{
    worker->attempt = attempt;
    worker->state = WORKER_BUSY;
    worker->since = clock_seconds();
    worker->serial = ++pool->n_attempts;
    if (worker->serial == 1)
        pool->first_at = worker->since;
    worker->turn = turn;
    worker->helpers = 0;
}

/* Gives a worker that has none its next task, or somebody to help. */
static void hand_out(struct pool *pool, struct worker *worker)
{
    struct attempt attempt;
    if ((worker->state != WORKER_IDLE && worker->state != WORKER_HELPING) ||
        run_is_over(pool))
        return;
    if (work_left(pool)) {
        attempt = pool_take_attempt(pool);
    } else if (!ahead_steal(pool, &attempt)) {
        helpers_ask(pool, worker);
        return;
    }
    helpers_let_go(pool, worker);
    struct message message = {.kind = MESSAGE_TASK, .task = attempt.task};
    if (message_send(worker->fd, &message) == 0) {
        begin_attempt(pool, worker, attempt, 0);
        return;
    }
    /* It died idle: not the fault of this task, whose deaths are not counted up. */
    worker->state = WORKER_DEAF;
    pool_push_retry(pool, attempt);
}

/* The task that a worker was at; `reason` is that of its death, or NULL. */
static void end_task(struct pool *pool, unsigned index, const struct attempt *attempt,
                     const char *reason)
{
    const struct pool_job *job = pool->job;
    size_t slot = job->slots_each * (size_t)index + pool->workers[index].turn;
    const struct task_end end = {
        .task = attempt->task,
        .outcome = reason ? TASK_LOST : TASK_DONE,
        .worker = index,
        .attempts = attempt->deaths + !reason,
        .slot = reason ? NULL : arena_slot(job->arena, slot),
        .reason = reason,
    };
    pool->report->tasks_ended++;
    pool->report->task_seconds = clock_seconds() - pool->first_at;
    job->task_ended(job->context, &end);
    call_tick(pool);
}

/* One that has been killed has said its last word. */
static void task_done(struct pool *pool, unsigned index)
{
    struct worker *worker = &pool->workers[index];
    worker->state = worker->stuck ? WORKER_DEAF : WORKER_IDLE;
    helpers_recall(pool, index);
    end_task(pool, index, &worker->attempt, NULL);
}

/* Whether what the worker says about its task can be true. */
static bool hear_of_task(struct pool *pool, unsigned index,
                         const struct message *message)
{
    struct worker *worker = &pool->workers[index];
    unsigned turn = (worker->turn + 1) % pool->job->slots_each;
    struct attempt next;
    if (worker->state != WORKER_BUSY || message->task != worker->attempt.task)
        return false;
    if (message->kind == MESSAGE_DONE) {
        task_done(pool, index);
        ahead_clear(pool, worker);
        return true;
    }
    if (!ahead_taken(pool, worker, &next))
        return false;
    task_done(pool, index);
    if (worker->stuck)
        pool_push_retry(pool, next);
    else
        begin_attempt(pool, worker, next, turn);
    return true;
}

/* Neither side can hear the other: what the worker was at decides what follows. */
static void worker_died(struct pool *pool, unsigned index)
{
    struct worker *worker = &pool->workers[index];
    enum worker_state was = worker->state;
    struct attempt attempt = worker->attempt;
    char reason[CHILD_REASON_BYTES];
    bool stuck = worker->stuck;
    helpers_recall(pool, index);
    helpers_let_go(pool, worker);
    worker->help_failures += was == WORKER_HELPING;
    worker_reap(worker, reason);
    pool->polled[index].fd = -1;
    if (pool->job->worker_died)
        pool->job->worker_died(pool->job->context, index);
    if (stuck)
        snprintf(reason, sizeof reason, "killed after %g s without an end",
                 pool->job->task_seconds);
    if (was == WORKER_STARTING && worker->begin_deaths++ >= pool->job->retries) {
        err_set(pool->err, ERR_RUNTIME,
                "a worker process died before its first task: %s", reason);
        pool->failed = true;
    }
    ahead_clear(pool, worker);
    if (was != WORKER_BUSY)
        return;
    if (attempt.deaths++ < pool->job->retries)
        pool_push_retry(pool, attempt);
    else
        end_task(pool, index, &attempt, reason);
}

static void worker_said(struct pool *pool, unsigned index,
                        const struct message *message)
{
    struct worker *worker = &pool->workers[index];
    if (message->kind == MESSAGE_READY && worker->state == WORKER_STARTING) {
        worker->state = WORKER_IDLE;
        worker->begin_deaths = 0;
    } else if ((message->kind == MESSAGE_DONE || message->kind == MESSAGE_NEXT) &&
               hear_of_task(pool, index, message)) {
        /* and idle, or at the next one */
    } else if (message->kind == MESSAGE_HELPED &&
               helpers_heard(pool, worker, message->task != 0)) {
        /* and there for a task */
    } else if (message->kind == MESSAGE_FAILED && worker->state == WORKER_STARTING) {
        if (pool->err)
            *pool->err = message->err;
        pool->failed = true;
    } else {
        worker_died(pool,
                    index); /* or will have, once it is reaped: it talks nonsense */
        return;
    }
    hand_out(pool, worker);
}

static void hear_worker(struct pool *pool, unsigned index)
{
    struct message message;
    switch (message_receive(pool->workers[index].fd, MSG_DONTWAIT, &message)) {
    case MESSAGE_GOT:
        worker_said(pool, index, &message);
        break;
    case MESSAGE_CLOSED:
        worker_died(pool, index);
        break;
    case MESSAGE_NONE:
        break;
    }
}

int pool_sleep_until_event(struct pool *pool, double seconds)
{
    if (seconds < 0)
        seconds = 0;
    struct timespec limit = {.tv_sec = (time_t)seconds};
    limit.tv_nsec = (long)(1e9 * (seconds - (double)limit.tv_sec));
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pool_look_at_stop(pool);
    int n_events = 0;
    if (!pool->report->stopped)
        n_events = ppoll(pool->polled, pool->n_polled, &limit, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return n_events;
}

/* Work into hands that are idle, else into those that help; help where there is no
   more. */
static void hand_out_all(struct pool *pool)
{
    static const enum worker_state order[] = {WORKER_IDLE, WORKER_HELPING};
    for (size_t s = 0; s < sizeof order / sizeof *order; s++)
        for (unsigned i = 0; i < pool->n_workers; i++)
            if (pool->workers[i].state == order[s] &&
                (order[s] == WORKER_IDLE || work_left(pool)))
                hand_out(pool, &pool->workers[i]);
}

/* Puts new processes in the places of dead ones and work into idle hands, after a death
   or a failed fork. */
static void fill_gaps(struct pool *pool)
{
    struct err why = {0};
    unsigned alive = 0;
    hand_out_all(pool);
    for (unsigned i = 0; i < pool->n_workers && !run_is_over(pool); i++) {
        struct worker *worker = &pool->workers[i];
        if (worker->state == WORKER_GONE &&
            (work_left(pool) || helpers_wanted(pool, worker)) &&
            pool_start_worker(pool, i, &why) == 0)
            pool->report->workers_replaced++;
        alive += worker->state != WORKER_GONE;
    }
    if (alive == 0 && work_left(pool) && !run_is_over(pool)) {
        if (pool->err)
            *pool->err = why;
        pool->failed = true;
    }
}

/* Asks the feed for more tasks, where it has something to say. */
static void hear_feed(struct pool *pool)
{
    const struct pool_feed *feed = pool->job->feed;
    struct pollfd *polled = &pool->polled[pool->n_polled - 1];
    if (!pool->fed || polled->revents == 0)
        return;
    polled->revents = 0;
    pool->fed = feed->more(pool->job->context, &pool->n_tasks) != 0;
    pass_over(pool);
    if (!pool->fed)
        polled->fd = -1;
}

static void hear_workers(struct pool *pool, int n_events)
{
    for (unsigned i = 0; n_events > 0 && i < pool->n_workers; i++) {
        if (pool->polled[i].fd < 0 || pool->polled[i].revents == 0)
            continue;
        n_events--;
        hear_worker(pool, i);
        if (run_is_over(pool))
            return;
    }
}

/* Kills who takes too long; that they are gone is heard like any other death. A leap of
   the clock between two looks means that we did not run, and workers in the same
   process group did not either. */
static void kill_stuck(struct pool *pool)
{
    static const double leap_seconds = 1.0;
    double now = clock_seconds(), gap = now - pool->looked;
    pool->looked = now;
    if (!(pool->job->task_seconds > 0))
        return;
    for (unsigned i = 0; i < pool->n_workers; i++) {
        struct worker *worker = &pool->workers[i];
        if (gap > leap_seconds)
            worker->since += gap;
        if (worker->state != WORKER_BUSY || worker->stuck ||
            now - worker->since < pool->job->task_seconds)
            continue;
        worker->stuck = true;
        kill(worker->pid, SIGKILL);
    }
}

void pool_dispatch(struct pool *pool)
{
    pool->looked = clock_seconds();
    while (!run_is_over(pool)) {
        size_t ended = pool->report->tasks_ended;
        double seconds = 1e-3 * (helpers_soon(pool) ? HELP_AFTER_MS : TICK_MS);
        hear_workers(pool, pool_sleep_until_event(pool, seconds));
        hear_feed(pool);
        kill_stuck(pool);
        fill_gaps(pool);
        ahead_fill(pool);
        if (pool->report->tasks_ended == ended)
            call_tick(pool);
    }
}
