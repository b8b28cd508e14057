/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/fingerprint.h"

#include "util/alloc.h"
#include "util/hash.h"
#include "util/io.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { EDGE_BYTES = 1 << 20, BLOCK_BYTES = 1 << 12, BLOCKS = 64 };

/* A file that is hashed piece by piece. */
struct print {
    const char *path;
    int fd;
    unsigned char *buffer; /* EDGE_BYTES */
    uint64_t hash;
};

static int add(struct print *print, uint64_t offset, uint64_t bytes, struct err *err)
{
    for (uint64_t done = 0; done < bytes;) {
        uint64_t rest = bytes - done;
        size_t piece = rest < EDGE_BYTES ? rest : EDGE_BYTES;
        ssize_t got = io_read_at(print->fd, print->buffer, piece, offset + done);
        if (got < 0 || (size_t)got < piece)
            return err_set(err, ERR_INPUT, "%s: cannot read at byte %" PRIu64 ": %s",
                           print->path, offset + done + (got < 0 ? 0 : (uint64_t)got),
                           got < 0 ? strerror(errno) : "the file has shrunk");
        print->hash = hash_bytes(print->buffer, piece, print->hash);
        done += piece;
    }
    return 0;
}

static int add_samples(struct print *print, uint64_t size, struct err *err)
{
    uint64_t between = size - 2 * (uint64_t)EDGE_BYTES;
    if (add(print, 0, EDGE_BYTES, err) < 0)
        return -1;
    for (uint64_t i = 0; i < BLOCKS; i++) {
        uint64_t step = (between - BLOCK_BYTES) / (BLOCKS - 1);
        if (add(print, EDGE_BYTES + i * step, BLOCK_BYTES, err) < 0)
            return -1;
    }
    return add(print, size - EDGE_BYTES, EDGE_BYTES, err);
}

static int print_open(struct print *print, const struct stat *info,
                      char text[FINGERPRINT_BYTES], struct err *err)
{
    uint64_t size = (uint64_t)info->st_size;
    const uint64_t sampled = 2 * (uint64_t)EDGE_BYTES + BLOCKS * (uint64_t)BLOCK_BYTES;
    print->buffer = alloc_zeroed(EDGE_BYTES, 1, "reading a file", err);
    if (!print->buffer)
        return -1;
    int status =
        size <= sampled ? add(print, 0, size, err) : add_samples(print, size, err);
    free(print->buffer);
    snprintf(text, FINGERPRINT_BYTES, "%" PRIu64 " bytes, hash %016" PRIx64, size,
             print->hash);
    return status;
}

/* Cuts ":MEMBER" off until something is there. */
static int stat_archive(char *path, struct stat *info)
{
    int status;
    char *colon;
    while ((status = stat(path, info)) < 0 && (errno == ENOENT || errno == ENOTDIR) &&
           (colon = strrchr(path, ':')) != NULL)
        *colon = '\0';
    return status;
}

int fingerprint_file(const char *path, char text[FINGERPRINT_BYTES], struct err *err)
{
    struct stat info;
    char *name = alloc_string(path, err);
    if (!name)
        return -1;
    int status = 0;
    snprintf(text, FINGERPRINT_BYTES, FINGERPRINT_STREAM);
    /* What cannot be looked at here was read somehow: a URL, standard input. */
    if (stat_archive(name, &info) == 0 && S_ISREG(info.st_mode)) {
        struct print print = {.path = path};
        print.fd = open(name, O_RDONLY | O_CLOEXEC);
        if (print.fd < 0)
            status = err_set(err, ERR_INPUT, "%s: %s", path, strerror(errno));
        else
            status = print_open(&print, &info, text, err);
        if (print.fd >= 0)
            close(print.fd);
    }
    free(name);
    return status;
}
