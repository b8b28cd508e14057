/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_FITS_PACKED_H
#define FRAMEWALK_TRAJ_FITS_PACKED_H

#include "traj/fits.h"

/* Images that are compressed in tiles (FITS standard 4.0, section 10) are unpacked by
   CFITSIO, in a process of its own (traj/lib_process.h), which sends the voxels in
   their order. fits_packed.c is the reader's side, fits_serve.c the process. */

/* What the process is told. */
struct fits_job {
    const struct fits_image *image;
    int header;        /* the image's in the file, from 1 */
    const void *bytes; /* the whole file */
    size_t n_bytes;
};

/* What it sends: at first whether the image can be opened, with no voxels, and then
   pieces, each followed by a byte for each voxel, 1 where it is solid. */
struct fits_message {
    int status;                /* an err_code, of `text` */
    char text[ERR_TEXT_BYTES]; /* why it fails */
    uint64_t n;                /* voxels that follow */
};

/* The most that an image may unpack to: that of files that are compressed as a whole.
 */
#define FITS_UNPACKED_MAX SOURCE_INFLATED_MAX

struct fits_packed;

/* Starts the process for the image of header `header`, whose size is checked. NULL with
   ERR_INPUT, or ERR_RUNTIME where CFITSIO is not there. */
struct fits_packed *fits_packed_open(const struct fits_image *image, int header,
                                     struct err *err);

/* The next n voxels. */
int fits_packed_read(struct fits_packed *packed, size_t n, unsigned char *solid,
                     struct err *err);

/* How many have been read. */
uint64_t fits_packed_at(const struct fits_packed *packed);

void fits_packed_close(struct fits_packed *packed); /* accepts NULL */

/* What the process does with a fits_job; it leaves with _exit. */
void fits_serve(int socket, const void *job);

#endif
