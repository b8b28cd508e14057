/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_UTIL_SPILL_H
#define FRAMEWALK_UTIL_SPILL_H

#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>

/* A growing table that is filled once and then read from one end to the other, so that
   little of it need be in memory at a time. Beyond SPILL_MEMORY_BYTES it lies in a file
   without a name, in TMPDIR or else /tmp; where that cannot be had, in memory. A table
   of zeros is an empty one. */
enum { SPILL_MEMORY_BYTES = 32 << 10, SPILL_TOUCHES = 128 };

struct spill {
    void *at;
    size_t bytes; /* there is room for */
    bool in_file, no_file;
    int fd;
    unsigned touches;
};

/* Room for so many bytes; what is there stays, perhaps elsewhere. -1 without memory,
   and then *spill is as it was. */
int spill_reserve(struct spill *spill, size_t bytes, const char *what, struct err *err);

/* To be called for each row that has been written or read: now and then lets go of the
   memory of all rows, which come back from the file when they are asked for. The
   address stays. */
void spill_touched(struct spill *spill);

void spill_fini(struct spill *spill);

#endif
