/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool/share_private.h"

#include <assert.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 64 };

static size_t round_up(size_t bytes)
{
    return (bytes + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
}

static size_t words_bytes(const struct share_shape *shape)
{
    return round_up(shape->n_places * sizeof(uint64_t));
}

size_t share_bytes(const struct share_shape *shape)
{
    return sizeof(struct share) + words_bytes(shape) + round_up(shape->facts_bytes) +
           shape->n_places * round_up(shape->result_bytes);
}

void share_init(struct share *share, const struct share_shape *shape)
{
    assert(shape->n_places > 0 && SHARE_HELPERS_MAX < 1 << PLACE_HELPER_BITS);
    share->shape = *shape;
    share->stride = round_up(shape->result_bytes);
    /* Position 0 is what the words of zeros have. */
    atomic_store(&share->limit, 1);
}

static unsigned char *behind(const struct share *share)
{
    return (unsigned char *)(uintptr_t)share + sizeof *share;
}

_Atomic uint64_t *share_word(const struct share *share, uint64_t position)
{
    return (_Atomic uint64_t *)(void *)behind(share) + position % share->shape.n_places;
}

void *share_facts(const struct share *share)
{
    return behind(share) + words_bytes(&share->shape);
}

void *share_result(const struct share *share, uint64_t position)
{
    return behind(share) + words_bytes(&share->shape) +
           round_up(share->shape.facts_bytes) +
           position % share->shape.n_places * share->stride;
}

/* Sleepers are few and short: a process that died asleep only makes this a call of the
   system that wakes nobody. */
static void ring(struct share *share)
{
    atomic_fetch_add(&share->bell, 1);
    if (atomic_load(&share->sleepers) > 0)
        syscall(SYS_futex, &share->bell, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

void share_listen(struct share *share, uint32_t seen, double seconds)
{
    const struct timespec limit = {.tv_nsec = (long)(1e9 * seconds)};
    atomic_fetch_add(&share->sleepers, 1);
    syscall(SYS_futex, &share->bell, FUTEX_WAIT, seen, &limit, NULL, 0);
    atomic_fetch_sub(&share->sleepers, 1);
}

void share_begin(struct share *share, uint64_t task)
{
    share_end(share);
    share_shut(share);
    atomic_store(&share->task, task);
    atomic_fetch_add(&share->frame, 1);
    ring(share);
}

void share_end(struct share *share)
{
    uint64_t frame = atomic_load(&share->frame);
    if (frame % 2 == 0)
        return;
    /* An exchange and not a store: what the owner does to the task's data from here on
       stays behind it. */
    atomic_exchange(&share->frame, frame + 1);
    ring(share);
}

static void begin_change(struct share *share)
{
    uint64_t ticket = atomic_load(&share->ticket);
    atomic_exchange(&share->ticket, ticket | 1);
}

static void end_change(struct share *share)
{
    atomic_fetch_add(&share->ticket, 1);
}

void share_shut(struct share *share)
{
    begin_change(share);
    share->stage = (struct share_stage){0};
    end_change(share);
}

/* A place that a helper writes to just now is not opened: the owner will do the block
   by itself. */
static void offer(struct share *share, uint64_t block)
{
    uint64_t position = share->base + block;
    _Atomic uint64_t *word = share_word(share, position);
    uint64_t was = atomic_load(word);
    uint64_t open = place_word(position, 0, PLACE_OPEN);
    while (place_state(was) != PLACE_WRITING &&
           !atomic_compare_exchange_weak(word, &was, open))
        continue;
    atomic_store(&share->limit, position + 1);
}

void share_offer(struct share *share, uint64_t block)
{
    offer(share, block);
    ring(share);
}

bool share_open(struct share *share, const struct share_stage *stage,
                size_t result_bytes)
{
    const struct share_shape *shape = &share->shape;
    uint64_t n = shape->n_places;
    if (stage->facts_bytes > shape->facts_bytes || result_bytes > shape->result_bytes)
        return false;
    begin_change(share);
    /* An owner that died may have opened one place above its limit. */
    share->base = (atomic_load(&share->limit) / n + 2) * n;
    share->stage = *stage;
    share->stage.facts = NULL; /* of this process */
    share->result_bytes = (uint32_t)result_bytes;
    if (stage->facts_bytes)
        memcpy(share_facts(share), stage->facts, stage->facts_bytes);
    atomic_store(&share->limit, share->base);
    atomic_store(&share->next, share->base);
    end_change(share);
    for (uint64_t block = 0; block < n && block < stage->n_blocks; block++)
        offer(share, block);
    ring(share);
    return true;
}

/* Closes the place of a block that is in a state up to `most`; true as well where it
   was never opened. */
static bool close_place(struct share *share, uint64_t block, enum place_state most)
{
    uint64_t position = share->base + block;
    _Atomic uint64_t *word = share_word(share, position);
    uint64_t was = atomic_load(word);
    uint64_t closed = place_word(position, 0, PLACE_CLOSED);
    do {
        if (place_position(was) != position)
            return true;
        if (place_state(was) > most)
            return false;
        if (place_state(was) == PLACE_WRITING)
            return true;
    } while (!atomic_compare_exchange_weak(word, &was, closed));
    return true;
}

bool share_take(struct share *share, uint64_t block)
{
    return close_place(share, block, PLACE_OPEN);
}

bool share_seize(struct share *share, uint64_t block)
{
    return close_place(share, block, PLACE_WRITING);
}

const void *share_ready(const struct share *share, uint64_t block)
{
    uint64_t position = share->base + block;
    uint64_t word = atomic_load(share_word(share, position));
    bool ready = place_position(word) == position && place_state(word) == PLACE_READY;
    return ready ? share_result(share, position) : NULL;
}

void share_bury(struct share *share, unsigned helper)
{
    for (uint64_t place = 0; place < share->shape.n_places; place++) {
        _Atomic uint64_t *word = share_word(share, place);
        uint64_t was = atomic_load(word);
        if (place_helper(was) != helper ||
            (place_state(was) != PLACE_CLAIMED && place_state(was) != PLACE_WRITING))
            continue;
        uint64_t open = place_word(place_position(was), 0, PLACE_OPEN);
        if (atomic_compare_exchange_strong(word, &was, open))
            ring(share);
    }
}
