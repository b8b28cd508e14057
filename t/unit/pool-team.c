/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thread teams: everybody works once, and an ordered fold does not know the team. */
#include "fwtest.h"

#include "pool/team.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum { MAX_THREADS = 64 };

static struct team *make_team(unsigned n)
{
    struct err err = {0};
    struct team *team = team_create(n, &err);
    assert_non_null(team);
    assert_int_equal(team_size(team), n);
    return team;
}

/* ---- team_run ---- */

struct roll {
    atomic_int calls[MAX_THREADS];
    pthread_t who[MAX_THREADS];
    atomic_int unblocked;
};

static void answer_roll(void *context, unsigned thread)
{
    struct roll *roll = context;
    sigset_t mask;
    if (thread >= MAX_THREADS)
        abort(); /* cmocka's assertions are for the main thread */
    atomic_fetch_add(&roll->calls[thread], 1);
    roll->who[thread] = pthread_self();
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    if (!sigismember(&mask, SIGINT) || !sigismember(&mask, SIGTERM))
        atomic_fetch_add(&roll->unblocked, 1);
}

static void test_run_calls_each_thread_once(void **state)
{
    (void)state;
    static const unsigned sizes[] = {1, 2, 3, 8, MAX_THREADS};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        unsigned size = sizes[s];
        struct team *team = make_team(size);
        for (int turn = 1; turn <= 50; turn++) {
            struct roll roll = {0};
            team_run(team, answer_roll, &roll);
            for (unsigned i = 0; i < MAX_THREADS; i++)
                assert_int_equal(roll.calls[i], i < size);
            assert_true(pthread_equal(roll.who[0], pthread_self()));
            for (unsigned i = 1; i < size; i++)
                assert_false(pthread_equal(roll.who[i], roll.who[i - 1]));
            assert_int_equal(roll.unblocked, 1); /* the caller's own mask stays */
        }
        team_destroy(team);
    }
}

static void test_destroy_takes_null_and_idle_teams(void **state)
{
    (void)state;
    team_destroy(NULL);
    for (int turn = 0; turn < 100; turn++)
        team_destroy(make_team(4));
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void test_idle_threads_sleep(void **state)
{
    (void)state;
    struct team *team = make_team(4);
    double before = cpu_seconds();
    usleep(200000);
    assert_true(cpu_seconds() - before < 0.1);
    team_destroy(team);
}

/* ---- team_ordered ---- */

/* Bounded: blocks in flight are counted by map and fold. */
struct sum {
    double total;
    uint64_t next;         /* the block fold has to see next */
    uint64_t stop_after;   /* UINT64_MAX: never */
    atomic_ullong folded;  /* as seen by map */
    atomic_ullong ahead;   /* most blocks that map was ahead of fold */
    atomic_int in_fold;    /* must never be more than one */
    atomic_int violations; /* of order, exclusiveness or cleanliness */
    atomic_int mapped_after_stop;
    atomic_int stopped;
    unsigned uneven; /* makes some blocks slow */
    bool slow_fold;
};

struct sum_result {
    double value;
    uint64_t block;
    unsigned char pad[40];
};

static void sum_map(void *context, unsigned thread, uint64_t block, void *result)
{
    struct sum *sum = context;
    struct sum_result *out = result;
    (void)thread;
    if (atomic_load(&sum->stopped))
        atomic_fetch_add(&sum->mapped_after_stop, 1);
    unsigned long long ahead = block - atomic_load(&sum->folded);
    unsigned long long most = atomic_load(&sum->ahead);
    while ((long long)ahead > (long long)most &&
           !atomic_compare_exchange_weak(&sum->ahead, &most, ahead))
        ;
    if (out->value != 0 || out->block != 0 || out->pad[39] != 0)
        atomic_fetch_add(&sum->violations, 1);
    /* Values whose sum depends on the order of the additions. */
    volatile double value = 1.0 / (double)(block % 1000 + 1);
    unsigned turns =
        sum->uneven ? (unsigned)(block * 2654435761u % 7) * sum->uneven : 0;
    for (unsigned i = 0; i < turns; i++)
        value = value + 1e-9;
    out->value = value * (block % 3 ? 1e-7 : 1e3);
    out->block = block;
    out->pad[39] = 1;
}

static int sum_fold(void *context, uint64_t block, const void *result)
{
    struct sum *sum = context;
    const struct sum_result *in = result;
    if (atomic_fetch_add(&sum->in_fold, 1) != 0 || block != sum->next ||
        in->block != block)
        atomic_fetch_add(&sum->violations, 1);
    sum->next = block + 1;
    sum->total += in->value;
    if (sum->slow_fold)
        usleep(300);
    atomic_store(&sum->folded, block + 1);
    atomic_fetch_sub(&sum->in_fold, 1);
    if (block != sum->stop_after)
        return 0;
    atomic_store(&sum->stopped, 1);
    return 1;
}

static const struct ordered sum_ordered = {
    .result_bytes = sizeof(struct sum_result), .map = sum_map, .fold = sum_fold};

static uint64_t run_sum(unsigned threads, struct sum *sum, uint64_t n_blocks)
{
    struct team *team = make_team(threads);
    struct err err = {0};
    uint64_t folded = UINT64_MAX;
    assert_int_equal(team_ordered(team, &sum_ordered, sum, n_blocks, &folded, &err), 0);
    assert_int_equal(sum->violations, 0);
    assert_int_equal(folded, sum->next);
    /* The one that claims may be a step ahead of what map read. */
    assert_true(sum->ahead <= (unsigned long long)TEAM_AHEAD * threads + 1);
    team_destroy(team);
    return folded;
}

static void test_sums_do_not_depend_on_size(void **state)
{
    (void)state;
    static const uint64_t counts[] = {0, 1, 2, 7, 33, 2000};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        struct sum alone = {.stop_after = UINT64_MAX};
        assert_int_equal(run_sum(1, &alone, counts[c]), counts[c]);
        for (unsigned threads = 2; threads <= 8; threads++) {
            struct sum sum = {.stop_after = UINT64_MAX, .uneven = 300};
            struct sum same = {.stop_after = UINT64_MAX, .uneven = 300};
            assert_int_equal(run_sum(threads, &sum, counts[c]), counts[c]);
            run_sum(1, &same, counts[c]);
            assert_memory_equal(&sum.total, &same.total, sizeof sum.total);
        }
    }
}

static void test_stop_ends_at_a_prefix(void **state)
{
    (void)state;
    static const uint64_t stops[] = {0, 1, 5, 31, 32, 33, 500};
    for (size_t s = 0; s < sizeof stops / sizeof *stops; s++) {
        struct sum alone = {.stop_after = stops[s]};
        assert_int_equal(run_sum(1, &alone, UINT64_C(1) << 40), stops[s] + 1);
        for (unsigned threads = 2; threads <= 8; threads += 3) {
            struct sum sum = {.stop_after = stops[s]};
            assert_int_equal(run_sum(threads, &sum, UINT64_C(1) << 40), stops[s] + 1);
            assert_memory_equal(&sum.total, &alone.total, sizeof sum.total);
            /* Begun before the folder had the lock again; the window bounds them. */
            assert_true(sum.mapped_after_stop <= TEAM_AHEAD * (int)threads);
        }
    }
}

static void test_last_block_may_stop_too(void **state)
{
    (void)state;
    struct sum sum = {.stop_after = 99};
    assert_int_equal(run_sum(3, &sum, 100), 100);
}

static void test_slow_fold_bounds_the_window(void **state)
{
    (void)state;
    struct sum sum = {.stop_after = UINT64_MAX, .slow_fold = true};
    assert_int_equal(run_sum(4, &sum, 300), 300);
    assert_true(sum.ahead >= 4); /* the window was used, and run_sum saw its bound */
}

static void test_more_threads_than_cores(void **state)
{
    (void)state;
    struct sum alone = {.stop_after = UINT64_MAX}, sum = {.stop_after = UINT64_MAX};
    run_sum(1, &alone, 3000);
    run_sum(MAX_THREADS, &sum, 3000);
    assert_memory_equal(&sum.total, &alone.total, sizeof sum.total);
}

static void test_one_team_serves_many_calls(void **state)
{
    (void)state;
    struct team *team = make_team(3);
    for (uint64_t n = 0; n < 200; n++) {
        struct sum sum = {.stop_after = n % 3 ? UINT64_MAX : n / 2};
        uint64_t folded;
        assert_int_equal(team_ordered(team, &sum_ordered, &sum, n, &folded, NULL), 0);
        assert_int_equal(folded, n % 3 || n == 0 ? n : n / 2 + 1);
        assert_int_equal(sum.violations, 0);
    }
    team_destroy(team);
}

static void test_impossible_window_is_an_error(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 2; threads++) {
        struct team *team = make_team(threads);
        struct ordered ordered = sum_ordered;
        struct sum sum = {0};
        struct err err = {0};
        uint64_t folded = 7;
        ordered.result_bytes = SIZE_MAX - 10;
        assert_int_equal(team_ordered(team, &ordered, &sum, 5, &folded, &err), -1);
        assert_int_equal(err.code, ERR_RUNTIME);
        assert_int_equal(folded, 0);
        team_destroy(team);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run_calls_each_thread_once),
        cmocka_unit_test(test_destroy_takes_null_and_idle_teams),
        cmocka_unit_test(test_idle_threads_sleep),
        cmocka_unit_test(test_sums_do_not_depend_on_size),
        cmocka_unit_test(test_stop_ends_at_a_prefix),
        cmocka_unit_test(test_last_block_may_stop_too),
        cmocka_unit_test(test_slow_fold_bounds_the_window),
        cmocka_unit_test(test_more_threads_than_cores),
        cmocka_unit_test(test_one_team_serves_many_calls),
        cmocka_unit_test(test_impossible_window_is_an_error),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("pool-team", tests, NULL, NULL);
}
