/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_T_FUZZ_PROCESS_H
#define FRAMEWALK_T_FUZZ_PROCESS_H

/* In place of the processes for libraries (traj/lib_process.c): one that says what the
   input says. They are there because their library does not survive every file:
   whatever becomes of it, the reader must hold. (Within the fuzzer's own process the
   library's crashes and memory would hide ours.) */

#include "traj/lib_process.h"

#include <stdlib.h>
#include <string.h>

/* The answers not yet given. */
static const uint8_t *waiting;
static size_t n_waiting;

struct lib_process {
    int unused;
};

static int no_answer(struct err *err)
{
    return err_set(err, ERR_INPUT, "the process does not answer");
}

int lib_process_receive(struct lib_process *process, void *out, size_t n,
                        struct err *err)
{
    (void)process;
    if (n > n_waiting)
        return no_answer(err);
    memcpy(out, waiting, n);
    waiting += n;
    n_waiting -= n;
    return 0;
}

int lib_process_send(struct lib_process *process, const void *bytes, size_t n,
                     struct err *err)
{
    (void)process, (void)bytes, (void)n;
    return n_waiting > 0 ? 0 : no_answer(err);
}

struct lib_process *lib_process_start(const char *path, const char *kind,
                                      void (*serve)(int socket, const void *context),
                                      const void *context, struct err *err)
{
    (void)path, (void)kind, (void)serve, (void)context, (void)err;
    struct lib_process *process = malloc(sizeof *process);
    if (!process)
        abort();
    return process;
}

void lib_process_end(struct lib_process *process)
{
    free(process);
}

bool lib_process_is_ours(const struct lib_process *process)
{
    (void)process;
    return true;
}

static inline size_t put(uint8_t *into, size_t at, const void *bytes, size_t n)
{
    memcpy(into + at, bytes, n);
    return at + n;
}

#endif
