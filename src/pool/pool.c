/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool/pool.h"

#include "pool/pool_private.h"
#include "util/alloc.h"
#include "util/clock.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

/* How long workers may take over worker_end before they are killed. */
#define FAREWELL_SECONDS 5.0

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
        if (pool_sleep_until_event(pool, deadline - clock_seconds()) <= 0)
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
        if (pool_start_worker(pool, started, &why) == 0)
            started++;
        else
            report->workers_refused++;
        pool_look_at_stop(pool);
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
    pool->retries =
        alloc_zeroed(n, pool->job->slots_each * sizeof *pool->retries, what, pool->err);
    pool->desks = arena_create(n, sizeof(struct desk), pool->err);
    if (!pool->workers || !pool->polled || !pool->retries || !pool->desks)
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
    pool_look_at_stop(pool);
    if (start_all(pool) != 0)
        return -1;
    pool_dispatch(pool);
    if (!pool->failed && !pool->report->stopped)
        dismiss(pool);
    reap_all(pool);
    return pool->failed ? -1 : 0;
}

int pool_run(const struct pool_job *job, struct pool_report *report, struct err *err)
{
    assert(job->slots_each >= POOL_SLOTS_MIN && job->slots_each <= POOL_SLOTS_MAX);
    assert(job->n_workers > 0 &&
           arena_n_slots(job->arena) / job->slots_each >= job->n_workers);
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
    arena_destroy(pool.desks);
    return status;
}
