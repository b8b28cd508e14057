/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/stream.h"

#include "util/alloc.h"
#include "util/clock.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    READ_BYTES = 1 << 16, /* what a pipe holds */
    TICK_MS = 100,        /* between two looks at `stop` and the clock */
};

/* Of a frame; claims beyond that are no reason to fill the memory. */
#define WINDOW_BYTES_MAX (UINT64_C(4) << 30)

static const double FAREWELL_S = 0.5;

bool stream_is_imd(const char *path)
{
    return strncmp(path, "imd://", 6) == 0;
}

bool stream_is_path(const char *path)
{
    struct stat status;
    return strcmp(path, "-") == 0 || stream_is_imd(path) ||
           (stat(path, &status) == 0 && S_ISFIFO(status.st_mode));
}

int stream_take(struct source *source, const char *path, int fd, struct err *err)
{
    *source = (struct source){.fd = -1, .size = SOURCE_SIZE_UNKNOWN};
    source->path = alloc_string(path, err);
    if (source->path)
        source->name = alloc_string(path, err);
    if (source->name)
        source->stream = alloc_zeroed(1, sizeof *source->stream, "a stream", err);
    if (!source->stream) {
        close(fd);
        source_close(source);
        return -1;
    }
    source->stream->fd = fd;
    return 0;
}

int stream_open(struct source *source, const char *path, struct err *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    *source = (struct source){.fd = -1};
    if (is_stdin && isatty(STDIN_FILENO))
        return err_set(err, ERR_USAGE,
                       "-: standard input is a terminal; frames must come through a "
                       "pipe");
    int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                      : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, ERR_INPUT, "%s: cannot open: %s",
                       is_stdin ? "standard input" : path, strerror(errno));
    if (stream_take(source, is_stdin ? "standard input" : path, fd, err))
        return -1;
    source->stream->is_stdin = is_stdin;
    return 0;
}

void stream_let_go(struct stream *stream)
{
    if (stream->fd < 0)
        return;
    close(stream->fd);
    stream->fd = -1;
    stream->ended = true;
    if (!stream->is_stdin)
        return;
    /* Descriptor 0 holds the pipe open as well; closed, it would be given to the next
       file that is opened. */
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        close(null);
    }
}

/* Then hears the server out for a moment: a socket that is closed with bytes unread is
   reset, and with it goes what was said. */
static void take_leave(const struct stream *stream)
{
    char unread[1 << 12];
    struct pollfd polled = {.fd = stream->fd, .events = POLLIN};
    double begun = clock_seconds();
    if (send(stream->fd, stream->farewell, stream->farewell_bytes,
             MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        return;
    shutdown(stream->fd, SHUT_WR);
    while (clock_seconds() - begun < FAREWELL_S && poll(&polled, 1, TICK_MS) >= 0)
        if (polled.revents &&
            recv(stream->fd, unread, sizeof unread, MSG_DONTWAIT) <= 0)
            return;
}

void stream_close(struct stream *stream)
{
    if (!stream)
        return;
    if (stream->fd >= 0 && stream->farewell_bytes && !stream->ended)
        take_leave(stream);
    if (stream->fd >= 0)
        close(stream->fd);
    free(stream->bytes);
    free(stream);
}

static size_t in_window(const struct stream *stream)
{
    return stream->end - stream->begin;
}

void stream_forget(struct stream *stream, uint64_t offset)
{
    assert(offset >= stream->offset);
    uint64_t n = offset - stream->offset;
    if (n > in_window(stream))
        n = in_window(stream);
    stream->begin += (size_t)n;
    stream->offset += n;
}

/* Room for READ_BYTES behind the window. */
static int make_room(struct stream *stream, struct err *err)
{
    size_t n = in_window(stream);
    void *bytes = stream->bytes;
    if (stream->begin > 0) {
        memmove(stream->bytes, stream->bytes + stream->begin, n);
        stream->begin = 0;
        stream->end = n;
    }
    if (alloc_grow(&bytes, &stream->capacity, n + READ_BYTES, 1, "a stream", err))
        return -1;
    stream->bytes = bytes;
    return 0;
}

/* Sleeps until there is something to read, or the end. */
static int wait_for_bytes(const struct source *source, struct err *err)
{
    const struct stream *stream = source->stream;
    struct pollfd polled = {.fd = stream->fd, .events = POLLIN};
    bool watch = stream->stop || stream->patience > 0;
    double begun = clock_seconds();
    for (;;) {
        int n = poll(&polled, 1, watch ? TICK_MS : -1);
        if (n > 0)
            return 0;
        if (n < 0 && errno != EINTR)
            return err_set(err, ERR_INPUT, "%s: cannot be waited for: %s", source->path,
                           strerror(errno));
        if (stream->stop && *stream->stop)
            return err_set(err, ERR_RUNTIME, "%s: interrupted", source->path);
        if (stream->patience > 0 && clock_seconds() - begun > stream->patience)
            return err_set(err, ERR_INPUT,
                           "%s: nothing has come for %g s, after byte offset %" PRIu64,
                           source->path, stream->patience,
                           stream->offset + in_window(stream));
    }
}

/* 1 with more bytes in the window, 0 at the end, -1 on error. */
static int read_more(const struct source *source, struct err *err)
{
    struct stream *stream = source->stream;
    if (stream->ended)
        return 0;
    if (make_room(stream, err))
        return -1;
    ssize_t got;
    do {
        if (wait_for_bytes(source, err))
            return -1;
        got = read(stream->fd, stream->bytes + stream->end,
                   stream->capacity - stream->end);
    } while (got < 0 && (errno == EINTR || errno == EAGAIN));
    if (got < 0)
        return err_set(err, ERR_INPUT, "%s: cannot read at byte offset %" PRIu64 ": %s",
                       source->path, stream->offset + in_window(stream),
                       strerror(errno));
    stream->end += (size_t)got;
    stream->ended = got == 0;
    return got > 0;
}

/* Reads on until the window reaches to offset + n, or the stream ends. 0 or -1. */
static int reach(const struct source *source, uint64_t offset, uint64_t n,
                 struct err *err)
{
    const struct stream *stream = source->stream;
    assert(offset >= stream->offset);
    int more = 1;
    if (offset - stream->offset > WINDOW_BYTES_MAX ||
        n > WINDOW_BYTES_MAX - (offset - stream->offset))
        return err_set(err, ERR_INPUT,
                       "%s: a frame of more than %" PRIu64 " bytes at byte offset "
                       "%" PRIu64,
                       source->path, WINDOW_BYTES_MAX, stream->offset);
    while (more > 0 && offset - stream->offset + n > in_window(stream))
        more = read_more(source, err);
    return more < 0 ? -1 : 0;
}

size_t stream_left(const struct stream *stream, uint64_t offset)
{
    uint64_t skipped = offset - stream->offset;
    return skipped < in_window(stream) ? in_window(stream) - (size_t)skipped : 0;
}

static const unsigned char *place(const struct stream *stream, uint64_t offset)
{
    return stream->bytes + stream->begin + (offset - stream->offset);
}

long stream_read_some(const struct source *source, uint64_t offset, void *into,
                      size_t n, struct err *err)
{
    if (n == 0)
        return 0;
    if (reach(source, offset, 1, err))
        return -1;
    size_t have = stream_left(source->stream, offset);
    if (n > have)
        n = have;
    if (n)
        memcpy(into, place(source->stream, offset), n);
    return (long)n;
}

int stream_has(const struct source *source, uint64_t offset, uint64_t n,
               struct err *err)
{
    if (reach(source, offset, n, err))
        return -1;
    return stream_left(source->stream, offset) >= n;
}

const unsigned char *stream_window(const struct source *source, uint64_t offset,
                                   size_t wanted, size_t *n, struct err *err)
{
    static const unsigned char nothing[1];
    if (reach(source, offset, wanted, err))
        return NULL;
    size_t have = stream_left(source->stream, offset);
    *n = have < wanted ? have : wanted;
    return have ? place(source->stream, offset) : nothing;
}
