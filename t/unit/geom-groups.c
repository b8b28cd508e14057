/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/groups.h"

#include "geom-sample.h"
#include "geom/hilbert.h"
#include "util/clock.h"

static struct groups find(struct balls *balls, double gap)
{
    struct bvh bvh = {0};
    struct groups groups = {99, 99};
    assert_int_equal(bvh_build(&bvh, balls, NULL), 0);
    assert_int_equal(groups_find(&groups, &bvh, gap, NULL), 0);
    bvh_fini(&bvh);
    return groups;
}

/* The definition, in time n^2: labels spread until nothing changes. */
static struct groups find_slowly(const struct balls *b, double gap)
{
    size_t n = b->n, *label = malloc(n * sizeof *label);
    double *nearest = malloc(n * sizeof *nearest);
    assert_true(label && nearest);
    for (size_t i = 0; i < n; i++)
        label[i] = i;
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                double p[3] = {b->x[i], b->y[i], b->z[i]};
                if (label[j] < label[i] && sample_gap(b, j, p) - b->r[i] <= gap) {
                    label[i] = label[j];
                    changed = true;
                }
            }
    }
    struct groups groups = {0, 0};
    for (size_t g = 0; g < n; g++) {
        nearest[g] = INFINITY;
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                double p[3] = {b->x[i], b->y[i], b->z[i]};
                if (label[i] == g && label[j] != g)
                    nearest[g] = fmin(nearest[g], sample_gap(b, j, p) - b->r[i]);
            }
        groups.n += label[g] == g;
    }
    for (size_t g = 0; g < n && groups.n > 1; g++)
        if (label[g] == g)
            groups.gap = fmax(groups.gap, nearest[g]);
    free(label);
    free(nearest);
    return groups;
}

static void expect(struct groups got, size_t n, double gap)
{
    if (got.n != n || !(fabs(got.gap - gap) <= 1e-9 * (1 + gap)))
        fail_msg("%zu groups, gap %.15g instead of %zu, %.15g", got.n, got.gap, n, gap);
}

static void known_cases(void **state)
{
    (void)state;
    struct balls balls = {0};
    sample_begin(&balls, 100);
    balls_push(&balls, 1, 2, 3, 4);
    expect(find(&balls, 0), 1, 0);
    expect(find(&balls, 3), 1, 0);
    balls_push(&balls, 1, 2, 13, 3); /* surfaces 3 apart */
    expect(find(&balls, 3), 1, 0);
    expect(find(&balls, 2.999), 2, 3);
    expect(find(&balls, 0), 2, 3);
    balls.n = 0;
    for (int i = 0; i < 100; i++) /* a chain of touching balls, in no order */
        balls_push(&balls, 2.0 * (37 * i % 100), 0, 0, 1);
    expect(find(&balls, 0), 1, 0);
    for (int i = 0; i < 100; i++)
        balls.r[i] = 0.5;
    expect(find(&balls, 1), 1, 0);
    expect(find(&balls, 0.75), 100, 1);
    balls_fini(&balls);
}

/* The gap told is the widest, not the first or the narrowest. */
static void widest_of_several(void **state)
{
    (void)state;
    struct balls balls = {0};
    static const double at[] = {0, 10, 30, 70}; /* gaps 8, 18, 38 */
    sample_begin(&balls, 8);
    for (int i = 0; i < 4; i++) {
        balls_push(&balls, at[i], 0, 0, 1);
        balls_push(&balls, at[i], 0.5, 0, 1);
    }
    expect(find(&balls, 3), 4, 38);
    expect(find(&balls, 8), 3, 38);
    expect(find(&balls, 18), 2, 38);
    expect(find(&balls, 38), 1, 0);
    balls_fini(&balls);
}

/* Gaps just above the limit are told as they are, in any unit of length. */
static void gaps_near_the_limit(void **state)
{
    (void)state;
    struct balls balls = {0};
    for (double unit = 1e-9; unit < 1e10; unit *= 1000) {
        sample_begin(&balls, 4);
        balls_push(&balls, 0, 0, 0, unit);
        balls_push(&balls, 5.0002 * unit, 0, 0, unit);
        balls_push(&balls, 0, 5.0001 * unit, 0, unit);
        struct groups got = find(&balls, 3 * unit);
        assert_int_equal(got.n, 3);
        assert_true(fabs(got.gap / unit - 3.0002) < 1e-9);
        got = find(&balls, 0);
        assert_true(got.n == 3 && fabs(got.gap / unit - 3.0002) < 1e-9);
    }
    balls_fini(&balls);
}

static void against_brute_force(void **state)
{
    (void)state;
    struct dice dice = {31};
    struct balls balls = {0};
    for (int k = 0; k < 300; k++) {
        size_t n = 1 + dice_below(&dice, 40);
        double half = dice_log(&dice, 1, 60), gap = k % 3 ? 3 : dice_log(&dice, 0.1, 9);
        sample_scatter(&balls, &dice, n, half, k & 1 ? 1.2 : 1e-4, k & 1 ? 1.8 : 3);
        if (k & 2)
            assert_int_equal(hilbert_sort(&balls, NULL), 0);
        struct groups want = find_slowly(&balls, gap);
        expect(find(&balls, gap), want.n, want.gap);
    }
    balls_fini(&balls);
}

/* A molecule in two halves far apart, and a gas: neither may take quadratic time. */
static void large_bodies_in_time(void **state)
{
    (void)state;
    enum { N = 40000 };
    struct dice dice = {32};
    struct balls balls = {0};
    sample_chain(&balls, &dice, N);
    for (size_t i = 0; i < N / 2; i++)
        balls.x[i] += 10000;
    assert_int_equal(hilbert_sort(&balls, NULL), 0);
    double start = clock_seconds();
    struct groups got = find(&balls, 3);
    assert_int_equal(got.n, 2);
    assert_true(got.gap > 9800 && got.gap < 10000);
    sample_scatter(&balls, &dice, N, 600, 1, 2);
    assert_int_equal(hilbert_sort(&balls, NULL), 0);
    got = find(&balls, 3);
    assert_true(got.n > N / 2 && got.gap > 3 && got.gap < 200);
    double seconds = clock_seconds() - start;
    print_message("# %.2f s\n", seconds);
    assert_true(seconds < 20); /* quadratic: minutes */
    balls_fini(&balls);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_cases),          cmocka_unit_test(widest_of_several),
        cmocka_unit_test(gaps_near_the_limit),  cmocka_unit_test(against_brute_force),
        cmocka_unit_test(large_bodies_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
