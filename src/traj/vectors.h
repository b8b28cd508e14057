/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_VECTORS_H
#define FRAMEWALK_TRAJ_VECTORS_H

#include "traj/format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Arrays of floating-point numbers in binary files. */

struct real_kind {
    bool wide; /* 64 bits, else 32 */
    bool big_endian;
};

static inline size_t real_bytes(struct real_kind kind)
{
    return kind.wide ? 8 : 4;
}

/* n numbers, widened and multiplied by `scale`. */
void reals_load(const unsigned char *bytes, struct real_kind kind, double scale,
                double *out, size_t n);

/* The x, y, z of the picked atoms, from an array of them for all atoms at `offset` of
   the source, of which only the stretch from the first to the last picked atom is read.
   The array must lie within the file. */
int vectors_read(const struct source *source, uint64_t offset, struct real_kind kind,
                 double scale, const struct frame_pick *pick,
                 struct frame_scratch *scratch, double *out, struct err *err);

/* The same from bytes that begin with atom `first`. */
void vectors_load(const unsigned char *bytes, size_t first, struct real_kind kind,
                  double scale, const struct frame_pick *pick, double *out);

#endif
