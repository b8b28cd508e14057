/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_ENGINE_FEED_H
#define FRAMEWALK_ENGINE_FEED_H

#include "engine/frame_reader.h"
#include "engine/kernel.h"
#include "mol/unwrap.h"
#include "pool/arena.h"
#include "traj/traj.h"
#include "util/err.h"

#include <stddef.h>
#include <stdint.h>

/* The frames of a stream on their way to the workers. A process of its own waits for
   them and decodes them into a ring of slots of the arena, as long as one is free:
   neither a silent source nor a large frame keeps the parent from its workers, and a
   fast source is held back by its pipe. A slot is free again when its frame has ended,
   whatever worker had it and however often. */

/* At the start of a slot of the ring; 3 n_atoms coordinates in A follow, and behind
   these n_atoms numbers that feed_present gives. Nothing but `task` may be looked at
   before it is known whose slot it is. */
struct feed_frame {
    _Atomic uint64_t task; /* its number, or FEED_FREE */
    uint64_t frame;
    double time_ps; /* NaN where it has none */
    double seconds; /* that reading and decoding took */
    int error_code; /* enum err_code when it could not be decoded, with the reason */
    char reason[KERNEL_REASON_BYTES];
    size_t n_present; /* with words: of the job's atoms */
    double xyz[];
};

#define FEED_FREE UINT64_MAX

size_t feed_slot_bytes(size_t n_atoms);

/* Slots of the ring for so many workers: one that each has, one that it takes next, and
   two that are being filled. */
size_t feed_n_slots(unsigned workers);

struct feed_job {
    struct traj *traj; /* a stream, of which the first frame has come */
    const struct frame_choice *choice;
    const uint32_t *atom; /* n_atoms, ascending */
    size_t n_atoms;
    const struct unwrap *unwrap;     /* of those atoms, or NULL */
    const struct frame_words *words; /* as in struct run_job */
    struct arena *arena;
    size_t first_slot, n_slots; /* the ring within it */
};

/* How a stream ended. */
struct feed_end {
    struct traj_seen seen;
    bool reached;   /* its end, or the last frame that was asked for */
    struct err err; /* code ERR_NONE unless it was damaged or its reader died */
};

/* In the parent. Starts the reader, which has the stream to itself from then on: NULL
   with *err when it cannot. Everything in the job is borrowed. */
struct feed;
struct feed *feed_start(const struct feed_job *job, struct err *err);
int feed_fd(const struct feed *feed);

/* Hears what the reader has to say, without sleeping: 1 with a frame in its slot, 0 for
   nothing at present, -1 when there will be no more. */
int feed_next(struct feed *feed, const struct feed_frame **frame);

/* The frame of that task has ended. */
void feed_release(struct feed *feed, uint64_t task);

/* Ends the reader, and frees; NULL allowed. *end (nullable) tells what it came to. */
void feed_stop(struct feed *feed, struct feed_end *end);

/* In a worker: the slot of a task that was handed out; NULL where it has ended. */
const struct feed_frame *feed_find(const struct feed_job *job, uint64_t task);

/* With words: the places of the frame's atoms among the job's. */
const uint32_t *feed_present(const struct feed_job *job,
                             const struct feed_frame *frame);

#endif
