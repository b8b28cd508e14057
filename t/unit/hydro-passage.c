/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/passage.h"

#include "dice.h"
#include "fwtest.h"
#include "hydro/sphere.h"

#include <gsl/gsl_cdf.h>

/* P(1 - cos > m) of the Poisson kernel for a walker at distance t, from the integral
   over the chord D, D^2 = (1 - t)^2 + 2 t m; in long double and without cancellation.
 */
static long double tail(double complement, double m)
{
    long double c = complement, t = 1 - c, D = sqrtl(c * c + 2 * t * m);
    return 1 - (1 + t) * m / (D * (D + c));
}

/* Given m with tail u, whose own resolution is limited where the kernel is narrow: the
   tail must be u to rounding, and so must its complement relative to its size. */
static void poisson_inverts_the_distribution(void **state)
{
    (void)state;
    static const double complements[] = {1,    0.999999, 0.9,  0.5,  0.1,
                                         0.01, 1e-4,     1e-6, 1e-9, 1e-12};
    struct dice dice = {61};
    for (size_t k = 0; k < sizeof complements / sizeof *complements; k++) {
        double c = complements[k];
        for (int i = 0; i < 20000; i++) {
            double u = i % 3 == 0   ? dice_log(&dice, 1e-16, 1)
                       : i % 3 == 1 ? 1 - dice_log(&dice, 1e-16, 1)
                                    : dice_between(&dice, 0, 1);
            double m = passage_poisson(1 - c, c, u);
            assert_true(m >= 0 && m <= 2);
            double error = (double)fabsl(tail(c, m) - u);
            if (!(error <= 4e-16 + 1e-15 * (1 - u) + 2e-15 * u))
                fail_msg("1 - t = %g, u = %.17g: m = %.17g, error %g", c, u, m, error);
        }
    }
}

static void poisson_ends(void **state)
{
    (void)state;
    for (double c = 1; c > 1e-15; c *= 0.7) {
        double far = passage_poisson(1 - c, c, 0x1p-53),
               near = passage_poisson(1 - c, c, 1 - 0x1p-53);
        assert_true(far <= 2 && far > 0 && near >= 0 && near < 1e-10);
        assert_true(passage_poisson(1 - c, c, 1) == 0);
        assert_true(fabs(passage_poisson(1 - c, c, 0) - 2) < 1e-12);
        assert_true(isfinite(passage_sine(far)) && isfinite(passage_sine(near)));
    }
    assert_true(passage_sine(0) == 0 && passage_sine(2) == 0 && passage_sine(1) == 1);
    for (double u = 0.05; u < 1; u += 0.1) /* from the centre: uniform in the cosine */
        assert_true(fabs(passage_poisson(0, 1, u) - 2 * (1 - u)) < 1e-15);
}

/* S lies within `empty` of the walker, and it touches that limit or nearly so. */
static void radius_fills_the_empty_ball(void **state)
{
    (void)state;
    struct dice dice = {62};
    int useful = 0;
    for (int i = 0; i < 100000; i++) {
        double a = dice_log(&dice, 1e-3, 1e3), s = a * dice_log(&dice, 1e-12, 1e3);
        double empty = s * dice_log(&dice, 1, 1e6), d = a + s;
        double rho = passage_radius(a, d, s, empty);
        if (rho <= 1.5 * s)
            continue;
        useful++;
        double h = sqrt(a * a + rho * rho), t = s - rho * rho / (h + a);
        assert_true(fabs(t) < rho);
        double reach = fabs(t) + rho;
        if (!(reach <= empty && reach >= 0.999 * empty))
            fail_msg("a %g s %g empty %g: S reaches %g", a, s, empty, reach);
    }
    assert_true(useful > 10000);
    assert_true(passage_radius(1, 1.5, 0.5, 0.5) <
                0.75); /* both equally near: no use */
}

enum { FUNCTIONS = 16, DRAWS = 500000 };

/* Harmonic in the part of S outside B, up to constants; in units of S's and B's size
   about the walker, so that all are of order one. */
static void harmonic(const struct passage *q, const double p[3], double f[FUNCTIONS])
{
    static const double inner[6][3] = {{0, 0, 0},       {0, 0, 0.7},
                                       {0, 0, -0.6},    {0.6, 0, 0.2},
                                       {0, 0.65, -0.1}, {-0.4, -0.3, 0.3}};
    static const double outer[5][3] = {
        {0, 0, 1.5}, {0, 0, -1.6}, {1.4, 0, 0}, {0, -1.5, 0.2}, {-1.1, 1.1, 0.4}};
    double h = sqrt(q->a * q->a + q->rho * q->rho);
    for (int i = 0; i < 6; i++) {
        double dx = p[0] - q->a * inner[i][0], dy = p[1] - q->a * inner[i][1],
               dz = p[2] - q->a * inner[i][2];
        f[i] = q->a / sqrt(dx * dx + dy * dy + dz * dz);
    }
    for (int i = 0; i < 5; i++) { /* may be in B: what counts is to be outside S */
        double dx = p[0] - q->rho * outer[i][0], dy = p[1] - q->rho * outer[i][1],
               dz = p[2] - h - q->rho * outer[i][2];
        f[6 + i] = q->rho / sqrt(dx * dx + dy * dy + dz * dz);
    }
    double x = p[0] / q->rho, y = p[1] / q->rho, z = (p[2] - h) / q->rho;
    f[11] = x;
    f[12] = z;
    f[13] = x * y;
    f[14] = x * x - y * y;
    f[15] = 2 * z * z - x * x - y * y;
}

struct sums {
    double one[FUNCTIONS], two[FUNCTIONS][FUNCTIONS];
};

static void add(struct sums *sums, const double f[FUNCTIONS])
{
    for (int i = 0; i < FUNCTIONS; i++) {
        sums->one[i] += f[i];
        for (int j = 0; j <= i; j++)
            sums->two[i][j] += f[i] * f[j];
    }
}

/* Sum of the squares of the means, decorrelated by a Cholesky factorisation that leaves
   out what follows from the functions before it. Adds the number left to *freedom. */
static double chi_square(const struct sums *sums, int *freedom)
{
    double L[FUNCTIONS][FUNCTIONS] = {{0}}, w[FUNCTIONS] = {0}, chi2 = 0;
    for (int i = 0; i < FUNCTIONS; i++) {
        double variance = sums->two[i][i] - sums->one[i] * sums->one[i] / DRAWS;
        double left = variance, mean = sums->one[i];
        for (int j = 0; j < i; j++) {
            double c = sums->two[i][j] - sums->one[i] * sums->one[j] / DRAWS;
            for (int k = 0; k < j; k++)
                c -= L[i][k] * L[j][k];
            L[i][j] = L[j][j] > 0 ? c / L[j][j] : 0;
            left -= L[i][j] * L[i][j];
            mean -= L[i][j] * w[j];
        }
        if (left < 1e-3 * variance || !(variance > 0))
            continue;
        L[i][i] = sqrt(left);
        w[i] = mean / L[i][i];
        chi2 += w[i] * w[i];
        ++*freedom;
    }
    return chi2;
}

/* On B and inside S, or on S and outside B. */
static void check_place(const struct passage *q, bool hit, double axial, double radial)
{
    double h = sqrt(q->a * q->a + q->rho * q->rho);
    double from_b = hypot(axial, radial) - q->a;
    double from_s = hypot(axial - h, radial) - q->rho;
    double rounding = 1e-14 * (h + q->rho);
    bool good = hit ? fabs(from_b) <= 4e-15 * q->a && from_s <= rounding
                    : fabs(from_s) <= rounding && from_b >= -rounding;
    if (!good)
        fail_msg("a %g s %g rho %g: %s at %.17g, %.17g", q->a, q->s, q->rho,
                 hit ? "hit" : "miss", axial, radial);
}

/* The mean of a harmonic function at the exit is its value at the walker. */
static double one_law(const struct passage *q, struct rng_stream *stream, int *freedom,
                      unsigned long *trials)
{
    double at_walker[FUNCTIONS];
    struct sums sums = {0};
    harmonic(q, (double[3]){0, 0, q->d}, at_walker);
    for (int i = 0; i < DRAWS; i++) {
        double axial, radial, sine, cosine, f[FUNCTIONS];
        unsigned tried = 0;
        bool hit = passage_draw(q, stream, &axial, &radial, &tried, 1000000);
        check_place(q, hit, axial, radial);
        *trials += tried;
        pmath_sincos_turn(rng_uniform(stream), &sine, &cosine);
        harmonic(q, (double[3]){radial * cosine, radial * sine, axial}, f);
        for (int k = 0; k < FUNCTIONS; k++)
            f[k] -= at_walker[k];
        add(&sums, f);
    }
    return chi_square(&sums, freedom);
}

static void exact_law(void **state)
{
    (void)state;
    /* Empty distances in gaps: from barely useful to rare escapes. */
    static const double gaps[] = {1e-4, 1e-2, 0.3, 1, 10}, empties[] = {4, 20, 200};
    double chi2 = 0;
    int freedom = 0, above = 0, below = 0;
    unsigned long trials = 0, draws = 0;
    uint64_t block = 0;
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps; i++)
        for (size_t j = 0; j < sizeof empties / sizeof *empties; j++) {
            double a = (double)(1 + j), s = a * gaps[i], d = a + s;
            struct passage q = {a, d, s, passage_radius(a, d, s, empties[j] * s)};
            assert_true(q.rho > 1.5 * s);
            double h = sqrt(a * a + q.rho * q.rho);
            above += d > h;
            below += d < h;
            struct rng_stream stream;
            rng_start(&stream, 2024, RNG_WALKS, 0, block++);
            int before = freedom;
            double here = one_law(&q, &stream, &freedom, &trials);
            draws += DRAWS;
            assert_true(freedom - before >= 8);
            if (gsl_cdf_chisq_Q(here, freedom - before) < 1e-6)
                fail_msg("s/a = %g, empty/s = %g: chi2 = %g of %d", gaps[i], empties[j],
                         here, freedom - before);
            chi2 += here;
        }
    double p = gsl_cdf_chisq_Q(chi2, freedom);
    double each = (double)trials / (double)draws;
    print_message("# chi2 %.1f of %d, p = %.3g; %.2f proposals a draw\n", chi2, freedom,
                  p, each);
    assert_true(above > 0 && below > 0);
    assert_true(p > 1e-4);
    assert_true(each < 4);
}

/* Tiny gaps and large reaches: no law, but places, finiteness and few proposals. */
static void extremes(void **state)
{
    (void)state;
    struct dice dice = {63};
    struct rng_stream stream;
    rng_start(&stream, 2025, RNG_WALKS, 0, 0);
    for (int i = 0; i < 100000; i++) {
        double a = dice_log(&dice, 1e-6, 1e6), s = a * dice_log(&dice, 1e-12, 1e6);
        double d = a + s, empty = s * dice_log(&dice, 2, 1e8), axial, radial;
        s = d - a; /* what a walker knows */
        if (s <= 0)
            continue;
        struct passage q = {a, d, s, passage_radius(a, d, s, empty)};
        unsigned trials = 0;
        if (q.rho <= 1.5 * s)
            continue;
        bool hit = passage_draw(&q, &stream, &axial, &radial, &trials, 1000000);
        assert_true(trials < 1000000);
        check_place(&q, hit, axial, radial);
    }
}

/* At the limit of proposals the walker stays. */
static void given_up(void **state)
{
    (void)state;
    struct rng_stream stream;
    struct passage q = {1, 1.1, 0.1, 0};
    q.rho = passage_radius(q.a, q.d, q.s, 1);
    rng_start(&stream, 1, RNG_WALKS, 0, 0);
    int stayed = 0;
    for (int i = 0; i < 1000; i++) {
        double axial = 0, radial = 9;
        unsigned trials = 41;
        if (passage_draw(&q, &stream, &axial, &radial, &trials, 42))
            continue;
        stayed += axial == q.d && radial == 0;
        assert_true(axial == q.d && radial == 0 && trials <= 43);
    }
    assert_true(stayed > 100);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_law),
        cmocka_unit_test(poisson_inverts_the_distribution),
        cmocka_unit_test(poisson_ends),
        cmocka_unit_test(radius_fills_the_empty_ball),
        cmocka_unit_test(extremes),
        cmocka_unit_test(given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
