/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool/team.h"

#include "util/alloc.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

/* Kernels keep their scratch memory on the heap; the default of 8 MiB of address space
   for each of hundreds of threads only trips limits on it. */
enum { STACK_BYTES = 1024 * 1024 };

struct member {
    struct team *team;
    unsigned index;
    pthread_t thread;
};

/* All fields from `generation` on belong to whoever holds the lock. */
struct team {
    unsigned size;
    struct member *members; /* [0], the caller, has no thread of its own */
    pthread_mutex_t lock;
    pthread_cond_t begun;
    pthread_cond_t finished;
    uint64_t generation; /* grows by one with each team_run */
    unsigned running;    /* members still at work, without the caller */
    bool leaving;
    void (*work)(void *context, unsigned thread);
    void *context;
};

/* Sleeps until there is something newer to do than *seen. False when it is to leave. */
static bool await_work(struct team *team, uint64_t *seen)
{
    pthread_mutex_lock(&team->lock);
    while (!team->leaving && team->generation == *seen)
        pthread_cond_wait(&team->begun, &team->lock);
    *seen = team->generation;
    bool stay = !team->leaving;
    pthread_mutex_unlock(&team->lock);
    return stay;
}

static void *member_main(void *argument)
{
    struct member *member = argument;
    struct team *team = member->team;
    uint64_t seen = 0;
    while (await_work(team, &seen)) {
        /* work and context cannot change before every member has reported back. */
        team->work(team->context, member->index);
        pthread_mutex_lock(&team->lock);
        if (--team->running == 0)
            pthread_cond_signal(&team->finished);
        pthread_mutex_unlock(&team->lock);
    }
    return NULL;
}

/* Threads inherit the mask of their creator. Signals are for the main thread, whose
   sleep they have to end. */
static void start_members(struct team *team, unsigned n_threads)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return;
    long least = sysconf(_SC_THREAD_STACK_MIN);
    size_t stack = least > STACK_BYTES ? (size_t)least : STACK_BYTES;
    pthread_attr_setstacksize(&attributes, stack);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (unsigned i = 1; i < n_threads; i++) {
        struct member *member = &team->members[i];
        *member = (struct member){.team = team, .index = i};
        if (pthread_create(&member->thread, &attributes, member_main, member) != 0)
            break;
        team->size++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
}

struct team *team_create(unsigned n_threads, struct err *err)
{
    struct team *team = alloc_zeroed(1, sizeof *team, "a thread team", err);
    if (!team)
        return NULL;
    team->members =
        alloc_zeroed(n_threads, sizeof *team->members, "a thread team", err);
    if (!team->members) {
        free(team);
        return NULL;
    }
    pthread_mutex_init(&team->lock, NULL);
    pthread_cond_init(&team->begun, NULL);
    pthread_cond_init(&team->finished, NULL);
    team->size = 1;
    start_members(team, n_threads);
    return team;
}

void team_destroy(struct team *team)
{
    if (!team)
        return;
    pthread_mutex_lock(&team->lock);
    team->leaving = true;
    pthread_cond_broadcast(&team->begun);
    pthread_mutex_unlock(&team->lock);
    for (unsigned i = 1; i < team->size; i++)
        pthread_join(team->members[i].thread, NULL);
    pthread_cond_destroy(&team->finished);
    pthread_cond_destroy(&team->begun);
    pthread_mutex_destroy(&team->lock);
    free(team->members);
    free(team);
}

unsigned team_size(const struct team *team)
{
    return team->size;
}

void team_run(struct team *team, void (*work)(void *context, unsigned thread),
              void *context)
{
    if (team->size == 1) {
        work(context, 0);
        return;
    }
    pthread_mutex_lock(&team->lock);
    team->work = work;
    team->context = context;
    team->running = team->size - 1;
    team->generation++;
    pthread_cond_broadcast(&team->begun);
    pthread_mutex_unlock(&team->lock);
    work(context, 0);
    pthread_mutex_lock(&team->lock);
    while (team->running > 0)
        pthread_cond_wait(&team->finished, &team->lock);
    pthread_mutex_unlock(&team->lock);
}
