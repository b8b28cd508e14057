/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_QUEUE_H
#define FRAMEWALK_SIMD_QUEUE_H

#include "simd/vec.h"

#include <string.h>

/* Walkers waiting for the same kind of step, one row a field; the numbers of `real` are
   kept as their bits. First come, first served within a pass. */
enum { QUEUE_WALKERS = 512, QUEUE_FIELDS = 11 };
enum { QUEUE_ROOM = 2 * QUEUE_WALKERS + 2 * BATCH };

struct queue {
    unsigned n;
    word field[QUEUE_FIELDS][QUEUE_ROOM];
};

/* Appends the lanes whose bits are set. */
static inline void queue_push(struct queue *queue, const vword *field, int n_fields,
                              unsigned bits)
{
    if (!bits)
        return;
    for (int i = 0; i < n_fields; i++)
        vec_compress_word(queue->field[i] + queue->n, field[i], bits);
    queue->n += vec_count(bits);
}

/* Forgets the first n walkers. */
static inline void queue_drop(struct queue *queue, unsigned n, int n_fields)
{
    queue->n -= n;
    for (int i = 0; i < n_fields && queue->n; i++)
        memmove(queue->field[i], queue->field[i] + n, queue->n * sizeof(word));
}

/* Fills the batch that begins at `at` with copies of its first walker. */
static inline void queue_pad(struct queue *queue, unsigned at, int n_fields)
{
    for (int i = 0; i < n_fields; i++)
        for (unsigned k = queue->n; k < at + BATCH; k++)
            queue->field[i][k] = queue->field[i][at];
}

static inline vreal queue_real(const struct queue *queue, int field, unsigned at)
{
    return (vreal)vec_load_word(queue->field[field] + at);
}

static inline vword queue_word(const struct queue *queue, int field, unsigned at)
{
    return vec_load_word(queue->field[field] + at);
}

#endif
