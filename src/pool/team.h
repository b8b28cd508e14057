/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_POOL_TEAM_H
#define FRAMEWALK_POOL_TEAM_H

#include "util/err.h"

#include <stddef.h>
#include <stdint.h>

/* A team of persistent threads; the caller is thread 0. Idle threads sleep on a
   condition variable. Not shared between processes and not reentrant. */
struct team;

/* n_threads >= 1. When the system refuses some of the threads the team has fewer, and
   at least the caller; team_size tells. Threads block all signals. NULL only without
   memory. */
struct team *team_create(unsigned n_threads, struct err *err);
void team_destroy(struct team *team);
unsigned team_size(const struct team *team);

/* Runs work(context, thread) once on every thread, thread = 0 .. size - 1, and returns
   when all are done. */
void team_run(struct team *team, void (*work)(void *context, unsigned thread),
              void *context);

/* An ordered map-reduce over blocks. map computes block b into `result` (zeroed,
   result_bytes long) on whatever thread; fold takes the results strictly in order of b,
   one at a time, and returns nonzero to stop after this block. What fold sees is thus
   the same for every team size: sums keep their order, a stopping rule sees prefixes.
 */
struct ordered {
    size_t result_bytes;
    void (*map)(void *context, unsigned thread, uint64_t block, void *result);
    int (*fold)(void *context, uint64_t block, const void *result);
};

/* A thread may be at most so many times the team's size of blocks ahead of the fold. */
enum { TEAM_AHEAD = 4 };

/* Blocks 0 .. n_blocks - 1. Blocks computed ahead of the fold are bounded (TEAM_AHEAD
   times the team's size), so memory is too. Blocks mapped beyond a stop are dropped,
   and none is begun after it. map and fold may run at the same time on different
   threads. *folded receives how many were folded. -1 only when memory for the window
   fails. */
int team_ordered(struct team *team, const struct ordered *ordered, void *context,
                 uint64_t n_blocks, uint64_t *folded, struct err *err);

#endif
