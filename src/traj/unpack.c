/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/unpack.h"

#include "util/alloc.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { INPUT_BYTES = 1 << 15, STEP_BYTES = 1 << 16 };

static const struct unpacker *const unpackers[] = {&unpack_gzip, &unpack_bzip2,
                                                   &unpack_xz, &unpack_zstd};
enum { N_UNPACKERS = sizeof unpackers / sizeof unpackers[0] };

int unpack_recognise(const struct source *source, const struct unpacker **kind,
                     struct err *err)
{
    unsigned char head[sizeof unpackers[0]->magic];
    long n = source_read_some(source, 0, head, sizeof head, err);
    *kind = NULL;
    for (size_t i = 0; i < N_UNPACKERS && n > 0; i++)
        if ((size_t)n >= unpackers[i]->n_magic &&
            memcmp(head, unpackers[i]->magic, unpackers[i]->n_magic) == 0)
            *kind = unpackers[i];
    return n < 0 ? -1 : 0;
}

size_t unpack_stem(const char *path)
{
    size_t length = strlen(path);
    for (size_t i = 0; i < N_UNPACKERS; i++) {
        size_t n = strlen(unpackers[i]->suffix);
        if (length > n && strcasecmp(path + length - n, unpackers[i]->suffix) == 0)
            return length - n;
    }
    return length;
}

int unpack_room(const struct source *source, void **bytes, size_t *capacity,
                size_t size, size_t more, struct err *err)
{
    if (size > SOURCE_INFLATED_MAX)
        return err_set(err, ERR_INPUT, "%s: inflates to more than %" PRIu64 " bytes",
                       source->path, SOURCE_INFLATED_MAX);
    return alloc_grow(bytes, capacity, size + more, 1, "an unpacked file", err);
}

void unpack_give(struct source *source, void *bytes, size_t size)
{
    void *fitted = realloc(bytes, size ? size : 1);
    source->memory = fitted ? fitted : bytes;
    source->size = size;
    close(source->fd);
    source->fd = -1;
}

/* A file on its way into memory. */
struct unpacking {
    const struct unpacker *kind;
    const struct source *source;
    unsigned char input[INPUT_BYTES];
    struct unpack_io io;
    uint64_t offset; /* of the first packed byte not yet in `input` */
    void *stream, *bytes;
    size_t size, capacity;
    size_t member_begins; /* in `bytes` */
    bool cut;             /* the file ends within a member */
};

static int unpacking_error(const struct unpacking *u, const char *what, struct err *err)
{
    return err_set(err, ERR_INPUT, "%s: %s at byte offset %" PRIu64 " of the %s stream",
                   u->source->path, what, u->offset - u->io.n_in, u->kind->name);
}

/* 1 with input waiting, 0 at the end of the file, -1 on error. */
static int fill(struct unpacking *u, struct err *err)
{
    if (u->io.n_in > 0)
        return 1;
    long got = source_read_some(u->source, u->offset, u->input, sizeof u->input, err);
    if (got <= 0)
        return (int)got;
    u->offset += (uint64_t)got;
    u->io.in = u->input;
    u->io.n_in = (size_t)got;
    return 1;
}

/* Unpacks what is waiting. 1 at the end of a member, and of a file that is cut when
   nothing more comes; 0 before, -1 on error. */
static int step(struct unpacking *u, struct err *err)
{
    if (unpack_room(u->source, &u->bytes, &u->capacity, u->size, STEP_BYTES, err))
        return -1;
    size_t before = u->io.n_in;
    u->io.out = (unsigned char *)u->bytes + u->size;
    u->io.n_out = STEP_BYTES;
    enum unpack_status status = u->kind->step(u->stream, &u->io);
    size_t made = STEP_BYTES - u->io.n_out;
    u->size += made;
    if (status == UNPACK_MEMORY)
        return err_memory(err, sizeof *u, "unpacking");
    if (status == UNPACK_END) {
        u->cut = false;
        return 1;
    }
    /* Neither taking nor giving, it never would. */
    if (status == UNPACK_MORE && (made > 0 || u->io.n_in < before))
        return 0;
    if (status == UNPACK_MORE && u->cut)
        return 1;
    if (u->size > u->member_begins)
        return unpacking_error(u, "damaged data", err);
    return err_set(err, ERR_INPUT,
                   "%s: bytes that are no %s member at byte offset %" PRIu64,
                   u->source->path, u->kind->name, u->offset - u->io.n_in);
}

/* One member; more of its output may wait where no input does. */
static int member(struct unpacking *u, struct err *err)
{
    u->stream = u->kind->open();
    if (!u->stream)
        return err_memory(err, sizeof *u, "unpacking");
    for (;;) {
        int more = fill(u, err);
        if (more < 0)
            return -1;
        u->cut = more == 0;
        int ended = step(u, err);
        if (ended < 0)
            return -1;
        if (ended)
            break;
    }
    u->kind->close(u->stream);
    u->stream = NULL;
    u->member_begins = u->size;
    return 0;
}

/* Members follow each other, as the programs that make them unpack them. */
static int run(struct unpacking *u, struct err *err)
{
    int more = 1;
    while (more > 0) {
        if (member(u, err))
            return -1;
        if (u->cut)
            return 0;
        do
            more = fill(u, err);
        while (more > 0 && u->kind->is_padding &&
               u->kind->is_padding(u->io.in, u->io.n_in) && (u->io.n_in = 0, true));
    }
    return more;
}

/* What has come out, and where it ends. */
static int give(struct unpacking *u, struct source *source, struct err *err)
{
    if (u->cut && u->size == 0)
        return unpacking_error(u, "truncated", err);
    if (u->cut &&
        asprintf(&source->cut, "truncated at byte offset %" PRIu64 " of the %s stream",
                 u->offset, u->kind->name) < 0) {
        source->cut = NULL;
        return err_memory(err, 0, "unpacking");
    }
    unpack_give(source, u->bytes, u->size);
    u->bytes = NULL;
    return 0;
}

int unpack_source(struct source *source, const struct unpacker *kind, struct err *err)
{
    if (!kind->open)
        return err_set(err, ERR_INPUT,
                       "%s: compressed by %s, which this framewalk was built without "
                       "(Debian: %s)",
                       source->path, kind->name, kind->package);
    struct unpacking *u = alloc_zeroed(1, sizeof *u, "unpacking", err);
    if (!u)
        return -1;
    u->kind = kind;
    u->source = source;
    int rc = run(u, err);
    if (u->stream)
        kind->close(u->stream);
    if (rc == 0)
        rc = give(u, source, err);
    free(u->bytes);
    free(u);
    return rc;
}
