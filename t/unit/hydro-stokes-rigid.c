/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From resistance to motion: what follows from the matrix of a body alone. */
#include "dice.h"
#include "fwtest.h"

#include "hydro/stokes_properties.h"
#include "hydro/stokes_rigid.h"

enum { MODES = STOKES_MODES };

/* A sphere of radius a about the origin: 6 pi a, 8 pi a^3, 20 pi a^3 / 3. */
static void put_sphere(double a, double m[MODES][MODES])
{
    memset(m, 0, MODES * sizeof *m);
    for (int i = 0; i < MODES; i++)
        m[i][i] = i < 3   ? 6 * M_PI * a
                  : i < 6 ? 8 * M_PI * a * a * a
                          : 20 * M_PI / 3 * a * a * a;
}

/* n free-draining points: forces that do not see each other. m = sum of v_a . v_b. */
static void put_points(size_t n, const double (*x)[3], double m[MODES][MODES])
{
    memset(m, 0, MODES * sizeof *m);
    for (size_t i = 0; i < n; i++) {
        double v[MODES][3];
        stokes_velocity(x[i], v);
        for (int a = 0; a < MODES; a++)
            for (int b = 0; b < MODES; b++)
                for (int k = 0; k < 3; k++)
                    m[a][b] += v[a][k] * v[b][k];
    }
}

static void modes(void **state)
{
    (void)state;
    /* e_z x x-axis is y; strains are symmetric, traceless and orthonormal. */
    double v[3][MODES][3];
    for (int j = 0; j < 3; j++)
        stokes_velocity((double[3]){j == 0, j == 1, j == 2}, v[j]);
    fwtest_near(v[0][5][1], 1, 0);
    fwtest_near(v[1][5][0], -1, 0);
    for (int k = 6; k < MODES; k++) {
        fwtest_near(v[0][k][0] + v[1][k][1] + v[2][k][2], 0, 1e-15);
        for (int l = 6; l < MODES; l++) {
            double product = 0;
            for (int i = 0; i < 3; i++)
                for (int j = 0; j < 3; j++) {
                    product += v[j][k][i] * v[j][l][i];
                    fwtest_near(v[j][k][i], v[i][k][j], 0);
                }
            fwtest_near(product, k == l, 1e-15);
        }
    }
}

static void sphere(void **state)
{
    (void)state;
    double m[MODES][MODES];
    struct stokes_rigid r;
    put_sphere(2, m);
    assert_int_equal(stokes_rigid((const double(*)[MODES])m, &r, NULL), 0);
    for (int i = 0; i < 3; i++) {
        fwtest_near(r.free.tt[i][i], 1 / (12 * M_PI), 1e-15);
        fwtest_near(r.rotation[i], 1 / (64 * M_PI), 1e-16);
        fwtest_near(r.centre[i], 0, 1e-15);
    }
    for (int k = 0; k < 5; k++)
        fwtest_near(r.rate[k], 6 / (64 * M_PI),
                    1e-15); /* generators: squares sum to -6 */
    fwtest_near(r.viscosity_zero, 2.5 * 4 * M_PI / 3 * 8, 1e-12);
    fwtest_near(r.viscosity_infinite, r.viscosity_zero, 1e-12);
}

/* Kramers: free-draining points of friction one have [eta] V = sum of r^2 / 6 about the
   centre of mass, which is their centre of diffusion; and D_t is 1 / n. */
static void free_draining(void **state)
{
    (void)state;
    enum { POINTS = 9 };
    struct dice dice = {5};
    double x[POINTS][3], mean[3] = {0}, square = 0, m[MODES][MODES];
    struct stokes_rigid r;
    for (int i = 0; i < POINTS; i++)
        for (int k = 0; k < 3; k++) {
            x[i][k] = dice_between(&dice, -1, 2);
            mean[k] += x[i][k] / POINTS;
        }
    for (int i = 0; i < POINTS; i++)
        for (int k = 0; k < 3; k++)
            square += (x[i][k] - mean[k]) * (x[i][k] - mean[k]);
    put_points(POINTS, (const double(*)[3])x, m);
    assert_int_equal(stokes_rigid((const double(*)[MODES])m, &r, NULL), 0);
    for (int k = 0; k < 3; k++) {
        fwtest_near(r.centre[k], mean[k], 1e-13);
        fwtest_near(r.free.tt[k][k], 1.0 / POINTS, 1e-14);
        for (int j = 0; j < 3; j++)
            fwtest_near(r.free.tr[j][k], 0, 1e-14);
    }
    fwtest_near(r.viscosity_zero, square / 6, 1e-13);
    assert_true(r.viscosity_infinite < r.viscosity_zero);
    for (int k = 1; k < 5; k++)
        assert_true(r.rate[k] >= r.rate[k - 1]);
    double sum = 0, trace = r.rotation[0] + r.rotation[1] + r.rotation[2];
    for (int k = 0; k < 5; k++)
        sum += r.rate[k];
    fwtest_near(sum, 10 * trace, 1e-13); /* trace of Gamma */
}

/* Rates of an asymmetric top: 6 D +- 6 sqrt(D^2 - L^2) and 3 (D + D_k). Favro, Phys.
   Rev. 119, 53 (1960). */
static void asymmetric_top(void **state)
{
    (void)state;
    static const double turns[3] = {0.2, 0.5, 0.9}; /* D_1, D_2, D_3 */
    double m[MODES][MODES];
    struct stokes_rigid r;
    put_sphere(1, m);
    for (int i = 0; i < 3; i++)
        m[3 + i][3 + i] = 1 / turns[i];
    assert_int_equal(stokes_rigid((const double(*)[MODES])m, &r, NULL), 0);
    double mean = (turns[0] + turns[1] + turns[2]) / 3;
    double pairs =
        (turns[0] * turns[1] + turns[0] * turns[2] + turns[1] * turns[2]) / 3;
    double root = 6 * sqrt(mean * mean - pairs);
    const double want[5] = {6 * mean - root, 3 * (mean + turns[0]),
                            3 * (mean + turns[1]), 3 * (mean + turns[2]),
                            6 * mean + root};
    for (int k = 0; k < 5; k++)
        fwtest_near(r.rate[k], want[k], 1e-13);
    for (int k = 0; k < 3; k++)
        fwtest_near(r.rotation[k], turns[k], 1e-14);
}

/* A matrix of no symmetry, as rigid modes about another origin see it. */
static void other_origins(void **state)
{
    (void)state;
    enum { POINTS = 7 };
    struct dice dice = {8};
    double x[POINTS][3], y[POINTS][3], m[MODES][MODES];
    static const double shift[3] = {3, -2, 5};
    struct stokes_rigid here, there;
    for (int i = 0; i < POINTS; i++)
        for (int k = 0; k < 3; k++) {
            x[i][k] = dice_between(&dice, -1, 1);
            y[i][k] = x[i][k] - shift[k];
        }
    put_points(POINTS, (const double(*)[3])x, m);
    assert_int_equal(stokes_rigid((const double(*)[MODES])m, &here, NULL), 0);
    put_points(POINTS, (const double(*)[3])y, m);
    assert_int_equal(stokes_rigid((const double(*)[MODES])m, &there, NULL), 0);
    struct stokes_mobility moved = stokes_mobility_at(&here.origin, shift);
    for (int i = 0; i < 3; i++) {
        fwtest_near(there.centre[i], here.centre[i] - shift[i], 1e-10);
        for (int j = 0; j < 3; j++) {
            fwtest_near(moved.tt[i][j], there.origin.tt[i][j], 1e-10);
            fwtest_near(moved.tr[i][j], there.origin.tr[i][j], 1e-11);
            fwtest_near(moved.rr[i][j], there.origin.rr[i][j], 1e-12);
            fwtest_near(here.free.tt[i][j], there.free.tt[i][j], 1e-11);
            fwtest_near(here.free.tr[i][j], here.free.tr[j][i], 1e-13);
        }
    }
    fwtest_near(there.viscosity_zero, here.viscosity_zero, 1e-9);
    fwtest_near(there.viscosity_infinite, here.viscosity_infinite, 1e-9);
}

static void impossible(void **state)
{
    (void)state;
    double m[MODES][MODES];
    struct stokes_rigid r;
    struct err err = {0};
    put_sphere(1, m);
    m[2][2] = -1;
    assert_int_equal(stokes_rigid((const double(*)[MODES])m, &r, &err), -1);
    assert_int_equal(err.code, ERR_RUNTIME);
    m[2][2] = NAN;
    assert_int_equal(stokes_rigid((const double(*)[MODES])m, &r, &err), -1);
}

static void properties(void **state)
{
    (void)state;
    size_t width = 0;
    for (int p = 0; p < STOKES_N_PROPERTIES; p++) {
        const struct stokes_property_info *info =
            stokes_property_info((enum stokes_property)p);
        assert_int_equal(stokes_property_offset((enum stokes_property)p), width);
        assert_true(strlen(info->name) > 0 && strlen(info->name) < 60);
        assert_true(strlen(info->description) > 0);
        assert_null(strchr(info->unit, ',')); /* units stand in a list of commas */
        width += stokes_kind_width(info->kind);
    }
    assert_int_equal(width, STOKES_WIDTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(modes),         cmocka_unit_test(sphere),
        cmocka_unit_test(free_draining), cmocka_unit_test(asymmetric_top),
        cmocka_unit_test(other_origins), cmocka_unit_test(impossible),
        cmocka_unit_test(properties),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("hydro-stokes-rigid", tests, NULL, NULL);
}
