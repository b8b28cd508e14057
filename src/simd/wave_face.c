/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simd/face.h"
#include "simd/passage.h"
#include "simd/wave.h"

/* The nearest shape is a box: a trial of a hit where the walker faces it closely enough
   for first passage, else the end in the skin or a step on the largest empty sphere. */
void wave_face(struct wave *w, unsigned at, unsigned live)
{
    struct random_draw where, accept, turn;
    random_draw(&w->random, &where);
    random_draw(&w->random, &accept);
    random_draw(&w->random, &turn);
    uint32_t rows[BATCH];
    for (unsigned i = 0; i < BATCH; i++)
        rows[i] = (uint32_t)w->face.field[PLACE][at + i];
    for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
        vreal p[3], c[4], half[4], end[3], r, sine, cosine;
        vec_gather_rows(w->cells->ball, rows[g], rows + g, c);
        vec_gather_rows(w->cells->half, rows[g], rows + g, half);
        for (int k = 0; k < 3; k++)
            p[k] = queue_real(&w->face, X + k, at + g);
        struct face_site site = face_locate(p, c, half);
        vreal s = site.gap, second = queue_real(&w->face, SECOND, at + g),
              beyond = queue_real(&w->face, BEYOND, at + g);
        vreal rho = face_radius(
            &site, vec_min(vec_min(second, beyond), vec_all(WAVE_EMPTY_MAX)));
        vmask arrived = s <= (real)0;
        vmask passes = ~arrived & (rho > WAVE_PASSAGE_GAIN * s);
        vmask ends = arrived | (~passes & (s < w->skin) & (s < beyond));
        vreal t = s / vec_select(passes, rho, s + s + (real)1);
        vmask hits = passes & face_hit(t, random_uniform(&where, g),
                                       random_uniform(&accept, g), &r);
        random_turn(&turn, g, &sine, &cosine);
        vreal radial = vec_select(hits, r * rho, vec_all(0));
        passage_turn(site.u, vec_all(0), radial, sine, cosine, end);
        for (int k = 0; k < 3; k++)
            end[k] += site.nearest[k];
        unsigned bits = group_bits(live, g), hit = bits & vec_bits(hits),
                 skin = bits & vec_bits(ends), passage = bits & vec_bits(passes);
        vword tag = queue_word(&w->face, TAG, at + g);
        wave_end_walks(w, end, tag, hit | skin);
        w->skin_hits += vec_count(skin);
        vword place[LEAVE_FIELDS] = {(vword)site.nearest[0],
                                     (vword)site.nearest[1],
                                     (vword)site.nearest[2],
                                     tag,
                                     (vword)site.u[0],
                                     (vword)site.u[1],
                                     (vword)site.u[2],
                                     (vword)t,
                                     (vword)rho};
        queue_push(&w->leave, place, LEAVE_FIELDS, passage & ~hit);
        vword step[STEP_FIELDS] = {(vword)p[0], (vword)p[1], (vword)p[2], tag,
                                   (vword)vec_min(vec_min(s, second), beyond)};
        queue_push(&w->step, step, STEP_FIELDS, bits & ~(passage | skin));
    }
}

void wave_leave(struct wave *w, unsigned at, unsigned live)
{
    struct random_draw angle, accept, turn;
    random_draw(&w->random, &angle);
    random_draw(&w->random, &accept);
    random_draw(&w->random, &turn);
    for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
        vword field[LEAVE_FIELDS];
        for (int i = 0; i < LEAVE_FIELDS; i++)
            field[i] = queue_word(&w->leave, i, at + g);
        vreal m, sine, cosine, p[3], rho = (vreal)field[FACE_RHO];
        vmask out = face_escape((vreal)field[HEIGHT], random_uniform(&angle, g),
                                random_uniform(&accept, g), &m);
        random_turn(&turn, g, &sine, &cosine);
        vreal u[3] = {(vreal)field[NX], (vreal)field[NY], (vreal)field[NZ]};
        passage_turn(u, rho * ((real)1 - m), rho * passage_sine(m), sine, cosine, p);
        for (int k = 0; k < 3; k++)
            p[k] += (vreal)field[X + k];
        unsigned bits = group_bits(live, g), free = bits & vec_bits(out);
        wave_move_on(w, p, field[TAG], free);
        queue_push(&w->leave, field, LEAVE_FIELDS, bits & ~free);
    }
}
