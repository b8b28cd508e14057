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

   Read here and not by CFITSIO, which is not made for files that are out to hurt; but
   images that are compressed in tiles are unpacked by it, in a process of its own. */
struct fits_image {
    const struct source *source; /* borrowed */
    uint64_t n[3];               /* voxels along x, y, z; x fastest */
    double size[3];     /* of a voxel: CDELT, 1 where absent; may be negative */
    int bitpix;         /* 8, 16, 32, 64, -32 or -64 */
    double zero, scale; /* BZERO, BSCALE */
    bool has_blank;
    int64_t blank;
    uint64_t data;              /* offset of the first voxel */
    struct fits_packed *packed; /* of an image that is compressed in tiles, else NULL */
};

/* Reads the headers, and sees that the file holds the image; fits_close ends what it
   holds of an image that was opened. The image must stay where it is. -1 with
   ERR_INPUT, or ERR_RUNTIME where CFITSIO is needed and missing. */
int fits_open(struct fits_image *image, const struct source *source, struct err *err);
void fits_close(struct fits_image *image);

enum { FITS_PIECE = 8192 };

/* Which of `n` voxels (at most FITS_PIECE) from number `first` on are solid: 1, else 0.
   Of an image that is compressed in tiles all must be read in their order. */
int fits_read(const struct fits_image *image, uint64_t first, size_t n,
              unsigned char *solid, struct err *err);

/* Whether a voxel is, by the number that is stored. */
bool fits_is_solid_integer(const struct fits_image *image, int64_t number);
bool fits_is_solid_real(const struct fits_image *image, double number);

#endif
