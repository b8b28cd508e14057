/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/ensemble.h"

#include "fwtest.h"

/* SplitMix64 and Box-Muller: own and fixed, so that the figures never change. */
struct dice {
    uint64_t state;
};

static uint64_t next_bits(struct dice *dice)
{
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static double uniform(struct dice *dice)
{
    return ((double)(next_bits(dice) >> 11) + 0.5) * 0x1p-53;
}

static double normal(struct dice *dice)
{
    double radius = sqrt(-2.0 * log(uniform(dice)));
    return radius * cos(2.0 * 3.14159265358979323846 * uniform(dice));
}

/* x' = a x + noise, of variance 1 from the first element on. */
static double *ar1(struct dice *dice, double a, double offset, size_t n)
{
    double *x = calloc(n ? n : 1, sizeof *x);
    assert_non_null(x);
    double now = normal(dice), kick = sqrt(1.0 - a * a);
    for (size_t i = 0; i < n; i++) {
        x[i] = offset + now;
        now = a * now + kick * normal(dice);
    }
    return x;
}

static double *zeros(size_t n)
{
    double *x = calloc(n ? n : 1, sizeof *x);
    assert_non_null(x);
    return x;
}

/* tau of an AR(1) series is (1 + a) / (2 (1 - a)); its estimate has the standard
   deviation tau sqrt(4 (W + 1/2 - tau) / n), W = 5 tau (Wolff, eq. 42), and beyond the
   window lies a part of about exp(-5). Four of these deviations are allowed. */
static void known_correlation_time(void **state)
{
    (void)state;
    static const double a[] = {0.0, 0.3, 0.6, 0.8, 0.95};
    enum { N = 100000 };
    struct dice dice = {20240001};
    double *none = zeros(N);
    for (size_t i = 0; i < sizeof a / sizeof *a; i++) {
        double *x = ar1(&dice, a[i], 0.0, N);
        struct ensemble e = ensemble_of(x, none, N, 1, false);
        double tau = (1.0 + a[i]) / (2.0 * (1.0 - a[i]));
        double sigma = tau * sqrt(4.0 * (5.0 * tau + 1.0 - tau) / N);
        assert_int_equal(e.n, N);
        assert_true(fabs(e.correlation_time_frames - tau) < 4.0 * sigma + 0.01 * tau);
        assert_true(fabs(e.n_eff - N / (2.0 * e.correlation_time_frames)) < 1e-6 * N);
        assert_true(fabs(e.sem - e.std / sqrt(e.n_eff)) < 1e-12);
        /* The mean lies where sem says. */
        assert_true(fabs(e.mean) < 4.0 * e.sem);
        free(x);
    }
    free(none);
}

/* The definition in ensemble.h, sum by sum. */
static double direct_tau(const double *x, size_t n)
{
    double mean = 0.0, tau = 0.5, zero = 0.0;
    for (size_t i = 0; i < n; i++)
        mean += x[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        zero += (x[i] - mean) * (x[i] - mean) / (double)n;
    size_t window = 0;
    do {
        double sum = 0.0;
        window++;
        for (size_t i = 0; i + window < n; i++)
            sum += (x[i] - mean) * (x[i + window] - mean);
        tau += sum / (double)(n - window) / zero;
    } while ((double)window < 5.0 * tau && window < n / 2);
    tau *= 1.0 + 2.0 * (double)window / (double)n;
    return fmin(fmax(tau, 0.5), 0.5 * (double)n);
}

static void as_defined(void **state)
{
    (void)state;
    enum { N_MAX = 70 };
    struct dice dice = {20240005};
    double *none = zeros(N_MAX);
    for (size_t n = 2; n <= N_MAX; n++) {
        for (int i = 0; i < 4; i++) {
            double *x = ar1(&dice, 0.3 * i, 0.0, n);
            struct ensemble e = ensemble_of(x, none, n, 1, false);
            double tau = direct_tau(x, n);
            assert_true(fabs(e.correlation_time_frames - tau) < 1e-10 * tau);
            free(x);
        }
    }
    free(none);
}

/* z = mean / sem over many series has the width 1 if sem is right: with 400 of them its
   rms is known to 0.035, and finite series add some per cent (the correlation time is
   estimated from the same few hundred frames). */
static void coverage(void **state)
{
    (void)state;
    static const struct {
        double a;
        size_t n;
    } table[] = {{0.0, 100}, {0.5, 200}, {0.7, 500}, {0.9, 1000}};
    enum { SERIES = 400 };
    struct dice dice = {20240002};
    for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
        double sum = 0.0;
        double *none = zeros(table[t].n);
        for (int s = 0; s < SERIES; s++) {
            double *x = ar1(&dice, table[t].a, 0.0, table[t].n);
            struct ensemble e = ensemble_of(x, none, table[t].n, 1, false);
            sum += e.mean * e.mean / (e.sem * e.sem);
            free(x);
        }
        free(none);
        double rms = sqrt(sum / SERIES);
        print_message("# a = %g, n = %zu: rms z = %.3f\n", table[t].a, table[t].n, rms);
        assert_true(rms > 0.85 && rms < 1.15);
    }
}

static void anticorrelated(void **state)
{
    (void)state;
    enum { N = 1000 };
    double x[N], noise[N];
    for (size_t i = 0; i < N; i++) {
        x[i] = i % 2 ? 1.0 : -1.0;
        noise[i] = 3.0;
    }
    struct ensemble e = ensemble_of(x, noise, N, 1, false);
    assert_true(e.correlation_time_frames == 0.5);
    assert_true(e.n_eff == N);
    /* sem never claims less than the Monte Carlo noise that is known to be there. */
    assert_true(fabs(e.sem_mc - 3.0 / sqrt(N)) < 1e-12);
    assert_true(e.sem == e.sem_mc);
}

static void holes_are_left_out(void **state)
{
    (void)state;
    enum { N = 64, HOLE = 10 };
    struct dice dice = {20240003};
    double *x = ar1(&dice, 0.5, 5.0, N), *sigma = zeros(N);
    double holed[2 * (N + 3)], holed_sigma[2 * (N + 3)];
    for (size_t i = 0, k = 0; i < N + 3; i++) {
        bool hole = i == 0 || i == HOLE || i == N + 2;
        if (!hole)
            sigma[k] = 0.1 * (double)(k % 3);
        holed[2 * i] = hole ? (i == HOLE ? INFINITY : NAN) : x[k];
        holed_sigma[2 * i] = hole ? NAN : sigma[k];
        holed[2 * i + 1] = holed_sigma[2 * i + 1] = 1e30; /* of another column */
        k += !hole;
    }
    struct ensemble a = ensemble_of(x, sigma, N, 1, false);
    struct ensemble b = ensemble_of(holed, holed_sigma, N + 3, 2, false);
    assert_int_equal(b.n, N);
    assert_memory_equal(&a, &b, sizeof a);
    assert_true(a.sem_mc > 0.0);
    free(x);
    free(sigma);
}

static void few_frames(void **state)
{
    (void)state;
    const double x[] = {3.0, 5.0, NAN}, sigma[] = {0.3, 0.4, NAN};
    struct ensemble e = ensemble_of(NULL, NULL, 0, 1, false);
    assert_int_equal(e.n, 0);
    assert_true(isnan(e.mean) && isnan(e.std) && isnan(e.sem) && isnan(e.sem_mc) &&
                isnan(e.n_eff) && isnan(e.correlation_time_frames));
    e = ensemble_of(x + 2, sigma + 2, 1, 1, false);
    assert_int_equal(e.n, 0);
    assert_true(isnan(e.mean) && isnan(e.sem_mc));
    e = ensemble_of(x, sigma, 1, 1, false);
    assert_int_equal(e.n, 1);
    assert_true(e.mean == 3.0 && e.sem == 0.3 && e.sem_mc == 0.3 && e.n_eff == 1.0);
    assert_true(isnan(e.std) && isnan(e.correlation_time_frames));
    e = ensemble_of(x, sigma, 2, 1, false);
    assert_int_equal(e.n, 2);
    assert_true(e.mean == 4.0 && fabs(e.std - sqrt(2.0)) < 1e-15);
    assert_true(fabs(e.sem - 1.0) < 1e-15 && fabs(e.sem_mc - 0.25) < 1e-15);
    assert_true(e.correlation_time_frames == 0.5 && e.n_eff == 2.0);
}

static void constant(void **state)
{
    (void)state;
    enum { N = 7 };
    double x[N], sigma[N];
    for (size_t i = 0; i < N; i++) {
        x[i] = 0.1;
        sigma[i] = 0.0;
    }
    struct ensemble e = ensemble_of(x, sigma, N, 1, false);
    assert_true(e.mean == 0.1 && e.std == 0.0 && e.sem == 0.0 && e.sem_mc == 0.0);
    assert_true(e.correlation_time_frames == 0.5 && e.n_eff == N);
}

/* A drift has no independent frames to speak of, but at least one. */
static void drift(void **state)
{
    (void)state;
    enum { N = 1000 };
    double x[N], *none = zeros(N);
    for (size_t i = 0; i < N; i++)
        x[i] = (double)i;
    struct ensemble e = ensemble_of(x, none, N, 1, false);
    assert_true(e.n_eff >= 1.0 && e.n_eff < 10.0);
    assert_true(e.sem <= e.std && e.sem > 0.3 * e.std);
    free(none);
}

static void huge_offset(void **state)
{
    (void)state;
    enum { N = 4096 };
    struct dice one = {20240004}, other = {20240004};
    double *small = ar1(&one, 0.8, 0.0, N), *large = ar1(&other, 0.8, 1e9, N);
    double *none = zeros(N);
    struct ensemble a = ensemble_of(small, none, N, 1, false);
    struct ensemble b = ensemble_of(large, none, N, 1, false);
    /* Adding 1e9 rounds each value to 1e-7. */
    assert_true(fabs(b.mean - 1e9 - a.mean) < 1e-6);
    assert_true(fabs(b.std - a.std) < 1e-7);
    assert_true(fabs(b.correlation_time_frames - a.correlation_time_frames) < 1e-6);
    assert_true(fabs(b.sem - a.sem) < 1e-7);
    free(small);
    free(large);
    free(none);
}

/* The same random numbers in every frame: their errors do not average out, and the
   spread of the frames knows nothing of them. */
static void common_noise(void **state)
{
    (void)state;
    const double x[] = {1, 3, 2, 4, 0}, sigma[] = {0.1, 0.3, 0.2, 0.4, 0.5};
    struct ensemble apart = ensemble_of(x, sigma, 5, 1, false),
                    same = ensemble_of(x, sigma, 5, 1, true);
    double spread = same.std / sqrt(same.n_eff);
    assert_true(same.mean == apart.mean && same.std == apart.std);
    assert_true(fabs(same.sem_mc - 0.3) < 1e-15);
    assert_true(fabs(apart.sem_mc - sqrt(0.55) / 5) < 1e-15);
    assert_true(fabs(same.sem * same.sem - spread * spread - 0.09) < 1e-14);
}

static void unknown_noise(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4}, sigma[] = {0.1, NAN, 0.1, 0.1};
    struct ensemble e = ensemble_of(x, sigma, 4, 1, false);
    assert_int_equal(e.n, 4);
    assert_true(isnan(e.sem_mc) && e.sem > 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_correlation_time),
        cmocka_unit_test(as_defined),
        cmocka_unit_test(coverage),
        cmocka_unit_test(anticorrelated),
        cmocka_unit_test(holes_are_left_out),
        cmocka_unit_test(few_frames),
        cmocka_unit_test(constant),
        cmocka_unit_test(drift),
        cmocka_unit_test(huge_offset),
        cmocka_unit_test(common_noise),
        cmocka_unit_test(unknown_noise),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
