/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/cell_lists.h"

#include "dice.h"
#include "fwtest.h"

/* Four floats and a place. */
enum { BALL_BYTES = 20, LEVELS = 4 };

struct body {
    size_t n;
    double *xyz, *radius;
};

static struct body make_body(size_t n)
{
    return (struct body){n, calloc(3 * n, sizeof(double)), calloc(n, sizeof(double))};
}

static void drop(struct body *body)
{
    free(body->xyz);
    free(body->radius);
}

static struct body globule(size_t n, double size, uint64_t seed)
{
    struct dice dice = {seed};
    struct body body = make_body(n);
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < 3; k++)
            body.xyz[3 * i + (size_t)k] = dice_between(&dice, -size, size);
        body.radius[i] = dice_between(&dice, 1, 2);
    }
    return body;
}

/* Random steps of two radii. */
static struct body chain(size_t n, uint64_t seed)
{
    struct dice dice = {seed};
    struct body body = make_body(n);
    for (size_t i = 0; i < n; i++) {
        double step[3], square = 0;
        for (int k = 0; k < 3; k++) {
            step[k] = dice_between(&dice, -1, 1);
            square += step[k] * step[k];
        }
        for (size_t k = 0; k < 3; k++)
            body.xyz[3 * i + k] =
                i ? body.xyz[3 * i - 3 + k] + 2 * step[k] / sqrt(square) : 0;
        body.radius[i] = 1;
    }
    return body;
}

/* The definition, cell by cell, each looking at all balls: with g_k the distance from
   the cell's centre to the surface of ball k, those with g_k <= g_(2) + 2 h. */
struct count {
    const struct body *body;
    double scale, shift[3], *gap, entries;
};

static void count_sons(struct count *c, const double centre[3], double side,
                       size_t above, int level)
{
    const struct body *body = c->body;
    double h = sqrt(3) / 2 * side / 2;
    for (int son = 0; son < 8; son++) {
        double p[3], out = 0;
        for (int k = 0; k < 3; k++) {
            p[k] = centre[k] + (son >> k & 1 ? side : -side) / 4;
            out += p[k] * p[k];
        }
        if (sqrt(out) > 1 + h)
            continue;
        size_t least = 0, n = 0;
        for (size_t i = 0; i < body->n; i++) {
            double square = 0;
            for (size_t k = 0; k < 3; k++) {
                double d = p[k] - (body->xyz[3 * i + k] - c->shift[k]) / c->scale;
                square += d * d;
            }
            c->gap[i] = sqrt(square) - body->radius[i] / c->scale;
            least = c->gap[i] < c->gap[least] ? i : least;
        }
        double second = HUGE_VAL;
        for (size_t i = 0; i < body->n; i++)
            if (i != least)
                second = fmin(second, c->gap[i]);
        for (size_t i = 0; i < body->n; i++)
            n += c->gap[i] <= second + 2 * h;
        bool shares = 4 * n > 3 * above;
        c->entries += shares ? 0 : (double)n;
        if (level < LEVELS)
            count_sons(c, p, side / 2, shares ? above : n, level + 1);
    }
}

static double count_entries(const struct body *body)
{
    static const double origin[3] = {0, 0, 0};
    struct count c = {.body = body, .gap = calloc(body->n, sizeof(double))};
    for (size_t k = 0; k < 3; k++) {
        double low = HUGE_VAL, high = -HUGE_VAL;
        for (size_t i = 0; i < body->n; i++) {
            low = fmin(low, body->xyz[3 * i + k] - body->radius[i]);
            high = fmax(high, body->xyz[3 * i + k] + body->radius[i]);
        }
        c.shift[k] = (low + high) / 2;
    }
    for (size_t i = 0; i < body->n; i++) {
        double square = 0;
        for (size_t k = 0; k < 3; k++)
            square += pow(body->xyz[3 * i + k] - c.shift[k], 2);
        c.scale = fmax(c.scale, sqrt(square) + body->radius[i]);
    }
    count_sons(&c, origin, 2, body->n, 1);
    free(c.gap);
    return c.entries;
}

static void check_between(double low, double got, double high)
{
    if (!(low <= got && got <= high))
        fail_msg("%g is not between %g and %g", got, low, high);
}

/* Lists made of the lists above are those made of all balls. */
static void by_definition(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct body body =
            seed % 2 ? globule(60 + 50 * seed, 12, seed) : chain(60 + 50 * seed, seed);
        double want = BALL_BYTES * count_entries(&body);
        double got = cell_lists_bytes(body.n, body.xyz, body.radius, NULL);
        assert_true(want > 0);
        /* A ball may lie on the limit of a cell. */
        check_between(0.999 * want, got, 1.001 * want);
        drop(&body);
    }
}

/* Beyond a thousand some stand for all. */
static void of_a_part(void **state)
{
    (void)state;
    struct body bodies[] = {globule(4000, 40, 7), chain(4000, 8)};
    for (size_t b = 0; b < 2; b++) {
        double want = BALL_BYTES * count_entries(&bodies[b]);
        double got =
            cell_lists_bytes(bodies[b].n, bodies[b].xyz, bodies[b].radius, NULL);
        check_between(0.9 * want, got, 1.5 * want);
        drop(&bodies[b]);
    }
}

static void odd_ones(void **state)
{
    (void)state;
    double xyz[3] = {1, 2, 3}, radius[1] = {1}, half[3] = {1, 1, 1}, no_radius[1] = {0};
    assert_true(cell_lists_bytes(1, xyz, radius, NULL) == 0);
    assert_true(cell_lists_bytes(1, xyz, no_radius, half) == 0);
    assert_true(isnan(cell_lists_bytes(0, xyz, radius, NULL)));
    xyz[1] = NAN;
    assert_true(isnan(cell_lists_bytes(1, xyz, radius, NULL)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_definition),
        cmocka_unit_test(of_a_part),
        cmocka_unit_test(odd_ones),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
