/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/source.h"

#include "traj/stream.h"
#include "traj/unpack.h"
#include "util/alloc.h"
#include "util/parse.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
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

/* Non-blocking, so that a named pipe nobody writes to is refused, not waited for. */
static int open_path(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

/* "ARCHIVE.zip:MEMBER", where there is no file of that whole name: opens the archive.
   Returns the member's name in `path`, or NULL. */
static const char *open_in_archive(struct source *source, const char *path)
{
    static const char between[] = ".zip:";
    for (const char *at = strcasestr(path, between); at;
         at = strcasestr(at + 1, between)) {
        size_t length = (size_t)(at - path) + strlen(".zip");
        char *archive = strndup(path, length);
        source->fd = archive ? open_path(archive) : -1;
        free(archive);
        if (source->fd >= 0)
            return path + length + 1;
    }
    return NULL;
}

static int unpack(struct source *source, const char *member, struct err *err)
{
    const struct unpacker *kind;
    if (member && !unpack_is_zip(source))
        return err_set(err, ERR_INPUT, "%s: not in a zip archive", source->path);
    if (member || unpack_is_zip(source))
        return unpack_zip(source, member, err);
    source->name = strndup(source->path, unpack_stem(source->path));
    if (!source->name)
        return err_memory(err, strlen(source->path), "a file name");
    if (unpack_recognise(source, &kind, err))
        return -1;
    return kind ? unpack_source(source, kind, err) : 0;
}

int source_open_cut(struct source *source, const char *path, struct err *err)
{
    const char *member = NULL;
    *source = (struct source){.fd = -1};
    source->path = alloc_string(path, err);
    if (!source->path)
        return -1;
    source->fd = open_path(path);
    if (source->fd < 0) {
        int why = errno;
        member = open_in_archive(source, path);
        if (!member) {
            err_set(err, ERR_INPUT, "%s: cannot open: %s", path, strerror(why));
            goto fail;
        }
    }
    if (source_check_kind(source, err) || unpack(source, member, err))
        goto fail;
    return 0;
fail:
    source_close(source);
    return -1;
}

int source_open(struct source *source, const char *path, struct err *err)
{
    if (source_open_cut(source, path, err))
        return -1;
    if (!source->cut)
        return 0;
    err_set(err, ERR_INPUT, "%s: %s", path, source->cut);
    source_close(source);
    return -1;
}

int source_say_cut(const struct source *source, struct err *err)
{
    if (!source->cut || !err || err->code != ERR_INPUT)
        return -1;
    char text[ERR_TEXT_BYTES];
    memcpy(text, err->text, sizeof text);
    return err_set(err, ERR_INPUT, "%.*s (%s)", ERR_TEXT_BYTES / 2, text, source->cut);
}

void source_close(struct source *source)
{
    if (source->fd >= 0)
        close(source->fd);
    stream_close(source->stream);
    free(source->memory);
    free(source->cut);
    free(source->path);
    free(source->name);
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
    reader->cut = false;
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

static int line_reader_cut(struct line_reader *reader, struct err *err)
{
    reader->cut = true;
    return err_set(err, ERR_INPUT, "%s: the file ends at byte offset %" PRIu64,
                   reader->source->path, reader->source->size);
}

/* Hands out `length` bytes, of which `taken` (with the line end) are used up. */
static int line_reader_give(struct line_reader *reader, size_t length, size_t taken,
                            char **line, size_t *line_length, struct err *err)
{
    char *text = reader->buffer + reader->begin;
    reader->line_offset = reader->offset;
    reader->line_number++;
    reader->unended = taken == length;
    if (reader->unended && reader->source->cut)
        return line_reader_cut(reader, err);
    if (length > 0 && text[length - 1] == '\r')
        length--;
    if (length > LINE_BYTES_MAX)
        return line_reader_error(reader, "an overlong line", err);
    if (memchr(text, '\0', length))
        return line_reader_error(reader, "a NUL byte in the line", err);
    text[length] = '\0';
    size_t mark = reader->offset == 0 ? parse_byte_order_mark(text) : 0;
    reader->begin += taken;
    reader->offset += taken;
    *line = text + mark;
    *line_length = length - mark;
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
        if (got > 0)
            continue;
        if (have)
            return line_reader_give(reader, have, have, line, length, err);
        return reader->source->cut ? line_reader_cut(reader, err) : 0;
    }
}

void line_reader_fini(struct line_reader *reader)
{
    free(reader->buffer);
    *reader = (struct line_reader){0};
}
