/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/nearest.h"

#include "geom-sample.h"

/* The smallest share of the true distance that a bound may be: (3 - 1) / (3 + 1), less
   the single precision in which bounds are kept. */
static const double SHARE = 0.4999;

static void check_point(const struct nearest *nearest, const double p[3], size_t *n_far)
{
    const struct balls *b = nearest->balls;
    double first = INFINITY, second = INFINITY;
    size_t ball = 0;
    for (size_t i = 0; i < b->n; i++) {
        double gap = sample_gap(b, i, p);
        if (gap < first) {
            second = first;
            first = gap;
            ball = i;
        } else if (gap < second) {
            second = gap;
        }
    }
    if (first < 0)
        return;
    struct nearest_hit hit;
    if (!nearest_find(nearest, p, &hit)) {
        ++*n_far;
        if (!(hit.gap <= first && hit.gap >= SHARE * first))
            fail_msg("(%g, %g, %g): bound %.17g of %.17g", p[0], p[1], p[2], hit.gap,
                     first);
        return;
    }
    bool tie = second == first;
    if (hit.gap != first || hit.second != second || (hit.ball != ball && !tie) ||
        fabs(hit.distance - first - b->r[hit.ball]) > 1e-15 * hit.distance)
        fail_msg("(%.17g, %.17g, %.17g): ball %u, gaps %.17g, %.17g instead of %zu, "
                 "%.17g, %.17g",
                 p[0], p[1], p[2], hit.ball, hit.gap, hit.second, ball, first, second);
}

/* Points everywhere in the cube, on its faces and corners, near surfaces of balls
   (where walkers spend their time) and on the planes between cells. Returns the share
   of far points among those that are everywhere. */
static double check_points(const struct nearest *nearest, struct dice *dice, int points)
{
    const struct balls *b = nearest->balls;
    double half = nearest->half;
    size_t far_everywhere = 0, far = 0;
    for (int i = 0; i < points; i++) {
        double p[3], u[3];
        for (int k = 0; k < 3; k++)
            p[k] = dice_between(dice, -half, half);
        check_point(nearest, p, &far_everywhere);
        p[i % 3] = i & 1 ? half : -half;
        if (i % 16 == 0)
            p[(i + 1) % 3] = half;
        check_point(nearest, p, &far);
        size_t at = dice_below(dice, b->n);
        dice_direction(dice, u);
        double c[3] = {b->x[at], b->y[at], b->z[at]},
               reach = b->r[at] + dice_log(dice, 1e-9, 1) * (i & 1 ? half : b->r[at]);
        bool inside = true;
        for (int k = 0; k < 3; k++) {
            p[k] = c[k] + reach * u[k];
            inside &= fabs(p[k]) <= half;
        }
        if (inside)
            check_point(nearest, p, &far);
        for (int k = 0; k < 3; k++)
            p[k] = half * (double)((int)dice_below(dice, 65) - 32) / 32;
        check_point(nearest, p, &far);
    }
    return (double)far_everywhere / points;
}

/* The cube just holds the balls' surfaces, or is `roomy` times as large. */
static double check_body(struct nearest *nearest, const struct balls *balls,
                         struct dice *dice, double roomy, int points)
{
    double half = 0;
    for (size_t i = 0; i < balls->n; i++)
        half =
            fmax(half, balls->r[i] + fmax(fabs(balls->x[i]),
                                          fmax(fabs(balls->y[i]), fabs(balls->z[i]))));
    assert_int_equal(nearest_build(nearest, balls, roomy * half, NULL), 0);
    return check_points(nearest, dice, points);
}

static void small_bodies(void **state)
{
    (void)state;
    struct dice dice = {51};
    struct balls b = {0};
    struct nearest nearest = {0};
    for (size_t n = 1; n < 60; n++) {
        sample_scatter(&b, &dice, n, 10, 0.5, 3);
        check_body(&nearest, &b, &dice, 1, 100);
        sample_scatter(&b, &dice, n, 10, 1e-5, 10);
        check_body(&nearest, &b, &dice, 1.7, 100);
    }
    sample_begin(&b, 1);
    balls_push(&b, 0, 0, 0, 1);
    check_body(&nearest, &b, &dice, 1.0001, 100);
    struct nearest_hit hit = {0};
    assert_true(nearest_find(&nearest, (double[3]){0, 1, 0}, &hit));
    assert_true(hit.gap == 0 && hit.distance == 1 && hit.second == INFINITY);
    nearest_fini(&nearest);
    balls_fini(&b);
}

/* Where the rule for lists has little to spare: from the centre of the cube the balls
   in the corners are almost 2 h farther away than the two large ones, and nearest all
   the same for points beside them. */
static void lists_are_long_enough(void **state)
{
    (void)state;
    struct dice dice = {57};
    struct balls b = {0};
    struct nearest nearest = {0};
    sample_begin(&b, 10);
    balls_push(&b, 0, 0, 0, 1);
    balls_push(&b, 1e-4, 0, 0, 1);
    for (int i = 0; i < 8; i++)
        balls_push(&b, i & 1 ? 1 : -1, i & 2 ? 1 : -1, i & 4 ? 1 : -1, 1e-4);
    check_body(&nearest, &b, &dice, 1.001, 20000);
    nearest_fini(&nearest);
    balls_fini(&b);
}

/* One structure over bodies of different sizes and kinds, as over frames. */
static void many_kinds(void **state)
{
    (void)state;
    enum { POINTS = 1500 };
    struct dice dice = {52};
    struct balls b = {0};
    struct nearest nearest = {0};
    for (size_t n = 100; n < 3000; n = n * 5 / 2) {
        sample_chain(&b, &dice, n);
        check_body(&nearest, &b, &dice, 1.0001, POINTS);
        check_body(&nearest, &b, &dice, 10, POINTS);
        sample_scatter(&b, &dice, n, 20, 1e-5, 10);
        check_body(&nearest, &b, &dice, 1, POINTS);
        sample_ring(&b, n, 4, 1);
        check_body(&nearest, &b, &dice, 1, POINTS);
        sample_ring(&b, n, 4, 1e-3);
        check_body(&nearest, &b, &dice, 1, POINTS);
        sample_chain(&b, &dice, n);
        for (size_t i = 0; i < n; i++)
            b.x[i] += i & 1 ? 5000 : -5000;
        check_body(&nearest, &b, &dice, 1, POINTS);
    }
    nearest_fini(&nearest);
    balls_fini(&b);
}

/* Equally many balls everywhere near the point that looks: ties without end. */
static void shells(void **state)
{
    (void)state;
    struct dice dice = {53};
    struct balls b = {0};
    struct nearest nearest = {0};
    for (double r = 1e-3; r < 10; r *= 10) {
        sample_shell(&b, &dice, 1000, 10, r);
        check_body(&nearest, &b, &dice, 1, 1000);
    }
    nearest_fini(&nearest);
    balls_fini(&b);
}

/* Far cells are there to be used: a test of bounds alone would pass without any. */
static void far_cells_occur(void **state)
{
    (void)state;
    struct dice dice = {54};
    struct balls b = {0};
    struct nearest nearest = {0};
    sample_chain(&b, &dice, 2000);
    assert_true(check_body(&nearest, &b, &dice, 10, 2000) > 0.5);
    assert_true(nearest.n_nodes > 1000);
    nearest_fini(&nearest);
    balls_fini(&b);
}

/* The same lengths in another unit give the same structure. */
static void units(void **state)
{
    (void)state;
    static const double unit[] = {0x1p-80, 0x1p-20, 0x1p20, 0x1p80};
    struct dice dice = {55};
    struct balls b = {0};
    struct nearest nearest = {0};
    sample_chain(&b, &dice, 500);
    check_body(&nearest, &b, &dice, 1.5, 100);
    size_t nodes = nearest.n_nodes, entries = nearest.n_list;
    for (size_t k = 0; k < sizeof unit / sizeof *unit; k++) {
        struct balls scaled = {0};
        sample_begin(&scaled, b.n);
        for (size_t i = 0; i < b.n; i++)
            balls_push(&scaled, b.x[i] * unit[k], b.y[i] * unit[k], b.z[i] * unit[k],
                       b.r[i] * unit[k]);
        check_body(&nearest, &scaled, &dice, 1.5, 300);
        assert_int_equal(nearest.n_nodes, nodes);
        assert_int_equal(nearest.n_list, entries);
        balls_fini(&scaled);
    }
    nearest_fini(&nearest);
    balls_fini(&b);
}

/* Balls that are nearly one and the same: every cell must list them all, and without
   the budget memory would grow by a factor of four a level. */
static void nearly_coincident(void **state)
{
    (void)state;
    enum { N = 3000 };
    struct dice dice = {56};
    struct balls b = {0};
    struct nearest nearest = {0};
    sample_begin(&b, N);
    for (int i = 0; i < N; i++)
        balls_push(&b, dice_between(&dice, 0, 1e-6), dice_between(&dice, 0, 1e-6), 0,
                   1);
    check_body(&nearest, &b, &dice, 1.0001, 200);
    assert_true(nearest.n_list <= 12000000);
    nearest_fini(&nearest);
    balls_fini(&b);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_bodies),      cmocka_unit_test(lists_are_long_enough),
        cmocka_unit_test(many_kinds),        cmocka_unit_test(shells),
        cmocka_unit_test(far_cells_occur),   cmocka_unit_test(units),
        cmocka_unit_test(nearly_coincident),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
