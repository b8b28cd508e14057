/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_FITS_HEADER_H
#define FRAMEWALK_TRAJ_FITS_HEADER_H

#include "traj/source.h"

#include <stdbool.h>
#include <stdint.h>

enum { FITS_CARD = 80, FITS_BLOCK = 2880, FITS_AXES_MAX = 999 };

/* Numbers in an array, as NAXIS and its like say; -1 where they do not. */
struct fits_shape {
    int64_t bitpix, naxis, axis[3];
    int64_t rest;  /* product of the axes behind three, INT64_MAX where larger */
    unsigned seen; /* bits */
};

/* What is used of a header and its data. Of a keyword that comes twice the first
   counts. */
struct fits_header {
    const struct source *source;
    int number;    /* of the header in the file, from 1 */
    uint64_t data; /* offset of what follows it */
    bool is_image, is_packed;
    struct fits_shape shape;  /* of the data */
    struct fits_shape packed; /* of an image that is stored in a table, in tiles */
    int64_t pcount, gcount;
    double cdelt[3], zero, scale;
    bool has_blank;
    int64_t blank;
    /* While it is read: offset of the present card, and its parts. */
    uint64_t at;
    char key[8 + 1], value[FITS_CARD + 1];
    bool ended;
    unsigned seen;
};

/* Finds the first image with data: the primary one, one in an extension, or one that
   is compressed in tiles (`is_packed`). What is before it is passed over by its size,
   which the file must hold. Of the image itself the kind of number is checked, and
   that a packed one is in the file, nothing else. -1 with ERR_INPUT. */
int fits_header_find(struct fits_header *header, const struct source *source,
                     struct err *err);

#endif
