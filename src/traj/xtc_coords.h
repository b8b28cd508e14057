/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_XTC_COORDS_H
#define FRAMEWALK_TRAJ_XTC_COORDS_H

#include "traj/format.h"

#include <stddef.h>
#include <stdint.h>

/* Readable zero bytes that must follow the compressed ones: the decoder loads words. */
enum { XTC_PADDING_BYTES = 16 };

/* The compressed coordinates of a frame (GROMACS's xdr3dfcoord). Coordinates are
   integers in units of 1 / precision nm. */
struct xtc_block {
    const unsigned char *bytes;
    size_t n_bytes; /* without the padding */
    size_t n_atoms;
    float precision;
    int32_t min[3], max[3]; /* of the integers */
    int32_t small_index;    /* where the table of small sizes is entered */
};

/* Decodes up to the last picked atom; xyz in A. Returns NULL, or what is wrong with the
   data (static text). Nothing outside `bytes` and the 3 * pick->n doubles is touched,
   whatever the data are. */
const char *xtc_coords_decode(const struct xtc_block *block,
                              const struct frame_pick *pick, double *xyz);

#endif
