/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A file that has no name, or has lost it. -1 where there can be none. */
static int open_nameless(void)
{
    const char *dir = getenv("TMPDIR");
    char path[4096];
    if (!dir || dir[0] != '/')
        dir = "/tmp";
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 ||
        (size_t)snprintf(path, sizeof path, "%s/framewalk-XXXXXX", dir) >= sizeof path)
        return fd;
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

static int grow_in_memory(struct spill *spill, size_t bytes, const char *what,
                          struct err *err)
{
    void *grown = realloc(spill->at, bytes);
    if (!grown)
        return err_memory(err, bytes, what);
    spill->at = grown;
    spill->bytes = bytes;
    return 0;
}

/* Its blocks are taken at once: a disk that is full later would end the program. */
static bool grow_in_file(struct spill *spill, size_t bytes)
{
    int fd = spill->in_file ? spill->fd : open_nameless();
    void *at = MAP_FAILED;
    if (fd < 0)
        return false;
    if (bytes <= INT64_MAX && posix_fallocate(fd, 0, (off_t)bytes) == 0)
        at = spill->in_file
                 ? mremap(spill->at, spill->bytes, bytes, MREMAP_MAYMOVE)
                 : mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
        if (!spill->in_file)
            close(fd);
        return false;
    }
    if (!spill->in_file && spill->bytes) {
        memcpy(at, spill->at, spill->bytes);
        free(spill->at);
    }
    spill->at = at;
    spill->bytes = bytes;
    spill->fd = fd;
    spill->in_file = true;
    return true;
}

/* Out of the file, which cannot grow. */
static int give_up_file(struct spill *spill, size_t bytes, const char *what,
                        struct err *err)
{
    void *copy = malloc(bytes);
    if (!copy)
        return err_memory(err, bytes, what);
    memcpy(copy, spill->at, spill->bytes);
    munmap(spill->at, spill->bytes);
    close(spill->fd);
    spill->at = copy;
    spill->bytes = bytes;
    spill->in_file = false;
    return 0;
}

int spill_reserve(struct spill *spill, size_t bytes, const char *what, struct err *err)
{
    if (bytes <= spill->bytes)
        return 0;
    size_t room = spill->bytes ? spill->bytes : 4096;
    while (room < bytes)
        room = room <= SIZE_MAX / 2 ? 2 * room : bytes;
    if (room > SPILL_MEMORY_BYTES && !spill->no_file) {
        if (grow_in_file(spill, room))
            return 0;
        spill->no_file = true;
        if (spill->in_file)
            return give_up_file(spill, room, what, err);
    }
    return grow_in_memory(spill, room, what, err);
}

void spill_touched(struct spill *spill)
{
    if (!spill->in_file || ++spill->touches < SPILL_TOUCHES)
        return;
    spill->touches = 0;
    /* The pages are the file's: what was written stays there. */
    madvise(spill->at, spill->bytes, MADV_DONTNEED);
}

void spill_fini(struct spill *spill)
{
    if (spill->in_file) {
        munmap(spill->at, spill->bytes);
        close(spill->fd);
    } else {
        free(spill->at);
    }
    *spill = (struct spill){0};
}
