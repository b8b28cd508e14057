/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simd/passage.h"
#include "simd/wave.h"

void wave_launch(struct wave *w, unsigned first, unsigned live)
{
    struct random_draw height, turn;
    random_draw(&w->random, &height);
    random_draw(&w->random, &turn);
    word number[BATCH];
    for (unsigned i = 0; i < BATCH; i++)
        number[i] = first + i;
    for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
        vreal sine, cosine, n[3];
        n[2] = (real)2 * random_uniform(&height, g) - (real)1;
        random_turn(&turn, g, &sine, &cosine);
        vreal across = vec_sqrt(((real)1 - n[2]) * ((real)1 + n[2]));
        n[0] = across * cosine;
        n[1] = across * sine;
        vword field[PLACED] = {(vword)n[0], (vword)n[1], (vword)n[2],
                               vec_load_word(number + g)};
        queue_push(&w->locate, field, PLACED, group_bits(live, g));
        for (int k = 0; k < 3; k++)
            vec_store(&w->start[k][first + g], n[k]);
    }
}

/* Coordinates of a batch's places in cells of the finest level. */
static inline void fine_places(const struct wave *w, unsigned at, word fine[3][BATCH])
{
    const real last = (real)(((word)1 << CELLS_LAST) - 1);
    const real scale = (real)((word)1 << CELLS_LAST) / (2 * CELLS_HALF);
    for (int k = 0; k < 3; k++)
        for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
            vreal p = (queue_real(&w->locate, X + k, at + g) + CELLS_HALF) * scale;
            p = vec_min(vec_max(p, vec_all(0)), vec_all(last));
            vec_store_word(&fine[k][g], (vword)vec_to_sword(p));
        }
}

/* Entries of a batch's cells, divided ones followed to the end; depth is their level.
 */
static inline void find_entries(struct wave *w, word fine[3][BATCH], word entry[BATCH])
{
    struct cells *cells = w->cells;
    unsigned divided = 0;
    for (unsigned i = 0; i < BATCH; i++) {
        word at[3] = {fine[0][i], fine[1][i], fine[2][i]};
        uint32_t e = atomic_load_explicit(&cells->top[cells_index(at, CELLS_TOP)],
                                          memory_order_acquire);
        if (__builtin_expect(e == CELLS_UNMADE, 0))
            e = cells_make_top(cells, w->thread, at);
        entry[i] = e;
        divided |= (unsigned)(e >= CELLS_DIVIDED) << i;
    }
    for (int level = CELLS_TOP + 1; divided; level++)
        for (unsigned rest = divided; rest; rest &= rest - 1) {
            unsigned i = (unsigned)__builtin_ctz(rest);
            word at[3] = {fine[0][i], fine[1][i], fine[2][i]};
            struct cells_node *node = cells_node(cells, (uint32_t)entry[i]);
            uint32_t e = atomic_load_explicit(&node->entry[cells_son_index(at, level)],
                                              memory_order_acquire);
            if (__builtin_expect(e == CELLS_UNMADE, 0))
                e = cells_make_son(cells, w->thread, (uint32_t)entry[i], level, at);
            entry[i] = e;
            divided &= ~((unsigned)(e < CELLS_DIVIDED) << i);
        }
}

void wave_locate(struct wave *w, unsigned at, unsigned live)
{
    word fine[3][BATCH], entry[BATCH];
    fine_places(w, at, fine);
    find_entries(w, fine, entry);
    for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
        vword tag = queue_word(&w->locate, TAG, at + g) + TAG_STEP;
        unsigned bits = group_bits(live, g);
        unsigned tired = bits & vec_bits(tag >> TAG_BITS > (word)WALK_STEPS_MAX);
        if (tired) {
            w->truncated += vec_count(tired);
            w->alive -= vec_count(tired);
            bits &= ~tired;
        }
        w->steps += vec_count(bits);
        vword cell = vec_load_word(entry + g);
        unsigned low = vec_bits((cell & CELLS_NEAR) == (word)0);
        unsigned outer = low & vec_bits((vmask)cell >= (sword)CELLS_OUTER);
        vword field[STEP_FIELDS] = {queue_word(&w->locate, X, at + g),
                                    queue_word(&w->locate, Y, at + g),
                                    queue_word(&w->locate, Z, at + g), tag, cell};
        queue_push(&w->near, field, NEAR_FIELDS, bits & ~low);
        queue_push(&w->far, field, NEAR_FIELDS, bits & low & ~outer);
        field[OUTER] = cell - CELLS_OUTER;
        queue_push(&w->outside, field, OUTSIDE_FIELDS, bits & outer);
    }
    for (unsigned i = 0; i < BATCH; i++)
        if (!(entry[i] & CELLS_OUTER)) {
            const uint32_t *record = cells_record(w->cells, (uint32_t)entry[i]);
            __builtin_prefetch(record);
            __builtin_prefetch(record + cells_units((uint32_t)entry[i]) * CELLS_UNIT -
                               1);
        }
}

/* To a uniform point of a sphere about the walker. */
void wave_step(struct wave *w, unsigned at, unsigned live)
{
    struct random_draw height, turn;
    random_draw(&w->random, &height);
    random_draw(&w->random, &turn);
    for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
        vreal sine, cosine, radius = queue_real(&w->step, RADIUS, at + g);
        vreal z = (real)2 * random_uniform(&height, g) - (real)1;
        random_turn(&turn, g, &sine, &cosine);
        vreal across = radius * vec_sqrt(((real)1 - z) * ((real)1 + z));
        vreal p[3] = {queue_real(&w->step, X, at + g) + across * cosine,
                      queue_real(&w->step, Y, at + g) + across * sine,
                      queue_real(&w->step, Z, at + g) + radius * z};
        wave_move_on(w, p, queue_word(&w->step, TAG, at + g), group_bits(live, g));
    }
}

/* To the surface of an empty ball that the walker is in, mostly to its near side. */
void wave_far(struct wave *w, unsigned at, unsigned live)
{
    struct random_draw angle, turn;
    random_draw(&w->random, &angle);
    random_draw(&w->random, &turn);
    real rows[BATCH][4];
    uint32_t place[BATCH];
    for (unsigned i = 0; i < BATCH; i++) {
        cells_far(w->cells, (uint32_t)w->far.field[ENTRY][at + i], rows[i]);
        place[i] = i * (uint32_t)sizeof rows[0];
    }
    for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
        vreal u[3], p[3], ball[4], sine, cosine, square = vec_all(0);
        vec_gather_rows(rows[0], place[g], place + g, ball);
        for (int k = 0; k < 3; k++) {
            u[k] = queue_real(&w->far, X + k, at + g) - ball[k];
            square += u[k] * u[k];
        }
        /* At the very centre any axis will do. */
        vreal r = vec_max(vec_sqrt(square), vec_all((real)1e-20));
        vreal inverse = (real)1 / r, scale = (real)1 / ball[3];
        for (int k = 0; k < 3; k++)
            u[k] *= inverse;
        vreal m = passage_poisson(r * scale, (ball[3] - r) * scale,
                                  random_uniform(&angle, g));
        random_turn(&turn, g, &sine, &cosine);
        passage_turn(u, ball[3] * ((real)1 - m), ball[3] * passage_sine(m), sine,
                     cosine, p);
        for (int k = 0; k < 3; k++)
            p[k] += ball[k];
        wave_move_on(w, p, queue_word(&w->far, TAG, at + g), group_bits(live, g));
    }
}

/* Outside a ball that encloses the body, mostly the launch sphere: to its surface with
   probability radius / r, or never. */
void wave_outside(struct wave *w, unsigned at, unsigned live)
{
    struct random_draw back, height, turn;
    random_draw(&w->random, &back);
    random_draw(&w->random, &height);
    random_draw(&w->random, &turn);
    uint32_t place[BATCH];
    for (unsigned i = 0; i < BATCH; i++)
        place[i] = (uint32_t)w->outside.field[OUTER][at + i];
    for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
        vreal u[3], p[3], ball[4], sine, cosine;
        vec_gather_rows(w->cells->outer[0], place[g], place + g, ball);
        for (int k = 0; k < 3; k++)
            u[k] = queue_real(&w->outside, X + k, at + g) - ball[k];
        vreal r = vec_sqrt(u[0] * u[0] + u[1] * u[1] + u[2] * u[2]);
        vreal inverse = (real)1 / r, radius = ball[3];
        for (int k = 0; k < 3; k++)
            u[k] *= inverse;
        unsigned bits = group_bits(live, g);
        unsigned gone = bits & vec_bits(random_uniform(&back, g) * r >= radius);
        w->alive -= vec_count(gone);
        vreal m = passage_poisson(radius * inverse, (r - radius) * inverse,
                                  random_uniform(&height, g));
        random_turn(&turn, g, &sine, &cosine);
        passage_turn(u, radius * ((real)1 - m), radius * passage_sine(m), sine, cosine,
                     p);
        for (int k = 0; k < 3; k++)
            p[k] += ball[k];
        /* On the launch sphere counts as inside, whatever the rounding. */
        vmask out = (p[0] * p[0] + p[1] * p[1] + p[2] * p[2] > (real)1.00001);
        unsigned outside = vec_bits(out);
        vword field[OUTSIDE_FIELDS] = {(vword)p[0], (vword)p[1], (vword)p[2],
                                       queue_word(&w->outside, TAG, at + g),
                                       vec_all_word(0)};
        queue_push(&w->outside, field, OUTSIDE_FIELDS, bits & ~gone & outside);
        queue_push(&w->locate, field, PLACED, bits & ~gone & ~outside);
    }
}
