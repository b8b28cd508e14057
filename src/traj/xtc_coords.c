/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/xtc_coords.h"

#include "traj/bytes.h"
#include "traj/xtc_sizes.h"

#include <stdbool.h>

/* The bit stream, as laid down by GROMACS's libxdrf. Each group begins with a "large"
   atom: its integers minus `min`, mixed into one number (or three, where a range
   exceeds 24 bits). A bit says whether a new run length follows in five bits: three
   times the number of "small" atoms plus 0, 1 or 2 for a smaller, equal or larger range
   of these. Small atoms are differences from their predecessor. The first of them is
   stored after the large atom but comes before it in the frame: in water, the oxygen is
   then nearest to both hydrogens. */

enum {
    LARGE_SIZE_MAX = 0xffffff, /* beyond, the three numbers are not mixed */
    RUN_BITS = 5,
};

/* A divisor with its reciprocal, because decoding is mostly dividing. */
struct divisor {
    uint64_t size, reciprocal;
};

static struct divisor divisor_make(uint64_t size)
{
    return (struct divisor){size, UINT64_MAX / size};
}

/* *value /= size; returns the remainder. The reciprocal is too small by less than one
   in 2^64 parts of the quotient, which is therefore right or one too small. */
static inline uint64_t divisor_split(const struct divisor *divisor, uint64_t *value)
{
    uint64_t quotient =
        (uint64_t)(((unsigned __int128)*value * divisor->reciprocal) >> 64);
    uint64_t rest = *value - quotient * divisor->size;
    if (rest >= divisor->size) {
        rest -= divisor->size;
        quotient++;
    }
    *value = quotient;
    return rest;
}

struct decoder {
    const unsigned char *bytes;
    uint64_t position, end; /* in bits */
    const struct xtc_block *block;
    /* nm per integer. The coordinate is a product of floats in GROMACS, which all
       readers have taken over; any other arithmetic differs from them in the seventh
       digit. */
    float step_nm;
    struct divisor large[3];
    unsigned large_bits;         /* of the mixed number; 0 where there are three */
    unsigned large_axis_bits[3]; /* of these */
    int small_index;
    struct divisor small;
    int64_t small_half; /* subtracted from the differences */
    unsigned run;       /* small atoms in a group; holds on until the next change */
    const struct frame_pick *pick;
    double *xyz;
    size_t atom, taken; /* atoms decoded, and those of them that were picked */
};

static unsigned bit_length(unsigned __int128 value)
{
    uint64_t high = (uint64_t)(value >> 64), low = (uint64_t)value;
    if (high)
        return 128 - (unsigned)__builtin_clzll(high);
    return low ? 64 - (unsigned)__builtin_clzll(low) : 0;
}

/* 1 to 56 bits, the first one most significant. The caller has checked that they are
   there. */
static inline uint64_t take_bits(struct decoder *decoder, unsigned n)
{
    uint64_t word = load_u64(decoder->bytes + (decoder->position >> 3), true);
    word = word << (decoder->position & 7) >> (64 - n);
    decoder->position += n;
    return word;
}

/* The same for a number stored in bytes, least significant byte first, the last one
   with the n % 8 bits that are left. */
static inline uint64_t take_bytes(struct decoder *decoder, unsigned n)
{
    uint64_t bits = take_bits(decoder, n);
    unsigned whole = n & ~7U, rest = n & 7;
    if (whole == 0)
        return bits;
    uint64_t swapped = __builtin_bswap64(bits >> rest) >> (64 - whole);
    return swapped | (bits & ((1U << rest) - 1)) << whole;
}

static inline bool has_bits(const struct decoder *decoder, unsigned n)
{
    return n <= decoder->end - decoder->position;
}

/* Three numbers mixed into one of n bits, which were counted before. False when the
   first one exceeds its range, as no encoder leaves it. */
static bool take_mixed(struct decoder *decoder, unsigned n,
                       const struct divisor sizes[3], int64_t out[3])
{
    uint64_t value;
    if (n <= 56) {
        value = take_bytes(decoder, n);
    } else {
        uint64_t low = take_bytes(decoder, 56);
        uint64_t high = take_bytes(decoder, n - 56);
        unsigned __int128 mixed = (unsigned __int128)high << 56 | low;
        if (mixed >> 64) { /* boxes of some hundred nm only */
            out[2] = (int64_t)(mixed % sizes[2].size);
            mixed /= sizes[2].size;
            out[1] = (int64_t)(mixed % sizes[1].size);
            mixed /= sizes[1].size;
            out[0] = (int64_t)mixed;
            return mixed < sizes[0].size;
        }
        value = (uint64_t)mixed;
    }
    out[2] = (int64_t)divisor_split(&sizes[2], &value);
    out[1] = (int64_t)divisor_split(&sizes[1], &value);
    out[0] = (int64_t)value;
    return value < sizes[0].size;
}

static const char *take_large(struct decoder *decoder, int64_t out[3])
{
    const struct xtc_block *block = decoder->block;
    bool valid = true;
    const unsigned *axis_bits = decoder->large_axis_bits;
    unsigned n = decoder->large_bits ? decoder->large_bits
                                     : axis_bits[0] + axis_bits[1] + axis_bits[2];
    /* One bit more, the run flag. */
    if (!has_bits(decoder, n + 1))
        return "the compressed data end too early";
    if (decoder->large_bits) {
        valid = take_mixed(decoder, n, decoder->large, out);
    } else {
        for (int i = 0; i < 3; i++) {
            out[i] = (int64_t)take_bits(decoder, axis_bits[i]);
            valid = valid && (uint64_t)out[i] < decoder->large[i].size;
        }
    }
    for (int i = 0; i < 3; i++)
        out[i] += block->min[i];
    return valid ? NULL : "a coordinate outside the range of its frame";
}

/* Hands out the next atom. */
static const char *emit(struct decoder *decoder, const int64_t at[3])
{
    const struct xtc_block *block = decoder->block;
    for (int i = 0; i < 3; i++)
        if (at[i] < block->min[i] || at[i] > block->max[i])
            return "a coordinate outside the range of its frame";
    if (decoder->taken < decoder->pick->n &&
        decoder->atom == frame_pick_at(decoder->pick, decoder->taken)) {
        double *xyz = decoder->xyz + 3 * decoder->taken++;
        for (int i = 0; i < 3; i++)
            xyz[i] = (double)((float)at[i] * decoder->step_nm) * 10.0;
    }
    decoder->atom++;
    return NULL;
}

/* Enters the table of small ranges; false outside it. */
static bool set_small(struct decoder *decoder, int index)
{
    if (index < XTC_SMALL_FIRST || index > XTC_SMALL_LAST)
        return false;
    decoder->small_index = index;
    decoder->small = divisor_make((uint64_t)xtc_small_sizes[index]);
    decoder->small_half = xtc_small_sizes[index] / 2;
    return true;
}

/* The small atoms of a group whose large one is `large`. */
static const char *decode_run(struct decoder *decoder, const int64_t large[3])
{
    const struct divisor sizes[3] = {decoder->small, decoder->small, decoder->small};
    unsigned n_bits = (unsigned)decoder->small_index;
    int64_t last[3] = {large[0], large[1], large[2]}, at[3];
    if (decoder->run >= decoder->block->n_atoms - decoder->atom)
        return "a run goes beyond the last atom";
    if (!has_bits(decoder, decoder->run * n_bits))
        return "the compressed data end too early";
    for (unsigned k = 0; k < decoder->run; k++) {
        if (!take_mixed(decoder, n_bits, sizes, at))
            return "a small difference outside its range";
        for (int i = 0; i < 3; i++)
            last[i] = at[i] += last[i] - decoder->small_half;
        const char *wrong = emit(decoder, at);
        if (!wrong && k == 0)
            wrong = emit(decoder, large);
        if (wrong)
            return wrong;
    }
    return NULL;
}

static const char *decode_group(struct decoder *decoder)
{
    int64_t large[3];
    const char *wrong = take_large(decoder, large);
    if (wrong)
        return wrong;
    int change = 0;
    if (take_bits(decoder, 1)) {
        if (!has_bits(decoder, RUN_BITS))
            return "the compressed data end too early";
        unsigned code = (unsigned)take_bits(decoder, RUN_BITS);
        decoder->run = code / 3;
        change = (int)(code % 3) - 1;
    }
    wrong = decoder->run ? decode_run(decoder, large) : emit(decoder, large);
    if (wrong)
        return wrong;
    /* The new range holds from the next group on. */
    if (change && !set_small(decoder, decoder->small_index + change))
        return "a range of differences outside the table";
    return NULL;
}

static const char *decoder_init(struct decoder *decoder, const struct xtc_block *block)
{
    unsigned __int128 product = 1;
    bool mixed = true;
    for (int i = 0; i < 3; i++) {
        if (block->min[i] > block->max[i])
            return "a range of coordinates whose ends are exchanged";
        uint64_t size = (uint64_t)((int64_t)block->max[i] - block->min[i]) + 1;
        if (size > UINT32_MAX)
            return "a range of coordinates beyond 32 bits";
        decoder->large[i] = divisor_make(size);
        decoder->large_axis_bits[i] = bit_length(size);
        mixed = mixed && size <= LARGE_SIZE_MAX;
        product *= size;
    }
    decoder->large_bits = mixed ? bit_length(product) : 0;
    return set_small(decoder, block->small_index)
               ? NULL
               : "a range of differences outside the table";
}

const char *xtc_coords_decode(const struct xtc_block *block,
                              const struct frame_pick *pick, double *xyz)
{
    struct decoder decoder = {
        .bytes = block->bytes,
        .end = (uint64_t)block->n_bytes * 8,
        .block = block,
        .step_nm = 1.0F / block->precision,
        .pick = pick,
        .xyz = xyz,
    };
    const char *wrong = decoder_init(&decoder, block);
    while (!wrong && decoder.taken < pick->n) {
        if (decoder.atom >= block->n_atoms)
            return "fewer atoms than the frame claims";
        wrong = decode_group(&decoder);
    }
    return wrong;
}
