/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "pool/pool.h"

#include "pool/pool_private.h"
#include "util/alloc.h"
#include "util/clock.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { TICK_MS = 100 };

/* How long workers may take over worker_end before they are killed. */
#define FAREWELL_SECONDS 5.0

static bool work_left(const struct pool *pool)
{
    return pool->n_retries > 0 || pool->next_task < pool->n_tasks;
}

static bool run_is_over(const struct pool *pool)
{
    return pool->failed || pool->report->stopped ||
           (!pool->fed && pool->report->tasks_ended == pool->n_tasks);
}

static void look_at_stop(struct pool *pool)
{
    if (pool->job->stop && *pool->job->stop)
        pool->report->stopped = 1;
}

static void call_tick(struct pool *pool)
{
    if (pool->job->tick && pool->job->tick(pool->job->context) != 0)
        pool->report->stopped = 1;
    look_at_stop(pool);
}

static int start_worker(struct pool *pool, unsigned index, struct err *err)
{
    if (worker_start(pool->workers, pool->n_workers, index, pool->job, err) != 0)
        return -1;
    pool->polled[index] =
        (struct pollfd){.fd = pool->workers[index].fd, .events = POLLIN};
    return 0;
}

static void push_retry(struct pool *pool, struct attempt attempt)
{
    assert(pool->n_retries < pool->n_workers);
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

static struct attempt take_attempt(struct pool *pool)
{
    if (pool->n_retries > 0)
        return pool->retries[--pool->n_retries];
    struct attempt attempt = {.task = pool->next_task++};
    pass_over(pool);
    return attempt;
}

/* Gives a worker that has none its next task, or somebody to help. */
static void hand_out(struct pool *pool, struct worker *worker)
{
    if ((worker->state != WORKER_IDLE && worker->state != WORKER_HELPING) ||
        run_is_over(pool))
        return;
    if (!work_left(pool)) {
        helpers_ask(pool, worker);
        return;
    }
    helpers_let_go(pool, worker);
    worker->attempt = take_attempt(pool);
    struct message message = {.kind = MESSAGE_TASK, .task = worker->attempt.task};
    if (message_send(worker->fd, &message) == 0) {
        worker->state = WORKER_BUSY;
        worker->since = clock_seconds();
        worker->serial = ++pool->n_attempts;
        if (worker->serial == 1)
            pool->first_at = worker->since;
        worker->helpers = 0;
        return;
    }
    /* It died idle: not the fault of this task, whose deaths are not counted up. */
    worker->state = WORKER_DEAF;
    push_retry(pool, worker->attempt);
}

/* The task that a worker was at; `reason` is that of its death, or NULL. */
static void end_task(struct pool *pool, unsigned index, const struct attempt *attempt,
                     const char *reason)
{
    const struct pool_job *job = pool->job;
    const struct task_end end = {
        .task = attempt->task,
        .outcome = reason ? TASK_LOST : TASK_DONE,
        .worker = index,
        .attempts = attempt->deaths + !reason,
        .slot = reason ? NULL : arena_slot(job->arena, index),
        .reason = reason,
    };
    pool->report->tasks_ended++;
    pool->report->task_seconds = clock_seconds() - pool->first_at;
    job->task_ended(job->context, &end);
    call_tick(pool);
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
    if (was != WORKER_BUSY)
        return;
    if (attempt.deaths++ < pool->job->retries)
        push_retry(pool, attempt);
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
    } else if (message->kind == MESSAGE_DONE && worker->state == WORKER_BUSY &&
               message->task == worker->attempt.task) {
        /* Once killed, it has said its last word. */
        worker->state = worker->stuck ? WORKER_DEAF : WORKER_IDLE;
        helpers_recall(pool, index);
        end_task(pool, index, &worker->attempt, NULL);
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

/* Sleeps until a worker speaks or dies, a signal comes or it is time for a tick;
   returns how many workers have something to say. Signals are blocked from the look at
   `stop` to the sleep, which lets them in: none can slip in between unnoticed. */
static int sleep_until_event(struct pool *pool, double seconds)
{
    if (seconds < 0)
        seconds = 0;
    struct timespec limit = {.tv_sec = (time_t)seconds};
    limit.tv_nsec = (long)(1e9 * (seconds - (double)limit.tv_sec));
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    look_at_stop(pool);
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
            start_worker(pool, i, &why) == 0)
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

static void dispatch(struct pool *pool)
{
    pool->looked = clock_seconds();
    while (!run_is_over(pool)) {
        size_t ended = pool->report->tasks_ended;
        double seconds = 1e-3 * (helpers_soon(pool) ? HELP_AFTER_MS : TICK_MS);
        hear_workers(pool, sleep_until_event(pool, seconds));
        hear_feed(pool);
        kill_stuck(pool);
        fill_gaps(pool);
        if (pool->report->tasks_ended == ended)
            call_tick(pool);
    }
}

/* Lets idle workers say good-bye; whoever is still starting has nothing to tidy up. */
static void dismiss(struct pool *pool)
{
    unsigned leaving = 0;
    const struct message message = {.kind = MESSAGE_LEAVE};
    for (unsigned i = 0; i < pool->n_workers; i++)
        if (pool->workers[i].state == WORKER_IDLE &&
            message_send(pool->workers[i].fd, &message) == 0)
            leaving++;
        else
            pool->polled[i].fd = -1;
    double deadline = clock_seconds() + FAREWELL_SECONDS;
    while (leaving > 0 && !pool->report->stopped && clock_seconds() < deadline) {
        if (sleep_until_event(pool, deadline - clock_seconds()) <= 0)
            continue;
        for (unsigned i = 0; i < pool->n_workers; i++) {
            if (pool->polled[i].fd < 0 || pool->polled[i].revents == 0)
                continue;
            worker_reap(&pool->workers[i], NULL);
            pool->polled[i].fd = -1;
            leaving--;
        }
    }
}

/* All are killed before the first is waited for, so that they die side by side. */
static void reap_all(struct pool *pool)
{
    for (unsigned i = 0; i < pool->n_workers; i++)
        if (pool->workers[i].state != WORKER_GONE)
            kill(pool->workers[i].pid, SIGKILL);
    for (unsigned i = 0; i < pool->n_workers; i++)
        if (pool->workers[i].state != WORKER_GONE)
            worker_reap(&pool->workers[i], NULL);
}

/* A smaller pool when the system refuses some; -1 when it refuses all. One refusal need
   not mean the next, so each is asked for. */
static int start_all(struct pool *pool)
{
    struct pool_report *report = pool->report;
    unsigned wanted = pool->n_workers, started = 0;
    struct err why = {0};
    for (unsigned i = 0; i < wanted && !report->stopped; i++) {
        if (start_worker(pool, started, &why) == 0)
            started++;
        else
            report->workers_refused++;
        look_at_stop(pool);
    }
    snprintf(report->refusal, sizeof report->refusal, "%.100s", why.text);
    report->workers_started = started;
    /* The feed moves up: poll refuses more places than files may be open. */
    pool->polled[started] = pool->polled[wanted];
    pool->n_polled = started + 1;
    pool->n_workers = started;
    if (started > 0 || report->stopped)
        return 0;
    if (pool->err)
        *pool->err = why;
    return -1;
}

static int allocate(struct pool *pool)
{
    size_t n = pool->n_workers;
    const char *what = "the pool of workers";
    pool->workers = alloc_zeroed(n, sizeof *pool->workers, what, pool->err);
    pool->polled = alloc_zeroed(n + 1, sizeof *pool->polled, what, pool->err);
    pool->retries = alloc_zeroed(n, sizeof *pool->retries, what, pool->err);
    if (!pool->workers || !pool->polled || !pool->retries)
        return -1;
    for (size_t i = 0; i < n; i++) {
        pool->workers[i].fd = -1;
        pool->polled[i].fd = -1;
    }
    pool->polled[n].fd = pool->job->feed ? pool->job->feed->fd : -1;
    pool->polled[n].events = POLLIN;
    pool->n_polled = (unsigned)n + 1;
    return 0;
}

static int run_pool(struct pool *pool)
{
    if (allocate(pool) != 0)
        return -1;
    look_at_stop(pool);
    if (start_all(pool) != 0)
        return -1;
    dispatch(pool);
    if (!pool->failed && !pool->report->stopped)
        dismiss(pool);
    reap_all(pool);
    return pool->failed ? -1 : 0;
}

int pool_run(const struct pool_job *job, struct pool_report *report, struct err *err)
{
    assert(job->n_workers > 0 && arena_n_slots(job->arena) >= job->n_workers);
    struct pool_report unwanted;
    struct pool pool = {
        .job = job,
        .report = report ? report : &unwanted,
        .err = err,
        .n_workers = !job->feed && !job->help_task && job->n_tasks < job->n_workers
                         ? (unsigned)job->n_tasks
                         : job->n_workers,
        .n_tasks = job->feed ? 0 : job->n_tasks,
        .fed = job->feed != NULL,
    };
    *pool.report = (struct pool_report){0};
    if (!job->feed && job->n_tasks == 0)
        return 0;
    /* Where SIGCHLD is ignored, which a process may inherit, children are reaped behind
       our back and their pids may soon be someone else's. */
    struct sigaction before;
    const struct sigaction standard = {.sa_handler = SIG_DFL};
    sigaction(SIGCHLD, &standard, &before);
    int status = run_pool(&pool);
    sigaction(SIGCHLD, &before, NULL);
    free(pool.workers);
    free(pool.polled);
    free(pool.retries);
    return status;
}
