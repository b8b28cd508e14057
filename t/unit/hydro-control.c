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

static void plans(void **state)
{
    (void)state;
    static const struct {
        double walks;
        bool to_precision;
        size_t n_balls;
        uint64_t pilot;
        size_t sources;
    } table[] = {
        {1000, false, 50, 0, 0},
        {CONTROL_PAYS - 1, false, 50, 0, 0},
        {CONTROL_PAYS, false, 50, 1024, 48},
        {16384, false, 3341, 1536, 96},
        {1e5, false, 2, 1536, 96},
        {3e6, false, 164, 3584, 224},
        {1e9, false, 3341, 6144, 384},
        {1e9, false, 1, 0, 0},
        {1e4, true, 164, 1024, 48},
        {1e6, true, 164, 2048, 112},
        {1e6, true, 3341, 3072, 176},
        {1e6, true, 30000, 4608, 272},
        {1e300, true, 100000, 6144, 384},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct control_plan plan =
            control_plan(table[i].walks, table[i].to_precision, table[i].n_balls);
        assert_int_equal(plan.walks, table[i].pilot);
        assert_int_equal(plan.sources, table[i].sources);
    }
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
    const struct control_plan pilot = {2048, 96};
    prepare_pair(&body, 2, 1);
    fit_control(&body, 1, &pilot, &control); /* for the sources */
    assert_true(control.n >= 8);
    measure_prepared(&body, 2, 1 << 20, 1, &plain);
    for (size_t k = 0; k < control.n; k++)
        for (int q = 0; q < FIELD_TARGETS; q++)
            control.field.source[k].beta[q] = (float)dice_between(&dice, -0.3, 0.3);
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
    const struct control_plan pilot = {80, 96};
    prepare_pair(&body, 1, 1);
    fit_control(&body, 1, &pilot, &control);
    assert_true(control.n_hits > 10);
    assert_int_equal(control.n, 0);
    assert_true(control.gain_capacitance == 1 && control.gain_polarizability == 1);
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
    static struct walk_hits hits;
    struct body body = {0};
    struct control control = {0};
    struct dice dice = {72};
    const struct control_plan pilot = {2000, 96};
    prepare_pair(&body, 1, 1);
    control_reset(&control, field_kernel(), &pilot);
    hits.n = hits.walks = 2000;
    for (size_t i = 0; i < 2000; i++) {
        double hit[3], far = dice_between(&dice, 0.6, 40);
        dice_direction(&dice, hit);
        for (int k = 0; k < 3; k++) {
            hits.start[k][i] = hit[k];
            hits.point[k][i] = far * hit[k];
        }
    }
    assert_int_equal(control_add_hits(&control, &hits, NULL), 0);
    assert_int_equal(control_fit(&control, &body, NULL), 0);
    for (size_t k = 0; k < control.n; k++)
        for (int q = 0; q < FIELD_TARGETS; q++)
            assert_true(isfinite(control.field.source[k].beta[q]));
    /* Positions that spread over decades are nothing that charges inside can give. */
    for (int q = 1; q < FIELD_TARGETS; q++)
        assert_true(control.exact[3 + q] == 0);
    assert_true(control.gain_polarizability < 1.01);
    control_fini(&control);
    body_fini(&body);
}

/* Boxes of n balls, some of them tiny. */
static void add_box(struct test_body *b, size_t n, uint64_t seed)
{
    struct dice dice = {seed};
    for (size_t i = 0; i < n; i++) {
        static const double half[3] = {9, 4, 4};
        double p[3], r;
        for (int k = 0; k < 3; k++)
            p[k] = dice_between(&dice, -half[k], half[k]);
        r = i % 3 ? dice_between(&dice, 1, 2) : dice_log(&dice, 1e-6, 0.3);
        body_add(b, p[0], p[1], p[2], r);
    }
}

/* Is a point well inside a ball that is large enough for single precision? */
static bool is_deep(const struct body *body, const double p[3])
{
    const struct balls *b = &body->balls;
    for (size_t i = 0; i < b->n; i++) {
        double dx = p[0] - b->x[i], dy = p[1] - b->y[i], dz = p[2] - b->z[i];
        if (sqrt(dx * dx + dy * dy + dz * dz) < 0.41 * b->r[i] &&
            b->r[i] > 0.99e-4 * body->launch_radius)
            return true;
    }
    return false;
}

/* Sources are inside the body, none twice, whatever the pilot has hit. */
static void sources_are_inside(void **state)
{
    (void)state;
    struct test_body b = {0};
    add_box(&b, 300, 73);
    for (size_t n = 2; n <= 300; n += 149) {
        struct body body = {0};
        struct control control = {0};
        struct body_options options = {NAN, NAN};
        const struct control_plan pilot = {4000, 384};
        assert_int_equal(body_prepare(&body, b.xyz, b.radius, n, NULL, &options, NULL),
                         0);
        fit_control(&body, 6, &pilot, &control);
        assert_true(control.n > 0 && control.n <= FIELD_SOURCES_MAX);
        for (size_t k = 0; k < control.n; k++) {
            const struct field_source *s = control.field.source + k;
            double p[3] = {(double)s->x * body.launch_radius,
                           (double)s->y * body.launch_radius,
                           (double)s->z * body.launch_radius};
            assert_true(is_deep(&body, p));
            for (size_t j = 0; j < k; j++)
                assert_true(s->x != control.field.source[j].x ||
                            s->y != control.field.source[j].y ||
                            s->z != control.field.source[j].z);
        }
        control_fini(&control);
        body_fini(&body);
    }
    body_free(&b);
}

/* The gains that a fit states, against tallies of independent walks: within half of
   each other, since few hits judge the fit (t of theirs for 1000 walks). */
static void gains(void **state)
{
    (void)state;
    struct test_body b = {0};
    struct body body = {0};
    struct control control = {0};
    struct measured plain, other;
    struct body_options options = {NAN, NAN};
    const struct control_plan pilot = {8192, 128};
    add_box(&b, 60, 74);
    assert_int_equal(body_prepare(&body, b.xyz, b.radius, b.n, NULL, &options, NULL),
                     0);
    fit_control(&body, 6, &pilot, &control);
    measure_prepared(&body, 7, 1 << 16, 1, &plain);
    measure_with(&body, &control, 7, 1 << 16, 1, &other);
    double c = plain.std[at(HYDRO_CAPACITANCE)] / other.std[at(HYDRO_CAPACITANCE)];
    double alpha =
        plain.std[at(HYDRO_POLARIZABILITY)] / other.std[at(HYDRO_POLARIZABILITY)];
    print_message("# gains %.0f and %.0f, stated %.0f and %.0f\n", c * c, alpha * alpha,
                  control.gain_capacitance, control.gain_polarizability);
    assert_true(c * c > 50 && alpha * alpha > 10);
    assert_true(fabs(log(c * c / control.gain_capacitance)) < M_LN2);
    assert_true(fabs(log(alpha * alpha / control.gain_polarizability)) < M_LN2);
    control_fini(&control);
    body_fini(&body);
    body_free(&b);
}

/* A second frame's fit does not depend on the first one's. */
static void frames_are_independent(void **state)
{
    (void)state;
    struct body small = {0}, large = {0};
    struct control once = {0}, again = {0};
    const struct control_plan many = {6144, 384}, few = {2048, 40};
    prepare_pair(&small, 2, 1);
    prepare_pair(&large, 30, 17);
    fit_control(&small, 3, &few, &once);
    fit_control(&large, 3, &many, &again);
    fit_control(&small, 3, &few, &again);
    assert_int_equal(once.n, again.n);
    assert_memory_equal(once.exact, again.exact, sizeof once.exact);
    assert_memory_equal(once.field.source, again.field.source,
                        once.field.n * sizeof *once.field.source);
    control_fini(&once);
    control_fini(&again);
    body_fini(&small);
    body_fini(&large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans),          cmocka_unit_test(any_fit_is_unbiased),
        cmocka_unit_test(touching_balls), cmocka_unit_test(small_pilot),
        cmocka_unit_test(hopeless_fit),   cmocka_unit_test(sources_are_inside),
        cmocka_unit_test(gains),          cmocka_unit_test(frames_are_independent),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("hydro-control", tests, NULL, NULL);
}
