/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/solvent.h"

#include "fwtest.h"

/* Recommended values for water at 0.1 MPa: viscosity as in Huber et al. (2009) and the
   IAPWS release on viscosity (20 C: 1.0016 mPa s), density as in Kell (1975). */
static void known_values(void **state)
{
    (void)state;
    static const struct {
        double celsius, viscosity_cp, density;
    } cases[] = {
        {0.01, 1.7911, 0.99984}, {4, 1.5671, 0.99997},   {10, 1.3059, 0.99970},
        {20, 1.0016, 0.998204},  {25, 0.8900, 0.997045}, {37, 0.6913, 0.99333},
        {50, 0.5465, 0.98804},   {60, 0.4660, 0.98320},  {80, 0.3544, 0.97179},
        {99.6, 0.2829, 0.95865},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double t = cases[i].celsius + 273.15;
        double viscosity = solvent_water_viscosity(t),
               density = solvent_water_density(t);
        if (!(fabs(viscosity / cases[i].viscosity_cp - 1) < 1.5e-3) ||
            !(fabs(density - cases[i].density) < 1.2e-5))
            fail_msg("%g C: %.6g cP, %.6g g/cm3", cases[i].celsius, viscosity, density);
    }
    assert_true(fabs(solvent_water_viscosity(298.15) - 0.8900) < 1e-4);
    assert_true(fabs(solvent_water_viscosity(293.15) - 1.0016) < 2e-4);
    assert_true(fabs(solvent_water_density(298.15) - 0.99705) < 1e-5);
}

/* Smooth: viscosity falls all the way, density has its one maximum at 4 C. */
static void smooth(void **state)
{
    (void)state;
    for (double t = 273.2; t < 373.1; t += 0.05) {
        double fall = solvent_water_viscosity(t + 0.05) - solvent_water_viscosity(t);
        double rise = solvent_water_density(t + 0.05) - solvent_water_density(t);
        assert_true(fall < 0 && fall > -4e-3);
        if (fabs(t - 277.13) > 0.1)
            assert_true((rise > 0) == (t < 277.13));
    }
}

static void outside_the_range(void **state)
{
    (void)state;
    static const double no_liquid[] = {0,   -5,       273.1, 273.1499999, 373.1500001,
                                       500, INFINITY, 25,    -INFINITY,   NAN};
    for (size_t i = 0; i < sizeof no_liquid / sizeof *no_liquid; i++) {
        assert_true(isnan(solvent_water_viscosity(no_liquid[i])));
        assert_true(isnan(solvent_water_density(no_liquid[i])));
    }
    static const double ends[] = {273.15, 373.15};
    for (size_t i = 0; i < 2; i++) {
        assert_true(isfinite(solvent_water_viscosity(ends[i])));
        assert_true(isfinite(solvent_water_density(ends[i])));
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(smooth),
        cmocka_unit_test(outside_the_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
