/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same bits whichever instruction set walks, whichever thread, in whatever order.
 */
#include "simd-same.h"

#include <pthread.h>

static void instruction_sets_agree(void **state)
{
    (void)state;
    const struct simd_table *table[SIMD_TABLES_MAX];
    const struct simd_walk_kernel *single[SIMD_TABLES_MAX], *twice[SIMD_TABLES_MAX];
    const char *name[SIMD_TABLES_MAX];
    int n = simd_tables(table);
    assert_true(n >= 1 && n <= SIMD_TABLES_MAX);
    for (int i = 0; i < n; i++) {
        name[i] = table[i]->name;
        single[i] = table[i]->walk_f32;
        twice[i] = table[i]->walk_f64;
        print_message("# %s\n", name[i]);
    }
    same_check(single, name, n);
    same_check(twice, name, n);
}

static void environment_chooses(void **state)
{
    (void)state;
    static const char variable[] = "FRAMEWALK_ISA";
    const struct simd_table *table[SIMD_TABLES_MAX];
    int n = simd_tables(table);
    struct err err = {0};
    const char *given = getenv(variable);
    char *saved = given ? strdup(given) : NULL;
    assert_string_equal(table[n - 1]->name, "baseline");
    for (int i = 0; i < n; i++) {
        setenv(variable, table[i]->name, 1);
        assert_ptr_equal(simd_choose(&err), table[i]);
    }
    setenv(variable, "", 1);
    assert_ptr_equal(simd_choose(&err), table[0]);
    static const char *const wrong[] = {"x86-64-v5", "BASELINE", "base", "baseline "};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        setenv(variable, wrong[i], 1);
        err = (struct err){0};
        assert_null(simd_choose(&err));
        assert_int_equal(err.code, ERR_USAGE);
        assert_non_null(strstr(err.text, wrong[i]));
        assert_null(simd_choose(NULL));
    }
    unsetenv(variable);
    assert_ptr_equal(simd_choose(&err), table[0]);
    if (saved)
        setenv(variable, saved, 1);
    free(saved);
}

enum { BLOCKS = 6, THREADS = 2 };

static const struct simd_walk_kernel *narrow_or_wide(bool is_double)
{
    const struct simd_table *table[SIMD_TABLES_MAX];
    simd_tables(table);
    return is_double ? table[0]->walk_f64 : table[0]->walk_f32;
}

/* Blocks forwards, and backwards after another body. */
static void order_does_not_matter(void **state)
{
    (void)state;
    static struct walk_hits expected[BLOCKS], hits;
    struct simd_body body = {0}, other = {0};
    simd_body_chain(&body, 500, 94);
    simd_body_ring(&other);
    for (int is_double = 0; is_double < 2; is_double++) {
        const struct simd_walk_kernel *kernel = narrow_or_wide(is_double);
        struct simd_walker *walker = simd_walker_of(kernel, &body, 1);
        for (unsigned i = 0; i < BLOCKS; i++)
            simd_walk_block(kernel, walker, 0, 0, i, 400, &expected[i]);
        kernel->destroy(walker);
        walker = simd_walker_of(kernel, &other, 3);
        simd_walk_block(kernel, walker, 2, 0, 0, HYDRO_BLOCK, &hits);
        assert_int_equal(
            kernel->set(walker, &body.balls, NULL, body.launch_radius, body.skin, NULL),
            0);
        for (unsigned i = BLOCKS; i-- > 0;) {
            simd_walk_block(kernel, walker, i % 3, 0, i, 400, &hits);
            assert_true(simd_same_hits(&hits, &expected[i]));
        }
        kernel->destroy(walker);
    }
    simd_body_fini(&body);
    simd_body_fini(&other);
}

/* What a thread has to walk: every second block, of cells that the other one makes at
   the same time. */
struct task {
    const struct simd_walk_kernel *kernel;
    struct simd_walker *walker;
    pthread_barrier_t *start;
    unsigned thread;
    struct walk_hits *hits; /* BLOCKS */
};

static void *work(void *context)
{
    const struct task *task = context;
    pthread_barrier_wait(task->start);
    for (unsigned i = task->thread; i < BLOCKS; i += THREADS)
        simd_walk_block(task->kernel, task->walker, task->thread, 0, i, 500,
                        &task->hits[i]);
    return NULL;
}

static void walk_in_threads(const struct simd_walk_kernel *kernel,
                            struct simd_walker *walker, struct walk_hits *hits)
{
    pthread_t thread[THREADS];
    struct task task[THREADS];
    pthread_barrier_t start;
    assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        task[i] = (struct task){kernel, walker, &start, i, hits};
        assert_int_equal(pthread_create(&thread[i], NULL, work, &task[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    pthread_barrier_destroy(&start);
}

/* Threads that share a walker and fill its cells at the same time. */
static void threads_agree(void **state)
{
    (void)state;
    enum { ROUNDS = 8 };
    static struct walk_hits expected[BLOCKS], hits[BLOCKS];
    struct simd_body body = {0};
    for (int round = 0; round < ROUNDS; round++) {
        const struct simd_walk_kernel *kernel = narrow_or_wide(round % 2);
        if (round % 4 < 2)
            simd_body_chain(&body, 300 + 400 * (size_t)round, 95 + (uint64_t)round);
        else
            same_body(7, &body); /* long lists */
        struct simd_walker *walker = simd_walker_of(kernel, &body, 1);
        for (unsigned i = 0; i < BLOCKS; i++)
            simd_walk_block(kernel, walker, 0, 0, i, 500, &expected[i]);
        kernel->destroy(walker);
        walker = simd_walker_of(kernel, &body, THREADS);
        walk_in_threads(kernel, walker, hits);
        for (unsigned i = 0; i < BLOCKS; i++)
            assert_true(simd_same_hits(&hits[i], &expected[i]));
        kernel->destroy(walker);
        simd_body_fini(&body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instruction_sets_agree),
        cmocka_unit_test(environment_chooses),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(threads_agree),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("simd-dispatch", tests, NULL, NULL);
}
