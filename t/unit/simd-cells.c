/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search structure against all balls one by one; simd-cells-f64.c compiles this for
   double. */
#define SIMD_ISA base
#include "simd/cells.h"
#include "simd/nearest.h"

#include "fwtest.h"
#include "geom-sample.h"

/* What rounding leaves of a distance in the cube, and of the slots' bits. */
static const double rounding = VEC_REAL == 32 ? 6e-7 : 2e-15;
static const double slot_part = VEC_REAL == 32 ? 4e-6 : 8e-15;

/* A body, the cells around it, and its balls as the cells know them: rounded to their
   precision, in launch radii. Which kinds of entries points have met is counted. */
struct scene {
    const char *name;
    struct balls balls; /* rounded */
    struct cells *cells;
    long far, outer, near, listed, inside;
    double room; /* sum over near points of empty radius / second distance */
};

/* Distance of the farthest surface from the origin. */
static double reach_of(const struct balls *b)
{
    double out = 0;
    for (size_t i = 0; i < b->n; i++)
        out =
            fmax(out, sqrt(b->x[i] * b->x[i] + b->y[i] * b->y[i] + b->z[i] * b->z[i]) +
                          b->r[i]);
    return out;
}

static void scene_set(struct scene *scene, const char *name, const struct balls *balls)
{
    struct err err = {0};
    double radius = 1.0001 * reach_of(balls);
    scene->name = name;
    if (!scene->cells && !(scene->cells = cells_create(1, &err)))
        fail_msg("%s", err.text);
    if (cells_set(scene->cells, balls, NULL, radius, &err) < 0)
        fail_msg("%s: %s", name, err.text);
    sample_begin(&scene->balls, balls->n);
    for (size_t i = 0; i < balls->n; i++)
        balls_push(&scene->balls, (double)(real)(balls->x[i] / radius),
                   (double)(real)(balls->y[i] / radius),
                   (double)(real)(balls->z[i] / radius),
                   (double)(real)(balls->r[i] / radius));
    scene->far = scene->outer = scene->near = scene->listed = scene->inside = 0;
    scene->room = 0;
}

static void scene_fini(struct scene *scene)
{
    cells_destroy(scene->cells);
    balls_fini(&scene->balls);
}

/* The entry of a point's cell, made where it is not there, and the cell's level. */
static uint32_t entry_at(struct cells *cells, const real p[3], int *level)
{
    const real scale = (real)((word)1 << CELLS_LAST) / (2 * CELLS_HALF);
    const real last = (real)(((word)1 << CELLS_LAST) - 1);
    word fine[3];
    for (int k = 0; k < 3; k++) {
        real at = (p[k] + CELLS_HALF) * scale;
        fine[k] = (word)(sword)(at < 0 ? 0 : at > last ? last : at);
    }
    uint32_t entry = cells->top[cells_index(fine, CELLS_TOP)];
    if (entry == CELLS_UNMADE)
        entry = cells_make_top(cells, 0, fine);
    for (*level = CELLS_TOP; entry >= CELLS_DIVIDED;) {
        ++*level;
        struct cells_node *node = cells_node(cells, entry);
        uint32_t son = node->entry[cells_son_index(fine, *level)];
        entry =
            son != CELLS_UNMADE ? son : cells_make_son(cells, 0, entry, *level, fine);
        assert_true(*level <= CELLS_LAST);
    }
    assert_false(cells->failed);
    return entry;
}

static double between(const double a[3], const double b[3])
{
    return sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) +
                (a[2] - b[2]) * (a[2] - b[2]));
}

static void complain(const struct scene *scene, const double p[3], const char *what,
                     double value, double expected)
{
    fail_msg("%s at %.9g %.9g %.9g: %s %.9g, expected %.9g", scene->name, p[0], p[1],
             p[2], what, value, expected);
}

/* The ball of a far cell has the point inside and the body outside. */
static void check_far(struct scene *scene, uint32_t entry, const double p[3])
{
    real ball[4];
    cells_far(scene->cells, entry, ball);
    const double c[3] = {(double)ball[0], (double)ball[1], (double)ball[2]};
    double r = (double)ball[3], from = between(p, c);
    if (!(from < r))
        complain(scene, p, "outside the far cell's ball by", from - r, 0);
    for (size_t i = 0; i < scene->balls.n; i++)
        if (!(sample_gap(&scene->balls, i, c) >= r - rounding))
            complain(scene, p, "far ball too large by",
                     r - sample_gap(&scene->balls, i, c), 0);
    scene->far++;
}

/* The ball of an outer cell has the point outside and the body inside. */
static void check_outer(struct scene *scene, uint32_t entry, const double p[3])
{
    uint32_t place = entry - CELLS_OUTER;
    assert_true(place % sizeof scene->cells->outer[0] == 0 &&
                place < sizeof scene->cells->outer);
    const real *ball = scene->cells->outer[place / sizeof scene->cells->outer[0]];
    const double c[3] = {(double)ball[0], (double)ball[1], (double)ball[2]};
    double r = (double)ball[3];
    if (!(between(p, c) > r))
        complain(scene, p, "inside the enclosing ball by", r - between(p, c), 0);
    for (size_t i = 0; i < scene->balls.n; i++) {
        double reach = sample_gap(&scene->balls, i, c) + 2 * scene->balls.r[i];
        if (!(reach <= r + rounding))
            complain(scene, p, "out of the enclosing ball by", reach - r, 0);
    }
    scene->outer++;
}

/* The two smallest distances, and whose the first is. */
struct truth {
    size_t ball;
    double first, second;
};

static struct truth truth_at(const struct scene *scene, const double p[3])
{
    struct truth out = {0, INFINITY, INFINITY};
    for (size_t i = 0; i < scene->balls.n; i++) {
        double gap = sample_gap(&scene->balls, i, p);
        if (gap < out.first)
            out = (struct truth){i, gap, out.first};
        else if (gap < out.second)
            out.second = gap;
    }
    return out;
}

/* A tangent ball as a walker uses it touches the nearest ball and nothing else. */
static void check_tangent(struct scene *scene, uint32_t entry, size_t ball,
                          const double p[3], double empty)
{
    const struct balls *b = &scene->balls;
    double s = sample_gap(b, ball, p), d = s + b->r[ball];
    double u[3] = {(p[0] - b->x[ball]) / d, (p[1] - b->y[ball]) / d,
                   (p[2] - b->z[ball]) / d};
    double most = 0.5 * (fmin(empty, 4) - s);
    vreal at[3], axis[3];
    for (int k = 0; k < 3; k++) {
        at[k] = vec_all((real)p[k]);
        axis[k] = vec_all((real)u[k]);
    }
    if (!(most > 0) || !(s > 100 * rounding))
        return;
    double tau =
        (double)nearest_tau(scene->cells, entry, (uint32_t)(ball * 4 * sizeof(real)),
                            at, axis, vec_all((real)s), (real)most);
    assert_true(tau >= 0 && tau <= (double)(real)most);
    double c[3] = {p[0] + tau * u[0], p[1] + tau * u[1], p[2] + tau * u[2]};
    for (size_t i = 0; i < b->n; i++)
        /* Rounding of tau counts as much as its slope does; walkers take 0.999 tau. */
        if (!(sample_gap(b, i, c) >= s + tau - 1e-3 * tau - 4 * rounding))
            complain(scene, p, "tangent ball too large by",
                     s + tau - sample_gap(b, i, c), 0);
}

/* The nearest ball is right, or as near as bits can tell; neither `second` nor `beyond`
   promise more room than there is: balls in the list are bounded by the one, all others
   by the other. */
static void check_near(struct scene *scene, uint32_t entry, const double p[3])
{
    static struct queue queue;
    static struct nearest near;
    const real at[3] = {(real)p[0], (real)p[1], (real)p[2]};
    queue.n = BATCH;
    for (int i = 0; i < BATCH; i++) {
        for (int k = 0; k < 3; k++)
            memcpy(&queue.field[k][i], &at[k], sizeof at[k]);
        queue.field[4][i] = entry;
    }
    nearest_find(scene->cells, &queue, 0, &near);
    struct truth truth = truth_at(scene, p);
    size_t found = near.place[5] / (4 * sizeof(real));
    double beyond = (double)near.beyond[5], second = (double)near.second[5];
    double empty = fmin(second, beyond);
    double part = slot_part * fabs(truth.first), next = truth.second;
    scene->listed += *cells_record(scene->cells, entry) == RECORD_LONG;
    scene->near++;
    if (beyond < truth.first + rounding) { /* none need be listed */
        if (!(beyond <= truth.first + rounding))
            complain(scene, p, "beyond", beyond, truth.first);
        return;
    }
    assert_true(found < scene->balls.n && near.place[5] % (4 * sizeof(real)) == 0);
    double gap = sample_gap(&scene->balls, found, p);
    if (!(gap <= truth.first + rounding + part))
        complain(scene, p, "nearest gap", gap, truth.first);
    if (found != truth.ball) /* the other one is nearest by a hair */
        next = truth.first;
    if (!(empty <= next + rounding))
        complain(scene, p, "empty", empty, next);
    check_tangent(scene, entry, found, p, beyond);
    scene->room += fmin(empty / fmin(next, 4), 1);
}

static void check_point(struct scene *scene, const double point[3])
{
    real at[3] = {(real)point[0], (real)point[1], (real)point[2]};
    const double p[3] = {(double)at[0], (double)at[1], (double)at[2]};
    int level;
    double square = p[0] * p[0] + p[1] * p[1] + p[2] * p[2];
    if (square > 1 || truth_at(scene, p).first <= 0) {
        scene->inside++;
        return;
    }
    uint32_t entry = entry_at(scene->cells, at, &level);
    if (entry >= CELLS_NEAR)
        check_near(scene, entry, p);
    else if (entry >= CELLS_OUTER)
        check_outer(scene, entry, p);
    else
        check_far(scene, entry, p);
}

/* Points of the launch ball, of its surface, and next to surfaces of the body. */
static void check_points(struct scene *scene, struct dice *dice, int n)
{
    const struct balls *b = &scene->balls;
    for (int i = 0; i < n; i++) {
        double u[3], p[3], r = i % 16 ? cbrt(dice_between(dice, 0, 1)) : 1 - 1e-7;
        size_t ball = dice_below(dice, b->n);
        dice_direction(dice, u);
        if (i % 3) {
            double gap = dice_log(dice, 3 * rounding, 0.1);
            p[0] = b->x[ball] + (b->r[ball] + gap) * u[0];
            p[1] = b->y[ball] + (b->r[ball] + gap) * u[1];
            p[2] = b->z[ball] + (b->r[ball] + gap) * u[2];
        } else {
            for (int k = 0; k < 3; k++)
                p[k] = r * u[k];
        }
        check_point(scene, p);
    }
    print_message("# %s: %ld far, %ld outer, %ld near (%ld in long lists, room %.3f)\n",
                  scene->name, scene->far, scene->outer, scene->near, scene->listed,
                  scene->room / (double)(scene->near ? scene->near : 1));
    assert_true(scene->far + scene->outer + scene->near > n / 20);
}

static void few_balls(void **state)
{
    (void)state;
    struct dice dice = {81};
    struct scene scene = {0};
    struct balls balls = {0};
    for (int i = 0; i < 60; i++) {
        sample_scatter(&balls, &dice, 1 + dice_below(&dice, 7), 2, 0.1, 2);
        scene_set(&scene, "few balls", &balls);
        for (int k = 0; k < 1000; k++) {
            double p[3] = {dice_between(&dice, -1, 1), dice_between(&dice, -1, 1),
                           dice_between(&dice, -1, 1)};
            check_point(&scene, p);
        }
    }
    check_points(&scene, &dice, 3000);
    assert_true(scene.near > 0);
    balls_fini(&balls);
    scene_fini(&scene);
}

/* One ball in a sphere much larger than it. */
static void lone_ball(void **state)
{
    (void)state;
    struct dice dice = {82};
    struct scene scene = {0};
    struct balls balls = {0};
    sample_begin(&balls, 1);
    balls_push(&balls, 0.9, 0, 0, 0.01);
    scene_set(&scene, "lone ball", &balls);
    check_points(&scene, &dice, 6000);
    balls_fini(&balls);
    scene_fini(&scene);
}

static void many_kinds(void **state)
{
    (void)state;
    struct dice dice = {83};
    struct scene scene = {0};
    struct balls balls = {0};
    sample_chain(&balls, &dice, 2000);
    scene_set(&scene, "chain", &balls);
    check_points(&scene, &dice, 6000);
    assert_true(scene.far > 0 && scene.outer > 0 && scene.near > 0);
    /* The room that first passage needs: most of what there is. */
    assert_true(scene.room > 0.8 * (double)scene.near);
    sample_scatter(&balls, &dice, 500, 1, 0.3, 0.5);
    scene_set(&scene, "much overlap", &balls);
    check_points(&scene, &dice, 6000);
    sample_ring(&balls, 416, 4, 1);
    scene_set(&scene, "ring", &balls);
    check_points(&scene, &dice, 6000);
    sample_shell(&balls, &dice, 1000, 1, 0.05);
    scene_set(&scene, "shell", &balls);
    check_points(&scene, &dice, 6000);
    sample_scatter(&balls, &dice, 1000, 1, 2e-5, 0.2);
    scene_set(&scene, "radii over four orders", &balls);
    check_points(&scene, &dice, 6000);
    balls_fini(&balls);
    scene_fini(&scene);
}

/* Coincident and nested balls, which no division of cells separates. */
static void coincident(void **state)
{
    (void)state;
    struct dice dice = {84};
    struct scene scene = {0};
    struct balls balls = {0};
    sample_begin(&balls, 600);
    for (int i = 0; i < 200; i++) {
        balls_push(&balls, 0.5, 0.25, -0.125, 0.3);
        balls_push(&balls, -0.5, 0.25, 0.5, 0.2 + 1e-7 * i);
        balls_push(&balls, 0, -0.5 + 1e-6 * i, 0, 0.1);
    }
    scene_set(&scene, "coincident", &balls);
    check_points(&scene, &dice, 6000);
    assert_true(scene.listed > 0);
    balls_fini(&balls);
    scene_fini(&scene);
}

static void split_off(void **state)
{
    (void)state;
    struct dice dice = {85};
    struct scene scene = {0};
    struct balls balls = {0};
    sample_chain(&balls, &dice, 300);
    assert_int_equal(balls_reserve(&balls, 301, NULL), 0);
    sample_shift(&balls, (double[3]){-5000, 100, 0});
    balls_push(&balls, 5000, 0, 0, 1.5);
    scene_set(&scene, "split off", &balls);
    check_points(&scene, &dice, 10000);
    assert_true(scene.near > 500);
    /* A molecule that fits one cell of many levels is divided all the same. */
    assert_true(scene.listed < scene.near / 10);
    balls_fini(&balls);
    scene_fini(&scene);
}

/* Larger than what is kept at hand; few points, brute force being slow. */
static void large(void **state)
{
    (void)state;
    struct dice dice = {86};
    struct scene scene = {0};
    struct balls balls = {0};
    sample_chain(&balls, &dice, 20000);
    scene_set(&scene, "20,000 balls", &balls);
    check_points(&scene, &dice, 4000);
    assert_true(scene.near > 100 && scene.far + scene.outer > 100);
    balls_fini(&balls);
    scene_fini(&scene);
}

/* The same entries whoever makes them and in whatever order, and after another body. */
static void order_does_not_matter(void **state)
{
    (void)state;
    enum { POINTS = 3000 };
    struct dice dice = {87};
    struct scene one = {0}, two = {0};
    struct balls balls = {0}, other = {0};
    static real point[POINTS][3];
    static uint32_t kind[POINTS];
    static float beyond[POINTS];
    sample_chain(&balls, &dice, 1500);
    sample_chain(&other, &dice, 2500);
    scene_set(&one, "first", &balls);
    scene_set(&two, "second", &other);
    for (int i = 0; i < POINTS; i++) {
        real p[3];
        int level;
        for (int k = 0; k < 3; k++)
            point[i][k] = p[k] = (real)dice_between(&dice, -0.9, 0.9);
        uint32_t entry = entry_at(one.cells, p, &level);
        kind[i] = (entry & ~CELLS_INDEX) | (uint32_t)level;
        if (entry >= CELLS_NEAR)
            memcpy(&beyond[i], cells_record(one.cells, entry), sizeof beyond[i]);
        entry_at(two.cells, p, &level);
    }
    scene_set(&two, "second", &balls);
    for (int i = POINTS - 1; i >= 0; i--) {
        int level;
        float here = 0;
        uint32_t entry = entry_at(two.cells, point[i], &level);
        assert_true(kind[i] == ((entry & ~CELLS_INDEX) | (uint32_t)level));
        if (entry < CELLS_NEAR)
            continue;
        memcpy(&here, cells_record(two.cells, entry), sizeof here);
        assert_true(here == beyond[i]);
    }
    balls_fini(&balls);
    balls_fini(&other);
    scene_fini(&one);
    scene_fini(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_balls),
        cmocka_unit_test(lone_ball),
        cmocka_unit_test(many_kinds),
        cmocka_unit_test(coincident),
        cmocka_unit_test(split_off),
        cmocka_unit_test(large),
        cmocka_unit_test(order_does_not_matter),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("simd-cells", tests, NULL, NULL);
}
