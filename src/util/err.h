/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_UTIL_ERR_H
#define FRAMEWALK_UTIL_ERR_H

#include <stddef.h>

/* What went wrong, in the caller's storage. The code is the exit status that the
   program ends with, so that no layer in between has to translate it. */
enum err_code {
    ERR_NONE = 0,
    ERR_RUNTIME = 1, /* memory, disk, processes */
    ERR_USAGE = 2,   /* an option or expression of the user's */
    ERR_INPUT = 3,   /* a file that cannot be read or is not valid */
    ERR_RESUME = 5,  /* a journal is of another run */
};

enum { ERR_TEXT_BYTES = 1024 };

struct err {
    enum err_code code;
    char text[ERR_TEXT_BYTES];
};

/* Stores code and the formatted text in *err (nullable; long text is cut) and returns
   -1, so that callers can write `return err_set(...)`. */
int err_set(struct err *err, enum err_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts the formatted text and ": " in front of what *err says already. Returns -1. */
int err_prefix(struct err *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "out of memory (N bytes for WHAT)", ERR_RUNTIME. Returns -1. */
int err_memory(struct err *err, size_t bytes, const char *what);

#endif
