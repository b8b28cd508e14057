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
static int fill_file(writer_fill *fill, const void *what, const struct temporary *file,
                     struct err *err)
{
    int fd = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
    FILE *stream = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!stream) {
        err_set(err, ERR_RUNTIME, "%s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    int rc = fill(what, stream, err);
    if (!rc)
        rc = sink_flush(stream, err);
    if (fclose(stream) && !rc)
        rc = err_set(err, ERR_RUNTIME, "%s", strerror(errno));
    return rc;
}

static int save_as(writer_fill *fill, const void *what, const char *path, bool partial,
                   struct err *err)
{
    struct temporary file;
    int rc = temporary_open(&file, path, false, err);
    if (!rc && fill_file(fill, what, &file, err)) {
        temporary_discard(&file);
        rc = -1;
    } else if (!rc) {
        rc = temporary_commit(&file, partial, err);
    }
    return rc ? err_prefix(err, "%s%s", path, partial ? ".partial" : "") : 0;
}

/* Results and the format they are to have. */
struct formatted {
    const struct results *results;
    const struct writer *writer;
};

static int fill_results(const void *what, FILE *stream, struct err *err)
{
    const struct formatted *formatted = what;
    return formatted->writer->write(formatted->results, stream, err);
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
    const struct formatted formatted = {results, writer};
    return save_as(fill_results, &formatted, path, partial, err);
}

int writer_save_by(writer_fill *fill, const void *what, const char *path,
                   struct err *err)
{
    return save_as(fill, what, path, false, err);
}
