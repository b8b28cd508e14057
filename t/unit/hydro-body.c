/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/body.h"

#include "geom-sample.h"
#include "util/clock.h"

static const struct body_options DERIVED = {NAN, NAN};

/* body_prepare on balls from the samples. */
static int prepare(struct body *body, const struct balls *b,
                   const struct body_options *options, struct err *err)
{
    double *xyz = malloc(3 * b->n * sizeof *xyz);
    assert_non_null(xyz);
    for (size_t i = 0; i < b->n; i++) {
        xyz[3 * i] = b->x[i];
        xyz[3 * i + 1] = b->y[i];
        xyz[3 * i + 2] = b->z[i];
    }
    int status = body_prepare(body, xyz, b->r, b->n, NULL, options, err);
    free(xyz);
    return status;
}

/* What holds for every body: balls in the launch sphere, sums that run up to the
   totals, no ball left in another one. */
static void check(const struct body *body, size_t n_given)
{
    const struct balls *b = &body->balls;
    double volume = 0, area = 0, r_min = INFINITY;
    assert_int_equal(b->n + body->n_contained, n_given);
    assert_true(b->n >= 1);
    for (size_t i = 0; i < b->n; i++) {
        double reach = sample_gap(b, i, (double[3]){0, 0, 0}) + 2 * b->r[i];
        assert_true(reach <= body->launch_radius * (1 + 1e-14));
        volume += 4.0 / 3.0 * M_PI * pow(b->r[i], 3);
        area += 4 * M_PI * b->r[i] * b->r[i];
        assert_true(fabs(body->volume_sum[i] / volume - 1) < 1e-12);
        assert_true(fabs(body->area_sum[i] / area - 1) < 1e-12);
        r_min = fmin(r_min, b->r[i]);
    }
    assert_true(body->volume_sum[b->n - 1] == body->total_volume);
    assert_true(body->area_sum[b->n - 1] == body->total_area);
    assert_true(body->radius_min == r_min);
    assert_true(body->skin > 0 && body->skin <= 1e-5 * r_min);
    assert_int_equal(body->groups.n, 0);
}

static void single_atom(void **state)
{
    (void)state;
    struct body body = {0};
    double xyz[3] = {10, -20, 30}, r = 1.7;
    assert_int_equal(body_prepare(&body, xyz, &r, 1, NULL, &DERIVED, NULL), 0);
    check(&body, 1);
    assert_true(body.launch_radius == 1.7);
    for (int k = 0; k < 3; k++)
        assert_true(body.centre[k] == xyz[k]);
    assert_int_equal(body_find_groups(&body, NULL), 0);
    assert_int_equal(body.groups.n, 1);
    body_fini(&body);
    body_fini(&body);
}

static void contained_balls_leave(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        size_t n, left;
        double radius; /* of the launch sphere */
        double ball[5][4];
    } cases[] = {
        {"coincident", 3, 1, 2, {{1, 1, 1, 2}, {1, 1, 1, 2}, {1, 1, 1, 2}}},
        {"coincident to rounding",
         3,
         1,
         1,
         {{0, 0, 0, 1}, {1e-17, 0, 0, 1}, {0, -1e-18, 0, 1}}},
        {"concentric", 3, 1, 3, {{5, 5, 5, 1}, {5, 5, 5, 3}, {5, 5, 5, 2}}},
        {"in another", 2, 1, 4, {{0, 0, 0, 4}, {1, 0, 0, 1}}},
        {"touching from inside", 2, 1, 4, {{3, 0, 0, 1}, {0, 0, 0, 4}}},
        {"nested", 4, 1, 8, {{1, 0, 0, 1}, {0, 0, 0, 8}, {1, 1, 0, 2}, {1, 1, 1, 4}}},
        {"just outside", 2, 2, 4.0005, {{0, 0, 0, 4}, {3.001, 0, 0, 1}}},
        {"touching from outside", 2, 2, 3, {{0, 0, 0, 1}, {3, 0, 0, 2}}},
        {"pairs",
         5,
         2,
         11,
         {{0, 0, 0, 1}, {20, 0, 0, 1}, {0, 0, 0, 1}, {20, 0, 0, 1}, {20, 0, 0, 1}}},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct body body = {0};
        double xyz[15], r[5];
        for (size_t i = 0; i < cases[k].n; i++) {
            memcpy(xyz + 3 * i, cases[k].ball[i], 3 * sizeof *xyz);
            r[i] = cases[k].ball[i][3];
        }
        struct err err = {0};
        assert_int_equal(body_prepare(&body, xyz, r, cases[k].n, NULL, &DERIVED, &err),
                         0);
        if (body.balls.n != cases[k].left ||
            fabs(body.launch_radius - cases[k].radius) > 1e-9)
            fail_msg("%s: %zu balls in a launch radius of %.15g", cases[k].what,
                     body.balls.n, body.launch_radius);
        check(&body, cases[k].n);
        body_fini(&body);
    }
}

/* Against the definition: a ball stays unless another one holds it; of equals one. */
static void contained_balls_among_many(void **state)
{
    (void)state;
    struct dice dice = {71};
    struct balls b = {0};
    struct body body = {0};
    for (size_t n = 1; n < 500; n = 2 * n + 1) {
        sample_scatter(&b, &dice, n, 10, 1e-3, 8);
        if (n > 10)
            for (size_t i = 0; i < n / 4; i++) { /* copies */
                size_t j = n - 1 - i;
                b.x[j] = b.x[i], b.y[j] = b.y[i], b.z[j] = b.z[i], b.r[j] = b.r[i];
            }
        size_t left = 0;
        for (size_t j = 0; j < n; j++) {
            bool held = false;
            for (size_t i = 0; i < n && !held; i++) {
                double c[3] = {b.x[j], b.y[j], b.z[j]}, gap = sample_gap(&b, i, c);
                bool equal = gap == -b.r[i] && b.r[i] == b.r[j];
                held = i != j && gap + b.r[j] <= 0 && (!equal || i < j);
            }
            left += !held;
        }
        assert_int_equal(prepare(&body, &b, &DERIVED, NULL), 0);
        assert_int_equal(body.balls.n, left);
        check(&body, n);
    }
    body_fini(&body);
    balls_fini(&b);
}

static void refusals(void **state)
{
    (void)state;
    static const struct {
        size_t atom; /* what is put there, of 4 atoms */
        int axis;    /* 3: the radius */
        double value;
        const char *text;
    } cases[] = {
        {0, 0, NAN, "atom 1: x coordinate is nan"},
        {1, 1, NAN, "atom 2: y coordinate is nan"},
        {3, 2, INFINITY, "atom 4: z coordinate is inf"},
        {2, 0, -INFINITY, "atom 3: x coordinate is -inf"},
        {2, 1, 1e31, "atom 3: y coordinate is 1e+31"},
        {2, 2, -1e308, "atom 3: z coordinate is -1e+308"},
        {0, 3, 0, "atom 1: radius is 0"},
        {1, 3, -1.5, "atom 2: radius is -1.5"},
        {2, 3, NAN, "atom 3: radius is nan"},
        {3, 3, INFINITY, "atom 4: radius is inf"},
        {3, 3, 1e31, "atom 4: radius is 1e+31"},
        {3, 3, 1e-31, "atom 4: radius is 1e-31"},
        {3, 3, 1e-12, "smallest ball"}, /* beside a body of radius 5 */
        {3, 3, 1e12, "smallest ball"},
        {3, 0, 1e25, "smallest ball"},
    };
    static const unsigned number[4] = {100, 101, 102, 103};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        for (int named = 0; named < 2; named++) {
            double xyz[12] = {0, 0, 0, 5, 0, 0, 0, 5, 0, 0, 0, 5}, r[4] = {1, 1, 1, 1};
            if (cases[k].axis == 3)
                r[cases[k].atom] = cases[k].value;
            else
                xyz[3 * cases[k].atom + (size_t)cases[k].axis] = cases[k].value;
            if (cases[k].value == 1e12) /* the others stick out of it */
                xyz[9] = 1e12;
            struct body body = {0};
            struct err err = {0};
            const unsigned *numbers = named ? number : NULL;
            if (body_prepare(&body, xyz, r, 4, numbers, &DERIVED, &err) != -1)
                fail_msg("accepted: %s", cases[k].text);
            assert_int_equal(err.code, ERR_INPUT);
            char text[100], *rest;
            snprintf(text, sizeof text, "%s", cases[k].text);
            if (named && (rest = strchr(text, ':'))) {
                char renamed[120];
                snprintf(renamed, sizeof renamed, "atom %zu%s", 101 + cases[k].atom,
                         rest);
                assert_non_null(strstr(err.text, renamed));
            } else if (!strstr(err.text, text)) {
                fail_msg("\"%s\" instead of \"%s\"", err.text, text);
            }
            assert_int_equal(body_prepare(&body, xyz, r, 4, numbers, &DERIVED, NULL),
                             -1);
            body_fini(&body);
        }
}

static void lengths_given(void **state)
{
    (void)state;
    double xyz[6] = {-3, 0, 0, 3, 0, 0}, r[2] = {1, 1};
    struct body body = {0};
    struct err err = {0};
    struct body_options options = {4, 1e-7};
    assert_int_equal(body_prepare(&body, xyz, r, 2, NULL, &options, &err), 0);
    assert_true(body.launch_radius == 4 && body.skin == 1e-7);
    options = (struct body_options){12.5, NAN};
    assert_int_equal(body_prepare(&body, xyz, r, 2, NULL, &options, &err), 0);
    assert_true(body.launch_radius == 12.5);
    check(&body, 2);
    static const double too_small[] = {3.999, 1, 0, -5, -INFINITY};
    for (size_t k = 0; k < sizeof too_small / sizeof *too_small; k++) {
        options.launch_radius = too_small[k];
        err = (struct err){0};
        assert_int_equal(body_prepare(&body, xyz, r, 2, NULL, &options, &err), -1);
        assert_int_equal(err.code, ERR_USAGE);
        assert_non_null(strstr(err.text, "launch radius"));
        assert_non_null(strstr(err.text, "4")); /* what it needs */
    }
    body_fini(&body);
}

static void two_far_apart(void **state)
{
    (void)state;
    struct dice dice = {72};
    struct balls b = {0};
    struct body body = {0};
    sample_chain(&b, &dice, 2000);
    for (size_t i = 0; i < 1000; i++)
        b.y[i] += 1e4;
    assert_int_equal(prepare(&body, &b, &DERIVED, NULL), 0);
    check(&body, 2000);
    assert_true(body.launch_radius > 5000 && body.launch_radius < 5030);
    assert_int_equal(body_find_groups(&body, NULL), 0);
    assert_int_equal(body.groups.n, 2);
    assert_true(body.groups.gap > 9900 && body.groups.gap < 1e4);
    body_fini(&body);
    balls_fini(&b);
}

/* Moving a body moves the centre and nothing else. */
static void far_from_the_origin(void **state)
{
    (void)state;
    struct dice dice = {73};
    struct balls b = {0};
    struct body here = {0}, there = {0};
    double by[3] = {10000, -10000, 5000};
    sample_chain(&b, &dice, 300);
    assert_int_equal(prepare(&here, &b, &DERIVED, NULL), 0);
    sample_shift(&b, by);
    assert_int_equal(prepare(&there, &b, &DERIVED, NULL), 0);
    check(&there, 300);
    assert_true(fabs(there.launch_radius - here.launch_radius) < 1e-9);
    for (int k = 0; k < 3; k++)
        assert_true(fabs(there.centre[k] - by[k] - here.centre[k]) < 1e-8);
    body_fini(&here);
    body_fini(&there);
    balls_fini(&b);
}

static void expect_same(const struct body *a, const struct body *b)
{
    size_t n = a->balls.n;
    assert_int_equal(n, b->balls.n);
    assert_int_equal(a->n_contained, b->n_contained);
    assert_memory_equal(a->balls.x, b->balls.x, n * sizeof(double));
    assert_memory_equal(a->balls.y, b->balls.y, n * sizeof(double));
    assert_memory_equal(a->balls.z, b->balls.z, n * sizeof(double));
    assert_memory_equal(a->balls.r, b->balls.r, n * sizeof(double));
    assert_memory_equal(a->centre, b->centre, sizeof a->centre);
    assert_memory_equal(a->volume_sum, b->volume_sum, n * sizeof(double));
    assert_memory_equal(a->area_sum, b->area_sum, n * sizeof(double));
    assert_true(a->launch_radius == b->launch_radius && a->skin == b->skin);
    assert_true(a->total_volume == b->total_volume && a->total_area == b->total_area);
    assert_int_equal(a->bvh.n_leaves, b->bvh.n_leaves);
    assert_int_equal(a->bvh.levels, b->bvh.levels);
    assert_memory_equal(a->bvh.node, b->bvh.node,
                        (a->bvh.first[a->bvh.levels - 1] + 1) * sizeof *a->bvh.node);
    assert_memory_equal(a->bvh.leaf, b->bvh.leaf,
                        a->bvh.n_leaves * sizeof *a->bvh.leaf);
}

/* A struct that went through frames of all sizes, and through refusals, prepares the
   same body as a fresh one. */
static void reused(void **state)
{
    (void)state;
    static const size_t sizes[] = {500, 1, 1200, 3, 40, 1200, 2, 777};
    struct dice dice = {74};
    struct balls b = {0};
    struct body old = {0};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct body fresh = {0};
        struct err err = {0};
        if (k & 1)
            sample_chain(&b, &dice, sizes[k]);
        else
            sample_scatter(&b, &dice, sizes[k], 20, 1e-2, 5);
        assert_int_equal(prepare(&old, &b, &DERIVED, &err), 0);
        assert_int_equal(prepare(&fresh, &b, &DERIVED, &err), 0);
        expect_same(&old, &fresh);
        check(&old, sizes[k]);
        body_fini(&fresh);
        assert_int_equal(body_find_groups(&old, NULL), 0);
        b.x[b.n - 1] = NAN;
        assert_int_equal(prepare(&old, &b, &DERIVED, &err), -1);
        struct body_options small = {1e-9, NAN};
        b.x[b.n - 1] = 0;
        assert_int_equal(prepare(&old, &b, &small, &err), -1);
    }
    body_fini(&old);
    balls_fini(&b);
}

/* All kinds of lengths that a unit may bring. */
static void any_unit(void **state)
{
    (void)state;
    struct dice dice = {75};
    struct balls b = {0};
    struct body body = {0};
    for (double unit = 1e-25; unit < 1e26; unit *= 1e5) {
        sample_scatter(&b, &dice, 100, 10 * unit, 0.1 * unit, unit);
        assert_int_equal(prepare(&body, &b, &DERIVED, NULL), 0);
        check(&body, 100);
        assert_true(body.launch_radius > 5 * unit && body.launch_radius < 19 * unit);
    }
    body_fini(&body);
    balls_fini(&b);
}

static void large_body_in_time(void **state)
{
    (void)state;
    enum { N = 100000 };
    struct dice dice = {76};
    struct balls b = {0};
    struct body body = {0};
    sample_chain(&b, &dice, N);
    double start = clock_seconds();
    assert_int_equal(prepare(&body, &b, &DERIVED, NULL), 0);
    assert_int_equal(body_find_groups(&body, NULL), 0);
    double seconds = clock_seconds() - start;
    print_message("# %.2f s\n", seconds);
    assert_int_equal(body.groups.n, 1);
    assert_true(seconds < 10); /* a sanitiser on a busy machine; quadratic is minutes */
    body_fini(&body);
    balls_fini(&b);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(single_atom),
        cmocka_unit_test(contained_balls_leave),
        cmocka_unit_test(contained_balls_among_many),
        cmocka_unit_test(refusals),
        cmocka_unit_test(lengths_given),
        cmocka_unit_test(two_far_apart),
        cmocka_unit_test(far_from_the_origin),
        cmocka_unit_test(reused),
        cmocka_unit_test(any_unit),
        cmocka_unit_test(large_body_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
