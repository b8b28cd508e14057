/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/morton.h"

#include "geom-sample.h"

/* The code bit by bit, from the header's description. */
static uint64_t code_of(const double at[3], const double low[3], const double high[3])
{
    uint64_t code = 0;
    for (int k = 0; k < 3; k++) {
        double scale = high[k] > low[k] ? 0x1fffff / (high[k] - low[k]) : 0;
        uint64_t cell = (uint64_t)((at[k] - low[k]) * scale);
        for (int bit = 0; bit < 21; bit++)
            code |= (cell >> bit & 1) << (3 * bit + k);
    }
    return code;
}

/* Radii are 1, 2, 3, ... before the sort: after it they say who is who. */
static void check(struct balls *balls, double *path)
{
    size_t n = balls->n;
    double(*before)[3] = malloc((n ? n : 1) * sizeof *before);
    bool *seen = calloc(n ? n : 1, sizeof *seen);
    assert_true(before && seen);
    double low[3] = {INFINITY, INFINITY, INFINITY}, high[3];
    for (int k = 0; k < 3; k++)
        high[k] = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        double at[3] = {balls->x[i], balls->y[i], balls->z[i]};
        memcpy(before[i], at, sizeof at);
        balls->r[i] = (double)(i + 1);
        for (int k = 0; k < 3; k++) {
            low[k] = fmin(low[k], at[k]);
            high[k] = fmax(high[k], at[k]);
        }
    }
    struct err err = {0};
    assert_int_equal(morton_sort(balls, &err), 0);
    assert_int_equal(balls->n, n);
    uint64_t last_code = 0;
    size_t last = 0;
    *path = 0;
    for (size_t i = 0; i < n; i++) {
        double at[3] = {balls->x[i], balls->y[i], balls->z[i]};
        size_t was = (size_t)balls->r[i] - 1;
        assert_true(was < n && !seen[was]);
        seen[was] = true;
        assert_memory_equal(at, before[was], sizeof at);
        uint64_t code = code_of(at, low, high);
        assert_true(i == 0 || code > last_code || (code == last_code && was > last));
        if (i)
            *path +=
                sqrt(pow(at[0] - balls->x[i - 1], 2) + pow(at[1] - balls->y[i - 1], 2) +
                     pow(at[2] - balls->z[i - 1], 2));
        last_code = code;
        last = was;
    }
    free(before);
    free(seen);
}

static void sorted_permutations(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 2, 3, 10, 255, 256, 257, 1000, 20000};
    struct dice dice = {11};
    struct balls balls = {0};
    double path;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        sample_scatter(&balls, &dice, sizes[k], 50, 1, 1);
        check(&balls, &path);
        sample_chain(&balls, &dice, sizes[k]);
        sample_shift(&balls, (double[3]){1e4, -1e4, 1e-3});
        check(&balls, &path);
        sample_ring(&balls, sizes[k], 10, 1); /* flat: no range in z */
        check(&balls, &path);
    }
    balls_fini(&balls);
}

/* A tour in the new order is much shorter than one at random, whose mean step in a unit
   cube is 0.66; a Hilbert curve's would be near n^(-1/3). */
static void near_in_space_near_in_memory(void **state)
{
    (void)state;
    enum { N = 8000 };
    struct dice dice = {12};
    struct balls balls = {0};
    double path;
    sample_scatter(&balls, &dice, N, 0.5, 1, 1);
    check(&balls, &path);
    assert_true(path / N < 2 / cbrt(N));
    balls_fini(&balls);
}

static void equal_codes_keep_their_order(void **state)
{
    (void)state;
    struct balls balls = {0};
    double path;
    sample_begin(&balls, 300);
    for (int i = 0; i < 300; i++)
        balls_push(&balls, 7, -7, i % 3, 1);
    check(&balls, &path);
    assert_true(path == 2); /* three heaps */
    balls_fini(&balls);
}

/* Ranges without an inverse, and the widest that a body may have. */
static void extreme_ranges(void **state)
{
    (void)state;
    static const double widths[] = {5e-324, 1e-310, 1e-300, 1e30};
    struct balls balls = {0};
    for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
        sample_begin(&balls, 10);
        for (int i = 0; i < 10; i++)
            balls_push(&balls, i & 1 ? widths[k] : 0, i & 2 ? -widths[k] : 0, 0, i + 1);
        assert_int_equal(morton_sort(&balls, NULL), 0);
        unsigned seen = 0;
        for (int i = 0; i < 10; i++)
            seen |= 1u << (int)balls.r[i];
        assert_int_equal(seen, 0x7fe);
    }
    balls_fini(&balls);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorted_permutations),
        cmocka_unit_test(near_in_space_near_in_memory),
        cmocka_unit_test(equal_codes_keep_their_order),
        cmocka_unit_test(extreme_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
