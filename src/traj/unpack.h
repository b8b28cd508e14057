/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_UNPACK_H
#define FRAMEWALK_TRAJ_UNPACK_H

#include "traj/source.h"

#include <stdbool.h>
#include <stddef.h>

/* Compressed files, for source.c. One line in the table of unpack.c for each kind. */

/* Bytes on their way through a decompressor. */
struct unpack_io {
    const unsigned char *in;
    size_t n_in; /* waiting */
    unsigned char *out;
    size_t n_out; /* room */
};

enum unpack_status {
    UNPACK_MORE, /* needs input, or room */
    UNPACK_END,  /* of a member; another one may follow */
    UNPACK_DAMAGED,
    UNPACK_MEMORY,
};

struct unpacker {
    const char *name, *suffix;
    unsigned char magic[6];
    size_t n_magic;
    const char *package; /* Debian's, for the message where it was built without */
    void *(*open)(void); /* for a member; NULL without memory */
    enum unpack_status (*step)(void *stream, struct unpack_io *io);
    void (*close)(void *stream);
    /* Whether `n` bytes behind a member are padding and no member. NULL: never. */
    bool (*is_padding)(const unsigned char *bytes, size_t n);
};

extern const struct unpacker unpack_gzip, unpack_bzip2, unpack_xz, unpack_zstd;

/* The kind of an open file by its first bytes, NULL for a plain one. -1 on error. */
int unpack_recognise(const struct source *source, const struct unpacker **kind,
                     struct err *err);

/* Replaces the open file by its unpacked bytes; where it ends early, source->cut says
   where. */
int unpack_source(struct source *source, const struct unpacker *kind, struct err *err);

/* Length of a path without the suffix of a compressed file. */
size_t unpack_stem(const char *path);

/* Archives: whether an open file is one; and its only file, or the one of that name
   (nullable), in place of the archive. */
bool unpack_is_zip(const struct source *source);
int unpack_zip(struct source *source, const char *member, struct err *err);

/* Room for more bytes of a file that is unpacked into memory, or ERR_INPUT where it has
   become too large. */
int unpack_room(const struct source *source, void **bytes, size_t *capacity,
                size_t size, size_t more, struct err *err);

/* Hands `size` unpacked bytes to the source, whose file is closed. */
void unpack_give(struct source *source, void *bytes, size_t size);

#endif
