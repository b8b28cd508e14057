/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/derive.h"

#include "dice.h"
#include "fwtest.h"

/* The formula of Mansfield and Douglas (2008) once more, with the C library and long
   double, rows in the order p0 r0 p1 r1 ... of their table. */
static long double row(const double t[8], long double x1)
{
    long double sum = 0;
    for (int i = 0; i < 4; i++)
        sum += t[2 * i] * expl(-t[2 * i + 1] * x1);
    return sum;
}

static double reference(double x1, double x2)
{
    static const double delta_row[8] = {4.8,    0,     0.66,  1.04,
                                        -1.247, 2.012, 0.787, 2.315},
                        b_row[8] = {0.68, 0, -7.399, 1.063, 1.048, 0.895, 0.136, 4.993},
                        B_row[8] = {1.925, 0,     -8.611, 1.344,
                                    1.652, 2.029, -0.12,  1.075},
                        c_row[8] = {13.43, 0, 16.17, 0.489, 0.51, 0.879, -5.86, 2.447},
                        A_row[8] = {16.23, 0, -15.92, 0.462, 14.83, 1.989, -3.74, 4.6},
                        m_row[8] = {2.786, 0, 0.293, 0.556, -0.11, 2.034, 0.012, 3.024};
    long double delta = row(delta_row, x1), A = row(A_row, x1), c = row(c_row, x1);
    long double last = powl(x2, row(m_row, x1)), square = (long double)x2 * x2;
    return (double)((delta * A + c * x2 + row(b_row, x1) * square + 4 * last) /
                    (6 * A + 6 * c * x2 / delta + row(B_row, x1) * square + 5 * last));
}

static double prefactor(double scale, double x1, double x2)
{
    double first = scale, second = first * exp(x1), third = second * exp(x2);
    return hydro_viscosity_prefactor((double[3]){first, second, third});
}

static void sphere(void **state)
{
    (void)state;
    for (double alpha = 1e-40; alpha < 1e40; alpha *= 7.3) {
        double q = hydro_viscosity_prefactor((double[3]){alpha, alpha, alpha});
        assert_true(fabs(q - 5.0 / 6.0) < 1e-14);
    }
}

/* Nothing but the ratios of the eigenvalues counts, and those as the formula says. */
static void formula(void **state)
{
    (void)state;
    struct dice dice = {81};
    for (int i = 0; i < 20000; i++) {
        double x1 = i % 5 ? dice_log(&dice, 1e-6, 12) : 0;
        double x2 = i % 7 ? dice_log(&dice, 1e-6, 12) : 0;
        double want = reference(x1, x2);
        double got = prefactor(dice_log(&dice, 1e-12, 1e12), x1, x2);
        if (!(fabs(got / want - 1) < 1e-12))
            fail_msg("x1 = %g, x2 = %g: %.15g instead of %.15g", x1, x2, got, want);
    }
}

/* Powers of two change no ratio, so not a bit of the result. */
static void scale_invariance(void **state)
{
    (void)state;
    struct dice dice = {82};
    for (int i = 0; i < 1000; i++) {
        double e[3], scaled[3];
        e[0] = dice_log(&dice, 1, 100);
        e[1] = e[0] * dice_log(&dice, 1, 50);
        e[2] = e[1] * dice_log(&dice, 1, 50);
        for (int k = 0; k < 3; k++)
            scaled[k] = e[k] * 0x1p-77;
        double q = hydro_viscosity_prefactor(e);
        assert_true(q == hydro_viscosity_prefactor(scaled));
        assert_true(q > 0.74 &&
                    q < 0.86); /* 0.79 +- 0.04 for all shapes in the paper */
    }
}

/* Thin discs (x1 large, x2 = 0) end at delta / 6 = 4.8 / 6; needles (x1 = 0, x2 large)
   at 4 / 5, the ratio of the highest powers. Both are 4/5. */
static void limits(void **state)
{
    (void)state;
    assert_true(fabs(prefactor(1, 100, 0) - 0.8) < 1e-12);
    assert_true(fabs(prefactor(1, 0, 600) - 0.8) < 0.01);
    assert_true(fabs(prefactor(1, 0, 1e-9) - 5.0 / 6.0) <
                1e-8); /* no step at the sphere */
    assert_true(fabs(prefactor(1, 1e-9, 0) - 5.0 / 6.0) < 1e-8);
}

static void not_a_shape(void **state)
{
    (void)state;
    static const double cases[][3] = {{NAN, 1, 2}, {1, NAN, 2}, {1, 2, NAN},
                                      {-1, 1, 2},  {-2, -1, 1}, {0, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(isnan(hydro_viscosity_prefactor(cases[i])));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sphere),           cmocka_unit_test(formula),
        cmocka_unit_test(scale_invariance), cmocka_unit_test(limits),
        cmocka_unit_test(not_a_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
