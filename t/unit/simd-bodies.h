/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies that the tests of the walks in lanes share: balls centred on the launch
   sphere, its radius, and the skin. */
#ifndef FRAMEWALK_T_SIMD_BODIES_H
#define FRAMEWALK_T_SIMD_BODIES_H

#include "fwtest.h"

#include "geom-sample.h"
#include "simd/table.h"

struct simd_body {
    const char *name;
    struct balls balls;
    double launch_radius, skin;
    bool needs_double; /* lengths beyond the resolution of single precision */
};

/* Moves the middle of the box to the origin and derives what is missing. `launch`: the
   launch radius in units of the smallest about that centre, at least 1. */
static inline void simd_body_finish(struct simd_body *body, const char *name,
                                    double launch)
{
    struct balls *b = &body->balls;
    double low[3] = {INFINITY, INFINITY, INFINITY}, by[3], reach = 0, least = INFINITY;
    double high[3] = {-INFINITY, -INFINITY, -INFINITY};
    for (size_t i = 0; i < b->n; i++) {
        const double c[3] = {b->x[i], b->y[i], b->z[i]};
        for (int k = 0; k < 3; k++) {
            low[k] = fmin(low[k], c[k] - b->r[i]);
            high[k] = fmax(high[k], c[k] + b->r[i]);
        }
    }
    for (int k = 0; k < 3; k++)
        by[k] = -0.5 * (low[k] + high[k]);
    sample_shift(b, by);
    for (size_t i = 0; i < b->n; i++) {
        reach = fmax(reach, sample_gap(b, i, (double[3]){0}) + 2 * b->r[i]);
        least = fmin(least, b->r[i]);
    }
    body->name = name;
    body->launch_radius = launch * (1 + 1e-12) * reach;
    body->skin = fmin(2e-6 * reach, 1e-5 * least);
    body->needs_double = body->launch_radius > 2000 * least;
}

static inline void simd_body_fini(struct simd_body *body)
{
    balls_fini(&body->balls);
    *body = (struct simd_body){0};
}

/* Two touching balls along a slanted axis. */
static inline void simd_body_pair(struct simd_body *body, double a, double b)
{
    sample_begin(&body->balls, 2);
    balls_push(&body->balls, 0, 0, 0, a);
    balls_push(&body->balls, (a + b) * 2 / 7, (a + b) * -3 / 7, (a + b) * 6 / 7, b);
    simd_body_finish(body, "touching pair", 1);
}

static inline void simd_body_ball(struct simd_body *body, double launch)
{
    sample_begin(&body->balls, 1);
    balls_push(&body->balls, 0, 0, 0, 1);
    simd_body_finish(body, "ball", launch);
}

static inline void simd_body_chain(struct simd_body *body, size_t n, uint64_t seed)
{
    struct dice dice = {seed};
    sample_chain(&body->balls, &dice, n);
    simd_body_finish(body, "chain", 1);
}

/* The ring of 416 balls of NIST's validation data. */
static inline void simd_body_ring(struct simd_body *body)
{
    sample_ring(&body->balls, 416, 4, 1);
    simd_body_finish(body, "ring", 1);
}

/* Lines "SPHERE x y z r" of a file of the reference data; false where it is not there.
 */
static inline bool simd_body_read(struct simd_body *body, const char *relative)
{
    char path[FWTEST_PATH_BYTES], line[256];
    if (!fwtest_shared_path(path, relative)) {
        print_message("# SKIP: reference data %s is not there\n", relative);
        return false;
    }
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    sample_begin(&body->balls, 200);
    while (fgets(line, sizeof line, file)) {
        double at[4];
        if (sscanf(line, "SPHERE %lf %lf %lf %lf", at, at + 1, at + 2, at + 3) != 4)
            continue;
        assert_int_equal(balls_reserve(&body->balls, body->balls.n + 1, NULL), 0);
        balls_push(&body->balls, at[0], at[1], at[2], at[3]);
    }
    fclose(file);
    simd_body_finish(body, relative, 1);
    return true;
}

/* A kernel with a body set, ready to walk. */
static inline struct simd_walker *simd_walker_of(const struct simd_walk_kernel *kernel,
                                                 const struct simd_body *body,
                                                 unsigned n_threads)
{
    struct err err = {0};
    struct simd_walker *walker = kernel->create(n_threads, &err);
    if (!walker || kernel->set(walker, &body->balls, NULL, body->launch_radius,
                               body->skin, &err) < 0)
        fail_msg("%s: %s", body->name, err.text);
    return walker;
}

/* Walks a block of the tests' stream. */
static inline void simd_walk_block(const struct simd_walk_kernel *kernel,
                                   struct simd_walker *walker, unsigned thread,
                                   uint64_t frame, uint64_t block, unsigned n,
                                   struct walk_hits *hits)
{
    struct err err = {0};
    const struct simd_block which = {2026, frame, block, RNG_WALKS, n};
    if (kernel->walk(walker, thread, &which, hits, &err) < 0)
        fail_msg("%s", err.text);
}

/* All figures and all bits of the points. */
static inline bool simd_same_hits(const struct walk_hits *a, const struct walk_hits *b)
{
    bool same = a->n == b->n && a->walks == b->walks && a->steps == b->steps &&
                a->skin_hits == b->skin_hits && a->truncated == b->truncated;
    for (int k = 0; k < 3 && same; k++)
        same = memcmp(a->start[k], b->start[k], a->n * sizeof(double)) == 0 &&
               memcmp(a->point[k], b->point[k], a->n * sizeof(double)) == 0;
    return same;
}

#endif
