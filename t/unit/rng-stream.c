/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rng/stream.h"

#include "fwtest.h"

#include <gsl/gsl_cdf.h>

/* Philox4x64-10 written down a second time, from the paper's equations: multipliers and
   Weyl constants of its table 2 and section 4.3. */
static void philox(const uint64_t counter[4], const uint64_t key[2], uint64_t out[4])
{
    uint64_t c[4], k[2] = {key[0], key[1]};
    memcpy(c, counter, sizeof c);
    for (int round = 0; round < 10; round++) {
        unsigned __int128 p0 = (unsigned __int128)UINT64_C(0xD2E7470EE14C6C93) * c[0];
        unsigned __int128 p1 = (unsigned __int128)UINT64_C(0xCA5A826395121157) * c[2];
        uint64_t next[4] = {(uint64_t)(p1 >> 64) ^ c[1] ^ k[0], (uint64_t)p1,
                            (uint64_t)(p0 >> 64) ^ c[3] ^ k[1], (uint64_t)p0};
        memcpy(c, next, sizeof c);
        k[0] += UINT64_C(0x9E3779B97F4A7C15);
        k[1] += UINT64_C(0xBB67AE8584CAA73B);
    }
    memcpy(out, c, sizeof c);
}

/* Known answers of the Random123 distribution (kat_vectors): zeros, ones, digits of pi.
 */
static void known_answers(void **state)
{
    (void)state;
    static const struct {
        uint64_t counter[4], key[2], out[4];
    } cases[] = {
        {{0, 0, 0, 0},
         {0, 0},
         {UINT64_C(0x16554d9eca36314c), UINT64_C(0xdb20fe9d672d0fdc),
          UINT64_C(0xd7e772cee186176b), UINT64_C(0x7e68b68aec7ba23b)}},
        {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX},
         {UINT64_MAX, UINT64_MAX},
         {UINT64_C(0x87b092c3013fe90b), UINT64_C(0x438c3c67be8d0224),
          UINT64_C(0x9cc7d7c69cd777b6), UINT64_C(0xa09caebf594f0ba0)}},
        {{UINT64_C(0x243f6a8885a308d3), UINT64_C(0x13198a2e03707344),
          UINT64_C(0xa4093822299f31d0), UINT64_C(0x082efa98ec4e6c89)},
         {UINT64_C(0x452821e638d01377), UINT64_C(0xbe5466cf34e90c6c)},
         {UINT64_C(0xa528f45403e61d95), UINT64_C(0x38c72dbd566e9788),
          UINT64_C(0xa5a1610e72fd18b5), UINT64_C(0x57bd43b5e52b7fe6)}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t out[4];
        philox(cases[i].counter, cases[i].key, out);
        assert_memory_equal(out, cases[i].out, sizeof out);
    }
    struct rng_stream stream;
    rng_start(&stream, 0, (enum rng_purpose)0, 0, 0);
    for (int k = 0; k < 4; k++)
        assert_true(rng_u64(&stream) == cases[0].out[k]);
}

/* Key (seed, purpose), counter (draw, block, frame, 0), over several batches. */
static void mapping(void **state)
{
    (void)state;
    static const struct {
        uint64_t seed, frame, block;
        enum rng_purpose purpose;
    } cases[] = {
        {0, 0, 0, RNG_WALKS},
        {1, 0, 0, RNG_WALKS},
        {12345, 678, 90, RNG_INTERIOR},
        {UINT64_MAX, UINT64_MAX, UINT64_MAX, RNG_SURFACE},
        {UINT64_C(1) << 63, UINT64_C(1) << 32, UINT64_C(1) << 40, RNG_WALKS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rng_stream stream;
        rng_start(&stream, cases[i].seed, cases[i].purpose, cases[i].frame,
                  cases[i].block);
        uint64_t key[2] = {cases[i].seed, cases[i].purpose};
        for (uint64_t draw = 0; draw < 3 * RNG_BATCH; draw++) {
            uint64_t out[4], counter[4] = {draw, cases[i].block, cases[i].frame, 0};
            philox(counter, key, out);
            for (int k = 0; k < 4; k++)
                assert_true(rng_u64(&stream) == out[k]);
        }
    }
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* No number occurs twice among 64-bit numbers of many neighbouring streams: by chance
   that has a probability of 1e-9, while two streams that met would share a whole run.
 */
static void disjoint(void **state)
{
    (void)state;
    enum { SIDE = 6, PURPOSES = 3, EACH = 256 };
    size_t n = 0;
    uint64_t *all = malloc(sizeof *all * SIDE * SIDE * SIDE * PURPOSES * EACH);
    assert_non_null(all);
    for (uint64_t seed = 0; seed < SIDE; seed++)
        for (uint64_t frame = 0; frame < SIDE; frame++)
            for (uint64_t block = 0; block < SIDE; block++)
                for (int purpose = 1; purpose <= PURPOSES; purpose++) {
                    struct rng_stream stream;
                    rng_start(&stream, seed, (enum rng_purpose)purpose, frame, block);
                    for (int i = 0; i < EACH; i++)
                        all[n++] = rng_u64(&stream);
                }
    qsort(all, n, sizeof *all, compare_u64);
    for (size_t i = 1; i < n; i++)
        if (all[i] == all[i - 1])
            fail_msg("a number occurs twice");
    free(all);
}

static void restarted(void **state)
{
    (void)state;
    struct rng_stream a, b;
    rng_start(&a, 9, RNG_WALKS, 2, 3);
    memset(&b, 0xa5, sizeof b); /* nothing of an earlier use may show */
    rng_start(&b, 9, RNG_WALKS, 2, 3);
    for (int i = 0; i < 1000; i++)
        assert_true(rng_u64(&a) == rng_u64(&b));
    rng_start(&a, 9, RNG_WALKS, 2, 3);
    rng_start(&b, 9, RNG_WALKS, 2, 3);
    for (int i = 0; i < 5; i++)
        rng_u64(&a);
    rng_start(&a, 9, RNG_WALKS, 2, 3);
    for (int i = 0; i < 100; i++)
        assert_true(rng_u64(&a) == rng_u64(&b));
}

/* The ends of (0, 1), put where the generator cannot be made to put them. */
static void never_an_end(void **state)
{
    (void)state;
    struct rng_stream stream;
    rng_start(&stream, 0, RNG_WALKS, 0, 0);
    rng_u64(&stream);
    stream.word[1] = 0;
    stream.word[2] = UINT64_MAX;
    stream.word[3] = UINT64_C(1) << 63;
    assert_true(rng_uniform(&stream) == 0x1p-53);
    assert_true(rng_uniform(&stream) == 1 - 0x1p-53);
    assert_true(rng_uniform(&stream) == 0.5 + 0x1p-53);
}

/* Cells of one number, cells of successive pairs, and first numbers of successive
   blocks: one chi-square each. */
static void uniform(void **state)
{
    (void)state;
    enum { N = 1 << 20, CELLS = 256, SIDE = 16 };
    double single[CELLS] = {0}, pair[SIDE * SIDE] = {0}, first[CELLS] = {0};
    struct rng_stream stream, one;
    rng_start(&stream, 4711, RNG_WALKS, 0, 0);
    double sum = 0;
    for (int i = 0; i < N; i++) {
        double u = rng_uniform(&stream), v = rng_uniform(&stream);
        assert_true(u > 0 && u < 1 && v > 0 && v < 1);
        sum += u;
        single[(int)(CELLS * u)]++;
        pair[(int)(SIDE * u) * SIDE + (int)(SIDE * v)]++;
    }
    for (uint64_t block = 0; block < 1 << 16; block++) {
        rng_start(&one, 4711, RNG_WALKS, block >> 8, block & 255);
        first[(int)(CELLS * rng_uniform(&one))]++;
    }
    struct {
        const double *count;
        double expected;
    } families[] = {
        {single, (double)N / CELLS},
        {pair, (double)N / (SIDE * SIDE)},
        {first, 65536.0 / CELLS},
    };
    for (size_t f = 0; f < 3; f++) {
        double chi2 = 0;
        for (int i = 0; i < CELLS; i++)
            chi2 += pow(families[f].count[i] - families[f].expected, 2) /
                    families[f].expected;
        double p = gsl_cdf_chisq_Q(chi2, CELLS - 1);
        if (p < 1e-4 || p > 1 - 1e-4)
            fail_msg("family %zu: chi2 = %g, p = %g", f, chi2, p);
    }
    double z = (sum / N - 0.5) * sqrt(12.0 * N);
    assert_true(fabs(z) < 4);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers), cmocka_unit_test(mapping),
        cmocka_unit_test(disjoint),      cmocka_unit_test(restarted),
        cmocka_unit_test(never_an_end),  cmocka_unit_test(uniform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
