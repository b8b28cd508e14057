/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pool/share_private.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Between two looks whether it is called, where there is nothing to do: what the
   process is called for comes on its socket, which no bell tells. */
static const double REST_SECONDS = 0.01;

bool share_await(struct share *share, bool (*called)(void *call_context),
                 void *call_context, uint64_t *task, uint64_t *frame)
{
    for (;;) {
        uint32_t seen = atomic_load(&share->bell);
        *frame = atomic_load(&share->frame);
        *task = atomic_load(&share->task);
        if (share_lasts(share, *frame))
            return true;
        if (called(call_context))
            return false;
        share_listen(share, seen, REST_SECONDS);
    }
}

/* A read that also writes: what was read before it stays before it. */
bool share_lasts(struct share *share, uint64_t frame)
{
    return frame % 2 == 1 && atomic_fetch_add(&share->frame, 0) == frame;
}

/* A helper in a stage. */
struct helper {
    const struct share_help *help;
    struct share *share;
    uint64_t ticket, base, end; /* positions of the stage */
    struct share_stage stage;   /* with facts of its own */
    size_t result_bytes;
    struct share_work work;
    void *facts;
    unsigned char *results; /* one for each thread, */
    size_t stride;          /* so far apart */
    atomic_bool leaving;
    _Atomic uint64_t blocks;
};

/* Whether the helper is to do something else than blocks of its stage. */
static bool is_over(struct helper *h)
{
    return atomic_load(&h->leaving) || !share_lasts(h->share, h->help->frame) ||
           atomic_load(&h->share->ticket) != h->ticket;
}

/* An open block of the stage, or none at present. */
static bool claim(struct helper *h, uint64_t *position)
{
    struct share *share = h->share;
    uint64_t at = atomic_load(&share->next);
    for (at = at > h->base ? at : h->base;
         at < h->end && at < atomic_load(&share->limit); at++) {
        _Atomic uint64_t *word = share_word(share, at);
        uint64_t open = place_word(at, 0, PLACE_OPEN), expected = open;
        uint64_t mine = place_word(at, h->help->self, PLACE_CLAIMED);
        if (!atomic_compare_exchange_strong(word, &expected, mine))
            continue;
        /* Of another stage, which began just now and is not known here yet. */
        if (atomic_load(&share->ticket) != h->ticket) {
            atomic_compare_exchange_strong(word, &mine, open);
            return false;
        }
        atomic_store(&share->next, at + 1);
        *position = at;
        return true;
    }
    return false;
}

/* Hands the result over, unless the owner has taken the block back. */
static void deliver(struct helper *h, uint64_t position, const void *result)
{
    _Atomic uint64_t *word = share_word(h->share, position);
    unsigned self = h->help->self;
    uint64_t claimed = place_word(position, self, PLACE_CLAIMED);
    uint64_t writing = place_word(position, self, PLACE_WRITING);
    if (!atomic_compare_exchange_strong(word, &claimed, writing))
        return;
    memcpy(share_result(h->share, position), result, h->result_bytes);
    atomic_store(word, place_word(position, self, PLACE_READY));
}

static void help_with_blocks(void *context, unsigned thread)
{
    struct helper *h = context;
    const struct share_work *work = &h->work;
    unsigned char *result = h->results + thread * h->stride;
    while (!is_over(h)) {
        uint64_t position;
        uint32_t seen = atomic_load(&h->share->bell);
        if (claim(h, &position)) {
            memset(result, 0, h->result_bytes);
            work->ordered->map(work->context, thread, position - h->base, result);
            if (work->failed && atomic_load(work->failed))
                atomic_store(&h->leaving, true);
            else
                deliver(h, position, result);
            atomic_fetch_add(&h->blocks, 1);
        } else if (!is_over(h)) {
            share_listen(h->share, seen, REST_SECONDS);
        }
        if (thread == 0 && h->help->called(h->help->call_context))
            atomic_store(&h->leaving, true);
    }
}

/* A copy of the stage that the owner is at. False while it changes or when it changed
   meanwhile. */
static bool read_stage(struct helper *h)
{
    struct share *share = h->share;
    h->ticket = atomic_load(&share->ticket);
    if (h->ticket % 2 == 1)
        return false;
    h->stage = share->stage;
    h->base = share->base;
    h->result_bytes = share->result_bytes;
    if (h->stage.facts_bytes > share->shape.facts_bytes ||
        h->result_bytes > share->shape.result_bytes)
        return false;
    memcpy(h->facts, share_facts(share), h->stage.facts_bytes);
    h->stage.facts = h->facts;
    h->end = h->base + h->stage.n_blocks;
    return atomic_fetch_add(&share->ticket, 0) == h->ticket;
}

static void help_with_stage(struct helper *h)
{
    h->work = (struct share_work){0};
    if (h->stage.n_blocks > 0)
        h->work = h->help->prepare(h->help->context, &h->stage);
    if (h->work.ordered)
        team_run(h->help->team, help_with_blocks, h);
}

/* Sleeps until there is another stage, or none is to come. */
static void await_stage(struct helper *h)
{
    for (;;) {
        uint32_t seen = atomic_load(&h->share->bell);
        if (h->help->called(h->help->call_context))
            atomic_store(&h->leaving, true);
        if (is_over(h) && atomic_load(&h->share->ticket) % 2 == 0)
            return;
        share_listen(h->share, seen, REST_SECONDS);
    }
}

int share_help(const struct share_help *help, uint64_t *blocks, struct err *err)
{
    const struct share_shape *shape = &help->share->shape;
    struct helper h = {.help = help, .share = help->share};
    h.stride = help->share->stride;
    h.facts = alloc_zeroed(shape->facts_bytes + 1, 1, "a stage", err);
    h.results = alloc_zeroed(team_size(help->team), h.stride, "blocks", err);
    int status = h.facts && h.results ? 0 : -1;
    *blocks = 0;
    while (status == 0 && !atomic_load(&h.leaving) &&
           share_lasts(h.share, help->frame)) {
        if (!read_stage(&h))
            continue;
        help_with_stage(&h);
        await_stage(&h);
    }
    *blocks = atomic_load(&h.blocks);
    free(h.facts);
    free(h.results);
    return status;
}
