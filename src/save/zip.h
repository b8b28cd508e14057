/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SAVE_ZIP_H
#define FRAMEWALK_SAVE_ZIP_H

#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A zip archive of stored (not compressed) files, written front to back, entries one
   after the other, each of a length that is known at its end only. (libzip wants to
   fetch an entry's bytes itself; frames come when they come.) Dates and modes are
   fixed, so that equal contents are equal archives. Sizes have 64 bits throughout. */

enum { ZIP_ENTRIES_MAX = 8, ZIP_NAME_BYTES = 24 };

struct zip_entry {
    char name[ZIP_NAME_BYTES];
    uint64_t offset, size;
    uint32_t crc;
};

struct zip_writer {
    FILE *stream; /* with random access */
    struct zip_entry entry[ZIP_ENTRIES_MAX];
    size_t n_entries;
    /* The entry's first bytes may be replaced at its end: see zip_end. */
    size_t head_bytes;
    uint32_t body_crc; /* of what follows them */
    uint64_t position;
};

void zip_init(struct zip_writer *zip, FILE *stream);

/* Begins a file with `n` bytes of head. */
int zip_begin(struct zip_writer *zip, const char *name, const void *head, size_t n,
              struct err *err);
int zip_put(struct zip_writer *zip, const void *bytes, size_t n, struct err *err);

/* Ends it, with as many bytes in the place of its head. */
int zip_end(struct zip_writer *zip, const void *head, struct err *err);

/* The list of entries; the archive is complete. */
int zip_finish(struct zip_writer *zip, struct err *err);

#endif
