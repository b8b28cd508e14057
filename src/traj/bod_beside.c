/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/bod_frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "FOLDER OF THE BOD FILE/name", or the name itself. NULL without memory. */
static char *beside(const struct source *bod, const char *name)
{
    const char *slash = strrchr(bod->path, '/');
    char *path = NULL;
    if (name[0] == '/' || !slash)
        return strdup(name);
    if (asprintf(&path, "%.*s/%s", (int)(slash - bod->path), bod->path, name) < 0)
        return NULL;
    if (access(path, F_OK) == 0 || access(name, F_OK) != 0)
        return path;
    free(path);
    return strdup(name);
}

static int open_beside(int (*open)(struct source *, const char *, struct err *),
                       struct source *source, const struct source *bod,
                       const char *name, struct err *err)
{
    char *path = beside(bod, name);
    if (!path)
        return err_memory(err, strlen(name), "a file name");
    int rc = open(source, path, err);
    free(path);
    return rc;
}

int bod_open_beside(struct source *source, const struct source *bod, const char *name,
                    struct err *err)
{
    return open_beside(source_open, source, bod, name, err);
}

int bod_open_beside_cut(struct source *source, const struct source *bod,
                        const char *name, struct err *err)
{
    return open_beside(source_open_cut, source, bod, name, err);
}
