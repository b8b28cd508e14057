/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recorded machines and jobs -> expected layouts, and what must hold for all of them.
 */
#include "fwtest.h"

#include "plan/capacity.h"
#include "plan/plan.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

static struct machine machine_of(unsigned cores, uint64_t memory_bytes)
{
    return (struct machine){.cores = cores,
                            .cores_source = "affinity mask",
                            .quota = HUGE_VAL,
                            .memory_bytes = memory_bytes,
                            .memory_source = "available memory"};
}

/* A protein in 100 000 walks: half a second of walks, 98 blocks, 20 ms of the rest. */
static struct workload protein(uint64_t frames)
{
    return (struct workload){.frames = frames,
                             .build_seconds = 0.02,
                             .part = {[WORKLOAD_WALKS] = {0.5, 98}},
                             .start_seconds = 0.05,
                             .fixed_bytes = 50 * MIB,
                             .worker_bytes = 20 * MIB,
                             .thread_bytes = 4 * MIB};
}

static void decide(struct plan *plan, const struct machine *machine,
                   const struct workload *workload, const struct plan_request *request)
{
    struct err err = {0};
    memset(plan, 0xff, sizeof *plan);
    assert_int_equal(plan_decide(plan, machine, workload, request, &err), 0);
    assert_int_equal(err.code, ERR_NONE);
    assert_true(plan->workers >= 1 && plan->threads >= 1);
    assert_true(plan->predicted_seconds == plan_predict(machine, request->cores,
                                                        workload, plan->workers,
                                                        plan->threads));
    assert_true(plan->peak_memory_bytes ==
                plan_memory(workload, plan->workers, plan->threads));
    char layout[64];
    snprintf(layout, sizeof layout, "%u worker%s x %u thread%s: ", plan->workers,
             plan->workers == 1 ? "" : "s", plan->threads,
             plan->threads == 1 ? "" : "s");
    assert_memory_equal(plan->reason, layout, strlen(layout));
    assert_true(strlen(plan->reason) > strlen(layout));
}

/* ---- machines and jobs ---- */

struct expected {
    unsigned cores;
    uint64_t memory_bytes, frames, blocks;
    double parallel, serial;
    unsigned workers, threads;
    const char *reason; /* a part of it */
};

static const struct expected machines[] = {
    {1, 8 * GIB, 1, 98, 0.5, 0.02, 1, 1, "one core"},
    {1, 8 * GIB, 10000, 98, 0.5, 0.02, 1, 1, "one core"},
    {2, 8 * GIB, 1, 98, 0.5, 0.02, 1, 2, "a single frame, so its walks are shared"},
    {2, 8 * GIB, 2, 98, 0.5, 0.02, 2, 1, "2 frames keep 2 cores busy"},
    {2, 8 * GIB, 151, 98, 0.5, 0.02, 2, 1,
     "151 frames keep 2 cores busy with no threads to synchronise"},
    {2, 8 * GIB, 151, 98, 0.5, 0, 2, 1, "151 frames"},
    {8, 8 * GIB, 1, 98, 0.5, 0.02, 1, 8, "single frame"},
    {8, 8 * GIB, 1, 1, 0.5, 0.02, 1, 1, "too short"}, /* nothing to share */
    {8, 8 * GIB, 1, 98, 1e-4, 0, 1, 1, "too short"},
    {8, 8 * GIB, 3, 98, 0.5, 0.2, 3, 2, "3 frames are fewer than 8 cores"},
    {8, 8 * GIB, 3, 98, 0.5, 0, 1, 8, "3 frames in turn"},
    {8, 8 * GIB, 3, 1, 0.5, 0, 3, 1, "a core for each"},
    {8, 8 * GIB, 9, 98, 0.5, 0.02, 2, 4, "9 frames do not divide evenly"},
    {8, 8 * GIB, 151, 98, 0.5, 0.02, 8, 1, "151 frames keep 8 cores busy"},
    {64, 64 * GIB, 64, 98, 0.5, 0.02, 64, 1, "64 frames"},
    {64, 64 * GIB, 10000, 98, 0.5, 0.02, 64, 1, "10000 frames"},
    {512, 999 * GIB, 1000000, 98, 0.5, 0.02, 507, 1,
     "507 cores busy"}, /* as good as 512 */
    {512, 999 * GIB, 1, 98000, 500, 0.02, 1, 506, "single frame"},
    {512, 999 * GIB, 1, 98, 0.5, 0.02, 1, 98, "single frame"}, /* no more blocks */
    {512, 999 * GIB, 9, 98000, 500, 1, 9, 56, "fewer than 512 cores"},
    /* Memory: 50 MiB, and 24 a worker with one thread. */
    {8, 74 * MIB, 151, 98, 0.5, 0.02, 1, 1, "fits into 74.0 MiB"},
    {8, 100 * MIB, 151, 98, 0.5, 0.02, 1, 7,
     "8 workers x 1 thread would need 242.0 MiB"},
    {8, 242 * MIB, 151, 98, 0.5, 0.02, 8, 1, "151 frames"},
};

static void test_machines(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof machines / sizeof *machines; r++) {
        const struct expected *e = &machines[r];
        struct machine machine = machine_of(e->cores, e->memory_bytes);
        struct workload workload = protein(e->frames);
        workload.part[WORKLOAD_WALKS] = (struct workload_part){e->parallel, e->blocks};
        workload.build_seconds = e->serial;
        struct plan plan;
        decide(&plan, &machine, &workload, &(struct plan_request){0});
        if (plan.workers != e->workers || plan.threads != e->threads ||
            !strstr(plan.reason, e->reason))
            fail_msg("row %zu: %s, not %u x %u", r, plan.reason, e->workers,
                     e->threads);
        assert_string_equal(plan.warning, "");
    }
}

/* ---- requests ---- */

struct asked {
    struct plan_request request;
    unsigned workers, threads;
    enum strategy strategy;
    const char *warning; /* a part of it; "" for none */
};

/* On 8 cores and 1 GiB, 100 frames of `protein`; OMP_NUM_THREADS is 6. */
static const struct asked requests[] = {
    {{0}, 8, 1, STRATEGY_FRAMES, ""}, /* 4 x 2 would do, but for the team's losses */
    {{.workers = 2}, 2, 4, STRATEGY_HYBRID, ""},
    {{.workers = 1}, 1, 6, STRATEGY_THREADS, ""},
    {{.threads = 4}, 2, 4, STRATEGY_HYBRID, ""},
    {{.threads = 8}, 1, 8, STRATEGY_THREADS, ""}, /* explicit beats OMP_NUM_THREADS */
    {{.workers = 3, .threads = 2}, 3, 2, STRATEGY_HYBRID, ""},
    {{.workers = 16}, 16, 1, STRATEGY_FRAMES, "needs 16 cores, more than the 8"},
    {{.workers = 4, .threads = 4}, 4, 4, STRATEGY_HYBRID, "affinity mask"},
    {{.workers = 100, .threads = 1}, 100, 1, STRATEGY_FRAMES, "of memory, more than"},
    {{.strategy = STRATEGY_SERIAL}, 1, 1, STRATEGY_SERIAL, ""},
    {{.strategy = STRATEGY_FRAMES}, 8, 1, STRATEGY_FRAMES, ""},
    {{.strategy = STRATEGY_FRAMES, .workers = 5}, 5, 1, STRATEGY_FRAMES, ""},
    {{.strategy = STRATEGY_THREADS}, 1, 6, STRATEGY_THREADS, ""},
    {{.strategy = STRATEGY_THREADS, .threads = 3}, 1, 3, STRATEGY_THREADS, ""},
    {{.strategy = STRATEGY_HYBRID}, 4, 2, STRATEGY_HYBRID, ""},
    {{.strategy = STRATEGY_HYBRID, .cores = 2},
     2,
     2,
     STRATEGY_HYBRID,
     "needs 4 cores, more than the 2 of the budget"},
    {{.cores = 2}, 2, 1, STRATEGY_FRAMES, ""},
    {{.cores = 1}, 1, 1, STRATEGY_SERIAL, ""},
    {{.cores = 20}, 20, 1, STRATEGY_FRAMES, "needs 20 cores, more than the 8"},
    {{.memory_bytes = 74 * MIB}, 1, 1, STRATEGY_SERIAL, ""},
    {{.workers = 4, .memory_bytes = 100 * MIB},
     4,
     1,
     STRATEGY_FRAMES,
     "146.0 MiB of memory, more than the 100.0 MiB of the budget"},
    {{.cores = 50, .memory_bytes = 64 * GIB},
     50,
     1,
     STRATEGY_FRAMES,
     "1.2 GiB of memory, more than the 1.0 GiB of the available memory"},
};

static void test_requests(void **state)
{
    (void)state;
    struct machine machine = machine_of(8, GIB);
    struct workload workload = protein(100);
    machine.thread_limit = 6;
    for (size_t r = 0; r < sizeof requests / sizeof *requests; r++) {
        const struct asked *a = &requests[r];
        struct plan plan;
        decide(&plan, &machine, &workload, &a->request);
        if (plan.workers != a->workers || plan.threads != a->threads)
            fail_msg("row %zu: %s", r, plan.reason);
        assert_int_equal(plan.strategy, a->strategy);
        if (*a->warning ? !strstr(plan.warning, a->warning) : *plan.warning != '\0')
            fail_msg("row %zu: warning '%s'", r, plan.warning);
    }
}

static void test_contradictions(void **state)
{
    (void)state;
    static const struct {
        struct plan_request request;
        const char *text;
    } table[] = {
        {{.strategy = STRATEGY_SERIAL, .workers = 2}, "serial contradicts 2 workers"},
        {{.strategy = STRATEGY_SERIAL, .threads = 8}, "serial contradicts 8 threads"},
        {{.strategy = STRATEGY_FRAMES, .threads = 2}, "frames contradicts 2 threads"},
        {{.strategy = STRATEGY_THREADS, .workers = 3}, "threads contradicts 3 workers"},
        {{.strategy = STRATEGY_HYBRID, .workers = 1}, "hybrid contradicts 1 worker"},
        {{.strategy = STRATEGY_HYBRID, .threads = 1}, "hybrid contradicts 1 thread"},
    };
    struct machine machine = machine_of(8, GIB);
    struct workload workload = protein(100);
    for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
        struct plan plan;
        struct err err = {0};
        assert_int_equal(
            plan_decide(&plan, &machine, &workload, &table[r].request, &err), -1);
        assert_int_equal(err.code, ERR_USAGE);
        assert_non_null(strstr(err.text, table[r].text));
        assert_int_equal(
            plan_decide(&plan, &machine, &workload, &table[r].request, NULL), -1);
    }
}

static void test_too_little_memory(void **state)
{
    (void)state;
    static const struct plan_request table[] = {
        {0},
        {.workers = 1, .threads = 1},
        {.workers = 4},
        {.memory_bytes = 1},
        {.memory_bytes = 74 * MIB - 1},
    };
    struct machine machine = machine_of(8, 74 * MIB - 1);
    struct workload workload = protein(100);
    for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
        struct plan plan;
        struct err err = {0};
        assert_int_equal(plan_decide(&plan, &machine, &workload, &table[r], &err), -1);
        assert_int_equal(err.code, ERR_RUNTIME);
        assert_non_null(strstr(err.text, "needs 77594624 bytes"));
    }
    workload.worker_bytes = UINT64_MAX; /* must saturate, not wrap */
    machine.memory_bytes = UINT64_MAX - 1;
    struct plan plan;
    assert_int_equal(
        plan_decide(&plan, &machine, &workload, &(struct plan_request){0}, NULL), -1);
}

/* ---- properties ---- */

/* A fixed sequence (Knuth's MMIX constants); the tests need variety, not quality. */
static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static double random_seconds(uint64_t *state)
{
    return pow(10, (double)(next_random(state) % 600) / 100 - 4); /* 1e-4 .. 100 */
}

static void random_case(uint64_t *state, struct machine *machine,
                        struct workload *workload)
{
    *machine = machine_of(1 + (unsigned)(next_random(state) % 128),
                          (64 + next_random(state) % 8192) * MIB);
    *workload = (struct workload){
        .frames = next_random(state) % 400,
        .build_seconds = random_seconds(state) / 100,
        .start_seconds = 0.01,
        .fixed_bytes = 32 * MIB,
        .worker_bytes = (next_random(state) % 31) * MIB,
        .thread_bytes = MIB,
        .helps = next_random(state) % 2,
    };
    uint64_t blocks = 1 + next_random(state) % 300;
    workload->part[WORKLOAD_WALKS] =
        (struct workload_part){random_seconds(state), blocks};
}

static void test_budgets_hold_and_nothing_is_faster(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int turn = 0; turn < 400; turn++) {
        struct machine machine;
        struct workload workload;
        struct plan plan, again;
        random_case(&seed, &machine, &workload);
        decide(&plan, &machine, &workload, &(struct plan_request){0});
        assert_true(plan.workers * plan.threads <= machine.cores);
        assert_true(plan.peak_memory_bytes <= machine.memory_bytes);
        assert_true(plan.workers == 1 || plan.workers <= workload.frames ||
                    workload.helps);
        assert_true(plan.threads <= workload.part[WORKLOAD_WALKS].blocks);
        assert_string_equal(plan.warning, "");
        assert_true(plan.efficiency > 0 && plan.efficiency <= 1 + 1e-12);
        for (unsigned w = 1; w <= machine.cores; w++)
            for (unsigned t = 1; w * t <= machine.cores; t++)
                if (plan_memory(&workload, w, t) <= machine.memory_bytes)
                    assert_true(plan.predicted_seconds <=
                                plan_predict(&machine, 0, &workload, w, t) * 1.0100001);
        decide(&again, &machine, &workload, &(struct plan_request){0});
        assert_memory_equal(&plan, &again, sizeof plan);
    }
}

/* More of the machine never makes the chosen plan slower, more work never faster; both
   but for ties. */
static void test_predictions_are_monotone(void **state)
{
    (void)state;
    uint64_t seed = 11;
    for (int turn = 0; turn < 400; turn++) {
        struct machine machine;
        struct workload workload;
        struct plan plan, other;
        random_case(&seed, &machine, &workload);
        decide(&plan, &machine, &workload, &(struct plan_request){0});
        struct machine larger = machine;
        larger.cores += 1 + (unsigned)(next_random(&seed) % 9);
        larger.memory_bytes += next_random(&seed) % 512 * MIB;
        decide(&other, &larger, &workload, &(struct plan_request){0});
        assert_true(other.predicted_seconds <= plan.predicted_seconds * 1.01 + 1e-12);
        struct workload longer = workload;
        longer.frames += next_random(&seed) % 9;
        longer.part[WORKLOAD_WALKS].seconds *= 1.1;
        decide(&other, &machine, &longer, &(struct plan_request){0});
        assert_true(other.predicted_seconds >= plan.predicted_seconds / 1.01 - 1e-12);
        for (unsigned n = 1; n < 64; n++) {
            assert_true(plan_memory(&workload, n, 3) <=
                        plan_memory(&workload, n + 1, 3));
            assert_true(plan_memory(&workload, 3, n) <=
                        plan_memory(&workload, 3, n + 1));
        }
    }
}

static void test_rounds_and_blocks(void **state)
{
    (void)state;
    struct workload workload = {
        .frames = 9, .build_seconds = 1, .part = {[WORKLOAD_WALKS] = {10, 10}}};
    struct machine machine = machine_of(128, GIB);
    static const struct {
        unsigned workers, threads;
        double seconds; /* but for overheads of a few per cent */
    } table[] = {{1, 1, 99}, {2, 1, 55},  {3, 1, 33},  {4, 1, 33}, {8, 1, 22},
                 {9, 1, 11}, {20, 1, 11}, {1, 2, 54},  {1, 3, 45}, /* 4 of 10 blocks */
                 {1, 4, 36}, {1, 10, 18}, {1, 99, 18}, {3, 5, 9},  {0, 0, 99}};
    for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
        double seconds =
            plan_predict(&machine, 0, &workload, table[r].workers, table[r].threads);
        if (seconds < table[r].seconds || seconds > table[r].seconds * 1.03)
            fail_msg("%u x %u takes %g", table[r].workers, table[r].threads, seconds);
    }
}

/* Cores' worth of work of n threads. */
static double total(const struct machine *machine, unsigned n)
{
    struct capacity capacity;
    capacity_init(&capacity, machine, 0);
    return capacity_total(&capacity, n);
}

/* Cores that a virtual machine has, in truth threads of half as many: what is measured
   of all holds for all, in proportion for fewer, and not for one. */
static void test_cores_that_are_busy(void **state)
{
    (void)state;
    struct machine machine = machine_of(4, GIB);
    fwtest_near(total(&machine, 4), 4, 1e-12);
    plan_note_busy(&machine, 4, 0.7);
    fwtest_near(total(&machine, 1), 1, 1e-12);
    fwtest_near(total(&machine, 2), 2 * 0.9, 1e-12);
    fwtest_near(total(&machine, 4), 4 * 0.7, 1e-12);
    fwtest_near(total(&machine, 9), 4 * 0.7, 1e-12);
    struct workload workload = protein(100);
    double serial = plan_predict(&machine, 0, &workload, 1, 1);
    double all = plan_predict(&machine, 0, &workload, 4, 1);
    fwtest_near(serial / all, 2.8, 0.03);
    plan_note_busy(&machine, 4, 1.2); /* faster together: noise */
    fwtest_near(total(&machine, 4), 4, 1e-12);
    plan_note_busy(&machine, 4, 0.95); /* likewise */
    fwtest_near(total(&machine, 4), 4, 1e-12);
}

/* Where threads of cores are known, they are what is measured first. */
static void test_second_threads_that_are_busy(void **state)
{
    (void)state;
    struct machine machine = machine_of(16, GIB);
    machine.n_classes = 1;
    machine.core_class[0] = (struct core_class){8, 16, 1};
    fwtest_near(total(&machine, 8), 8, 1e-12);
    fwtest_near(total(&machine, 16), 10, 1e-12);
    plan_note_busy(&machine, 16, 0.7);
    fwtest_near(total(&machine, 8), 8, 1e-12);
    fwtest_near(total(&machine, 16), 11.2, 1e-12);
    plan_note_busy(&machine, 16, 0.4); /* second threads cannot take that much */
    fwtest_near(total(&machine, 16), 6.4, 1e-12);
    fwtest_near(total(&machine, 8), 8 * (1 - 0.2 * 7 / 15), 1e-12);
    plan_note_busy(&machine, 8, 0.8); /* measured of first threads alone */
    fwtest_near(total(&machine, 8), 6.4, 1e-12);
    fwtest_near(total(&machine, 16), 8, 1e-12);
}

/* A quota is one of processor time, of which second threads take as much as first. */
static void test_quota(void **state)
{
    (void)state;
    struct machine machine = machine_of(4, GIB);
    machine.quota = 2.5;
    fwtest_near(total(&machine, 2), 2, 1e-12);
    fwtest_near(total(&machine, 3), 2.5, 1e-12);
    fwtest_near(total(&machine, 4), 2.5, 1e-12);
    machine.n_classes = 1;
    machine.core_class[0] = (struct core_class){2, 4, 1};
    fwtest_near(total(&machine, 2), 2, 1e-12);
    fwtest_near(total(&machine, 4), 2.5 * 2.5 / 4, 1e-12);
}

/* The model's rounds against an event-driven run of the same frames: exact for equal
   costs but for its overheads, and near for costs that vary by a tenth. */
static double simulate(const struct workload *workload, unsigned workers,
                       double variation, uint64_t *seed)
{
    double idle_at[64] = {0}, last = 0;
    for (uint64_t f = 0; f < workload->frames; f++) {
        unsigned first = 0;
        for (unsigned w = 1; w < workers; w++)
            if (idle_at[w] < idle_at[first])
                first = w;
        double factor = 1 + variation * ((double)(next_random(seed) % 2001) / 1000 - 1);
        idle_at[first] += factor * workload_frame_seconds(workload);
        last = fmax(last, idle_at[first]);
    }
    return workload->start_seconds + last;
}

static void test_model_agrees_with_simulation(void **state)
{
    (void)state;
    static const unsigned workers[] = {1, 2, 7, 32, 64};
    static const uint64_t frames[] = {64, 151, 1000};
    struct machine machine = machine_of(128, GIB);
    uint64_t seed = 3;
    for (size_t w = 0; w < sizeof workers / sizeof *workers; w++)
        for (size_t f = 0; f < sizeof frames / sizeof *frames; f++) {
            struct workload workload = protein(frames[f]);
            double predicted = plan_predict(&machine, 0, &workload, workers[w], 1);
            double equal = simulate(&workload, workers[w], 0, &seed);
            double varied = simulate(&workload, workers[w], 0.1, &seed);
            assert_true(fabs(predicted / equal - 1) < 0.1);
            assert_true(fabs(predicted / varied - 1) < 0.2);
        }
}

/* ---- the table for people ---- */

static void test_candidates(void **state)
{
    (void)state;
    static const unsigned cores[] = {1, 2, 6, 8, 96, 512, 65536, 4000000000u};
    for (size_t c = 0; c < sizeof cores / sizeof *cores; c++) {
        static struct plan_candidate list[PLAN_CANDIDATES];
        struct machine machine = machine_of(cores[c], 200 * MIB);
        struct workload workload = protein(40);
        const struct plan_request request = {0};
        struct plan plan;
        decide(&plan, &machine, &workload, &request);
        size_t n = plan_candidates(list, PLAN_CANDIDATES, &plan, &machine, &workload,
                                   &request);
        assert_true(n >= 1 && n < PLAN_CANDIDATES);
        assert_true(list[0].workers == 1 && list[0].threads == 1);
        size_t chosen = 0;
        for (size_t i = 0; i < n; i++) {
            uint64_t used = (uint64_t)list[i].workers * list[i].threads;
            assert_true(used <= cores[c]);
            if (list[i].workers == plan.workers && list[i].threads == plan.threads) {
                chosen++;
                assert_null(list[i].discarded);
            } else if (!list[i].discarded) {
                assert_true(list[i].predicted_seconds * 1.0100001 >=
                            plan.predicted_seconds);
                assert_true(list[i].peak_memory_bytes <= 200 * MIB);
            }
            if (i > 0)
                assert_true(list[i].workers > list[i - 1].workers ||
                            (list[i].workers == list[i - 1].workers &&
                             list[i].threads > list[i - 1].threads));
        }
        assert_int_equal(chosen, 1);
        assert_true(plan_candidates(list, 1, &plan, &machine, &workload, &request) ==
                    1);
    }
}

static void test_candidates_hold_what_was_asked_for(void **state)
{
    (void)state;
    static struct plan_candidate list[PLAN_CANDIDATES];
    struct machine machine = machine_of(8, GIB);
    struct workload workload = protein(4);
    const struct plan_request request = {.workers = 13, .threads = 3};
    struct plan plan;
    decide(&plan, &machine, &workload, &request);
    size_t n =
        plan_candidates(list, PLAN_CANDIDATES, &plan, &machine, &workload, &request);
    assert_true(n > 1);
    assert_true(list[n - 1].workers == 13 && list[n - 1].threads == 3);
    assert_null(list[n - 1].discarded);
    for (size_t i = 0; i + 1 < n; i++)
        assert_non_null(list[i].discarded);
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(strategy_name(STRATEGY_AUTO), "auto");
    assert_string_equal(strategy_name(STRATEGY_SERIAL), "serial");
    assert_string_equal(strategy_name(STRATEGY_FRAMES), "frames");
    assert_string_equal(strategy_name(STRATEGY_THREADS), "threads");
    assert_string_equal(strategy_name(STRATEGY_HYBRID), "hybrid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_machines),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_contradictions),
        cmocka_unit_test(test_too_little_memory),
        cmocka_unit_test(test_budgets_hold_and_nothing_is_faster),
        cmocka_unit_test(test_predictions_are_monotone),
        cmocka_unit_test(test_rounds_and_blocks),
        cmocka_unit_test(test_cores_that_are_busy),
        cmocka_unit_test(test_second_threads_that_are_busy),
        cmocka_unit_test(test_quota),
        cmocka_unit_test(test_model_agrees_with_simulation),
        cmocka_unit_test(test_candidates),
        cmocka_unit_test(test_candidates_hold_what_was_asked_for),
        cmocka_unit_test(test_names),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("plan-decide", tests, NULL, NULL);
}
