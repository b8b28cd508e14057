/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_POOL_SHARE_H
#define FRAMEWALK_POOL_SHARE_H

#include "pool/team.h"
#include "util/err.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An ordered map-reduce (team.h) whose blocks other processes may compute as well: the
   owner of a task offers blocks in flat shared memory, helpers claim them by
   compare-and-swap and leave their results there, the owner folds in order as ever.
   Nobody waits for a helper: a block that one has claimed and not finished when the
   owner has nothing else to do is computed by the owner too, so that a helper that dies
   or hangs costs a block's time at most. There are no locks, and nothing that a process
   may leave half done keeps others from going on. */
struct share;

/* What a share has room for. */
struct share_shape {
    unsigned n_places;   /* blocks on offer, or computed ahead of the fold */
    size_t facts_bytes;  /* of a stage, at most */
    size_t result_bytes; /* of a block, likewise */
};

size_t share_bytes(const struct share_shape *shape); /* a multiple of 64 */
/* Before any process uses it; 64-byte aligned memory of zeros. */
void share_init(struct share *share, const struct share_shape *shape);

/* What the blocks are of: `number` tells helpers what to do, `facts` is what they need
   for it besides the task's own data. Flat memory. */
struct share_stage {
    unsigned number;
    uint64_t n_blocks;
    size_t facts_bytes;
    const void *facts;
};

/* ---- the owner, the one process that has the task ---- */

/* The data of `task` are there for helpers to read, until share_end. An owner that died
   may have left the share in any state. */
void share_begin(struct share *share, uint64_t task);
void share_end(struct share *share);

/* team_ordered over stage->n_blocks, with whoever helps. Where share is NULL or the
   stage does not fit, without. */
int share_ordered(struct share *share, const struct share_stage *stage,
                  struct team *team, const struct ordered *ordered, void *context,
                  uint64_t *folded, struct err *err);

/* ---- the parent of owner and helpers ---- */

/* The process of that number is dead and reaped: what it had claimed is open again. */
void share_bury(struct share *share, unsigned helper);

/* ---- a helper ---- */

enum { SHARE_HELPERS_MAX = 8000 };

/* What to map for a stage. */
struct share_work {
    const struct ordered *ordered; /* NULL: it cannot help with this one */
    void *context;
    const atomic_bool *failed; /* set by map where its result is not to be used */
};

struct share_help {
    struct share *share;
    unsigned self; /* below SHARE_HELPERS_MAX, another for each live process */
    struct team *team;
    uint64_t frame; /* of share_await */
    void *context;
    struct share_work (*prepare)(void *context, const struct share_stage *stage);
    /* Whether to come back as soon as possible; asked by the calling thread after each
       of its blocks. */
    bool (*called)(void *call_context);
    void *call_context;
};

/* Sleeps until the owner is at a task: which, and a number for this attempt at it.
   False when called meanwhile. */
bool share_await(struct share *share, bool (*called)(void *call_context),
                 void *call_context, uint64_t *task, uint64_t *frame);
/* Whether that attempt still lasts. What was copied of the task's data before is whole
   if it does. */
bool share_lasts(struct share *share, uint64_t frame);
/* Helps until the attempt has ended or `called` says so. *blocks is how many were
   computed, whether or not they were of use. -1 without memory. */
int share_help(const struct share_help *help, uint64_t *blocks, struct err *err);

#endif
