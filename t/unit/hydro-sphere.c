/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/sphere.h"

#include "dice.h"
#include "fwtest.h"

#include <gsl/gsl_cdf.h>

/* Directions: unit length, and cells of equal area in (z, azimuth) equally full. */
static void directions_are_uniform(void **state)
{
    (void)state;
    enum { N = 1 << 18, SIDE = 16 };
    double count[SIDE][SIDE] = {{0}}, chi2 = 0;
    struct rng_stream stream;
    rng_start(&stream, 31, RNG_WALKS, 0, 0);
    for (int i = 0; i < N; i++) {
        double u[3];
        sphere_direction(&stream, u);
        assert_true(fabs(u[0] * u[0] + u[1] * u[1] + u[2] * u[2] - 1) < 1e-15);
        int row = (int)((u[2] + 1) / 2 * SIDE);
        int column = (int)((atan2(u[1], u[0]) / (2 * M_PI) + 0.5) * SIDE);
        count[row][column % SIDE]++;
    }
    double expected = (double)N / (SIDE * SIDE);
    for (int i = 0; i < SIDE * SIDE; i++)
        chi2 += pow(count[i / SIDE][i % SIDE] - expected, 2) / expected;
    double p = gsl_cdf_chisq_Q(chi2, SIDE * SIDE - 1);
    assert_true(p > 1e-4 && p < 1 - 1e-4);
}

static void steps_have_their_length(void **state)
{
    (void)state;
    struct dice dice = {32};
    struct rng_stream stream;
    rng_start(&stream, 33, RNG_WALKS, 0, 0);
    for (int i = 0; i < 10000; i++) {
        double from[3] = {dice_between(&dice, -9, 9), 1, -2}, p[3];
        double radius = dice_log(&dice, 1e-3, 100);
        memcpy(p, from, sizeof p);
        sphere_step(&stream, radius, p);
        double length = sqrt(pow(p[0] - from[0], 2) + pow(p[1] - from[1], 2) +
                             pow(p[2] - from[2], 2));
        assert_true(fabs(length - radius) < 1e-14 * (radius + 10));
    }
}

/* For axes of all directions, the poles and their neighbourhood among them: the part
   along the axis, the part across it, and a quarter turn between azimuths of 0 and 1/4
   with one handedness. */
static void around_an_axis(void **state)
{
    (void)state;
    static const double poles[][3] = {{0, 0, 1},     {0, 0, -1},     {1, 0, 0},
                                      {0, 1, 0},     {-1, 0, -0.0},  {1e-9, 0, 1},
                                      {1e-9, 0, -1}, {0, 1e-160, -1}};
    enum { POLES = sizeof poles / sizeof *poles };
    struct dice dice = {34};
    for (int i = 0; i < 20000; i++) {
        double axis[3], p[2][3], turn = dice_between(&dice, 0, 1);
        double axial = dice_between(&dice, -3, 3), radial = dice_between(&dice, 0, 3);
        dice_direction(&dice, axis);
        if (i < POLES)
            memcpy(axis, poles[i], sizeof axis);
        sphere_around_axis(axis, axial, radial, turn, p[0]);
        sphere_around_axis(axis, axial, radial, turn + 0.25, p[1]);
        double across[2][3], dot = 0, triple = 0;
        for (int j = 0; j < 2; j++) {
            double along = 0, square = 0;
            for (int k = 0; k < 3; k++)
                along += p[j][k] * axis[k];
            for (int k = 0; k < 3; k++) {
                across[j][k] = p[j][k] - along * axis[k];
                square += across[j][k] * across[j][k];
            }
            assert_true(fabs(along - axial) < 1e-14);
            assert_true(fabs(sqrt(square) - radial) < 1e-14);
        }
        for (int k = 0; k < 3; k++) {
            int l = (k + 1) % 3, m = (k + 2) % 3;
            dot += across[0][k] * across[1][k];
            triple +=
                axis[k] * (across[0][l] * across[1][m] - across[0][m] * across[1][l]);
        }
        assert_true(fabs(dot) < 1e-13);
        assert_true(fabs(triple - radial * radial) < 1e-13);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(directions_are_uniform),
        cmocka_unit_test(steps_have_their_length),
        cmocka_unit_test(around_an_axis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
