/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SAVE_XTC_ENCODE_H
#define FRAMEWALK_SAVE_XTC_ENCODE_H

#include <stddef.h>
#include <stdint.h>

/* Coordinates compressed as GROMACS's xdr3dfcoord does; traj/xtc_coords.c describes the
   stream. */
struct xtc_encoded {
    int32_t min[3], max[3];
    int32_t small_index; /* at the start */
    size_t n_bytes;
};

/* The most bytes that n atoms can take. */
size_t xtc_encode_bytes_max(size_t n);

/* Compresses n >= 1 atoms at integer places into `bytes`, of that size. `at` is
   reordered on the way. The same places give the same bytes as GROMACS's, except where
   squares of differences overflow its 32-bit integers: neighbours more than some 26,000
   steps apart that count as near, as in frames of five decimals. */
void xtc_encode(int32_t (*at)[3], size_t n, unsigned char *bytes,
                struct xtc_encoded *out);

#endif
