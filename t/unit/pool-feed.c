/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tasks whose number is not known beforehand. */
#include "fwtest.h"

#include "pool/pool.h"

#include <fcntl.h>
#include <sys/wait.h>

enum { MAX_TASKS = 1000 };

struct script {
    int fd; /* a byte for each task */
    struct pool_feed feed;
    size_t told, ended, stop_after;
    size_t
        passes; /* each task whose number is so many times another has ended before */
    int done[MAX_TASKS];
};

static void run_task(void *context, void *state, size_t task, void *slot)
{
    struct script *script = context;
    (void)state;
    uint64_t *answer = slot;
    *answer = task * task;
    /* The parent's end is not here, or there would never be an end of file. */
    if (fcntl(script->fd, F_GETFD) >= 0)
        *answer = UINT64_MAX;
    if (task == 7 && answer[1]++ == 0)
        abort();
}

static void task_ended(void *context, const struct task_end *end)
{
    struct script *script = context;
    assert_int_equal(end->outcome, TASK_DONE);
    assert_true(end->task < script->told);
    assert_true(*(const uint64_t *)end->slot == end->task * end->task);
    assert_true(end->task == 7 ? end->attempts > 1 : end->attempts == 1);
    script->done[end->task]++;
    script->ended++;
}

static int tick(void *context)
{
    const struct script *script = context;
    return script->stop_after && script->ended >= script->stop_after;
}

static int more(void *context, size_t *n_tasks)
{
    struct script *script = context;
    char bytes[16];
    ssize_t got = read(script->fd, bytes, sizeof bytes);
    assert_true(got >= 0);
    script->told += (size_t)got;
    *n_tasks = script->told;
    return got > 0;
}

static bool ended_before(void *context, size_t task)
{
    return task % ((const struct script *)context)->passes == 0;
}

/* Runs n tasks that come in bursts; with `stop_after`, the feed does not end. */
static struct pool_report run(struct script *script, size_t n, unsigned workers,
                              useconds_t pause_us)
{
    int ends[2];
    struct pool_report report;
    struct err err = {0};
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        for (size_t i = 0; i < n; i++) {
            if (write(ends[1], "x", 1) != 1)
                break;
            if (i % 13 == 0)
                usleep(pause_us);
        }
        while (script->stop_after)
            usleep(100000);
        _exit(0);
    }
    close(ends[1]);
    script->fd = ends[0];
    struct arena *arena = arena_create(POOL_SLOTS_MAX * workers, 64, NULL);
    script->feed = (struct pool_feed){
        .fd = ends[0], .more = more, .has_ended = script->passes ? ended_before : NULL};
    struct pool_job job = {
        .n_workers = workers,
        .slots_each = POOL_SLOTS_MAX,
        .feed = &script->feed,
        .retries = 5, /* each worker dies of task 7 once */
        .arena = arena,
        .context = script,
        .run_task = run_task,
        .task_ended = task_ended,
        .tick = tick,
    };
    assert_int_equal(pool_run(&job, &report, &err), 0);
    arena_destroy(arena);
    close(ends[0]);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    return report;
}

static void test_all(void **state)
{
    static const size_t counts[] = {0, 1, 2, 50, MAX_TASKS};
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (unsigned workers = 1; workers <= 3; workers += 2) {
            struct script *script = calloc(1, sizeof *script);
            struct pool_report report = run(script, counts[i], workers, 500);
            assert_int_equal(report.tasks_ended, counts[i]);
            assert_int_equal(report.stopped, 0);
            assert_true((report.workers_replaced > 0) == (counts[i] > 7));
            for (size_t task = 0; task < counts[i]; task++)
                assert_int_equal(script->done[task], 1);
            free(script);
        }
}

static void test_tasks_that_have_ended_before(void **state)
{
    static const size_t passes[] = {1, 2, 3, MAX_TASKS};
    (void)state;
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
        struct script *script = calloc(1, sizeof *script);
        script->passes = passes[i];
        struct pool_report report = run(script, 100, 2, 500);
        assert_int_equal(report.tasks_ended, 100);
        for (size_t task = 0; task < 100; task++)
            assert_int_equal(script->done[task], task % passes[i] != 0);
        free(script);
    }
}

static void test_stop(void **state)
{
    (void)state;
    struct script *script = calloc(1, sizeof *script);
    script->stop_after = 5;
    struct pool_report report = run(script, 100, 2, 1000);
    assert_int_equal(report.stopped, 1);
    assert_true(report.tasks_ended >= 5 && report.tasks_ended < 100);
    free(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_tasks_that_have_ended_before),
        cmocka_unit_test(test_stop),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
