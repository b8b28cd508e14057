/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The public library, through its header only. */
#include "fwtest.h"

#include "framewalk/framewalk.h"

static const struct fw_value *find(const struct fw_value *value, size_t n,
                                   const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(value[i].name, name) == 0)
            return &value[i];
    return NULL;
}

static const double pair_xyz[6] = {0, 0, 0, 0, 0, 5}, pair_radius[2] = {3, 2};

static void properties(void **state)
{
    (void)state;
    struct fw_hydro_options options;
    struct fw_value value[FW_HYDRO_VALUES_MAX];
    size_t n;
    fw_hydro_defaults(&options);
    assert_int_equal(fw_hydro(pair_xyz, pair_radius, 2, &options, value, &n, NULL), 0);
    const struct fw_value *c = find(value, n, "capacitance");
    assert_non_null(c);
    assert_string_equal(c->unit, "A");
    /* Touching balls of 3 and 2: -(ab/(a+b)) (2 gamma + psi(3/5) + psi(2/5)). */
    assert_true(fabs(c->value - 3.537087) < 6 * c->std);
    const struct fw_value *v = find(value, n, "volume");
    assert_true(fabs(v->value / (4.0 / 3 * M_PI * 35) - 1) < 1e-12);
    assert_non_null(find(value, n, "electric_polarizability_tensor_zz"));
    assert_non_null(find(value, n, "gyration_eigenvalues_3"));
    assert_null(find(value, n, "diffusion_coefficient"));
    options.temperature_k = 298.15;
    options.viscosity_cp = 0.89;
    assert_int_equal(fw_hydro(pair_xyz, pair_radius, 2, &options, value, &n, NULL), 0);
    assert_non_null(find(value, n, "diffusion_coefficient"));
}

static void same_bits(void **state)
{
    (void)state;
    struct fw_hydro_options options;
    struct fw_value one[FW_HYDRO_VALUES_MAX], other[FW_HYDRO_VALUES_MAX];
    size_t n, m;
    fw_hydro_defaults(&options);
    fw_hydro(pair_xyz, pair_radius, 2, &options, one, &n, NULL);
    options.threads = 3;
    fw_hydro(pair_xyz, pair_radius, 2, &options, other, &m, NULL);
    assert_int_equal(n, m);
    for (size_t i = 0; i < n; i++) {
        assert_memory_equal(&one[i].value, &other[i].value, sizeof(double));
        assert_memory_equal(&one[i].std, &other[i].std, sizeof(double));
    }
    options.frame = 1; /* another stream */
    fw_hydro(pair_xyz, pair_radius, 2, &options, other, &m, NULL);
    assert_true(find(one, n, "capacitance")->value !=
                find(other, m, "capacitance")->value);
}

static void refusals(void **state)
{
    (void)state;
    struct fw_hydro_options options;
    struct fw_value value[FW_HYDRO_VALUES_MAX];
    struct fw_error error;
    size_t n;
    double broken[6] = {0, 0, 0, 0, NAN, 5}, radius[2] = {1, -1};
    fw_hydro_defaults(&options);
    assert_int_equal(fw_hydro(broken, pair_radius, 2, &options, value, &n, &error), -1);
    assert_int_equal(error.code, 3);
    assert_non_null(strstr(error.text, "atom 2"));
    assert_int_equal(fw_hydro(pair_xyz, radius, 2, &options, value, &n, &error), -1);
    assert_non_null(strstr(error.text, "radius"));
    assert_int_equal(fw_hydro(pair_xyz, radius, 0, &options, value, &n, &error), -1);
    options.launch_radius = 1;
    assert_int_equal(fw_hydro(pair_xyz, pair_radius, 2, &options, value, &n, &error),
                     -1);
    assert_int_equal(error.code, 2);
    fw_hydro_defaults(&options);
    options.threads = 0;
    assert_int_equal(fw_hydro(pair_xyz, pair_radius, 2, &options, value, &n, NULL), -1);
}

/* With too few walks for the precision the values are there, and the return value says
   that they are not as good as was asked for. */
static void precision(void **state)
{
    (void)state;
    struct fw_hydro_options options;
    struct fw_value value[FW_HYDRO_VALUES_MAX];
    size_t n;
    fw_hydro_defaults(&options);
    options.max_rsd_capacitance = 1;
    options.walks = 1000000;
    assert_int_equal(fw_hydro(pair_xyz, pair_radius, 2, &options, value, &n, NULL), 0);
    const struct fw_value *c = find(value, n, "capacitance");
    assert_true(c->std <= 0.01 * c->value);
    options.walks = 1000;
    options.max_rsd_capacitance = 1e-4;
    assert_int_equal(fw_hydro(pair_xyz, pair_radius, 2, &options, value, &n, NULL), 1);
    assert_non_null(find(value, n, "capacitance"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(properties),
        cmocka_unit_test(same_bits),
        cmocka_unit_test(refusals),
        cmocka_unit_test(precision),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("api-hydro", tests, NULL, NULL);
}
