/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_PLAN_PLAN_H
#define FRAMEWALK_PLAN_PLAN_H

#include "plan/machine.h"
#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Choosing workers x threads: a pure function of what probe found (plan/machine.h) and
   of the job. It chooses the layout and never influences a result. */

/* Work of a frame that the threads of a worker share, in blocks that are not divided.
 */
enum {
    WORKLOAD_PILOT,
    WORKLOAD_WALKS,
    WORKLOAD_SAMPLES,
    WORKLOAD_STOKES,
    WORKLOAD_PARTS
};

struct workload_part {
    double seconds;  /* of one core */
    uint64_t blocks; /* 0 is read as 1 */
};

/* The job as far as its cost is concerned. Seconds are those of one core of the fastest
   kind; of a frame, unless another is said. */
struct workload {
    uint64_t frames;
    bool open_ended;     /* a stream: frames is a guess, and not told */
    double read_seconds; /* one thread; of a stream, its reader's, beside the workers */
    double build_seconds;  /* one thread: search structure */
    double serial_seconds; /* one thread: fits */
    double derive_seconds; /* one thread: properties */
    double first_seconds;  /* likewise; of the first frame of each worker, besides */
    /* Of each process that helps with another's frame, besides building: parts of the
       search structure that walks make as they come to them. A team shares it. */
    double cells_seconds;
    struct workload_part part[WORKLOAD_PARTS];
    double walks;  /* expected; for people */
    double spread; /* standard deviation over frames of what one costs, over its mean */
    /* Workers that have nothing to do help with the blocks of walks of others' frames:
       only then are more workers than frames of use. */
    bool helps;
    double start_seconds;  /* once a run, before the first frame */
    double end_seconds;    /* once, after the last one */
    double parent_seconds; /* of the parent, one frame after the other */
    uint64_t fixed_bytes;  /* parent and what all share */
    uint64_t worker_bytes; /* each worker: slot, decoder, search structure */
    uint64_t frame_bytes;  /* besides, of those that do not only help with a frame */
    uint64_t thread_bytes; /* each thread */
    uint64_t
        address_bytes; /* address space of a worker beyond that; RLIMIT_AS counts */
};

/* What a frame takes of one core. */
double workload_frame_seconds(const struct workload *workload);

enum strategy {
    STRATEGY_AUTO,
    STRATEGY_SERIAL,  /* 1 x 1 */
    STRATEGY_FRAMES,  /* workers only */
    STRATEGY_THREADS, /* one worker */
    STRATEGY_HYBRID,  /* several of both */
};

const char *strategy_name(enum strategy strategy);

/* What the user fixed; 0 stands for auto. */
struct plan_request {
    enum strategy strategy;
    unsigned workers, threads;
    unsigned cores;        /* budget, instead of the machine's */
    uint64_t memory_bytes; /* likewise */
};

enum { PLAN_REASON_BYTES = 256 };

struct plan {
    unsigned workers, threads;
    enum strategy strategy; /* what it amounts to */
    double predicted_seconds;
    double serial_seconds; /* what 1 x 1 would take */
    double efficiency;     /* serial time / (workers x threads x predicted time) */
    uint64_t peak_memory_bytes;
    char reason[PLAN_REASON_BYTES];  /* one sentence */
    char warning[PLAN_REASON_BYTES]; /* empty, or why what was asked for exceeds what
                                        is there */
};

/* Picks the fastest layout that fits the budgets, ties (within 1 %) going to the
   smaller memory footprint, then to fewer threads. Explicit counts are obeyed, with a
   warning when they exceed cores or memory. -1 (ERR_RUNTIME, with the bytes needed)
   when not even one worker with one thread fits into memory; ERR_USAGE when the
   strategy contradicts explicit counts (serial with --workers 2). */
int plan_decide(struct plan *plan, const struct machine *machine,
                const struct workload *workload, const struct plan_request *request,
                struct err *err);

/* Predicted wall time of a layout: frames dealt out to workers as they become idle. A
   budget of cores (0: the machine's) that is larger than the machine is taken for a
   machine with more cores of its fastest kind. */
double plan_predict(const struct machine *machine, unsigned cores,
                    const struct workload *workload, unsigned workers,
                    unsigned threads);

/* Bytes that a layout needs at its peak, UINT64_MAX when they are too many to count. */
uint64_t plan_memory(const struct workload *workload, unsigned workers,
                     unsigned threads);

/* A layout for the table that people read. */
struct plan_candidate {
    unsigned workers, threads;
    double predicted_seconds;
    double speedup, efficiency;
    uint64_t peak_memory_bytes;
    const char *discarded; /* NULL where it was admitted, else why not; static text */
};

/* The more telling layouts in order of workers, then threads: powers of two, whole
   machines and `plan`, the chosen one, but not all that plan_decide looks at. At most
   `capacity` are stored (PLAN_CANDIDATES are always enough); their number is returned.
 */
enum { PLAN_CANDIDATES = 512 };
size_t plan_candidates(struct plan_candidate *list, size_t capacity,
                       const struct plan *plan, const struct machine *machine,
                       const struct workload *workload,
                       const struct plan_request *request);

enum { PLAN_SIZE_BYTES = 24 };

/* "3.5 GiB" in `text`, which is returned. */
const char *plan_size(char text[PLAN_SIZE_BYTES], uint64_t bytes);

#endif
