/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/contained.h"

#include "geom-sample.h"
#include "geom/hilbert.h"
#include "util/clock.h"

/* The definition: a ball stays unless another one holds it; of equal ones the first. */
static size_t count_slowly(const struct balls *b)
{
    size_t left = 0;
    for (size_t j = 0; j < b->n; j++) {
        bool held = false;
        for (size_t i = 0; i < b->n && !held; i++) {
            double c[3] = {b->x[j], b->y[j], b->z[j]}, gap = sample_gap(b, i, c);
            bool equal = gap == -b->r[i] && b->r[i] == b->r[j];
            held = i != j && gap + b->r[j] <= 0 && (!equal || i < j);
        }
        left += !held;
    }
    return left;
}

/* Sorts and drops; the tree must be one of what is left. */
static size_t drop(struct balls *balls, uint64_t *visits)
{
    struct bvh bvh = {0};
    assert_int_equal(hilbert_sort(balls, NULL), 0);
    assert_int_equal(contained_drop(balls, &bvh, visits, NULL), 0);
    assert_int_equal(bvh.n_leaves, (balls->n + EIGHT - 1) / EIGHT);
    size_t at = balls->n / 2;
    assert_true(bvh_count(&bvh, (double[3]){balls->x[at], balls->y[at], balls->z[at]}) >
                0);
    bvh_fini(&bvh);
    return balls->n;
}

/* Makes every third ball a copy of its predecessor. */
static void add_copies(struct balls *b)
{
    for (size_t i = 2; i < b->n; i += 3) {
        b->x[i] = b->x[i - 1];
        b->y[i] = b->y[i - 1];
        b->z[i] = b->z[i - 1];
        b->r[i] = b->r[i - 1];
    }
}

/* Exactly those that the definition drops: always up to 600 balls, and far beyond for
   bodies like these. */
static void against_brute_force(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 8, 9, 64, 65, 100, 300, 600, 3000};
    struct dice dice = {41};
    struct balls balls = {0};
    uint64_t visits;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (int kind = 0; kind < 8; kind++) {
            size_t n = sizes[k];
            switch (kind / 2) {
            case 0:
                sample_scatter(&balls, &dice, n, 10, 1e-5, 10);
                break;
            case 1:
                sample_scatter(&balls, &dice, n, 10, 1, 8);
                break;
            case 2:
                sample_chain(&balls, &dice, n);
                break;
            default: /* nearly coincident */
                sample_scatter(&balls, &dice, n, 1e-3, 1, 1.002);
            }
            if (kind == 6 && n > 600)
                continue;
            if (kind % 2)
                add_copies(&balls);
            if (k % 2)
                sample_shift(&balls, (double[3]){1e4, -2e4, 1e3});
            size_t want = count_slowly(&balls), got = drop(&balls, &visits);
            if (got != want)
                fail_msg("kind %d, n = %zu: %zu stay instead of %zu", kind, n, got,
                         want);
        }
    balls_fini(&balls);
}

/* Hard geometry, 100,000 balls each. */
enum { MANY = 100000 };

static void fill_coincident(struct balls *b, struct dice *dice)
{
    (void)dice;
    for (size_t i = 0; i < MANY; i++)
        balls_push(b, 1, 2, 3, 1.5);
}

static void fill_317_sites(struct balls *b, struct dice *dice)
{
    (void)dice;
    for (size_t i = 0; i < MANY; i++)
        balls_push(b, 1e-6 * (double)(i % 317), 0, 0, 1.5);
}

static void fill_nearly_coincident(struct balls *b, struct dice *dice)
{
    sample_scatter(b, dice, MANY, 1e-9, 1.5, 1.5);
}

static void fill_cloud(struct balls *b, struct dice *dice)
{
    sample_scatter(b, dice, MANY, 1e-3, 1.5, 1.502);
}

static void fill_cloud_in_one(struct balls *b, struct dice *dice)
{
    fill_cloud(b, dice);
    b->r[777] = 1.6;
}

static void fill_six_orders(struct balls *b, struct dice *dice)
{
    sample_scatter(b, dice, MANY, 50, 1e-5, 10);
}

static void fill_split_off(struct balls *b, struct dice *dice)
{
    sample_chain(b, dice, MANY);
    b->y[MANY - 1] += 1e4;
}

/* Radii that grow by a little less than the centres move: every ball nearly holds those
   behind it, and none does. */
static void fill_cone(struct balls *b, struct dice *dice)
{
    sample_scatter(b, dice, MANY, 0.5, 1, 1);
    for (size_t i = 0; i < MANY; i++)
        b->r[i] = 2 + 0.999999 * b->x[i];
}

/* Whether one of the balls that were left holds this one. */
static bool is_inside_one(const struct balls *left, const double c[3], double r)
{
    for (size_t i = 0; i < left->n; i++)
        if (sample_gap(left, i, c) + r <= 1e-12)
            return true;
    return false;
}

static void hard_bodies_in_time(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        void (*fill)(struct balls *, struct dice *);
        size_t left_min, left_max;
    } cases[] = {
        {"coincident", fill_coincident, 1, 1},
        {"317 sites", fill_317_sites, 317, 317},
        {"nearly coincident", fill_nearly_coincident, MANY, MANY},
        {"cloud", fill_cloud, 4000, 7000},
        {"cloud in one", fill_cloud_in_one, 1, 1},
        {"six orders", fill_six_orders, 3000, 9000},
        {"split off", fill_split_off, 97000, 99000},
        {"cone", fill_cone, MANY, MANY},
    };
    struct balls balls = {0}, given = {0};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct dice dice = {42};
        uint64_t visits;
        sample_begin(&balls, MANY);
        cases[k].fill(&balls, &dice);
        sample_begin(&given, MANY);
        for (size_t i = 0; i < MANY; i++)
            balls_push(&given, balls.x[i], balls.y[i], balls.z[i], balls.r[i]);
        double start = clock_seconds();
        size_t left = drop(&balls, &visits);
        double seconds = clock_seconds() - start;
        print_message("# %s: %zu left, %.1f boxes a ball, %.2f s\n", cases[k].what,
                      left, (double)visits / MANY, seconds);
        assert_true(left >= cases[k].left_min && left <= cases[k].left_max);
        assert_true(visits <= (uint64_t)(CONTAINED_VISITS + 4) * MANY);
        assert_true(seconds < 10); /* a sanitiser on a busy machine; mostly 0.1 */
        for (int sample = 0; sample < 50; sample++) {
            size_t i = dice_below(&dice, MANY);
            assert_true(is_inside_one(
                &balls, (double[3]){given.x[i], given.y[i], given.z[i]}, given.r[i]));
        }
    }
    balls_fini(&balls);
    balls_fini(&given);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_brute_force),
        cmocka_unit_test(hard_bodies_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
