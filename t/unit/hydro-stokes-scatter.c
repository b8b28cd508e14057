/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Are errors of the Stokes flow what they are said to be? Lysozyme as balls on its
   alpha carbons, over seeds, against what hundreds of sources converge to; and the
   scatter alone, against the part that is the points'. EXPENSIVE=1 takes more seeds. */
#include "stokes-bodies.h"

/* R_h 21.680(5), R_rot 21.963(5), [eta] 3.309(2): docs/stokes.md. */
static const double RADIUS = 21.680, ROTATIONAL = 21.963, VISCOSITY = 3.309,
                    VOLUME = 32209.9;

static void read_lysozyme(const char *path, struct test_body *b)
{
    FILE *file = fopen(path, "r");
    char line[256];
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        double x, y, z, r;
        if (sscanf(line, "SPHERE %lf %lf %lf %lf", &x, &y, &z, &r) == 4)
            body_add(b, x, y, z, r);
    }
    fclose(file);
    assert_int_equal(b->n, 164);
}

static void lysozyme(void **state)
{
    (void)state;
    char path[FWTEST_PATH_BYTES];
    FWTEST_NEED_SHARED(path, "1LYD.bod");
    const char *expensive = getenv("EXPENSIVE");
    int seeds = expensive && *expensive ? 60 : 20;
    static const enum stokes_property property[3] = {STOKES_HYDRODYNAMIC_RADIUS,
                                                     STOKES_ROTATIONAL_RADIUS,
                                                     STOKES_INTRINSIC_VISCOSITY};
    const double truth[3] = {RADIUS, ROTATIONAL, VISCOSITY};
    static const double worst[3] = {2e-3, 3e-3, 8e-3};
    double sum[3] = {0}, square[3] = {0};
    struct test_body b = {0};
    static struct flow flow;
    read_lysozyme(path, &b);
    for (int seed = 0; seed < seeds; seed++) {
        flow_of_balls(&b, VOLUME, 64, 2500, 100 + (uint64_t)seed, &flow);
        for (int k = 0; k < 3; k++) {
            double error = flow_value(&flow, property[k], 0) - truth[k];
            double z = error / flow_std(&flow, property[k], 0);
            sum[k] += error / truth[k] / seeds;
            square[k] += z * z / seeds;
            assert_true(fabs(error) < worst[k] * truth[k]);
        }
    }
    for (int k = 0; k < 3; k++) {
        print_message("# %s: %+.3f %%, rms z %.2f\n",
                      stokes_property_info(property[k])->name, 100 * sum[k],
                      sqrt(square[k]));
        /* A common error of the seeds is in z, so that this is no chi-square; 60 seeds
           are to be within 0.8 and 1.3. */
        assert_true(square[k] > 0.5 * 0.5 && square[k] < 1.6 * 1.6);
        assert_true(fabs(sum[k]) < (k < 2 ? 1.2e-3 : 3e-3));
    }
    body_free(&b);
}

/* A smooth body, where next to nothing is extrapolated: the standard deviation is that
   of the points alone. */
static void points_alone(void **state)
{
    (void)state;
    enum { SEEDS = 40 };
    static const enum stokes_property property[3] = {
        STOKES_HYDRODYNAMIC_RADIUS, STOKES_INTRINSIC_VISCOSITY, STOKES_ROTATION};
    double sum[3] = {0}, square[3] = {0}, stated[3] = {0};
    struct test_body b = {0};
    static struct flow flow;
    for (int k = 0; k < 6; k++)
        body_add(&b, 1.2 * k, k % 2 ? 0.7 : 0, 0, 1);
    for (int seed = 0; seed < SEEDS; seed++) {
        flow_of_balls(&b, 1, 24, 800, 300 + (uint64_t)seed, &flow);
        for (int k = 0; k < 3; k++) {
            double x = flow_value(&flow, property[k], 0),
                   std = flow_std(&flow, property[k], 0);
            sum[k] += x;
            square[k] += x * x;
            stated[k] += std * std / SEEDS;
        }
    }
    for (int k = 0; k < 3; k++) {
        double mean = sum[k] / SEEDS;
        double scatter = sqrt((square[k] - SEEDS * mean * mean) / (SEEDS - 1));
        double ratio = sqrt(stated[k]) / scatter;
        print_message("# %s: stated %.3g, scatter %.3g\n",
                      stokes_property_info(property[k])->name, sqrt(stated[k]),
                      scatter);
        /* 40 seeds tell the scatter to 11 %; the choice of sources adds to it. */
        assert_true(ratio > 0.6 && ratio < 1.8);
    }
    body_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lysozyme),
        cmocka_unit_test(points_alone),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("hydro-stokes-scatter", tests, NULL, NULL);
}
