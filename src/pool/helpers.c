/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool/pool_private.h"
#include "util/clock.h"

/* A helper is for one attempt at a task; when that has ended, or when it cannot help,
   it says so and is idle. It may cross with a word of ours: a task that is handed to a
   helper, or the news that its owner has died. */

static bool may_be_helped(const struct worker *owner, const struct worker *helper)
{
    return owner->state == WORKER_BUSY && !owner->stuck &&
           owner->serial != helper->helped;
}

static struct worker *choose_owner(const struct pool *pool, const struct worker *helper)
{
    struct worker *best = NULL;
    double before = clock_seconds() - 1e-3 * HELP_AFTER_MS;
    for (unsigned i = 0; i < pool->n_workers; i++) {
        struct worker *owner = &pool->workers[i];
        if (may_be_helped(owner, helper) && owner->since <= before &&
            (!best || owner->helpers < best->helpers ||
             (owner->helpers == best->helpers && owner->since > best->since)))
            best = owner;
    }
    return best;
}

/* One that dies of it again and again is left alone, and who says so. */
static bool is_able(const struct pool *pool, const struct worker *helper)
{
    return pool->job->help_task && helper->help_failures <= pool->job->retries;
}

void helpers_ask(struct pool *pool, struct worker *worker)
{
    if (worker->state != WORKER_IDLE || !is_able(pool, worker))
        return;
    struct worker *owner = choose_owner(pool, worker);
    if (!owner)
        return;
    unsigned index = (unsigned)(owner - pool->workers);
    const struct message message = {.kind = MESSAGE_HELP,
                                    .task = pool->job->slots_each * (uint64_t)index +
                                            owner->turn};
    if (message_send(worker->fd, &message) != 0) {
        worker->state = WORKER_DEAF;
        return;
    }
    worker->state = WORKER_HELPING;
    worker->owner = index;
    worker->helped = owner->serial;
    owner->helpers++;
}

/* Of the owner's attempt that it was asked for: there may be another one by now. */
static void leave_owner(struct pool *pool, struct worker *worker)
{
    struct worker *owner = &pool->workers[worker->owner];
    if (owner->serial == worker->helped && owner->helpers > 0)
        owner->helpers--;
    worker->state = WORKER_IDLE;
}

void helpers_let_go(struct pool *pool, struct worker *worker)
{
    if (worker->state != WORKER_HELPING)
        return;
    leave_owner(pool, worker);
    worker->called_back = true;
    worker->helped = 0; /* it may go on with that one afterwards */
}

void helpers_recall(struct pool *pool, unsigned owner)
{
    const struct message message = {.kind = MESSAGE_REST};
    for (unsigned i = 0; i < pool->n_workers; i++) {
        struct worker *worker = &pool->workers[i];
        if (worker->state == WORKER_HELPING && worker->owner == owner)
            message_send(worker->fd, &message); /* else its end is about to be seen */
    }
}

bool helpers_heard(struct pool *pool, struct worker *worker, bool helped)
{
    if (!helped)
        worker->help_failures = pool->job->retries + 1;
    if (worker->called_back) {
        worker->called_back = false;
        return true;
    }
    if (worker->state != WORKER_HELPING)
        return false;
    leave_owner(pool, worker);
    return true;
}

bool helpers_wanted(const struct pool *pool, const struct worker *worker)
{
    return is_able(pool, worker) && choose_owner(pool, worker) != NULL;
}

bool helpers_soon(const struct pool *pool)
{
    unsigned idle = 0, busy = 0;
    double before = clock_seconds() - 1e-3 * HELP_AFTER_MS;
    for (unsigned i = 0; i < pool->n_workers; i++) {
        const struct worker *worker = &pool->workers[i];
        idle += worker->state == WORKER_IDLE && is_able(pool, worker);
        busy += worker->state == WORKER_BUSY && worker->since > before;
    }
    return idle > 0 && busy > 0;
}
