/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control variate of the walks: unbiased whatever the fit, and worth having. */
#include "hydro-bodies.h"

#include "dice.h"

#include <gsl/gsl_sf_zeta.h>

static void prepare_pair(struct body *body, double a, double b)
{
    struct body_options options = {NAN, NAN};
    double xyz[6] = {3, 1, -2, 3, 1, -2 + a + b}, radius[2] = {a, b};
    assert_int_equal(body_prepare(body, xyz, radius, 2, NULL, &options, NULL), 0);
}

static void pilot_sizes(void **state)
{
    (void)state;
    static const struct {
        double walks;
        size_t n_balls;
        uint64_t pilot;
    } table[] = {
        {1000, 50, 0},      {16383, 50, 0},     {16384, 50, 4096}, {82000, 2, 5120},
        {100000, 50, 6144}, {1e9, 3000, 16384}, {1e9, 1, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(control_pilot_walks(table[i].walks, table[i].n_balls),
                         table[i].pilot);
}

/* Every tally against the plain one, Phi being anything at all with its sources inside
   the body: this holds the exact means to account, also their signs and indices. */
static void any_fit_is_unbiased(void **state)
{
    (void)state;
    struct body body = {0};
    struct control control = {0};
    struct measured plain, other;
    struct dice dice = {71};
    prepare_pair(&body, 2, 1);
    fit_control(&body, 1, 16384, &control); /* for the sources */
    assert_true(control.n >= 8);
    measure_prepared(&body, 2, 1 << 20, 1, &plain);
    for (size_t k = 0; k < control.n; k++)
        for (int q = 0; q < CONTROL_TARGETS; q++)
            control.beta[q][k] = dice_between(&dice, -0.3, 0.3);
    control_set_exact(&control);
    measure_with(&body, &control, 3, 1 << 20, 1, &other);
    struct chi_square chi = {0};
    double a[WALK_DIM], b[WALK_DIM], va[WALK_DIM * WALK_DIM], vb[WALK_DIM * WALK_DIM];
    const struct walk_tally *p = &plain.tallies.walk, *o = &other.tallies.walk;
    tally_means(p->sum, p->product, p->walks, WALK_DIM, a, va, WALK_DIM);
    tally_means(o->sum, o->product, o->walks, WALK_DIM, b, vb, WALK_DIM);
    for (int i = 0; i < WALK_DIM; i++)
        chi_add(&chi, "tally", b[i] + control.exact[i], a[i],
                sqrt(va[i * (WALK_DIM + 1)] + vb[i * (WALK_DIM + 1)]));
    chi_check(&chi, "random coefficients");
    control_fini(&control);
    body_fini(&body);
}

/* Touching balls in closed form, to a relative 1e-5 in C. */
static void touching_balls(void **state)
{
    (void)state;
    struct test_body b = {0};
    struct measured m;
    double zeta3 = gsl_sf_zeta(3.0);
    body_add(&b, 7, 7, 6, 1);
    body_add(&b, 7, 7, 8, 1);
    measure_controlled(&b, 4, 1 << 21, HYDRO_BLOCK, &m);
    body_free(&b);
    size_t c = at(HYDRO_CAPACITANCE), alpha = at(HYDRO_POLARIZABILITY_TENSOR);
    struct chi_square chi = {0};
    chi_add(&chi, "C", m.value[c], 2 * M_LN2, m.std[c]);
    for (size_t k = 0; k < 6; k++)
        chi_add(&chi, "alpha", m.value[alpha + k],
                k == 5             ? 16 * M_PI * zeta3
                : k == 0 || k == 3 ? 6 * M_PI * zeta3
                                   : 0,
                m.std[alpha + k]);
    chi_check(&chi, "touching balls");
    assert_true(m.std[c] < 1e-5 * m.value[c]);
}

/* Too few hits for a fit leave the plain estimator, bit for bit. */
static void small_pilot(void **state)
{
    (void)state;
    struct body body = {0};
    struct control control = {0};
    struct measured plain, other;
    prepare_pair(&body, 1, 1);
    double hits[30] = {0.5, 0, 0};
    control_reset(&control);
    assert_int_equal(control_add_hits(&control, hits, 10, NULL), 0);
    assert_int_equal(control_fit(&control, &body, 20, NULL), 0);
    assert_int_equal(control.n, 0);
    measure_prepared(&body, 5, 4096, 1, &plain);
    measure_with(&body, &control, 5, 4096, 1, &other);
    assert_memory_equal(&plain.tallies.walk, &other.tallies.walk,
                        sizeof plain.tallies.walk);
    control_fini(&control);
    body_fini(&body);
}

/* Hits that no potential explains: every target is refused, and Phi is zero. */
static void hopeless_fit(void **state)
{
    (void)state;
    struct body body = {0};
    struct control control = {0};
    struct dice dice = {72};
    prepare_pair(&body, 1, 1);
    control_reset(&control);
    for (int i = 0; i < 4000; i++) {
        double hit[3];
        dice_direction(&dice, hit);
        for (int k = 0; k < 3; k++)
            hit[k] *= dice_between(&dice, 0.6, 40);
        control_add_hits(&control, hit, 1, NULL);
    }
    assert_int_equal(control_fit(&control, &body, 4000, NULL), 0);
    for (int q = 0; q < CONTROL_TARGETS; q++)
        for (size_t k = 0; k < control.n; k++)
            assert_true(isfinite(control.beta[q][k]));
    /* Positions that spread over decades are nothing that charges inside can give. */
    for (int q = 1; q < CONTROL_TARGETS; q++)
        assert_true(control.exact[3 + q] == 0);
    control_fini(&control);
    body_fini(&body);
}

/* Sources are inside the body, none twice. */
static void sources_are_inside(void **state)
{
    (void)state;
    struct test_body b = {0};
    struct dice dice = {73};
    for (int i = 0; i < 300; i++)
        body_add(&b, dice_between(&dice, -9, 9), dice_between(&dice, -4, 4),
                 dice_between(&dice, -4, 4), dice_between(&dice, 1, 2));
    for (size_t n = 2; n <= 300; n += 149) {
        struct body body = {0};
        struct control control = {0};
        struct body_options options = {NAN, NAN};
        assert_int_equal(body_prepare(&body, b.xyz, b.radius, n, NULL, &options, NULL),
                         0);
        fit_control(&body, 6, 16384, &control);
        assert_true(control.n > 0 && control.n <= CONTROL_SOURCES_MAX);
        for (size_t k = 0; k < control.n; k++) {
            double p[3] = {control.x[k] * body.launch_radius,
                           control.y[k] * body.launch_radius,
                           control.z[k] * body.launch_radius};
            assert_true(bvh_count(&body.bvh, p) > 0);
            for (size_t j = 0; j < k; j++)
                assert_true(control.x[j] != control.x[k] ||
                            control.y[j] != control.y[k] ||
                            control.z[j] != control.z[k]);
        }
        control_fini(&control);
        body_fini(&body);
    }
    body_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pilot_sizes),    cmocka_unit_test(any_fit_is_unbiased),
        cmocka_unit_test(touching_balls), cmocka_unit_test(small_pilot),
        cmocka_unit_test(hopeless_fit),   cmocka_unit_test(sources_are_inside),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("hydro-control", tests, NULL, NULL);
}
