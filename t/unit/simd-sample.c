/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples of volume and surface: the same bits from all instruction sets, and from
   lanes of 64 bytes without the instructions for them, so that machines which lack
   these see whether results depend on the width. */
#define VEC_BYTES 64
#define SIMD_ISA wide
/* The vectors are passed by functions of this file alone. */
#pragma GCC diagnostic ignored "-Wpsabi"
#include "simd/sample.c"

#include "fwtest.h"
#include "geom-sample.h"
#include "geom/hilbert.h"
#include "simd/table.h"

enum { KINDS = 8, PARTS = 6, KERNELS_MAX = SIMD_TABLES_MAX + 1 };

static void make_balls_of(int kind, struct balls *b, struct dice *dice)
{
    switch (kind) {
    case 0:
        sample_scatter(b, dice, 1, 1, 1, 2);
        break;
    case 1:
        sample_scatter(b, dice, 13, 2, 1, 2);
        break;
    case 2:
        sample_chain(b, dice, 2000);
        break;
    case 3:
        sample_scatter(b, dice, 3000, 10, 1e-6, 3);
        break;
    case 4: /* more overlaps than there is room for */
        sample_scatter(b, dice, OVERLAPS_MAX + 300, 0.3, 1, 1.001);
        break;
    case 5: /* balls in pieces all over, so that boxes of leaves meet many nodes */
        sample_scatter(b, dice, 8000, 50, 0.5, 2);
        return;
    case 6: /* 14 to 16 and 30 to 32 overlaps: full rows, and rows with little in them
             */
        sample_ring(b, 200, 8, 2);
        break;
    default:
        sample_ring(b, 416, 4, 1);
    }
    assert_int_equal(hilbert_sort(b, NULL), 0);
}

/* Whole blocks, a part of a batch, one stratum, and numbers beyond 32 bits. */
static const struct sample_part parts[PARTS] = {
    {7, 0, 0, 0, SAMPLE_STRATA, SAMPLE_STRATA},
    {7, 0, 1, SAMPLE_STRATA, SAMPLE_STRATA + 17, 17},
    {7, 3, 0, 0, 1, 1},
    {8, 0, 0, 0, SAMPLE_STRATA, SAMPLE_STRATA},
    {UINT64_MAX, UINT64_C(1) << 31, (UINT64_C(1) << 32) + 5, 3, 1000, 65},
    {7, 0, 2000, UINT64_C(1) << 34, UINT64_C(1) << 35, 100},
};

struct outcome {
    struct interior_tally interior;
    struct surface_tally surface;
};

static void sum_sizes(const struct balls *b, double *volume, double *area)
{
    for (size_t i = 0; i < b->n; i++) {
        volume[i] = (i ? volume[i - 1] : 0) + b->r[i] * b->r[i] * b->r[i];
        area[i] = (i ? area[i - 1] : 0) + b->r[i] * b->r[i];
    }
}

static void same_bits(void **state)
{
    (void)state;
    const struct simd_table *table[SIMD_TABLES_MAX];
    simd_sample_fn *kernel[KERNELS_MAX];
    const char *name[KERNELS_MAX];
    int n = simd_tables(table);
    for (int i = 0; i < n; i++) {
        kernel[i] = table[i]->sample;
        name[i] = table[i]->name;
    }
    kernel[n] = simd_sample;
    name[n++] = "64 bytes";
    struct dice dice = {64};
    struct balls b = {0};
    struct bvh bvh = {0};
    for (int kind = 0; kind < KINDS; kind++) {
        make_balls_of(kind, &b, &dice);
        assert_int_equal(bvh_build(&bvh, &b, NULL), 0);
        double *sums = malloc(2 * b.n * sizeof *sums);
        assert_non_null(sums);
        sum_sizes(&b, sums, sums + b.n);
        const struct sample_body body = {
            .balls = &b,
            .bvh = &bvh,
            .volume_sum = sums,
            .area_sum = sums + b.n,
            .launch_radius = 20,
        };
        struct outcome first[PARTS] = {0};
        for (int i = 0; i < n; i++)
            for (int p = 0; p < PARTS; p++) {
                struct outcome other = {0}, *out = i ? &other : &first[p];
                kernel[i](&body, &parts[p], &out->interior, &out->surface);
                assert_int_equal(out->interior.samples, SAMPLE_STRATUM * parts[p].n);
                if (memcmp(out, &first[p], sizeof *out) != 0)
                    fail_msg("kind %d, part %d: %s and %s differ", kind, p, name[0],
                             name[i]);
            }
        if (kind) /* another seed is another result */
            assert_true(first[0].interior.sum[1] != first[3].interior.sum[1]);
        free(sums);
    }
    print_message("# %d kernels\n", n);
    bvh_fini(&bvh);
    balls_fini(&b);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_bits)};
    return cmocka_run_group_tests_name("simd-sample", tests, NULL, NULL);
}
