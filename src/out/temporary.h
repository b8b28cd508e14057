/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_OUT_TEMPORARY_H
#define FRAMEWALK_OUT_TEMPORARY_H

#include "util/err.h"

#include <stdbool.h>

/* An output file under a temporary name beside its final one, which it takes when it is
   complete: readers never see half a file, and an older one stays until then. */
struct temporary {
    char *target; /* the final name, without the suffix of unfinished files */
    char *name;   /* of the file as it is; NULL when there is none */
    int fd;       /* open for writing; -1 once taken over or closed */
};

/* A new file in the folder of `target`. -1 when target is a folder or nothing can be
   made beside it, with the reason but not the name in *err. */
int temporary_open(struct temporary *file, const char *target, struct err *err);

/* Syncs what was written to the file and gives it its final name, with ".partial" added
   when `partial`. On failure the temporary file is gone. Everything that was buffered
   must have been flushed; the descriptor may be closed or not. */
int temporary_commit(struct temporary *file, bool partial, struct err *err);

/* Removes the file where it was not committed. */
void temporary_discard(struct temporary *file);

#endif
