/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_RNG_STREAM_H
#define FRAMEWALK_RNG_STREAM_H

#include <stdint.h>

/* Random streams that depend on what is computed and on nothing else: never on worker,
   thread or order. The generator is Philox4x64-10 (Salmon, Moraes, Dror, Shaw, SC'11):
   for each key a bijection of 256-bit counters onto 256-bit outputs. The key is (seed,
   purpose), the counter (draw, block, frame, 0). Two streams of one seed that differ in
   frame, block or purpose therefore never use the same (key, counter) pair, as long as
   a stream takes fewer than 2^64 groups of four numbers: they are disjoint by
   construction, with no distance to keep and nothing to jump over. */

enum rng_purpose {
    RNG_WALKS = 1,
    RNG_INTERIOR = 2,
    RNG_SURFACE = 3,
    RNG_PILOT = 4,
};

enum { RNG_BATCH = 32 };

struct rng_stream {
    uint64_t seed, purpose, block, frame;
    uint64_t draw; /* groups of four numbers taken so far */
    unsigned next; /* index into word of the next number */
    uint64_t word[RNG_BATCH];
};

void rng_start(struct rng_stream *stream, uint64_t seed, enum rng_purpose purpose,
               uint64_t frame, uint64_t block);

/* Fills word[] anew; called by rng_u64. */
void rng_refill(struct rng_stream *stream);

static inline uint64_t rng_u64(struct rng_stream *stream)
{
    if (stream->next == RNG_BATCH)
        rng_refill(stream);
    return stream->word[stream->next++];
}

/* Uniform on (0, 1): the midpoints of 2^52 equal cells, so neither 0 nor 1 occurs. */
static inline double rng_uniform(struct rng_stream *stream)
{
    return ((double)(rng_u64(stream) >> 12) + 0.5) * 0x1p-52;
}

#endif
