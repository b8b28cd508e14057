/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First passage near a face, in the lanes; simd-face-f64.c compiles this for double. */
#include "simd/face.h"

#include "dice.h"
#include "fwtest.h"

enum { DRAWS = 200000 };

static void start(struct random_rows *random, uint64_t seed)
{
    random_start(random, seed, RNG_WALKS, 0, 0);
}

/* Where a walker at height t leaves the half ball of radius 1: on the face at z = 0 or
   on the half sphere, relative to the face's point below the walker. */
static void leave(struct random_rows *random, real t, real out[BATCH][3])
{
    bool done[BATCH] = {false};
    for (int left = BATCH, trial = 0; left > 0; trial++) {
        struct random_draw a, b, c;
        random_draw(random, &a);
        random_draw(random, &b);
        random_draw(random, &c);
        for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
            vreal r, m, sine, cosine;
            vmask ends;
            random_turn(&c, g, &sine, &cosine);
            if (trial == 0)
                ends = face_hit(vec_all(t), random_uniform(&a, g),
                                random_uniform(&b, g), &r);
            else
                ends = face_escape(vec_all(t), random_uniform(&a, g),
                                   random_uniform(&b, g), &m);
            vreal across = trial == 0 ? r : passage_sine(m);
            for (unsigned i = 0; i < VEC_LANES; i++) {
                if (done[g + i] || !ends[i])
                    continue;
                out[g + i][0] = across[i] * cosine[i];
                out[g + i][1] = across[i] * sine[i];
                out[g + i][2] = trial == 0 ? 0 : (real)1 - m[i];
                done[g + i] = true;
                left--;
            }
        }
        assert_true(trial < 10000);
    }
}

/* Harmonic in the half ball, and smooth on its surface. */
static double harmonic(int which, const double p[3])
{
    double x = p[0], y = p[1], z = p[2];
    const double at[][3] = {{0.3, 0.2, -0.4}, {1.1, 0, 0.6}, {-0.2, 0.5, 1.3}};
    switch (which) {
    case 0:
        return z;
    case 1:
        return x + 2 * y;
    case 2:
        return x * z;
    case 3:
        return x * x - y * y;
    case 4:
        return 2 * z * z - x * x - y * y;
    case 5:
        return z * (2 * z * z - 3 * x * x - 3 * y * y);
    default:
        x -= at[which - 6][0];
        y -= at[which - 6][1];
        z -= at[which - 6][2];
        return 1 / sqrt(x * x + y * y + z * z);
    }
}

/* The mean over the places where it is left is the function's value where the walker
   was. */
static void harmonic_functions_keep_their_means(void **state)
{
    enum { FUNCTIONS = 9 };
    (void)state;
    static const double heights[] = {0.66, 0.5, 0.2, 0.03, 1e-3, 1e-6};
    double chi = 0;
    int figures = 0;
    for (size_t k = 0; k < sizeof heights / sizeof *heights; k++) {
        double sum[FUNCTIONS] = {0}, squares[FUNCTIONS] = {0};
        const double t = (double)(real)heights[k], from[3] = {0, 0, t};
        struct random_rows random;
        start(&random, 71 + k);
        for (int n = 0; n < DRAWS; n += BATCH) {
            real out[BATCH][3];
            leave(&random, (real)t, out);
            for (int i = 0; i < BATCH; i++) {
                const double p[3] = {(double)out[i][0], (double)out[i][1],
                                     (double)out[i][2]};
                double square = p[0] * p[0] + p[1] * p[1] + p[2] * p[2];
                assert_true(p[2] >= 0 && square < 1 + 1e-5);
                assert_true(p[2] == 0 || square > 1 - 1e-5);
                for (int f = 0; f < FUNCTIONS; f++) {
                    double v = harmonic(f, p) - harmonic(f, from);
                    sum[f] += v;
                    squares[f] += v * v;
                }
            }
        }
        for (int f = 0; f < FUNCTIONS; f++) {
            double mean = sum[f] / DRAWS, sigma = sqrt(squares[f]) / DRAWS;
            double z = mean / sigma;
            /* Far too few leave at all from the lowest heights for z to be normal. */
            if (t < 1e-3 && f != 1 && f != 3)
                continue;
            if (fabs(z) > 3)
                print_message("# t %g function %d: z = %.2f\n", t, f, z);
            chi += z * z;
            figures++;
        }
    }
    print_message("# chi-square %.1f for %d figures\n", chi, figures);
    assert_true(chi < figures + 4 * sqrt(2.0 * figures));
}

/* The share that escapes, by quadrature of the kernel over the half sphere. */
static void the_right_share_escapes(void **state)
{
    (void)state;
    static const double heights[] = {0.6, 0.3, 0.1, 0.01};
    for (size_t k = 0; k < 4; k++) {
        double t = (double)(real)heights[k], expected = 0;
        const int steps = 20000;
        for (int i = 0; i < steps; i++) {
            double mu = (i + 0.5) / steps, near = 1 + t * t - 2 * t * mu,
                   far = 1 + t * t + 2 * t * mu;
            expected += (1 - t * t) / 2 *
                        (1 / (near * sqrt(near)) - 1 / (far * sqrt(far))) / steps;
        }
        struct random_rows random;
        start(&random, 81 + k);
        double escaped = 0;
        for (int n = 0; n < DRAWS; n += BATCH) {
            struct random_draw a, b;
            random_draw(&random, &a);
            random_draw(&random, &b);
            for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
                vreal r;
                vmask hit = face_hit(vec_all((real)t), random_uniform(&a, g),
                                     random_uniform(&b, g), &r);
                escaped += VEC_LANES - vec_count(vec_bits(hit));
            }
        }
        double share = escaped / DRAWS, sigma = sqrt(expected * (1 - expected) / DRAWS);
        if (!(fabs(share - expected) < 4 * sigma))
            fail_msg("t %g: %g escape, expected %g", t, share, expected);
    }
}

static struct face_site locate(const double p[3], const double c[3],
                               const double half[3])
{
    vreal at[3], centre[3], edges[3];
    for (int k = 0; k < 3; k++) {
        at[k] = vec_all((real)p[k]);
        centre[k] = vec_all((real)c[k]);
        edges[k] = vec_all((real)half[k]);
    }
    return face_locate(at, centre, edges);
}

static void places_about_a_box(void **state)
{
    (void)state;
    static const double c[3] = {1, -2, 0.5}, half[3] = {0.5, 1, 0.25};
    static const struct {
        double p[3], nearest[3], gap, edge;
    } table[] = {
        {{1, -2, 1}, {1, -2, 0.75}, 0.25, 0.5},
        {{1.25, -2, -2.25}, {1.25, -2, 0.25}, 2.5, 0.25},
        {{0, -1.5, 0.5}, {0.5, -1.5, 0.5}, 0.5, 0.25},
        {{1, 0, 0.5}, {1, -1, 0.5}, 1, 0.25},
        {{1, 0, 1.75}, {1, -1, 0.75}, M_SQRT2, -1},
        {{2.5, 0, 1.75}, {1.5, -1, 0.75}, 1.7320508075688772, -1},
        {{1.5, -2, 0.5}, {1.5, -2, 0.5}, 0, 0.25},
        {{1.1, -2.2, 0.6}, {1.1, -2.2, 0.6}, 0, 0.4},
    };
    const double ulp = VEC_REAL == 32 ? 1e-6 : 1e-15;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct face_site site = locate(table[i].p, c, half);
        assert_true(fabs((double)site.gap[0] - table[i].gap) <= ulp * 4);
        assert_true(fabs((double)site.edge[0] - table[i].edge) <= ulp * 4);
        for (int k = 0; k < 3; k++) {
            double near = table[i].nearest[k], u = table[i].p[k] - near;
            assert_true(fabs((double)site.nearest[k][0] - near) <= ulp * 4);
            if (table[i].gap > 0)
                assert_true(fabs((double)site.u[k][0] - u / table[i].gap) <= ulp * 8);
        }
    }
}

/* The half ball stays on the face and clear of everything else. */
static void the_half_ball_fits(void **state)
{
    (void)state;
    struct dice dice = {91};
    int used = 0;
    for (int i = 0; i < 20000; i++) {
        double half[3], p[3];
        const double c[3] = {0, 0, 0};
        for (int k = 0; k < 3; k++) {
            half[k] = dice_log(&dice, 0.01, 1);
            p[k] = dice_between(&dice, -1.3, 1.3) * half[k];
        }
        struct face_site site = locate(p, c, half);
        double s = (double)site.gap[0], empty = s * dice_log(&dice, 1, 100);
        double rho = (double)face_radius(&site, vec_all((real)empty))[0];
        if (!(rho > 1.5 * s && s > 0))
            continue;
        used++;
        /* On the face: within the box along the other axes. */
        for (int k = 0; k < 3; k++)
            if (fabs(p[k]) < half[k])
                assert_true(fabs((double)site.nearest[k][0]) + rho <=
                            half[k] * (1 + 1e-6));
        assert_true(sqrt(rho * rho + s * s) <= empty * (1 + 1e-6));
    }
    assert_true(used > 1000);
}

/* From however close to the face: something comes out, in few trials. */
static void tiny_heights(void **state)
{
    (void)state;
    struct random_rows random;
    start(&random, 95);
    for (real t = (real)0.6; t > (real)(VEC_REAL == 32 ? 1e-37 : 1e-300);
         t *= (real)0.01) {
        real out[BATCH][3];
        leave(&random, t, out);
        for (int i = 0; i < BATCH; i++)
            assert_true(isfinite(out[i][0]) && isfinite(out[i][2]));
        int trials = 0, escaped = 0;
        for (; escaped < 100; trials++) {
            struct random_draw a, b;
            random_draw(&random, &a);
            random_draw(&random, &b);
            vreal m;
            vmask ends = face_escape(vec_all(t), random_uniform(&a, 0),
                                     random_uniform(&b, 0), &m);
            escaped += (int)vec_count(vec_bits(ends));
        }
        assert_true(trials * VEC_LANES < 1200);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(harmonic_functions_keep_their_means),
        cmocka_unit_test(the_right_share_escapes),
        cmocka_unit_test(places_about_a_box),
        cmocka_unit_test(the_half_ball_fits),
        cmocka_unit_test(tiny_heights),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
