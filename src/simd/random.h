/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_RANDOM_H
#define FRAMEWALK_SIMD_RANDOM_H

#include "rng/purpose.h"
#include "simd/vec.h"

/* Rows of BATCH random numbers, one for each lane of a batch. The generator is
   Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC'11): for each key a bijection of
   128-bit counters onto four 32-bit numbers. The key is the seed, the counter

       (draw, lane + 16 purpose + 256 (block >> 32), block, frame),

   each word of 32 bits: four rows a draw. Lanes, blocks, purposes and frames of one
   seed therefore never share a counter while a block takes less than 2^34 rows and
   frame and block / 2^24 are below 2^32: their streams are disjoint by construction. */

enum { RANDOM_ROUNDS = 10, RANDOM_ROWS = 4 };

typedef uint64_t vrandom __attribute__((vector_size(VEC_BYTES)));

struct random_rows {
    uint32_t key[RANDOM_ROUNDS][2];
    uint32_t counter[4]; /* lane 0's */
    unsigned next;       /* of the rows of the last draw */
    unsigned half;
    uint32_t row[2][RANDOM_ROWS][BATCH]; /* of the last two draws, in turn */
};

static inline void random_start(struct random_rows *random, uint64_t seed,
                                enum rng_purpose purpose, uint64_t frame,
                                uint64_t block)
{
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int i = 0; i < RANDOM_ROUNDS; i++) {
        random->key[i][0] = k0;
        random->key[i][1] = k1;
        k0 += UINT32_C(0x9E3779B9);
        k1 += UINT32_C(0xBB67AE85);
    }
    random->counter[0] = 0;
    random->counter[1] = (uint32_t)purpose << 4 | (uint32_t)(block >> 32) << 8;
    random->counter[2] = (uint32_t)block;
    random->counter[3] = (uint32_t)frame;
    random->next = RANDOM_ROWS;
    random->half = 0;
}

/* Products of the low halves of 64-bit lanes. */
static inline vrandom random_multiply(vrandom a, vrandom b)
{
#if VEC_X86 && VEC_BYTES == 64
    return (vrandom)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif VEC_X86
    return (vrandom)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#else
    return (a & UINT32_MAX) * (b & UINT32_MAX);
#endif
}

/* Ten rounds on 64-bit lanes that hold a 32-bit word of the counter in their low half;
   what gathers in the high halves never reaches a product. */
static inline void random_rounds(const struct random_rows *random, vrandom c[4])
{
    const vrandom m0 = (vrandom){0} + UINT64_C(0xD2511F53),
                  m1 = (vrandom){0} + UINT64_C(0xCD9E8D57);
    for (int i = 0; i < RANDOM_ROUNDS; i++) {
        vrandom p0 = random_multiply(c[0], m0), p1 = random_multiply(c[2], m1);
        c[0] = (p1 >> 32) ^ c[1] ^ (uint64_t)random->key[i][0];
        c[2] = (p0 >> 32) ^ c[3] ^ (uint64_t)random->key[i][1];
        c[1] = p1;
        c[3] = p0;
    }
}

static inline void random_refill(struct random_rows *random)
{
    enum { PAIRS = VEC_BYTES / 8 }; /* even lanes in one vector, odd ones in another */
    random->half ^= 1;
    vrandom pair = {0};
    for (int i = 0; i < PAIRS; i++)
        pair[i] = (uint64_t)i;
    for (int lane = 0; lane < BATCH; lane += 2 * PAIRS) {
        vrandom even[4], odd[4];
        for (int k = 0; k < 4; k++)
            even[k] = odd[k] = (vrandom){0} + random->counter[k];
        even[1] |= 2 * pair + (uint64_t)lane;
        odd[1] |= 2 * pair + (uint64_t)(lane + 1);
        random_rounds(random, even);
        random_rounds(random, odd);
        for (int k = 0; k < 4; k++) {
            vrandom both = (even[k] & UINT32_MAX) | odd[k] << 32;
            memcpy(&random->row[random->half][k][lane], &both, sizeof both);
        }
    }
    random->counter[0]++;
    random->next = 0;
}

/* The next row, which stays where it is for RANDOM_ROWS more calls. */
static inline const uint32_t *random_row(struct random_rows *random)
{
    if (random->next == RANDOM_ROWS)
        random_refill(random);
    return random->row[random->half][random->next++];
}

/* Numbers of one batch: a row for lanes of 32 bits, two for 64. */
struct random_draw {
#if VEC_REAL == 32
    const uint32_t *row;
#else
    uint64_t row[BATCH];
#endif
};

static inline void random_draw(struct random_rows *random, struct random_draw *draw)
{
#if VEC_REAL == 32
    draw->row = random_row(random);
#else
    uint64_t high[BATCH];
    const uint32_t *row = random_row(random);
    for (int i = 0; i < BATCH; i++)
        high[i] = (uint64_t)row[i] << 32;
    row = random_row(random);
    for (int i = 0; i < BATCH; i++)
        draw->row[i] = high[i] | row[i];
#endif
}

enum { RANDOM_BITS = VEC_REAL == 32 ? 23 : 52 };

/* Uniform on (0, 1): midpoints of 2^23 (2^52) equal cells. `at`: first lane wanted. */
static inline vreal random_uniform(const struct random_draw *draw, unsigned at)
{
    const real cell = VEC_REAL == 32 ? (real)0x1p-23 : (real)0x1p-52;
    vword bits = vec_load_word(draw->row + at) >> (VEC_REAL - RANDOM_BITS);
    return (vec_from_sword((vmask)bits) + (real)0.5) * cell;
}

/* Sine and cosine of a uniform angle: Taylor series on an eighth of the circle to each
   side of 0, then one of the four quadrants by the low bits. Their error is below the
   rounding of `real`. */
static inline void random_turn(const struct random_draw *draw, unsigned at, vreal *sine,
                               vreal *cosine)
{
    const real cell = VEC_REAL == 32 ? (real)0x1p-23 : (real)0x1p-52;
    const real quarter = (real)1.5707963267948966;
    vword word_ = vec_load_word(draw->row + at);
    vword bits = word_ >> (VEC_REAL - RANDOM_BITS);
    vreal x = ((vec_from_sword((vmask)bits) + (real)0.5) * cell - (real)0.5) * quarter;
    vreal square = x * x;
    enum { TERMS = VEC_REAL == 32 ? 4 : 9 };
    vreal s = vec_all(1), c = vec_all(1);
    for (int i = TERMS; i >= 1; i--) {
        s = (real)1 - square * s * (real)(1.0 / (2 * i * (2 * i + 1)));
        c = (real)1 - square * c * (real)(1.0 / (2 * i * (2 * i - 1)));
    }
    s *= x;
    vmask swap = -(vmask)(word_ & 1);
    vword sign = (word_ & 2) << (VEC_REAL - 2);
    vword sign_2 = (word_ & 4) << (VEC_REAL - 3);
    *sine = (vreal)((vword)vec_select(swap, c, s) ^ sign);
    *cosine = (vreal)((vword)vec_select(swap, s, c) ^ sign_2);
}

#endif
