/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/npy.h"
#include "out/sink.h"
#include "out/writer.h"
#include "util/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

/* An uncompressed archive (as numpy.savez makes): random mantissas hardly shrink, and
   stored bytes do not depend on the version of a compressor. Names, dates and modes are
   fixed, so equal results are equal files. Arrays are made while libzip reads them and
   go to the stream at once: neither they nor the archive are ever whole in memory. */

enum {
    DOS_DATE_1980_01_01 = 1 << 5 | 1, /* years from 1980 << 9 | month << 5 | day */
    DOS_MIDNIGHT = 0,
    ENTRY_NAME_BYTES = COLUMN_LABEL_BYTES + 8,
};
static const zip_uint32_t regular_file_0644 = 0100644u << 16;

/* --- the archive's bytes: a zip source that can only be written ------------------ */

struct sink {
    FILE *stream;
    off_t base; /* where the archive begins in the stream */
    off_t position;
    off_t end;
    int errno_seen; /* the first error of the stream */
    zip_error_t error;
};

static zip_int64_t sink_fail(struct sink *sink, int code)
{
    if (!sink->errno_seen)
        sink->errno_seen = errno ? errno : EIO;
    zip_error_set(&sink->error, code, sink->errno_seen);
    return -1;
}

static zip_int64_t sink_write(struct sink *sink, const void *data, zip_uint64_t n)
{
    errno = 0;
    if (fwrite(data, 1, n, sink->stream) != n)
        return sink_fail(sink, ZIP_ER_WRITE);
    sink->position += (off_t)n;
    if (sink->position > sink->end)
        sink->end = sink->position;
    return (zip_int64_t)n;
}

static zip_int64_t sink_seek(struct sink *sink, void *data, zip_uint64_t n)
{
    zip_int64_t to = zip_source_seek_compute_offset(
        (zip_uint64_t)sink->position, (zip_uint64_t)sink->end, data, n, &sink->error);
    if (to < 0)
        return -1;
    errno = 0;
    if (fseeko(sink->stream, sink->base + to, SEEK_SET))
        return sink_fail(sink, ZIP_ER_SEEK);
    sink->position = to;
    return 0;
}

static zip_int64_t sink_command(void *state, void *data, zip_uint64_t n,
                                zip_source_cmd_t command)
{
    struct sink *sink = state;
    switch (command) {
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(
            ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
            ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK, ZIP_SOURCE_TELL,
            ZIP_SOURCE_BEGIN_WRITE, ZIP_SOURCE_WRITE, ZIP_SOURCE_SEEK_WRITE,
            ZIP_SOURCE_TELL_WRITE, ZIP_SOURCE_COMMIT_WRITE, ZIP_SOURCE_ROLLBACK_WRITE,
            ZIP_SOURCE_REMOVE, -1);
    case ZIP_SOURCE_WRITE:
        return sink_write(sink, data, n);
    case ZIP_SOURCE_SEEK_WRITE:
        return sink_seek(sink, data, n);
    case ZIP_SOURCE_TELL_WRITE:
        return sink->position;
    case ZIP_SOURCE_COMMIT_WRITE:
        errno = 0;
        return fflush(sink->stream) ? sink_fail(sink, ZIP_ER_WRITE) : 0;
    case ZIP_SOURCE_BEGIN_WRITE:
    case ZIP_SOURCE_ROLLBACK_WRITE:
    case ZIP_SOURCE_REMOVE:
    case ZIP_SOURCE_FREE:
        return 0;
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&sink->error, data, n);
    case ZIP_SOURCE_STAT: /* an archive that does not exist yet */
        zip_error_set(&sink->error, ZIP_ER_READ, ENOENT);
        return -1;
    default:
        zip_error_set(&sink->error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

/* --- an array as the source of one entry ---------------------------------------- */

static zip_int64_t array_command(void *state, void *data, zip_uint64_t n,
                                 zip_source_cmd_t command)
{
    struct npy *npy = state;
    switch (command) {
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ,
                                              ZIP_SOURCE_CLOSE, ZIP_SOURCE_STAT,
                                              ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, -1);
    case ZIP_SOURCE_OPEN:
        npy_rewind(npy);
        return 0;
    case ZIP_SOURCE_READ:
        return (zip_int64_t)npy_read(npy, data, n);
    case ZIP_SOURCE_CLOSE:
        return 0;
    case ZIP_SOURCE_STAT: {
        zip_stat_t *status = data;
        zip_stat_init(status);
        status->size = npy_bytes(npy);
        status->valid |= ZIP_STAT_SIZE;
        return sizeof *status;
    }
    case ZIP_SOURCE_FREE:
        npy_destroy(npy);
        return 0;
    default: /* reading cannot fail: there is no error to be asked for */
        return 0;
    }
}

static int zip_fail(zip_t *zip, struct err *err)
{
    return err_set(err, ERR_RUNTIME, "%s", zip_error_strerror(zip_get_error(zip)));
}

/* Takes over the array (nullable: then *err is set already). */
static int add_take(zip_t *zip, const char *label, struct npy *npy, struct err *err)
{
    if (!npy)
        return -1;
    zip_source_t *source = zip_source_function(zip, array_command, npy);
    if (!source) {
        npy_destroy(npy);
        return zip_fail(zip, err);
    }
    char name[ENTRY_NAME_BYTES];
    snprintf(name, sizeof name, "%s.npy", label);
    zip_int64_t at = zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8);
    if (at < 0) {
        zip_source_free(source);
        return zip_fail(zip, err);
    }
    zip_uint64_t entry = (zip_uint64_t)at;
    if (zip_set_file_compression(zip, entry, ZIP_CM_STORE, 0) ||
        zip_file_set_dostime(zip, entry, DOS_MIDNIGHT, DOS_DATE_1980_01_01, 0) ||
        zip_file_set_external_attributes(zip, entry, 0, ZIP_OPSYS_UNIX,
                                         regular_file_0644))
        return zip_fail(zip, err);
    return 0;
}

static int add_arrays(zip_t *zip, const struct results *results, struct err *err)
{
    static const struct {
        const char *name;
        enum npy_fact fact;
    } facts[] = {
        {"frame", NPY_FRAME},
        {"time_ps", NPY_TIME},
        {"status", NPY_STATUS},
        {"walks", NPY_WALKS},
        {"interior_samples", NPY_INTERIOR_SAMPLES},
        {"provenance", NPY_PROVENANCE},
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        if (add_take(zip, facts[i].name, npy_of_fact(results, facts[i].fact, err), err))
            return -1;
    }
    for (size_t c = 0; c < results->n_columns; c++) {
        for (int deviation = 0; deviation < 2; deviation++) {
            char label[COLUMN_LABEL_BYTES];
            column_label(&results->column[c], NULL, deviation, label);
            if (add_take(zip, label, npy_of_column(results, c, deviation, err), err))
                return -1;
        }
    }
    return 0;
}

/* What the stream said is worth more than libzip's summary of it. */
static int close_error(zip_t *zip, const struct sink *sink, struct err *err)
{
    if (sink->errno_seen)
        return err_set(err, ERR_RUNTIME, "%s", strerror(sink->errno_seen));
    return zip_fail(zip, err);
}

static zip_t *open_archive(struct sink *sink, struct err *err)
{
    zip_source_t *source = zip_source_function_create(sink_command, sink, &sink->error);
    zip_t *zip =
        source ? zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &sink->error)
               : NULL;
    if (!zip) {
        err_set(err, ERR_RUNTIME, "%s", zip_error_strerror(&sink->error));
        zip_source_free(source);
    }
    return zip;
}

int npz_write(const struct results *results, FILE *stream, struct err *err)
{
    struct sink sink = {.stream = stream, .base = ftello(stream)};
    if (sink.base < 0)
        return err_set(err, ERR_RUNTIME, "not a file with random access");
    zip_error_init(&sink.error);
    zip_t *zip = open_archive(&sink, err);
    int rc = zip ? add_arrays(zip, results, err) : -1;
    if (!rc && zip_close(zip) == 0)
        zip = NULL;
    else if (!rc)
        rc = close_error(zip, &sink, err);
    if (zip)
        zip_discard(zip);
    zip_error_fini(&sink.error);
    return rc ? rc : sink_flush(stream, err);
}
