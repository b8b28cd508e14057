/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_WAVE_H
#define FRAMEWALK_SIMD_WAVE_H

#include "simd/cells.h"
#include "simd/queue.h"
#include "simd/random.h"
#include "simd/walk.h"

/* A block of walks as a wavefront: some hundred walkers are on their way at once, each
   waiting in the queue of the kind of step that it needs next, and steps are made for a
   batch of walkers of one kind. A trial that is rejected goes back into its queue.
   Which walkers share a batch, and hence which random numbers they get, follows from
   the block alone. */

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

/* First passage is used when its sphere reaches this many times beyond the gap. */
#define WAVE_PASSAGE_GAIN ((real)1.5)

/* Spheres reach so many launch radii at most: larger ones gain nothing but rounding. */
#define WAVE_EMPTY_MAX ((real)4)

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

/* The bits of a batch's lanes that belong to the group at g. */
static inline unsigned group_bits(unsigned live, unsigned g)
{
    return live >> g & ((1u << VEC_LANES) - 1);
}

/* Sends walkers on that have a new place: those beyond the launch sphere come back or
   never do, the others look what is near. */
static inline void wave_move_on(struct wave *w, const vreal p[3], vword tag,
                                unsigned bits)
{
    vmask out = p[0] * p[0] + p[1] * p[1] + p[2] * p[2] > (real)1;
    unsigned outside = vec_bits(out);
    vword field[OUTSIDE_FIELDS] = {(vword)p[0], (vword)p[1], (vword)p[2], tag,
                                   vec_all_word(0)};
    queue_push(&w->outside, field, OUTSIDE_FIELDS, bits & outside);
    queue_push(&w->locate, field, PLACED, bits & ~outside);
}

/* Walks that end at places p. */
static inline void wave_end_walks(struct wave *w, const vreal p[3], vword tag,
                                  unsigned bits)
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

/* Steps of a batch: of the walkers from `at` on in their queue the live ones, a bit
   each. */
#define wave_launch SIMD_REAL_(wave_launch)
#define wave_locate SIMD_REAL_(wave_locate)
#define wave_step SIMD_REAL_(wave_step)
#define wave_far SIMD_REAL_(wave_far)
#define wave_outside SIMD_REAL_(wave_outside)
#define wave_near SIMD_REAL_(wave_near)
#define wave_face SIMD_REAL_(wave_face)
#define wave_leave SIMD_REAL_(wave_leave)
#define wave_tangent SIMD_REAL_(wave_tangent)
#define wave_escape SIMD_REAL_(wave_escape)
#define wave_hit SIMD_REAL_(wave_hit)

/* ---- far from the surface (wave_open.c) ---- */

/* The walks from number `first` on begin at uniform points of the launch sphere. */
void wave_launch(struct wave *w, unsigned first, unsigned live);
/* Which kind of cell they are in. */
void wave_locate(struct wave *w, unsigned at, unsigned live);
void wave_step(struct wave *w, unsigned at, unsigned live);
void wave_far(struct wave *w, unsigned at, unsigned live);
void wave_outside(struct wave *w, unsigned at, unsigned live);

/* ---- near it (wave_near.c) ---- */

void wave_near(struct wave *w, unsigned at, unsigned live);
void wave_tangent(struct wave *w, unsigned at, unsigned live);
/* What comes of a trial of first passage to a ball. */
void wave_hit(struct wave *w, unsigned at, unsigned live);
void wave_escape(struct wave *w, unsigned at, unsigned live);

/* ---- near a box (wave_face.c) ---- */

void wave_face(struct wave *w, unsigned at, unsigned live);
void wave_leave(struct wave *w, unsigned at, unsigned live);

#endif
