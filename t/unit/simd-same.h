/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether kernels that were compiled differently give the same bits. */
#ifndef FRAMEWALK_T_SIMD_SAME_H
#define FRAMEWALK_T_SIMD_SAME_H

#include "simd-bodies.h"

enum { SAME_BODIES = 9, SAME_BLOCKS = 8 };

/* Sizes of blocks, partial batches among them, and numbers beyond 32 bits. */
static const struct {
    uint64_t frame, block;
    unsigned n;
} same_blocks[SAME_BLOCKS] = {
    {0, 0, HYDRO_BLOCK}, {0, 1, 1},
    {0, 2, 15},          {0, 3, 16},
    {0, 4, 17},          {7, 5, 1000},
    {0, 0, HYDRO_BLOCK}, {UINT64_C(1) << 31, (UINT64_C(1) << 32) + 6, HYDRO_BLOCK},
};

/* Body i of those to compare, which meet each kind of step and of cell. */
static inline void same_body(int i, struct simd_body *body)
{
    struct dice dice = {91};
    struct balls *b = &body->balls;
    switch (i) {
    case 0:
        simd_body_ball(body, 1.0);
        break;
    case 1:
        simd_body_ball(body, 2.5);
        break;
    case 2:
        simd_body_pair(body, 1, 0.25);
        break;
    case 3:
        simd_body_chain(body, 30, 92);
        break;
    case 4:
        simd_body_chain(body, 3000, 93);
        break;
    case 5:
        simd_body_ring(body);
        break;
    case 6: /* radii of all sizes, much overlap */
        sample_scatter(b, &dice, 400, 1, 1e-3, 0.5);
        simd_body_finish(body, "scatter", 1);
        break;
    case 7: /* balls that no division of cells separates */
        sample_begin(b, 120);
        for (int k = 0; k < 60; k++) {
            balls_push(b, 1 + 1e-7 * k, 0, 0, 1);
            balls_push(b, -1, 1e-6 * k, 0, 1);
        }
        simd_body_finish(body, "nearly coincident", 1);
        break;
    default: /* a shell with a ball far away */
        sample_shell(b, &dice, 200, 1, 0.1);
        assert_int_equal(balls_reserve(b, 201, NULL), 0);
        balls_push(b, 30, 0, 0, 0.5);
        simd_body_finish(body, "shell and far ball", 1);
        break;
    }
}

/* All bodies and blocks: every kernel against the first. */
static inline void same_check(const struct simd_walk_kernel *const *kernel,
                              const char *const *name, int n)
{
    static struct walk_hits expected[SAME_BLOCKS], hits;
    for (int i = 0; i < SAME_BODIES; i++) {
        struct simd_body body = {0};
        uint64_t hit = 0;
        same_body(i, &body);
        for (int k = 0; k < n; k++) {
            struct simd_walker *walker = simd_walker_of(kernel[k], &body, 1);
            for (int j = 0; j < SAME_BLOCKS; j++) {
                struct walk_hits *out = k ? &hits : &expected[j];
                simd_walk_block(kernel[k], walker, 0, same_blocks[j].frame,
                                same_blocks[j].block, same_blocks[j].n, out);
                assert_int_equal(out->walks, same_blocks[j].n);
                if (!simd_same_hits(out, &expected[j]))
                    fail_msg("%s, block %d: %s and %s differ", body.name, j, name[k],
                             name[0]);
            }
            kernel[k]->destroy(walker);
        }
        /* The block asked for twice is the same, and others are not. */
        assert_true(simd_same_hits(&expected[0], &expected[6]));
        assert_false(simd_same_hits(&expected[0], &expected[7]));
        for (int j = 0; j < SAME_BLOCKS; j++)
            hit += expected[j].n;
        assert_true(hit > 100);
        simd_body_fini(&body);
    }
}

#endif
