/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_POOL_SHARE_PRIVATE_H
#define FRAMEWALK_POOL_SHARE_PRIVATE_H

#include "pool/share.h"

/* The state of a place, which is where a block waits for its helper and its result for
   the owner. The owner alone opens places, and closes them by compare-and-swap; a
   helper's claim becomes a result by two steps of its own, between which it copies, so
   that what the owner has taken back meanwhile is never written to. */
enum place_state {
    PLACE_CLOSED,
    PLACE_OPEN,
    PLACE_CLAIMED, /* by a helper, which computes in memory of its own */
    PLACE_WRITING, /* it copies the result: the place is its own */
    PLACE_READY,
};

/* A place's word: state, helper, and position, which is the number of the block among
   all that this share has ever had. No position comes twice, and thus no word. */
enum { PLACE_STATE_BITS = 3, PLACE_HELPER_BITS = 13 };

static inline uint64_t place_word(uint64_t position, unsigned helper,
                                  enum place_state state)
{
    return (position << PLACE_HELPER_BITS | helper) << PLACE_STATE_BITS | state;
}

static inline enum place_state place_state(uint64_t word)
{
    return (enum place_state)(word & ((1u << PLACE_STATE_BITS) - 1));
}

static inline unsigned place_helper(uint64_t word)
{
    return (unsigned)(word >> PLACE_STATE_BITS) & ((1u << PLACE_HELPER_BITS) - 1);
}

static inline uint64_t place_position(uint64_t word)
{
    return word >> (PLACE_HELPER_BITS + PLACE_STATE_BITS);
}

/* The owner writes; but for `sleepers`, and `next`, which is a hint. Behind it come the
   words of the places, the facts of the stage, and the results. */
struct share {
    _Alignas(64) struct share_shape shape;
    size_t stride;          /* of results */
    _Atomic uint64_t frame; /* odd while there is a task; goes up with each */
    _Atomic uint64_t task;
    _Atomic uint64_t ticket;   /* of the stage; odd while it is being changed */
    _Atomic uint64_t limit;    /* first position that is not on offer yet */
    _Atomic uint32_t bell;     /* goes up when there may be something new, */
    _Atomic uint32_t sleepers; /* which those who wait for it want to be woken for */
    /* To be read between two looks at the ticket. */
    uint64_t base; /* position of block 0 */
    struct share_stage stage;
    uint32_t result_bytes;
    /* Where to look for an open place first; on a line of its own. */
    _Alignas(64) _Atomic uint64_t next;
};

_Atomic uint64_t *share_word(const struct share *share, uint64_t position);
void *share_facts(const struct share *share);
void *share_result(const struct share *share, uint64_t position);

/* Sleeps until the bell is not what it was any more; at most so long. */
void share_listen(struct share *share, uint32_t seen, double seconds);

/* For ordered.c, whose lock makes these one at a time. */

/* Opens a stage and offers its first blocks; false when it does not fit. */
bool share_open(struct share *share, const struct share_stage *stage,
                size_t result_bytes);
/* No helper may claim any more. */
void share_shut(struct share *share);
/* Offers the next block of the stage. */
void share_offer(struct share *share, uint64_t block);
/* Takes a block back that no helper has claimed. */
bool share_take(struct share *share, uint64_t block);
/* Takes a block back unless it is finished, whoever has it. */
bool share_seize(struct share *share, uint64_t block);
/* The result that a helper has left, or NULL. */
const void *share_ready(const struct share *share, uint64_t block);

#endif
