/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/hilbert.h"

#include "geom-sample.h"

/* Sorts balls whose radii are 1, 2, 3, ... before: afterwards they say who is who.
   Returns the length of the way from ball to ball. */
static double sort(struct balls *balls)
{
    size_t n = balls->n;
    double(*before)[3] = malloc((n ? n : 1) * sizeof *before);
    bool *seen = calloc(n ? n : 1, sizeof *seen);
    assert_true(before && seen);
    for (size_t i = 0; i < n; i++) {
        double at[3] = {balls->x[i], balls->y[i], balls->z[i]};
        memcpy(before[i], at, sizeof at);
        balls->r[i] = (double)(i + 1);
    }
    struct err err = {0};
    assert_int_equal(hilbert_sort(balls, &err), 0);
    assert_int_equal(balls->n, n);
    double way = 0;
    for (size_t i = 0; i < n; i++) {
        double at[3] = {balls->x[i], balls->y[i], balls->z[i]};
        size_t was = (size_t)balls->r[i] - 1;
        assert_true(was < n && !seen[was]);
        seen[was] = true;
        assert_memory_equal(at, before[was], sizeof at);
        if (i)
            way += sample_gap(balls, i - 1, at) + balls->r[i - 1];
    }
    free(before);
    free(seen);
    return way;
}

/* What defines the curve: it takes every cell of a lattice in turn, from neighbour to
   neighbour, at each level. The lattice comes in a random order. */
static void neighbour_to_neighbour(void **state)
{
    (void)state;
    struct dice dice = {10};
    struct balls balls = {0};
    for (size_t side = 2; side <= 32; side *= 2) {
        size_t n = side * side * side;
        sample_begin(&balls, n);
        for (size_t i = 0; i < n; i++)
            balls_push(&balls, (double)(i % side), (double)(i / side % side),
                       (double)(i / side / side), 1);
        for (size_t i = n - 1; i > 0; i--) {
            size_t j = dice_below(&dice, i + 1);
            double *axis[3] = {balls.x, balls.y, balls.z};
            for (int k = 0; k < 3; k++) {
                double t = axis[k][i];
                axis[k][i] = axis[k][j];
                axis[k][j] = t;
            }
        }
        sort(&balls);
        for (size_t i = 1; i < n; i++) {
            double at[3] = {balls.x[i], balls.y[i], balls.z[i]};
            assert_true(sample_gap(&balls, i - 1, at) + balls.r[i - 1] == 1);
        }
    }
    balls_fini(&balls);
}

static void sorted_permutations(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 2, 3, 10, 255, 256, 257, 1000, 20000};
    struct dice dice = {11};
    struct balls balls = {0};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        sample_scatter(&balls, &dice, sizes[k], 50, 1, 1);
        sort(&balls);
        sample_chain(&balls, &dice, sizes[k]);
        sample_shift(&balls, (double[3]){1e4, -1e4, 1e-3});
        sort(&balls);
        sample_ring(&balls, sizes[k], 10, 1); /* flat: no range in z */
        sort(&balls);
    }
    balls_fini(&balls);
}

/* The order depends on the balls alone, not on how they came, where no two share a
   cell. */
static void any_order_before(void **state)
{
    (void)state;
    enum { N = 3000 };
    struct dice dice = {13};
    struct balls a = {0}, b = {0};
    sample_scatter(&a, &dice, N, 50, 1, 1);
    sample_begin(&b, N);
    for (size_t i = 0; i < N; i++)
        balls_push(&b, a.x[N - 1 - i], a.y[N - 1 - i], a.z[N - 1 - i], 1);
    sort(&a);
    sort(&b);
    assert_memory_equal(a.x, b.x, N * sizeof(double));
    assert_memory_equal(a.z, b.z, N * sizeof(double));
    balls_fini(&a);
    balls_fini(&b);
}

/* The way through n random points of a unit cube has about 0.92 n^(2/3) (the shortest
   0.71 n^(2/3)); a Morton curve's would be 1.3 n^(2/3), one at random 0.66 n. */
static void near_in_space_near_in_memory(void **state)
{
    (void)state;
    enum { N = 8000 };
    struct dice dice = {12};
    struct balls balls = {0};
    sample_scatter(&balls, &dice, N, 0.5, 1, 1);
    double way = sort(&balls);
    print_message("# %.3f n^(2/3)\n", way / pow(N, 2.0 / 3));
    assert_true(way < 1.1 * pow(N, 2.0 / 3));
    balls_fini(&balls);
}

static void equal_cells_keep_their_order(void **state)
{
    (void)state;
    struct balls balls = {0};
    sample_begin(&balls, 300);
    for (int i = 0; i < 300; i++)
        balls_push(&balls, 7, -7, i % 3, 1);
    assert_true(sort(&balls) == 2); /* three heaps */
    for (size_t i = 1; i < 300; i++)
        assert_true(balls.r[i] > balls.r[i - 1] || balls.z[i] != balls.z[i - 1]);
    balls_fini(&balls);
}

/* Ranges without an inverse, and the widest that a body may have. */
static void extreme_ranges(void **state)
{
    (void)state;
    static const double widths[] = {5e-324, 1e-310, 1e-300, 1e30};
    struct balls balls = {0};
    for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
        sample_begin(&balls, 10);
        for (int i = 0; i < 10; i++)
            balls_push(&balls, i & 1 ? widths[k] : 0, i & 2 ? -widths[k] : 0, 0, i + 1);
        assert_int_equal(hilbert_sort(&balls, NULL), 0);
        unsigned seen = 0;
        for (int i = 0; i < 10; i++)
            seen |= 1u << (int)balls.r[i];
        assert_int_equal(seen, 0x7fe);
    }
    balls_fini(&balls);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbour_to_neighbour),
        cmocka_unit_test(sorted_permutations),
        cmocka_unit_test(any_order_before),
        cmocka_unit_test(near_in_space_near_in_memory),
        cmocka_unit_test(equal_cells_keep_their_order),
        cmocka_unit_test(extreme_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
