/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_PLAN_PLAN_H
#define FRAMEWALK_PLAN_PLAN_H

#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Choosing workers x threads, in two halves: probe asks the machine, decide is a pure
   function of what probe found and of the job. Neither may influence a result. */

/* What the machine allows. Sources are words for people ("affinity mask"). */
struct machine {
    unsigned cores; /* that this process may use, >= 1 */
    const char *cores_source;
    uint64_t memory_bytes; /* that it may use */
    const char *memory_source;
    unsigned thread_limit; /* OMP_NUM_THREADS, 0 when there is none */
};

/* Asks the affinity mask, cgroup v1 and v2 CPU quota and memory limits, available
   memory, SLURM_CPUS_PER_TASK and OMP_NUM_THREADS. Never fails: what cannot be read
   does not limit. */
void plan_probe(struct machine *machine);

/* The job as far as its cost is concerned. */
struct workload {
    uint64_t frames;
    bool open_ended;               /* a stream: frames is a guess, and not told */
    uint64_t blocks_per_frame;     /* units that threads can share, >= 1 */
    double frame_parallel_seconds; /* of one core, shared by the threads of a worker */
    double frame_serial_seconds; /* read, build, finish: one thread whatever the team */
    double start_seconds;        /* once a run */
    uint64_t fixed_bytes;        /* parent and what all share */
    uint64_t worker_bytes;       /* each worker: slot, decoder, search structure */
    uint64_t thread_bytes;       /* each thread */
};

enum strategy {
    STRATEGY_AUTO,
    STRATEGY_SERIAL,  /* 1 x 1 */
    STRATEGY_FRAMES,  /* workers only */
    STRATEGY_THREADS, /* one worker */
    STRATEGY_HYBRID,  /* several of both */
};

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
    double efficiency; /* serial time / (workers x threads x predicted time) */
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

/* Predicted wall time of a layout: frames dealt out to workers as they become idle. */
double plan_predict(const struct workload *workload, unsigned workers,
                    unsigned threads);

/* Bytes that a layout needs at its peak, UINT64_MAX when they are too many to count. */
uint64_t plan_memory(const struct workload *workload, unsigned workers,
                     unsigned threads);

/* A layout for the table that people read. */
struct plan_candidate {
    unsigned workers, threads;
    double predicted_seconds;
    double efficiency;
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

const char *strategy_name(enum strategy strategy);

#endif
