/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/source.h"

#include "traj/stream.h"
#include "util/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
    INFLATE_INPUT_BYTES = 1 << 15,
    INFLATE_STEP_BYTES = 1 << 16,
    /* Room for the longest line and a good deal read ahead. */
    LINE_BUFFER_BYTES = LINE_BYTES_MAX + (1 << 15),
};

long source_read_some(const struct source *source, uint64_t offset, void *into,
                      size_t n, struct err *err)
{
    /* Bytes that were appended after opening are not seen: the frame index would not
       know them either. */
    if (offset >= source->size)
        return 0;
    if (n > source->size - offset)
        n = (size_t)(source->size - offset);
    if (n > LONG_MAX)
        n = LONG_MAX;
    if (source->stream)
        return stream_read_some(source, offset, into, n, err);
    if (source->memory) {
        memcpy(into, source->memory + offset, n);
        return (long)n;
    }
    for (;;) {
        ssize_t got = pread(source->fd, into, n, (off_t)offset);
        if (got >= 0)
            return got;
        if (errno != EINTR)
            return err_set(err, ERR_INPUT,
                           "%s: cannot read at byte offset %" PRIu64 ": %s",
                           source->path, offset, strerror(errno));
    }
}

int source_read(const struct source *source, uint64_t offset, void *into, size_t n,
                struct err *err)
{
    size_t done = 0;
    while (done < n) {
        long got =
            source_read_some(source, offset + done, (char *)into + done, n - done, err);
        if (got < 0)
            return -1;
        if (got == 0)
            return err_set(err, ERR_INPUT,
                           "%s: the file ends at byte offset %" PRIu64
                           ", %zu bytes short of what must be there",
                           source->path, offset + done, n - done);
        done += (size_t)got;
    }
    return 0;
}

int source_has(const struct source *source, uint64_t offset, uint64_t n,
               struct err *err)
{
    if (source->stream)
        return stream_has(source, offset, n, err);
    return offset <= source->size && n <= source->size - offset;
}

uint64_t source_left(const struct source *source, uint64_t offset)
{
    if (source->stream)
        return stream_left(source->stream, offset);
    return offset < source->size ? source->size - offset : 0;
}

const unsigned char *source_window_at(struct source_window *window,
                                      const struct source *source, uint64_t offset,
                                      size_t wanted, size_t *n, struct err *err)
{
    if (source->stream)
        return stream_window(source, offset, wanted, n, err);
    uint64_t left = offset < source->size ? source->size - offset : 0;
    *n = left < wanted ? (size_t)left : wanted;
    uint64_t skipped = offset - window->offset;
    if (offset >= window->offset && skipped <= window->n && *n <= window->n - skipped)
        return window->bytes + skipped;
    size_t fetch = *n;
    if (offset >= window->offset && skipped < SOURCE_WINDOW_BYTES)
        fetch = left < SOURCE_WINDOW_BYTES ? (size_t)left : SOURCE_WINDOW_BYTES;
    window->n = 0;
    if (source_read(source, offset, window->bytes, fetch, err))
        return NULL;
    window->offset = offset;
    window->n = fetch;
    return window->bytes;
}

/* A gzip stream on its way into memory. */
struct inflation {
    z_stream stream;
    unsigned char input[INFLATE_INPUT_BYTES];
    uint64_t offset; /* of the first compressed byte not yet in `input` */
    void *bytes;
    size_t size, capacity;
};

static int inflation_error(const struct inflation *inflation,
                           const struct source *source, const char *what,
                           struct err *err)
{
    return err_set(err, ERR_INPUT,
                   "%s: %s at byte offset %" PRIu64 " of the gzip stream", source->path,
                   what, inflation->offset - inflation->stream.avail_in);
}

/* 1 with input waiting, 0 at the end of the file, -1 on error. */
static int inflation_fill(struct inflation *inflation, const struct source *source,
                          struct err *err)
{
    if (inflation->stream.avail_in > 0)
        return 1;
    long got = source_read_some(source, inflation->offset, inflation->input,
                                sizeof inflation->input, err);
    if (got <= 0)
        return (int)got;
    inflation->offset += (uint64_t)got;
    inflation->stream.next_in = inflation->input;
    inflation->stream.avail_in = (uInt)got;
    return 1;
}

/* Inflates what is waiting. 1 at the end of a member, 0 before, -1 on error. */
static int inflation_step(struct inflation *inflation, const struct source *source,
                          struct err *err)
{
    z_stream *stream = &inflation->stream;
    if (inflation->size > SOURCE_INFLATED_MAX)
        return err_set(err, ERR_INPUT, "%s: inflates to more than %" PRIu64 " bytes",
                       source->path, SOURCE_INFLATED_MAX);
    if (alloc_grow(&inflation->bytes, &inflation->capacity,
                   inflation->size + INFLATE_STEP_BYTES, 1, "an inflated file", err))
        return -1;
    stream->next_out = (unsigned char *)inflation->bytes + inflation->size;
    stream->avail_out = INFLATE_STEP_BYTES;
    int status = inflate(stream, Z_NO_FLUSH);
    inflation->size += INFLATE_STEP_BYTES - stream->avail_out;
    if (status == Z_STREAM_END)
        return 1;
    if (status == Z_OK || status == Z_BUF_ERROR)
        return 0;
    if (status == Z_MEM_ERROR)
        return err_memory(err, sizeof *inflation, "inflating");
    return inflation_error(
        inflation, source,
        stream->total_out == 0 ? "bytes that are no gzip member" : "damaged data", err);
}

/* All members of the file, one after the other, as gzip -d gives them. */
static int inflation_run(struct inflation *inflation, const struct source *source,
                         struct err *err)
{
    bool inside = true;
    for (;;) {
        int more = inflation_fill(inflation, source, err);
        if (more < 0)
            return -1;
        if (!more)
            return inside ? inflation_error(inflation, source, "truncated", err) : 0;
        if (!inside && inflateReset(&inflation->stream) != Z_OK)
            return err_memory(err, sizeof *inflation, "inflating");
        int ended = inflation_step(inflation, source, err);
        if (ended < 0)
            return -1;
        inside = !ended;
    }
}

/* Replaces the open file by its inflated bytes. */
static int source_inflate(struct source *source, struct err *err)
{
    struct inflation *inflation = alloc_zeroed(1, sizeof *inflation, "inflating", err);
    if (!inflation)
        return -1;
    int rc = -1;
    if (inflateInit2(&inflation->stream, 16 + MAX_WBITS) != Z_OK) {
        err_memory(err, sizeof *inflation, "inflating");
    } else {
        rc = inflation_run(inflation, source, err);
        inflateEnd(&inflation->stream);
    }
    if (rc == 0) {
        void *fitted = realloc(inflation->bytes, inflation->size ? inflation->size : 1);
        source->memory = fitted ? fitted : inflation->bytes;
        source->size = inflation->size;
        inflation->bytes = NULL;
        close(source->fd);
        source->fd = -1;
    }
    free(inflation->bytes);
    free(inflation);
    return rc;
}

static int source_check_kind(struct source *source, struct err *err)
{
    struct stat status;
    if (fstat(source->fd, &status))
        return err_set(err, ERR_INPUT, "%s: cannot examine: %s", source->path,
                       strerror(errno));
    if (S_ISDIR(status.st_mode))
        return err_set(err, ERR_INPUT, "%s: is a directory, not a file", source->path);
    if (!S_ISREG(status.st_mode))
        return err_set(err, ERR_INPUT, "%s: is not a regular file", source->path);
    source->size = (uint64_t)status.st_size;
    return 0;
}

int source_open(struct source *source, const char *path, struct err *err)
{
    unsigned char magic[2];
    *source = (struct source){.fd = -1};
    source->path = alloc_string(path, err);
    if (!source->path)
        return -1;
    /* Non-blocking, so that a named pipe nobody writes to is refused, not waited for.
     */
    source->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (source->fd < 0) {
        err_set(err, ERR_INPUT, "%s: cannot open: %s", path, strerror(errno));
        goto fail;
    }
    if (source_check_kind(source, err))
        goto fail;
    if (source->size < sizeof magic)
        return 0;
    if (source_read(source, 0, magic, sizeof magic, err))
        goto fail;
    source->gzip = magic[0] == 0x1f && magic[1] == 0x8b;
    if (source->gzip && source_inflate(source, err))
        goto fail;
    return 0;
fail:
    source_close(source);
    return -1;
}

void source_close(struct source *source)
{
    if (source->fd >= 0)
        close(source->fd);
    stream_close(source->stream);
    free(source->memory);
    free(source->path);
    *source = (struct source){.fd = -1};
}

int line_reader_init(struct line_reader *reader, const struct source *source,
                     uint64_t offset, struct err *err)
{
    *reader = (struct line_reader){.capacity = LINE_BUFFER_BYTES};
    /* One byte more, for the NUL of a last line without a line end. */
    reader->buffer = malloc(LINE_BUFFER_BYTES + 1);
    if (!reader->buffer)
        return err_memory(err, LINE_BUFFER_BYTES + 1, "a line buffer");
    line_reader_seek(reader, source, offset);
    return 0;
}

void line_reader_seek(struct line_reader *reader, const struct source *source,
                      uint64_t offset)
{
    reader->source = source;
    reader->offset = offset;
    reader->line_offset = offset;
    reader->line_number = 0;
    reader->begin = reader->end = 0;
}

/* Reads on behind the bytes in hand: how many came, 0 at the end, -1 on error. */
static long line_reader_fill(struct line_reader *reader, struct err *err)
{
    size_t have = reader->end - reader->begin;
    memmove(reader->buffer, reader->buffer + reader->begin, have);
    reader->begin = 0;
    reader->end = have;
    long got = source_read_some(reader->source, reader->offset + have,
                                reader->buffer + have, reader->capacity - have, err);
    if (got > 0)
        reader->end += (size_t)got;
    return got;
}

static int line_reader_error(const struct line_reader *reader, const char *what,
                             struct err *err)
{
    return err_set(err, ERR_INPUT, "%s: %s at byte offset %" PRIu64 ": not a text file",
                   reader->source->path, what, reader->line_offset);
}

/* Hands out `length` bytes, of which `taken` (with the line end) are used up. */
static int line_reader_give(struct line_reader *reader, size_t length, size_t taken,
                            char **line, size_t *line_length, struct err *err)
{
    char *text = reader->buffer + reader->begin;
    reader->line_offset = reader->offset;
    reader->line_number++;
    if (length > 0 && text[length - 1] == '\r')
        length--;
    if (length > LINE_BYTES_MAX)
        return line_reader_error(reader, "an overlong line", err);
    if (memchr(text, '\0', length))
        return line_reader_error(reader, "a NUL byte in the line", err);
    text[length] = '\0';
    reader->begin += taken;
    reader->offset += taken;
    *line = text;
    *line_length = length;
    return 1;
}

int line_reader_next(struct line_reader *reader, char **line, size_t *length,
                     struct err *err)
{
    for (;;) {
        char *text = reader->buffer + reader->begin;
        size_t have = reader->end - reader->begin;
        char *stop = have ? memchr(text, '\n', have) : NULL;
        if (stop) {
            size_t n = (size_t)(stop - text);
            return line_reader_give(reader, n, n + 1, line, length, err);
        }
        if (have > LINE_BYTES_MAX) {
            reader->line_offset = reader->offset;
            return line_reader_error(reader, "an overlong line", err);
        }
        long got = line_reader_fill(reader, err);
        if (got < 0)
            return -1;
        if (got == 0)
            return have ? line_reader_give(reader, have, have, line, length, err) : 0;
    }
}

void line_reader_fini(struct line_reader *reader)
{
    free(reader->buffer);
    *reader = (struct line_reader){0};
}
