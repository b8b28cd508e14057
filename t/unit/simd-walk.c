/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the walks in lanes compute: identities that hold for every body, closed forms,
   and the oracle. Seeds are fixed; a figure fails beyond 4.5 sigma, a chi-square below
   p = 1e-5 (a few dozen figures are looked at). The kernel is the widest that there is:
   simd-dispatch shows that all of them give the same bits. */
#include "oracle.h"
#include "simd-bodies.h"
#include "simd-estimate.h"

#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_psi.h>
#include <gsl/gsl_sf_zeta.h>

static const struct simd_walk_kernel *kernel_of(bool is_double)
{
    const struct simd_table *table[SIMD_TABLES_MAX];
    simd_tables(table);
    return is_double ? table[0]->walk_f64 : table[0]->walk_f32;
}

/* Counters of a run. */
struct counts {
    double walks, hits, steps, skin_hits, truncated;
};

static void count(struct counts *counts, const struct walk_hits *hits)
{
    counts->walks += (double)hits->walks;
    counts->hits += (double)hits->n;
    counts->steps += (double)hits->steps;
    counts->skin_hits += (double)hits->skin_hits;
    counts->truncated += (double)hits->truncated;
}

/* 1. The identities. */

/* Points lie on the body, starts on the launch sphere. */
static void check_hit(const struct simd_body *body, const double s[3],
                      const double X[3], double rounding)
{
    double least = INFINITY, p[3];
    for (int k = 0; k < 3; k++)
        p[k] = X[k] * body->launch_radius;
    for (size_t i = 0; i < body->balls.n; i++)
        least = fmin(least, sample_gap(&body->balls, i, p));
    if (!(fabs(least) <= rounding * body->launch_radius))
        fail_msg("%s: hit at %g launch radii from the surface", body->name,
                 least / body->launch_radius);
    assert_true(fabs(s[0] * s[0] + s[1] * s[1] + s[2] * s[2] - 1) < 4 * rounding);
}

static void check_identities(const struct simd_body *body, bool is_double,
                             unsigned blocks, double skin_share_max)
{
    static struct walk_hits hits;
    static struct harmonic h;
    const struct simd_walk_kernel *kernel = kernel_of(is_double);
    struct simd_walker *walker = simd_walker_of(kernel, body, 1);
    struct counts counts = {0};
    harmonic_begin(&h, &body->balls, body->launch_radius, 101);
    for (unsigned block = 0; block < blocks; block++) {
        simd_walk_block(kernel, walker, 0, 1, block, HYDRO_BLOCK, &hits);
        count(&counts, &hits);
        h.walks += (double)hits.walks;
        for (uint64_t i = 0; i < hits.n; i++) {
            double s[3], X[3];
            hit_at(&hits, i, s, X);
            harmonic_add(&h, s, X);
            if (block == 0)
                check_hit(body, s, X, is_double ? 1e-14 : 5e-7);
        }
    }
    kernel->destroy(walker);
    int freedom;
    double chi2 = harmonic_chi_square(&h, &freedom);
    double p = gsl_cdf_chisq_Q(chi2, freedom), share = counts.skin_hits / counts.hits;
    print_message("# %s, f%d: chi2 %.1f of %d, p = %.3g; hit %.4f, %.1f steps, "
                  "%.2g %% in the skin\n",
                  body->name, is_double ? 64 : 32, chi2, freedom, p,
                  counts.hits / counts.walks, counts.steps / counts.walks, 100 * share);
    assert_true(p > 1e-5 && freedom >= 4);
    assert_true(counts.truncated == 0);
    assert_true(share <= skin_share_max);
}

static void identities(void **state)
{
    (void)state;
    enum { BLOCKS = 160 }; /* 327,680 walks: 1e-3 of each mean */
    struct dice dice = {102};
    for (int is_double = 0; is_double < 2; is_double++) {
        struct simd_body body = {0};
        unsigned blocks = is_double ? BLOCKS / 4 : BLOCKS;
        simd_body_ball(&body, 3);
        check_identities(&body, is_double, blocks, 0);
        simd_body_pair(&body, 1, 0.25);
        check_identities(&body, is_double, blocks, 1e-3);
        simd_body_chain(&body, 40, 103);
        check_identities(&body, is_double, blocks, 5e-3);
        simd_body_chain(&body, 3000, 104);
        check_identities(&body, is_double, blocks, 5e-3);
        simd_body_ring(&body);
        check_identities(&body, is_double, blocks, 0.1);
        sample_shell(&body.balls, &dice, 60, 1, 0.2);
        simd_body_finish(&body, "open shell", 1);
        check_identities(&body, is_double, blocks, 5e-3);
        sample_scatter(&body.balls, &dice, 200, 1, 1e-3, 0.3);
        simd_body_finish(&body, "scatter", 1.5);
        check_identities(&body, is_double, blocks, 5e-3);
        simd_body_fini(&body);
    }
}

/* 2. Closed forms. */

static void sharpen(struct sharp *sharp, const struct simd_body *body, bool is_double,
                    unsigned pilot, unsigned blocks)
{
    static struct walk_hits hits;
    const struct simd_walk_kernel *kernel = kernel_of(is_double);
    struct simd_walker *walker = simd_walker_of(kernel, body, 1);
    sharp_begin(sharp, &body->balls, body->launch_radius);
    for (unsigned block = 0; block < pilot + blocks; block++) {
        simd_walk_block(kernel, walker, 0, 2, block, HYDRO_BLOCK, &hits);
        unsigned batch = block % SHARP_BATCHES;
        if (block == pilot)
            sharp_fit(sharp);
        if (block >= pilot)
            sharp->walks[batch] += (double)hits.walks;
        assert_int_equal(hits.truncated, 0);
        for (uint64_t i = 0; i < hits.n; i++) {
            double s[3], X[3];
            hit_at(&hits, i, s, X);
            if (block < pilot)
                sharp_learn(sharp, X);
            else
                sharp_add(sharp, batch, s, X);
        }
    }
    kernel->destroy(walker);
}

/* `slack`: what rounding, the skin or the reference itself may add, relative. */
static void check_figure(const char *name, const char *what, bool is_double,
                         struct estimate e, double expected, double slack)
{
    double z = (e.value - expected) / hypot(e.sigma, slack * expected);
    print_message("# %s, f%d: %s %.8g, expected %.8g, sigma %.1e, z = %.2f\n", name,
                  is_double ? 64 : 32, what, e.value, expected,
                  e.sigma / fabs(expected), z);
    assert_true(fabs(z) < 4.5);
}

/* An axially symmetric body along (2, -3, 6) / 7: C, and alpha along and across. */
static void check_axial(const struct simd_body *body, bool is_double, unsigned blocks,
                        double capacitance, double along, double across, double slack)
{
    static struct sharp sharp;
    static const double axis[3] = {2.0 / 7, -3.0 / 7, 6.0 / 7};
    static const char *const names[9] = {"xx", "xy", "xz", "",  "yy",
                                         "yz", "",   "",   "zz"};
    double R = body->launch_radius;
    sharpen(&sharp, body, is_double, 4, blocks);
    check_figure(body->name, "C", is_double, sharp_estimate(&sharp, -1),
                 capacitance / R, slack);
    for (int ij = 0; ij < 9; ij++) {
        double both = axis[ij / 3] * axis[ij % 3];
        double expected = (ij % 4 == 0 ? across : 0) + (along - across) * both;
        if (ij / 3 > ij % 3)
            continue;
        struct estimate e = sharp_estimate(&sharp, ij);
        if (expected == 0) { /* off the diagonal of a ball */
            assert_true(fabs(e.value) < 4.5 * e.sigma + 1e-6);
            continue;
        }
        check_figure(body->name, names[ij], is_double, e, expected / (R * R * R),
                     4 * slack);
    }
}

static double pair_capacitance(double a, double b)
{
    return -a * b / (a + b) *
           (2 * M_EULER + gsl_sf_psi(a / (a + b)) + gsl_sf_psi(b / (a + b)));
}

static void closed_forms(void **state)
{
    (void)state;
    for (int is_double = 0; is_double < 2; is_double++) {
        struct simd_body body = {0};
        unsigned blocks = is_double ? 60 : 200;
        double zeta3 = gsl_sf_zeta(3.0), slack = is_double ? 2e-8 : 3e-7;
        simd_body_ball(&body, 2.5);
        check_axial(&body, is_double, blocks, 1, 4 * M_PI, 4 * M_PI, slack);
        simd_body_pair(&body, 1, 1);
        check_axial(&body, is_double, blocks, 2 * M_LN2, 16 * M_PI * zeta3,
                    6 * M_PI * zeta3, slack);
        /* alpha summed numerically elsewhere to seven digits. */
        simd_body_pair(&body, 1, 0.25);
        check_axial(&body, is_double, blocks, pair_capacitance(1, 0.25), 14.88548,
                    12.62166, slack);
        simd_body_fini(&body);
    }
}

/* NIST's figures of 1e11 walks. */
static void references(void **state)
{
    (void)state;
    static struct sharp sharp;
    struct simd_body body = {0};
    if (!simd_body_read(&body, "zeno/1LYD.bod"))
        return;
    for (int is_double = 0; is_double < 2; is_double++) {
        sharpen(&sharp, &body, is_double, 8, is_double ? 60 : 200);
        check_figure("1LYD", "C", is_double, sharp_estimate(&sharp, -1),
                     21.48694 / body.launch_radius, 0.00004 / 21.48694);
    }
    simd_body_fini(&body);
}

/* 3. The oracle. */

static void sharpen_by_oracle(struct sharp *sharp, const struct simd_body *body,
                              unsigned pilot, unsigned walks)
{
    const struct oracle oracle = {&body->balls, body->launch_radius, body->skin};
    struct dice dice = {2027};
    sharp_begin(sharp, &body->balls, body->launch_radius);
    for (unsigned i = 0; i < pilot + walks; i++) {
        double s[3], X[3];
        bool hit = oracle_walk(&oracle, &dice, s, X);
        if (i == pilot)
            sharp_fit(sharp);
        if (i >= pilot)
            sharp->walks[i % SHARP_BATCHES]++;
        for (int k = 0; k < 3; k++)
            X[k] /= body->launch_radius;
        if (hit && i < pilot)
            sharp_learn(sharp, X);
        else if (hit)
            sharp_add(sharp, i % SHARP_BATCHES, s, X);
    }
}

static void compare_with_oracle(const struct simd_body *body, unsigned pilot,
                                unsigned walks)
{
    static struct sharp one, two;
    sharpen_by_oracle(&one, body, pilot, walks);
    for (int is_double = 0; is_double < 2; is_double++) {
        sharpen(&two, body, is_double, 8, 40);
        for (int ij = -1; ij < 9; ij++) {
            if (ij >= 0 && ij / 3 > ij % 3)
                continue;
            struct estimate a = sharp_estimate(&one, ij), b = sharp_estimate(&two, ij);
            double z = (b.value - a.value) / hypot(a.sigma, b.sigma);
            if (ij < 0 || !(fabs(z) < 4.5))
                print_message("# %s, f%d: figure %d is %.7g, the oracle's %.7g, sigma "
                              "%.1e, z = %.2f\n",
                              body->name, is_double ? 64 : 32, ij, b.value, a.value,
                              hypot(a.sigma, b.sigma), z);
            assert_true(fabs(z) < 4.5);
        }
    }
}

static void oracle_agrees(void **state)
{
    (void)state;
    struct simd_body body = {0};
    struct dice dice = {105};
    simd_body_chain(&body, 12, 106);
    compare_with_oracle(&body, 4000, 40000);
    sample_scatter(&body.balls, &dice, 60, 1, 0.01, 0.3);
    simd_body_finish(&body, "scatter", 1.2);
    compare_with_oracle(&body, 4000, 20000);
    if (simd_body_read(&body, "zeno/1LYD.bod"))
        compare_with_oracle(&body, 8000, 20000);
    simd_body_fini(&body);
}

/* 4. Hard geometry ends in few steps. */

static struct counts walk_hard(const struct simd_body *body, unsigned blocks,
                               double steps_max)
{
    static struct walk_hits hits;
    const struct simd_walk_kernel *kernel = kernel_of(body->needs_double);
    struct simd_walker *walker = simd_walker_of(kernel, body, 1);
    struct counts counts = {0};
    for (unsigned block = 0; block < blocks; block++) {
        simd_walk_block(kernel, walker, 0, 4, block, HYDRO_BLOCK, &hits);
        count(&counts, &hits);
    }
    kernel->destroy(walker);
    print_message("# %s: C %.5g, %.1f steps, %.3g %% in the skin\n", body->name,
                  body->launch_radius * counts.hits / counts.walks,
                  counts.steps / counts.walks,
                  100 * counts.skin_hits / fmax(counts.hits, 1));
    assert_true(counts.truncated == 0);
    assert_true(counts.steps < steps_max * counts.walks);
    return counts;
}

/* Hits against the capacitance, 4.5 sigma of the binomial law. */
static void check_capacitance(const struct simd_body *body, struct counts counts,
                              double low, double high)
{
    double p = counts.hits / counts.walks, R = body->launch_radius;
    double sigma = sqrt(p * (1 - p) / counts.walks);
    assert_true(p > low / R - 4.5 * sigma && p < high / R + 4.5 * sigma);
}

static void redundant_balls(void **state)
{
    (void)state;
    struct simd_body body = {0};
    struct balls *b = &body.balls;
    sample_begin(b, 4);
    balls_push(b, 0, 0, 0, 1);
    balls_push(b, 0.1, 0.2, -0.3, 0.4);
    balls_push(b, 0, 0, 0.5, 0.5);
    simd_body_finish(&body, "ball in ball", 2);
    check_capacitance(&body, walk_hard(&body, 16, 30), 1, 1);
    sample_begin(b, 300);
    for (int i = 0; i < 150; i++) {
        balls_push(b, 1, 0, 0, 1);
        balls_push(b, -1, 0, 1e-9 * i, 1);
    }
    simd_body_finish(&body, "coincident balls", 1);
    check_capacitance(&body, walk_hard(&body, 16, 100), 2 * M_LN2, 2 * M_LN2);
    simd_body_fini(&body);
}

static void radii_over_six_orders(void **state)
{
    (void)state;
    struct simd_body body = {0};
    struct balls *b = &body.balls;
    struct dice dice = {107};
    sample_begin(b, 400);
    balls_push(b, 0, 0, 0, 1);
    while (b->n < 400) { /* grains that stick out of the ball */
        double u[3], r = dice_log(&dice, 1e-6, 1e-3);
        dice_direction(&dice, u);
        balls_push(b, u[0], u[1], u[2], r);
    }
    simd_body_finish(&body, "radii over six orders", 1.2);
    assert_true(body.needs_double);
    check_capacitance(&body, walk_hard(&body, 16, 60), 1, 1.001);
    simd_body_fini(&body);
}

static void split_off(void **state)
{
    (void)state;
    struct simd_body body = {0};
    struct balls *b = &body.balls;
    sample_begin(b, 2);
    balls_push(b, 0, 0, 0, 1.5);
    balls_push(b, 1e4, 0, 0, 2);
    simd_body_finish(&body, "split-off ball", 1);
    assert_true(body.needs_double);
    /* Two far balls: (a + b) less 2 a b / distance of it, to first order. */
    check_capacitance(&body, walk_hard(&body, 64, 60), 3.499, 3.5);
    /* A molecule and an ion. */
    simd_body_chain(&body, 1000, 108);
    assert_int_equal(balls_reserve(b, 1001, NULL), 0);
    balls_push(b, 1e4, 0, 0, 1);
    simd_body_finish(&body, "split-off ion", 1);
    struct counts counts = walk_hard(&body, 32, 60);
    assert_true(counts.hits > 0);
    simd_body_fini(&body);
}

/* Clefts between touching balls reach arbitrarily deep: a walk ends in the skin. */
static void crevices(void **state)
{
    (void)state;
    struct simd_body body = {0};
    struct balls *b = &body.balls;
    simd_body_pair(&body, 1, 1);
    walk_hard(&body, 32, 30);
    body.skin = 1e-12; /* far below single precision's resolution */
    body.name = "touching pair without a skin";
    walk_hard(&body, 32, 60);
    sample_begin(b, 8); /* a close packing of eight, touching to rounding */
    for (int i = 0; i < 8; i++) {
        double x = i & 1, y = i >> 1 & 1, z = i >> 2;
        balls_push(b, 2 * x + y + z, sqrt(3.0) * y + z / sqrt(3.0),
                   z * 2 * sqrt(2.0 / 3.0), 1);
    }
    simd_body_finish(&body, "close packing", 1);
    walk_hard(&body, 32, 60);
    simd_body_fini(&body);
}

/* A cube of touching balls: C between those of the cube through the outer centres and
   of the one around all (0.66068 of its edge). */
static void large_lattice(void **state)
{
    (void)state;
    enum { EDGE = 47 }; /* 103,823 balls */
    struct simd_body body = {0};
    sample_begin(&body.balls, EDGE * EDGE * EDGE);
    for (int i = 0; i < EDGE * EDGE * EDGE; i++)
        balls_push(&body.balls, 2 * (i % EDGE), 2 * (i / EDGE % EDGE),
                   2 * (i / (EDGE * EDGE)), 1);
    simd_body_finish(&body, "lattice of 103,823", 1);
    check_capacitance(&body, walk_hard(&body, 1, 200), 0.66068 * 2 * (EDGE - 1),
                      0.66068 * 2 * EDGE);
    simd_body_fini(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identities),      cmocka_unit_test(closed_forms),
        cmocka_unit_test(references),      cmocka_unit_test(oracle_agrees),
        cmocka_unit_test(redundant_balls), cmocka_unit_test(radii_over_six_orders),
        cmocka_unit_test(split_off),       cmocka_unit_test(crevices),
        cmocka_unit_test(large_lattice),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("simd-walk", tests, NULL, NULL);
}
