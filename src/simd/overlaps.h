/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_OVERLAPS_H
#define FRAMEWALK_SIMD_OVERLAPS_H

#include "geom/bvh.h"
#include "simd/vec.h"

/* Which balls overlap a ball. */

/* Balls that overlap one ball, and nodes that may have some of them: where there are
   more, the tree is asked for every point. */
enum { OVERLAPS_MAX = 1024, NODES_MAX = 64 };

/* Leaves that are looked into before it is seen how many balls there are: a branch that
   waits for their number costs more than a leaf. */
enum { LEAVES_AT_ONCE = 16, OVERLAPS_FULL = OVERLAPS_MAX - EIGHT * LEAVES_AT_ONCE };

/* The balls that overlap one ball `of`: a point p of it (in its radii from its centre)
   is in ball j, at d = c_j - c_of, when |p - d|^2 <= r_j^2, or

       p . a + k <= -|p|^2 with a = -2 d and k = |d|^2 - r_j^2 in such units.

   k is small for all that overlap, so that single precision loses nothing however much
   larger ball j is. */
struct overlaps {
    size_t of, leaf; /* SIZE_MAX: none yet */
    unsigned n_nodes;
    uint32_t node[NODES_MAX]; /* of level 0, whose leaves may meet the box of `leaf` */
    uint32_t meeting[EIGHT * NODES_MAX]; /* leaves that meet the box of ball `of` */
    unsigned n;                          /* whole rows */
    bool too_many;
    uint32_t ball[OVERLAPS_MAX];
    float a[3][OVERLAPS_MAX], k[OVERLAPS_MAX];
};

enum { DOUBLES = VEC_BYTES / 8 };

typedef double doubles __attribute__((vector_size(VEC_BYTES)));
typedef float floats __attribute__((vector_size(VEC_BYTES / 2)));

static inline doubles doubles_load(const double *from)
{
    doubles out;
    memcpy(&out, from, sizeof out);
    return out;
}

/* Rounded to single precision. */
static inline void doubles_store(float *to, doubles v)
{
    floats rounded = __builtin_convertvector(v, floats);
    memcpy(to, &rounded, sizeof rounded);
}

/* Stores base + i for each bit i that is set, one behind the other; writes a whole row.
   Returns how many there are. */
static inline unsigned overlaps_append(uint32_t *to, uint32_t base, unsigned bits)
{
#if VEC_X86 && VEC_BYTES == 32
    __m128i from = _mm_loadl_epi64((const void *)&vec_rows[bits]);
    __m256i row = _mm256_cvtepu8_epi32(from);
    row = _mm256_add_epi32(row, _mm256_set1_epi32((int)base));
    _mm256_storeu_si256((void *)to, row);
#elif VEC_X86
    __m256i row = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    row = _mm256_maskz_compress_epi32((__mmask8)bits, row);
    row = _mm256_add_epi32(row, _mm256_set1_epi32((int)base));
    _mm256_storeu_si256((void *)to, row);
#else
    for (unsigned i = 0, n = 0; i < EIGHT; i++) {
        to[n] = base + i;
        n += bits >> i & 1;
    }
#endif
    return vec_count(bits);
}

/* Fills overlaps->node. */
static inline void overlaps_find_nodes(struct overlaps *overlaps, const struct bvh *bvh,
                                       size_t leaf)
{
    const struct bvh_node *node = bvh_node(bvh, 0, leaf / EIGHT);
    struct bvh_place place;
    for (int k = 0; k < 3; k++) {
        place.low[k] = node->low[k][leaf % EIGHT];
        place.high[k] = node->high[k][leaf % EIGHT];
    }
    overlaps->leaf = leaf;
    overlaps->n_nodes = 0;
    struct bvh_walk walk;
    size_t near;
    if (bvh->levels == 1)
        overlaps->node[overlaps->n_nodes++] = 0;
    else
        bvh_walk_begin(&walk, bvh, &place);
    while (bvh->levels > 1 && overlaps->n_nodes < NODES_MAX &&
           bvh_walk_down(&walk, 1, &near))
        overlaps->node[overlaps->n_nodes++] = (uint32_t)near;
}

/* Fills overlaps->ball with the numbers of the balls that may overlap the one at
   `place`, itself among them. */
static inline void overlaps_find_balls(struct overlaps *overlaps, const struct bvh *bvh,
                                       const struct bvh_place *place)
{
    unsigned meeting = 0, n = 0;
    for (unsigned i = 0; i < overlaps->n_nodes; i++) {
        uint32_t node = overlaps->node[i];
        meeting += overlaps_append(
            overlaps->meeting + meeting, EIGHT * node,
            bvh_children(bvh_node(bvh, 0, node), place->low, place->high));
    }
    for (unsigned i = 0; i < meeting && n <= OVERLAPS_FULL;) {
        unsigned end = i + LEAVES_AT_ONCE < meeting ? i + LEAVES_AT_ONCE : meeting;
        for (; i < end; i++) {
            uint32_t leaf = overlaps->meeting[i];
            n += overlaps_append(overlaps->ball + n, EIGHT * leaf,
                                 bvh_leaf_near(&bvh->leaf[leaf], place));
        }
    }
    overlaps->n = n;
}

/* Fills overlaps->a and overlaps->k, in whole rows: the ball itself, which is to
   contain no point, takes what is left of the last one. */
static inline void overlaps_set_planes(struct overlaps *overlaps, const struct balls *b,
                                       const double c[3], double inverse)
{
    const double *centre[3] = {b->x, b->y, b->z};
    const uint32_t of = (uint32_t)overlaps->of, *ball = overlaps->ball;
    for (unsigned i = 0; i < EIGHT; i++)
        overlaps->ball[overlaps->n + i] = of;
    overlaps->n = (overlaps->n + EIGHT - 1) / EIGHT * EIGHT;
    for (unsigned i = 0; i < overlaps->n; i += DOUBLES) {
        doubles k, r;
        for (int l = 0; l < DOUBLES; l++)
            r[l] = b->r[ball[i + (unsigned)l]];
        r *= inverse;
        k = -r * r;
        for (int axis = 0; axis < 3; axis++) {
            doubles d;
            for (int l = 0; l < DOUBLES; l++)
                d[l] = centre[axis][ball[i + (unsigned)l]];
            d = (d - c[axis]) * inverse;
            k += d * d;
            doubles_store(overlaps->a[axis] + i, -2.0 * d);
        }
        doubles_store(overlaps->k + i, k);
    }
    for (unsigned i = 0; i < overlaps->n; i++)
        overlaps->k[i] = ball[i] == of ? INFINITY : overlaps->k[i];
}

static inline void overlaps_find(struct overlaps *overlaps, const struct bvh *bvh,
                                 size_t of)
{
    const struct balls *b = bvh->balls;
    const double c[3] = {b->x[of], b->y[of], b->z[of]};
    struct bvh_place place;
    if (overlaps->leaf != of / EIGHT)
        overlaps_find_nodes(overlaps, bvh, of / EIGHT);
    bvh_place_set(&place, bvh, c, b->r[of]);
    overlaps_find_balls(overlaps, bvh, &place);
    overlaps->of = of;
    overlaps->too_many = overlaps->n_nodes == NODES_MAX || overlaps->n > OVERLAPS_FULL;
    if (overlaps->too_many)
        return;
    overlaps_set_planes(overlaps, b, c, 1 / b->r[of]);
}

#endif
