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
    RUN_MAX = 31 / 3,
    PEEK_BITS = 57,      /* that a look at the stream shows at least */
    ATOMS_AT_ONCE = 512, /* decoded, then converted: this stays in the nearest cache */
};

/* A divisor with its reciprocal, because decoding is mostly dividing. */
struct divisor {
    uint64_t size, reciprocal;
};

static struct divisor divisor_make(uint64_t size)
{
    return (struct divisor){size, UINT64_MAX / size};
}

/* The reciprocal is too small by less than one in 2^64 parts of the quotient, which is
   therefore right or one too small. */
static inline uint64_t divisor_quotient(const struct divisor *divisor, uint64_t value)
{
    uint64_t quotient =
        (uint64_t)(((unsigned __int128)value * divisor->reciprocal) >> 64);
    return quotient + (value - quotient * divisor->size >= divisor->size);
}

/* Three numbers below size[0], size[1], size[2], mixed into one of n_bits bits. */
struct mixture {
    unsigned n_bits;
    uint64_t size[3];
    struct divisor last, last_two; /* size[2], size[1] size[2] */
};

static unsigned bit_length(unsigned __int128 value)
{
    uint64_t high = (uint64_t)(value >> 64), low = (uint64_t)value;
    if (high)
        return 128 - (unsigned)__builtin_clzll(high);
    return low ? 64 - (unsigned)__builtin_clzll(low) : 0;
}

static struct mixture mixture_make(const uint64_t size[3], unsigned n_bits)
{
    return (struct mixture){
        .n_bits = n_bits,
        .size = {size[0], size[1], size[2]},
        .last = divisor_make(size[2]),
        .last_two = divisor_make(size[1] * size[2]), /* each below 2^24 */
    };
}

struct decoder {
    const unsigned char *bytes;
    uint64_t position, end; /* in bits */
    const struct xtc_block *block;
    struct mixture large;        /* n_bits 0 where there are three numbers */
    unsigned large_axis_bits[3]; /* of these */
    int small_index;
    struct mixture small;
    uint32_t small_half; /* subtracted from the differences */
    uint32_t span[3];    /* of the frame's integers: max - min */
    unsigned run;        /* small atoms in a group; holds on until the next change */
    size_t atom;         /* decoded */
    /* Integers of the atoms from `base` on that are not converted yet. Differences wrap
       around in 32 bits; whoever leaves the range that way is caught. */
    size_t base;
    uint32_t at[ATOMS_AT_ONCE + RUN_MAX + 1][3];
};

/* The bits from the present position on, in the upper PEEK_BITS at least of the word.
   The padding makes the load valid wherever `end` has been minded. */
static inline uint64_t peek(const struct decoder *decoder)
{
    uint64_t word = load_u64(decoder->bytes + (decoder->position >> 3), true);
    return word << (decoder->position & 7);
}

/* 1 to PEEK_BITS bits, the first one most significant. */
static inline uint64_t take_bits(struct decoder *decoder, unsigned n)
{
    uint64_t bits = peek(decoder) >> (64 - n);
    decoder->position += n;
    return bits;
}

/* The same for a number stored in bytes, least significant byte first, the last one
   with the n % 8 bits that are left. */
static inline uint64_t take_bytes(struct decoder *decoder, unsigned n)
{
    uint64_t word = peek(decoder);
    unsigned whole = n & ~7U, rest = n & 7;
    uint64_t low = __builtin_bswap64(word) & ((UINT64_C(1) << whole) - 1);
    uint64_t high = word << whole >> 1 >> (63 - rest);
    decoder->position += n;
    return low | high << whole;
}

static inline bool has_bits(const struct decoder *decoder, unsigned n)
{
    return n <= decoder->end - decoder->position;
}

/* A mixture that fits into 64 bits. False when the first number exceeds its range, as
   no encoder leaves it. */
static inline bool unmix(const struct mixture *mixture, uint64_t value, uint32_t out[3])
{
    uint64_t upper = divisor_quotient(&mixture->last, value);
    uint64_t first = divisor_quotient(&mixture->last_two, value);
    out[2] = (uint32_t)(value - upper * mixture->size[2]);
    out[1] = (uint32_t)(upper - first * mixture->size[1]);
    out[0] = (uint32_t)first;
    return first < mixture->size[0];
}

/* Any mixture, the bits of which have been counted. */
static bool take_mixed(struct decoder *decoder, const struct mixture *mixture,
                       uint32_t out[3])
{
    enum { FIRST_BITS = 56 };
    if (mixture->n_bits <= FIRST_BITS)
        return unmix(mixture, take_bytes(decoder, mixture->n_bits), out);
    uint64_t low = take_bytes(decoder, FIRST_BITS);
    uint64_t high = take_bytes(decoder, mixture->n_bits - FIRST_BITS);
    unsigned __int128 mixed = (unsigned __int128)high << FIRST_BITS | low;
    if (!(mixed >> 64))
        return unmix(mixture, (uint64_t)mixed, out);
    /* Boxes of some hundred nm only. */
    out[2] = (uint32_t)(mixed % mixture->size[2]);
    mixed /= mixture->size[2];
    out[1] = (uint32_t)(mixed % mixture->size[1]);
    mixed /= mixture->size[1];
    out[0] = (uint32_t)mixed;
    return mixed < mixture->size[0];
}

static const char too_early[] = "the compressed data end too early";
static const char outside[] = "a coordinate outside the range of its frame";

/* The large atom of a group, relative to `min`. */
static inline const char *take_large(struct decoder *decoder, uint32_t out[3])
{
    const unsigned *axis_bits = decoder->large_axis_bits;
    unsigned n = decoder->large.n_bits ? decoder->large.n_bits
                                       : axis_bits[0] + axis_bits[1] + axis_bits[2];
    /* One bit more, the run flag. */
    if (!has_bits(decoder, n + 1))
        return too_early;
    bool valid = true;
    if (decoder->large.n_bits)
        valid = take_mixed(decoder, &decoder->large, out);
    else
        for (int i = 0; i < 3; i++) {
            out[i] = (uint32_t)take_bits(decoder, axis_bits[i]);
            valid = valid && out[i] <= decoder->span[i];
        }
    return valid ? NULL : outside;
}

/* Enters the table of small ranges; false outside it. */
static bool set_small(struct decoder *decoder, int index)
{
    if (index < XTC_SMALL_FIRST || index > XTC_SMALL_LAST)
        return false;
    uint64_t size = (uint64_t)xtc_small_sizes[index];
    decoder->small_index = index;
    decoder->small =
        mixture_make((const uint64_t[3]){size, size, size}, (unsigned)index);
    decoder->small_half = (uint32_t)size / 2;
    return true;
}

/* The small atoms of a group whose large one is `large`. The loop is where decoding
   spends its time: nothing in it branches on the data. */
static inline const char *decode_run(struct decoder *decoder, const uint32_t large[3],
                                     uint32_t (*at)[3])
{
    const struct mixture small = decoder->small;
    uint32_t half = decoder->small_half, last[3] = {large[0], large[1], large[2]};
    bool narrow = small.n_bits <= PEEK_BITS - 1, valid = true;
    if (decoder->run >= decoder->block->n_atoms - decoder->atom)
        return "a run goes beyond the last atom";
    if (!has_bits(decoder, decoder->run * small.n_bits))
        return too_early;
    for (unsigned k = 0; k < decoder->run; k++) {
        uint32_t *out = at[k ? k + 1 : 0];
        uint32_t difference[3];
        if (narrow)
            valid &= unmix(&small, take_bytes(decoder, small.n_bits), difference);
        else
            valid &= take_mixed(decoder, &small, difference);
        for (int i = 0; i < 3; i++) {
            last[i] += difference[i] - half;
            out[i] = last[i];
            valid &= last[i] <= decoder->span[i];
        }
    }
    for (int i = 0; i < 3; i++)
        at[decoder->run ? 1 : 0][i] = large[i];
    return valid ? NULL : outside;
}

static const char *decode_group(struct decoder *decoder)
{
    uint32_t large[3];
    const char *wrong = take_large(decoder, large);
    if (wrong)
        return wrong;
    int change = 0;
    if (take_bits(decoder, 1)) {
        if (!has_bits(decoder, RUN_BITS))
            return too_early;
        unsigned code = (unsigned)take_bits(decoder, RUN_BITS);
        decoder->run = code / 3;
        change = (int)(code % 3) - 1;
    }
    wrong = decode_run(decoder, large, decoder->at + (decoder->atom - decoder->base));
    if (wrong)
        return wrong;
    decoder->atom += decoder->run + 1;
    /* The new range holds from the next group on. */
    if (change && !set_small(decoder, decoder->small_index + change))
        return "a range of differences outside the table";
    return NULL;
}

/* n atoms to A. The coordinate in nm is a product of floats in GROMACS, which all
   readers have taken over; any other arithmetic differs from them in the seventh
   digit. */
static void convert(const struct xtc_block *block, const uint32_t (*at)[3], size_t n,
                    double *xyz)
{
    const float step_nm = 1.0F / block->precision;
    const uint32_t min[3] = {(uint32_t)block->min[0], (uint32_t)block->min[1],
                             (uint32_t)block->min[2]};
    for (size_t k = 0; k < n; k++)
        for (int i = 0; i < 3; i++)
            xyz[3 * k + (size_t)i] =
                (double)((float)(int32_t)(at[k][i] + min[i]) * step_nm) * 10.0;
}

/* Hands out the decoded atoms that are picked, *taken and those behind, and forgets
   all. */
static void flush(struct decoder *decoder, const struct frame_pick *pick, size_t *taken,
                  double *xyz)
{
    while (*taken < pick->n) {
        size_t first = frame_pick_at(pick, *taken), n = 1;
        if (first >= decoder->atom)
            break;
        size_t most = decoder->atom - first;
        most = most < pick->n - *taken ? most : pick->n - *taken;
        if (!pick->pick)
            n = most;
        while (n < most && frame_pick_at(pick, *taken + n) == first + n)
            n++;
        convert(decoder->block,
                (const uint32_t(*)[3])decoder->at + (first - decoder->base), n,
                xyz + 3 * *taken);
        *taken += n;
    }
    decoder->base = decoder->atom;
}

static const char *decoder_init(struct decoder *decoder, const struct xtc_block *block)
{
    unsigned __int128 product = 1;
    uint64_t size[3];
    bool mixed = true;
    decoder->bytes = block->bytes;
    decoder->position = 0;
    decoder->end = (uint64_t)block->n_bytes * 8;
    decoder->block = block;
    decoder->atom = decoder->base = 0;
    decoder->run = 0;
    for (int i = 0; i < 3; i++) {
        if (block->min[i] > block->max[i])
            return "a range of coordinates whose ends are exchanged";
        size[i] = (uint64_t)((int64_t)block->max[i] - block->min[i]) + 1;
        if (size[i] > UINT32_MAX)
            return "a range of coordinates beyond 32 bits";
        decoder->span[i] = (uint32_t)(size[i] - 1);
        decoder->large_axis_bits[i] = bit_length(size[i]);
        mixed = mixed && size[i] <= LARGE_SIZE_MAX;
        product *= size[i];
    }
    decoder->large.n_bits = 0;
    if (mixed)
        decoder->large = mixture_make(size, bit_length(product));
    return set_small(decoder, block->small_index)
               ? NULL
               : "a range of differences outside the table";
}

const char *xtc_coords_decode(const struct xtc_block *block,
                              const struct frame_pick *pick, double *xyz)
{
    struct decoder decoder; /* some kilobytes, not to be cleared for each frame */
    const char *wrong = decoder_init(&decoder, block);
    size_t taken = 0;
    size_t wanted = pick->n ? frame_pick_at(pick, pick->n - 1) + 1 : 0;
    while (!wrong && decoder.atom < wanted) {
        if (decoder.atom >= block->n_atoms)
            return "fewer atoms than the frame claims";
        wrong = decode_group(&decoder);
        if (decoder.atom - decoder.base >= ATOMS_AT_ONCE)
            flush(&decoder, pick, &taken, xyz);
    }
    if (!wrong)
        flush(&decoder, pick, &taken, xyz);
    return wrong;
}
