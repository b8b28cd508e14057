/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_SOURCE_H
#define FRAMEWALK_TRAJ_SOURCE_H

#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The most that a compressed file may inflate to. Memory grows with what really comes
   out, so that a small file with a large claim reserves nothing. */
#define SOURCE_INFLATED_MAX (UINT64_C(4) << 30)

/* The bytes of an input file at any offset: a plain file is read with pread (so one
   descriptor serves forked processes and threads alike and a file that shrinks gives an
   error, not SIGBUS), a compressed one is inflated into memory once. */
struct source {
    char *path; /* as the user gave it, for messages */
    char *name; /* what the extension is taken from: without .gz, of a zip's member */
    int fd;     /* -1 when the bytes are in memory */
    uint64_t size;         /* bytes, after inflating */
    unsigned char *memory; /* inflated bytes, or NULL */
    char *cut; /* of a compressed file that ends early, where: "truncated at byte offset
                  ...", to stand behind a file's name; else NULL */
    struct stream *stream; /* bytes that come once, in their order (traj/stream.h), or
                              NULL; `size` is SOURCE_SIZE_UNKNOWN until they end */
};

/* More than any source has, and sums with it do not wrap around. */
#define SOURCE_SIZE_UNKNOWN ((uint64_t)INT64_MAX)

/* Whether there are n bytes at `offset`: 1 or 0; of a stream, which may have to be
   waited for, also -1 with *err. */
int source_has(const struct source *source, uint64_t offset, uint64_t n,
               struct err *err);

/* How many there are; of a stream, those that have come. */
uint64_t source_left(const struct source *source, uint64_t offset);

/* Opens a regular file (following links): plain, compressed by gzip, bzip2, xz or zstd,
   or in a zip archive, as "ARCHIVE.zip:FILE" or where it is the only one there.
   Directories, devices, missing and unreadable files, and compressed ones that are
   damaged, truncated or larger than SOURCE_INFLATED_MAX give -1. An empty file is
   opened: formats say what they miss. */
int source_open(struct source *source, const char *path, struct err *err);

/* The same, but of a compressed file that ends early there are the bytes that came out,
   and source->cut says so. (Of one that is damaged nobody knows which bytes are right
   before all of them have been seen; of an archive that ends early nobody knows what is
   in it.) */
int source_open_cut(struct source *source, const char *path, struct err *err);

/* Adds to what a format says of a source that is cut, ERR_INPUT, where its packed bytes
   end. `err` is nullable. Returns -1. */
int source_say_cut(const struct source *source, struct err *err);

/* Exactly n bytes from `offset` into `into`; -1 with file and offset in *err when the
   file ends before or cannot be read. */
int source_read(const struct source *source, uint64_t offset, void *into, size_t n,
                struct err *err);

/* Up to n bytes; returns how many there were, 0 at the end, -1 on error. */
long source_read_some(const struct source *source, uint64_t offset, void *into,
                      size_t n, struct err *err);

void source_close(struct source *source);

/* A look at few bytes here and there, in ascending order: frame headers. Where they lie
   close together, a larger piece is read at once. All zero at first. */
enum { SOURCE_WINDOW_BYTES = 1 << 14 };
struct source_window {
    unsigned char bytes[SOURCE_WINDOW_BYTES];
    uint64_t offset;
    size_t n;
};

/* The `wanted` bytes (at most SOURCE_WINDOW_BYTES) at `offset`, valid until the next
   call; *n is less than `wanted` where the source ends before. NULL on error. */
const unsigned char *source_window_at(struct source_window *window,
                                      const struct source *source, uint64_t offset,
                                      size_t wanted, size_t *n, struct err *err);

/* Lines of a source, one after the other, through a buffer of its own. */
struct line_reader {
    const struct source *source;
    uint64_t offset;      /* of the first byte not yet handed out */
    uint64_t line_offset; /* of the line handed out last */
    uint64_t line_number; /* of that line, from 1, counted from where reading began */
    bool unended;         /* that line has no line end: the file's last */
    bool cut;             /* the end of what there is of a source that is cut */
    char *buffer;
    size_t capacity, begin, end;
};

enum { LINE_BYTES_MAX = 1 << 16 };

int line_reader_init(struct line_reader *reader, const struct source *source,
                     uint64_t offset, struct err *err);

/* Goes on at another offset, of the same or another source, with the buffer it has;
   line numbers start again at 1. */
void line_reader_seek(struct line_reader *reader, const struct source *source,
                      uint64_t offset);

/* 1 with a NUL-ended line without its line end ("\n" or "\r\n"), valid until the next
   call; 0 at the end of the source; -1 on an unreadable file, a NUL byte in the line,
   a line longer than LINE_BYTES_MAX, or where the source is cut: neither its end nor a
   line without a line end can then be trusted. A byte order mark at the beginning of
   the source is passed over. */
int line_reader_next(struct line_reader *reader, char **line, size_t *length,
                     struct err *err);

void line_reader_fini(struct line_reader *reader);

#endif
