/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_LIB_PROCESS_H
#define FRAMEWALK_TRAJ_LIB_PROCESS_H

#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Libraries that are not made for files that are out to hurt (they may crash, loop, or
   ask for all memory) each work in a process of their own, a copy of this one, which is
   asked through a socket: what it does not survive is a damaged file to the reader. */
struct lib_process;

/* Starts it. There it calls serve with its end of the socket, the only descriptor that
   is kept, within limits of memory and without core dumps, and leaves with _exit.
   `path` and `kind` ("HDF5"), of the file, are borrowed for messages. */
struct lib_process *lib_process_start(const char *path, const char *kind,
                                      void (*serve)(int socket, const void *context),
                                      const void *context, struct err *err);

/* Exactly n bytes of what it sends, or to it. -1 where it has died, or is not the child
   of this process. */
int lib_process_receive(struct lib_process *process, void *out, size_t n,
                        struct err *err);
int lib_process_send(struct lib_process *process, const void *bytes, size_t n,
                     struct err *err);

void lib_process_end(struct lib_process *process); /* accepts NULL */

/* Whether it belongs to this process: forked copies of a reader have none. */
bool lib_process_is_ours(const struct lib_process *process);

/* Within the process: sends all, and ends it when nobody listens any more; receives
   all, false when nobody asks any more. */
void lib_serve_send(int socket, const void *bytes, size_t n);
bool lib_serve_receive(int socket, void *out, size_t n);

/* Within the process: seconds of processor time from now on, after which it dies: the
   library may be caught in a loop by a damaged file. */
void lib_serve_limit_seconds(unsigned seconds);

/* Within the process: so many bytes of address space more than it has now; 0: what a
   process may have at most, 12 GB. */
void lib_serve_limit_memory(uint64_t more);

#endif
