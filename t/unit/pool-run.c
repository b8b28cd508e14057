/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pool of worker processes: every task once, deaths, stops, and nothing left. */
#include "fwtest.h"

#include "pool/pool.h"
#include "util/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

enum { MAX_TASKS = 20000, SLOT_BYTES = 64, ALL = -1 };

/* What a task writes into its slot. */
struct answer {
    uint64_t task, value, runs, state;
    pid_t pid;
};

/* In shared memory, so that workers can leave traces: atomics only. */
struct traces {
    _Atomic int runs[MAX_TASKS];
    _Atomic int begins, ends, odd_dispositions;
};

/* A test's instructions and what its callbacks saw. */
struct script {
    struct traces *traces;
    /* instructions: a task number or ALL, used where the action is not zero */
    int victim;
    int deaths;       /* the victim dies this often before it succeeds */
    int death_signal; /* 0: by _exit(7) */
    int begin_deaths; /* so many first worker_begins die */
    bool begin_fails;
    bool leave_sleeps;
    useconds_t task_us;
    size_t stop_after; /* tick stops once so many tasks ended; 0: never */
    volatile sig_atomic_t *raise_stop;
    /* observations */
    struct answer answers[MAX_TASKS];
    int outcomes[MAX_TASKS]; /* 0 or 1 + outcome */
    unsigned attempts[MAX_TASKS];
    char reason[128];
    size_t ended;
    unsigned ticks;
};

/* Too large for the stack. */
static struct script *new_script(void)
{
    struct script *script = calloc(1, sizeof *script);
    struct arena *arena = arena_create(1, sizeof *script->traces, NULL);
    assert_non_null(script);
    assert_non_null(arena); /* never unmapped: its address is all that is kept */
    script->traces = arena_slot(arena, 0);
    script->victim = ALL;
    return script;
}

static void die(const struct script *script)
{
    if (script->death_signal == 0)
        _exit(7);
    raise(script->death_signal);
    pause();
}

static int begin(void *context, unsigned worker, void **state, struct err *err)
{
    (void)worker;
    struct script *script = context;
    int before = script->traces->begins++;
    if (script->begin_fails)
        return err_set(err, ERR_INPUT, "no such trajectory (%d)", 42);
    if (before < script->begin_deaths)
        die(script);
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
    struct sigaction action;
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) {
        sigaction(ignored[i], NULL, &action);
        if (action.sa_handler != SIG_IGN)
            script->traces->odd_dispositions++;
    }
    sigaction(SIGUSR2, NULL, &action);
    sigset_t mask;
    sigprocmask(SIG_SETMASK, NULL, &mask);
    if (action.sa_handler != SIG_DFL || sigismember(&mask, SIGTERM))
        script->traces->odd_dispositions++;
    *state = script->answers; /* any pointer, to see it handed through */
    return 0;
}

static void run(void *context, void *state, size_t task, void *slot)
{
    struct script *script = context;
    struct answer *answer = slot;
    int before = script->traces->runs[task]++;
    if (script->task_us)
        usleep(script->task_us);
    answer->task = UINT64_MAX; /* half written, if it dies now */
    if ((script->victim == ALL || script->victim == (int)task) &&
        before < script->deaths)
        die(script);
    *answer = (struct answer){.task = task,
                              .value = task * task + 1,
                              .state = state == script->answers,
                              .pid = getpid()};
}

static void end(void *context, void *state)
{
    struct script *script = context;
    if (state == script->answers)
        script->traces->ends++;
    if (script->leave_sleeps)
        sleep(1000);
}

static void ended(void *context, const struct task_end *end)
{
    struct script *script = context;
    assert_int_equal(script->outcomes[end->task], 0);
    script->outcomes[end->task] = 1 + (int)end->outcome;
    script->attempts[end->task] = end->attempts;
    script->ended++;
    if (end->outcome == TASK_DONE) {
        assert_non_null(end->slot);
        assert_null(end->reason);
        script->answers[end->task] = *(const struct answer *)end->slot;
    } else {
        assert_null(end->slot);
        snprintf(script->reason, sizeof script->reason, "%s", end->reason);
    }
}

static int tick(void *context)
{
    struct script *script = context;
    script->ticks++;
    return script->stop_after && script->ended >= script->stop_after;
}

static int count_fds(void)
{
    int n = 0;
    DIR *dir = opendir("/proc/self/fd");
    if (!dir)
        return -1;
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

static struct pool_job job_of(struct script *script, unsigned n_workers, size_t n_tasks,
                              unsigned retries)
{
    return (struct pool_job){.n_workers = n_workers,
                             .slots_each = POOL_SLOTS_MAX,
                             .n_tasks = n_tasks,
                             .retries = retries,
                             .context = script,
                             .worker_begin = begin,
                             .run_task = run,
                             .worker_end = end,
                             .task_ended = ended,
                             .tick = tick,
                             .stop = script->raise_stop};
}

/* Runs it with an arena of its own and checks what holds after every run: no child, no
   file descriptor, no signal disposition or mask is left behind. */
static int run_clean(struct pool_job job, struct pool_report *report, struct err *err)
{
    sigset_t before, after;
    struct sigaction child_before, child_after;
    sigprocmask(SIG_SETMASK, NULL, &before);
    sigaction(SIGCHLD, NULL, &child_before);
    int fds = count_fds();
    job.arena = arena_create(POOL_SLOTS_MAX * job.n_workers, SLOT_BYTES, NULL);
    assert_non_null(job.arena);
    int status = pool_run(&job, report, err);
    assert_int_equal(arena_check(job.arena, NULL), 0);
    arena_destroy(job.arena);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    assert_int_equal(count_fds(), fds);
    sigprocmask(SIG_SETMASK, NULL, &after);
    for (int number = 1; number < 32; number++)
        assert_int_equal(sigismember(&before, number), sigismember(&after, number));
    sigaction(SIGCHLD, NULL, &child_after);
    assert_true(child_before.sa_handler == child_after.sa_handler);
    return status;
}

static void check_answers(const struct script *script, size_t n_tasks)
{
    for (size_t t = 0; t < n_tasks; t++) {
        if (script->outcomes[t] != 1 + TASK_DONE)
            continue;
        assert_int_equal(script->answers[t].task, t);
        assert_int_equal(script->answers[t].value, t * t + 1);
        assert_true(script->answers[t].state);
        assert_int_not_equal(script->answers[t].pid, getpid());
    }
    assert_int_equal(script->traces->odd_dispositions, 0);
}

static void test_every_task_once(void **state)
{
    (void)state;
    static const struct {
        unsigned workers;
        size_t tasks;
        unsigned started;
    } table[] = {{1, 1, 1}, {1, 50, 1},     {2, 500, 2},
                 {5, 3, 3}, {16, 1000, 16}, {3, 0, 0}};
    for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
        struct script *script = new_script();
        struct pool_report report;
        struct pool_job job = job_of(script, table[r].workers, table[r].tasks, 2);
        assert_int_equal(run_clean(job, &report, NULL), 0);
        assert_int_equal(report.workers_started, table[r].started);
        assert_int_equal(report.workers_replaced, 0);
        assert_int_equal(report.tasks_ended, table[r].tasks);
        assert_false(report.stopped);
        for (size_t t = 0; t < table[r].tasks; t++) {
            assert_int_equal(script->traces->runs[t], 1);
            assert_int_equal(script->outcomes[t], 1 + TASK_DONE);
        }
        check_answers(script, table[r].tasks);
        assert_true(script->ticks >= table[r].tasks);
        assert_true(script->traces->ends <= (int)table[r].started);
        assert_true(table[r].tasks == 0 || script->traces->ends > 0);
        free(script);
    }
}

static void test_callbacks_and_report_are_optional(void **state)
{
    (void)state;
    struct script *script = new_script();
    struct pool_job job = job_of(script, 2, 20, 0);
    job.worker_end = NULL;
    job.tick = NULL;
    assert_int_equal(run_clean(job, NULL, NULL), 0);
    assert_int_equal(script->ended, 20);
    free(script);
}

/* A worker dies of a task once or more; the others must not notice. */
static void test_deaths_are_retried(void **state)
{
    (void)state;
    static const struct {
        int victim, deaths, signal;
        unsigned workers, retries;
        bool lost;
        const char *reason;
    } table[] = {
        {7, 1, SIGKILL, 2, 2, false, ""},
        {0, 2, SIGKILL, 1, 2, false, ""},
        {39, 2, SIGSEGV, 4, 2, false, ""},
        {7, 3, SIGKILL, 2, 2, true, "killed by signal 9 (Killed)"},
        {39, 1, SIGSEGV, 3, 0, true, "killed by signal 11 (Segmentation fault)"},
        {0, 99, 0, 1, 2, true, "left with exit status 7"},
        {5, 99, SIGABRT, 4, 1, true, "killed by signal 6 (Aborted)"},
        {ALL, 1, SIGKILL, 3, 1, false, ""},
    };
    enum { TASKS = 40 };
    for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
        struct script *script = new_script();
        struct pool_report report;
        script->victim = table[r].victim;
        script->deaths = table[r].deaths;
        script->death_signal = table[r].signal;
        struct pool_job job = job_of(script, table[r].workers, TASKS, table[r].retries);
        assert_int_equal(run_clean(job, &report, NULL), 0);
        assert_int_equal(report.tasks_ended, TASKS);
        assert_int_equal(script->ended, TASKS);
        for (int t = 0; t < TASKS; t++) {
            bool is_victim = table[r].victim == ALL || t == table[r].victim;
            bool lost = is_victim && table[r].lost;
            int deaths = is_victim ? table[r].deaths : 0;
            if (lost)
                deaths = (int)table[r].retries;
            assert_int_equal(script->outcomes[t], 1 + (lost ? TASK_LOST : TASK_DONE));
            assert_int_equal(script->traces->runs[t], deaths + 1);
        }
        assert_string_equal(script->reason, table[r].reason);
        check_answers(script, TASKS);
        free(script);
    }
}

static void test_all_tasks_lost(void **state)
{
    (void)state;
    struct script *script = new_script();
    struct pool_report report;
    script->deaths = 99;
    script->death_signal = SIGKILL;
    assert_int_equal(run_clean(job_of(script, 3, 30, 1), &report, NULL), 0);
    assert_int_equal(report.tasks_ended, 30);
    for (size_t t = 0; t < 30; t++)
        assert_int_equal(script->outcomes[t], 1 + TASK_LOST);
    assert_true(report.workers_replaced >= 57); /* 60 deaths, the last need none */
    free(script);
}

static void test_failing_begin_ends_the_run(void **state)
{
    (void)state;
    struct script *script = new_script();
    struct pool_report report;
    struct err err = {0};
    script->begin_fails = true;
    assert_int_equal(run_clean(job_of(script, 4, 100, 2), &report, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, "no such trajectory (42)");
    assert_int_equal(script->ended, 0);
    assert_int_equal(run_clean(job_of(script, 4, 100, 2), &report, NULL), -1);
    free(script);
}

static void test_dying_in_begin(void **state)
{
    (void)state;
    static const struct {
        int deaths;
        unsigned workers, retries;
        int status;
    } table[] = {{1, 1, 1, 0},  {2, 1, 2, 0}, {1, 1, 0, -1},
                 {3, 1, 2, -1}, {2, 3, 2, 0}, {99, 4, 2, -1}};
    for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
        struct script *script = new_script();
        struct err err = {0};
        script->begin_deaths = table[r].deaths;
        script->death_signal = SIGBUS;
        struct pool_job job = job_of(script, table[r].workers, 10, table[r].retries);
        assert_int_equal(run_clean(job, NULL, &err), table[r].status);
        if (table[r].status == 0) {
            assert_int_equal(script->ended, 10);
        } else {
            assert_int_equal(err.code, ERR_RUNTIME);
            assert_non_null(strstr(err.text, "killed by signal 7"));
        }
        free(script);
    }
}

static void test_tick_stops(void **state)
{
    (void)state;
    struct script *script = new_script();
    struct pool_report report;
    script->stop_after = 5;
    script->task_us = 1000;
    assert_int_equal(run_clean(job_of(script, 3, 10000, 2), &report, NULL), 0);
    assert_true(report.stopped);
    assert_int_equal(report.tasks_ended, 5);
    check_answers(script, 10000);
    free(script);
}

static volatile sig_atomic_t caught; /* a signal handler has nothing else to write to */

static void on_signal(int number)
{
    caught = number;
}

static void install(int number, void (*handler)(int))
{
    const struct sigaction action = {.sa_handler = handler};
    assert_int_equal(sigaction(number, &action, NULL), 0);
}

/* Tasks that never end; a signal has to end the run, wherever it comes. */
static void test_signal_stops_at_once(void **state)
{
    (void)state;
    install(SIGTERM, on_signal);
    install(SIGUSR2, on_signal);
    for (int delay_us = 1; delay_us < 100000; delay_us *= 6) {
        struct script *script = new_script();
        struct pool_report report;
        caught = 0;
        script->raise_stop = &caught;
        script->task_us = 900000000;
        const struct itimerval timer = {.it_value = {.tv_usec = delay_us}};
        install(SIGALRM, on_signal);
        double before = clock_seconds();
        setitimer(ITIMER_REAL, &timer, NULL);
        struct pool_job job = job_of(script, 4, 100, 2);
        assert_int_equal(run_clean(job, &report, NULL), 0);
        assert_true(report.stopped);
        assert_int_equal(caught, SIGALRM);
        assert_int_equal(script->ended, 0);
        assert_true(clock_seconds() - before < 1.0);
        free(script);
    }
    install(SIGTERM, SIG_DFL);
    install(SIGUSR2, SIG_DFL);
}

static void test_stop_before_the_start(void **state)
{
    (void)state;
    struct script *script = new_script();
    struct pool_report report;
    caught = SIGINT;
    script->raise_stop = &caught;
    assert_int_equal(run_clean(job_of(script, 4, 100, 2), &report, NULL), 0);
    assert_true(report.stopped);
    assert_int_equal(report.workers_started, 0);
    free(script);
}

/* worker_end that hangs cannot hold up a run that is to stop. */
static void test_stop_ends_the_farewell(void **state)
{
    (void)state;
    struct script *script = new_script();
    const struct itimerval timer = {.it_value = {.tv_usec = 50000}};
    install(SIGALRM, on_signal);
    caught = 0;
    script->raise_stop = &caught;
    script->leave_sleeps = true;
    double before = clock_seconds();
    setitimer(ITIMER_REAL, &timer, NULL);
    assert_int_equal(run_clean(job_of(script, 2, 4, 0), NULL, NULL), 0);
    assert_int_equal(script->ended, 4);
    assert_true(clock_seconds() - before < 2.0);
    free(script);
}

static void test_ignored_sigchld_does_not_lose_reasons(void **state)
{
    (void)state;
    struct script *script = new_script();
    script->victim = 1;
    script->deaths = 99;
    install(SIGCHLD, SIG_IGN);
    struct pool_job job = job_of(script, 2, 4, 0);
    int status = run_clean(job, NULL, NULL);
    install(SIGCHLD, SIG_DFL);
    assert_int_equal(status, 0);
    assert_string_equal(script->reason, "left with exit status 7");
    free(script);
}

/* Text in the parent's buffers at the time of the fork must come out once, although
   workers print, too. */
static void print_much(void *context, void *state, size_t task, void *slot)
{
    for (int i = 0; i < 2000; i++)
        printf("w");
    run(context, state, task, slot);
}

static void test_buffers_are_not_flushed_twice(void **state)
{
    (void)state;
    struct script *script = new_script();
    char dir[FWTEST_PATH_BYTES], path[FWTEST_PATH_BYTES];
    fwtest_make_dir(dir);
    fwtest_write_file(path, dir, "out", "", 0);
    pid_t pid = fork();
    if (pid == 0) {
        static char buffer[4096];
        struct pool_job job = job_of(script, 3, 12, 0);
        job.run_task = print_much;
        job.arena = arena_create(3 * POOL_SLOTS_MAX, SLOT_BYTES, NULL);
        if (!freopen(path, "w", stdout) || !job.arena)
            _exit(1);
        setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
        printf("parent\n");
        int status = pool_run(&job, NULL, NULL);
        fflush(stdout);
        _exit(status != 0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    int parents = 0;
    for (int c; (c = getc(file)) != EOF;)
        parents += c == 'p';
    fclose(file);
    assert_int_equal(parents, 1);
    fwtest_remove_dir(dir);
    free(script);
}

/* The workers of a parent that gets SIGKILL are gone, busy or idle. They are the only
   other holders of a pipe, so its end of file is the proof. */
static void test_workers_die_with_the_parent(void **state)
{
    (void)state;
    struct script *script = new_script();
    script->task_us = 900000000;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct pool_job job = job_of(script, 3, 3, 0);
        job.arena = arena_create(3 * POOL_SLOTS_MAX, SLOT_BYTES, NULL);
        pool_run(&job, NULL, NULL);
        _exit(0);
    }
    close(ends[1]);
    for (int wait = 0; wait < 1000 && script->traces->begins < 3; wait++)
        usleep(1000);
    assert_int_equal(script->traces->begins, 3);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    char byte;
    alarm(10); /* an end instead of a hang */
    install(SIGALRM, SIG_DFL);
    assert_int_equal(read(ends[0], &byte, 1), 0);
    alarm(0);
    close(ends[0]);
    free(script);
}

/* Stopped workers would never speak again; slow ones are let be. */
static void test_stuck_workers_are_replaced(void **state)
{
    (void)state;
    for (unsigned retries = 0; retries < 2; retries++) {
        struct script *script = new_script();
        struct pool_report report;
        script->victim = 3;
        script->deaths = 1;
        script->death_signal = SIGSTOP;
        script->task_us = 1000;
        struct pool_job job = job_of(script, 2, 40, retries);
        job.task_seconds = 0.3;
        assert_int_equal(run_clean(job, &report, NULL), 0);
        assert_int_equal(script->ended, 40);
        assert_int_equal(script->outcomes[3], 1 + (retries ? TASK_DONE : TASK_LOST));
        assert_string_equal(script->reason,
                            retries ? "" : "killed after 0.3 s without an end");
        /* The other worker may have done all the rest by then. */
        assert_true(report.workers_replaced <= 1);
        check_answers(script, 40);
        free(script);
    }
}

static void test_refused_forks_are_an_error(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        print_message("# SKIP: RLIMIT_NPROC does not bind root\n");
        return;
    }
    struct script *script = new_script();
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_NPROC, &before), 0);
    struct rlimit none = {.rlim_cur = 0, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NPROC, &none), 0);
    struct err err = {0};
    int status = run_clean(job_of(script, 4, 10, 0), NULL, &err);
    assert_int_equal(setrlimit(RLIMIT_NPROC, &before), 0);
    assert_int_equal(status, -1);
    assert_int_equal(err.code, ERR_RUNTIME);
    assert_non_null(strstr(err.text, "fork"));
    free(script);
}

/* Limits on descriptors bind root as well. The pool is smaller, the result is not. */
static void test_refused_sockets_make_a_smaller_pool(void **state)
{
    (void)state;
    static const struct {
        unsigned spare; /* descriptors; a start needs 2 and keeps 1 */
        unsigned started;
    } table[] = {{4, 3}, {2, 1}, {1, 0}};
    for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
        struct script *script = new_script();
        struct pool_report report;
        struct err err = {0};
        struct rlimit before;
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
        int lowest = dup(0);
        assert_true(lowest >= 0);
        close(lowest);
        struct rlimit few = {.rlim_cur = (rlim_t)lowest + table[r].spare,
                             .rlim_max = before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        struct pool_job job = job_of(script, 8, 60, 1);
        job.arena = arena_create(8 * POOL_SLOTS_MAX, SLOT_BYTES, NULL);
        int status = pool_run(&job, &report, &err);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
        arena_destroy(job.arena);
        assert_int_equal(report.workers_started, table[r].started);
        assert_int_equal(report.workers_refused, 8 - table[r].started);
        assert_non_null(strstr(report.refusal, "socketpair"));
        assert_int_equal(status, table[r].started ? 0 : -1);
        assert_int_equal(script->ended, table[r].started ? 60 : 0);
        assert_int_equal(err.code, table[r].started ? ERR_NONE : ERR_RUNTIME);
        free(script);
    }
}

static void test_dispatch_is_cheap(void **state)
{
    (void)state;
    struct script *script = new_script();
    double before = clock_seconds();
    assert_int_equal(run_clean(job_of(script, 2, MAX_TASKS, 2), NULL, NULL), 0);
    double us = 1e6 * (clock_seconds() - before) / MAX_TASKS;
    assert_int_equal(script->ended, MAX_TASKS);
    print_message("# %.1f us a task\n", us);
    assert_true(us < 200); /* far above what it takes, for instrumented builds */
    free(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_task_once),
        cmocka_unit_test(test_callbacks_and_report_are_optional),
        cmocka_unit_test(test_deaths_are_retried),
        cmocka_unit_test(test_all_tasks_lost),
        cmocka_unit_test(test_failing_begin_ends_the_run),
        cmocka_unit_test(test_dying_in_begin),
        cmocka_unit_test(test_tick_stops),
        cmocka_unit_test(test_signal_stops_at_once),
        cmocka_unit_test(test_stop_before_the_start),
        cmocka_unit_test(test_stop_ends_the_farewell),
        cmocka_unit_test(test_ignored_sigchld_does_not_lose_reasons),
        cmocka_unit_test(test_buffers_are_not_flushed_twice),
        cmocka_unit_test(test_workers_die_with_the_parent),
        cmocka_unit_test(test_stuck_workers_are_replaced),
        cmocka_unit_test(test_refused_forks_are_an_error),
        cmocka_unit_test(test_refused_sockets_make_a_smaller_pool),
        cmocka_unit_test(test_dispatch_is_cheap),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("pool-run", tests, NULL, NULL);
}
