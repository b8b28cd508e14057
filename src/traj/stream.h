/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_STREAM_H
#define FRAMEWALK_TRAJ_STREAM_H

#include "traj/source.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes of standard input, a named pipe or a socket, seen through a window: those
   before it are forgotten, those behind it are waited for. The window grows with the
   bytes that have come, never with what somebody says will come. */
struct stream {
    int fd; /* -1 once it was let go */
    bool is_stdin;
    bool ended;
    unsigned char *bytes; /* bytes[begin .. end) are the window */
    size_t begin, end, capacity;
    uint64_t offset; /* in the stream, of bytes[begin] */
    /* Said to a server when the stream is closed before it has ended; empty for pipes.
     */
    unsigned char farewell[8];
    size_t farewell_bytes;
    double patience; /* seconds of silence that are borne; 0 for any number */
    /* When it becomes nonzero, waiting ends with an error. Nullable. */
    const volatile sig_atomic_t *stop;
};

/* Whether the path means a stream: "-", a named pipe, "imd://...". */
bool stream_is_path(const char *path);
bool stream_is_imd(const char *path);

/* Opens "-" or a named pipe, for which it may have to wait for a writer; ERR_INPUT when
   it cannot be read, ERR_USAGE when standard input is a terminal. */
int stream_open(struct source *source, const char *path, struct err *err);

/* Makes the source one of the bytes of `fd`, which it owns from now on. */
int stream_take(struct source *source, const char *path, int fd, struct err *err);

/* Lets go of the descriptor, so that only the other processes that have it hold it
   open; what is read then ends with the window. */
void stream_let_go(struct stream *stream);

/* Frees it; NULL allowed. */
void stream_close(struct stream *stream);

/* What stands before `offset` will not be asked for any more. */
void stream_forget(struct stream *stream, uint64_t offset);

/* For source.c, as the functions there. No offset may be before the window. */
long stream_read_some(const struct source *source, uint64_t offset, void *into,
                      size_t n, struct err *err);
int stream_has(const struct source *source, uint64_t offset, uint64_t n,
               struct err *err);
size_t stream_left(const struct stream *stream, uint64_t offset);
const unsigned char *stream_window(const struct source *source, uint64_t offset,
                                   size_t wanted, size_t *n, struct err *err);

#endif
