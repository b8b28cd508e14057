/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simd/walk.h"

#include "simd/cells.h"
#include "simd/face.h"
#include "simd/nearest.h"
#include "simd/passage.h"
#include "simd/queue.h"
#include "simd/random.h"
#include "util/alloc.h"

#include <stdlib.h>

/* A block of walks as a wavefront: some hundred walkers are on their way at once, each
   waiting in the queue of the kind of step that it needs next, and steps are made for a
   batch of walkers of one kind. A trial that is rejected goes back into its queue.
   Which walkers share a batch, and hence which random numbers they get, follows from
   the block alone. */

/* First passage is used when its sphere reaches this many times beyond the gap. */
#define PASSAGE_GAIN ((real)1.5)

/* Spheres reach so many launch radii at most: larger ones gain nothing but rounding. */
#define EMPTY_MAX ((real)4)

/* A walker's number in its block and the steps that it has made, in one word. */
enum { TAG_BITS = 11, TAG_STEP = 1 << TAG_BITS, TAG_WALK = TAG_STEP - 1 };
_Static_assert((int)HYDRO_BLOCK <= (int)TAG_STEP, "a tag has room for a block's walks");
_Static_assert(WALK_STEPS_MAX < UINT32_MAX >> TAG_BITS, "a tag has room for its steps");

/* Fields of the queues. */
enum { X, Y, Z, TAG, PLACED }; /* a place */
enum { OUTER = PLACED, OUTSIDE_FIELDS };
enum { ENTRY = PLACED, NEAR_FIELDS };  /* and what is near it */
enum { RADIUS = PLACED, STEP_FIELDS }; /* and how far to step */
enum { UX, UY, UZ, CX, CY, CZ, BALL_TAG, ANGLE_A, ANGLE_M, HIT_FIELDS };
enum { GAP = ANGLE_M, RHO, ESCAPE_FIELDS }; /* for ANGLE_A: the radius */

/* Near a box, and on the way out through a half ball on its face: the place below the
   walker, the normal, and the height in units of the radius. */
enum { PLACE = PLACED, SECOND, BEYOND, FACE_FIELDS };
enum { NX = PLACED, NY, NZ, HEIGHT, FACE_RHO, LEAVE_FIELDS };

enum { TX = ENTRY + 1, TY, TZ, T_GAP, T_MOST, T_PLACE, TANGENT_FIELDS };

/* Radii of tangent balls, in launch radii: larger ones gain nothing but rounding. */
#define TANGENT_MAX ((real)1)
/* Not worth while below so many times the present gap. */
#define TANGENT_MIN ((real)0.5)

/* What a thread needs to walk a block. */
struct wave {
    struct cells *cells;
    unsigned thread;
    real skin;
    unsigned alive; /* on their way */
    struct queue locate, far, near, escape, tangent, step, outside, hit;
    struct queue face, leave; /* with boxes only */
    struct random_rows random;
    uint64_t steps, skin_hits, truncated;
    real start[3][HYDRO_BLOCK], point[3][HYDRO_BLOCK];
    unsigned char has_hit[HYDRO_BLOCK];
};

struct simd_walker {
    struct cells *cells;
    double launch_radius, skin;
    unsigned n_threads;
    struct wave **wave;
};

/* The bits of a batch's lanes that belong to the group at g. */
static inline unsigned group_bits(unsigned live, unsigned g)
{
    return live >> g & ((1u << VEC_LANES) - 1);
}

/* Sends walkers on that have a new place: those beyond the launch sphere come back or
   never do, the others look what is near. */
static inline void move_on(struct wave *w, const vreal p[3], vword tag, unsigned bits)
{
    vmask out = p[0] * p[0] + p[1] * p[1] + p[2] * p[2] > (real)1;
    unsigned outside = vec_bits(out);
    vword field[OUTSIDE_FIELDS] = {(vword)p[0], (vword)p[1], (vword)p[2], tag,
                                   vec_all_word(0)};
    queue_push(&w->outside, field, OUTSIDE_FIELDS, bits & outside);
    queue_push(&w->locate, field, PLACED, bits & ~outside);
}

static void stage_launch(struct wave *w, unsigned first, unsigned live)
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

static void stage_locate(struct wave *w, unsigned at, unsigned live)
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
static void stage_step(struct wave *w, unsigned at, unsigned live)
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
        move_on(w, p, queue_word(&w->step, TAG, at + g), group_bits(live, g));
    }
}

/* To the surface of an empty ball that the walker is in, mostly to its near side. */
static void stage_far(struct wave *w, unsigned at, unsigned live)
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
        move_on(w, p, queue_word(&w->far, TAG, at + g), group_bits(live, g));
    }
}

/* Outside a ball that encloses the body, mostly the launch sphere: to its surface with
   probability radius / r, or never. */
static void stage_outside(struct wave *w, unsigned at, unsigned live)
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

/* In a near cell: a trial of a hit where first passage pays, else the end in the skin
   or a step on the largest empty sphere. */
static void stage_near(struct wave *w, unsigned at, unsigned live)
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
        vreal empty = vec_min(vec_min(second, beyond), vec_all(EMPTY_MAX));
        vreal rho = passage_radius(a, d, s, empty);
        vmask arrived = s <= (real)0;
        vmask passes = ~arrived & (rho > PASSAGE_GAIN * s);
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

/* Walks that end at places p. */
static void end_walks(struct wave *w, const vreal p[3], vword tag, unsigned bits)
{
    tag &= TAG_WALK;
    for (; bits; bits &= bits - 1) {
        unsigned i = (unsigned)__builtin_ctz(bits);
        w->has_hit[tag[i]] = 1;
        for (int k = 0; k < 3; k++)
            w->point[k][tag[i]] = p[k][i];
        w->alive--;
    }
}

/* The nearest shape is a box: a trial of a hit where the walker faces it closely enough
   for first passage, else the end in the skin or a step on the largest empty sphere. */
static void stage_face(struct wave *w, unsigned at, unsigned live)
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
        vreal rho =
            face_radius(&site, vec_min(vec_min(second, beyond), vec_all(EMPTY_MAX)));
        vmask arrived = s <= (real)0;
        vmask passes = ~arrived & (rho > PASSAGE_GAIN * s);
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
        end_walks(w, end, tag, hit | skin);
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

static void stage_leave(struct wave *w, unsigned at, unsigned live)
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
        move_on(w, p, field[TAG], free);
        queue_push(&w->leave, field, LEAVE_FIELDS, bits & ~free);
    }
}

/* On a large empty ball that touches the nearest one between the two: the walker leaves
   it close to where they touch, at a distance of about the square of the present one.
 */
static void stage_tangent(struct wave *w, unsigned at, unsigned live)
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
        move_on(w, p, queue_word(&w->tangent, TAG, at + g), group_bits(live, g));
    }
}

static void stage_escape(struct wave *w, unsigned at, unsigned live)
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
        move_on(w, p, field[BALL_TAG], free);
        queue_push(&w->escape, field, ESCAPE_FIELDS, bits & ~free);
    }
}

/* Places a hit on its ball. */
static void stage_hit(struct wave *w, unsigned at, unsigned live)
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
        end_walks(w, p, queue_word(&w->hit, BALL_TAG, at + g), group_bits(live, g));
    }
}

/* Serves the walkers of a queue in batches; a partial one only on request. Those that
   come back to it meanwhile wait for the next pass. True when there was a batch. */
static bool serve(struct wave *w, struct queue *queue, int n_fields,
                  void (*stage)(struct wave *, unsigned, unsigned), bool partial)
{
    unsigned end = queue->n, at = 0;
    for (; at + BATCH <= end; at += BATCH)
        stage(w, at, (1u << BATCH) - 1);
    if (partial && at < end) {
        queue_pad(queue, at, n_fields);
        stage(w, at, (1u << (end - at)) - 1);
        at = end;
    }
    queue_drop(queue, at, n_fields);
    return at > 0;
}

/* Launches walkers while there is room. */
static unsigned launch(struct wave *w, unsigned launched, unsigned n)
{
    while (launched < n && w->alive + BATCH <= QUEUE_WALKERS) {
        unsigned count = n - launched < BATCH ? n - launched : BATCH;
        stage_launch(w, launched, (1u << count) - 1);
        launched += count;
        w->alive += count;
    }
    return launched;
}

static void walk_all(struct wave *w, unsigned n)
{
    unsigned launched = 0;
    bool stuck = false; /* no queue has a whole batch */
    while ((launched < n || w->alive) && !atomic_load(&w->cells->failed)) {
        unsigned before = launched;
        launched = launch(w, launched, n);
        bool served = serve(w, &w->locate, PLACED, stage_locate, stuck);
        served |= serve(w, &w->far, NEAR_FIELDS, stage_far, stuck);
        served |= serve(w, &w->near, NEAR_FIELDS, stage_near, stuck);
        served |= serve(w, &w->escape, ESCAPE_FIELDS, stage_escape, stuck);
        served |= serve(w, &w->tangent, TANGENT_FIELDS, stage_tangent, stuck);
        if (SIMD_BOXES) {
            served |= serve(w, &w->face, FACE_FIELDS, stage_face, stuck);
            served |= serve(w, &w->leave, LEAVE_FIELDS, stage_leave, stuck);
        }
        served |= serve(w, &w->step, STEP_FIELDS, stage_step, stuck);
        served |= serve(w, &w->outside, OUTSIDE_FIELDS, stage_outside, stuck);
        bool last = stuck && w->alive == w->hit.n;
        served |= serve(w, &w->hit, HIT_FIELDS, stage_hit, last);
        stuck = !served && launched == before;
    }
}

static void report(const struct wave *w, unsigned n, struct walk_hits *hits)
{
    hits->walks = n;
    hits->steps = w->steps;
    hits->skin_hits = w->skin_hits;
    hits->truncated = w->truncated;
    hits->n = 0;
    for (unsigned i = 0; i < n; i++) {
        if (!w->has_hit[i])
            continue;
        for (int k = 0; k < 3; k++) {
            hits->start[k][hits->n] = (double)w->start[k][i];
            hits->point[k][hits->n] = (double)w->point[k][i];
        }
        hits->n++;
    }
}

static int walk(struct simd_walker *walker, unsigned thread,
                const struct simd_block *block, struct walk_hits *hits, struct err *err)
{
    struct wave *w = walker->wave[thread];
    w->alive = 0;
    w->steps = w->skin_hits = w->truncated = 0;
    w->locate.n = w->far.n = w->near.n = w->escape.n = w->tangent.n = w->step.n =
        w->outside.n = w->hit.n = w->face.n = w->leave.n = 0;
    memset(w->has_hit, 0, sizeof w->has_hit);
    random_start(&w->random, block->seed, block->purpose, block->frame, block->block);
    walk_all(w, block->n);
    report(w, block->n, hits);
    if (atomic_load(&w->cells->failed))
        return err_set(err, ERR_RUNTIME, "out of memory for the search structure");
    return 0;
}

static void destroy(struct simd_walker *walker)
{
    if (!walker)
        return;
    for (unsigned i = 0; walker->wave && i < walker->n_threads; i++)
        free(walker->wave[i]);
    free(walker->wave);
    cells_destroy(walker->cells);
    free(walker);
}

static struct simd_walker *create(unsigned n_threads, struct err *err)
{
    struct simd_walker *walker = alloc_zeroed(1, sizeof *walker, "walkers", err);
    if (!walker)
        return NULL;
    walker->n_threads = n_threads;
    walker->cells = cells_create(n_threads, err);
    walker->wave = alloc_zeroed(n_threads, sizeof *walker->wave, "walkers", err);
    bool complete = walker->cells && walker->wave;
    for (unsigned i = 0; complete && i < n_threads; i++) {
        walker->wave[i] = alloc_zeroed(1, sizeof *walker->wave[i], "walkers", err);
        complete = walker->wave[i] != NULL;
        if (complete)
            *walker->wave[i] = (struct wave){.cells = walker->cells, .thread = i};
    }
    if (complete)
        return walker;
    destroy(walker);
    return NULL;
}

static int set(struct simd_walker *walker, const struct balls *balls,
               const struct boxes *boxes, double launch_radius, double skin,
               struct err *err)
{
    /* Below a few roundings of a coordinate a walker would not get any closer. */
    const double least = VEC_REAL == 32 ? 2e-7 : 1e-15, relative = skin / launch_radius;
    for (unsigned i = 0; i < walker->n_threads; i++)
        walker->wave[i]->skin = (real)(relative > least ? relative : least);
    return cells_set(walker->cells, balls, boxes, launch_radius, err);
}

extern const struct simd_walk_kernel SIMD_REAL_(simd_walk);

const struct simd_walk_kernel SIMD_REAL_(simd_walk) = {create, destroy, set, walk};
