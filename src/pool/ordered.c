/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool/share_private.h"
#include "pool/team.h"
#include "util/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Results lie this far apart, or a multiple of it, so that two threads never write to
   the same cache line. */
enum { LINE_BYTES = 64 };

/* What this process does with a block of the window. */
enum block_state {
    BLOCK_NONE, /* nothing: a helper has it, or nobody */
    BLOCK_OURS, /* one of its threads computes it */
    BLOCK_READY,
};

/* One call of team_ordered or share_ordered. Blocks [folded, folded + n_places) are in
   the window, block b in place b % n_places; everything below `lock` is protected by
   it, except that the result of a block that is ours belongs to the thread that claimed
   it, and of one that is ready to the folder. */
struct window {
    const struct ordered *ordered;
    void *context;
    struct share *share; /* nullable: nobody else has blocks */
    uint64_t n_blocks;
    size_t n_places;
    size_t stride;
    unsigned char *results;
    pthread_mutex_t lock;
    pthread_cond_t moved; /* `folded` grew, or there is nothing left to wait for */
    unsigned char *state; /* enum block_state */
    uint64_t next;        /* no block below has been left unclaimed */
    uint64_t folded;
    bool folding; /* some thread is the folder: the others leave their results to it */
    bool stopped;
};

static unsigned char *place_of(const struct window *window, uint64_t block)
{
    return window->results + (size_t)(block % window->n_places) * window->stride;
}

static unsigned char *state_of(const struct window *window, uint64_t block)
{
    return window->state + block % window->n_places;
}

static uint64_t end_of(const struct window *window)
{
    uint64_t left = window->n_blocks - window->folded;
    return left < window->n_places ? window->n_blocks
                                   : window->folded + window->n_places;
}

/* A block that nobody has claimed, else one that a helper has not finished. */
static bool find_block(struct window *window, uint64_t *block)
{
    uint64_t end = end_of(window);
    if (window->next < window->folded)
        window->next = window->folded; /* helpers were faster */
    while (window->next < end) {
        *block = window->next++;
        if (!window->share || share_take(window->share, *block))
            return true;
    }
    for (*block = window->folded; window->share && *block < end; ++*block)
        if (*state_of(window, *block) == BLOCK_NONE &&
            share_seize(window->share, *block))
            return true;
    return false;
}

/* The result of the first block of the window, when it is there. */
static const void *first_result(const struct window *window)
{
    uint64_t block = window->folded;
    if (window->stopped || block == window->n_blocks)
        return NULL;
    switch (*state_of(window, block)) {
    case BLOCK_READY:
        return place_of(window, block);
    case BLOCK_NONE:
        return window->share ? share_ready(window->share, block) : NULL;
    default:
        return NULL;
    }
}

/* With the lock held, which is given up while fold runs. A result that becomes ready
   meanwhile is seen by the next turn of the loop, so none is ever left behind. */
static void fold_ready(struct window *window)
{
    const void *result;
    if (window->folding)
        return;
    window->folding = true;
    while ((result = first_result(window))) {
        uint64_t block = window->folded;
        pthread_mutex_unlock(&window->lock);
        int stop = window->ordered->fold(window->context, block, result);
        pthread_mutex_lock(&window->lock);
        *state_of(window, block) = BLOCK_NONE;
        window->folded++;
        window->stopped = stop != 0;
        if (window->share && !window->stopped &&
            window->n_blocks - block > window->n_places)
            share_offer(window->share, block + window->n_places);
        pthread_cond_broadcast(&window->moved);
    }
    window->folding = false;
}

/* With the lock held. False when there is nothing left to do. Whatever keeps the fold
   from going on is then with other threads, which tell when they are done: blocks of
   helpers are not waited for. */
static bool claim(struct window *window, uint64_t *block)
{
    for (;;) {
        fold_ready(window);
        if (window->stopped || window->folded == window->n_blocks)
            return false;
        if (find_block(window, block)) {
            *state_of(window, *block) = BLOCK_OURS;
            return true;
        }
        /* Without helpers nothing is left when all blocks are claimed. */
        if (!window->share && window->next == window->n_blocks)
            return false;
        /* A helper may have finished the first block just now. */
        if (window->folding || !first_result(window))
            pthread_cond_wait(&window->moved, &window->lock);
    }
}

static void work_on_window(void *argument, unsigned thread)
{
    struct window *window = argument;
    uint64_t block;
    pthread_mutex_lock(&window->lock);
    while (claim(window, &block)) {
        pthread_mutex_unlock(&window->lock);
        unsigned char *result = place_of(window, block);
        memset(result, 0, window->ordered->result_bytes);
        window->ordered->map(window->context, thread, block, result);
        pthread_mutex_lock(&window->lock);
        *state_of(window, block) = BLOCK_READY;
    }
    pthread_mutex_unlock(&window->lock);
}

static void run_alone(struct window *window)
{
    const struct ordered *ordered = window->ordered;
    while (!window->stopped && window->folded < window->n_blocks) {
        uint64_t block = window->folded++;
        memset(window->results, 0, ordered->result_bytes);
        ordered->map(window->context, 0, block, window->results);
        window->stopped = ordered->fold(window->context, block, window->results) != 0;
    }
}

static int allocate(struct window *window, struct err *err)
{
    size_t bytes = window->ordered->result_bytes;
    if (bytes > SIZE_MAX / 2 / window->n_places)
        return err_memory(err, SIZE_MAX, "results of blocks");
    window->stride = (bytes / LINE_BYTES + 1) * LINE_BYTES;
    window->results = aligned_alloc(LINE_BYTES, window->stride * window->n_places);
    window->state = calloc(window->n_places, sizeof *window->state);
    if (!window->results || !window->state)
        return err_memory(err, window->stride * window->n_places, "results of blocks");
    return 0;
}

static int run_window(struct team *team, struct window *window, uint64_t *folded,
                      struct err *err)
{
    pthread_mutex_init(&window->lock, NULL);
    pthread_cond_init(&window->moved, NULL);
    int status = allocate(window, err);
    if (status == 0) {
        if (team_size(team) == 1 && !window->share)
            run_alone(window);
        else
            team_run(team, work_on_window, window);
    }
    *folded = window->folded;
    free(window->results);
    free(window->state);
    pthread_cond_destroy(&window->moved);
    pthread_mutex_destroy(&window->lock);
    return status;
}

int team_ordered(struct team *team, const struct ordered *ordered, void *context,
                 uint64_t n_blocks, uint64_t *folded, struct err *err)
{
    unsigned size = team_size(team);
    struct window window = {
        .ordered = ordered,
        .context = context,
        .n_blocks = n_blocks,
        .n_places = size == 1 ? 1 : (size_t)size * TEAM_AHEAD,
    };
    return run_window(team, &window, folded, err);
}

int share_ordered(struct share *share, const struct share_stage *stage,
                  struct team *team, const struct ordered *ordered, void *context,
                  uint64_t *folded, struct err *err)
{
    if (!share || stage->n_blocks < 2 ||
        !share_open(share, stage, ordered->result_bytes))
        return team_ordered(team, ordered, context, stage->n_blocks, folded, err);
    struct window window = {
        .ordered = ordered,
        .context = context,
        .share = share,
        .n_blocks = stage->n_blocks,
        .n_places = share->shape.n_places,
    };
    int status = run_window(team, &window, folded, err);
    share_shut(share);
    return status;
}
