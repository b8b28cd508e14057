/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The random rows of the lanes; simd-random-f64.c compiles this for double. */
#include "simd/random.h"

#include "dice.h"
#include "fwtest.h"

/* Philox4x32-10 written down a second time, from the paper's equations: multipliers and
   Weyl constants of its table 2 and section 4.3. */
static void philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c[4], k[2] = {key[0], key[1]};
    memcpy(c, counter, sizeof c);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)UINT32_C(0xD2511F53) * c[0],
                 p1 = (uint64_t)UINT32_C(0xCD9E8D57) * c[2];
        uint32_t next[4] = {(uint32_t)(p1 >> 32) ^ c[1] ^ k[0], (uint32_t)p1,
                            (uint32_t)(p0 >> 32) ^ c[3] ^ k[1], (uint32_t)p0};
        memcpy(c, next, sizeof c);
        k[0] += UINT32_C(0x9E3779B9);
        k[1] += UINT32_C(0xBB67AE85);
    }
    memcpy(out, c, sizeof c);
}

/* Known answers of the Random123 distribution (kat_vectors): zeros, ones, digits of pi.
 */
static void known_answers(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } cases[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX},
         {UINT32_MAX, UINT32_MAX},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t out[4];
        philox(cases[i].counter, cases[i].key, out);
        assert_memory_equal(out, cases[i].out, sizeof out);
        /* The same through the rows: lane 0 of the first draw from that counter. */
        struct random_rows random;
        random_start(&random, cases[i].key[0] | (uint64_t)cases[i].key[1] << 32,
                     RNG_WALKS, 0, 0);
        memcpy(random.counter, cases[i].counter, sizeof random.counter);
        for (int k = 0; k < 4; k++)
            assert_true(random_row(&random)[0] == out[k]);
    }
}

/* Rows against the counters that random.h promises, through several draws. */
static void rows_have_their_counters(void **state)
{
    (void)state;
    static const uint64_t seeds[] = {0, 1, UINT64_C(0xfedcba9876543210), UINT64_MAX};
    static const uint64_t blocks[] = {0, 7, UINT32_MAX, UINT64_C(1) << 32,
                                      (UINT64_C(1) << 56) - 1};
    static const uint64_t frames[] = {0, 3, UINT32_MAX};
    static const enum rng_purpose purposes[] = {RNG_WALKS, RNG_INTERIOR, RNG_SURFACE,
                                                RNG_PILOT};
    for (int i = 0; i < 4 * 5 * 3 * 4; i++) {
        uint64_t seed = seeds[i % 4], block = blocks[i / 4 % 5],
                 frame = frames[i / 20 % 3];
        enum rng_purpose purpose = purposes[i / 60];
        const uint32_t key[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
        struct random_rows random;
        random_start(&random, seed, purpose, frame, block);
        for (uint32_t draw = 0; draw < 5; draw++)
            for (int k = 0; k < RANDOM_ROWS; k++) {
                const uint32_t *row = random_row(&random);
                for (uint32_t lane = 0; lane < BATCH; lane++) {
                    uint32_t out[4];
                    const uint32_t counter[4] = {draw,
                                                 lane + 16 * (uint32_t)purpose +
                                                     256 * (uint32_t)(block >> 32),
                                                 (uint32_t)block, (uint32_t)frame};
                    philox(counter, key, out);
                    assert_true(row[lane] == out[k]);
                }
            }
    }
}

/* A row stays for RANDOM_ROWS more calls, which code relies on that draws several
   numbers before it uses the first. */
static void rows_stay(void **state)
{
    (void)state;
    struct random_rows random;
    random_start(&random, 5, RNG_PILOT, 1, 2);
    const uint32_t *row[RANDOM_ROWS + 1];
    uint32_t copy[RANDOM_ROWS + 1][BATCH];
    for (int i = 0; i < 64; i++) {
        row[i % (RANDOM_ROWS + 1)] = random_row(&random);
        memcpy(copy[i % (RANDOM_ROWS + 1)], row[i % (RANDOM_ROWS + 1)], sizeof *copy);
        for (int k = 0; k <= RANDOM_ROWS && i >= RANDOM_ROWS; k++)
            assert_memory_equal(row[k], copy[k], sizeof *copy);
    }
}

static int compare_counters(const void *a, const void *b)
{
    return memcmp(a, b, 4 * sizeof(uint32_t));
}

/* The counters of lane 0 and the bits that a lane adds; all streams together have no
   counter twice. */
static void streams_are_disjoint(void **state)
{
    (void)state;
    enum { PURPOSES = 4, FRAMES = 3, BLOCKS = 5, DRAWS = 3 };
    enum { ALL = PURPOSES * FRAMES * BLOCKS * DRAWS * BATCH };
    static const uint64_t blocks[BLOCKS] = {0, 1, 2, UINT64_C(1) << 32,
                                            UINT64_C(3) << 32 | 1};
    static uint32_t counter[ALL][4];
    static const enum rng_purpose purposes[PURPOSES] = {RNG_WALKS, RNG_INTERIOR,
                                                        RNG_SURFACE, RNG_PILOT};
    size_t n = 0;
    for (int p = 0; p < PURPOSES; p++)
        for (uint64_t frame = 0; frame < FRAMES; frame++)
            for (int b = 0; b < BLOCKS; b++) {
                struct random_rows random;
                random_start(&random, 9, purposes[p], frame, blocks[b]);
                for (int draw = 0; draw < DRAWS; draw++) {
                    for (uint32_t lane = 0; lane < BATCH; lane++, n++) {
                        assert_int_equal(random.counter[1] & (BATCH - 1), 0);
                        memcpy(counter[n], random.counter, sizeof *counter);
                        counter[n][1] |= lane;
                    }
                    for (int k = 0; k < RANDOM_ROWS; k++)
                        random_row(&random);
                }
            }
    assert_int_equal(n, ALL);
    qsort(counter, n, sizeof *counter, compare_counters);
    for (size_t i = 1; i < n; i++)
        assert_true(compare_counters(counter[i - 1], counter[i]) != 0);
}

/* One number of a stream made by hand. */
static void set_words(struct random_draw *draw, word *storage, const word *from)
{
    memcpy(storage, from, BATCH * sizeof(word));
#if VEC_REAL == 32
    draw->row = storage;
#else
    memcpy(draw->row, storage, sizeof draw->row);
#endif
}

static const word all_ones = (word)-1;

static void uniform_is_within(void **state)
{
    (void)state;
    const double cell = VEC_REAL == 32 ? 0x1p-23 : 0x1p-52;
    struct dice dice = {71};
    for (int i = 0; i < 20000; i++) {
        word words[BATCH], storage[BATCH];
        struct random_draw draw;
        for (int k = 0; k < BATCH; k++)
            words[k] = (word)dice_bits(&dice);
        words[0] = 0;
        words[1] = all_ones;
        set_words(&draw, storage, words);
        for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
            vreal u = random_uniform(&draw, g);
            for (unsigned k = 0; k < VEC_LANES; k++) {
                double at = (double)(words[g + k] >> (VEC_REAL - RANDOM_BITS));
                assert_true((double)u[k] == (at + 0.5) * cell);
            }
        }
    }
    /* The extremes are exact: half a cell from 0 and from 1. */
    word words[BATCH] = {0, all_ones}, storage[BATCH];
    struct random_draw draw;
    set_words(&draw, storage, words);
    vreal u = random_uniform(&draw, 0);
    assert_true((double)u[0] == 0.5 * cell && u[0] > 0);
    assert_true((double)u[1] == 1 - 0.5 * cell && u[1] < 1);
}

/* Sine and cosine of the angle that the word means: an eighth of the circle to each
   side of 0, by the high bits, then mirrored by the three low ones. */
static void check_turn(word bits, double sine, double cosine)
{
    const double tolerance = VEC_REAL == 32 ? 1.2e-7 : 2.3e-16;
    const double cell = VEC_REAL == 32 ? 0x1p-23 : 0x1p-52;
    double high = (double)(bits >> (VEC_REAL - RANDOM_BITS));
    double x = ((high + 0.5) * cell - 0.5) * M_PI_2;
    double s = bits & 1 ? cos(x) : sin(x), c = bits & 1 ? sin(x) : cos(x);
    s = bits & 2 ? -s : s;
    c = bits & 4 ? -c : c;
    if (!(fabs(sine - s) <= tolerance && fabs(cosine - c) <= tolerance))
        fail_msg("word %llx: %.9g %.9g, libm %.9g %.9g", (unsigned long long)bits, sine,
                 cosine, s, c);
    assert_true(fabs(sine * sine + cosine * cosine - 1) <= 2 * tolerance);
}

static void turn_is_libms(void **state)
{
    (void)state;
    struct dice dice = {72};
    for (int i = 0; i < 40000; i++) {
        word words[BATCH], storage[BATCH];
        struct random_draw draw;
        for (int k = 0; k < BATCH; k++)
            words[k] = (word)dice_bits(&dice);
        for (int k = 0; k < 8; k++) { /* both ends of each piece of the circle */
            words[k] = (word)k;
            words[8 + k] = all_ones - (word)k;
        }
        if (i % 2)
            for (int k = 0; k < BATCH; k++)
                words[k] = (word)dice_bits(&dice);
        set_words(&draw, storage, words);
        for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
            vreal sine, cosine;
            random_turn(&draw, g, &sine, &cosine);
            for (unsigned k = 0; k < VEC_LANES; k++)
                check_turn(words[g + k], (double)sine[k], (double)cosine[k]);
        }
    }
}

/* Means of the first harmonics of the angle (each has the variance 1 / 2) and of its
   correlation with the next uniform number: |mean| < 4.5 sigma, of 13 figures. */
static void turn_is_uniform(void **state)
{
    (void)state;
    enum { N = 1 << 20, HARMONICS = 6 };
    double sum[2 * HARMONICS] = {0}, joint = 0;
    struct random_rows random;
    random_start(&random, 73, RNG_WALKS, 0, 0);
    for (int i = 0; i < N / BATCH; i++) {
        struct random_draw turn, next;
        random_draw(&random, &turn);
        random_draw(&random, &next);
        for (unsigned g = 0; g < BATCH; g += VEC_LANES) {
            vreal sine, cosine, u = random_uniform(&next, g);
            random_turn(&turn, g, &sine, &cosine);
            for (unsigned k = 0; k < VEC_LANES; k++) {
                double c = (double)cosine[k], s = (double)sine[k], re = 1, im = 0;
                for (int h = 0; h < HARMONICS; h++) {
                    double was = re;
                    re = re * c - im * s;
                    im = was * s + im * c;
                    sum[2 * h] += re;
                    sum[2 * h + 1] += im;
                }
                joint += c * ((double)u[k] - 0.5);
            }
        }
    }
    for (int h = 0; h < 2 * HARMONICS; h++)
        assert_true(fabs(sum[h]) < 4.5 * sqrt(N / 2.0));
    assert_true(fabs(joint) < 4.5 * sqrt(N / 24.0));
}

/* Every bit of the words is even-handed: 4.5 sigma, of as many figures as bits. */
static void bits_are_fair(void **state)
{
    (void)state;
    enum { N = 1 << 16 };
    int count[VEC_REAL] = {0};
    struct random_rows random;
    random_start(&random, 74, RNG_WALKS, 1, 2);
    for (int i = 0; i < N / BATCH; i++) {
        struct random_draw draw;
        random_draw(&random, &draw);
        for (int k = 0; k < BATCH; k++)
            for (int b = 0; b < VEC_REAL; b++)
                count[b] += draw.row[k] >> b & 1;
    }
    for (int b = 0; b < VEC_REAL; b++)
        assert_true(fabs(count[b] - N / 2.0) < 4.5 * sqrt(N / 4.0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),     cmocka_unit_test(rows_have_their_counters),
        cmocka_unit_test(rows_stay),         cmocka_unit_test(streams_are_disjoint),
        cmocka_unit_test(uniform_is_within), cmocka_unit_test(turn_is_libms),
        cmocka_unit_test(turn_is_uniform),   cmocka_unit_test(bits_are_fair),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("simd-random", tests, NULL, NULL);
}
