/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Workers without a task help those that have one, and come back for the next. */
#include "fwtest.h"

#include "pool/pool.h"
#include "util/clock.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

enum { TASKS_MAX = 16, SLOT_BYTES = 64, WORKERS_MAX = 8 };

/* In shared memory. */
struct traces {
    _Atomic int helps, came_back, strange;
    _Atomic int of_task[TASKS_MAX]; /* helpers that a task had */
    _Atomic int runs[TASKS_MAX];
};

struct script {
    struct traces *traces;
    useconds_t task_us[TASKS_MAX];
    int dies_at_first; /* 1 + the task whose first worker dies halfway */
    int helper_deaths; /* so many first helps end in death */
    bool refuses;
    /* observations */
    unsigned attempts[TASKS_MAX], lost;
    int buried[WORKERS_MAX];
    int feed;
    size_t told;
};

static struct script *new_script(void)
{
    struct script *script = calloc(1, sizeof *script);
    struct arena *arena = arena_create(1, sizeof *script->traces, NULL);
    assert_non_null(script);
    assert_non_null(arena); /* never unmapped */
    script->traces = arena_slot(arena, 0);
    return script;
}

static void run(void *context, void *state, size_t task, void *slot)
{
    struct script *script = context;
    struct traces *traces = script->traces;
    (void)state;
    atomic_store((_Atomic uint64_t *)slot, 1 + task);
    int before = atomic_fetch_add(&traces->runs[task], 1);
    usleep(script->task_us[task] / 2);
    if (before == 0 && script->dies_at_first == 1 + (int)task)
        raise(SIGKILL);
    usleep(script->task_us[task] / 2);
}

static bool help(void *context, void *state, const struct pool_help *help)
{
    struct script *script = context;
    struct traces *traces = script->traces;
    (void)state;
    int before = atomic_fetch_add(&traces->helps, 1);
    if (help->self == help->owner || help->self >= WORKERS_MAX)
        atomic_fetch_add(&traces->strange, 1);
    if (before < script->helper_deaths)
        raise(SIGKILL);
    if (script->refuses)
        return false;
    /* It may be here before the owner is. */
    uint64_t task;
    while ((task = atomic_load((_Atomic uint64_t *)help->slot)) == 0 &&
           !pool_called(help))
        usleep(500);
    if (task > 0)
        atomic_fetch_add(&traces->of_task[task - 1], 1);
    while (!pool_called(help))
        usleep(500);
    atomic_fetch_add(&traces->came_back, 1);
    return true;
}

static void ended(void *context, const struct task_end *end)
{
    struct script *script = context;
    script->attempts[end->task] = end->attempts;
    script->lost += end->outcome == TASK_LOST;
}

static void died(void *context, unsigned worker)
{
    ((struct script *)context)->buried[worker]++;
}

static struct pool_report run_script(struct script *script, unsigned n_workers,
                                     size_t n_tasks, const struct pool_feed *feed)
{
    struct pool_report report;
    struct err err = {0};
    struct pool_job job = {
        .n_workers = n_workers,
        .slots_each = POOL_SLOTS_MAX,
        .n_tasks = n_tasks,
        .feed = feed,
        .retries = 2,
        .context = script,
        .run_task = run,
        .help_task = help,
        .task_ended = ended,
        .worker_died = died,
        .arena = arena_create(POOL_SLOTS_MAX * n_workers, SLOT_BYTES, NULL),
    };
    assert_non_null(job.arena);
    alarm(20);
    assert_int_equal(pool_run(&job, &report, &err), 0);
    arena_destroy(job.arena);
    assert_int_equal(script->lost, 0);
    assert_int_equal(script->traces->strange, 0);
    return report;
}

static void test_idle_workers_help(void **state)
{
    (void)state;
    struct script *script = new_script();
    script->task_us[0] = script->task_us[1] = 150000;
    struct pool_report report = run_script(script, 6, 2, NULL);
    assert_int_equal(report.workers_started, 6);
    assert_int_equal(report.workers_replaced, 0);
    /* Two each, if all begin alike; those of the task that ends first may go over. */
    assert_in_range(script->traces->of_task[0] + script->traces->of_task[1], 4, 8);
    assert_in_range(script->traces->of_task[0], 1, 5);
    assert_in_range(script->traces->of_task[1], 1, 5);
    free(script);
}

/* Who has helped one is free for the next: the long task gets all hands in the end. */
static void test_the_last_task_gets_all_hands(void **state)
{
    (void)state;
    struct script *script = new_script();
    for (int t = 0; t < 3; t++)
        script->task_us[t] = 40000;
    script->task_us[3] = 250000;
    run_script(script, 4, 4, NULL);
    assert_int_equal(script->traces->of_task[3], 3);
    free(script);
}

static void test_short_tasks_are_left_alone(void **state)
{
    (void)state;
    struct script *script = new_script();
    for (int t = 0; t < TASKS_MAX; t++)
        script->task_us[t] = 200;
    run_script(script, 2, TASKS_MAX, NULL);
    assert_in_range(script->traces->helps, 0, 3); /* on a machine that is busy */
    free(script);
}

static void test_deaths_of_helpers_do_not_count(void **state)
{
    (void)state;
    struct script *script = new_script();
    script->task_us[0] = 200000;
    script->helper_deaths = 2;
    struct pool_report report = run_script(script, 2, 1, NULL);
    assert_int_equal(script->attempts[0], 1);
    assert_int_equal(report.workers_replaced, 2);
    assert_int_equal(script->buried[0] + script->buried[1], 2);
    assert_int_equal(script->traces->of_task[0], 1);
    /* One that dies of it again and again is not replaced any more. */
    struct script *worse = new_script();
    worse->task_us[0] = 200000;
    worse->helper_deaths = 99;
    report = run_script(worse, 2, 1, NULL);
    assert_int_equal(worse->traces->helps, 3);
    assert_int_equal(worse->attempts[0], 1);
    free(script);
    free(worse);
}

static void test_who_cannot_is_not_asked_again(void **state)
{
    (void)state;
    struct script *script = new_script();
    script->task_us[0] = script->task_us[1] = script->task_us[2] = 60000;
    script->refuses = true;
    run_script(script, 2, 3, NULL);
    assert_in_range(script->traces->helps, 1, 2);
    free(script);
}

/* The task of a worker that died goes to a helper, or its replacement is helped. */
static void test_deaths_of_owners(void **state)
{
    (void)state;
    struct script *script = new_script();
    script->task_us[0] = 100000;
    script->dies_at_first = 1;
    run_script(script, 3, 1, NULL);
    assert_int_equal(script->attempts[0], 2);
    assert_int_equal(script->traces->runs[0], 2);
    assert_true(script->traces->of_task[0] >= 3);
    free(script);
}

static int more(void *context, size_t *n_tasks)
{
    struct script *script = context;
    char bytes[16];
    ssize_t got = read(script->feed, bytes, sizeof bytes);
    script->told += got > 0 ? (size_t)got : 0;
    *n_tasks = script->told;
    return got > 0;
}

/* Tasks of a feed that come while there is help take the helpers away. */
static void test_new_tasks_call_helpers_back(void **state)
{
    (void)state;
    struct script *script = new_script();
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    script->feed = ends[0];
    const struct pool_feed feed = {.fd = ends[0], .more = more};
    script->task_us[0] = 400000;
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 4; i++) {
            if (write(ends[1], "x", 1) != 1)
                _exit(1);
            usleep(60000);
        }
        _exit(0);
    }
    close(ends[1]);
    double begun = clock_seconds();
    run_script(script, 2, 0, &feed);
    assert_true(clock_seconds() - begun < 1);
    assert_int_equal(script->told, 4);
    for (int t = 0; t < 4; t++)
        assert_int_equal(script->traces->runs[t], 1);
    /* Called back three times at least, and each time it helped again. */
    assert_true(script->traces->of_task[0] >= 3);
    assert_true(script->traces->came_back >= 3);
    close(ends[0]);
    free(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_idle_workers_help),
        cmocka_unit_test(test_the_last_task_gets_all_hands),
        cmocka_unit_test(test_short_tasks_are_left_alone),
        cmocka_unit_test(test_deaths_of_helpers_do_not_count),
        cmocka_unit_test(test_who_cannot_is_not_asked_again),
        cmocka_unit_test(test_deaths_of_owners),
        cmocka_unit_test(test_new_tasks_call_helpers_back),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("pool-help", tests, NULL, NULL);
}
