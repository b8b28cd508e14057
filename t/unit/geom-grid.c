/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Periodic boxes and cells, against trying everything. */
#include "fwtest.h"

#include "dice.h"

#include "geom/grid.h"
#include "geom/lattice.h"

static const double boxes[][6] = {
    {10, 11, 12, 90, 90, 90},
    {9, 14, 11, 60, 60, 90},
    {10, 10, 10, 109.47, 109.47, 109.47},
    {8, 20, 9, 75, 115, 50},
    {30, 7, 12, 90, 40, 90},
};
enum { N_BOXES = sizeof boxes / sizeof *boxes };

static double square(const double d[3])
{
    return d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
}

/* The shortest image among many. */
static double brute_shortest(const struct lattice *lattice, const double d[3])
{
    double least = INFINITY;
    for (int i = -9; i <= 9; i++)
        for (int j = -9; j <= 9; j++)
            for (int l = -9; l <= 9; l++) {
                double e[3];
                for (int k = 0; k < 3; k++)
                    e[k] = d[k] + i * lattice->v[0][k] + j * lattice->v[1][k] +
                           l * lattice->v[2][k];
                least = fmin(least, square(e));
            }
    return sqrt(least);
}

static void test_lattice(void **state)
{
    struct dice dice = {3};
    (void)state;
    for (int b = 0; b < N_BOXES + 100; b++) {
        struct lattice lattice;
        double box[6];
        for (int k = 0; k < 6; k++)
            box[k] = b < N_BOXES ? boxes[b][k]
                     : k < 3     ? dice_between(&dice, 8, 20)
                                 : dice_between(&dice, 45, 135);
        if (!lattice_init(&lattice, box)) {
            assert_true(b >= N_BOXES);
            continue;
        }
        for (int i = 0; i < 3; i++) {
            double v[3] = {lattice.v[i][0], lattice.v[i][1], lattice.v[i][2]};
            assert_true(fabs(sqrt(square(v)) - box[i]) < 1e-12 * box[i]);
            int j = (i + 1) % 3, k = (i + 2) % 3;
            double dot = 0;
            for (int x = 0; x < 3; x++)
                dot += lattice.v[j][x] * lattice.v[k][x];
            double angle = acos(dot / (box[j] * box[k])) * 180 / M_PI;
            assert_true(fabs(angle - box[3 + i]) < 1e-9);
        }
        for (int round = 0; round < 30; round++) {
            double d[3], e[3], p[3];
            for (int k = 0; k < 3; k++)
                p[k] = e[k] = d[k] = 30 * (dice_between(&dice, 0, 1) - 0.5);
            lattice_shortest(&lattice, d);
            double expected = brute_shortest(&lattice, e);
            if (fabs(sqrt(square(d)) - expected) > 1e-10)
                fail_msg("box %d: %g, not %g", b, sqrt(square(d)), expected);
            lattice_wrap(&lattice, p);
            for (int k = 2; k >= 0; k--) {
                double f = p[k] / lattice.v[k][k];
                assert_true(f > -1e-12 && f < 1 + 1e-12);
                for (int x = 0; x < 3; x++)
                    p[x] -= f * lattice.v[k][x];
            }
        }
    }
}

static void test_right_angles(void **state)
{
    struct lattice lattice;
    (void)state;
    assert_true(lattice_init(&lattice, boxes[0]));
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            assert_true(lattice.v[i][k] == (i == k ? boxes[0][i] : 0));
}

static void test_no_box(void **state)
{
    static const double bad[][6] = {
        {0, 1, 1, 90, 90, 90},   {1, -1, 1, 90, 90, 90},
        {1, 1, NAN, 90, 90, 90}, {1, 1, 1, 90, 90, 180},
        {1, 1, 1, 0, 90, 90},    {1, 1, 1, 120, 120, 120},
        {1, 1, 1, 170, 20, 20},  {1, 1, INFINITY, 90, 90, 90},
        {1, 1, 1, NAN, 90, 90},  {1e200, 1e200, 1e200, 90, 90, 90},
    };
    struct lattice lattice;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (lattice_init(&lattice, bad[i]))
            fail_msg("box %zu is taken", i);
}

struct found {
    size_t n;
    double sum;
};

static bool count(void *context, size_t id, double squared)
{
    struct found *found = context;
    found->n++;
    found->sum += (double)id + squared;
    return true;
}

static struct found brute(const double *xyz, size_t n, const double p[3], double radius,
                          const struct lattice *lattice)
{
    struct found found = {0};
    int reach = lattice ? 9 : 0;
    for (size_t i = 0; i < n; i++)
        for (int image = 0; image < (2 * reach + 1) * (2 * reach + 1) * (2 * reach + 1);
             image++) {
            int w = 2 * reach + 1;
            int at[3] = {image % w - reach, image / w % w - reach,
                         image / w / w - reach};
            double d[3];
            for (int k = 0; k < 3; k++) {
                d[k] = xyz[3 * i + (size_t)k] - p[k];
                for (int v = 0; lattice && v < 3; v++)
                    d[k] += at[v] * lattice->v[v][k];
            }
            if (square(d) <= radius * radius) {
                found.n++;
                found.sum += (double)i + square(d);
            }
        }
    return found;
}

static void check_grid(const double *xyz, size_t n, double edge, double radius,
                       const struct lattice *lattice, struct dice *dice, double extent)
{
    struct grid grid;
    struct err err = {0};
    assert_int_equal(grid_init(&grid, xyz, n, edge, lattice, &err), 0);
    for (int round = 0; round < 20; round++) {
        double p[3];
        for (int k = 0; k < 3; k++)
            p[k] = extent * (1.4 * dice_between(dice, 0, 1) - 0.2);
        struct found found = {0}, expected = brute(xyz, n, p, radius, lattice);
        assert_true(grid_visit(&grid, p, radius, count, &found));
        if (found.n != expected.n || fabs(found.sum - expected.sum) > 1e-6)
            fail_msg("%zu points, not %zu", found.n, expected.n);
        assert_int_equal(grid_any(&grid, p, radius), expected.n > 0);
    }
    grid_fini(&grid);
}

static void test_grid(void **state)
{
    enum { N = 150 };
    double xyz[3 * N];
    struct dice dice = {17};
    (void)state;
    for (int shape = 0; shape < 4; shape++) {
        double extent = shape == 3 ? 1e6 : 20;
        for (size_t i = 0; i < 3 * N; i++) {
            double u = dice_between(&dice, 0, 1);
            xyz[i] = shape == 1 ? 7.25 : shape == 2 ? 20 * (u > 0.5) : extent * u;
        }
        xyz[5] = NAN;
        xyz[9] = INFINITY;
        static const double radii[] = {0, 0.5, 3, 9, 50};
        for (size_t r = 0; r < sizeof radii / sizeof *radii; r++)
            for (double edge = 0; edge < 20; edge = 4 * edge + 1)
                check_grid(xyz, N, edge, radii[r], NULL, &dice, extent);
    }
    check_grid(xyz, 0, 1, 1, NULL, &dice, 1);
}

static void test_periodic_grid(void **state)
{
    enum { N = 30 };
    double xyz[3 * N];
    struct dice dice = {18};
    (void)state;
    for (int b = 0; b < N_BOXES; b++) {
        struct lattice lattice;
        assert_true(lattice_init(&lattice, boxes[b]));
        for (int i = 0; i < 3 * N; i++)
            xyz[i] = 20 * dice_between(&dice, 0, 1);
        check_grid(xyz, N, 3, 2.5, &lattice, &dice, 20);
        check_grid(xyz, N, 3, 7, &lattice, &dice, 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lattice),       cmocka_unit_test(test_right_angles),
        cmocka_unit_test(test_no_box),        cmocka_unit_test(test_grid),
        cmocka_unit_test(test_periodic_grid),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
