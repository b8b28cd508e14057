/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies with boxes, from preparation to properties. */
#include "dice.h"
#include "fwtest.h"
#include "hydro-bodies.h"

enum { SHAPES_MAX = 64 };

struct shapes {
    size_t n;
    double xyz[3 * SHAPES_MAX], radius[SHAPES_MAX], half[3 * SHAPES_MAX];
};

static void add_box(struct shapes *s, double x, double y, double z, double to_x,
                    double to_y, double to_z)
{
    const double low[3] = {x, y, z}, high[3] = {to_x, to_y, to_z};
    for (int k = 0; k < 3; k++) {
        s->xyz[3 * s->n + (size_t)k] = 0.5 * (low[k] + high[k]);
        s->half[3 * s->n + (size_t)k] = 0.5 * (high[k] - low[k]);
    }
    s->radius[s->n++] = NAN; /* is not to be looked at */
}

static void add_ball(struct shapes *s, double x, double y, double z, double r)
{
    const double c[3] = {x, y, z};
    memcpy(s->xyz + 3 * s->n, c, sizeof c);
    memset(s->half + 3 * s->n, 0, sizeof c);
    s->radius[s->n++] = r;
}

static int prepare(struct body *body, const struct shapes *s, struct err *err)
{
    const struct body_shapes shapes = {s->n, s->xyz, s->radius, s->half, NULL};
    return body_prepare_shapes(body, &shapes, &(struct body_options){NAN, NAN}, err);
}

static void prepare_well(struct body *body, const struct shapes *s)
{
    struct err err = {0};
    *body = (struct body){0};
    if (prepare(body, s, &err) < 0)
        fail_msg("%s", err.text);
}

/* With a control variate, as a run has it, unless `plain`. */
static void measure_shapes(const struct shapes *s, uint64_t seed, uint64_t walks,
                           uint64_t samples, bool plain, struct measured *out)
{
    struct body body;
    struct control control = {0};
    struct control_plan plan = control_plan((double)walks, false, s->n + 1);
    prepare_well(&body, s);
    if (!plain)
        fit_control(&body, seed, &plan, &control);
    if (!plain && control.n)
        measure_with(&body, &control, seed, walks, samples, out);
    else
        measure_prepared(&body, seed, walks, samples, out);
    control_fini(&control);
    body_fini(&body);
}

static void add_figure(struct chi_square *chi, const char *what,
                       const struct measured *m, enum hydro_property property,
                       double expected, double sigma)
{
    double own = m->std[at(property)];
    chi_add(chi, what, m->value[at(property)], expected,
            sqrt(own * own + sigma * sigma));
}

/* The unit cube: C = 0.66067815, alpha = 3.64430519 (Helsing, Perfekt, Appl. Comput.
   Harmon. Anal. 34, 445 (2013)). */
static const double CUBE_C = 0.66067815, CUBE_ALPHA = 3.64430519;

/* Whole, in 8, in 27 of unequal edges, in slabs that overlap; turned makes no
   difference to a cube, so it is moved and scaled instead. */
static void make_cube(struct shapes *s, int kind, double edge, const double corner[3])
{
    static const double cut[][4] = {
        {0, 1}, {0, 0.5, 1}, {0, 0.1, 0.7, 1}, {0, 0.3, 0.6, 1}};
    static const size_t cuts[] = {1, 2, 3, 3};
    const double *c = cut[kind];
    double reach = kind == 3 ? 0.2 * edge : 0;
    s->n = 0;
    for (size_t i = 0; i < cuts[kind]; i++)
        for (size_t j = 0; j < cuts[kind]; j++)
            for (size_t k = 0; k < cuts[kind]; k++)
                add_box(s, corner[0] + edge * c[i], corner[1] + edge * c[j],
                        corner[2] + edge * c[k],
                        corner[0] + fmin(edge, edge * c[i + 1] + reach),
                        corner[1] + fmin(edge, edge * c[j + 1] + reach),
                        corner[2] + fmin(edge, edge * c[k + 1] + reach));
}

static void a_cube_in_pieces(void **state)
{
    (void)state;
    static const double corner[][3] = {
        {0, 0, 0}, {-2, 1, 7}, {1000, 30, -50}, {5, 5, 5}};
    static const double edges[] = {1, 3, 0.7, 2};
    struct chi_square chi = {0};
    for (int kind = 0; kind < 4; kind++)
        for (int plain = 0; plain < 2; plain++) {
            struct shapes s;
            struct measured m;
            double a = edges[kind];
            make_cube(&s, kind, a, corner[kind]);
            measure_shapes(&s, 11 + (uint64_t)kind, 200000, 20000, plain, &m);
            add_figure(&chi, "C", &m, HYDRO_CAPACITANCE, CUBE_C * a, 0);
            add_figure(&chi, "alpha", &m, HYDRO_POLARIZABILITY, CUBE_ALPHA * a * a * a,
                       0);
            assert_true(m.std[at(HYDRO_CAPACITANCE)] < 1e-3 * a);
            if (!plain) /* the control variate is worth something */
                assert_true(m.std[at(HYDRO_CAPACITANCE)] < 1e-4 * a);
            static const size_t diagonal[] = {0, 3, 5};
            for (size_t k = 0; k < 3 && plain; k++) {
                size_t i = at(HYDRO_GYRATION_TENSOR) + diagonal[k];
                chi_add(&chi, "S", m.value[i] / a / a, 1.0 / 12, m.std[i] / a / a);
            }
            if (kind < 3) {
                assert_true(fabs(m.value[at(HYDRO_VOLUME)] / (a * a * a) - 1) < 1e-12);
                assert_true(fabs(m.value[at(HYDRO_SURFACE_AREA)] / (6 * a * a) - 1) <
                            1e-9);
            } else if (plain) {
                add_figure(&chi, "V", &m, HYDRO_VOLUME, a * a * a, 0);
                add_figure(&chi, "A", &m, HYDRO_SURFACE_AREA, 6 * a * a, 0);
            }
        }
    chi_check(&chi, "cubes");
}

/* The cuboid of edges 1, 2, 3: three runs of 1e11 walks of ZENO 5, which NIST gives
   with the program, have C = 1.2757837(16), alpha = 27.22908(9). */
static void a_cuboid_turned(void **state)
{
    (void)state;
    static const double edge[][3] = {{1, 2, 3}, {3, 1, 2}, {2, 3, 1}};
    struct chi_square chi = {0};
    for (size_t i = 0; i < 3; i++) {
        struct shapes s = {0};
        struct measured m;
        add_box(&s, 0, 0, 0, edge[i][0], edge[i][1], edge[i][2]);
        measure_shapes(&s, 21 + i, 300000, 20000, false, &m);
        add_figure(&chi, "C", &m, HYDRO_CAPACITANCE, 1.2757837, 1.6e-6);
        add_figure(&chi, "alpha", &m, HYDRO_POLARIZABILITY, 27.22908, 9.1e-5);
        for (size_t k = 0; k < 3; k++)
            chi_add(&chi, "S", m.value[at(HYDRO_GYRATION_EIGENVALUES) + k],
                    (double)((k + 1) * (k + 1)) / 12,
                    m.std[at(HYDRO_GYRATION_EIGENVALUES) + k]);
        assert_true(m.value[at(HYDRO_VOLUME)] == 6);
        assert_true(fabs(m.value[at(HYDRO_SURFACE_AREA)] - 22) < 1e-9);
    }
    chi_check(&chi, "cuboids");
}

/* Against 8e6 walks of ZENO 5.3.1. */
static void mixed_bodies(void **state)
{
    (void)state;
    struct shapes s[3] = {{0}};
    static const double c[3][2] = {{1.079611, 2.30e-4},
                                   {0.8948173, 2.73e-4},
                                   {1.24635, 3.95e-4}},
                        alpha[3][2] = {{15.97012, 8.9e-3},
                                       {9.60083, 8.6e-3},
                                       {26.92667, 2.72e-2}},
                        volume[3] = {0, 1 + 4.0 / 3 * M_PI * 0.216, 3 + 1.25 - 0.25};
    struct chi_square chi = {0};
    add_ball(&s[0], 0, 0, 0, 1);
    add_box(&s[0], 0.5, -0.5, -0.5, 1.5, 0.5, 0.5);
    add_box(&s[0], 0, 0, 0, 0.1, 0.1, 0.1);
    add_ball(&s[0], 0.7, 0, 0, 0.1);
    add_box(&s[1], 0, 0, 0, 1, 1, 1);
    add_ball(&s[1], 1.9, 0.5, 0.5, 0.6);
    add_box(&s[2], 0, 0, 0, 3, 1, 1);
    add_box(&s[2], 2, 0.5, 0, 3, 3, 0.5);
    for (int i = 0; i < 3; i++)
        for (int plain = 0; plain < 2; plain++) {
            struct measured m;
            measure_shapes(&s[i], 31 + (uint64_t)i, 200000, 40000, plain, &m);
            add_figure(&chi, "C", &m, HYDRO_CAPACITANCE, c[i][0], c[i][1]);
            add_figure(&chi, "alpha", &m, HYDRO_POLARIZABILITY, alpha[i][0],
                       alpha[i][1]);
            if (i > 0 && plain && m.std[at(HYDRO_VOLUME)] > 1e-9)
                add_figure(&chi, "V", &m, HYDRO_VOLUME, volume[i], 0);
        }
    chi_check(&chi, "mixed bodies");
}

/* Boxes with corners on a grid: volume, area and moments by counting. */
enum { GRID = 8 };

static bool solid_at(const struct shapes *s, const int p[3])
{
    for (size_t i = 0; i < s->n; i++) {
        bool in = true;
        for (size_t k = 0; k < 3; k++)
            in = in && fabs(p[k] + 0.5 - s->xyz[3 * i + k]) < s->half[3 * i + k];
        if (in)
            return true;
    }
    return false;
}

static void count_grid(const struct shapes *s, double *volume, double *area)
{
    *volume = *area = 0;
    for (int i = 0; i < GRID * GRID * GRID; i++) {
        const int p[3] = {i % GRID, i / GRID % GRID, i / GRID / GRID};
        if (!solid_at(s, p))
            continue;
        ++*volume;
        for (int side = 0; side < 6; side++) {
            int q[3] = {p[0], p[1], p[2]};
            q[side / 2] += side % 2 ? 1 : -1;
            *area += !solid_at(s, q);
        }
    }
}

static void boxes_on_a_grid(void **state)
{
    (void)state;
    struct dice dice = {501};
    struct chi_square chi = {0};
    int exact = 0;
    for (int i = 0; i < 60; i++) {
        struct shapes s = {0};
        struct measured m;
        double volume, area;
        for (size_t k = 1 + dice_below(&dice, 6); k > 0; k--) {
            double low[3], high[3];
            for (int axis = 0; axis < 3; axis++) {
                size_t from = dice_below(&dice, GRID);
                low[axis] = (double)from;
                high[axis] =
                    (double)(from + 1 + dice_below(&dice, i % 2 ? GRID - from : 1));
            }
            add_box(&s, low[0], low[1], low[2], high[0], high[1], high[2]);
        }
        count_grid(&s, &volume, &area);
        measure_shapes(&s, 41 + (uint64_t)i, 2000, 4000, true, &m);
        if (m.std[at(HYDRO_VOLUME)] > 1e-9 * volume)
            add_figure(&chi, "V", &m, HYDRO_VOLUME, volume, 0);
        else
            assert_true(fabs(m.value[at(HYDRO_VOLUME)] - volume) < 1e-9 * volume);
        if (m.std[at(HYDRO_SURFACE_AREA)] > 1e-9 * area)
            add_figure(&chi, "A", &m, HYDRO_SURFACE_AREA, area, 0);
        else {
            assert_true(fabs(m.value[at(HYDRO_SURFACE_AREA)] - area) < 1e-7 * area);
            exact++;
        }
    }
    assert_true(exact > 10 && chi.n > 20);
    chi_check(&chi, "boxes on a grid");
}

static void what_is_inside_leaves(void **state)
{
    (void)state;
    static const struct {
        double ball[4], box[6];
        size_t balls, boxes;
    } table[] = {
        {{0, 0, 0, 2}, {-1, -1, -1, 1, 1, 1}, 1, 0},
        {{0, 0, 0, 1.74}, {-1, -1, -1, 1, 1, 1}, 1, 0},
        {{0, 0, 0, 1.73}, {-1, -1, -1, 1, 1, 1}, 1, 1},
        {{0, 0, 0, 1}, {-1, -1, -1, 1, 1, 1}, 0, 1},
        {{0, 0, 0, 1.001}, {-1, -1, -1, 1, 1, 1}, 1, 1},
        {{0.2, 0.3, 0.4, 0.5}, {-1, -1, -1, 1, 1, 1}, 0, 1},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct shapes s = {0};
        struct body body;
        const double *b = table[i].ball, *c = table[i].box;
        add_box(&s, c[0], c[1], c[2], c[3], c[4], c[5]);
        add_box(&s, c[0], c[1], c[2], c[3], c[4], c[5]);
        add_ball(&s, b[0], b[1], b[2], b[3]);
        add_box(&s, c[0], c[1], c[2], 0, 0, c[5]);
        prepare_well(&body, &s);
        assert_int_equal(body.balls.n, table[i].balls);
        assert_int_equal(body.boxes.n, table[i].boxes);
        assert_int_equal(body.n_contained, 4 - table[i].balls - table[i].boxes);
        body_fini(&body);
    }
    /* What is left is walked around: a ball, and a cube. */
    struct shapes s = {0};
    struct measured m;
    struct chi_square chi = {0};
    add_ball(&s, 0, 0, 0, 2);
    add_box(&s, -1, -1, -1, 1, 1, 1);
    measure_shapes(&s, 51, 100000, 4000, true, &m);
    assert_true(fabs(m.value[at(HYDRO_CAPACITANCE)] - 2) < 1e-6);
    s.radius[0] = 0.9;
    measure_shapes(&s, 52, 100000, 4000, false, &m);
    add_figure(&chi, "C", &m, HYDRO_CAPACITANCE, 2 * CUBE_C, 0);
    assert_true(m.value[at(HYDRO_VOLUME)] == 8);
    chi_check(&chi, "a ball in a cube");
}

static void launch_spheres(void **state)
{
    (void)state;
    struct shapes s = {0};
    struct body body;
    add_box(&s, 10, 0, 0, 11, 2, 3);
    prepare_well(&body, &s);
    assert_true(fabs(body.launch_radius - 0.5 * sqrt(14)) < 1e-12);
    assert_true(fabs(body.centre[0] - 10.5) < 1e-9);
    body_fini(&body);
    add_ball(&s, 10.5, 1, 101.5, 4); /* from its far side to the box's bottom */
    prepare_well(&body, &s);
    double far = 0.5 * sqrt(5);
    /* R with R = h + 4 and R^2 = (101.5 - h - 0)^2 + far^2 for h below the ball. */
    double h = (101.5 * 101.5 + far * far - 16) / (2 * (101.5 + 4));
    assert_true(fabs(body.launch_radius - (h + 4)) < 1e-8);
    body_fini(&body);
}

static void impossible_boxes(void **state)
{
    (void)state;
    static const struct {
        double x, half[3];
        const char *says;
    } table[] = {
        {NAN, {1, 1, 1}, "atom 1: x coordinate"},
        {0, {1, 1, INFINITY}, "atom 1: radius is inf"},
        {0, {1, 0, 1}, "atom 1: radius is 0"},
        {0, {1, -1, 1}, "atom 1: radius is -1"},
        {0, {1, 1e-12, 1}, "smallest radius (or half edge, 1e-12)"},
        {1e20, {1, 1, 1}, "half edge, 0)"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct shapes s = {.n = 1};
        struct body body = {0};
        struct err err = {0};
        s.xyz[0] = table[i].x;
        memcpy(s.half, table[i].half, sizeof table[i].half);
        assert_int_equal(prepare(&body, &s, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
        if (!strstr(err.text, table[i].says))
            fail_msg("'%s' does not say '%s'", err.text, table[i].says);
        body_fini(&body);
    }
}

/* The standard deviations are those of the values over many seeds. */
static void errors_are_honest(void **state)
{
    (void)state;
    enum { SEEDS = 60 };
    static const enum hydro_property properties[] = {
        HYDRO_CAPACITANCE, HYDRO_POLARIZABILITY, HYDRO_VOLUME, HYDRO_SURFACE_AREA,
        HYDRO_RADIUS_OF_GYRATION};
    struct shapes s = {0};
    double sum[5] = {0}, squares[5] = {0}, variance[5] = {0};
    add_box(&s, 0, 0, 0, 2, 1, 1);
    add_box(&s, 1, 0, 0.5, 3, 1.5, 1);
    add_ball(&s, 0, 0.5, 0.5, 0.7);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct measured m;
        measure_shapes(&s, 1000 + seed, 8192, 4096, true, &m);
        for (int i = 0; i < 5; i++) {
            double value = m.value[at(properties[i])], std = m.std[at(properties[i])];
            sum[i] += value;
            squares[i] += value * value;
            variance[i] += std * std / SEEDS;
        }
    }
    for (int i = 0; i < 5; i++) {
        double mean = sum[i] / SEEDS;
        double ratio =
            (squares[i] / SEEDS - mean * mean) * SEEDS / (SEEDS - 1.0) / variance[i];
        print_message("# %d: variance ratio %.3f\n", i, ratio);
        assert_true(ratio > 0.45 && ratio < 1.8); /* sqrt(2 / 59) = 0.18 */
    }
}

/* The same bits by every instruction set, in single and in double precision. */
static void same_bits_everywhere(void **state)
{
    (void)state;
    static struct walk_hits hits[2];
    const struct simd_table *table[SIMD_TABLES_MAX];
    int n = simd_tables(table);
    struct shapes s[2] = {{0}};
    for (int i = 0; i < 2; i++) {
        add_box(&s[i], 0, 0, 0, 2, 1, 1);
        add_box(&s[i], 1, 0.2, 0.5, 3, 1.5, i ? 0.5001 : 1.5);
        add_ball(&s[i], 0, 0.5, 0.5, 0.7);
    }
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < n; k++) {
            struct body body;
            struct walker walker;
            struct sample_tally tally[2] = {0};
            const struct simd_block block = {7, 0, 0, RNG_WALKS, 1000};
            struct sample_plan plan = sample_plan(1000, false);
            prepare_well(&body, &s[i]);
            walker_init(&walker, table[k], 1);
            assert_int_equal(walker_set(&walker, &body, NULL), 0);
            assert_int_equal(walker.kind, WALKER_BOXES | (i ? WALKER_DOUBLE : 0));
            assert_int_equal(walker_walk(&walker, 0, &block, &hits[k > 0], NULL), 0);
            sample_block(&body, table[k], &plan, 7, 0, 0, &tally[k > 0]);
            assert_true(hits[k > 0].n > 300 && hits[k > 0].truncated == 0);
            if (k > 0) {
                assert_int_equal(hits[0].n, hits[1].n);
                assert_int_equal(hits[0].steps, hits[1].steps);
                for (int axis = 0; axis < 3; axis++)
                    assert_memory_equal(hits[0].point[axis], hits[1].point[axis],
                                        hits[0].n * sizeof(double));
            }
            walker_fini(&walker);
            body_fini(&body);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cube_in_pieces),      cmocka_unit_test(a_cuboid_turned),
        cmocka_unit_test(mixed_bodies),          cmocka_unit_test(boxes_on_a_grid),
        cmocka_unit_test(what_is_inside_leaves), cmocka_unit_test(launch_spheres),
        cmocka_unit_test(impossible_boxes),      cmocka_unit_test(errors_are_honest),
        cmocka_unit_test(same_bits_everywhere),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
