/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/writer.h"

#include "out/sink.h"
#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct writer writers[] = {
    {".csv", csv_write},
    {".json", json_write},
    {".npz", npz_write},
};
enum { N_WRITERS = sizeof writers / sizeof *writers };

enum { TEMPORARY_NAME_BYTES = 64, TEMPORARY_TRIES = 1000 };

const struct writer *writer_for(const char *path)
{
    if (strcmp(path, "-") == 0)
        return &writers[0];
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    for (size_t i = 0; dot && i < N_WRITERS; i++) {
        if (strcasecmp(dot, writers[i].extension) == 0)
            return &writers[i];
    }
    return NULL;
}

const char *writer_extensions(void)
{
    return ".csv .json .npz";
}

static int save_to_stdout(const struct results *results, struct err *err)
{
    if (csv_write(results, stdout, err))
        return err_prefix(err, "standard output");
    return 0;
}

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

/* A new file in the path's directory, open for writing; the name goes to *name. Its own
   loop and not mkostemp(), which makes files that only their owner can read: the mode
   of a result is for the umask (and the directory's ACL) to decide. */
static int open_temporary(const char *path, char **name, struct err *err)
{
    size_t head = directory_bytes(path);
    size_t bytes = head + TEMPORARY_NAME_BYTES;
    *name = alloc_zeroed(bytes, 1, "a file name", err);
    if (!*name)
        return -1;
    memcpy(*name, path, head);
    int fd = -1;
    for (unsigned i = 0; fd < 0 && i < TEMPORARY_TRIES; i++) {
        snprintf(*name + head, bytes - head, ".framewalk-%ld-%u.tmp", (long)getpid(),
                 i);
        fd = open(*name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    if (fd >= 0)
        return fd;
    if (errno == ENOENT)
        err_set(err, ERR_RUNTIME, "there is no directory %.*s", (int)head, path);
    else
        err_set(err, ERR_RUNTIME, "%s", strerror(errno));
    free(*name);
    *name = NULL;
    return -1;
}

/* Writes, syncs and closes; *fd belongs to the stream once there is one. */
static int fill(const struct results *results, const struct writer *writer, int fd,
                struct err *err)
{
    FILE *stream = fdopen(fd, "w");
    if (!stream) {
        err_set(err, ERR_RUNTIME, "%s", strerror(errno));
        close(fd);
        return -1;
    }
    int rc = writer->write(results, stream, err);
    if (!rc)
        rc = sink_flush(stream, err);
    /* EINVAL: a file system that does not sync, which is no reason to lose the data. */
    if (!rc && fsync(fd) && errno != EINVAL)
        rc = err_set(err, ERR_RUNTIME, "%s", strerror(errno));
    if (fclose(stream) && !rc)
        rc = err_set(err, ERR_RUNTIME, "%s", strerror(errno));
    return rc;
}

/* `target` is the final name, `path` in the messages of the caller. */
static int save_as(const struct results *results, const struct writer *writer,
                   const char *target, struct err *err)
{
    char *name;
    if (check_target(target, err))
        return -1;
    int fd = open_temporary(target, &name, err);
    if (fd < 0)
        return -1;
    int rc = fill(results, writer, fd, err);
    if (!rc && rename(name, target))
        rc = err_set(err, ERR_RUNTIME, "%s", strerror(errno));
    if (rc)
        unlink(name);
    free(name);
    return rc;
}

int writer_save(const struct results *results, const char *path, bool partial,
                struct err *err)
{
    const struct writer *writer = writer_for(path);
    if (!writer)
        return err_set(err, ERR_USAGE, "%s: not one of the formats %s", path,
                       writer_extensions());
    if (strcmp(path, "-") == 0)
        return save_to_stdout(results, err);
    static const char suffix[] = ".partial";
    size_t bytes = strlen(path) + sizeof suffix;
    char *target = alloc_zeroed(bytes, 1, "a file name", err);
    if (!target)
        return -1;
    snprintf(target, bytes, "%s%s", path, partial ? suffix : "");
    int rc = save_as(results, writer, target, err);
    if (rc)
        err_prefix(err, "%s", target);
    free(target);
    return rc;
}
