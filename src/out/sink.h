/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_OUT_SINK_H
#define FRAMEWALK_OUT_SINK_H

#include "util/err.h"

#include <stddef.h>
#include <stdio.h>

/* Writing with every error looked at when it happens, while errno still tells the
   reason (a later ferror() no longer knows it). Each returns 0, or -1 with the system's
   words in *err, ERR_RUNTIME; naming the file is left to whoever knows it. */

int sink_put(FILE *stream, const void *bytes, size_t n, struct err *err);
int sink_text(FILE *stream, const char *text, struct err *err);
int sink_print(FILE *stream, struct err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Writers end with this: until then a full disk can hide in the buffer. */
int sink_flush(FILE *stream, struct err *err);

#endif
