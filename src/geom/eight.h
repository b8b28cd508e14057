/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_GEOM_EIGHT_H
#define FRAMEWALK_GEOM_EIGHT_H

#include <stdint.h>
#include <string.h>

#if defined __SSE2__
#include <immintrin.h>
#endif

/* Rows of eight numbers of single precision, the unit in which balls and boxes are
   stored, worked on in as many parts as the instruction set takes. */

enum { EIGHT = 8 };

#if defined __AVX2__
enum { EIGHT_PART = 8 };
typedef float eight_part __attribute__((vector_size(32)));
typedef int32_t eight_mask __attribute__((vector_size(32))); /* lanes 0 or -1 */
#else
enum { EIGHT_PART = 4 };
typedef float eight_part __attribute__((vector_size(16)));
typedef int32_t eight_mask __attribute__((vector_size(16)));
#endif

static inline eight_part eight_load(const float *from)
{
    eight_part out;
    memcpy(&out, from, sizeof out);
    return out;
}

/* Bit i is set where lane i is. */
static inline unsigned eight_bits(eight_mask mask)
{
#if defined __AVX2__
    return (unsigned)_mm256_movemask_ps((__m256)mask);
#elif defined __SSE2__
    return (unsigned)_mm_movemask_ps((__m128)mask);
#else
    unsigned bits = 0;
    for (int i = 0; i < EIGHT_PART; i++)
        bits |= (unsigned)(mask[i] & 1) << i;
    return bits;
#endif
}

#endif
