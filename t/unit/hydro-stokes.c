/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stokes flow about bodies for which it is known, or whose symmetry says something. */
#include "stokes-bodies.h"

static void near(const char *what, double got, double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance * fabs(want)))
        print_message("# %s: %.8g, not %.8g (%+.3f %%, allowed %.3f)\n", what, got,
                      want, 100 * (got / want - 1), 100 * tolerance);
    assert_true(fabs(got - want) <= tolerance * fabs(want));
}

static void sphere(void **state)
{
    (void)state;
    static struct flow flow;
    flow_of_spheroid(1, 0.85, 40, 1000, &flow);
    const double tolerance = 1e-6;
    near("R_h", flow_value(&flow, STOKES_HYDRODYNAMIC_RADIUS, 0), 1, tolerance);
    near("R_rot", flow_value(&flow, STOKES_ROTATIONAL_RADIUS, 0), 1, tolerance);
    near("[eta]", flow_value(&flow, STOKES_INTRINSIC_VISCOSITY, 0), 2.5, tolerance);
    near("[eta]_inf", flow_value(&flow, STOKES_INTRINSIC_VISCOSITY_INFINITE, 0), 2.5,
         tolerance);
    near("D", flow_value(&flow, STOKES_TRANSLATION, 0), FLOW_TRANSLATION / (6 * M_PI),
         tolerance);
    for (int k = 0; k < 5; k++) {
        near("rate", flow_value(&flow, STOKES_RELAXATION_RATES, k),
             FLOW_ROTATION * 6 / (8 * M_PI), tolerance);
        near("time", flow_value(&flow, STOKES_RELAXATION_TIMES, k),
             1e9 * 8 * M_PI / 6 / FLOW_ROTATION, tolerance);
        near("volume", flow_value(&flow, STOKES_RELAXATION_VOLUMES, k), 8 * M_PI / 6,
             tolerance);
    }
    near("tau_c", flow_value(&flow, STOKES_CORRELATION_TIME, 0),
         1e9 * 8 * M_PI / 6 / FLOW_ROTATION, tolerance);
    /* 1.660539e-24 g and 1e-24 cm3: [eta] V / m. */
    near("[eta] per mass", flow_value(&flow, STOKES_INTRINSIC_VISCOSITY_MASS, 0),
         2.5 * 4 * M_PI / 3 / 1.66053906660, tolerance);
    for (int k = 0; k < 3; k++)
        assert_true(fabs(flow_value(&flow, STOKES_CENTRE_OF_DIFFUSION, k)) < 1e-6);
    for (size_t k = 0; k < STOKES_WIDTH; k++)
        assert_true(isnan(flow.std[k]) || flow.std[k] < 1e-5 * fabs(flow.value[k]) ||
                    fabs(flow.value[k]) < 1e-5);
}

/* Perrin and Simha. The tolerances are those of docs/stokes.md's table, less good where
   there are fewer sources. */
static void spheroids(void **state)
{
    (void)state;
    static const struct {
        double p, depth;
        size_t sources, points;
        double radius, viscosity, along, across;
    } table[] = {
        {2, 0.85, 64, 1600, 3e-4, 1e-3, 1e-3, 1e-3},
        {0.5, 0.42, 64, 1600, 1e-3, 3e-3, 4e-3, 3e-3},
        {5, 0.85, 96, 2400, 4e-4, 2e-3, 6e-3, 2e-3},
        {0.2, 0.08, 96, 2400, 1.5e-3, 1e-2, 8e-3, 8e-3},
        {10, 0.85, 200, 5000, 3e-4, 2e-3, 1.1e-2, 2e-3},
        {0.1, 0.03, 208, 5200, 1.5e-3, 1e-2, 8e-3, 8e-3},
    };
    const char *expensive = getenv("EXPENSIVE");
    size_t n = sizeof table / sizeof *table;
    static struct flow flow;
    for (size_t i = 0; i < (expensive && *expensive ? n : n - 2); i++) {
        double p = table[i].p;
        struct spheroid exact = spheroid(p);
        flow_of_spheroid(p, table[i].depth, table[i].sources, table[i].points, &flow);
        int along = p > 1 ? 2 : 0;
        double d_along = flow_value(&flow, STOKES_ROTATION_EIGENVALUES, along),
               d_across = flow_value(&flow, STOKES_ROTATION_EIGENVALUES, 1);
        double radius = flow_value(&flow, STOKES_HYDRODYNAMIC_RADIUS, 0),
               viscosity = flow_value(&flow, STOKES_INTRINSIC_VISCOSITY, 0);
        print_message("# p = %g: R_h %+.3f %%, [eta] %+.3f %%, D_r along %+.3f %%, "
                      "across %+.3f %%\n",
                      p, 100 * (radius / exact.radius - 1),
                      100 * (viscosity / exact.viscosity_zero - 1),
                      100 * (d_along / exact.along - 1),
                      100 * (d_across / exact.across - 1));
        near("R_h", radius, exact.radius, table[i].radius);
        near("[eta]", viscosity, exact.viscosity_zero, table[i].viscosity);
        near("[eta]_inf", flow_value(&flow, STOKES_INTRINSIC_VISCOSITY_INFINITE, 0),
             exact.viscosity_infinite, 1.5 * table[i].viscosity);
        near("D_r along", d_along, exact.along, table[i].along);
        near("D_r across", d_across, exact.across, table[i].across);
        /* l = 2 rates of a symmetric top: 6 D, 5 D + D', 2 D + 4 D'. */
        double across = exact.across, turn = exact.along - across;
        int slow = p > 1 ? 0 : 4;
        near("rate 0", flow_value(&flow, STOKES_RELAXATION_RATES, slow), 6 * across,
             2 * table[i].across);
        near("rate 2", flow_value(&flow, STOKES_RELAXATION_RATES, 4 - slow),
             6 * across + 4 * turn, 2 * table[i].along);
    }
}

/* Stimson, Jeffery, Proc. R. Soc. A 111, 110 (1926): 0.64514 along the line of centres
   for each ball; Davis (1969) across; 3 zeta(3) / 4 for rotation about the line. */
static void touching_balls(void **state)
{
    (void)state;
    struct test_body b = {0};
    static struct flow flow;
    body_add(&b, 0, 0, 0, 1);
    body_add(&b, 0, 0, 2, 1);
    flow_of_balls(&b, 8 * M_PI / 3, 64, 2000, 3, &flow);
    near("along", flow_value(&flow, STOKES_TRANSLATION_TENSOR, 5),
         FLOW_TRANSLATION / (2 * 6 * M_PI * 0.64514), 2e-4);
    near("across", flow_value(&flow, STOKES_TRANSLATION_TENSOR, 0),
         FLOW_TRANSLATION / (2 * 6 * M_PI * 0.72465), 2e-4);
    near("rotation about the line", flow_value(&flow, STOKES_ROTATION_EIGENVALUES, 2),
         FLOW_ROTATION / (2 * 8 * M_PI * 0.90154), 3e-4);
    near("[eta]", flow_value(&flow, STOKES_INTRINSIC_VISCOSITY, 0), 3.449, 5e-4);
    near("centre", flow_value(&flow, STOKES_CENTRE_OF_DIFFUSION, 2), 1, 2e-4);
    body_free(&b);
}

/* A rod and a ring of balls: against 250 sources, whose own errors are below 0.1 %. */
static void rod_and_torus(void **state)
{
    (void)state;
    struct test_body rod = {0}, torus = {0};
    static struct flow flow;
    for (int k = 0; k < 21; k++)
        body_add(&rod, 0, 0, 0.5 * k, 1);
    flow_of_balls(&rod, 1, 96, 2500, 1, &flow);
    near("rod: R_h", flow_value(&flow, STOKES_HYDRODYNAMIC_RADIUS, 0), 2.67235, 2e-3);
    near("rod: R_rot", flow_value(&flow, STOKES_ROTATIONAL_RADIUS, 0), 2.43455, 4e-3);
    for (int k = 0; k < 40; k++)
        body_add(&torus, 4 * cos(2 * M_PI * k / 40), 4 * sin(2 * M_PI * k / 40), 0, 1);
    flow_of_balls(&torus, 1, 96, 2500, 1, &flow);
    near("torus: R_h", flow_value(&flow, STOKES_HYDRODYNAMIC_RADIUS, 0), 3.7298, 2e-3);
    near("torus: R_rot", flow_value(&flow, STOKES_ROTATIONAL_RADIUS, 0), 4.0283, 4e-3);
    body_free(&rod);
    body_free(&torus);
}

/* A screw of balls, right-handed about z for sign = 1. */
static void add_screw(struct test_body *b, double sign)
{
    for (int k = 0; k < 25; k++) {
        double turn = sign * 2 * M_PI * k / 12;
        body_add(b, 2 * cos(turn), 2 * sin(turn), 0.55 * k, 0.9);
    }
}

/* Element (i, j) of the lower left block of the 6 x 6 mobility: omega_i by F_j. */
static double coupling(const struct flow *flow, int i, int j)
{
    static const int row[3] = {0, 6, 11}; /* of the upper triangle */
    return flow_value(flow, STOKES_MOBILITY, row[j] + 3 + i - j);
}

/* A force along the axis of a right-handed screw turns it like one. */
static void screws(void **state)
{
    (void)state;
    double trace[2];
    static struct flow flow;
    for (int left = 0; left < 2; left++) {
        struct test_body b = {0};
        add_screw(&b, left ? -1 : 1);
        flow_of_balls(&b, 1, 64, 1600, 5, &flow);
        /* The trace, and the part along the axis through the centre, do not depend on
           the origin. */
        trace[left] =
            coupling(&flow, 0, 0) + coupling(&flow, 1, 1) + coupling(&flow, 2, 2);
        double along = coupling(&flow, 2, 2);
        assert_true(left ? along < 0 : along > 0);
        double scale = sqrt(flow_value(&flow, STOKES_MOBILITY, 11) *
                            flow_value(&flow, STOKES_MOBILITY, 20));
        assert_true(fabs(along) > 0.02 * scale);
        body_free(&b);
    }
    assert_true(trace[0] > 0 && trace[1] < 0);
    near("mirror image", -trace[1], trace[0], 0.03);
}

static void random_rotation(struct dice *dice, double r[3][3])
{
    double other[3];
    dice_direction(dice, r[0]);
    dice_direction(dice, other);
    double dot = r[0][0] * other[0] + r[0][1] * other[1] + r[0][2] * other[2], l = 0;
    for (int k = 0; k < 3; k++) {
        r[1][k] = other[k] - dot * r[0][k];
        l += r[1][k] * r[1][k];
    }
    for (int k = 0; k < 3; k++)
        r[1][k] /= sqrt(l);
    for (int k = 0; k < 3; k++) {
        int i = (k + 1) % 3, j = (k + 2) % 3;
        r[2][k] = r[0][i] * r[1][j] - r[0][j] * r[1][i];
    }
}

static void turn(double r[3][3], const double x[3], double out[3])
{
    for (int i = 0; i < 3; i++)
        out[i] = r[i][0] * x[0] + r[i][1] * x[1] + r[i][2] * x[2];
}

static void tensor_of(const double six[6], double out[3][3])
{
    static const int full[3][3] = {{0, 1, 2}, {1, 3, 4}, {2, 4, 5}};
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            out[i][j] = six[full[i][j]];
}

/* six, of the turned body, against R T R^T. */
static void check_turned(const char *what, double r[3][3], const double before[6],
                         const double after[6], double tolerance)
{
    double t[3][3], u[3][3], size = 0;
    tensor_of(before, t);
    tensor_of(after, u);
    for (int i = 0; i < 3; i++)
        size = fmax(size, fabs(t[i][i]));
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            double want = 0;
            for (int k = 0; k < 3; k++)
                for (int l = 0; l < 3; l++)
                    want += r[i][k] * t[k][l] * r[j][l];
            if (!(fabs(u[i][j] - want) <= tolerance * size))
                print_message("# %s: %.9g, not %.9g\n", what, u[i][j], want);
            assert_true(fabs(u[i][j] - want) <= tolerance * size);
        }
}

/* The same points, turned and moved away: scalars stay, tensors turn, points move. */
static void invariance(void **state)
{
    (void)state;
    static struct flow plain, moved;
    static const double away[3] = {700, -300, 500};
    struct dice dice = {11};
    double r[3][3], origin[3], centre[3], want[3];
    struct test_body b = {0};
    struct stokes one, other;
    add_screw(&b, 1);
    random_rotation(&dice, r);
    stokes_init(&one, simd_choose(NULL));
    stokes_init(&other, simd_choose(NULL));
    add_balls(&one, &b, 1600, 5, origin);
    one.body = NULL; /* points and normals are all that is turned */
    for (size_t i = 0; i < one.n_points; i++) {
        double place[3], normal[3];
        turn(r, one.point[i], place);
        turn(r, one.normal[i], normal);
        for (int k = 0; k < 3; k++)
            place[k] += away[k];
        stokes_add_point(&other, place, normal, one.depth[i], NULL);
    }
    struct stokes_context context = flow_context(100);
    find_flow(&one, 64, &context, &plain);
    find_flow(&other, 64, &context, &moved);
    for (int p = 0; p < STOKES_N_PROPERTIES; p++) {
        enum stokes_kind kind = stokes_property_info((enum stokes_property)p)->kind;
        if (kind != STOKES_SCALAR && kind != STOKES_EIGENVALUES && kind != STOKES_FIVE)
            continue;
        for (size_t k = 0; k < stokes_kind_width(kind); k++) {
            double x = flow_value(&plain, (enum stokes_property)p, (int)k);
            if (!isnan(x) && p != STOKES_RESIDUAL && p != STOKES_EXTRAPOLATION)
                near(stokes_property_info((enum stokes_property)p)->name,
                     flow_value(&moved, (enum stokes_property)p, (int)k), x, 1e-6);
        }
    }
    check_turned("translation", r,
                 plain.value + stokes_property_offset(STOKES_TRANSLATION_TENSOR),
                 moved.value + stokes_property_offset(STOKES_TRANSLATION_TENSOR), 1e-6);
    check_turned("rotation", r,
                 plain.value + stokes_property_offset(STOKES_ROTATION_TENSOR),
                 moved.value + stokes_property_offset(STOKES_ROTATION_TENSOR), 1e-6);
    for (int k = 0; k < 3; k++)
        centre[k] = flow_value(&plain, STOKES_CENTRE_OF_DIFFUSION, k);
    turn(r, centre, want);
    for (int k = 0; k < 3; k++)
        assert_true(fabs(flow_value(&moved, STOKES_CENTRE_OF_DIFFUSION, k) - want[k] -
                         away[k]) < 1e-5);
    stokes_fini(&one);
    stokes_fini(&other);
    body_free(&b);
}

/* Whatever the force, a body dissipates: the 6 x 6 mobility is positive definite; and
   about the centre of diffusion the coupling is symmetric. */
static void definiteness(void **state)
{
    (void)state;
    static struct flow flow;
    struct test_body b = {0};
    double a[6][6];
    add_screw(&b, 1);
    flow_of_balls(&b, 1, 64, 1600, 5, &flow);
    for (int i = 0, at = 0; i < 6; i++)
        for (int j = i; j < 6; j++)
            a[i][j] = a[j][i] = flow_value(&flow, STOKES_MOBILITY, at++);
    for (int k = 0; k < 6; k++) {
        assert_true(a[k][k] > 0);
        for (int i = k + 1; i < 6; i++)
            for (int j = k + 1; j < 6; j++)
                a[i][j] -= a[i][k] * a[k][j] / a[k][k];
    }
    body_free(&b);
}

/* Jobs last to first: nothing may depend on their order. */
static int each_backwards(void *context, size_t n,
                          void (*job)(void *job_context, size_t i), void *job_context,
                          struct err *err)
{
    (void)context;
    (void)err;
    while (n-- > 0)
        job(job_context, n);
    return 0;
}

/* The same bits from every instruction set and order, in either precision. */
static void same_bits(void **state)
{
    (void)state;
    const struct simd_table *table[SIMD_TABLES_MAX];
    const struct stokes_runner backwards = {each_backwards, NULL};
    int n_tables = simd_tables(table);
    static struct flow first, other;
    for (int smooth = 0; smooth < 2; smooth++)
        for (int t = 0; t < 2 * n_tables; t++) {
            struct stokes stokes;
            struct test_body b = {0};
            struct stokes_context context = flow_context(100);
            struct flow *flow = t == 0 ? &first : &other;
            stokes_init(&stokes, table[t % n_tables]);
            add_screw(&b, 1);
            if (smooth)
                add_spheroid(&stokes, 1, 0.85, 700, 3);
            else
                add_balls(&stokes, &b, 700, 5, context.origin);
            assert_int_equal(stokes_solve(&stokes, 24,
                                          t < n_tables ? &stokes_serial : &backwards,
                                          NULL),
                             0);
            assert_int_equal(stokes.is_double, smooth);
            assert_int_equal(stokes_derive(&stokes, &context, flow->value, flow->std,
                                           &flow->quality, NULL),
                             0);
            if (t > 0) {
                assert_memory_equal(other.value, first.value, sizeof first.value);
                assert_memory_equal(other.std, first.std, sizeof first.std);
            }
            stokes_fini(&stokes);
            body_free(&b);
        }
}

static void plans(void **state)
{
    (void)state;
    static const struct stokes_plan none = {0, 0}, some = {100, 0}, points = {0, 300};
    struct stokes stokes;
    stokes_init(&stokes, simd_choose(NULL));
    struct stokes_plan plan = stokes_plan(&stokes, &none, 100);
    assert_int_equal(plan.sources, 64);
    assert_int_equal(plan.points, STOKES_POINTS_DEFAULT);
    assert_true(stokes_plan(&stokes, &none, 30000).sources > 100);
    assert_int_equal(stokes_plan(&stokes, &some, 1).sources, 100);
    assert_int_equal(stokes_plan(&stokes, &some, 1).points, 2500);
    assert_int_equal(stokes_plan(&stokes, &points, 1).points, 300);
    add_spheroid(&stokes, 1.5, 0.5, 1000, 1);
    assert_int_equal(stokes_plan(&stokes, &none, 100).sources, 64);
    stokes_reset(&stokes);
    add_spheroid(&stokes, 10, 0.5, 1000, 1); /* long ones get more, */
    plan = stokes_plan(&stokes, &none, 100);
    assert_true(plan.sources >= 192 && plan.sources <= 224);
    assert_int_equal(plan.points, 25 * plan.sources);
    stokes_reset(&stokes);
    add_spheroid(&stokes, 0.1, 0.05, 1000, 1); /* flat ones too, */
    plan = stokes_plan(&stokes, &none, 100);
    assert_true(plan.sources >= 192 && plan.sources <= 224);
    stokes_reset(&stokes);
    add_spheroid(&stokes, 1000, 0.5, 1000, 1); /* up to a limit. */
    assert_int_equal(stokes_plan(&stokes, &none, 100).sources, 256);
    stokes_fini(&stokes);
}

static void refusals(void **state)
{
    (void)state;
    struct stokes stokes;
    struct err err = {0};
    stokes_init(&stokes, simd_choose(NULL));
    assert_int_equal(stokes_solve(&stokes, 40, &stokes_serial, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    for (int k = 0; k < 100; k++)
        stokes_add_point(&stokes, (double[3]){1, 2, 3}, (double[3]){0, 0, 1}, 1, NULL);
    assert_int_equal(stokes_solve(&stokes, 40, &stokes_serial, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    /* More sources than there is room for are fewer. */
    stokes_reset(&stokes);
    add_spheroid(&stokes, 1, 0.85, 50, 1);
    assert_int_equal(stokes_solve(&stokes, 200, &stokes_serial, &err), 0);
    assert_true(stokes.fit.n_sources <= 50);
    stokes_fini(&stokes);
}

/* Points that are farther apart than a disc is thick, and far too few sources: they
   stay inside, and the error and its size are seen. */
static void few_sources(void **state)
{
    (void)state;
    static struct flow flow;
    struct spheroid exact = spheroid(0.05);
    flow_of_spheroid(0.05, 0.04, 24, 1000, &flow);
    double radius = flow_value(&flow, STOKES_HYDRODYNAMIC_RADIUS, 0),
           viscosity = flow_value(&flow, STOKES_INTRINSIC_VISCOSITY, 0);
    print_message("# R_h %+.2f %%, [eta] %+.2f %%, residual %.3f, correction %.3f\n",
                  100 * (radius / exact.radius - 1),
                  100 * (viscosity / exact.viscosity_zero - 1),
                  flow.quality.residual[2], flow.quality.correction[2]);
    near("R_h", radius, exact.radius, 0.05);
    near("[eta]", viscosity, exact.viscosity_zero, 0.1);
    assert_true(flow.quality.residual[2] > 0.25);
    assert_true(flow.quality.correction[2] > 0.1);
    assert_true(flow_std(&flow, STOKES_INTRINSIC_VISCOSITY, 0) > 0.008 * viscosity);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sphere),         cmocka_unit_test(spheroids),
        cmocka_unit_test(touching_balls), cmocka_unit_test(rod_and_torus),
        cmocka_unit_test(screws),         cmocka_unit_test(invariance),
        cmocka_unit_test(definiteness),   cmocka_unit_test(same_bits),
        cmocka_unit_test(plans),          cmocka_unit_test(refusals),
        cmocka_unit_test(few_sources),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("hydro-stokes", tests, NULL, NULL);
}
