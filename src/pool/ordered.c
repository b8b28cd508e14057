/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool/team.h"

#include "util/err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Results lie this far apart, or a multiple of it, so that two threads never write to
   the same cache line. */
enum { LINE_BYTES = 64 };

/* One call of team_ordered. Blocks [folded, claimed) are in the window, block b in
   place b % n_places; everything below `lock` is protected by it, except that a place
   belongs to the thread that claimed its block until it is ready, and then to the
   folder. */
struct window {
    const struct ordered *ordered;
    void *context;
    uint64_t n_blocks;
    size_t n_places;
    size_t stride;
    unsigned char *results;
    pthread_mutex_t lock;
    pthread_cond_t moved; /* `folded` grew, or there is nothing left to wait for */
    bool *ready;
    uint64_t claimed;
    uint64_t folded;
    bool folding; /* some thread is the folder: the others leave their results to it */
    bool stopped;
};

static unsigned char *place_of(const struct window *window, uint64_t block)
{
    return window->results + (size_t)(block % window->n_places) * window->stride;
}

/* With the lock held. False when no block is left to claim. */
static bool claim(struct window *window, uint64_t *block)
{
    while (!window->stopped && window->claimed < window->n_blocks &&
           window->claimed - window->folded >= window->n_places)
        pthread_cond_wait(&window->moved, &window->lock);
    if (window->stopped || window->claimed == window->n_blocks)
        return false;
    *block = window->claimed++;
    /* Those who wait for room would wait in vain after the last block. */
    if (window->claimed == window->n_blocks)
        pthread_cond_broadcast(&window->moved);
    return true;
}

/* With the lock held, which is given up while fold runs. A result that becomes ready
   meanwhile is seen by the next turn of the loop, so none is ever left behind. */
static void fold_ready(struct window *window)
{
    if (window->folding)
        return;
    window->folding = true;
    while (!window->stopped && window->folded < window->claimed &&
           window->ready[window->folded % window->n_places]) {
        uint64_t block = window->folded;
        pthread_mutex_unlock(&window->lock);
        int stop =
            window->ordered->fold(window->context, block, place_of(window, block));
        pthread_mutex_lock(&window->lock);
        window->ready[block % window->n_places] = false;
        window->folded++;
        window->stopped = stop != 0;
        pthread_cond_broadcast(&window->moved);
    }
    window->folding = false;
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
        window->ready[block % window->n_places] = true;
        fold_ready(window);
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
    window->ready = calloc(window->n_places, sizeof *window->ready);
    if (!window->results || !window->ready)
        return err_memory(err, window->stride * window->n_places, "results of blocks");
    return 0;
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
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .moved = PTHREAD_COND_INITIALIZER,
    };
    int status = allocate(&window, err);
    if (status == 0) {
        if (size == 1)
            run_alone(&window);
        else
            team_run(team, work_on_window, &window);
    }
    *folded = window.folded;
    free(window.results);
    free(window.ready);
    pthread_cond_destroy(&window.moved);
    pthread_mutex_destroy(&window.lock);
    return status;
}
