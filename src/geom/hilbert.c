/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/hilbert.h"

#include "util/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { AXIS_BITS = 20, STATES = 24, OCTANTS = 8 };

struct coded {
    uint64_t code;
    size_t ball;
};

/* A cube at any level is traversed in one of 24 ways: it is entered at corner `entry`
   and left along axis `direction` (state entry + 8 direction). For each way and octant:
   the octant's number along the curve, and how it is traversed itself. Hamilton,
   Rau-Chaplin, "Compact Hilbert indices: space-filling curves for domains with unequal
   side lengths", Inform. Process. Lett. 105, 155 (2008), algorithm for three
   dimensions. */
struct curve {
    uint8_t number[STATES][OCTANTS], next[STATES][OCTANTS];
    /* Two levels at once: number and next way, 8 bits each. */
    uint16_t pair[STATES][OCTANTS * OCTANTS];
};

static unsigned rotate_left(unsigned bits, unsigned by)
{
    by %= 3;
    return (bits << by | bits >> (3 - by)) & 7;
}

static unsigned gray(unsigned i)
{
    return i ^ i >> 1;
}

/* Trailing ones: the axis along which octant i of a curve is left for octant i + 1. */
static unsigned axis_after(unsigned i)
{
    return (unsigned)__builtin_ctz(~i) % 3;
}

static void make_curve(struct curve *curve)
{
    for (unsigned state = 0; state < STATES; state++)
        for (unsigned octant = 0; octant < OCTANTS; octant++) {
            unsigned entry = state % 8, turn = state / 8 + 1;
            unsigned at = rotate_left(octant ^ entry, 3 - turn % 3);
            unsigned i = at ^ at >> 1 ^ at >> 2; /* gray(i) == at */
            unsigned begin = i ? gray((i - 1) & ~1u) : 0;
            unsigned axis = i ? axis_after(i & 1 ? i : i - 1) : 0;
            unsigned new_entry = entry ^ rotate_left(begin, turn);
            unsigned new_direction = (state / 8 + axis + 1) % 3;
            curve->number[state][octant] = (uint8_t)i;
            curve->next[state][octant] = (uint8_t)(new_entry + 8 * new_direction);
        }
}

static void make_pairs(struct curve *curve)
{
    for (unsigned state = 0; state < STATES; state++)
        for (unsigned octants = 0; octants < OCTANTS * OCTANTS; octants++) {
            unsigned outer = octants / OCTANTS, inner = octants % OCTANTS;
            unsigned within = curve->next[state][outer];
            unsigned number =
                8u * curve->number[state][outer] + curve->number[within][inner];
            curve->pair[state][octants] =
                (uint16_t)(number << 8 | curve->next[within][inner]);
        }
}

/* Spreads the low 21 bits of v so that two zero bits follow each. */
static uint64_t spread(uint64_t v)
{
    v &= 0x1fffff;
    v = (v | v << 32) & 0x001f00000000ffffu;
    v = (v | v << 16) & 0x001f0000ff0000ffu;
    v = (v | v << 8) & 0x100f00f00f00f00fu;
    v = (v | v << 4) & 0x10c30c30c30c30c3u;
    v = (v | v << 2) & 0x1249249249249249u;
    return v;
}

/* The lowest coordinate, and the range. */
static double range_of(const double *coordinate, size_t n, double *low)
{
    double high = *low = coordinate[0];
    for (size_t i = 1; i < n; i++) {
        *low = coordinate[i] < *low ? coordinate[i] : *low;
        high = coordinate[i] > high ? coordinate[i] : high;
    }
    return high - *low;
}

/* Sets code to the octants of the cells from the largest to the smallest. */
static void make_octants(const struct balls *b, struct coded *coded)
{
    const double *centre[3] = {b->x, b->y, b->z};
    double low[3], size = 0;
    for (int k = 0; k < 3; k++) {
        double range = range_of(centre[k], b->n, &low[k]);
        size = range > size ? range : size;
    }
    /* Ranges so small that their inverse overflows count as none. */
    double scale = size > 1e-300 ? ((1 << AXIS_BITS) - 1) / size : 0;
    for (size_t i = 0; i < b->n; i++)
        coded[i] =
            (struct coded){spread((uint64_t)((b->x[i] - low[0]) * scale)) |
                               spread((uint64_t)((b->y[i] - low[1]) * scale)) << 1 |
                               spread((uint64_t)((b->z[i] - low[2]) * scale)) << 2,
                           i};
}

static uint64_t along_curve(const struct curve *curve, uint64_t octants)
{
    uint64_t code = 0;
    unsigned state = 0;
    for (int shift = 3 * AXIS_BITS - 6; shift >= 0; shift -= 6) {
        unsigned pair = curve->pair[state][octants >> shift & 63];
        code = code << 6 | pair >> 8;
        state = pair & 0xff;
    }
    return code;
}

/* Stable counting sort by one digit of the code. */
enum { DIGIT_BITS = 10, DIGITS = 1 << DIGIT_BITS };

static void sort_digit(const struct coded *from, struct coded *to, size_t n, int shift)
{
    uint32_t start[DIGITS] = {0}, sum = 0;
    for (size_t i = 0; i < n; i++)
        start[from[i].code >> shift & (DIGITS - 1)]++;
    for (int digit = 0; digit < DIGITS; digit++) {
        uint32_t count = start[digit];
        start[digit] = sum;
        sum += count;
    }
    for (size_t i = 0; i < n; i++)
        to[start[from[i].code >> shift & (DIGITS - 1)]++] = from[i];
}

static void permute(double *values, const struct coded *order, size_t n,
                    double *scratch)
{
    for (size_t i = 0; i < n; i++)
        scratch[i] = values[order[i].ball];
    memcpy(values, scratch, n * sizeof *values);
}

int hilbert_sort(struct balls *balls, struct err *err)
{
    size_t n = balls->n;
    if (n < 2)
        return 0;
    struct coded *coded = alloc_zeroed(2 * n, sizeof *coded, "an order of balls", err);
    double *scratch = alloc_zeroed(n, sizeof *scratch, "an order of balls", err);
    if (!coded || !scratch) {
        free(coded);
        free(scratch);
        return -1;
    }
    struct curve curve;
    make_curve(&curve);
    make_pairs(&curve);
    make_octants(balls, coded);
    for (size_t i = 0; i < n; i++)
        coded[i].code = along_curve(&curve, coded[i].code);
    struct coded *from = coded, *to = coded + n;
    for (int shift = 0; shift < 3 * AXIS_BITS; shift += DIGIT_BITS) {
        sort_digit(from, to, n, shift);
        struct coded *t = from;
        from = to;
        to = t;
    }
    permute(balls->x, from, n, scratch);
    permute(balls->y, from, n, scratch);
    permute(balls->z, from, n, scratch);
    permute(balls->r, from, n, scratch);
    free(coded);
    free(scratch);
    return 0;
}
