/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks that follow from a target of the mean: the formula. */
#include "fwtest.h"

#include "engine/target.h"
#include "hydro/control.h"
#include "hydro/hits.h"

#include <math.h>

enum { N = 16 };

/* Values whose variance, n - 1 in the denominator, is spread^2 + noise^2. */
static void make(double value[N], double std[N], double spread, double noise)
{
    double deviation = sqrt((spread * spread + noise * noise) * (N - 1) / N);
    for (int i = 0; i < N; i++) {
        value[i] = 100 + (i % 2 ? deviation : -deviation);
        std[i] = noise;
    }
}

static struct target solve(double spread, double noise, double percent, size_t frames,
                           uint64_t most, bool plain)
{
    double value[N], std[N];
    struct target target = {.percent = percent};
    const struct hydro_options options = {.walks = most, .no_control_variate = plain};
    make(value, std, spread, noise);
    target_solve(&target, value, std, N, frames, &options);
    assert_true(fabs(target.spread - spread) < 1e-9 * (spread + noise) ||
                spread * spread < 1e-12);
    assert_true(fabs(target.mean - 100) < 1e-9);
    return target;
}

static void test_formula(void **state)
{
    (void)state;
    /* Variance that is allowed, from share or target; plain walks: W = W0 v / allowed.
     */
    static const struct {
        double spread, noise, percent;
        size_t frames;
        double allowed;
    } table[] = {
        {1, 1, 0.01, 100, 0.1},     /* target out of reach: a tenth of the spread's */
        {1, 1, 0.2, 100, 3},        /* 100 * 0.04 - 1 */
        {1, 0.1, 0.01, 100, 0.1},   /* less noise, fewer walks */
        {2, 1, 0.3, 100, 5},        /* 9 - 4 */
        {0.0, 1, 0.1, 25, 0.25},    /* a rigid body: the target alone */
        {0.5, 4, 0.05, 100, 0.025}, /* 0.25 - 0.25, so a tenth */
    };
    for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
        struct target t = solve(table[r].spread, table[r].noise, table[r].percent,
                                table[r].frames, 1u << 30, true);
        double v = table[r].noise * table[r].noise * TARGET_WALKS;
        double exact = v / table[r].allowed;
        assert_int_equal(t.walks % HYDRO_BLOCK, 0);
        if (!((double)t.walks >= exact * (1 - 1e-9) &&
              (double)t.walks < exact * (1 + 1e-9) + HYDRO_BLOCK))
            fail_msg("row %zu: %ju walks, not %g", r, (uintmax_t)t.walks, exact);
        assert_false(t.limited);
        assert_true(t.walks_noise * t.walks_noise <= table[r].allowed * (1 + 1e-9));
    }
}

static void test_control(void **state)
{
    (void)state;
    /* Variance goes like W^(-5/4): 16 times as much noise variance, 16^(4/5) the walks.
     */
    struct target a = solve(1, 1, 0.01, 10, 1u << 30, false);
    struct target b = solve(1, 4, 0.01, 10, 1u << 30, false);
    assert_true(fabs((double)b.walks / (double)a.walks / pow(16, 0.8) - 1) < 0.05);
    /* Never fewer than make use of the control variate. */
    struct target c = solve(1, 1e-6, 1, 10, 1u << 30, false);
    assert_int_equal(c.walks, CONTROL_PAYS);
}

static void test_limits(void **state)
{
    (void)state;
    struct target t = solve(1, 1, 0.01, 10, 20000, true);
    assert_true(t.limited);
    assert_true(t.walks <= 20000 && t.walks > 20000 - HYDRO_BLOCK);
    t = solve(1, 1, 0.01, 10, 1000, false);
    assert_int_equal(t.walks, 1000);
    /* No spread and no reachable target: all that is allowed. */
    t = solve(0, 1, 1e-6, 10, 1u << 20, true);
    assert_true(t.limited && t.walks == 1u << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formula),
        cmocka_unit_test(test_control),
        cmocka_unit_test(test_limits),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("engine-target", tests, NULL, NULL);
}
