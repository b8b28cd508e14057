/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First passage near a ball, in the lanes and in the oracle; simd-passage-f64.c
   compiles this for double. */
#include "simd/passage.h"

#include "dice.h"
#include "fwtest.h"
#include "oracle.h"

#include <gsl/gsl_cdf.h>

/* Of the order of the rounding of `real`. */
static const double ulp = VEC_REAL == 32 ? 0x1p-23 : 0x1p-52;

static vreal one_poisson(double t, double rest, double uniform)
{
    return passage_poisson(vec_all((real)t), vec_all((real)rest),
                           vec_all((real)uniform));
}

/* P(1 - cos > m) of the Poisson kernel for a walker at distance t, from the integral
   over the chord D, D^2 = (1 - t)^2 + 2 t m; in long double and without cancellation.
 */
static long double tail(double rest, double m)
{
    long double c = rest, t = 1 - c, D = sqrtl(c * c + 2 * t * m);
    return 1 - (1 + t) * m / (D * (D + c));
}

/* Given m with tail u, whose own resolution is limited where the kernel is narrow: the
   tail must be u to rounding, and so must its complement relative to its size. */
static void check_poisson(double rest, double u, double m, double precision)
{
    assert_true(m >= 0 && m <= 2);
    double error = (double)fabsl(tail(rest, m) - u);
    if (!(error <= precision * (2 + 5 * (1 - u) + 9 * u)))
        fail_msg("1 - t = %g, u = %.17g: m = %.17g, error %g", rest, u, m, error);
}

static void poisson_inverts_the_distribution(void **state)
{
    (void)state;
    static const double rests[] = {1,    0.999999, 0.9,  0.5,  0.1,
                                   0.01, 1e-4,     1e-6, 1e-9, 1e-12};
    struct dice dice = {61};
    for (size_t k = 0; k < sizeof rests / sizeof *rests; k++) {
        /* What is passed is a number of either precision; t is its complement. */
        double rest = (double)(real)rests[k];
        for (int i = 0; i < 20000; i++) {
            double u = i % 3 == 0   ? dice_log(&dice, 0.5 * ulp, 1)
                       : i % 3 == 1 ? 1 - dice_log(&dice, 0.5 * ulp, 1)
                                    : dice_between(&dice, 0, 1);
            u = (double)(real)u;
            check_poisson(rest, u, oracle_poisson(1 - rest, rest, u), 0x1p-52);
            check_poisson(rest, u, (double)one_poisson(1 - rest, rest, u)[0], ulp);
        }
    }
}

static void poisson_ends(void **state)
{
    (void)state;
    for (double rest = 1; rest > 4 * ulp; rest *= 0.7) {
        double far = (double)one_poisson(1 - rest, rest, 0.5 * ulp)[0],
               near = (double)one_poisson(1 - rest, rest, 1 - 0.5 * ulp)[0];
        assert_true(far <= 2 && far > 0 && near >= 0 && near < 4 * ulp);
        assert_true(one_poisson(1 - rest, rest, 1)[0] == 0);
        assert_true(fabs((double)one_poisson(1 - rest, rest, 0)[0] - 2) < 16 * ulp);
        assert_true(oracle_poisson(1 - rest, rest, 1) == 0);
        assert_true(isfinite(passage_sine(vec_all((real)far))[0]));
        assert_true(isfinite(passage_sine(vec_all((real)near))[0]));
    }
    /* On the sphere already: it is met here. */
    assert_true(one_poisson(1, 0, 0.3)[0] == 0);
    assert_true(passage_sine(vec_all(0))[0] == 0 && passage_sine(vec_all(2))[0] == 0 &&
                passage_sine(vec_all(1))[0] == 1);
    for (double u = 0.05; u < 1; u += 0.1) /* from the centre: uniform in the cosine */
        assert_true(fabs((double)one_poisson(0, 1, u)[0] - 2 * (1 - u)) < 2 * ulp);
}

/* A walker near a ball as the lanes know it: numbers of their precision. */
struct place {
    double a, d, s, rho;
};

/* False where the gap is lost in rounding or first passage does not pay. */
static bool make_place(struct place *q, double a, double s, double empty, bool lanes)
{
    if (!lanes) {
        *q = (struct place){a, a + s, a + s - a, 0};
        q->rho = oracle_radius(a, q->d, q->s, empty);
    } else {
        real d = (real)a + (real)s, gap = d - (real)a;
        *q = (struct place){(double)(real)a, (double)d, (double)gap, 0};
        q->rho = (double)passage_radius(vec_all((real)a), vec_all(d), vec_all(gap),
                                        vec_all((real)empty))[0];
    }
    return q->s > 0 && q->rho > 1.5 * q->s;
}

/* S lies within `empty` of the walker, and touches that limit or nearly so. */
static void radius_fills_the_empty_ball(void **state)
{
    (void)state;
    struct dice dice = {62};
    int useful = 0;
    for (int i = 0; i < 100000; i++) {
        bool lanes = i % 2;
        double least = lanes && VEC_REAL == 32 ? 1e-5 : 1e-12, most = lanes ? 1e3 : 1e6;
        double a = dice_log(&dice, 1e-3, 1e3), s = a * dice_log(&dice, least, 1e3);
        double empty = s * dice_log(&dice, 1, most);
        struct place q;
        if (!make_place(&q, a, s, empty, lanes))
            continue;
        useful++;
        double h = sqrt(q.a * q.a + q.rho * q.rho), t = q.s - q.rho * q.rho / (h + q.a);
        assert_true(fabs(t) < q.rho);
        double reach = fabs(t) + q.rho;
        /* Where the ball is large in terms of `empty`, its own rounding counts. */
        double rounding = lanes ? 0.25 * ulp * q.a : 0;
        if (!(reach <= empty + rounding && reach >= 0.999 * empty - rounding))
            fail_msg("a %g s %g empty %g: S reaches %g", q.a, q.s, empty, reach);
    }
    assert_true(useful > 10000);
    /* Both balls equally near: no use. */
    struct place q;
    assert_false(make_place(&q, 1, 0.5, 0.5, false));
    assert_false(make_place(&q, 1, 0.5, 0.5, true));
}

struct leaving {
    bool hit;
    double axial, radial; /* coordinates along the axis and across it */
};

/* A source of draws: of the oracle, or of the lanes, a batch in advance. */
struct source {
    bool lanes;
    struct dice dice;
    struct random_rows random;
    struct leaving ready[BATCH];
    unsigned n;
    unsigned long trials;
};

static void source_start(struct source *source, bool lanes, uint64_t block)
{
    *source = (struct source){.lanes = lanes};
    source->dice = (struct dice){2024 + (block << 40)};
    random_start(&source->random, 2024, RNG_WALKS, 0, block);
}

enum { TRIALS_MAX = 1000000 };

/* One trial of an escape for the lanes whose bits are set; returns those that remain.
 */
static unsigned escape_trial(struct source *source, const struct passage *q, unsigned g,
                             unsigned bits)
{
    struct random_draw angle, accept;
    vreal axial, radial;
    random_draw(&source->random, &angle);
    random_draw(&source->random, &accept);
    unsigned out =
        bits & vec_bits(passage_escape(q, random_uniform(&angle, g),
                                       random_uniform(&accept, g), &axial, &radial));
    for (unsigned k = 0; k < VEC_LANES; k++)
        if (out >> k & 1)
            source->ready[g + k] =
                (struct leaving){false, (double)axial[k], (double)radial[k]};
    source->trials += vec_count(bits);
    return bits & ~out;
}

static void draw_batch(struct source *source, const struct place *at)
{
    const vreal a = vec_all((real)at->a), s = vec_all((real)at->s),
                inverse = (real)1 / vec_all((real)at->d);
    struct passage q = passage_of(a, s, vec_all((real)at->rho));
    struct random_draw choose, angle, accept;
    random_draw(&source->random, &choose);
    random_draw(&source->random, &angle);
    random_draw(&source->random, &accept);
    source->trials += BATCH;
    unsigned rest[BATCH];
    for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
        vreal m;
        unsigned hit = vec_bits(passage_hit(&q, inverse, random_uniform(&choose, g),
                                            random_uniform(&angle, g),
                                            random_uniform(&accept, g), &m));
        rest[g] = ~hit & ((1u << VEC_LANES) - 1);
        for (unsigned k = 0; k < VEC_LANES; k++)
            source->ready[g + k] = (struct leaving){true, at->a * (1 - (double)m[k]),
                                                    at->a * (double)passage_sine(m)[k]};
    }
    for (unsigned g = 0; g < BATCH; g += VEC_LANES)
        for (unsigned trial = 0; rest[g]; trial++) {
            assert_true(trial < TRIALS_MAX);
            rest[g] = escape_trial(source, &q, g, rest[g]);
        }
    source->n = BATCH;
}

static struct leaving draw_one(struct source *source, const struct place *at)
{
    if (source->lanes) {
        if (source->n == 0)
            draw_batch(source, at);
        return source->ready[--source->n];
    }
    struct oracle_passage q = {at->a, at->d, at->s, at->rho};
    struct leaving out;
    unsigned trials = 0;
    out.hit =
        oracle_draw(&q, &source->dice, &out.axial, &out.radial, &trials, TRIALS_MAX);
    assert_true(trials < TRIALS_MAX);
    source->trials += trials;
    return out;
}

enum { FUNCTIONS = 16, DRAWS = 1 << 17 };

/* Harmonic in the part of S outside B, up to constants; in units of S's and B's size
   about the walker, so that all are of order one. */
static void harmonic(const struct place *q, const double p[3], double f[FUNCTIONS])
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

/* On B and inside S, or on S and outside B. In lanes a point on the far side of S is
   known to the rounding of S's size. */
static void check_place(const struct place *q, const struct leaving *at, double eps)
{
    double h = sqrt(q->a * q->a + q->rho * q->rho);
    double from_b = hypot(at->axial, at->radial) - q->a;
    double from_s = hypot(at->axial - h, at->radial) - q->rho;
    double rounding = 45 * eps * (h + q->rho);
    bool good = at->hit ? fabs(from_b) <= 18 * eps * q->a && from_s <= rounding
                        : fabs(from_s) <= rounding && from_b >= -rounding;
    if (!good)
        fail_msg("a %g s %g rho %g: %s at %.17g, %.17g", q->a, q->s, q->rho,
                 at->hit ? "hit" : "miss", at->axial, at->radial);
}

/* The mean of a harmonic function at the exit is its value at the walker. */
static double one_law(const struct place *q, struct source *source, int *freedom)
{
    double at_walker[FUNCTIONS], turn[2];
    struct sums sums = {0};
    harmonic(q, (double[3]){0, 0, q->d}, at_walker);
    for (int i = 0; i < DRAWS; i++) {
        double f[FUNCTIONS];
        struct leaving at = draw_one(source, q);
        check_place(q, &at, source->lanes ? ulp : 0x1p-52);
        pmath_sincos_turn(dice_between(&source->dice, 0, 1), &turn[0], &turn[1]);
        harmonic(q, (double[3]){at.radial * turn[1], at.radial * turn[0], at.axial}, f);
        for (int k = 0; k < FUNCTIONS; k++)
            f[k] -= at_walker[k];
        add(&sums, f);
    }
    return chi_square(&sums, freedom);
}

/* Gaps from where first passage hits nearly always to where the walker is beyond S's
   centre, and empty distances from barely useful to rare escapes and to an S that is
   thousands of times larger than B. */
static const struct {
    double gap;   /* in radii */
    double empty; /* in gaps */
} law_cases[] = {
    {1e-6, 4},  {1e-6, 20}, {1e-6, 200}, {1e-5, 4}, {1e-5, 20}, {1e-5, 200}, {1e-4, 4},
    {1e-4, 20}, {1e-2, 4},  {1e-2, 200}, {0.3, 4},  {0.3, 20},  {0.3, 2e4},  {1, 4},
    {1, 20},    {1, 200},   {1, 3000},   {10, 4},   {10, 20},   {10, 1e3},
};

static void exact_law(bool lanes)
{
    double chi2 = 0;
    int freedom = 0, above = 0, below = 0;
    unsigned long trials = 0, draws = 0;
    for (size_t i = 0; i < sizeof law_cases / sizeof *law_cases; i++) {
        double a = 0.3 + 0.05 * (double)i, s = a * law_cases[i].gap;
        struct source source;
        struct place q;
        /* Fewer than a hundred steps of float: that grid would show. */
        if (lanes && VEC_REAL == 32 && law_cases[i].gap < 1e-5)
            continue;
        assert_true(make_place(&q, a, s, law_cases[i].empty * s, lanes));
        double h = sqrt(q.a * q.a + q.rho * q.rho);
        above += q.d > h;
        below += q.d < h;
        source_start(&source, lanes, i);
        int before = freedom;
        double here = one_law(&q, &source, &freedom);
        draws += DRAWS;
        trials += source.trials;
        assert_true(freedom - before >= 8);
        if (gsl_cdf_chisq_Q(here, freedom - before) < 1e-6)
            fail_msg("s/a = %g, empty/s = %g: chi2 = %g of %d", law_cases[i].gap,
                     law_cases[i].empty, here, freedom - before);
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

static void law_of_the_oracle(void **state)
{
    (void)state;
    exact_law(false);
}

static void law_of_the_lanes(void **state)
{
    (void)state;
    exact_law(true);
}

/* Tiny gaps and large reaches: no law, but places, finiteness and few proposals. */
static void extremes(bool lanes)
{
    struct dice dice = {63};
    struct source source;
    unsigned long most = 0, places = 0;
    source_start(&source, lanes, 99);
    double eps = lanes ? ulp : 0x1p-52;
    for (int i = 0; i < 40000; i++) {
        double a = lanes ? dice_log(&dice, 1e-5, 1) : dice_log(&dice, 1e-6, 1e6);
        double s = a * dice_log(&dice, 0.7 * eps, 1e5);
        struct place q;
        if (!make_place(&q, a, s, fmin(s * dice_log(&dice, 2, 1e8), lanes ? 1e3 : 1e30),
                        lanes))
            continue;
        unsigned long before = source.trials;
        source.n = 0;
        struct leaving at = draw_one(&source, &q);
        check_place(&q, &at, eps);
        most = source.trials - before > most ? source.trials - before : most;
        places++;
    }
    print_message("# %lu places, at most %lu proposals\n", places, most);
    assert_true(places > 10000);
    if (lanes) /* 16 walkers together */
        assert_true(most < 400);
}

static void extremes_of_the_oracle(void **state)
{
    (void)state;
    extremes(false);
}

static void extremes_of_the_lanes(void **state)
{
    (void)state;
    extremes(true);
}

/* Escapes are accepted relative to the point that the image leaves most of: were any
   other point's share larger, it would be proposed too rarely for good. A number
   `accept` that is above 1 by rounding is never below the ratio of the shares, and at
   the pole itself, which uniform = 0 or 1 proposes, one below 1 is. */
static void no_share_exceeds_the_poles(void **state)
{
    (void)state;
    struct dice dice = {64};
    const real tolerance = (real)(64 * ulp);
    int behind = 0, beyond = 0;
    for (int i = 0; i < 200000; i++) {
        double a = dice_log(&dice, 1e-5, 1), s = a * dice_log(&dice, 1e-6, 1e4);
        struct place at;
        if (!make_place(&at, a, s, fmin(s * dice_log(&dice, 2, 1e6), 1e3), true))
            continue;
        struct passage q =
            passage_of(vec_all((real)at.a), vec_all((real)at.s), vec_all((real)at.rho));
        vreal u, axial, radial;
        for (unsigned k = 0; k < VEC_LANES; k++)
            u[k] = (real)(k % 2 ? dice_between(&dice, 0, 1)
                                : dice_log(&dice, 0.5 * ulp, 1));
        if (i % 2)
            u = (real)1 - u;
        u = vec_min(vec_max(u, vec_all((real)(0.5 * ulp))), vec_all(1));
        unsigned over = vec_bits(
            passage_escape(&q, u, vec_all((real)1 + tolerance), &axial, &radial));
        if (over)
            fail_msg("a %g s %g rho %g u %g...: a share above the pole's", at.a, at.s,
                     at.rho, (double)u[__builtin_ctz(over)]);
        bool is_behind = q.behind[0];
        vreal pole = vec_all(is_behind ? 0 : 1);
        unsigned pass = vec_bits(
            passage_escape(&q, pole, vec_all((real)1 - tolerance), &axial, &radial));
        if (pass != (1u << VEC_LANES) - 1)
            fail_msg("a %g s %g rho %g: the pole is not accepted", at.a, at.s, at.rho);
        behind += is_behind;
        beyond += !is_behind;
    }
    assert_true(behind > 10000 && beyond > 3000);
}

/* axial u + radial e with e a unit vector across u that turns with its angle. */
static void turn_is_a_rotation(void **state)
{
    (void)state;
    struct dice dice = {65};
    static const double axes[][3] = {{0, 0, 1}, {0, 0, -1}, {1, 0, 0}, {0, -1, 0}};
    for (int i = 0; i < 50000; i++) {
        double u[3], e[2][3], dot[3] = {0}, one = 0, two = 0, cross = 0;
        dice_direction(&dice, u);
        if (i < 4)
            memcpy(u, axes[i], sizeof u);
        else if (i % 3 == 0) { /* next to a pole */
            u[0] *= 1e-4;
            u[1] *= 1e-4;
            u[2] = copysign(sqrt(1 - u[0] * u[0] - u[1] * u[1]), u[2]);
        }
        vreal axis[3], out[3];
        double angle = dice_between(&dice, 0, 2 * M_PI);
        for (int k = 0; k < 3; k++) {
            axis[k] = vec_all((real)u[k]);
            u[k] = (double)(real)u[k];
        }
        for (int j = 0; j < 2; j++) { /* the angle, and a quarter more */
            double s = j ? cos(angle) : sin(angle), c = j ? -sin(angle) : cos(angle);
            passage_turn(axis, vec_all(0), vec_all(1), vec_all((real)s),
                         vec_all((real)c), out);
            for (int k = 0; k < 3; k++)
                e[j][k] = (double)out[k][VEC_LANES - 1];
        }
        passage_turn(axis, vec_all((real)0.75), vec_all((real)-2),
                     vec_all((real)sin(angle)), vec_all((real)cos(angle)), out);
        for (int k = 0; k < 3; k++) {
            dot[0] += u[k] * e[0][k];
            dot[1] += u[k] * e[1][k];
            cross += e[0][k] * e[1][k];
            one += e[0][k] * e[0][k];
            two += e[1][k] * e[1][k];
            double expected = 0.75 * u[k] - 2 * e[0][k];
            assert_true(fabs((double)out[k][0] - expected) < 8 * ulp);
        }
        /* A right-handed basis: u = e0 x e1. */
        double handed = e[0][0] * e[1][1] - e[0][1] * e[1][0];
        assert_true(fabs(handed - u[2]) < 8 * ulp);
        assert_true(fabs(dot[0]) < 8 * ulp && fabs(dot[1]) < 8 * ulp);
        assert_true(fabs(cross) < 8 * ulp && fabs(one - 1) < 8 * ulp &&
                    fabs(two - 1) < 8 * ulp);
    }
}

/* At the limit of proposals the oracle's walker stays. */
static void given_up(void **state)
{
    (void)state;
    struct dice dice = {1};
    struct oracle_passage q = {1, 1.1, 0.1, 0};
    q.rho = oracle_radius(q.a, q.d, q.s, 1);
    int stayed = 0;
    for (int i = 0; i < 1000; i++) {
        double axial = 0, radial = 9;
        unsigned trials = 41;
        if (oracle_draw(&q, &dice, &axial, &radial, &trials, 42))
            continue;
        stayed += axial == q.d && radial == 0;
        assert_true(axial == q.d && radial == 0 && trials <= 43);
    }
    assert_true(stayed > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(law_of_the_oracle),
        cmocka_unit_test(law_of_the_lanes),
        cmocka_unit_test(poisson_inverts_the_distribution),
        cmocka_unit_test(poisson_ends),
        cmocka_unit_test(radius_fills_the_empty_ball),
        cmocka_unit_test(no_share_exceeds_the_poles),
        cmocka_unit_test(extremes_of_the_oracle),
        cmocka_unit_test(extremes_of_the_lanes),
        cmocka_unit_test(turn_is_a_rotation),
        cmocka_unit_test(given_up),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("simd-passage", tests, NULL, NULL);
}
