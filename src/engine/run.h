/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_ENGINE_RUN_H
#define FRAMEWALK_ENGINE_RUN_H

#include "engine/feed.h"
#include "engine/frame_reader.h"
#include "engine/journal.h"
#include "engine/kernel.h"
#include "mol/unwrap.h"
#include "pool/bind.h"
#include "pool/pool.h"
#include "traj/traj.h"
#include "util/err.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

/* A job: kernels over the chosen frames of a trajectory. Everything is borrowed. */
struct run_job {
    const struct traj *traj;
    const size_t *frame; /* n_frames numbers, ascending */
    size_t n_frames;
    /* Instead of these two for a stream, which `stream` is then; else NULL. What is in
     *traj about frames is out of date after the run: result.end tells. */
    struct traj *stream;
    const struct frame_choice *choice;
    const uint32_t *atom; /* n_atoms selected atoms, ascending */
    size_t n_atoms;
    const double *radius; /* n_atoms */
    const double *half;   /* 3 n_atoms: half the edges of boxes; nullable */
    /* Where each frame selects among those atoms for itself, else NULL. */
    const struct frame_words *words;
    /* Da, n_atoms: a frame's mass is the sum over the atoms that it has. NULL: the mass
       is that of the kernels' options. */
    const double *mass;
    const struct unwrap
        *unwrap; /* of those atoms, for frames with a box; NULL: as read */
    const struct kernel_task *task; /* n_tasks kernels, in the table's order */
    size_t n_tasks;
    unsigned workers, threads, retries;
    const struct bind *bind; /* threads of workers to cores or nodes; nullable */
    double max_seconds;      /* NaN for no limit */
    double frame_seconds;    /* of an attempt at a frame; NaN likewise */
    /* Begun or continued. Frames whose records it holds are taken from there, and those
       that end with values are added. Nullable. */
    struct journal *journal;
    const volatile sig_atomic_t *stop; /* nullable */
    /* Called in the parent about ten times a second and after each frame. Nullable. */
    void (*tick)(void *context, size_t done, size_t failed);
    /* Called in the parent after each frame, with its row. Nullable. */
    void (*frame_ended)(void *context, const struct result_row *row);
    void *tick_context;
};

/* Sums over the frames that did not fail. */
struct run_totals {
    uint64_t walks, steps, skin_hits, truncated;
    uint64_t pilot_walks, sources; /* of the control variates */
    size_t controlled_frames;      /* that had one */
    /* Sums over those of the part of the variance that is left. */
    double left_capacitance, left_polarizability;
    double seconds[STAGE_N];          /* of workers, not of cores */
    uint64_t fit_points, fit_sources; /* of the Stokes flow */
    size_t fitted_frames;
    double fit_shared[STOKES_SHARED_N]; /* sums of kernel_record's */
    size_t doubtful_frames;
    unsigned doubts;      /* enum kernel_doubt, of any of them */
    size_t broken_frames; /* whose body has fallen into several groups */
    double widest_gap;    /* A, between the groups of any of them */
};

/* What a worker did, with those that replaced it. */
struct run_worker_facts {
    size_t frames; /* that it was the last to have */
    /* Of those that did not fail; then all that it took from a frame's begin to its
       end. */
    double seconds[STAGE_N], frame_seconds;
    double help_seconds; /* with frames of others, until they ended */
    uint64_t help_blocks;
};

enum { RUN_COLUMNS_MAX = 4 * KERNEL_COLUMNS_MAX };

/* What came out; the caller frees it with run_fini. Rows are in the order of the job's
   frames, whatever the order in which they were computed. */
struct run_result {
    size_t n_frames, n_columns, width;
    /* Where rows, values and deviations lie, for the pointers to them. */
    struct spill kept[RESULTS_TABLES];
    struct column column[RUN_COLUMNS_MAX];
    struct result_row *row;
    double *value, *std; /* n_frames x width, NaN where there is no result */
    size_t n_ok, n_imprecise, n_failed, n_not_run;
    size_t n_restored;     /* of those, out of the journal */
    enum err_code failure; /* code of a failed frame, the gravest of them */
    struct run_totals totals;
    struct run_worker_facts *worker; /* n_workers */
    unsigned n_workers;
    double seconds;
    struct pool_report pool;
    struct feed_end end;    /* of a stream */
    unsigned threads;       /* of the smallest team; 0 when no frame was computed */
    bool stopped;           /* by a signal */
    bool out_of_time;       /* by max_seconds */
    struct err journal_err; /* a journal that could not be written stops the run too */
};

/* Bytes of shared memory that each worker of a run of so many frames comes to use; of a
   stream, with its part of the ring. What it shares with helpers counts once: they come
   at the end. */
size_t run_slot_bytes(size_t n_atoms, size_t width, bool stream, size_t n_frames);

/* Runs the job. 0 also when frames failed or were not run: the rows tell. -1 when
   nothing could be run at all. Failures are not kept in the journal: whoever goes on
   with it tries those frames again. */
int run_job(const struct run_job *job, struct run_result *result, struct err *err);

/* What came out as the table that writers take; it borrows from the result, and has
   neither provenance nor names of stages. */
struct results run_table(const struct run_result *result);
void run_fini(struct run_result *result);

#endif
