/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/temporary.h"

#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TEMPORARY_NAME_BYTES = 64, TEMPORARY_TRIES = 1000 };

/* The bytes of the path up to and including its last slash: 0 for the current one. */
static size_t directory_bytes(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Said before any work is done rather than by a rename afterwards. */
static int check_target(const char *path, struct err *err)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return err_set(err, ERR_RUNTIME, "is a directory");
    return 0;
}

/* Its own loop and not mkostemp(), which makes files that only their owner can read:
   the mode of a result is for the umask (and the directory's ACL) to decide. */
static int open_new(struct temporary *file, size_t head, size_t bytes)
{
    for (unsigned i = 0; i < TEMPORARY_TRIES; i++) {
        snprintf(file->name + head, bytes - head, ".framewalk-%ld-%u.tmp",
                 (long)getpid(), i);
        file->fd = open(file->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file->fd >= 0)
            return 0;
        if (errno != EEXIST)
            break;
    }
    return -1;
}

int temporary_open(struct temporary *file, const char *target, struct err *err)
{
    size_t head = directory_bytes(target);
    size_t bytes = head + TEMPORARY_NAME_BYTES;
    *file = (struct temporary){.fd = -1};
    if (check_target(target, err))
        return -1;
    file->target = alloc_string(target, err);
    file->name = alloc_zeroed(bytes, 1, "a file name", err);
    if (!file->target || !file->name)
        goto fail;
    memcpy(file->name, target, head);
    if (open_new(file, head, bytes) == 0)
        return 0;
    if (errno == ENOENT)
        err_set(err, ERR_RUNTIME, "there is no directory %.*s", (int)head, target);
    else
        err_set(err, ERR_RUNTIME, "%s", strerror(errno));
fail:
    free(file->target);
    free(file->name);
    *file = (struct temporary){.fd = -1};
    return -1;
}

static int system_error(struct err *err)
{
    return err_set(err, ERR_RUNTIME, "%s", strerror(errno));
}

/* Any descriptor of the file will do to sync it. */
static int sync_file(struct temporary *file, struct err *err)
{
    if (file->fd < 0)
        file->fd = open(file->name, O_RDONLY | O_CLOEXEC);
    if (file->fd < 0)
        return system_error(err);
    /* EINVAL: a file system that does not sync, which is no reason to lose the data. */
    int status = fsync(file->fd) && errno != EINVAL ? system_error(err) : 0;
    if (close(file->fd) && status == 0)
        status = system_error(err);
    file->fd = -1;
    return status;
}

int temporary_commit(struct temporary *file, bool partial, struct err *err)
{
    size_t bytes = strlen(file->target) + sizeof ".partial";
    char *final = alloc_zeroed(bytes, 1, "a file name", err);
    int status = final ? sync_file(file, err) : -1;
    if (status == 0) {
        snprintf(final, bytes, "%s%s", file->target, partial ? ".partial" : "");
        if (rename(file->name, final) < 0)
            status = system_error(err);
    }
    if (status == 0) {
        free(file->name);
        file->name = NULL;
    }
    free(final);
    temporary_discard(file);
    return status;
}

void temporary_discard(struct temporary *file)
{
    if (file->fd >= 0)
        close(file->fd);
    if (file->name)
        unlink(file->name);
    free(file->name);
    free(file->target);
    *file = (struct temporary){.fd = -1};
}
