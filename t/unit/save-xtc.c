/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The compressor of XTC against our own decoder: every place must come back exactly,
   whatever the places are. */
#include "dice.h"
#include "fwtest.h"

#include "save/xtc_encode.h"
#include "traj/xtc_coords.h"
#include "traj/xtc_sizes.h"

static size_t encoded_bytes; /* of the last check */

/* Compresses and decodes; the integers must agree. */
static void check(const int32_t (*at)[3], size_t n, const char *what)
{
    int32_t(*work)[3] = malloc(n * sizeof *work);
    size_t room = xtc_encode_bytes_max(n);
    unsigned char *bytes = calloc(room + XTC_PADDING_BYTES, 1);
    double *xyz = malloc(3 * n * sizeof *xyz);
    struct xtc_encoded out;
    memcpy(work, at, n * sizeof *work);
    xtc_encode(work, n, bytes, &out);
    if (out.n_bytes > room)
        fail_msg("%s: %zu bytes in a buffer of %zu", what, out.n_bytes, room);
    memset(bytes + out.n_bytes, 0, XTC_PADDING_BYTES);
    struct xtc_block block = {
        .bytes = bytes,
        .n_bytes = out.n_bytes,
        .n_atoms = n,
        .precision = 1,
        .small_index = out.small_index,
    };
    memcpy(block.min, out.min, sizeof block.min);
    memcpy(block.max, out.max, sizeof block.max);
    const struct frame_pick all = {NULL, n};
    const char *wrong = xtc_coords_decode(&block, &all, xyz);
    if (wrong)
        fail_msg("%s: %zu atoms: %s", what, n, wrong);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < 3; k++)
            if (xyz[3 * i + k] != (double)(float)at[i][k] * 10)
                fail_msg("%s: atom %zu of %zu, axis %zu: %d became %g", what, i, n, k,
                         at[i][k], xyz[3 * i + k] / 10);
    encoded_bytes = out.n_bytes;
    free(work);
    free(bytes);
    free(xyz);
}

enum { MOST = 3000 };

static void uniform(void **state)
{
    (void)state;
    static const int64_t widths[] = {
        1, 2, 3, 9, 100, 1000, 0xfffffe, 0xffffff, 0x1000000, 1 << 27, 1 << 30};
    static const size_t counts[] = {1, 2, 3, 8, 9, 10, 11, 17, 100, MOST};
    static int32_t at[MOST][3];
    struct dice dice = {1};
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            for (size_t i = 0; i < counts[c]; i++)
                for (size_t k = 0; k < 3; k++)
                    at[i][k] = (int32_t)((int64_t)dice_below(&dice, (size_t)widths[w]) -
                                         widths[w] / 2);
            check((const int32_t(*)[3])at, counts[c], "uniform");
        }
}

/* Ranges of different width along the axes, far from the origin. */
static void uneven_ranges(void **state)
{
    (void)state;
    static int32_t at[200][3];
    struct dice dice = {2};
    for (int trial = 0; trial < 300; trial++) {
        int64_t origin[3], width[3];
        for (size_t k = 0; k < 3; k++) {
            width[k] = (int64_t)dice_log(&dice, 1, 0x1p30);
            origin[k] = (int64_t)dice_between(&dice, -0x1p30, 0x1p29);
        }
        for (size_t i = 0; i < 200; i++)
            for (size_t k = 0; k < 3; k++)
                at[i][k] =
                    (int32_t)(origin[k] + (int64_t)dice_below(&dice, (size_t)width[k]));
        check((const int32_t(*)[3])at, 10 + dice_below(&dice, 191), "uneven ranges");
    }
}

static void coincident(void **state)
{
    (void)state;
    static int32_t at[100][3];
    for (size_t n = 1; n <= 100; n++) {
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < 3; k++)
                at[i][k] = k ? -7 : 2147483000;
        check((const int32_t(*)[3])at, n, "coincident");
    }
}

/* The ends of the range of integers. */
static void extremes(void **state)
{
    (void)state;
    static int32_t at[64][3];
    struct dice dice = {3};
    for (int trial = 0; trial < 100; trial++) {
        for (size_t i = 0; i < 64; i++)
            for (size_t k = 0; k < 3; k++) {
                bool high = dice_below(&dice, 2);
                int32_t near = (int32_t)dice_below(&dice, 30);
                at[i][k] = (high ? 1 : -1) * (1073741000 - near);
            }
        check((const int32_t(*)[3])at, 64, "extremes");
    }
}

/* A water: an oxygen and two hydrogens about 100 units away. */
static void put_water(struct dice *dice, int32_t (*at)[3], int64_t box)
{
    for (size_t k = 0; k < 3; k++)
        at[0][k] = (int32_t)dice_below(dice, (size_t)box);
    for (size_t hydrogen = 1; hydrogen < 3; hydrogen++) {
        double direction[3];
        dice_direction(dice, direction);
        for (size_t k = 0; k < 3; k++)
            at[hydrogen][k] = at[0][k] + (int32_t)(100 * direction[k]);
    }
}

/* Water runs take the path of small differences: less than 5 bytes an atom. */
static void waters(void **state)
{
    (void)state;
    static int32_t at[MOST][3];
    struct dice dice = {4};
    for (size_t i = 0; i < MOST; i += 3)
        put_water(&dice, at + i, 8000);
    check((const int32_t(*)[3])at, MOST, "waters");
    assert_true(encoded_bytes < 5 * (size_t)MOST);
}

/* Chains whose step changes now and then: the range of differences must follow. */
static void chains(void **state)
{
    (void)state;
    static int32_t at[MOST][3];
    struct dice dice = {5};
    for (int trial = 0; trial < 60; trial++) {
        size_t n = 10 + dice_below(&dice, MOST - 10);
        double step = 1;
        for (size_t i = 0; i < n; i++) {
            if (i % 50 == 0)
                step = dice_log(&dice, 0.5, trial % 2 ? 1e3 : 1e7);
            for (size_t k = 0; k < 3; k++) {
                int64_t last = i ? at[i - 1][k] : 0;
                int64_t next = last + (int64_t)dice_between(&dice, -step, step);
                at[i][k] =
                    (int32_t)(next > 1073741000 || next < -1073741000 ? 0 : next);
            }
        }
        check((const int32_t(*)[3])at, n, "chains");
    }
}

/* Differences exactly at, below and above each range of the table. */
static void at_the_limits(void **state)
{
    (void)state;
    static int32_t at[40][3];
    for (int index = XTC_SMALL_FIRST; index <= XTC_SMALL_LAST; index++)
        for (int off = -1; off <= 1; off++) {
            int32_t step = xtc_small_sizes[index] / 2 + off;
            for (size_t i = 0; i < 40; i++)
                for (size_t k = 0; k < 3; k++)
                    at[i][k] = (int32_t)(i / (k + 1) % 2) * step;
            check((const int32_t(*)[3])at, 40, "limits");
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniform),       cmocka_unit_test(uneven_ranges),
        cmocka_unit_test(coincident),    cmocka_unit_test(extremes),
        cmocka_unit_test(waters),        cmocka_unit_test(chains),
        cmocka_unit_test(at_the_limits),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("save-xtc", tests, NULL, NULL);
}
