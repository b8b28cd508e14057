/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_POOL_CHILD_H
#define FRAMEWALK_POOL_CHILD_H

#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Processes that live no longer than their parent. */

/* Forks. The parent gets the pid and in *fd its end of a SOCK_SEQPACKET pair; the child
   gets 0 and the other end, dies with the parent, ignores SIGINT, SIGTERM, SIGHUP and
   SIGPIPE, has default dispositions otherwise, and must leave with _exit. -1 with *err
   when the system refuses. */
pid_t child_start(int *fd, struct err *err);

/* A packet of so many bytes from the other end, for which it waits so long. False where
   none came, or another. */
bool child_receive(int fd, double seconds, void *packet, size_t bytes);

enum { CHILD_REASON_BYTES = 96 };

/* Kills what is left of the process and reaps it; `reason` (nullable) receives how it
   ended. */
void child_reap(pid_t pid, char reason[CHILD_REASON_BYTES]);

#endif
