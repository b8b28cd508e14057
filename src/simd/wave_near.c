/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simd/nearest.h"
#include "simd/passage.h"
#include "simd/wave.h"

/* Radii of tangent balls, in launch radii: larger ones gain nothing but rounding. */
#define TANGENT_MAX ((real)1)
/* Not worth while below so many times the present gap. */
#define TANGENT_MIN ((real)0.5)

/* In a near cell: a trial of a hit where first passage pays, else the end in the skin
   or a step on the largest empty sphere. */
void wave_near(struct wave *w, unsigned at, unsigned live)
{
    struct random_draw choose, angle, accept;
    random_draw(&w->random, &choose);
    random_draw(&w->random, &angle);
    random_draw(&w->random, &accept);
    struct nearest near;
    nearest_find(w->cells, &w->near, at, &near);
    uint32_t rows[VEC_LANES];
    for (unsigned i = 0; i < VEC_LANES; i++)
        rows[i] = i * 4 * (uint32_t)sizeof(real);
    for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
        vreal p[3], u[3], c[4];
        vec_gather_rows(near.ball[g], 0, rows, c);
        vreal square = vec_all(0);
        for (int k = 0; k < 3; k++) {
            p[k] = queue_real(&w->near, X + k, at + g);
            u[k] = p[k] - c[k];
            square += u[k] * u[k];
        }
        vreal d = vec_sqrt(square), inverse = (real)1 / d;
        for (int k = 0; k < 3; k++)
            u[k] *= inverse;
        vreal a = c[3], beyond = vec_load(&near.beyond[g]);
        vreal s = d - a;
        vreal second = vec_load(&near.second[g]);
        vreal empty = vec_min(vec_min(second, beyond), vec_all(WAVE_EMPTY_MAX));
        vreal rho = passage_radius(a, d, s, empty);
        vmask arrived = s <= (real)0;
        vmask passes = ~arrived & (rho > WAVE_PASSAGE_GAIN * s);
        vmask ends = arrived | (~passes & (s < w->skin) & (s < beyond));
        struct passage q = passage_of(a, s, rho);
        vreal m;
        vmask hits = passes & passage_hit(&q, inverse, random_uniform(&choose, g),
                                          random_uniform(&angle, g),
                                          random_uniform(&accept, g), &m);
        unsigned bits = group_bits(live, g);
        vword tag = queue_word(&w->near, TAG, at + g);
        if (SIMD_BOXES) {
            unsigned boxes = bits & vec_bits(a <= (real)0);
            vword field[FACE_FIELDS] = {(vword)p[0],
                                        (vword)p[1],
                                        (vword)p[2],
                                        tag,
                                        vec_load_word(&near.place[g]),
                                        (vword)second,
                                        (vword)beyond};
            queue_push(&w->face, field, FACE_FIELDS, boxes);
            bits &= ~boxes;
        }
        unsigned hit = bits & vec_bits(hits), skin = bits & vec_bits(ends),
                 passage = bits & vec_bits(passes);
        vword ball[ESCAPE_FIELDS] = {(vword)u[0], (vword)u[1], (vword)u[2], (vword)c[0],
                                     (vword)c[1], (vword)c[2], tag,         (vword)a,
                                     (vword)s,    (vword)rho};
        queue_push(&w->escape, ball, ESCAPE_FIELDS, passage & ~hit);
        ball[ANGLE_M] = (vword)vec_select(ends, vec_all(0), m);
        queue_push(&w->hit, ball, HIT_FIELDS, hit | skin);
        w->skin_hits += vec_count(skin);
        unsigned stays = bits & ~(passage | skin);
        /* The last bits of the distances decided which ball is the nearest: see
           nearest.h. */
        vreal gap = vec_min(s, second);
        vword place[STEP_FIELDS] = {(vword)p[0], (vword)p[1], (vword)p[2], tag,
                                    (vword)vec_min(gap, beyond)};
        vreal most = vec_min((beyond - gap) * (real)0.5, vec_all(TANGENT_MAX));
        unsigned tangent = SIMD_BOXES ? 0 : stays & vec_bits(most > TANGENT_MIN * gap);
        queue_push(&w->step, place, STEP_FIELDS, stays & ~tangent);
        vword field[TANGENT_FIELDS] = {(vword)p[0],
                                       (vword)p[1],
                                       (vword)p[2],
                                       tag,
                                       queue_word(&w->near, ENTRY, at + g),
                                       (vword)u[0],
                                       (vword)u[1],
                                       (vword)u[2],
                                       (vword)gap,
                                       (vword)most,
                                       vec_load_word(&near.place[g])};
        queue_push(&w->tangent, field, TANGENT_FIELDS, tangent);
    }
}

/* On a large empty ball that touches the nearest one between the two: the walker leaves
   it close to where they touch, at a distance of about the square of the present one.
 */
void wave_tangent(struct wave *w, unsigned at, unsigned live)
{
    struct random_draw angle, turn;
    random_draw(&w->random, &angle);
    random_draw(&w->random, &turn);
    real tau[BATCH];
    for (unsigned i = 0; i < BATCH; i++) {
        real v[8];
        for (int k = 0; k < 3; k++) {
            memcpy(&v[k], &w->tangent.field[X + k][at + i], sizeof *v);
            memcpy(&v[3 + k], &w->tangent.field[TX + k][at + i], sizeof *v);
        }
        memcpy(&v[6], &w->tangent.field[T_GAP][at + i], sizeof *v);
        memcpy(&v[7], &w->tangent.field[T_MOST][at + i], sizeof *v);
        const vreal p[3] = {vec_all(v[0]), vec_all(v[1]), vec_all(v[2])};
        const vreal u[3] = {vec_all(v[3]), vec_all(v[4]), vec_all(v[5])};
        tau[i] = nearest_tau(w->cells, (uint32_t)w->tangent.field[ENTRY][at + i],
                             (uint32_t)w->tangent.field[T_PLACE][at + i], p, u,
                             vec_all(v[6]), v[7]);
    }
    for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
        vreal u[3], p[3], s = queue_real(&w->tangent, T_GAP, at + g), sine, cosine;
        vreal t = vec_load(tau + g) * (real)0.999, rho = t + s, inverse = (real)1 / rho;
        for (int k = 0; k < 3; k++)
            u[k] = -queue_real(&w->tangent, TX + k, at + g);
        vreal m = passage_poisson(t * inverse, s * inverse, random_uniform(&angle, g));
        random_turn(&turn, g, &sine, &cosine);
        /* Relative to the walker, who is t from the centre: small steps stay exact. */
        passage_turn(u, s - rho * m, rho * passage_sine(m), sine, cosine, p);
        for (int k = 0; k < 3; k++)
            p[k] += queue_real(&w->tangent, X + k, at + g);
        wave_move_on(w, p, queue_word(&w->tangent, TAG, at + g), group_bits(live, g));
    }
}

void wave_escape(struct wave *w, unsigned at, unsigned live)
{
    struct random_draw angle, accept, turn;
    random_draw(&w->random, &angle);
    random_draw(&w->random, &accept);
    random_draw(&w->random, &turn);
    for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
        vword field[ESCAPE_FIELDS];
        for (int i = 0; i < ESCAPE_FIELDS; i++)
            field[i] = queue_word(&w->escape, i, at + g);
        struct passage q =
            passage_of((vreal)field[ANGLE_A], (vreal)field[GAP], (vreal)field[RHO]);
        vreal axial, radial, sine, cosine, p[3];
        vmask out = passage_escape(&q, random_uniform(&angle, g),
                                   random_uniform(&accept, g), &axial, &radial);
        random_turn(&turn, g, &sine, &cosine);
        vreal u[3] = {(vreal)field[UX], (vreal)field[UY], (vreal)field[UZ]};
        passage_turn(u, axial, radial, sine, cosine, p);
        for (int k = 0; k < 3; k++)
            p[k] += (vreal)field[CX + k];
        unsigned bits = group_bits(live, g), free = bits & vec_bits(out);
        wave_move_on(w, p, field[BALL_TAG], free);
        queue_push(&w->escape, field, ESCAPE_FIELDS, bits & ~free);
    }
}

/* Places a hit on its ball. */
void wave_hit(struct wave *w, unsigned at, unsigned live)
{
    struct random_draw turn;
    random_draw(&w->random, &turn);
    for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
        vreal u[3], p[3], sine, cosine;
        for (int k = 0; k < 3; k++)
            u[k] = queue_real(&w->hit, UX + k, at + g);
        vreal a = queue_real(&w->hit, ANGLE_A, at + g),
              m = queue_real(&w->hit, ANGLE_M, at + g);
        random_turn(&turn, g, &sine, &cosine);
        passage_turn(u, a * ((real)1 - m), a * passage_sine(m), sine, cosine, p);
        for (int k = 0; k < 3; k++)
            p[k] += queue_real(&w->hit, CX + k, at + g);
        wave_end_walks(w, p, queue_word(&w->hit, BALL_TAG, at + g),
                       group_bits(live, g));
    }
}
