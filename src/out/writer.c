/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/writer.h"

#include "out/sink.h"
#include "out/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const struct writer writers[] = {
    {".csv", csv_write},
    {".json", json_write},
    {".npz", npz_write},
};
enum { N_WRITERS = sizeof writers / sizeof *writers };

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

/* Writes and closes; the descriptor stays with the temporary file. */
static int fill(const struct results *results, const struct writer *writer,
                const struct temporary *file, struct err *err)
{
    int fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
    FILE *stream = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!stream) {
        err_set(err, ERR_RUNTIME, "%s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    int rc = writer->write(results, stream, err);
    if (!rc)
        rc = sink_flush(stream, err);
    if (fclose(stream) && !rc)
        rc = err_set(err, ERR_RUNTIME, "%s", strerror(errno));
    return rc;
}

static int save_as(const struct results *results, const struct writer *writer,
                   const char *path, bool partial, struct err *err)
{
    struct temporary file;
    if (temporary_open(&file, path, false, err))
        return -1;
    if (fill(results, writer, &file, err)) {
        temporary_discard(&file);
        return -1;
    }
    return temporary_commit(&file, partial, err);
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
    if (save_as(results, writer, path, partial, err))
        return err_prefix(err, "%s%s", path, partial ? ".partial" : "");
    return 0;
}

static int put_bytes(const struct temporary *file, const void *bytes, size_t n,
                     struct err *err)
{
    const char *at = bytes;
    while (n > 0) {
        ssize_t wrote = write(file->fd, at, n);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return err_set(err, ERR_RUNTIME, "%s", strerror(errno));
        at += wrote;
        n -= (size_t)wrote;
    }
    return 0;
}

int writer_save_bytes(const void *bytes, size_t n, const char *path, struct err *err)
{
    struct temporary file;
    if (temporary_open(&file, path, false, err))
        return err_prefix(err, "%s", path);
    if (put_bytes(&file, bytes, n, err)) {
        temporary_discard(&file);
        return err_prefix(err, "%s", path);
    }
    return temporary_commit(&file, false, err) ? err_prefix(err, "%s", path) : 0;
}
