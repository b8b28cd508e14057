/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "save/xtc_encode.h"

#include "save/store.h"
#include "traj/xtc_sizes.h"

#include <stdbool.h>
#include <string.h>

enum {
    LARGE_SIZE_MAX = 0xffffff, /* beyond, three numbers are not mixed into one */
    RUN_MAX = 8,               /* small atoms that one large atom leads */
    RUN_BITS = 5,
    INDEX_SPAN = 8, /* how far the range of small differences may change */
    /* A large atom of 3 x 32 bits and its flag and run length; small ones are less. */
    ATOM_BITS_MAX = 96 + 1 + RUN_BITS,
};

size_t xtc_encode_bytes_max(size_t n)
{
    /* The bits are stored in words of eight bytes, the last one in part. */
    return n * ((ATOM_BITS_MAX + 7) / 8) + 16;
}

/* Bits, the first one most significant. */
struct bit_sink {
    unsigned char *bytes;
    size_t n;        /* bytes stored */
    uint64_t held;   /* left-aligned */
    unsigned n_held; /* < 64 */
};

/* The low n <= 56 bits of value. */
static inline void put_bits(struct bit_sink *sink, uint64_t value, unsigned n)
{
    if (n == 0)
        return;
    unsigned room = 64 - sink->n_held;
    if (n < room) {
        sink->held |= value << (room - n);
        sink->n_held += n;
        return;
    }
    unsigned left = n - room;
    store_be64(sink->bytes + sink->n, sink->held | value >> left);
    sink->n += 8;
    sink->held = left ? value << (64 - left) : 0;
    sink->n_held = left;
}

static size_t flush_bits(struct bit_sink *sink)
{
    store_be64(sink->bytes + sink->n, sink->held);
    return sink->n + (sink->n_held + 7) / 8;
}

/* A number in bytes, least significant first, the last one with the n % 8 bits that are
   left; n <= 56. */
static inline void put_bytes(struct bit_sink *sink, uint64_t value, unsigned n)
{
    unsigned whole = n & ~7U, rest = n & 7;
    if (whole == 0) {
        put_bits(sink, value, n);
        return;
    }
    uint64_t swapped = __builtin_bswap64(value) >> (64 - whole);
    put_bits(sink, swapped << rest | value >> whole, n);
}

/* Three numbers below their sizes, mixed into one of n bits. */
static inline void put_mixed(struct bit_sink *sink, const uint64_t value[3],
                             const uint64_t size[3], unsigned n)
{
    if (n <= 56) {
        put_bytes(sink, (value[0] * size[1] + value[1]) * size[2] + value[2], n);
        return;
    }
    unsigned __int128 mixed =
        ((unsigned __int128)value[0] * size[1] + value[1]) * size[2] + value[2];
    put_bytes(sink, (uint64_t)mixed & ((UINT64_C(1) << 56) - 1), 56);
    put_bytes(sink, (uint64_t)(mixed >> 56), n - 56);
}

static unsigned bit_length(unsigned __int128 value)
{
    unsigned n = 0;
    for (; value; value >>= 1)
        n++;
    return n;
}

/* The ranges of small differences that a frame moves between. */
struct ranges {
    int index, lowest, highest;
    int64_t half;    /* differences below it in every direction are small */
    int64_t smaller; /* the same for the next smaller range */
    int64_t larger;  /* and for the largest one */
};

static int64_t half_of(int index)
{
    return xtc_small_sizes[index] / 2;
}

static void set_range(struct ranges *ranges, int index)
{
    ranges->index = index;
    ranges->half = half_of(index);
    ranges->smaller = half_of(index > XTC_SMALL_FIRST ? index - 1 : index);
}

struct encoder {
    struct bit_sink sink;
    const int32_t *min;
    uint64_t size[3];
    unsigned mixed_bits; /* of a large atom; 0 where its numbers are not mixed */
    unsigned axis_bits[3];
    struct ranges ranges;
    int32_t (*at)[3];
    size_t n, done;
    unsigned last_run;
};

static inline bool within(const int32_t a[3], const int32_t b[3], int64_t limit)
{
    for (int i = 0; i < 3; i++) {
        int64_t difference = (int64_t)a[i] - b[i];
        if (difference >= limit || -difference >= limit)
            return false;
    }
    return true;
}

static inline bool is_far(const int32_t a[3], const int32_t b[3], int64_t limit)
{
    int64_t sum = 0;
    for (int i = 0; i < 3; i++) {
        int64_t difference = (int64_t)a[i] - b[i];
        sum += difference * difference; /* both differences are small ones */
    }
    return sum >= limit * limit;
}

static void put_large(struct encoder *e, const int32_t at[3])
{
    uint64_t value[3];
    for (int i = 0; i < 3; i++)
        value[i] = (uint64_t)((int64_t)at[i] - e->min[i]);
    if (e->mixed_bits) {
        put_mixed(&e->sink, value, e->size, e->mixed_bits);
        return;
    }
    for (int i = 0; i < 3; i++)
        put_bits(&e->sink, value[i], e->axis_bits[i]);
}

/* How the range should change after the group that begins with this large atom: +1
   where the largest range would have made it a small one, else -1, which only a run of
   atoms that are all near enough confirms. */
static int wanted_change(const struct encoder *e)
{
    const struct ranges *r = &e->ranges;
    if (r->index < r->highest && e->done > 0 &&
        within(e->at[e->done], e->at[e->done - 1], r->larger))
        return 1;
    return r->index > r->lowest ? -1 : 0;
}

/* Atoms that follow one another closely, as differences; the first two are exchanged,
   so that the oxygen of a water, from which both hydrogens are near, comes between. */
static unsigned find_run(struct encoder *e, int *change, uint64_t (*small)[3])
{
    const struct ranges *r = &e->ranges;
    int32_t(*at)[3] = e->at + e->done;
    size_t left = e->n - e->done;
    unsigned run = 0;
    while (run < RUN_MAX && run + 1 < left && within(at[run + 1], at[run], r->half)) {
        if (*change < 0 && is_far(at[run + 1], at[run], r->smaller))
            *change = 0;
        for (int i = 0; i < 3; i++)
            small[run][i] = (uint64_t)((int64_t)at[run + 1][i] - at[run][i] + r->half);
        run++;
    }
    return run;
}

static void exchange_first_two(int32_t (*at)[3])
{
    int32_t kept[3];
    memcpy(kept, at[0], sizeof kept);
    memcpy(at[0], at[1], sizeof kept);
    memcpy(at[1], kept, sizeof kept);
}

static void put_group(struct encoder *e)
{
    uint64_t small[RUN_MAX][3];
    struct ranges *r = &e->ranges;
    int change = wanted_change(e);
    bool pair =
        e->done + 1 < e->n && within(e->at[e->done], e->at[e->done + 1], r->half);
    if (pair)
        exchange_first_two(e->at + e->done);
    else if (change < 0)
        change = 0;
    put_large(e, e->at[e->done]);
    unsigned run = pair ? find_run(e, &change, small) : 0;
    if (run != e->last_run || change != 0) {
        put_bits(&e->sink, 1, 1);
        put_bits(&e->sink, (uint64_t)((int)(3 * run) + change + 1), RUN_BITS);
    } else {
        put_bits(&e->sink, 0, 1);
    }
    e->last_run = run;
    uint64_t size = (uint64_t)xtc_small_sizes[r->index];
    const uint64_t sizes[3] = {size, size, size};
    for (unsigned k = 0; k < run; k++)
        put_mixed(&e->sink, small[k], sizes, (unsigned)r->index);
    e->done += run + 1;
    if (change)
        set_range(r, r->index + change);
}

/* The range to begin with: the first one that the nearest neighbours in order of the
   frame need. */
static void start_ranges(struct ranges *r, const int32_t (*at)[3], size_t n)
{
    int64_t nearest = INT64_MAX;
    for (size_t i = 1; i < n; i++) {
        int64_t sum = 0;
        for (int k = 0; k < 3; k++) {
            int64_t difference = (int64_t)at[i][k] - at[i - 1][k];
            sum += difference < 0 ? -difference : difference;
        }
        nearest = sum < nearest ? sum : nearest;
    }
    int index = XTC_SMALL_FIRST;
    while (index < XTC_SMALL_LAST && xtc_small_sizes[index] < nearest)
        index++;
    r->highest =
        index + INDEX_SPAN < XTC_SMALL_LAST ? index + INDEX_SPAN : XTC_SMALL_LAST;
    r->lowest = r->highest - INDEX_SPAN;
    r->larger = half_of(r->highest);
    set_range(r, index);
}

static void find_limits(const int32_t (*at)[3], size_t n, struct xtc_encoded *out)
{
    memcpy(out->min, at[0], sizeof out->min);
    memcpy(out->max, at[0], sizeof out->max);
    for (size_t i = 1; i < n; i++)
        for (int k = 0; k < 3; k++) {
            out->min[k] = at[i][k] < out->min[k] ? at[i][k] : out->min[k];
            out->max[k] = at[i][k] > out->max[k] ? at[i][k] : out->max[k];
        }
}

static void set_sizes(struct encoder *e, const struct xtc_encoded *out)
{
    unsigned __int128 product = 1;
    bool mixed = true;
    for (int i = 0; i < 3; i++) {
        e->size[i] = (uint64_t)((int64_t)out->max[i] - out->min[i]) + 1;
        e->axis_bits[i] = bit_length(e->size[i]);
        mixed = mixed && e->size[i] <= LARGE_SIZE_MAX;
        product *= e->size[i];
    }
    e->mixed_bits = mixed ? bit_length(product) : 0;
}

void xtc_encode(int32_t (*at)[3], size_t n, unsigned char *bytes,
                struct xtc_encoded *out)
{
    find_limits((const int32_t(*)[3])at, n, out);
    struct encoder e = {
        .sink = {.bytes = bytes},
        .min = out->min,
        .at = at,
        .n = n,
        .last_run = RUN_MAX + 1, /* none: the first group states its own */
    };
    set_sizes(&e, out);
    start_ranges(&e.ranges, (const int32_t(*)[3])at, n);
    out->small_index = e.ranges.index;
    while (e.done < n)
        put_group(&e);
    out->n_bytes = flush_bits(&e.sink);
}
