/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_VEC_H
#define FRAMEWALK_SIMD_VEC_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Lanes of `real` (float, or double where VEC_REAL is 64) in the width that the
   instruction set of this compilation has. Arithmetic is written with the operators of
   GCC's vector extension, which round as IEEE 754 says on every machine; what stands
   here are the square root, conversions, and moves of data. Batches have BATCH lanes
   whatever the width, and code walks through them VEC_LANES at a time in order, so that
   a result cannot depend on the width. */

#ifndef VEC_REAL
#define VEC_REAL 32
#endif

/* Tests choose the width themselves, to see that results do not depend on it. */
#ifdef VEC_BYTES
#define VEC_X86 0
#elif defined __AVX512F__
#define VEC_BYTES 64
#define VEC_X86 1
#elif defined __AVX2__
#define VEC_BYTES 32
#define VEC_X86 1
#else
#define VEC_BYTES 16
#define VEC_X86 0
#endif

#if VEC_X86
#include <immintrin.h>
#else
#include <math.h>
#endif

enum { BATCH = 16, VEC_LANES = VEC_BYTES * 8 / VEC_REAL };

#if VEC_REAL == 32
typedef float real;
typedef uint32_t word;
typedef int32_t sword;
#else
typedef double real;
typedef uint64_t word;
typedef int64_t sword;
#endif

typedef real vreal __attribute__((vector_size(VEC_BYTES)));
typedef word vword __attribute__((vector_size(VEC_BYTES)));
typedef sword vmask __attribute__((vector_size(VEC_BYTES))); /* lanes 0 or -1 */

static inline vreal vec_load(const real *from)
{
    vreal v;
    memcpy(&v, from, sizeof v);
    return v;
}

static inline void vec_store(real *to, vreal v)
{
    memcpy(to, &v, sizeof v);
}

static inline vword vec_load_word(const word *from)
{
    vword v;
    memcpy(&v, from, sizeof v);
    return v;
}

static inline void vec_store_word(word *to, vword v)
{
    memcpy(to, &v, sizeof v);
}

static inline vreal vec_all(real x)
{
    return x - (vreal){0};
}

static inline vword vec_all_word(word x)
{
    return x | (vword){0};
}

/* Numbers of 32 bits, in lanes of `word`. */
static inline vword vec_load_u32(const uint32_t *from)
{
#if VEC_REAL == 32
    return vec_load_word(from);
#else
    vword v = {0};
    for (int i = 0; i < VEC_LANES; i++)
        v[i] = from[i];
    return v;
#endif
}

static inline vreal vec_from_sword(vmask v)
{
    return __builtin_convertvector(v, vreal);
}

/* Towards zero; the values must fit. */
static inline vmask vec_to_sword(vreal v)
{
    return __builtin_convertvector(v, vmask);
}

static inline vreal vec_sqrt(vreal v)
{
#if VEC_X86 && VEC_BYTES == 64 && VEC_REAL == 32
    return (vreal)_mm512_sqrt_ps((__m512)v);
#elif VEC_X86 && VEC_BYTES == 64
    return (vreal)_mm512_sqrt_pd((__m512d)v);
#elif VEC_X86 && VEC_REAL == 32
    return (vreal)_mm256_sqrt_ps((__m256)v);
#elif VEC_X86
    return (vreal)_mm256_sqrt_pd((__m256d)v);
#else
    vreal out;
    for (int i = 0; i < VEC_LANES; i++)
        out[i] = VEC_REAL == 32 ? (real)sqrtf((float)v[i]) : (real)sqrt((double)v[i]);
    return out;
#endif
}

/* mask ? a : b */
static inline vreal vec_select(vmask mask, vreal a, vreal b)
{
#if VEC_X86 && VEC_BYTES == 32 && VEC_REAL == 32
    return (vreal)_mm256_blendv_ps((__m256)b, (__m256)a, (__m256)mask);
#elif VEC_X86 && VEC_BYTES == 32
    return (vreal)_mm256_blendv_pd((__m256d)b, (__m256d)a, (__m256d)mask);
#else
    return (vreal)((mask & (vmask)a) | (~mask & (vmask)b));
#endif
}

/* a < b ? a : b: the second where one is not a number, as x86 has it. */
static inline vreal vec_min(vreal a, vreal b)
{
#if VEC_X86 && VEC_BYTES == 64 && VEC_REAL == 32
    return (vreal)_mm512_min_ps((__m512)a, (__m512)b);
#elif VEC_X86 && VEC_BYTES == 64
    return (vreal)_mm512_min_pd((__m512d)a, (__m512d)b);
#elif VEC_X86 && VEC_REAL == 32
    return (vreal)_mm256_min_ps((__m256)a, (__m256)b);
#elif VEC_X86
    return (vreal)_mm256_min_pd((__m256d)a, (__m256d)b);
#else
    return vec_select(a < b, a, b);
#endif
}

static inline vreal vec_max(vreal a, vreal b)
{
#if VEC_X86 && VEC_BYTES == 64 && VEC_REAL == 32
    return (vreal)_mm512_max_ps((__m512)a, (__m512)b);
#elif VEC_X86 && VEC_BYTES == 64
    return (vreal)_mm512_max_pd((__m512d)a, (__m512d)b);
#elif VEC_X86 && VEC_REAL == 32
    return (vreal)_mm256_max_ps((__m256)a, (__m256)b);
#elif VEC_X86
    return (vreal)_mm256_max_pd((__m256d)a, (__m256d)b);
#else
    return vec_select(a > b, a, b);
#endif
}

static inline vreal vec_abs(vreal v)
{
    return (vreal)((vword)v & ((word)-1 >> 1));
}

/* Bit i is set where lane i of the mask is. */
static inline unsigned vec_bits(vmask mask)
{
#if VEC_X86 && VEC_BYTES == 64 && VEC_REAL == 32
    return _mm512_cmplt_epi32_mask((__m512i)mask, _mm512_setzero_si512());
#elif VEC_X86 && VEC_BYTES == 64
    return _mm512_cmplt_epi64_mask((__m512i)mask, _mm512_setzero_si512());
#elif VEC_X86 && VEC_REAL == 32
    return (unsigned)_mm256_movemask_ps((__m256)mask);
#elif VEC_X86
    return (unsigned)_mm256_movemask_pd((__m256d)mask);
#else
    unsigned bits = 0;
    for (int i = 0; i < VEC_LANES; i++)
        bits |= (unsigned)(mask[i] & 1) << i;
    return bits;
#endif
}

static inline unsigned vec_count(unsigned bits)
{
    return (unsigned)__builtin_popcount(bits);
}

#if VEC_X86 && VEC_BYTES == 32
/* Byte k of row m: the position of the k-th set bit of m. */
#define VEC_ONES(m)                                                                \
    (((m)&1) + ((m) >> 1 & 1) + ((m) >> 2 & 1) + ((m) >> 3 & 1) + ((m) >> 4 & 1) + \
     ((m) >> 5 & 1) + ((m) >> 6 & 1))
#define VEC_PLACE(m, i) \
    ((m) >> (i)&1 ? (uint64_t)(i) << 8 * VEC_ONES((m) & ((1 << (i)) - 1)) : 0)
#define VEC_ROW(m)                                                           \
    (VEC_PLACE(m, 0) | VEC_PLACE(m, 1) | VEC_PLACE(m, 2) | VEC_PLACE(m, 3) | \
     VEC_PLACE(m, 4) | VEC_PLACE(m, 5) | VEC_PLACE(m, 6) | VEC_PLACE(m, 7))
#define VEC_ROWS_4(m) VEC_ROW(m), VEC_ROW(m + 1), VEC_ROW(m + 2), VEC_ROW(m + 3)
#define VEC_ROWS_16(m) \
    VEC_ROWS_4(m), VEC_ROWS_4(m + 4), VEC_ROWS_4(m + 8), VEC_ROWS_4(m + 12)
#define VEC_ROWS_64(m) \
    VEC_ROWS_16(m), VEC_ROWS_16(m + 16), VEC_ROWS_16(m + 32), VEC_ROWS_16(m + 48)
static const uint64_t vec_rows[VEC_REAL == 32 ? 256 : 16] = {
#if VEC_REAL == 32
    VEC_ROWS_64(0), VEC_ROWS_64(64), VEC_ROWS_64(128), VEC_ROWS_64(192)
#else
    VEC_ROWS_16(0)
#endif
};
#endif

/* Stores the lanes whose bits are set next to each other. Writes a whole vector at
   `to`: what stands behind the lanes kept is undefined. */
static inline void vec_compress_word(word *to, vword v, unsigned bits)
{
#if VEC_X86 && VEC_BYTES == 64 && VEC_REAL == 32
    vec_store_word(to, (vword)_mm512_maskz_compress_epi32((__mmask16)bits, (__m512i)v));
#elif VEC_X86 && VEC_BYTES == 64
    vec_store_word(to, (vword)_mm512_maskz_compress_epi64((__mmask8)bits, (__m512i)v));
#elif VEC_X86 && VEC_REAL == 32
    __m256i row = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)&vec_rows[bits]));
    vec_store_word(to, (vword)_mm256_permutevar8x32_epi32((__m256i)v, row));
#elif VEC_X86
    uint64_t row = vec_rows[bits];
    vword out;
    for (int i = 0; i < VEC_LANES; i++)
        out[i] = v[row >> 8 * i & 3];
    vec_store_word(to, out);
#else
    for (int i = 0; i < VEC_LANES; i++) {
        *to = v[i];
        to += bits >> i & 1;
    }
#endif
}

/* Rows of four numbers each, as four vectors; `offset` of each row in bytes, but
   `first` for the first. */
static inline void vec_gather_rows(const real *rows, uint32_t first,
                                   const uint32_t *offset, vreal out[4])
{
    const char *base = (const char *)rows;
#if VEC_X86 && VEC_BYTES == 64 && VEC_REAL == 32
    __m512i at = _mm512_mask_set1_epi32(_mm512_loadu_si512(offset), 1, (int)first);
    out[0] = (vreal)_mm512_i32gather_ps(at, base, 1);
    out[1] = (vreal)_mm512_i32gather_ps(at, base + 4, 1);
    out[2] = (vreal)_mm512_i32gather_ps(at, base + 8, 1);
    out[3] = (vreal)_mm512_i32gather_ps(at, base + 12, 1);
#elif VEC_X86 && VEC_REAL == 32
    __m256 pair[4];
    for (int i = 0; i < 4; i++) {
        const void *low = base + (i ? offset[i] : first), *high = base + offset[i + 4];
        pair[i] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(low)),
                                       _mm_loadu_ps(high), 1);
    }
    __m256 xy = _mm256_unpacklo_ps(pair[0], pair[1]),
           zr = _mm256_unpackhi_ps(pair[0], pair[1]),
           xy_2 = _mm256_unpacklo_ps(pair[2], pair[3]),
           zr_2 = _mm256_unpackhi_ps(pair[2], pair[3]);
    out[0] = (vreal)_mm256_shuffle_ps(xy, xy_2, 0x44);
    out[1] = (vreal)_mm256_shuffle_ps(xy, xy_2, 0xEE);
    out[2] = (vreal)_mm256_shuffle_ps(zr, zr_2, 0x44);
    out[3] = (vreal)_mm256_shuffle_ps(zr, zr_2, 0xEE);
#else
    real column[4][VEC_LANES];
    for (int i = 0; i < VEC_LANES; i++)
        for (int k = 0; k < 4; k++)
            memcpy(&column[k][i],
                   base + (i ? offset[i] : first) + (size_t)k * sizeof(real),
                   sizeof(real));
    for (int k = 0; k < 4; k++)
        out[k] = vec_load(column[k]);
#endif
}

/* The same for numbers of 32 bits, VEC_LANES of them at `from`. */
static inline void vec_compress_u32(uint32_t *to, const uint32_t *from, unsigned bits)
{
#if VEC_REAL == 32
    vec_compress_word(to, vec_load_word(from), bits);
#else
    for (; bits; bits &= bits - 1)
        *to++ = from[__builtin_ctz(bits)];
#endif
}

static inline void vec_compress(real *to, vreal v, unsigned bits)
{
    vec_compress_word((word *)to, (vword)v, bits);
}

#endif
