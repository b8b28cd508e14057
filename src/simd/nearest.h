/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_NEAREST_H
#define FRAMEWALK_SIMD_NEAREST_H

#include "simd/cells.h"
#include "simd/queue.h"

/* The nearest ball of each lane of a batch and lower bounds of the distances to all
   others: to those that the cell lists, and to those beyond. */
struct nearest {
    real ball[BATCH][4];
    real second[BATCH], beyond[BATCH];
    word place[BATCH]; /* of the ball, in bytes */
};

/* Distances are compared with their last bits replaced by the ball's slot in its list:
   the smallest then says which ball it belongs to. Where that picks the second nearest
   ball instead, `second` is the nearest one's distance: still an empty sphere. */
enum { NEAREST_SLOT = RECORD_SLOTS - 1 };

/* Two smallest keys. */
struct nearest_pair {
    vreal first, second;
};

static inline struct nearest_pair nearest_join(struct nearest_pair a,
                                               struct nearest_pair b)
{
    return (struct nearest_pair){
        vec_min(a.first, b.first),
        vec_min(vec_max(a.first, b.first), vec_min(a.second, b.second))};
}

#if VEC_BYTES * 8 / VEC_REAL == 16
#define NEAREST_SWAP_8(v) \
    __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)
#define NEAREST_SWAP_4(v) \
    __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11)
#define NEAREST_SWAP_2(v) \
    __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
#define NEAREST_SWAP_1(v) \
    __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
#elif VEC_BYTES * 8 / VEC_REAL == 8
#define NEAREST_SWAP_4(v) __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3)
#define NEAREST_SWAP_2(v) __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5)
#define NEAREST_SWAP_1(v) __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6)
#elif VEC_BYTES * 8 / VEC_REAL == 4
#define NEAREST_SWAP_2(v) __builtin_shufflevector(v, v, 2, 3, 0, 1)
#define NEAREST_SWAP_1(v) __builtin_shufflevector(v, v, 1, 0, 3, 2)
#else
#define NEAREST_SWAP_1(v) __builtin_shufflevector(v, v, 1, 0)
#endif

#define NEAREST_FOLD(pair, SWAP) \
    nearest_join(pair, (struct nearest_pair){SWAP((pair).first), SWAP((pair).second)})

/* Over the lanes; the result is in all of them. */
static inline struct nearest_pair nearest_across(struct nearest_pair pair)
{
#ifdef NEAREST_SWAP_8
    pair = NEAREST_FOLD(pair, NEAREST_SWAP_8);
#endif
#ifdef NEAREST_SWAP_4
    pair = NEAREST_FOLD(pair, NEAREST_SWAP_4);
#endif
#ifdef NEAREST_SWAP_2
    pair = NEAREST_FOLD(pair, NEAREST_SWAP_2);
#endif
    return NEAREST_FOLD(pair, NEAREST_SWAP_1);
}

static inline vword nearest_lanes(void)
{
    vword lane = vec_all_word(0);
    for (unsigned i = 0; i < VEC_LANES; i++)
        lane[i] = i;
    return lane;
}

/* Adds balls to a pair; `slot`: numbers of the lanes, `half`: half edges of those that
   are boxes, which are at distance 0 from what is inside them. */
static inline void nearest_add(struct nearest_pair *best, const vreal ball[4],
                               const vreal half[3], const vreal p[3], vword slot)
{
    vreal d[3] = {p[0] - ball[0], p[1] - ball[1], p[2] - ball[2]};
    for (int k = 0; k < 3 && SIMD_BOXES; k++)
        d[k] = vec_max(vec_abs(d[k]) - half[k], vec_all(0));
    vreal gap = vec_sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) - ball[3];
    vreal key = (vreal)(((vword)gap & ~(word)NEAREST_SLOT) | slot);
    best->second = vec_min(best->second, vec_max(best->first, key));
    best->first = vec_min(best->first, key);
}

static inline word nearest_bits(vreal key)
{
    real first = key[0];
    word bits;
    memcpy(&bits, &first, sizeof bits);
    return bits;
}

static inline real nearest_floor(vreal key)
{
    word bits = nearest_bits(key) & ~(word)NEAREST_SLOT;
    real out;
    memcpy(&out, &bits, sizeof out);
    return out;
}

/* The rare list that has no end of a record: by brute force. Returns the ball's place.
 */
static uint32_t nearest_in_list(const struct cells_list *list, const vreal p[3],
                                real *second)
{
    real first = CELLS_NOTHING;
    uint32_t place = list->place[0];
    *second = CELLS_NOTHING;
    for (size_t at = 0; at < list->n; at += BATCH) {
        struct nearest_pair pair = {vec_all(CELLS_NOTHING), vec_all(CELLS_NOTHING)};
        for (unsigned i = 0; i < BATCH; i += VEC_LANES) {
            const vreal ball[4] = {
                vec_load(list->x + at + i), vec_load(list->y + at + i),
                vec_load(list->z + at + i), vec_load(list->r + at + i)};
            vreal half[3] = {{0}};
            for (int k = 0; k < 3 && SIMD_BOXES; k++)
                half[k] = vec_load(list->half[k] + at + i);
            nearest_add(&pair, ball, half, p, nearest_lanes() + i);
        }
        pair = nearest_across(pair);
        real low = nearest_floor(pair.first), next = nearest_floor(pair.second);
        if (low < first) {
            *second = first < next ? first : next;
            first = low;
            place = list->place[at + (nearest_bits(pair.first) & NEAREST_SLOT)];
        } else if (low < *second) {
            *second = low;
        }
    }
    return place;
}

/* The balls at VEC_LANES places, of which the first is `first`. */
static inline void nearest_add_slots(struct nearest_pair *best,
                                     const struct cells *cells, uint32_t first,
                                     const uint32_t *slots, const vreal p[3],
                                     vword slot)
{
    vreal ball[4], half[4] = {{0}};
    vec_gather_rows(cells->ball, first, slots, ball);
    if (SIMD_BOXES)
        vec_gather_rows(cells->half, first, slots, half);
    nearest_add(best, ball, half, p, slot);
}

/* Of the balls of a record. */
static inline uint32_t nearest_in_record(const struct cells *cells,
                                         const uint32_t *record, unsigned units,
                                         const vreal p[3], real *second)
{
    struct nearest_pair best = {vec_all(CELLS_NOTHING), vec_all(CELLS_NOTHING)};
    /* Slot 0 is not a ball. */
    nearest_add_slots(&best, cells, cells->nowhere, record, p, nearest_lanes());
    for (unsigned i = VEC_LANES; i < units * CELLS_UNIT; i += VEC_LANES)
        nearest_add_slots(&best, cells, record[i], record + i, p, nearest_lanes() + i);
    best = nearest_across(best);
    *second = nearest_floor(best.second);
    word slot = nearest_bits(best.first) & NEAREST_SLOT;
    return slot ? record[slot] : cells->nowhere;
}

/* The largest ball that touches the nearest surface from outside, has the walker on the
   axis, and touches nothing else: its centre is at x + tau u, u pointing from the
   nearest ball's centre to the walker x, its radius s + tau, s being the walker's
   distance. Ball k with w = x - c_k stays outside as long as

       2 tau (r_k + s - w.u) <= |w|^2 - (r_k + s)^2.

   Adds VEC_LANES balls to lower limits of tau; `other` masks the nearest ball itself
   out. */
static inline vreal nearest_room(vreal tau, const vreal ball[4], const vreal p[3],
                                 const vreal u[3], vreal s, vmask other)
{
    vreal dx = p[0] - ball[0], dy = p[1] - ball[1], dz = p[2] - ball[2];
    vreal reach = ball[3] + s;
    vreal slope = reach - (dx * u[0] + dy * u[1] + dz * u[2]);
    vreal room = dx * dx + dy * dy + dz * dz - reach * reach;
    vreal limit = vec_max(room, vec_all(0)) / (slope + slope);
    return vec_select(other & (slope > (real)0), vec_min(limit, tau), tau);
}

static inline real nearest_lowest(vreal v)
{
    struct nearest_pair pair = {v, v};
    return nearest_across(pair).first[0];
}

/* tau of one walker, at most `most`. */
static inline real nearest_tau(const struct cells *cells, uint32_t entry,
                               uint32_t nearest, const vreal p[3], const vreal u[3],
                               vreal s, real most)
{
    const uint32_t *record = cells_record(cells, entry);
    vreal tau = vec_all(most), ball[4];
    if (record[0] == RECORD_LONG) /* a second search would cost too much */
        return 0;
    for (unsigned i = 0; i < cells_units(entry) * CELLS_UNIT; i += VEC_LANES) {
        vec_gather_rows(cells->ball, i ? record[i] : cells->nowhere, record + i, ball);
        vmask other = vec_load_u32(record + i) != (word)nearest;
        tau = nearest_room(tau, ball, p, u, s, other);
    }
    return nearest_lowest(tau);
}

/* For the walkers of a queue (x, y, z, tag, entry) from `at` on. */
static inline void nearest_find(const struct cells *cells, const struct queue *queue,
                                unsigned at, struct nearest *near)
{
    for (unsigned i = 0; i < BATCH; i++) {
        uint32_t entry = (uint32_t)queue->field[4][at + i], place;
        const uint32_t *record = cells_record(cells, entry);
        vreal p[3];
        for (int k = 0; k < 3; k++) {
            real x;
            memcpy(&x, &queue->field[k][at + i], sizeof x);
            p[k] = vec_all(x);
        }
        float beyond;
        memcpy(&beyond, record, sizeof beyond);
        near->beyond[i] = (real)beyond;
        if (__builtin_expect(record[0] == RECORD_LONG, 0)) {
            const struct cells_list *list;
            memcpy(&list, record + 2, sizeof list);
            near->beyond[i] = CELLS_NOTHING;
            place = nearest_in_list(list, p, &near->second[i]);
        } else {
            place = nearest_in_record(cells, record, cells_units(entry), p,
                                      &near->second[i]);
        }
        near->place[i] = place;
        memcpy(near->ball[i], (const char *)cells->ball + place, sizeof near->ball[i]);
    }
}

#endif
