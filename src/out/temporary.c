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

/* The folder that the file is in; to be freed. */
static char *folder_of(const char *target, struct err *err)
{
    size_t head = directory_bytes(target);
    char *folder = alloc_string(head ? target : ".", err);
    if (folder && head)
        folder[head] = '\0';
    return folder;
}

/* The descriptor's name in /proc is also what gives the file its own one. */
static bool open_nameless(struct temporary *file, const char *folder, size_t bytes)
{
    file->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    if (file->fd < 0)
        return false;
    snprintf(file->name, bytes, "/proc/self/fd/%d", file->fd);
    file->nameless = access(file->name, F_OK) == 0;
    if (file->nameless)
        return true;
    close(file->fd);
    file->fd = -1;
    return false;
}

static void temporary_name(char *name, size_t bytes, const char *target, unsigned i)
{
    size_t head = directory_bytes(target);
    snprintf(name, bytes, "%.*s.framewalk-%ld-%u.tmp", (int)head, target,
             (long)getpid(), i);
}

/* Its own loop and not mkostemp(), which makes files that only their owner can read:
   the mode of a result is for the umask (and the directory's ACL) to decide. */
static int open_named(struct temporary *file, size_t bytes)
{
    for (unsigned i = 0; i < TEMPORARY_TRIES; i++) {
        temporary_name(file->name, bytes, file->target, i);
        file->fd = open(file->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (file->fd >= 0)
            return 0;
        if (errno != EEXIST)
            break;
    }
    return -1;
}

static int system_error(struct err *err)
{
    return err_set(err, ERR_RUNTIME, "%s", strerror(errno));
}

int temporary_open(struct temporary *file, const char *target, bool named,
                   struct err *err)
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
    char *folder = folder_of(target, err);
    if (!folder)
        goto fail;
    bool is_open =
        (!named && open_nameless(file, folder, bytes)) || open_named(file, bytes) == 0;
    free(folder);
    if (is_open)
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

static int sync_file(const struct temporary *file, struct err *err)
{
    /* EINVAL: a file system that does not sync, which is no reason to lose the data. */
    return fsync(file->fd) && errno != EINVAL ? system_error(err) : 0;
}

/* Gives a nameless file a name that is free, else a temporary one, to replace the file
   that has it: a process that is killed between the two leaves a whole file. */
static int give_name(struct temporary *file, const char *final, struct err *err)
{
    size_t bytes = directory_bytes(final) + TEMPORARY_NAME_BYTES;
    if (linkat(AT_FDCWD, file->name, AT_FDCWD, final, AT_SYMLINK_FOLLOW) == 0)
        return 0;
    char *name = errno == EEXIST ? alloc_zeroed(bytes, 1, "a file name", err) : NULL;
    if (!name)
        return errno == EEXIST ? -1 : system_error(err);
    int status = -1;
    for (unsigned i = 0; status < 0 && i < TEMPORARY_TRIES; i++) {
        temporary_name(name, bytes, final, i);
        status = linkat(AT_FDCWD, file->name, AT_FDCWD, name, AT_SYMLINK_FOLLOW);
        if (status < 0 && errno != EEXIST)
            break;
    }
    if (status < 0) {
        system_error(err);
    } else if (rename(name, final) < 0) {
        status = system_error(err);
        unlink(name);
    }
    free(name);
    return status;
}

/* On some file systems it is only at the end that a write turns out to have failed. */
static int rename_closed(struct temporary *file, const char *final, struct err *err)
{
    int status = close(file->fd);
    file->fd = -1;
    return status || rename(file->name, final) < 0 ? system_error(err) : 0;
}

int temporary_commit(struct temporary *file, bool partial, struct err *err)
{
    size_t bytes = strlen(file->target) + sizeof ".partial";
    char *final = alloc_zeroed(bytes, 1, "a file name", err);
    int status = final ? sync_file(file, err) : -1;
    if (status == 0)
        snprintf(final, bytes, "%s%s", file->target, partial ? ".partial" : "");
    if (status == 0 && file->nameless)
        status = give_name(file, final, err);
    else if (status == 0)
        status = rename_closed(file, final, err);
    if (status == 0 && !file->nameless) {
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
    if (file->name && !file->nameless)
        unlink(file->name);
    free(file->name);
    free(file->target);
    *file = (struct temporary){.fd = -1};
}
