/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simd/cells_store.h"
#include "simd/nearest.h"

/* What becomes of a cell when a walker first asks for it. */

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

struct cell {
    const word *fine; /* of a point in it */
    real centre[3];
    real half_diagonal;
    int level;
};

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
    size_t n = cells_keep(t, from, limit);
    if (!cells_lasting_list(cells, t, from, n, limit - cell.half_diagonal - MARGIN,
                            made))
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
    uint32_t *record = cells_new_record(cells, t, 1, &entry);
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
        size_t n = cells_keep(t, from, gap[0]);
        return cells_near(cells, t, n, gap[0], NOWHERE);
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
    size_t n = cells_keep(t, from, limit);
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
        return cells_near(cells, t, n, within, beyond);
    }
    bool hopeless = from->same >= SAME_MAX && 4 * padded(n) > 3 * from->n &&
                    nearly_coincident(t, n, h);
    return hopeless || cell->level == CELLS_LAST
               ? cells_long(cells, t, from, n, limit - h - MARGIN)
               : cells_divide(cells, t, from, n, limit - h - MARGIN);
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
