/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocks shared between processes: the fold sees the same whoever computes them, and
   whoever dies or hangs meanwhile. */
#include "fwtest.h"

#include "pool/arena.h"
#include "pool/share_private.h"
#include "util/clock.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PLACES = 8, HELPERS_MAX = 4, WORDS = 16 };

static const struct share_shape shape = {
    .n_places = PLACES,
    .facts_bytes = 64,
    .result_bytes = WORDS * sizeof(uint64_t),
};

/* In shared memory, behind the share. */
struct notes {
    _Atomic uint64_t helped, prepared;
    _Atomic int deaths, hangs, quit;
};

/* What a stage is about: only who knows it can compute its blocks. */
struct facts {
    uint64_t key, us; /* that a block takes */
};

struct scene {
    struct share *share;
    struct notes *notes;
    struct facts facts;
    /* the owner's */
    uint64_t next, stop_at, wrong;
    /* a helper's */
    bool is_helper;
    unsigned threads;
};

static uint64_t value_of(uint64_t key, uint64_t block, uint64_t word)
{
    return (key + block) * UINT64_C(0x9e3779b97f4a7c15) + word;
}

/* A helper does what the notes ask for; a block of its is no longer claimed then. */
static void maybe_suffer(const struct scene *s)
{
    if (!s->is_helper)
        return;
    if (atomic_fetch_sub(&s->notes->deaths, 1) > 0)
        raise(SIGKILL);
    if (atomic_fetch_sub(&s->notes->hangs, 1) > 0)
        pause();
}

static void map(void *context, unsigned thread, uint64_t block, void *result)
{
    const struct scene *s = context;
    uint64_t *word = result;
    (void)thread;
    maybe_suffer(s);
    if (s->facts.us)
        usleep((useconds_t)s->facts.us);
    for (uint64_t w = 0; w < WORDS; w++)
        word[w] += value_of(s->facts.key, block, w);
}

static int fold(void *context, uint64_t block, const void *result)
{
    struct scene *s = context;
    const uint64_t *word = result;
    s->wrong += block != s->next++;
    for (uint64_t w = 0; w < WORDS; w++)
        s->wrong += word[w] != value_of(s->facts.key, block, w);
    return block == s->stop_at;
}

static const struct ordered ordered = {WORDS * sizeof(uint64_t), map, fold};

static struct scene make_scene(void)
{
    struct arena *arena =
        arena_create(1, share_bytes(&shape) + sizeof(struct notes), NULL);
    assert_non_null(arena); /* never unmapped: its address is all that is kept */
    struct scene s = {.share = arena_slot(arena, 0), .stop_at = UINT64_MAX};
    s.notes = (struct notes *)(void *)((char *)s.share + share_bytes(&shape));
    share_init(s.share, &shape);
    return s;
}

/* ---- helpers ---- */

static struct share_work prepare(void *context, const struct share_stage *stage)
{
    struct scene *s = context;
    struct share_work work = {.context = s};
    if (stage->facts_bytes != sizeof s->facts || stage->number != 5)
        return work;
    memcpy(&s->facts, stage->facts, sizeof s->facts);
    atomic_fetch_add(&s->notes->prepared, 1);
    work.ordered = &ordered;
    return work;
}

static bool quit(void *context)
{
    return atomic_load(&((const struct scene *)context)->notes->quit);
}

static _Noreturn void live_as_helper(struct scene s, unsigned self)
{
    uint64_t task, blocks;
    struct share_help help = {
        .share = s.share,
        .self = self,
        .team = team_create(s.threads, NULL),
        .context = &s,
        .prepare = prepare,
        .called = quit,
        .call_context = &s,
    };
    alarm(20);
    s.is_helper = true;
    while (share_await(s.share, quit, &s, &task, &help.frame)) {
        if (share_help(&help, &blocks, NULL) != 0)
            _exit(1);
        atomic_fetch_add(&s.notes->helped, blocks);
    }
    _exit(0);
}

static void start_helpers(struct scene *s, unsigned n, unsigned threads, pid_t *pid)
{
    s->threads = threads;
    for (unsigned i = 0; i < n; i++) {
        pid[i] = fork();
        assert_true(pid[i] >= 0);
        if (pid[i] == 0)
            live_as_helper(*s, i);
    }
}

/* Those that have died or hang are no failures here. */
static void end_helpers(struct scene *s, unsigned n, const pid_t *pid, bool may_fail)
{
    int status;
    atomic_store(&s->notes->quit, 1);
    for (unsigned i = 0; i < n; i++) {
        if (may_fail)
            kill(pid[i], SIGKILL);
        assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
        assert_true(may_fail || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    }
    atomic_store(&s->notes->quit, 0);
}

/* ---- the owner ---- */

static uint64_t run_stage(struct scene *s, struct team *team, uint64_t n_blocks)
{
    uint64_t folded = 0;
    struct err err = {0};
    const struct share_stage stage = {.number = 5,
                                      .n_blocks = n_blocks,
                                      .facts = &s->facts,
                                      .facts_bytes = sizeof s->facts};
    s->next = s->wrong = 0;
    assert_int_equal(share_ordered(s->share, &stage, team, &ordered, s, &folded, &err),
                     0);
    assert_int_equal(s->wrong, 0);
    assert_int_equal(folded, s->next);
    return folded;
}

static void test_all_divisions_of_labour(void **state)
{
    (void)state;
    static const struct {
        unsigned threads, helpers, helper_threads;
        uint64_t blocks, stop_at;
    } cases[] = {
        {1, 0, 1, 100, UINT64_MAX}, {1, 1, 1, 100, UINT64_MAX},
        {1, 3, 2, 500, UINT64_MAX}, {3, 1, 1, 500, UINT64_MAX},
        {2, 2, 2, 500, 77},         {1, 4, 1, 5000, 2500},
        {1, 1, 1, 1, UINT64_MAX},   {1, 2, 1, 2, UINT64_MAX},
        {2, 3, 1, 7, UINT64_MAX},   {2, 2, 1, UINT64_C(1) << 40, 1000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct scene s = make_scene();
        pid_t pid[HELPERS_MAX];
        struct team *team = team_create(cases[i].threads, NULL);
        start_helpers(&s, cases[i].helpers, cases[i].helper_threads, pid);
        s.stop_at = cases[i].stop_at;
        s.facts = (struct facts){.key = 1 + i, .us = 20};
        share_begin(s.share, i);
        uint64_t want = s.stop_at < cases[i].blocks ? s.stop_at + 1 : cases[i].blocks;
        assert_int_equal(run_stage(&s, team, cases[i].blocks), want);
        share_end(s.share);
        end_helpers(&s, cases[i].helpers, pid, false);
        team_destroy(team);
    }
}

/* With blocks that sleep helpers compute most of them even on one core. */
static void test_helpers_help(void **state)
{
    (void)state;
    struct scene s = make_scene();
    pid_t pid[HELPERS_MAX];
    start_helpers(&s, 3, 1, pid);
    struct team *team = team_create(1, NULL);
    s.facts = (struct facts){.key = 1, .us = 2000};
    double begun = clock_seconds();
    share_begin(s.share, 0);
    run_stage(&s, team, 300);
    share_end(s.share);
    double seconds = clock_seconds() - begun;
    end_helpers(&s, 3, pid, false);
    assert_true(atomic_load(&s.notes->helped) > 100);
    assert_true(seconds < 0.5); /* 0.6 alone, 0.15 with three */
    team_destroy(team);
}

/* Helpers stay while one short stage follows another, and tasks too: what they know of
   the last one must never get into this one. */
static void test_stages_are_not_mixed_up(void **state)
{
    (void)state;
    struct scene s = make_scene();
    pid_t pid[HELPERS_MAX];
    start_helpers(&s, 3, 1, pid);
    struct team *team = team_create(2, NULL);
    for (uint64_t i = 0; i < 3000; i++) {
        s.facts = (struct facts){.key = 1000 * i, .us = i % 50 == 0 ? 100 : 0};
        if (i % 3 == 0)
            share_begin(s.share, i);
        run_stage(&s, team, 2 + i % 40);
        if (i % 3 == 2)
            share_end(s.share);
    }
    share_end(s.share);
    end_helpers(&s, 3, pid, false);
    assert_true(atomic_load(&s.notes->prepared) > 50);
    team_destroy(team);
}

static void test_helpers_that_die_or_hang(void **state)
{
    (void)state;
    for (int buried = 0; buried < 2; buried++)
        for (int hang = 0; hang < 2; hang++) {
            struct scene s = make_scene();
            pid_t pid[HELPERS_MAX];
            atomic_store(hang ? &s.notes->hangs : &s.notes->deaths, 3);
            start_helpers(&s, 3, 1, pid);
            struct team *team = team_create(1, NULL);
            s.facts = (struct facts){.key = 9, .us = 500};
            share_begin(s.share, 0);
            run_stage(&s, team, 60);
            for (unsigned i = 0; buried && i < 3; i++)
                share_bury(s.share, i);
            run_stage(&s, team, 60);
            share_end(s.share);
            end_helpers(&s, 3, pid, true);
            assert_true(atomic_load(hang ? &s.notes->hangs : &s.notes->deaths) < 3);
            team_destroy(team);
        }
}

/* Helper 1 has died in each state of a place, of blocks of this stage. */
static void test_what_the_dead_leave_behind(void **state)
{
    (void)state;
    static const enum place_state left[] = {PLACE_CLAIMED, PLACE_WRITING};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        for (int bury = 0; bury < 2; bury++) {
            struct scene s = make_scene();
            const struct share_stage stage = {.number = 5, .n_blocks = 30};
            uint64_t position;
            share_begin(s.share, 0);
            assert_true(share_open(s.share, &stage, shape.result_bytes));
            position = s.share->base + 2;
            atomic_store(share_word(s.share, position),
                         place_word(position, 1, left[i]));
            assert_false(share_take(s.share, 2));
            share_bury(s.share, 0);
            assert_false(share_take(s.share, 2));
            if (bury)
                share_bury(s.share, 1);
            assert_int_equal(share_take(s.share, 2), bury);
            assert_true(share_seize(s.share, 2));
            assert_null(share_ready(s.share, 2));
            /* A place that is being written to is not offered, but may be taken. */
            share_offer(s.share, 2 + PLACES);
            assert_true(share_take(s.share, 2 + PLACES));
        }
}

/* An owner that died in the middle of a change, with a task and blocks on offer. */
static void test_owner_that_died(void **state)
{
    (void)state;
    struct scene s = make_scene();
    const struct share_stage stage = {.number = 5, .n_blocks = 1000};
    pid_t pid[HELPERS_MAX];
    share_begin(s.share, 3);
    assert_true(share_open(s.share, &stage, shape.result_bytes));
    atomic_fetch_or(&s.share->ticket, 1);
    start_helpers(&s, 2, 1, pid);
    struct team *team = team_create(1, NULL);
    usleep(30000);
    share_end(s.share);
    share_begin(s.share, 3);
    s.facts = (struct facts){.key = 77, .us = 200};
    run_stage(&s, team, 200);
    share_end(s.share);
    end_helpers(&s, 2, pid, false);
    assert_true(atomic_load(&s.notes->helped) > 0);
    team_destroy(team);
}

static void test_what_does_not_fit_is_done_alone(void **state)
{
    (void)state;
    struct scene s = make_scene();
    struct team *team = team_create(2, NULL);
    const char facts[65] = "";
    uint64_t folded;
    s.facts.key = 4;
    share_begin(s.share, 0);
    struct share_stage stage = {
        .number = 5, .n_blocks = 50, .facts = facts, .facts_bytes = sizeof facts};
    assert_int_equal(share_ordered(s.share, &stage, team, &ordered, &s, &folded, NULL),
                     0);
    assert_int_equal(folded, 50);
    assert_int_equal(share_ordered(NULL, &stage, team, &ordered, &s, &folded, NULL), 0);
    assert_int_equal(folded, 50);
    team_destroy(team);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_divisions_of_labour),
        cmocka_unit_test(test_helpers_help),
        cmocka_unit_test(test_stages_are_not_mixed_up),
        cmocka_unit_test(test_helpers_that_die_or_hang),
        cmocka_unit_test(test_what_the_dead_leave_behind),
        cmocka_unit_test(test_owner_that_died),
        cmocka_unit_test(test_what_does_not_fit_is_done_alone),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("pool-share", tests, NULL, NULL);
}
