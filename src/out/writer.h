/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_OUT_WRITER_H
#define FRAMEWALK_OUT_WRITER_H

#include "out/results.h"
#include "util/err.h"

#include <stdbool.h>
#include <stdio.h>

/* An output format: one file each, one line in the table of writer.c. */
struct writer {
    const char *extension; /* ".csv" */
    int (*write)(const struct results *results, FILE *stream, struct err *err);
};

/* The writer for a path's extension (case folded), "-" being CSV; NULL if none.
   writer_extensions() is the list for messages: ".csv .json .npz". */
const struct writer *writer_for(const char *path);
const char *writer_extensions(void);

/* Writes to a temporary file beside `path`, syncs and renames it, or gives the name
   PATH.partial when `partial`. "-" writes CSV to stdout. On failure the temporary file
   is gone, *err names the path and the reason, and an older file is as it was. */
int writer_save(const struct results *results, const char *path, bool partial,
                struct err *err);

/* The same for what is no table of results: `fill` writes it, given `what`. */
typedef int writer_fill(const void *what, FILE *stream, struct err *err);
int writer_save_by(writer_fill *fill, const void *what, const char *path,
                   struct err *err);

/* The formats. */
int csv_write(const struct results *results, FILE *stream, struct err *err);
int json_write(const struct results *results, FILE *stream, struct err *err);
int npz_write(const struct results *results, FILE *stream, struct err *err);

#endif
