/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tasks ahead of workers: begun without the parent, taken back for idle hands, and
   never lost, done twice or mixed up with their neighbours. */
#include "fwtest.h"

#include "pool/pool.h"
#include "util/clock.h"

#include <signal.h>
#include <unistd.h>

enum { N_TASKS = 400, SLOT_BYTES = 64 };

/* In shared memory. */
struct traces {
    _Atomic int begun[N_TASKS];
    _Atomic int others_done; /* than task 0 */
};

struct script {
    struct traces *traces;
    size_t n_tasks;
    bool first_waits;   /* task 0, for all others */
    unsigned die_every; /* a task whose number this divides kills its first worker */
    double patience;    /* seconds that the parent waits for the next task to begin, */
    unsigned n_seen;    /* and how often it has */
    bool all_done;      /* when task 0 had waited */
    unsigned ended[N_TASKS];
    unsigned deaths;
};

struct answer {
    uint64_t task, check;
    bool all_done;
};

static bool wait_until(const _Atomic int *value, int at_least, double seconds)
{
    double until = clock_seconds() + seconds;
    while (*value < at_least && clock_seconds() < until)
        usleep(200);
    return *value >= at_least;
}

static void run(void *context, void *state, size_t task, void *slot)
{
    (void)state;
    struct script *script = context;
    struct traces *traces = script->traces;
    struct answer *answer = slot;
    int before = traces->begun[task]++;
    *answer = (struct answer){.task = task};
    if (script->die_every && task % script->die_every == 0 && before == 0)
        raise(SIGKILL);
    usleep((useconds_t)(task * 7919 % 700));
    if (script->first_waits && task == 0)
        answer->all_done =
            wait_until(&traces->others_done, (int)script->n_tasks - 1, 30);
    else
        traces->others_done++;
    answer->check = task * task + 1;
}

static void ended(void *context, const struct task_end *end)
{
    struct script *script = context;
    const struct answer *answer = end->slot;
    size_t next = end->task + 1;
    script->ended[end->task]++;
    script->deaths += end->attempts - 1;
    assert_int_equal(end->outcome, TASK_DONE);
    if (script->patience > 0 && next < script->n_tasks)
        script->n_seen += wait_until(&script->traces->begun[next], 1, script->patience);
    /* Nor has whoever went on touched it. */
    assert_int_equal(answer->task, end->task);
    assert_int_equal(answer->check, end->task * end->task + 1);
    script->all_done |= answer->all_done;
}

static void run_script(struct script *script, unsigned workers, unsigned slots_each)
{
    struct arena *shared = arena_create(1, sizeof *script->traces, NULL);
    assert_non_null(shared);
    script->traces = arena_slot(shared, 0);
    struct pool_job job = {
        .n_workers = workers,
        .n_tasks = script->n_tasks,
        .retries = 1,
        .slots_each = slots_each,
        .arena = arena_create((size_t)slots_each * workers, SLOT_BYTES, NULL),
        .context = script,
        .run_task = run,
        .task_ended = ended,
    };
    struct err err = {0};
    assert_non_null(job.arena);
    assert_int_equal(pool_run(&job, NULL, &err), 0);
    for (size_t i = 0; i < script->n_tasks; i++) {
        assert_int_equal(script->ended[i], 1);
        assert_int_equal(script->traces->begun[i],
                         1 + (script->die_every && i % script->die_every == 0));
    }
    arena_destroy(job.arena);
    arena_destroy(shared);
}

/* While the parent is busy with the end of a task, the next one begins. */
static void test_workers_go_on(void **state)
{
    (void)state;
    for (unsigned slots = POOL_SLOTS_MIN; slots <= POOL_SLOTS_MAX; slots++) {
        struct script script = {.n_tasks = 30, .patience = 0.05};
        run_script(&script, 1, slots);
        assert_true(script.n_seen >= 3);
    }
}

/* What is ahead of a worker whose task takes for ever is done by another one. */
static void test_idle_hands_take_it(void **state)
{
    (void)state;
    for (unsigned slots = POOL_SLOTS_MIN; slots <= POOL_SLOTS_MAX; slots++)
        for (unsigned workers = 2; workers <= 3; workers++) {
            struct script script = {.n_tasks = 10, .first_waits = true};
            run_script(&script, workers, slots);
            assert_true(script.all_done);
        }
}

/* Each death is one of the task that was begun, none of those ahead. */
static void test_deaths_lose_nothing(void **state)
{
    (void)state;
    for (unsigned slots = POOL_SLOTS_MIN; slots <= POOL_SLOTS_MAX; slots++)
        for (unsigned workers = 1; workers <= 4; workers++) {
            struct script script = {.n_tasks = N_TASKS / workers, .die_every = 9};
            run_script(&script, workers, slots);
            assert_int_equal(script.deaths, (script.n_tasks + 8) / 9);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_workers_go_on),
        cmocka_unit_test(test_idle_hands_take_it),
        cmocka_unit_test(test_deaths_lose_nothing),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("pool-ahead", tests, NULL, NULL);
}
