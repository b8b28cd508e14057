/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rng/stream.h"

#include <Random123/philox.h>

void rng_start(struct rng_stream *stream, uint64_t seed, enum rng_purpose purpose,
               uint64_t frame, uint64_t block)
{
    stream->seed = seed;
    stream->purpose = purpose;
    stream->block = block;
    stream->frame = frame;
    stream->draw = 0;
    stream->next = RNG_BATCH;
}

void rng_refill(struct rng_stream *stream)
{
    const philox4x64_key_t key = {{stream->seed, stream->purpose}};
    for (unsigned i = 0; i < RNG_BATCH; i += 4) {
        philox4x64_ctr_t counter = {
            {stream->draw + i / 4, stream->block, stream->frame, 0}};
        philox4x64_ctr_t out = philox4x64_R(10, counter, key);
        for (unsigned k = 0; k < 4; k++)
            stream->word[i + k] = out.v[k];
    }
    stream->draw += RNG_BATCH / 4;
    stream->next = 0;
}
