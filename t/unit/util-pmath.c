/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/pmath.h"

#include "dice.h"
#include "fwtest.h"

#include <float.h>

/* The reference is the C library's long double, whose errors (below 2^-63) do not count
   beside what is measured. Where long double is double there is nothing to compare
   with. */
#define NEED_LONG_DOUBLE()                                                       \
    do {                                                                         \
        if (LDBL_MANT_DIG < 64) {                                                \
            print_message("# SKIP: long double is no wider than double here\n"); \
            return;                                                              \
        }                                                                        \
    } while (0)

enum { SAMPLES = 200000 };

struct worst {
    double error, at;
};

static void note(struct worst *worst, double got, long double want, double at)
{
    double error = (double)fabsl((long double)got / want - 1);
    if (!(error <= worst->error)) {
        worst->error = error;
        worst->at = at;
    }
}

static void expect_below(const char *what, const struct worst *worst, double limit)
{
    print_message("# %s: worst relative error %.3g at %.17g\n", what, worst->error,
                  worst->at);
    if (!(worst->error < limit))
        fail_msg("%s: relative error %g at %.17g", what, worst->error, worst->at);
}

static void exponential(void **state)
{
    (void)state;
    NEED_LONG_DOUBLE();
    struct dice dice = {1};
    struct worst worst = {0};
    static const double spans[] = {1e-300, 1e-16, 1e-8, 1e-3, 0.3466, 1, 10, 708};
    for (size_t k = 0; k < sizeof spans / sizeof *spans; k++)
        for (int i = 0; i < SAMPLES / 8; i++) {
            double x = dice_between(&dice, -spans[k], spans[k]);
            note(&worst, pmath_exp(x), expl(x), x);
        }
    static const double edges[] = {0,
                                   -0.0,
                                   0.34657359027997264,
                                   -0.34657359027997264,
                                   0.34657359027997270,
                                   709.782712893384,
                                   -708.3964185322639,
                                   M_LN2,
                                   1};
    for (size_t k = 0; k < sizeof edges / sizeof *edges; k++)
        note(&worst, pmath_exp(edges[k]), expl(edges[k]), edges[k]);
    expect_below("exp", &worst, 4e-16);
}

static void exponential_specials(void **state)
{
    (void)state;
    assert_true(pmath_exp(0) == 1);
    assert_true(isinf(pmath_exp(709.7827128933841)));
    assert_true(isinf(pmath_exp(1e300)));
    assert_true(isinf(pmath_exp(INFINITY)));
    assert_true(pmath_exp(-708.3964185322642) == 0);
    assert_true(pmath_exp(-1e300) == 0);
    assert_true(pmath_exp(-INFINITY) == 0);
    assert_true(isnan(pmath_exp(NAN)));
}

static void logarithm(void **state)
{
    (void)state;
    NEED_LONG_DOUBLE();
    struct dice dice = {2};
    struct worst worst = {0};
    for (int i = 0; i < SAMPLES; i++) {
        double x = dice_log(&dice, 1e-307, 1e308);
        note(&worst, pmath_log(x), logl(x), x);
        x = 1 + dice_between(&dice, -0.6, 1.5); /* about the cancellation at 1 */
        note(&worst, pmath_log(x), logl(x), x);
        x = 1 + dice_log(&dice, 1e-15, 1e-3) * (i & 1 ? 1 : -1);
        if (x != 1)
            note(&worst, pmath_log(x), logl(x), x);
    }
    static const double edges[] = {DBL_MIN,
                                   DBL_MAX,
                                   5e-324,
                                   1e-310,
                                   M_SQRT1_2,
                                   0.70710678118654746,
                                   0.70710678118654757,
                                   M_SQRT2,
                                   1.4142135623730954,
                                   1 + DBL_EPSILON,
                                   1 - DBL_EPSILON / 2,
                                   2,
                                   0.5};
    for (size_t k = 0; k < sizeof edges / sizeof *edges; k++)
        note(&worst, pmath_log(edges[k]), logl(edges[k]), edges[k]);
    expect_below("log", &worst, 4e-16);
}

static void logarithm_specials(void **state)
{
    (void)state;
    assert_true(pmath_log(1) == 0);
    assert_true(pmath_log(0) == -INFINITY);
    assert_true(pmath_log(-0.0) == -INFINITY);
    assert_true(pmath_log(INFINITY) == INFINITY);
    assert_true(isnan(pmath_log(-1)));
    assert_true(isnan(pmath_log(-INFINITY)));
    assert_true(isnan(pmath_log(NAN)));
}

static void power(void **state)
{
    (void)state;
    NEED_LONG_DOUBLE();
    struct dice dice = {3};
    struct worst worst = {0}; /* in units of the promise */
    for (int i = 0; i < SAMPLES; i++) {
        double x = dice_log(&dice, 1e-3, 1e3), y = dice_between(&dice, -50, 50);
        if (i % 2)
            x = dice_log(&dice, 0.9, 1.1);
        long double want = powl(x, y);
        double promise = 1 + fabs(y * log(x));
        double error = (double)fabsl(pmath_pow(x, y) / want - 1) / promise;
        if (error > worst.error)
            worst = (struct worst){error, x};
    }
    expect_below("pow", &worst, 4e-16);
    assert_true(pmath_pow(7, 0) == 1);
    assert_true(pmath_pow(1, 123.4) == 1);
}

static void cube_root(void **state)
{
    (void)state;
    NEED_LONG_DOUBLE();
    struct dice dice = {4};
    struct worst worst = {0};
    for (int i = 0; i < SAMPLES; i++) {
        double x = dice_log(&dice, 1e-307, 1e308) * (i & 1 ? 1 : -1);
        note(&worst, pmath_cbrt(x), cbrtl(x), x);
        x = dice_between(&dice, 0.05, 20);
        note(&worst, pmath_cbrt(x), cbrtl(x), x);
    }
    static const double edges[] = {DBL_MAX, -DBL_MAX, DBL_MIN, 5e-324, 1.5e-323,
                                   1e-310,  0.125,    1,       8,      -27};
    for (size_t k = 0; k < sizeof edges / sizeof *edges; k++)
        note(&worst, pmath_cbrt(edges[k]), cbrtl(edges[k]), edges[k]);
    expect_below("cbrt", &worst, 4e-16);
}

static void cube_root_specials(void **state)
{
    (void)state;
    assert_true(pmath_cbrt(0) == 0 && !signbit(pmath_cbrt(0)));
    assert_true(pmath_cbrt(-0.0) == 0 && signbit(pmath_cbrt(-0.0)));
    assert_true(pmath_cbrt(INFINITY) == INFINITY);
    assert_true(pmath_cbrt(-INFINITY) == -INFINITY);
    assert_true(isnan(pmath_cbrt(NAN)));
}

static void arc_cosine(void **state)
{
    (void)state;
    NEED_LONG_DOUBLE();
    struct dice dice = {6};
    double worst = 0;
    for (int i = 0; i < SAMPLES; i++) {
        double x = dice_between(&dice, -1, 1), small = dice_log(&dice, 1e-16, 1);
        const double at[] = {x, small, 1 - small, small - 1};
        for (size_t k = 0; k < sizeof at / sizeof *at; k++)
            worst = fmax(worst, (double)fabsl(pmath_acos(at[k]) - acosl(at[k])));
    }
    print_message("# acos: worst absolute error %.3g\n", worst);
    assert_true(worst < 2e-15);
    assert_true(pmath_acos(0) * (180 / M_PI) == 90);
    assert_true(pmath_acos(1) == 0 && pmath_acos(1.5) == 0);
    assert_true(pmath_acos(-1) == M_PI && pmath_acos(-1.5) == M_PI);
    assert_true(isnan(pmath_acos(NAN)));
}

static void check_turn(double u, double *worst)
{
    const long double two_pi = 6.283185307179586476925286766559L;
    /* The whole turns are taken off exactly, before pi comes in. */
    long double angle = two_pi * ((long double)u - roundl(u));
    double sine, cosine;
    pmath_sincos_turn(u, &sine, &cosine);
    double error =
        (double)fmaxl(fabsl(sine - sinl(angle)), fabsl(cosine - cosl(angle)));
    *worst = fmax(*worst, error);
    if (!(error < 3e-16))
        fail_msg("sin or cos of %.17g turns: error %g", u, error);
}

static void sine_and_cosine(void **state)
{
    (void)state;
    NEED_LONG_DOUBLE();
    struct dice dice = {5};
    double worst = 0;
    for (int i = 0; i < SAMPLES; i++) {
        check_turn(dice_between(&dice, 0, 1), &worst);
        check_turn(dice_between(&dice, -4, 4), &worst);
        check_turn(dice_log(&dice, 1e-300, 1), &worst);
        check_turn(dice_between(&dice, -0x1p40, 0x1p40), &worst);
    }
    for (int i = -64; i <= 64; i++) /* the seams between octants, from both sides */
        for (int side = -1; side <= 1; side++)
            check_turn(i / 8.0 + side * 1e-15, &worst);
    print_message("# sincos: worst absolute error %.3g\n", worst);
}

static void whole_quarters(void **state)
{
    (void)state;
    static const double sines[] = {0, 1, 0, -1};
    for (int i = -9; i <= 9; i++) {
        double sine, cosine;
        pmath_sincos_turn(0.25 * i, &sine, &cosine);
        assert_true(sine == sines[i & 3] && cosine == sines[(i + 1) & 3]);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponential),
        cmocka_unit_test(exponential_specials),
        cmocka_unit_test(logarithm),
        cmocka_unit_test(logarithm_specials),
        cmocka_unit_test(power),
        cmocka_unit_test(cube_root),
        cmocka_unit_test(cube_root_specials),
        cmocka_unit_test(arc_cosine),
        cmocka_unit_test(sine_and_cosine),
        cmocka_unit_test(whole_quarters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
