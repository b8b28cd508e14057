/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/enclose.h"

#include "geom-sample.h"

enum { TOUCHING_MAX = 24 };

/* Squared length of the shortest convex combination of the m <= 4 unit vectors u, from
   the stationary point of its Lagrangian; infinity when a weight is negative. */
static double shortest_of(int m, const double *u[4], double weight[4])
{
    double a[5][6] = {{0}};
    for (int i = 0; i < m; i++) {
        for (int j = 0; j < m; j++)
            a[i][j] = u[i][0] * u[j][0] + u[i][1] * u[j][1] + u[i][2] * u[j][2];
        a[i][m] = a[m][i] = 1;
    }
    a[m][m + 1] = 1;
    for (int i = 0; i <= m; i++) {
        int p = i;
        for (int k = i + 1; k <= m; k++)
            if (fabs(a[k][i]) > fabs(a[p][i]))
                p = k;
        if (fabs(a[p][i]) < 1e-12)
            return INFINITY;
        for (int j = 0; j <= m + 1; j++) {
            double t = a[i][j];
            a[i][j] = a[p][j];
            a[p][j] = t;
        }
        for (int k = 0; k <= m; k++) {
            double factor = k == i ? 0 : a[k][i] / a[i][i];
            for (int j = i; j <= m + 1; j++)
                a[k][j] -= factor * a[i][j];
        }
    }
    double sum[3] = {0};
    for (int i = 0; i < m; i++) {
        weight[i] = a[i][m + 1] / a[i][i];
        if (weight[i] < 0)
            return INFINITY;
        for (int k = 0; k < 3; k++)
            sum[k] += weight[i] * u[i][k];
    }
    return sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2];
}

/* How much smaller than R an enclosing ball could be, from duality: for weights w of
   the touching balls with sum 1, the convex function sum w_i (|c' - c_i| + r_i) of the
   centre c' is nowhere below its value at c minus |sum w_i u_i| |c' - c|, u_i being the
   unit vectors towards c; and no better centre is farther than R away. */
static double slack(const struct balls *b, const double c[3], double R, double touch)
{
    double u[TOUCHING_MAX][3], best = INFINITY;
    int n = 0;
    for (size_t i = 0; i < b->n && n < TOUCHING_MAX; i++) {
        double gap = sample_gap(b, i, c), distance = gap + b->r[i];
        if (distance + b->r[i] < R - touch)
            continue;
        if (distance <= 1e-12 * R) /* one ball that fills the whole */
            return touch;
        u[n][0] = (c[0] - b->x[i]) / distance;
        u[n][1] = (c[1] - b->y[i]) / distance;
        u[n++][2] = (c[2] - b->z[i]) / distance;
    }
    double weight[4];
    for (int i = 0; i < n; i++)
        for (int j = i; j < n; j++)
            for (int k = j; k < n; k++)
                for (int l = k; l < n; l++) { /* equal indices: smaller sets */
                    const double *set[4] = {u[i]};
                    int m = 1;
                    if (j > i)
                        set[m++] = u[j];
                    if (k > j)
                        set[m++] = u[k];
                    if (l > k)
                        set[m++] = u[l];
                    best = fmin(best, shortest_of(m, set, weight));
                }
    return touch + sqrt(best) * R;
}

/* Encloses all, and could not be smaller by more than `tolerance` of its radius. */
static void check(const struct balls *balls, double tolerance, const char *what)
{
    double c[3], R;
    enclose_balls(balls, c, &R);
    double extent = fabs(c[0]) + fabs(c[1]) + fabs(c[2]) + R;
    for (size_t i = 0; i < balls->n; i++) {
        double reach = sample_gap(balls, i, c) + 2 * balls->r[i];
        if (!(reach <= R * (1 + 1e-15)))
            fail_msg("%s, n = %zu: ball %zu reaches %.17g of %.17g", what, balls->n, i,
                     reach, R);
    }
    double touch = 1e-10 * R + 4e-16 * extent;
    double could = slack(balls, c, R, touch) / R;
    if (!(could <= tolerance + 1e-14 * extent / R))
        fail_msg("%s, n = %zu: R = %.17g might be smaller by %g", what, balls->n, R,
                 could);
}

static void expect(const struct balls *balls, const double c[3], double R)
{
    double got[3], radius;
    enclose_balls(balls, got, &radius);
    for (int k = 0; k < 3; k++)
        if (!(fabs(got[k] - c[k]) <= 1e-9 * R && fabs(radius - R) <= 1e-10 * R))
            fail_msg("centre %.15g %.15g %.15g, radius %.15g instead of %.15g", got[0],
                     got[1], got[2], radius, R);
}

static void known_cases(void **state)
{
    (void)state;
    struct balls b = {0};
    sample_begin(&b, 20);
    balls_push(&b, 1, 2, 3, 4);
    expect(&b, (double[3]){1, 2, 3}, 4);
    balls_push(&b, 1, 2, 3, 4); /* coincident */
    expect(&b, (double[3]){1, 2, 3}, 4);
    balls_push(&b, 2, 3, 4, 1); /* inside */
    expect(&b, (double[3]){1, 2, 3}, 4);
    balls_push(&b, 3, 2, 3, 2); /* inside and touching */
    expect(&b, (double[3]){1, 2, 3}, 4);
    balls_push(&b, 11, 2, 3, 2); /* from -3 to 13 */
    expect(&b, (double[3]){5, 2, 3}, 8);
    b.n = 0;
    for (int i = 0; i < 9; i++) /* collinear, from -1 to 21 */
        balls_push(&b, 0, 2.5 * (i * 4 % 9), 0, 1);
    expect(&b, (double[3]){0, 10, 0}, 11);
    b.n = 0; /* an equilateral triangle of unit circumradius, then a ball above it */
    for (int i = 0; i < 3; i++)
        balls_push(&b, cos(2 * M_PI * i / 3), sin(2 * M_PI * i / 3), 0, 0.25);
    expect(&b, (double[3]){0, 0, 0}, 1.25);
    balls_push(&b, 0, 0, 1, 0.25);
    expect(&b, (double[3]){0, 0, 0}, 1.25);
    balls_push(&b, 0, 0, -3, 2);
    check(&b, 1e-9, "triangle and two");
    balls_fini(&b);
}

/* Many balls that touch at once: cube, icosahedron, ring, with and without what is
   inside them, turned and moved. */
static void ties(void **state)
{
    (void)state;
    const double golden = 1.6180339887498949;
    struct dice dice = {41};
    struct balls b = {0};
    for (int k = 0; k < 100; k++) {
        double to[3] = {dice_between(&dice, -99, 99), 5, -7},
               r = dice_log(&dice, 1e-6, 9);
        sample_begin(&b, 400);
        for (int i = 0; i < 8; i++)
            balls_push(&b, i & 1 ? 1 : -1, i & 2 ? 1 : -1, i & 4 ? 1 : -1, r);
        sample_shift(&b, to);
        expect(&b, to, sqrt(3) + r);
        b.n = 0;
        for (int i = 0; i < 4; i++) {
            double s = i & 1 ? 1 : -1, t = i & 2 ? golden : -golden;
            balls_push(&b, 0, s, t, r);
            balls_push(&b, s, t, 0, r);
            balls_push(&b, t, 0, s, r);
        }
        sample_shift(&b, to);
        expect(&b, to, sqrt(1 + golden * golden) + r);
        sample_ring(&b, 400, 4, r);
        sample_shift(&b, to);
        expect(&b, to, 4 + r);
        sample_shell(&b, &dice, 300, 10, r);
        sample_shift(&b, to);
        expect(&b, to, 10 + r);
    }
    balls_fini(&b);
}

static void random_bodies(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 4, 5, 6, 8, 12, 30, 100, 1000};
    struct dice dice = {42};
    struct balls b = {0};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (int repeat = 0; repeat < 60; repeat++) {
            size_t n = sizes[k];
            double half = dice_log(&dice, 1e-3, 1e3);
            sample_scatter(&b, &dice, n, half, 1e-9 * half, 1e-6 * half);
            check(&b, 1e-9, "points");
            sample_scatter(&b, &dice, n, half, 0.01 * half, 0.1 * half);
            check(&b, 1e-9, "balls");
            sample_scatter(&b, &dice, n, half, 1e-6 * half, 3 * half);
            check(&b, 1e-9, "six orders");
            sample_chain(&b, &dice, n);
            check(&b, 1e-9, "chain");
            for (size_t i = 0; i < n; i++) /* flat, then on a line */
                b.z[i] = 1;
            check(&b, 1e-9, "plane");
            for (size_t i = 0; i < n; i++)
                b.y[i] = b.x[i];
            check(&b, 1e-9, "line");
        }
    balls_fini(&b);
}

/* A body far from the origin is limited by its coordinates, not by the method. */
static void far_from_the_origin(void **state)
{
    (void)state;
    struct dice dice = {43};
    struct balls b = {0};
    for (int k = 0; k < 300; k++) {
        double far[3], size = dice_log(&dice, 1e-2, 30);
        dice_direction(&dice, far);
        for (int i = 0; i < 3; i++)
            far[i] *= k & 1 ? 1e4 : 1e7;
        sample_scatter(&b, &dice, 2 + dice_below(&dice, 60), size, 0.01 * size,
                       0.3 * size);
        sample_shift(&b, far);
        check(&b, 1e-9, "far");
    }
    balls_fini(&b);
}

/* Pairs and triples that almost contain one another. */
static void nearly_contained(void **state)
{
    (void)state;
    struct dice dice = {44};
    struct balls b = {0};
    for (int k = 0; k < 500; k++) {
        double out = dice_log(&dice, 1e-13, 1e-1), u[3];
        sample_begin(&b, 3);
        balls_push(&b, 0, 0, 0, 1);
        for (int i = 0; i < 1 + k % 2; i++) {
            dice_direction(&dice, u);
            double r = dice_between(&dice, 0.05, 0.95), d = 1 - r + out;
            balls_push(&b, d * u[0], d * u[1], d * u[2], r);
        }
        check(&b, 1e-9, "nearly contained");
        if (b.n == 2) {
            double c[3], R;
            enclose_balls(&b, c, &R);
            assert_true(fabs(R - (1 + out / 2)) < 1e-9);
        }
    }
    balls_fini(&b);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_cases),      cmocka_unit_test(ties),
        cmocka_unit_test(random_bodies),    cmocka_unit_test(far_from_the_origin),
        cmocka_unit_test(nearly_contained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
