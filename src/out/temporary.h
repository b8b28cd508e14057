/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_OUT_TEMPORARY_H
#define FRAMEWALK_OUT_TEMPORARY_H

#include "util/err.h"

#include <stdbool.h>

/* An output file that gets its name when it is complete: readers never see half a file,
   and an older one stays until then. Until then it has none, where the file system
   knows nameless files, so that nothing is left of a process that is killed; else a
   temporary one beside the final one. */
struct temporary {
    char *target; /* the final name, without the suffix of unfinished files */
    char *name; /* opens the file as it is, while fd is open; NULL when there is none */
    int fd;     /* open for writing; -1 when there is none */
    bool nameless;
};

/* A new file in the folder of `target`. -1 when target is a folder or nothing can be
   made beside it, with the reason but not the name in *err. `named`: somebody will open
   it by its name. */
int temporary_open(struct temporary *file, const char *target, bool named,
                   struct err *err);

/* Syncs what was written to the file and gives it its final name, with ".partial" added
   when `partial`. On failure the temporary file is gone. Everything that was buffered
   must have been flushed. */
int temporary_commit(struct temporary *file, bool partial, struct err *err);

/* Removes the file where it was not committed. */
void temporary_discard(struct temporary *file);

#endif
