/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/fits_packed.h"

#include "traj/lib_process.h"
#include "util/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct fits_packed {
    const struct fits_image *image;
    struct lib_process *process;
    uint64_t at, total; /* voxels read, and in all */
    uint64_t piece;     /* voxels that are left of the present message */
};

/* The next message; it may hold no voxels only where none are left. */
static int next_message(struct fits_packed *packed, bool voxels, struct err *err)
{
    const char *path = packed->image->source->path;
    struct fits_message message;
    if (lib_process_receive(packed->process, &message, sizeof message, err))
        return -1;
    message.text[sizeof message.text - 1] = '\0';
    if (message.status != ERR_NONE)
        return err_set(err, message.status == ERR_RUNTIME ? ERR_RUNTIME : ERR_INPUT,
                       "%s: %s", path, message.text);
    if ((message.n > 0) != voxels || message.n > packed->total - packed->at)
        return err_set(err, ERR_INPUT, "%s: a damaged FITS file", path);
    packed->piece = message.n;
    return 0;
}

/* The file as memory for the process. A file that shrinks meanwhile ends that process,
   and not this one, which never looks. */
static int start_process(struct fits_packed *packed, int header, struct err *err)
{
    const struct source *source = packed->image->source;
    struct fits_job job = {packed->image, header, source->memory, source->size};
    void *map = NULL;
    if (!source->memory) {
        map = mmap(NULL, source->size, PROT_READ, MAP_PRIVATE, source->fd, 0);
        if (map == MAP_FAILED)
            return err_set(err, ERR_RUNTIME, "%s: cannot be mapped: %s", source->path,
                           strerror(errno));
        job.bytes = map;
    }
    packed->process = lib_process_start(source->path, "FITS", fits_serve, &job, err);
    int status = packed->process ? next_message(packed, false, err) : -1;
    if (map)
        munmap(map, source->size);
    return status;
}

struct fits_packed *fits_packed_open(const struct fits_image *image, int header,
                                     struct err *err)
{
    uint64_t total = FITS_UNPACKED_MAX / ((unsigned)abs(image->bitpix) / 8);
    for (int k = 0; k < 3; k++)
        total /= image->n[k];
    if (total == 0) {
        err_set(err, ERR_INPUT,
                "%s: %llu x %llu x %llu voxels of %d bits are more than %llu bytes",
                image->source->path, (unsigned long long)image->n[0],
                (unsigned long long)image->n[1], (unsigned long long)image->n[2],
                abs(image->bitpix), (unsigned long long)FITS_UNPACKED_MAX);
        return NULL;
    }
    struct fits_packed *packed = alloc_zeroed(1, sizeof *packed, "an image", err);
    if (!packed)
        return NULL;
    packed->image = image;
    packed->total = image->n[0] * image->n[1] * image->n[2];
    if (start_process(packed, header, err) == 0)
        return packed;
    fits_packed_close(packed);
    return NULL;
}

int fits_packed_read(struct fits_packed *packed, size_t n, unsigned char *solid,
                     struct err *err)
{
    for (size_t done = 0; done < n;) {
        if (packed->piece == 0 && next_message(packed, true, err))
            return -1;
        size_t some = n - done < packed->piece ? n - done : (size_t)packed->piece;
        if (lib_process_receive(packed->process, solid + done, some, err))
            return -1;
        /* Whatever comes must be a value. */
        for (size_t i = done; i < done + some; i++)
            solid[i] = solid[i] != 0;
        done += some;
        packed->piece -= some;
        packed->at += some;
    }
    return 0;
}

uint64_t fits_packed_at(const struct fits_packed *packed)
{
    return packed->at;
}

void fits_packed_close(struct fits_packed *packed)
{
    if (!packed)
        return;
    lib_process_end(packed->process);
    free(packed);
}
