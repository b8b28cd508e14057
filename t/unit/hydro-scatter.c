/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are the standard deviations that are printed those with which the values scatter?
   Every property, over seeds that are fixed and never re-tuned, for bodies at the
   origin and 1000 A away from it. */
#include "hydro-bodies.h"

enum { SEEDS = 600, WALKS = 4096, SAMPLES = 4096 };

/* A bent, triaxial chain of overlapping balls: eigenvalues far apart. */
static void add_chain(struct test_body *b, double x, double y, double z)
{
    body_add(b, x, y, z, 2.0);
    body_add(b, x + 2.5, y + 0.3, z + 0.2, 1.7);
    body_add(b, x + 5.0, y + 0.1, z - 0.4, 1.5);
    body_add(b, x + 7.0, y + 1.6, z - 0.1, 1.6);
    body_add(b, x + 8.0, y + 4.0, z + 0.3, 1.9);
    body_add(b, x + 5.5, y + 2.3, z + 0.8, 1.2);
}

/* Separate balls of unequal size: exact volume, noisy everything else. */
static void add_triple(struct test_body *b, double x, double y, double z)
{
    body_add(b, x, y, z, 3.0);
    body_add(b, x + 9, y, z, 1.5);
    body_add(b, x + 2, y + 6, z, 1.0);
}

static void check_property(const char *body, size_t k, const char *name, double mean,
                           double scatter, double stated)
{
    /* Below that relative size the error itself counts, and it is rounding. */
    if (stated <= 1e-6 * fabs(mean)) {
        assert_true(scatter <= 1e-6 * fabs(mean));
        return;
    }
    double ratio = stated / scatter;
    if (!(ratio > 0.85 && ratio < 1.15))
        print_message("# %s: %s (%zu): stated %.4g, scatter %.4g, ratio %.3f\n", body,
                      name, k, stated, scatter, ratio);
    assert_true(ratio > 0.85 && ratio < 1.15);
}

static void check_scatter(const char *name, const struct test_body *b, bool controlled)
{
    struct control control = {0};
    const struct control_plan plan = {2048, 48};
    double sum[HYDRO_WIDTH] = {0}, square[HYDRO_WIDTH] = {0}, stated[HYDRO_WIDTH] = {0};
    double first[HYDRO_WIDTH] = {0};
    struct body body = {0};
    struct body_options options = {NAN, NAN};
    static struct measured m;
    assert_int_equal(body_prepare(&body, b->xyz, b->radius, b->n, NULL, &options, NULL),
                     0);
    for (int seed = 0; seed < SEEDS; seed++) {
        if (controlled)
            fit_control(&body, 5000 + (uint64_t)seed, &plan, &control);
        measure_with(&body, controlled ? &control : NULL, 5000 + (uint64_t)seed, WALKS,
                     SAMPLES, &m);
        for (int k = 0; k < HYDRO_WIDTH; k++) {
            if (seed == 0)
                first[k] = m.value[k];
            double d = m.value[k] - first[k];
            sum[k] += d;
            square[k] += d * d;
            stated[k] += m.std[k] * m.std[k];
        }
    }
    body_fini(&body);
    control_fini(&control);
    for (int p = 0; p < HYDRO_N_PROPERTIES; p++) {
        const struct hydro_property_info *info =
            hydro_property_info((enum hydro_property)p);
        size_t offset = hydro_property_offset((enum hydro_property)p);
        for (size_t k = 0; k < info->width; k++) {
            size_t i = offset + k;
            double mean = sum[i] / SEEDS;
            double variance = (square[i] - SEEDS * mean * mean) / (SEEDS - 1);
            check_property(name, k, info->name, first[i] + mean,
                           sqrt(fmax(variance, 0)), sqrt(stated[i] / SEEDS));
        }
    }
}

static void run(const char *name, bool controlled,
                void (*add)(struct test_body *, double, double, double), double x,
                double y, double z)
{
    struct test_body b = {0};
    add(&b, x, y, z);
    check_scatter(name, &b, controlled);
    body_free(&b);
}

static void chain(void **state)
{
    (void)state;
    run("chain at the origin", false, add_chain, -4, -1, 0);
}

static void chain_far_away(void **state)
{
    (void)state;
    run("chain 1000 A away", false, add_chain, 600, -640, 480);
}

static void triple(void **state)
{
    (void)state;
    run("three separate balls", false, add_triple, 0, 0, 0);
}

/* With a control variate the deviations are ten times smaller and just as honest; the
   pilot is another one for each seed. */
static void chain_controlled(void **state)
{
    (void)state;
    run("chain, controlled", true, add_chain, 600, -640, 480);
}

static void triple_controlled(void **state)
{
    (void)state;
    run("three separate balls, controlled", true, add_triple, 0, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chain),
        cmocka_unit_test(chain_far_away),
        cmocka_unit_test(triple),
        cmocka_unit_test(chain_controlled),
        cmocka_unit_test(triple_controlled),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("hydro-scatter", tests, NULL, NULL);
}
