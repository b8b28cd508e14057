/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/bvh.h"

#include "geom-sample.h"
#include "geom/hilbert.h"

struct seen {
    const struct balls *balls;
    const double *p;
    double reach;
    size_t next, n, stop_after;
};

static bool is_near(const struct seen *seen, size_t i)
{
    const struct balls *b = seen->balls;
    double dx = seen->p[0] - b->x[i], dy = seen->p[1] - b->y[i],
           dz = seen->p[2] - b->z[i], limit = b->r[i] + seen->reach;
    return dx * dx + dy * dy + dz * dz <= limit * limit;
}

/* Balls come in order, and none that is near was left out before this one. */
static bool visit(void *context, size_t ball)
{
    struct seen *seen = context;
    assert_true(ball < seen->balls->n && ball >= seen->next);
    while (seen->next < ball)
        assert_false(is_near(seen, seen->next++));
    assert_true(is_near(seen, ball));
    seen->next = ball + 1;
    return ++seen->n != seen->stop_after;
}

static void check_point(const struct bvh *bvh, const double p[3], double reach)
{
    const struct balls *balls = bvh->balls;
    struct seen seen = {balls, p, reach, 0, 0, SIZE_MAX};
    assert_true(bvh_visit(bvh, p, reach, visit, &seen));
    while (seen.next < balls->n)
        assert_false(is_near(&seen, seen.next++));
    if (seen.n) { /* an early end is told */
        struct seen some = {balls, p, reach, 0, 0, 1 + seen.n / 2};
        assert_false(bvh_visit(bvh, p, reach, visit, &some));
        assert_int_equal(some.n, some.stop_after);
    }
    if (reach != 0)
        return;
    assert_int_equal(bvh_count(bvh, p), seen.n);
    for (int k = 0; k < 3; k++) {
        size_t except = k == 0 ? 0 : k == 1 ? balls->n - 1 : SIZE_MAX;
        struct seen all = {balls, p, 0, 0, 0, SIZE_MAX};
        bool itself = except < balls->n && is_near(&all, except);
        assert_int_equal(bvh_covered(bvh, p, except), seen.n > itself);
    }
}

/* Points everywhere, centres, and points just inside and outside of surfaces. */
static void check_body(struct bvh *bvh, struct balls *balls, struct dice *dice,
                       int points)
{
    assert_int_equal(bvh_build(bvh, balls, NULL), 0);
    double low = 0, high = 0;
    for (size_t i = 0; i < balls->n; i++) {
        double reach = balls->r[i] + fabs(balls->x[i]) + fabs(balls->y[i]);
        low = fmin(low, -reach);
        high = fmax(high, reach);
    }
    for (int k = 0; k < points; k++) {
        double p[3], reach = k % 3 ? 0 : dice_log(dice, 1e-6 * high, high);
        for (int i = 0; i < 3; i++)
            p[i] = dice_between(dice, low, high);
        check_point(bvh, p, reach);
        size_t at = dice_below(dice, balls->n);
        double c[3] = {balls->x[at], balls->y[at], balls->z[at]}, u[3];
        check_point(bvh, c, reach);
        dice_direction(dice, u);
        for (int i = 0; i < 3; i++)
            p[i] = c[i] + u[i] * balls->r[at] * (k & 1 ? 1 + 1e-9 : 1 - 1e-9);
        check_point(bvh, p, 0);
    }
}

static void against_brute_force(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 63, 200, 1000};
    struct dice dice = {21};
    struct balls balls = {0};
    struct bvh bvh = {0}; /* one for all: it grows and shrinks */
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        size_t n = sizes[k];
        sample_scatter(&balls, &dice, n, 10, 1e-7, 20); /* in no order */
        check_body(&bvh, &balls, &dice, 200);
        sample_scatter(&balls, &dice, n, 10, 1e-3, 3);
        assert_int_equal(hilbert_sort(&balls, NULL), 0);
        check_body(&bvh, &balls, &dice, 200);
        sample_chain(&balls, &dice, n);
        assert_int_equal(hilbert_sort(&balls, NULL), 0);
        check_body(&bvh, &balls, &dice, 200);
        sample_ring(&balls, n, 4, 1);
        check_body(&bvh, &balls, &dice, 200);
        sample_begin(&balls, n); /* all the same */
        for (size_t i = 0; i < n; i++)
            balls_push(&balls, 1, 2, 3, 0.5);
        check_body(&bvh, &balls, &dice, 20);
    }
    bvh_fini(&bvh);
    balls_fini(&balls);
}

/* Lengths whose squares leave the range of single precision. */
static void any_unit(void **state)
{
    (void)state;
    static const double units[] = {1e-25, 1e-22, 3e-22, 1e-21, 1e-19, 1e19, 1e25};
    struct dice dice = {22};
    struct balls balls = {0};
    struct bvh bvh = {0};
    for (size_t k = 0; k < sizeof units / sizeof *units; k++) {
        sample_scatter(&balls, &dice, 100, 3 * units[k], 0.3 * units[k], units[k]);
        check_body(&bvh, &balls, &dice, 500);
    }
    bvh_fini(&bvh);
    balls_fini(&balls);
}

/* The surface belongs to the ball: points whose distance has no rounding. */
static void surfaces_count(void **state)
{
    (void)state;
    struct balls balls = {0};
    struct bvh bvh = {0};
    sample_begin(&balls, 2);
    balls_push(&balls, 0, 0, 0, 5);
    balls_push(&balls, 8, 0, 0, 3); /* touches the first at (5, 0, 0) */
    assert_int_equal(bvh_build(&bvh, &balls, NULL), 0);
    assert_int_equal(bvh_count(&bvh, (double[3]){5, 0, 0}), 2);
    assert_int_equal(bvh_count(&bvh, (double[3]){3, 4, 0}), 1);
    assert_int_equal(bvh_count(&bvh, (double[3]){3, 4, 1e-3}), 0);
    assert_int_equal(bvh_count(&bvh, (double[3]){11, 0, 0}), 1);
    assert_true(bvh_covered(&bvh, (double[3]){5, 0, 0}, 0));
    assert_true(bvh_covered(&bvh, (double[3]){5, 0, 0}, 1));
    assert_true(bvh_covered(&bvh, (double[3]){3, 4, 0}, 1));
    assert_false(bvh_covered(&bvh, (double[3]){3, 4, 0}, 0));
    bvh_fini(&bvh);
    balls_fini(&balls);
}

static void finished_twice(void **state)
{
    (void)state;
    struct bvh bvh = {0};
    bvh_fini(&bvh);
    bvh_fini(&bvh);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_brute_force),
        cmocka_unit_test(any_unit),
        cmocka_unit_test(surfaces_count),
        cmocka_unit_test(finished_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
