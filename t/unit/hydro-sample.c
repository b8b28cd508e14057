/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Volume, moments and surface by stratified points: against closed forms, against plain
   sampling with brute force, and their error bars against their scatter. */
#include "hydro/sample.h"

#include "chi-square.h"
#include "geom-sample.h"
#include "simd/table.h"
#include "util/clock.h"

static void prepare(struct body *body, const struct balls *b)
{
    static const struct body_options derived = {NAN, NAN};
    double *xyz = malloc(3 * b->n * sizeof *xyz);
    struct err err = {0};
    assert_non_null(xyz);
    for (size_t i = 0; i < b->n; i++) {
        xyz[3 * i] = b->x[i];
        xyz[3 * i + 1] = b->y[i];
        xyz[3 * i + 2] = b->z[i];
    }
    if (body_prepare(body, xyz, b->r, b->n, NULL, &derived, &err) < 0)
        fail_msg("%s", err.text);
    free(xyz);
}

static struct sample_tally run(const struct body *body, const struct simd_table *simd,
                               const struct sample_plan *plan, uint64_t seed)
{
    struct sample_tally tally = {0};
    for (uint64_t block = 0; block < sample_blocks(plan); block++)
        sample_block(body, simd, plan, seed, 0, block, &tally);
    assert_true(tally.interior.samples == plan->samples);
    assert_true(tally.surface.samples == plan->samples);
    return tally;
}

/* Figures of one run, with standard deviations: volume, area, centre (relative to the
   launch centre), second moments about the launch centre per volume. */
enum { VOLUME, AREA, CENTRE, MOMENT = CENTRE + 3, FIGURES = MOMENT + 6 };

struct figures {
    double value[FIGURES], std[FIGURES];
};

/* From the means of what interior and surface samples contribute, and their variances.
 */
static struct figures figures_from(const struct body *body, const double *mean,
                                   const double *covariance, double exposed,
                                   double variance)
{
    struct figures f;
    f.value[VOLUME] = mean[0] * body->total_volume;
    f.std[VOLUME] = sqrt(covariance[0]) * body->total_volume;
    f.value[AREA] = exposed * body->total_area;
    f.std[AREA] = sqrt(variance) * body->total_area;
    for (int k = 1; k < INTERIOR_DIM; k++) {
        double scale =
            k < 4 ? body->launch_radius : body->launch_radius * body->launch_radius;
        double ratio = mean[k] / mean[0];
        double v = covariance[k * INTERIOR_DIM + k] -
                   2 * ratio * covariance[k * INTERIOR_DIM] +
                   ratio * ratio * covariance[0];
        f.value[CENTRE - 1 + k] = scale * ratio;
        f.std[CENTRE - 1 + k] = scale * sqrt(fmax(v, 0)) / mean[0];
    }
    return f;
}

static struct figures figures_of(const struct body *body, const struct sample_tally *t)
{
    double mean[INTERIOR_DIM], covariance[INTERIOR_DIM * INTERIOR_DIM];
    double exposed, variance;
    sample_means(t->interior.sum, t->interior.product, t->interior.samples,
                 INTERIOR_DIM, mean, covariance, INTERIOR_DIM);
    sample_means(t->surface.sum, t->surface.product, t->surface.samples, 1, &exposed,
                 &variance, 1);
    return figures_from(body, mean, covariance, exposed, variance);
}

static struct figures measure(const struct body *body, uint64_t samples, uint64_t seed)
{
    struct sample_plan plan = sample_plan(samples, false);
    struct sample_tally tally = run(body, simd_choose(NULL), &plan, seed);
    return figures_of(body, &tally);
}

static void plans(void **state)
{
    (void)state;
    static const struct {
        uint64_t samples;
        bool may_stop;
        uint64_t rounded, blocks, round;
    } cases[] = {
        {0, false, 0, 0, SAMPLE_ROUND},
        {1, false, 4, 1, 1},
        {4, true, 4, 1, SAMPLE_ROUND},
        {HYDRO_BLOCK - 1, false, HYDRO_BLOCK, 1, 1},
        {HYDRO_BLOCK + 1, false, HYDRO_BLOCK + 4, 2, 2},
        {10000, false, 10000, 5, 5},
        {100 * HYDRO_BLOCK, true, 100 * HYDRO_BLOCK, 100, SAMPLE_ROUND},
        {100 * HYDRO_BLOCK, false, 100 * HYDRO_BLOCK, 100, 100},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct sample_plan plan = sample_plan(cases[k].samples, cases[k].may_stop);
        assert_true(plan.samples == cases[k].rounded);
        assert_true(sample_blocks(&plan) == cases[k].blocks);
        assert_true(plan.round == cases[k].round);
        for (uint64_t b = 0; b < cases[k].blocks; b++)
            assert_int_equal(sample_round_ends(&plan, b),
                             (b + 1) % cases[k].round == 0 || b + 1 == cases[k].blocks);
    }
}

/* One ball, and balls apart: volume and area have no error. */
static void without_overlap(void **state)
{
    (void)state;
    struct balls b = {0};
    struct body body = {0};
    for (size_t n = 1; n <= 30; n = 3 * n - 1) {
        double volume = 0, area = 0;
        sample_begin(&b, n);
        for (size_t i = 0; i < n; i++) {
            double r = 1 + (double)(i % 5);
            balls_push(&b, 11.0 * (double)(i % 3), 11.0 * (double)(i / 3 % 3),
                       11.0 * (double)(i / 9), r);
            volume += 4.0 / 3 * M_PI * r * r * r;
            area += 4 * M_PI * r * r;
        }
        prepare(&body, &b);
        struct figures f = measure(&body, 3000, n);
        assert_true(fabs(f.value[VOLUME] / volume - 1) < 1e-12 && f.std[VOLUME] == 0);
        assert_true(fabs(f.value[AREA] / area - 1) < 1e-12 && f.std[AREA] == 0);
    }
    body_fini(&body);
    balls_fini(&b);
}

/* Errors that are neither too small nor too large. */
static void chi_check_both(const struct chi_square *chi, const char *what)
{
    assert_true(chi_check(chi, what) < 1 - 1e-4);
}

/* A ball, two overlapping balls at all distances and radius ratios up to 1e5, and a
   straight chain of n equal balls: volume, area and centre from caps; of the ball the
   second moments a^2 / 5. 2^18 samples; relative sigma about 5e-4 where there is
   overlap. */
static void closed_forms(void **state)
{
    (void)state;
    struct balls b = {0};
    struct body body = {0};
    struct chi_square chi = {0};
    sample_begin(&b, 1);
    balls_push(&b, 100, -200, 300, 2);
    prepare(&body, &b);
    struct figures f = measure(&body, 1 << 18, 1);
    for (int k = 0; k < 3; k++)
        assert_true(f.value[CENTRE + k] == 0); /* opposite points */
    for (int k = 0; k < 6; k++)
        chi_add(&chi, "moment", f.value[MOMENT + k],
                k == 0 || k == 3 || k == 5 ? 4.0 / 5 : 0, f.std[MOMENT + k]);
    uint64_t seed = 2;
    for (double small = 1; small > 1e-5; small *= 0.1)
        for (double at = -0.75; at < 1; at += 0.5, seed++) {
            /* Radii 1 and `small`; the plane of the circle they share is at distance
               small * at from the small ball's centre, towards the large one. */
            double d = sqrt(1 - (1 - at * at) * small * small) + small * at;
            sample_begin(&b, 2);
            balls_push(&b, 0.1, 0.2, 0.3, 1);
            balls_push(&b, 0.1 + d * 0.6, 0.2 + d * 0.8, 0.3, small);
            prepare(&body, &b);
            double h = small * (1 - at); /* the cap of the small ball inside */
            double g = 1 - (d - small * at);
            double inner = M_PI * h * h * (small - h / 3),
                   outer = M_PI * g * g * (1 - g / 3), caps = inner + outer;
            /* First moment about the large ball's centre, along the axis. */
            double moment = 4.0 / 3 * M_PI * small * small * small * d -
                            outer * 0.75 * (2 - g) * (2 - g) / (3 - g) -
                            inner * (d - 0.75 * (2 * small - h) * (2 * small - h) /
                                             (3 * small - h));
            double total = 4.0 / 3 * M_PI * (1 + small * small * small);
            double area = 4 * M_PI * (1 + small * small) - 2 * M_PI * (small * h + g);
            f = measure(&body, 1 << 18, seed);
            /* Below a relative 1e-6 the error itself is tested. */
            if (f.std[VOLUME] > 1e-6 * f.value[VOLUME])
                chi_add(&chi, "volume", f.value[VOLUME], total - caps, f.std[VOLUME]);
            else
                assert_true(fabs(f.value[VOLUME] / (total - caps) - 1) < 1e-6);
            double centre = body.centre[1] - 0.2 + f.value[CENTRE + 1];
            if (f.std[CENTRE + 1] > 1e-6)
                chi_add(&chi, "centre", centre, 0.8 * moment / (total - caps),
                        f.std[CENTRE + 1]);
            if (f.std[AREA] > 1e-6 * f.value[AREA])
                chi_add(&chi, "area", f.value[AREA], area, f.std[AREA]);
            else
                assert_true(fabs(f.value[AREA] / area - 1) < 1e-6);
        }
    for (size_t n = 2; n <= 200; n = 3 * n, seed++) {
        double d = 1.3, h = 1 - d / 2;
        sample_begin(&b, n);
        for (size_t i = 0; i < n; i++)
            balls_push(&b, 0.48 * d * (double)i, 0.6 * d * (double)i,
                       0.64 * d * (double)i, 1);
        prepare(&body, &b);
        double lenses = (double)(n - 1) * 2 * M_PI * h * h * (1 - h / 3);
        f = measure(&body, 1 << 18, seed);
        chi_add(&chi, "volume of a chain", f.value[VOLUME],
                (double)n * 4.0 / 3 * M_PI - lenses, f.std[VOLUME]);
        chi_add(&chi, "area of a chain", f.value[AREA],
                (double)n * 4 * M_PI - (double)(n - 1) * 4 * M_PI * h, f.std[AREA]);
    }
    chi_check_both(&chi, "closed forms");
    body_fini(&body);
    balls_fini(&b);
}

/* A ball drawn by volume or area, a point in it or on it, and the number of other balls
   that contain it: every one is looked at. */
static size_t draw_slowly(const struct body *body, struct dice *dice, bool on_surface,
                          double p[3])
{
    const struct balls *b = &body->balls;
    const double *running = on_surface ? body->area_sum : body->volume_sum;
    double at = dice_between(dice, 0, running[b->n - 1]), u[3];
    double depth = on_surface ? 1 : cbrt(dice_between(dice, 0, 1));
    size_t of = 0, others = 0;
    while (of + 1 < b->n && running[of] <= at)
        of++;
    const double c[3] = {b->x[of], b->y[of], b->z[of]};
    dice_direction(dice, u);
    for (int i = 0; i < 3; i++)
        p[i] = c[i] + b->r[of] * depth * u[i];
    for (size_t i = 0; i < b->n; i++)
        others += i != of && sample_gap(b, i, p) <= 0;
    return others;
}

/* The same figures by independent points. */
static struct figures sample_slowly(const struct body *body, struct dice *dice,
                                    int points)
{
    double sum[INTERIOR_DIM] = {0}, product[TALLY_PRODUCTS(INTERIOR_DIM)] = {0};
    double mean[INTERIOR_DIM], covariance[INTERIOR_DIM * INTERIOR_DIM];
    double sum_exposed = 0, product_exposed = 0, exposed, variance, p[3];
    for (int k = 0; k < points; k++) {
        double w = 1 / (1 + (double)draw_slowly(body, dice, false, p));
        double x = p[0] / body->launch_radius, y = p[1] / body->launch_radius,
               z = p[2] / body->launch_radius;
        const double q[INTERIOR_DIM] = {w,         w * x,     w * y,     w * z,
                                        w * x * x, w * x * y, w * x * z, w * y * y,
                                        w * y * z, w * z * z};
        tally_add(sum, product, q, INTERIOR_DIM);
        const double on = draw_slowly(body, dice, true, p) == 0;
        tally_add(&sum_exposed, &product_exposed, &on, 1);
    }
    uint64_t n = (uint64_t)points;
    tally_means(sum, product, n, INTERIOR_DIM, mean, covariance, INTERIOR_DIM);
    tally_means(&sum_exposed, &product_exposed, n, 1, &exposed, &variance, 1);
    return figures_from(body, mean, covariance, exposed, variance);
}

/* Bodies of many kinds against plain sampling; 4,000 points there, so sigmas of a
   percent. Among them radii over six orders of magnitude, long lists, and more overlaps
   than lists hold. */
static void against_brute_force(void **state)
{
    (void)state;
    struct dice dice = {61};
    struct balls b = {0};
    struct body body = {0};
    struct chi_square chi = {0};
    for (int kind = 0; kind < 8; kind++) {
        switch (kind) {
        case 0:
            sample_scatter(&b, &dice, 60, 3, 0.5, 2);
            break;
        case 1:
            sample_scatter(&b, &dice, 600, 4, 1e-3, 3);
            break;
        case 2:
            sample_chain(&b, &dice, 700);
            break;
        case 3:
            sample_ring(&b, 416, 4, 1);
            break;
        case 4:
            sample_scatter(&b, &dice, 1000, 10, 1e-6, 1);
            break;
        case 5: /* a body split by 1e4, in one leaf of the tree */
            sample_scatter(&b, &dice, 7, 1, 0.5, 1);
            b.x[3] += 1e4, b.x[4] += 1e4;
            break;
        case 6:
            sample_scatter(&b, &dice, 400, 0.5, 1, 1.1);
            break;
        default: /* OVERLAPS_MAX of simd/overlaps.h is less */
            sample_scatter(&b, &dice, 1500, 0.3, 1, 1.01);
        }
        prepare(&body, &b);
        struct figures slow = sample_slowly(&body, &dice, 4000);
        struct figures f = measure(&body, kind == 7 ? 4000 : 40000, 3);
        for (int k = VOLUME; k < CENTRE; k++)
            chi_add(&chi, k == VOLUME ? "volume" : "area", f.value[k], slow.value[k],
                    hypot(f.std[k], slow.std[k]));
        for (int k = CENTRE; k < FIGURES; k++) {
            double z = (f.value[k] - slow.value[k]) / hypot(f.std[k], slow.std[k]);
            if (!(fabs(z) < 4.5)) /* these depend on each other */
                fail_msg("kind %d: moment %d: z = %.2f", kind, k, z);
        }
    }
    chi_check_both(&chi, "brute force");
    body_fini(&body);
    balls_fini(&b);
}

/* Stated deviations against the scatter over 1,000 seeds (known to 2.3 %), for every
   figure, for few samples and many, one round and several. */
static void error_bars(void **state)
{
    (void)state;
    enum { SEEDS = 1000 };
    struct dice dice = {62};
    struct balls b = {0};
    struct body body = {0};
    static const struct {
        uint64_t samples, round;
    } plan_of[] = {{400, 1}, {2048, 1}, {10000, 5}, {10000, 2}};
    for (int kind = 0; kind < 5; kind++) {
        if (kind == 0)
            sample_scatter(&b, &dice, 9, 2, 1, 2);
        else if (kind == 1)
            sample_chain(&b, &dice, 900);
        else if (kind == 2)
            sample_ring(&b, 60, 4, 1);
        else if (kind == 3)
            sample_scatter(&b, &dice, 200, 5, 1e-2, 3);
        else
            sample_shift(&b, (double[3]){600, -640, 480});
        prepare(&body, &b);
        for (size_t p = 0; p < sizeof plan_of / sizeof *plan_of; p++) {
            struct sample_plan plan = {plan_of[p].samples, plan_of[p].round};
            double sum[FIGURES] = {0}, square[FIGURES] = {0}, stated[FIGURES] = {0};
            struct figures first = {0};
            unsigned seeds = plan.samples > 5000 ? SEEDS / 2 : SEEDS;
            for (unsigned seed = 0; seed < seeds; seed++) {
                struct sample_tally t =
                    run(&body, simd_choose(NULL), &plan, 100 + seed);
                struct figures f = figures_of(&body, &t);
                first = seed ? first : f;
                for (int k = 0; k < FIGURES; k++) {
                    double d = f.value[k] - first.value[k];
                    sum[k] += d;
                    square[k] += d * d;
                    stated[k] += f.std[k] * f.std[k];
                }
            }
            for (int k = 0; k < FIGURES; k++) {
                double mean = sum[k] / seeds;
                double scatter = sqrt((square[k] - seeds * mean * mean) / (seeds - 1));
                double ratio = scatter / sqrt(stated[k] / seeds);
                if (!(ratio > 0.87 && ratio < 1.13))
                    fail_msg("kind %d, %g samples: figure %d scatters %.3f times what "
                             "is stated",
                             kind, (double)plan.samples, k, ratio);
            }
        }
    }
    body_fini(&body);
    balls_fini(&b);
}

/* A precision may end a run after a round, so every round has to be a result of its
   own: their means agree with each other (500 rounds, sigma 4.5 % of one). */
static void rounds_are_alike(void **state)
{
    (void)state;
    enum { ROUNDS = 500 };
    struct dice dice = {63};
    struct balls b = {0};
    struct body body = {0};
    sample_chain(&b, &dice, 400);
    prepare(&body, &b);
    const struct sample_plan plan = {2 * ROUNDS * (uint64_t)HYDRO_BLOCK, 2};
    struct figures all = measure(&body, 4000000, 5);
    struct chi_square chi = {0};
    for (uint64_t r = 0; r < ROUNDS; r++) {
        struct sample_tally t = {0};
        assert_false(sample_round_ends(&plan, 2 * r));
        assert_true(sample_round_ends(&plan, 2 * r + 1));
        sample_block(&body, simd_choose(NULL), &plan, 9, 0, 2 * r, &t);
        sample_block(&body, simd_choose(NULL), &plan, 9, 0, 2 * r + 1, &t);
        struct figures f = figures_of(&body, &t);
        for (int k = 0; k < CENTRE; k++) {
            double z = (f.value[k] - all.value[k]) / f.std[k];
            chi.sum += z * z;
            chi.n++;
        }
    }
    chi_check_both(&chi, "rounds");
    body_fini(&body);
    balls_fini(&b);
}

/* 20,000 balls in one place, every point in nearly all of them. */
static void hard_body_in_time(void **state)
{
    (void)state;
    struct dice dice = {65};
    struct balls b = {0};
    struct body body = {0};
    sample_scatter(&b, &dice, 20000, 1e-7, 1, 1);
    prepare(&body, &b);
    double start = clock_seconds();
    struct figures f = measure(&body, 1000, 1);
    double seconds = clock_seconds() - start;
    print_message("# %.2f s\n", seconds);
    assert_true(fabs(f.value[VOLUME] / (4.0 / 3 * M_PI) - 1) < 1e-6);
    assert_true(seconds < 20); /* a sanitiser on a busy machine */
    body_fini(&body);
    balls_fini(&b);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans),
        cmocka_unit_test(without_overlap),
        cmocka_unit_test(closed_forms),
        cmocka_unit_test(against_brute_force),
        cmocka_unit_test(error_bars),
        cmocka_unit_test(rounds_are_alike),
        cmocka_unit_test(hard_body_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
