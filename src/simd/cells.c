/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simd/cells.h"

#include "simd/cells_list.h"
#include "simd/nearest.h"
#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>

enum { RECORD_BALLS = RECORD_SLOTS - 1 };

/* Numbers of a shape that walkers gather: x y z r, and with boxes their half edges. */
enum { ROW = 4, ROWS = SIMD_BOXES ? 2 : 1 };

/* Nearest surface at the centre over half the diagonal, from which on a cell is far,
   and the part of that distance that its empty ball keeps: together above 1, so that
   the ball holds the cell. */
#define FAR_RATIO ((real)1.2)
#define FAR_KEEPS ((real)0.85)

/* A record may leave balls out when their distance anywhere in the cell is beyond
   (g_(2)(c) + BEYOND_SECOND h) and BEYOND_CELL h: a little too near costs a few shorter
   steps, dividing the cell costs memory and time. */
#define BEYOND_SECOND ((real)0.5)
#define BEYOND_CELL ((real)0.5)

/* Nor need a record list more than the nearest ball where all others are farther than
   so many half diagonals, and far enough for first passage: a ball alone, and a
   molecule whose atoms are all equally far from it. */
#define ALONE ((real)8)

/* First passage to the nearest ball needs a second one that is about twice as far. */
#define PASSAGE_RATIO ((real)1.8)

/* An enclosing ball is worth while for a cell when its surface is as far away as this
   many half diagonals and this part of the distance to the body. */
#define OUTER_CELL ((real)1.2)
#define OUTER_GAP ((real)0.3)

/* On bodies of more than a few balls an enclosing ball so many half diagonals away is
   taken without a look at the body. */
#define OUTER_SURE ((real)2)
enum { FEW_BALLS = 64 };

/* Levels without shorter lists after which cells are not divided any more. */
enum { SAME_MAX = 3 };

enum { OUTER_LEVEL = CELLS_TOP - 1 };

/* Rounding of a distance within the cube. */
#define MARGIN ((real)(VEC_REAL == 32 ? 6e-7 : 2e-15))

struct cells_thread {
    struct arena arena;
    uint32_t node, nodes_end; /* indices left in this thread's chunk */
    uint32_t record, records_end;
    /* Candidates of the cell being made: distances of all, and what is kept. */
    size_t capacity;
    real *memory;
    real *gap, *kept_gap;
    struct cells_list kept;
};

struct cell {
    const word *fine; /* of a point in it */
    real centre[3];
    real half_diagonal;
    int level;
};

/* Copies the balls with gap <= limit to t->kept (not padded); returns their number. */
static size_t keep(struct cells_thread *t, const struct cells_list *list, real limit)
{
    const struct cells_list l = *list, kept = t->kept;
    const real *gaps = t->gap;
    real *kept_gap = t->kept_gap;
    size_t n = 0;
    for (size_t i = 0; i < l.n; i += VEC_LANES) {
        vreal gap = vec_load(gaps + i);
        unsigned bits = vec_bits(gap <= limit);
        if (!bits)
            continue;
        vec_compress(kept_gap + n, gap, bits);
        vec_compress(kept.x + n, vec_load(l.x + i), bits);
        vec_compress(kept.y + n, vec_load(l.y + i), bits);
        vec_compress(kept.z + n, vec_load(l.z + i), bits);
        vec_compress(kept.r + n, vec_load(l.r + i), bits);
        for (int k = 0; k < 3 && SIMD_BOXES; k++)
            vec_compress(kept.half[k] + n, vec_load(l.half[k] + i), bits);
        vec_compress_u32(kept.place + n, l.place + i, bits);
        n += vec_count(bits);
    }
    for (size_t i = n; i < padded(n); i++)
        t->kept_gap[i] = NOWHERE;
    return n;
}

/* Index of the first of n new nodes or units, or CELLS_UNMADE without memory. */
static uint32_t take_index(uint32_t *next, uint32_t *end, uint32_t n,
                           atomic_uint *chunks, void **directory, size_t bytes)
{
    if (*end - *next < n) {
        unsigned chunk = atomic_fetch_add(chunks, 1);
        if (chunk >= CELLS_CHUNKS)
            return CELLS_UNMADE;
        if (!directory[chunk])
            directory[chunk] = aligned_alloc(64, bytes * CELLS_CHUNK);
        if (!directory[chunk])
            return CELLS_UNMADE;
        *next = chunk * CELLS_CHUNK;
        *end = *next + CELLS_CHUNK;
    }
    *next += n;
    return *next - n;
}

static uint32_t *new_record(struct cells *cells, struct cells_thread *t, uint32_t units,
                            uint32_t *entry)
{
    uint32_t index =
        take_index(&t->record, &t->records_end, units, &cells->record_chunks,
                   (void **)cells->record, CELLS_UNIT * sizeof(uint32_t));
    if (index == CELLS_UNMADE)
        return NULL;
    *entry = CELLS_NEAR | (units - 1) << 28 | index;
    return (uint32_t *)(uintptr_t)cells_record(cells, *entry);
}

static uint32_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Lists the kept balls within `limit`, at most RECORD_BALLS of the n. */
static uint32_t make_near(struct cells *cells, struct cells_thread *t, size_t n,
                          real limit, real beyond)
{
    uint32_t slot[RECORD_SLOTS], used = 1, entry = CELLS_UNMADE;
    slot[0] = float_bits((float)(beyond * (real)(1 - 1e-7)));
    for (size_t i = 0; i < n && used < RECORD_SLOTS; i++)
        if (t->kept_gap[i] <= limit)
            slot[used++] = t->kept.place[i];
    uint32_t units = (used + CELLS_UNIT - 1) / CELLS_UNIT;
    while (used % BATCH)
        slot[used++] = cells->nowhere;
    uint32_t *record = new_record(cells, t, used / CELLS_UNIT, &entry);
    if (!record)
        return CELLS_UNMADE;
    memcpy(record, slot, used * sizeof *slot);
    return CELLS_NEAR | (units - 1) << 28 | (entry & CELLS_INDEX);
}

/* The kept balls where they last, or the list that they came from when that is hardly
   longer: nearly coincident balls would otherwise be copied for every cell. */
static bool lasting_list(const struct cells *cells, struct cells_thread *t,
                         const struct cells_list *from, size_t n, real bound,
                         struct cells_list *out)
{
    size_t end = padded(n);
    if (4 * end > 3 * from->n) {
        *out = *from;
        out->same++;
        return true;
    }
    void *at = arena_take(&t->arena, list_bytes(end));
    if (!at)
        return false;
    list_place(out, at, end);
    out->bound = bound < from->bound ? bound : from->bound;
    memcpy(out->x, t->kept.x, n * sizeof(real));
    memcpy(out->y, t->kept.y, n * sizeof(real));
    memcpy(out->z, t->kept.z, n * sizeof(real));
    memcpy(out->r, t->kept.r, n * sizeof(real));
    for (int k = 0; k < 3 && SIMD_BOXES; k++)
        memcpy(out->half[k], t->kept.half[k], n * sizeof(real));
    memcpy(out->place, t->kept.place, n * sizeof(uint32_t));
    list_pad(out, n, end, cells->nowhere);
    return true;
}

/* At the finest level: too many balls for a record, and no smaller cells. */
static uint32_t make_long(struct cells *cells, struct cells_thread *t,
                          const struct cells_list *from, size_t n, real bound)
{
    uint32_t entry = CELLS_UNMADE;
    uint32_t *record = new_record(cells, t, 1, &entry);
    struct cells_list *list = arena_take(&t->arena, sizeof *list);
    if (!record || !list || !lasting_list(cells, t, from, n, bound, list))
        return CELLS_UNMADE;
    record[0] = RECORD_LONG;
    memcpy(record + 2, &list, sizeof list);
    return entry;
}

static uint32_t make_divided(struct cells *cells, struct cells_thread *t,
                             const struct cells_list *from, size_t n, real bound)
{
    uint32_t index = take_index(&t->node, &t->nodes_end, 1, &cells->node_chunks,
                                (void **)cells->node, sizeof(struct cells_node));
    if (index == CELLS_UNMADE)
        return CELLS_UNMADE;
    struct cells_node *node = cells_node(cells, index);
    for (int i = 0; i < CELLS_SONS; i++)
        atomic_init(&node->entry[i], CELLS_UNMADE);
    if (!lasting_list(cells, t, from, n, bound, &node->list))
        return CELLS_UNMADE;
    return CELLS_DIVIDED | index;
}

/* The cell of a level that a point is in. */
static struct cell cell_at(const word fine[3], int level)
{
    const int shift = CELLS_LAST - level;
    const real unit = 2 * CELLS_HALF / (real)((word)1 << CELLS_LAST);
    real side = (real)((word)1 << shift) * unit;
    struct cell cell = {
        .fine = fine, .level = level, .half_diagonal = side * (real)0.8660255 + MARGIN};
    for (int k = 0; k < 3; k++)
        cell.centre[k] = ((real)(fine[k] >> shift) + (real)0.5) * side - CELLS_HALF;
    return cell;
}

/* The distance within which balls can be first or second in a cell. */
static real matter_limit(const struct cell *cell, real second)
{
    real limit = second + 2 * cell->half_diagonal + MARGIN;
    return limit < NOWHERE / 2 ? limit : NOWHERE / 2;
}

/* The list of the cell of a level above the grid that a point is in; NULL without
   memory. Level 0 is there from the beginning. */
static const struct cells_list *coarse_list(struct cells *cells, unsigned thread,
                                            const word fine[3], int level)
{
    /* 1 + 8 + ... + 8^(level - 1) lists come before those of the level. */
    size_t index = ((size_t)1 << 3 * level) / 7 + cells_index(fine, level);
    struct cells_list *list =
        atomic_load_explicit(&cells->coarse[index], memory_order_acquire);
    if (list)
        return list;
    const struct cells_list *from = coarse_list(cells, thread, fine, level - 1);
    struct cells_thread *t = &cells->thread[thread];
    struct cells_list *made = arena_take(&t->arena, sizeof *made);
    if (!from || !made)
        return NULL;
    struct cell cell = cell_at(fine, level);
    real gap[2];
    measure(from, cell.centre, t->gap, &gap[0], &gap[1]);
    real limit = matter_limit(&cell, gap[1]);
    size_t n = keep(t, from, limit);
    if (!lasting_list(cells, t, from, n, limit - cell.half_diagonal - MARGIN, made))
        return NULL;
    return atomic_compare_exchange_strong(&cells->coarse[index], &list, made) ? made
                                                                              : list;
}

/* Coordinates of a point on the finest level; false outside the cube. */
static bool fine_of(const real p[3], word fine[3])
{
    const real scale = (real)((word)1 << CELLS_LAST) / (2 * CELLS_HALF);
    for (int k = 0; k < 3; k++) {
        if (!(p[k] > -CELLS_HALF && p[k] < CELLS_HALF))
            return false;
        fine[k] = (word)(sword)((p[k] + CELLS_HALF) * scale);
    }
    return fine[0] >> CELLS_LAST == 0 && fine[1] >> CELLS_LAST == 0 &&
           fine[2] >> CELLS_LAST == 0;
}

/* The largest ball that moves out from the cell's centre along `axis` and stays close
   to the nearest surface, `gap` away: a walker near one side of a large ball leaves it
   close by, near that surface. */
static bool grow_far(struct cells *cells, unsigned thread, const struct cell *cell,
                     const real axis[3], real gap, real ball[4])
{
    const real keep_gap = gap * FAR_KEEPS;
    memcpy(ball, cell->centre, sizeof cell->centre);
    ball[3] = gap - MARGIN;
    for (real shift = 2 * gap; shift < 2; shift *= 4) {
        real p[3], first, second;
        word fine[3];
        for (int k = 0; k < 3; k++)
            p[k] = cell->centre[k] + shift * axis[k];
        if (!fine_of(p, fine))
            return true;
        const struct cells_list *list = coarse_list(cells, thread, fine, CELLS_TOP - 1);
        if (!list)
            return false;
        measure(list, p, cells->thread[thread].gap, &first, &second);
        if (first - shift < keep_gap)
            return true;
        memcpy(ball, p, sizeof p);
        ball[3] = first - MARGIN;
    }
    return true;
}

/* From the nearest point of a box, or the centre of a ball, to the cell's centre. */
static void away_from(const struct cells_list *list, size_t i, const struct cell *cell,
                      real axis[3])
{
    axis[0] = cell->centre[0] - list->x[i];
    axis[1] = cell->centre[1] - list->y[i];
    axis[2] = cell->centre[2] - list->z[i];
    for (int k = 0; k < 3 && SIMD_BOXES; k++) {
        real half = list->half[k][i], d = axis[k];
        axis[k] = d > half ? d - half : d < -half ? d + half : 0;
    }
}

static uint32_t make_far(struct cells *cells, unsigned thread, const struct cell *cell,
                         const struct cells_list *from, real gap)
{
    struct cells_thread *t = &cells->thread[thread];
    uint32_t entry = CELLS_UNMADE;
    size_t nearest = index_of(t->gap, gap);
    real axis[3];
    away_from(from, nearest, cell, axis);
    for (int k = 0; k < 3; k++)
        axis[k] /= from->r[nearest] + gap;
    real ball[4];
    if (!grow_far(cells, thread, cell, axis, gap, ball))
        return CELLS_UNMADE;
    uint32_t *record = new_record(cells, t, 1, &entry);
    if (!record)
        return CELLS_UNMADE;
    memcpy(record, ball, sizeof ball);
    return entry & CELLS_INDEX;
}

/* The enclosing ball whose surface is farthest from the centre of the cell's father (a
   cell of the grid's; smaller ones take their forefather's), and how far it is from the
   cell's own centre. */
static uint32_t find_outer(struct cells *cells, const struct cell *cell, real *away)
{
    const struct cells_list *list = &cells->outer_list;
    _Atomic uint32_t *best = &cells->outer_best[cells_index(cell->fine, OUTER_LEVEL)];
    uint32_t ball = atomic_load_explicit(best, memory_order_relaxed);
    if (ball == CELLS_UNMADE) {
        real distance[CELLS_OUTERS], first, second;
        struct cell father = cell_at(cell->fine, OUTER_LEVEL);
        measure(list, father.centre, distance, &first, &second);
        ball = (uint32_t)index_of(distance, largest(distance, CELLS_OUTERS));
        atomic_store_explicit(best, ball, memory_order_relaxed);
    }
    real dx = cell->centre[0] - list->x[ball], dy = cell->centre[1] - list->y[ball],
         dz = cell->centre[2] - list->z[ball];
    *away = sqrt_real(dx * dx + dy * dy + dz * dz) - list->r[ball];
    return CELLS_OUTER | ball * (uint32_t)sizeof cells->outer[0];
}

/* Whether the n kept balls are almost one: all of them matter in every cell around. */
static bool nearly_coincident(const struct cells_thread *t, size_t n, real h)
{
    const struct cells_list *k = &t->kept;
    real least = k->r[0];
    for (int axis = 0; axis < 3 && SIMD_BOXES && k->r[0] <= 0; axis++)
        least = axis == 0 || k->half[axis][0] < least ? k->half[axis][0] : least;
    const real eighth = least / 8, most = h < eighth ? h : eighth;
    for (size_t i = 1; i < n; i++) {
        real dx = k->x[i] - k->x[0], dy = k->y[i] - k->y[0], dz = k->z[i] - k->z[0];
        real dr = k->r[i] - k->r[0], rest = most - (dr < 0 ? -dr : dr);
        for (int axis = 0; axis < 3 && SIMD_BOXES; axis++) {
            real edge = k->half[axis][i] - k->half[axis][0];
            rest -= edge < 0 ? -edge : edge;
        }
        if (rest < 0 || dx * dx + dy * dy + dz * dz > rest * rest)
            return false;
    }
    return true;
}

/* Whether a walker at the cell's centre would use first passage: to a ball that needs a
   second one about twice as far, to a box that faces it. */
static bool passes(const struct cells_thread *t, const struct cells_list *from,
                   const struct cell *cell, const real gap[2])
{
    size_t nearest = SIMD_BOXES ? index_of(t->gap, gap[0]) : 0;
    if (!SIMD_BOXES || from->r[nearest] > 0)
        return gap[1] >= PASSAGE_RATIO * gap[0];
    const real d[3] = {cell->centre[0] - from->x[nearest],
                       cell->centre[1] - from->y[nearest],
                       cell->centre[2] - from->z[nearest]};
    real edge = gap[1];
    int beside = 0;
    for (int k = 0; k < 3; k++) {
        real q = (d[k] < 0 ? -d[k] : d[k]) - from->half[k][nearest];
        beside += q > 0;
        edge = q <= 0 && -q < edge ? -q : edge;
    }
    return beside == 1 && edge >= PASSAGE_RATIO * gap[0];
}

static uint32_t make(struct cells *cells, unsigned thread, const struct cell *cell,
                     const struct cells_list *from)
{
    struct cells_thread *t = &cells->thread[thread];
    real gap[2], h = cell->half_diagonal;
    measure(from, cell->centre, t->gap, &gap[0], &gap[1]);
    if (gap[0] + h < -MARGIN) { /* wholly inside one ball: nobody asks */
        size_t n = keep(t, from, gap[0]);
        return make_near(cells, t, n, gap[0], NOWHERE);
    }
    if (!passes(t, from, cell, gap)) {
        real away;
        uint32_t outer = find_outer(cells, cell, &away);
        if (away >= OUTER_CELL * h && away >= OUTER_GAP * gap[0])
            return outer;
        if (gap[0] >= FAR_RATIO * h)
            return make_far(cells, thread, cell, from, gap[0]);
    }
    real limit = matter_limit(cell, gap[1]);
    size_t n = keep(t, from, limit);
    real within = gap[1] + (1 + BEYOND_SECOND) * h + MARGIN;
    real least = (1 + BEYOND_CELL) * h + MARGIN;
    within = within < least ? least : within;
    within = within < limit ? within : limit;
    bool fits = count_within(t->kept_gap, padded(n), within) <= RECORD_BALLS;
    if (!fits && gap[1] >= ALONE * h && passes(t, from, cell, gap)) {
        within = (real)0.5 * (gap[0] + gap[1]); /* the nearest */
        fits = true;
    }
    if (fits) {
        real beyond = smallest_beyond(t->kept_gap, n, within);
        beyond = beyond < limit ? beyond : limit;
        beyond -= h + MARGIN;
        beyond = beyond < from->bound ? beyond : from->bound;
        return make_near(cells, t, n, within, beyond);
    }
    bool hopeless = from->same >= SAME_MAX && 4 * padded(n) > 3 * from->n &&
                    nearly_coincident(t, n, h);
    return hopeless || cell->level == CELLS_LAST
               ? make_long(cells, t, from, n, limit - h - MARGIN)
               : make_divided(cells, t, from, n, limit - h - MARGIN);
}

/* Publishes an entry: who comes first wins, all would publish the same. */
static uint32_t publish(struct cells *cells, uint32_t made, _Atomic uint32_t *entry)
{
    uint32_t was = CELLS_UNMADE;
    if (made == CELLS_UNMADE) {
        atomic_store(&cells->failed, true);
        return CELLS_OUTER;
    }
    return atomic_compare_exchange_strong(entry, &was, made) ? made : was;
}

/* Far out the lists would be long, and the distance to the body does not matter. */
static uint32_t make_top(struct cells *cells, unsigned thread, const word fine[3])
{
    struct cell cell = cell_at(fine, CELLS_TOP);
    real away;
    uint32_t outer = cells->all.n > FEW_BALLS ? find_outer(cells, &cell, &away) : 0;
    if (outer && away >= OUTER_SURE * cell.half_diagonal)
        return outer;
    const struct cells_list *from = coarse_list(cells, thread, fine, CELLS_TOP - 1);
    return from ? make(cells, thread, &cell, from) : CELLS_UNMADE;
}

uint32_t cells_make_top(struct cells *cells, unsigned thread, const word fine[3])
{
    return publish(cells, make_top(cells, thread, fine),
                   &cells->top[cells_index(fine, CELLS_TOP)]);
}

uint32_t cells_make_son(struct cells *cells, unsigned thread, uint32_t divided,
                        int level, const word fine[3])
{
    struct cells_node *node = cells_node(cells, divided);
    struct cell cell = cell_at(fine, level);
    return publish(cells, make(cells, thread, &cell, &node->list),
                   &node->entry[cells_son_index(fine, level)]);
}

static int thread_reserve(struct cells_thread *t, size_t n, struct err *err)
{
    /* Compressing writes a vector past the end. */
    size_t need = padded(n) + BATCH;
    if (t->capacity < need) {
        free(t->memory);
        t->capacity = 0;
        t->memory =
            alloc_zeroed(1, list_bytes(need) + 2 * need * sizeof(real), "cells", err);
        if (!t->memory)
            return -1;
        t->capacity = need;
        t->gap = t->memory;
        t->kept_gap = t->memory + need;
        list_place(&t->kept, t->memory + 2 * need, need);
    }
    t->arena.at = t->arena.used = 0;
    t->node = t->nodes_end = t->record = t->records_end = 0;
    return 0;
}

static int reserve(struct cells *cells, size_t n, struct err *err)
{
    size_t end = padded(n);
    if (cells->capacity < end) {
        free(cells->all.x);
        free(cells->ball);
        cells->all.x = NULL;
        cells->half = NULL;
        cells->capacity = 0;
        cells->ball = alloc_zeroed(end + 1, ROWS * ROW * sizeof(real), "cells", err);
        void *rows = alloc_zeroed(1, list_bytes(end), "cells", err);
        list_place(&cells->all, rows, end);
        if (!cells->ball || !rows)
            return -1;
        if (SIMD_BOXES)
            cells->half = cells->ball + ROW * (end + 1);
        cells->capacity = end;
    }
    list_place(&cells->all, cells->all.x, end);
    cells->nowhere = (uint32_t)(n * 4 * sizeof(real));
    return 0;
}

/* Shape i of the list, its radius set and its half edges zero. */
static void take_place(struct cells *cells, size_t i)
{
    const struct cells_list *all = &cells->all;
    real ball[ROW] = {all->x[i], all->y[i], all->z[i], all->r[i]};
    all->place[i] = (uint32_t)(i * sizeof ball);
    memcpy(cells->ball + ROW * i, ball, sizeof ball);
    for (int k = 0; k < 3 && SIMD_BOXES; k++)
        cells->half[ROW * i + (size_t)k] = all->half[k][i];
}

static void take_shapes(struct cells *cells, const struct balls *balls,
                        const struct boxes *boxes, double radius)
{
    struct cells_list *all = &cells->all;
    size_t n_boxes = SIMD_BOXES && boxes ? boxes->n : 0, n = balls->n + n_boxes;
    for (size_t i = 0; i < balls->n; i++) {
        all->x[i] = (real)(balls->x[i] / radius);
        all->y[i] = (real)(balls->y[i] / radius);
        all->z[i] = (real)(balls->z[i] / radius);
        all->r[i] = (real)(balls->r[i] / radius);
        for (int k = 0; k < 3 && SIMD_BOXES; k++)
            all->half[k][i] = 0;
        take_place(cells, i);
    }
    for (size_t i = balls->n; i < n; i++) {
        const struct box *box = &boxes->at[i - balls->n];
        real *const centre[3] = {all->x, all->y, all->z};
        for (int k = 0; k < 3; k++) {
            centre[k][i] = (real)(0.5 * (box->high[k] + box->low[k]) / radius);
            all->half[k][i] = (real)(0.5 * (box->high[k] - box->low[k]) / radius);
        }
        all->r[i] = 0;
        take_place(cells, i);
    }
    const real nowhere[ROW] = {NOWHERE, NOWHERE, NOWHERE, 0};
    memcpy(cells->ball + ROW * n, nowhere, sizeof nowhere);
    for (size_t k = 0; k < ROW && SIMD_BOXES; k++)
        cells->half[ROW * n + k] = 0;
    list_pad(all, n, all->n, cells->nowhere);
}

/* Balls of the body's size and larger that touch it from outside on the side away from
   a direction: centres on rays from the launch centre, radii to the farthest surface.
   The directions are a spherical Fibonacci lattice. */
static void make_outers(struct cells *cells)
{
    static const real shift[CELLS_SHIFTS] = {(real)0.3, (real)1, (real)3};
    const double turn_cosine = -0.73736887807831990, turn_sine = 0.67549029426152364;
    struct cells_list *list = &cells->outer_list;
    list_place(list, cells->outer_memory, CELLS_OUTERS);
    for (size_t i = 0; i < CELLS_OUTERS; i++) {
        list->x[i] = list->y[i] = list->z[i] = 0;
        list->r[i] = 1;
        for (int k = 0; k < 3 && SIMD_BOXES; k++)
            list->half[k][i] = 0;
    }
    double cosine = 1, sine = 0;
    for (size_t i = 0; i < CELLS_DIRECTIONS; i++) {
        double z = 1 - (2 * (double)i + 1) / CELLS_DIRECTIONS;
        double across = sqrt(1 - z * z);
        for (size_t k = 0; k < CELLS_SHIFTS; k++) {
            size_t at = 1 + i * CELLS_SHIFTS + k;
            list->x[at] = (real)(across * cosine) * shift[k];
            list->y[at] = (real)(across * sine) * shift[k];
            list->z[at] = (real)z * shift[k];
            const real centre[3] = {list->x[at], list->y[at], list->z[at]};
            list->r[at] = farthest(&cells->all, centre) + 8 * MARGIN;
        }
        double next = cosine * turn_cosine - sine * turn_sine;
        sine = cosine * turn_sine + sine * turn_cosine;
        cosine = next;
    }
    for (size_t i = 0; i < CELLS_OUTERS; i++) {
        const real row[4] = {list->x[i], list->y[i], list->z[i], list->r[i]};
        memcpy(cells->outer[i], row, sizeof row);
    }
}

int cells_set(struct cells *cells, const struct balls *balls, const struct boxes *boxes,
              double launch_radius, struct err *err)
{
    size_t n = balls->n + (SIMD_BOXES && boxes ? boxes->n : 0);
    atomic_store(&cells->node_chunks, 0);
    atomic_store(&cells->record_chunks, 0);
    atomic_store(&cells->failed, false);
    for (size_t i = 0; i < CELLS_GRID; i++)
        atomic_store_explicit(&cells->top[i], CELLS_UNMADE, memory_order_relaxed);
    for (size_t i = 0; i < CELLS_COARSE; i++)
        atomic_store_explicit(&cells->coarse[i], NULL, memory_order_relaxed);
    for (size_t i = 0; i < CELLS_FATHERS; i++)
        atomic_store_explicit(&cells->outer_best[i], CELLS_UNMADE,
                              memory_order_relaxed);
    for (unsigned i = 0; i < cells->n_threads; i++)
        if (thread_reserve(&cells->thread[i], n, err) < 0)
            return -1;
    if (reserve(cells, n, err) < 0)
        return -1;
    take_shapes(cells, balls, boxes, launch_radius);
    make_outers(cells);
    atomic_store(&cells->coarse[0], &cells->all);
    return 0;
}

struct cells *cells_create(unsigned n_threads, struct err *err)
{
    struct cells *cells = alloc_zeroed(1, sizeof *cells, "cells", err);
    if (!cells)
        return NULL;
    cells->n_threads = n_threads;
    cells->node = alloc_zeroed(CELLS_CHUNKS, sizeof *cells->node, "cells", err);
    cells->record = alloc_zeroed(CELLS_CHUNKS, sizeof *cells->record, "cells", err);
    cells->thread = alloc_zeroed(n_threads, sizeof *cells->thread, "cells", err);
    if (cells->node && cells->record && cells->thread)
        return cells;
    cells_destroy(cells);
    return NULL;
}

void cells_destroy(struct cells *cells)
{
    if (!cells)
        return;
    for (size_t i = 0; i < CELLS_CHUNKS; i++) {
        if (cells->node)
            free(cells->node[i]);
        if (cells->record)
            free(cells->record[i]);
    }
    for (unsigned i = 0; cells->thread && i < cells->n_threads; i++) {
        arena_fini(&cells->thread[i].arena);
        free(cells->thread[i].memory);
    }
    free(cells->thread);
    free(cells->node);
    free(cells->record);
    free(cells->all.x);
    free(cells->ball);
    free(cells);
}
