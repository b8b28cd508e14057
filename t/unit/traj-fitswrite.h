/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_T_TRAJ_FITSWRITE_H
#define FRAMEWALK_T_TRAJ_FITSWRITE_H

/* FITS files put together by hand. */

#include "fwtest.h"

#include "traj/topology.h"

enum { CARD = 80, BLOCK = 2880, BYTES_MAX = 1 << 16 };

struct file {
    char path[FWTEST_PATH_BYTES];
    unsigned char bytes[BYTES_MAX];
    size_t n;
};

/* Behind what is there: cards, one a line of the text, END and blanks up to a whole
   block. The file so far ends with one. */
static inline void add_header(struct file *file, const char *text)
{
    memset(file->bytes + file->n, ' ', BYTES_MAX - file->n);
    while (*text) {
        size_t length = strcspn(text, "\n");
        memcpy(file->bytes + file->n, text, length);
        file->n += CARD;
        text += length + (text[length] == '\n');
    }
    memcpy(file->bytes + file->n, "END", 3);
    file->n = (file->n + BLOCK) / BLOCK * BLOCK;
}

static inline void put_header(struct file *file, const char *text)
{
    file->n = 0;
    add_header(file, text);
}

static inline void put_bytes(struct file *file, const void *bytes, size_t n)
{
    memcpy(file->bytes + file->n, bytes, n);
    file->n += n;
}

static inline void put_file(struct file *file, const char *dir)
{
    fwtest_write_file(file->path, dir, "v.fits", file->bytes, file->n);
}

static inline int read_bod(const char *dir, struct topology *topology, struct err *err)
{
    char path[FWTEST_PATH_BYTES];
    fwtest_write_file(path, dir, "v.bod", "VOXELS v.fits\n", 14);
    return topology_read(topology, path, NULL, NULL, err);
}

#endif
