/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_FITS_H
#define FRAMEWALK_TRAJ_FITS_H

#include "traj/source.h"

#include <stdbool.h>
#include <stdint.h>

/* The first image of a FITS file that has data, with three axes, primary or in an
   extension, as voxels that are solid where the value (BZERO + BSCALE times the number)
   is not zero, BLANK or NaN. FITS standard 4.0, Pence et al., A&A 524, A42 (2010); in
   the header only what is needed is looked at, and values need not stand in the
   standard's columns: ZENO's own files have them elsewhere.

   Read here and not by CFITSIO: that takes names for commands, URLs and filters, and is
   not made for files that are out to hurt. */
struct fits_image {
    const struct source *source; /* borrowed */
    uint64_t n[3];               /* voxels along x, y, z; x fastest */
    double size[3];     /* of a voxel: CDELT, 1 where absent; may be negative */
    int bitpix;         /* 8, 16, 32, 64, -32 or -64 */
    double zero, scale; /* BZERO, BSCALE */
    bool has_blank;
    int64_t blank;
    uint64_t data; /* offset of the first voxel */
};

/* Reads the headers, and sees that the file holds the image. -1 with ERR_INPUT. */
int fits_open(struct fits_image *image, const struct source *source, struct err *err);

enum { FITS_PIECE = 8192 };

/* Which of `n` voxels (at most FITS_PIECE) from number `first` on are solid: 1, else 0.
 */
int fits_read(const struct fits_image *image, uint64_t first, size_t n,
              unsigned char *solid, struct err *err);

#endif
