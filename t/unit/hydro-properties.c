/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/properties.h"

#include "fwtest.h"

/* Names, widths and order are what users' scripts read: changing them breaks those. */
static void names_and_widths(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        unsigned width;
    } expected[HYDRO_N_PROPERTIES] = {
        {"capacitance", 1},
        {"electric_polarizability", 1},
        {"electric_polarizability_tensor", 6},
        {"electric_polarizability_eigenvalues", 3},
        {"intrinsic_conductivity", 1},
        {"volume", 1},
        {"surface_area", 1},
        {"gyration_tensor", 6},
        {"gyration_eigenvalues", 3},
        {"radius_of_gyration", 1},
        {"capacitance_same_volume_sphere", 1},
        {"hydrodynamic_radius", 1},
        {"intrinsic_viscosity_prefactor", 1},
        {"viscometric_radius", 1},
        {"intrinsic_viscosity", 1},
        {"intrinsic_viscosity_mass", 1},
        {"friction_coefficient", 1},
        {"diffusion_coefficient", 1},
        {"sedimentation_coefficient", 1},
    };
    size_t offset = 0;
    for (int p = 0; p < HYDRO_N_PROPERTIES; p++) {
        const struct hydro_property_info *info = hydro_property_info(p);
        assert_string_equal(info->name, expected[p].name);
        assert_int_equal(info->width, expected[p].width);
        assert_int_equal(hydro_property_offset(p), offset);
        assert_true(info->unit && info->abstract_unit && info->description);
        assert_true(strlen(info->description) > 10);
        offset += info->width;
    }
    assert_int_equal(offset, HYDRO_WIDTH);
}

/* Lengths are A or L and powers of them; what has other units needs the Angstrom. */
static void units(void **state)
{
    (void)state;
    for (int p = 0; p < HYDRO_N_PROPERTIES; p++) {
        const struct hydro_property_info *info = hydro_property_info(p);
        if (info->unit[0] == 'A') {
            assert_int_equal(info->abstract_unit[0], 'L');
            assert_string_equal(info->unit + 1, info->abstract_unit + 1);
            assert_int_equal(info->needs, 0);
        } else {
            assert_string_equal(info->unit, info->abstract_unit);
            assert_int_equal(info->needs != 0, info->unit[0] != '\0');
            assert_int_equal(info->needs & HYDRO_NEEDS_ANGSTROM, info->needs != 0);
        }
    }
}

static void needs(void **state)
{
    (void)state;
    enum { A = HYDRO_NEEDS_ANGSTROM, M = HYDRO_NEEDS_MASS, V = HYDRO_NEEDS_VISCOSITY };
    enum { T = HYDRO_NEEDS_TEMPERATURE, B = HYDRO_NEEDS_BUOYANCY };
    assert_int_equal(hydro_property_info(HYDRO_INTRINSIC_VISCOSITY_MASS)->needs, A | M);
    assert_int_equal(hydro_property_info(HYDRO_FRICTION)->needs, A | V);
    assert_int_equal(hydro_property_info(HYDRO_DIFFUSION)->needs, A | V | T);
    assert_int_equal(hydro_property_info(HYDRO_SEDIMENTATION)->needs, A | V | M | B);
    static const struct {
        struct hydro_conditions given;
        unsigned missing;
    } cases[] = {
        {{298, 0.89, 14300, 0.27, false}, 0},
        {{298, 0.89, 14300, 0.27, true}, A},
        {{NAN, 0.89, 14300, 0.27, false}, T},
        {{298, NAN, 14300, 0.27, false}, V},
        {{298, 0.89, NAN, 0.27, false}, M},
        {{298, 0.89, 14300, NAN, false}, B},
        {{NAN, NAN, NAN, NAN, true}, A | M | V | T | B},
        {{298, 0.89, 14300, -0.1, false}, 0}, /* what floats has a negative factor */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(hydro_missing(&cases[i].given), cases[i].missing);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_and_widths),
        cmocka_unit_test(units),
        cmocka_unit_test(needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
