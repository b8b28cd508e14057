/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_ENGINE_RUN_PRIVATE_H
#define FRAMEWALK_ENGINE_RUN_PRIVATE_H

#include "engine/run.h"

/* The parts of a run: the parent (run.c), its workers (run_worker.c), the rows of the
   result (run_rows.c). */

/* A record of a journal, kept until its frame comes. */
struct known_frame {
    uint64_t frame, frame_hash;
    unsigned char *payload;
};

/* The parent's side of a run; what workers find there is as it was at their fork. */
struct run_parent {
    const struct run_job *job;
    struct run_result *result;
    /* Of each task of the pool: what the journal does not have. NULL for a stream,
       whose tasks are its rows. */
    size_t *row;
    size_t n_rows;
    unsigned char *kept; /* a record on its way to the journal or from there */
    /* Of a stream that is gone on with: what the journal holds, in order of frames. */
    struct known_frame *known;
    size_t n_known, known_capacity, n_found;
    size_t done; /* restored ones included */
    double begun;
    struct arena *arena;
    unsigned slots_each;      /* of its slots: to a worker */
    struct feed_job feed_job; /* of a stream */
    struct feed *feed;        /* else NULL */
    struct err err;           /* of what cannot be told at once */
};

/* A slot holds a record, how the worker has helped others, width values, width
   deviations, the coordinates of the atoms that are there, which of the job's these are
   where frames lack some, and what the worker shares with its helpers. */
struct slot_view {
    struct kernel_record *record;
    uint64_t *n; /* atoms that are there */
    struct slot_facts *facts;
    double *value, *std, *xyz;
    uint32_t *present;
    struct share *share; /* NULL where there is but one worker */
};

/* Of the worker whose slot it is, and those that had it before, from the fork of the
   first on. */
struct slot_facts {
    double help_seconds;
    uint64_t help_blocks;
};

struct slot_view run_view_slot(void *slot, const struct run_parent *parent);
/* Before the workers are forked; the slot is zeros. */
void run_init_slot(void *slot, const struct run_parent *parent);
/* Of a slot of the arena, which is a worker's or one of a stream's ring; and how many
   of that size a worker has. */
size_t run_one_slot_bytes(size_t n_atoms, size_t width);
unsigned run_slots_each(size_t slot_bytes);

/* The functions of a worker, for the pool. */
int run_worker_begin(void *context, unsigned index, void **state, struct err *err);
void run_worker_task(void *context, void *state, size_t task, void *slot);
bool run_worker_help(void *context, void *state, const struct pool_help *help);
void run_worker_end(void *context, void *state);

/* A worker's own state. */
struct run_worker {
    const struct run_job *job;
    struct frame_reader *reader;
    /* Where frames lack some of the atoms: which of the job's are there, and these. */
    uint32_t *present, *atom;
    double *radius, *half;
    struct kernel_site site;
    void **state;   /* of each kernel */
    double *helped; /* coordinates of another worker's frame */
};

/* The two halves of run_worker_task. The frame of a task, with its coordinates looked
   at, in a record that begins anew; -1 with *err of the frame. Then, one after the
   other, the kernels. */
int run_worker_get(const struct run_parent *parent, struct run_worker *worker,
                   size_t task, const struct slot_view *slot, struct frame_view *frame,
                   struct err *err);
void run_worker_map(struct run_worker *worker, const struct frame_view *frame,
                    const struct slot_view *slot);

/* Makes the frame that of the atoms at these places of the job's, with their radii,
   boxes and mass. The worker must have `present`. */
void run_take_present(struct run_worker *worker, const uint32_t *present, size_t n,
                      struct frame_view *view);

/* The columns; and they, and the rows of a job whose frames are known. */
void run_prepare_columns(const struct run_job *job, struct run_result *result);
int run_prepare_rows(const struct run_job *job, struct run_result *result,
                     struct err *err);
/* Adds a row of no results; its time is the frame's number where time_ps is NaN. */
int run_add_row(struct run_result *result, size_t frame, double time_ps,
                struct err *err);
/* Who computed it and how long that took. */
void run_store_log(struct run_result *result, size_t index,
                   const struct kernel_record *record);
void run_store_failure(struct run_result *result, size_t index, enum err_code code,
                       const char *reason);
/* Copies `width` values and deviations and adds the record to the totals. */
void run_store_success(struct run_result *result, size_t index,
                       const struct kernel_record *record, const double *value,
                       const double *std);
/* To be called for each row that has been looked at: see util/spill.h. */
void run_passed(struct run_result *result);
/* Files have a time axis or none, and so have streams once they are known to the end.
 */
void run_settle_times(struct run_result *result);

/* The journal's side (run_kept.c). Takes from the journal what is there: into the rows,
   or for a stream, whose frames are still to come, into a list. */
int run_kept_begin(struct run_parent *parent, struct err *err);
void run_kept_end(struct run_parent *parent);
/* Adds a finished frame; an error is left in the result. */
void run_keep(struct run_parent *parent, size_t frame, const struct slot_view *view);
/* The frame of a stream that has come as row `index`: 1 where the journal has it and
   its row is filled, 0 where not; -1 with ERR_RESUME when it has another one. */
int run_kept_find(struct run_parent *parent, size_t index,
                  const struct feed_frame *frame, struct err *err);
/* At the end of a stream: -1 with ERR_RESUME when one that the journal has did not
   come. */
int run_kept_check(const struct run_parent *parent, struct err *err);

#endif
