/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies whose capacitance, polarizability, volume and gyration are known in closed
 * form. */
#include "hydro-bodies.h"

#include "util/pmath.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_psi.h>
#include <gsl/gsl_sf_zeta.h>

enum { WALKS = 1 << 20, SAMPLES = 1 << 17 };

/* A body of revolution about `axis` with these closed forms. */
struct exact {
    double capacitance, along, across; /* polarizability */
    double volume, area;
    double gyration_along, gyration_across;
    double axis[3];
};

static void compare(struct chi_square *chi, const struct measured *m,
                    const struct exact *e)
{
    static const int row[6] = {0, 0, 0, 1, 1, 2}, column[6] = {0, 1, 2, 1, 2, 2};
    const double *value = m->value, *std = m->std;
    chi_add(chi, "C", value[at(HYDRO_CAPACITANCE)], e->capacitance,
            std[at(HYDRO_CAPACITANCE)]);
    for (int k = 0; k < 6; k++) {
        double both = e->axis[row[k]] * e->axis[column[k]], same = row[k] == column[k];
        size_t alpha = at(HYDRO_POLARIZABILITY_TENSOR) + (size_t)k;
        size_t gyration = at(HYDRO_GYRATION_TENSOR) + (size_t)k;
        chi_add(chi, "alpha", value[alpha],
                e->across * same + (e->along - e->across) * both, std[alpha]);
        chi_add(chi, "gyration", value[gyration],
                e->gyration_across * same +
                    (e->gyration_along - e->gyration_across) * both,
                std[gyration]);
    }
    /* Without overlaps every sample counts fully: no noise at all. */
    assert_true(fabs(value[at(HYDRO_VOLUME)] / e->volume - 1) < 1e-9);
    assert_true(fabs(value[at(HYDRO_SURFACE_AREA)] / e->area - 1) < 1e-9);
    assert_true(std[at(HYDRO_VOLUME)] <= 1e-9 * e->volume);
}

static const double slanted[3] = {2.0 / 7, -3.0 / 7, 6.0 / 7};

static void ball(void **state)
{
    (void)state;
    struct test_body b = {0};
    struct measured m;
    double a = 2.5;
    body_add(&b, 100, -200, 300, a);
    measure(&b, 11, WALKS, SAMPLES, &m);
    body_free(&b);
    /* Every walk starts on the surface: the capacitance has no noise. */
    assert_true(fabs(m.value[at(HYDRO_CAPACITANCE)] / a - 1) < 1e-9);
    assert_true(m.std[at(HYDRO_CAPACITANCE)] < 1e-6 * a);
    struct chi_square chi = {0};
    for (size_t k = 0; k < 6; k++) {
        double same = k == 0 || k == 3 || k == 5;
        size_t alpha = at(HYDRO_POLARIZABILITY_TENSOR) + k;
        size_t gyration = at(HYDRO_GYRATION_TENSOR) + k;
        chi_add(&chi, "alpha", m.value[alpha], 4 * M_PI * a * a * a * same,
                m.std[alpha]);
        chi_add(&chi, "gyration", m.value[gyration], 0.2 * a * a * same,
                m.std[gyration]);
    }
    chi_check(&chi, "one ball");
    assert_true(fabs(m.value[at(HYDRO_VOLUME)] / (4.0 / 3 * M_PI * a * a * a) - 1) <
                1e-9);
}

/* A walk that starts well outside must find the ball just as often as it should. */
static void ball_from_afar(void **state)
{
    (void)state;
    struct body body = {0};
    struct body_options options = {.launch_radius = 3, .skin = NAN};
    double xyz[3] = {1, 2, 3}, radius = 1;
    struct measured m;
    assert_int_equal(body_prepare(&body, xyz, &radius, 1, NULL, &options, NULL), 0);
    measure_prepared(&body, 12, WALKS, 1, &m);
    body_fini(&body);
    struct chi_square chi = {0};
    chi_add(&chi, "C", m.value[at(HYDRO_CAPACITANCE)], 1, m.std[at(HYDRO_CAPACITANCE)]);
    for (size_t k = 0; k < 6; k++)
        chi_add(&chi, "alpha", m.value[at(HYDRO_POLARIZABILITY_TENSOR) + k],
                k == 0 || k == 3 || k == 5 ? 4 * M_PI : 0,
                m.std[at(HYDRO_POLARIZABILITY_TENSOR) + k]);
    chi_check(&chi, "one ball, launched at three radii");
}

/* Two touching balls of radii a >= b along the slanted axis. */
static void touching(struct chi_square *chi, double a, double b, double along,
                     double across, uint64_t seed)
{
    struct test_body body = {0};
    struct measured m;
    double offset[3] = {-40, 12, 7}, d = a + b;
    body_add(&body, offset[0], offset[1], offset[2], a);
    body_add(&body, offset[0] + d * slanted[0], offset[1] + d * slanted[1],
             offset[2] + d * slanted[2], b);
    measure(&body, seed, WALKS, SAMPLES, &m);
    body_free(&body);
    double va = 4.0 / 3 * M_PI * a * a * a, vb = 4.0 / 3 * M_PI * b * b * b;
    double share = va / (va + vb), own = 0.2 * (share * a * a + (1 - share) * b * b);
    double x = a / (a + b), y = b / (a + b);
    struct exact e = {
        .capacitance = -a * b / (a + b) * (2 * M_EULER + gsl_sf_psi(x) + gsl_sf_psi(y)),
        .along = along,
        .across = across,
        .volume = va + vb,
        .area = 4 * M_PI * (a * a + b * b),
        .gyration_along = own + share * (1 - share) * d * d,
        .gyration_across = own,
    };
    memcpy(e.axis, slanted, sizeof e.axis);
    compare(chi, &m, &e);
}

static void touching_pairs(void **state)
{
    (void)state;
    struct chi_square chi = {0};
    double zeta3 = gsl_sf_zeta(3.0);
    touching(&chi, 1, 1, 16 * M_PI * zeta3, 6 * M_PI * zeta3, 13);
    /* Tangent-sphere coordinates, summed numerically elsewhere to seven digits. */
    touching(&chi, 1, 0.25, 14.88548, 12.62166, 14);
    chi_check(&chi, "touching pairs");
}

/* A ring of 416 overlapping balls of radius 1 on a circle of radius 4 about z. No
   closed form: three runs of 1e11 walks each by NIST (ZENO's validation data), whose
   errors are far below ours. */
static void torus(void **state)
{
    (void)state;
    struct test_body b = {0};
    struct measured m;
    for (int i = 0; i < 416; i++)
        body_add(&b, 4 * cos(2 * M_PI * i / 416), 4 * sin(2 * M_PI * i / 416), 0, 1);
    measure(&b, 18, WALKS, SAMPLES, &m);
    body_free(&b);
    const double *value = m.value, *std = m.std;
    size_t alpha = at(HYDRO_POLARIZABILITY_TENSOR);
    struct chi_square chi = {0};
    chi_add(&chi, "C", value[at(HYDRO_CAPACITANCE)], 3.727480,
            std[at(HYDRO_CAPACITANCE)]);
    chi_add(&chi, "alpha_xx", value[alpha], 972.0746, std[alpha]);
    chi_add(&chi, "alpha_yy", value[alpha + 3], 972.0746, std[alpha + 3]);
    chi_add(&chi, "alpha_zz", value[alpha + 5], 156.4876, std[alpha + 5]);
    chi_add(&chi, "volume", value[at(HYDRO_VOLUME)], 78.93220, std[at(HYDRO_VOLUME)]);
    chi_check(&chi, "ring of balls");
}

/* Nested and coincident balls are the outer ball; an eccentric launch sphere changes no
   mean. */
static void redundant_balls(void **state)
{
    (void)state;
    struct test_body b = {0};
    struct measured m;
    body_add(&b, 0, 0, 0, 1);
    body_add(&b, 0, 0, 0, 1);
    body_add(&b, 0.2, 0.1, -0.3, 0.5);
    body_add(&b, 0.5, 0, 0, 0.5);
    measure(&b, 15, WALKS / 8, SAMPLES, &m);
    body_free(&b);
    assert_true(fabs(m.value[at(HYDRO_CAPACITANCE)] - 1) < 1e-9);
    assert_true(fabs(m.value[at(HYDRO_VOLUME)] / (4.0 / 3 * M_PI) - 1) < 1e-9);
    assert_true(fabs(m.value[at(HYDRO_SURFACE_AREA)] / (4 * M_PI) - 1) < 1e-9);
}

/* Two overlapping balls: volume and area of the union from the lens. */
static void lens(void **state)
{
    (void)state;
    struct test_body b = {0};
    struct measured m;
    double d = 1.2, h = 1 - d / 2; /* height of either cap */
    body_add(&b, 0, 0, 0, 1);
    body_add(&b, 0, d, 0, 1);
    measure(&b, 16, WALKS / 8, 1 << 19, &m);
    body_free(&b);
    struct chi_square chi = {0};
    chi_add(&chi, "volume", m.value[at(HYDRO_VOLUME)],
            8.0 / 3 * M_PI - 2 * M_PI * h * h * (1 - h / 3), m.std[at(HYDRO_VOLUME)]);
    chi_add(&chi, "area", m.value[at(HYDRO_SURFACE_AREA)], 8 * M_PI - 4 * M_PI * h,
            m.std[at(HYDRO_SURFACE_AREA)]);
    chi_check(&chi, "overlapping balls");
}

/* Derived properties of a ball follow from the definitions. */
static void derived(void **state)
{
    (void)state;
    struct test_body b = {0};
    struct measured m;
    body_add(&b, 0, 0, 0, 20);
    measure(&b, 17, WALKS, SAMPLES, &m);
    body_free(&b);
    double friction = 6 * M_PI * 0.0089 * 20e-8;
    double diffusion = 1.380649e-16 * 298.15 / friction;
    double mass = 14300 * 1.66053906660e-24;
    assert_true(fabs(m.value[at(HYDRO_HYDRODYNAMIC_RADIUS)] / 20 - 1) < 1e-9);
    assert_true(fabs(m.value[at(HYDRO_FRICTION)] / friction - 1) < 1e-9);
    assert_true(fabs(m.value[at(HYDRO_DIFFUSION)] / diffusion - 1) < 1e-9);
    assert_true(
        fabs(m.value[at(HYDRO_SEDIMENTATION)] / (mass * 0.27 / friction * 1e13) - 1) <
        1e-9);
    /* [sigma] = 3, [eta] = 5/2: noisy, as alpha is; the sorted eigenvalues of an
       isotropic tensor are biased by their noise, hence 1 %. */
    assert_true(fabs(m.value[at(HYDRO_INTRINSIC_CONDUCTIVITY)] / 3 - 1) < 0.01);
    assert_true(fabs(m.value[at(HYDRO_INTRINSIC_VISCOSITY)] / 2.5 - 1) < 0.01);
    assert_true(fabs(m.value[at(HYDRO_VISCOMETRIC_RADIUS)] / 20 - 1) < 0.01);
    double per_mass = 2.5 * 4.0 / 3 * M_PI * 8000 * 1e-24 / mass;
    assert_true(fabs(m.value[at(HYDRO_INTRINSIC_VISCOSITY_MASS)] / per_mass - 1) <
                0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ball),           cmocka_unit_test(ball_from_afar),
        cmocka_unit_test(touching_pairs), cmocka_unit_test(redundant_balls),
        cmocka_unit_test(lens),           cmocka_unit_test(torus),
        cmocka_unit_test(derived),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("hydro-exact", tests, NULL, NULL);
}
