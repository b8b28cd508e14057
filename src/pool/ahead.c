/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool/pool_private.h"

/* A worker that is through with a task would wait for the parent to wake up and hand it
   another one: longer, on many machines, than a small task takes. So each has the next
   ones on its desk while it works, and the parent has as long as these last to hear of
   the first and to fill the desk again. What lies there is nobody's yet: the parent
   takes it back for a worker that has nothing to do. */

static _Atomic uint64_t *place_of(struct pool *pool, const struct worker *worker,
                                  unsigned i)
{
    struct desk *desk = arena_slot(pool->desks, (size_t)(worker - pool->workers));
    return &desk->place[(worker->front + i) % DESK_PLACES];
}

/* What has killed a worker goes to one that is told so. */
static bool has_harmless(const struct pool *pool)
{
    if (pool->n_retries > 0)
        return pool->retries[pool->n_retries - 1].deaths == 0;
    return pool->next_task < pool->n_tasks;
}

/* So that all have one before any has two. */
void ahead_fill(struct pool *pool)
{
    for (unsigned n = 0; n + 1 < pool->job->slots_each; n++)
        for (unsigned i = 0; i < pool->n_workers; i++) {
            struct worker *worker = &pool->workers[i];
            if (worker->state != WORKER_BUSY || worker->n_ahead > n || worker->stuck)
                continue;
            if (!has_harmless(pool))
                return;
            struct attempt attempt = pool_take_attempt(pool);
            worker->ahead[n] = attempt;
            atomic_store(place_of(pool, worker, n), 1 + (uint64_t)attempt.task);
            worker->n_ahead++;
        }
}

bool ahead_taken(struct pool *pool, struct worker *worker, struct attempt *attempt)
{
    if (worker->n_ahead == 0 || atomic_load(place_of(pool, worker, 0)) != 0)
        return false;
    *attempt = worker->ahead[0];
    worker->front = (worker->front + 1) % DESK_PLACES;
    worker->n_ahead--;
    for (unsigned i = 0; i < worker->n_ahead; i++)
        worker->ahead[i] = worker->ahead[i + 1];
    return true;
}

/* The last first, which makes them come out of the stack of retries in their order. */
void ahead_clear(struct pool *pool, struct worker *worker)
{
    while (worker->n_ahead > 0) {
        atomic_store(place_of(pool, worker, --worker->n_ahead), 0);
        pool_push_retry(pool, worker->ahead[worker->n_ahead]);
    }
}

/* Whoever has the most to do, and of those who has just begun. */
static struct worker *choose_victim(struct pool *pool)
{
    struct worker *best = NULL;
    for (unsigned i = 0; i < pool->n_workers; i++) {
        struct worker *worker = &pool->workers[i];
        if (worker->n_ahead > 0 &&
            atomic_load(place_of(pool, worker, worker->n_ahead - 1)) != 0 &&
            (!best || worker->n_ahead > best->n_ahead ||
             (worker->n_ahead == best->n_ahead && worker->since > best->since)))
            best = worker;
    }
    return best;
}

bool ahead_steal(struct pool *pool, struct attempt *attempt)
{
    struct worker *victim;
    while ((victim = choose_victim(pool))) {
        unsigned last = victim->n_ahead - 1;
        if (atomic_exchange(place_of(pool, victim, last), 0) == 0)
            continue; /* it was quicker */
        *attempt = victim->ahead[last];
        victim->n_ahead = last;
        return true;
    }
    return false;
}
