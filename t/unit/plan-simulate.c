/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dispatcher simulated: against the model, against bounds that must hold, and the
   three regimes of rules of thumb. */
#include "fwtest.h"

#include "plan/guide.h"
#include "plan/simulate.h"

#include <math.h>

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)

static struct machine machine_of(unsigned cores)
{
    return (struct machine){.cores = cores,
                            .cores_source = "affinity mask",
                            .quota = HUGE_VAL,
                            .memory_bytes = 256 * GIB,
                            .memory_source = "available memory",
                            .nodes = cores > 64 ? 2 : 1};
}

/* A protein of 1,100 balls: 0.6 us a walk. */
static struct workload protein(uint64_t frames, double walks, bool helps)
{
    return (struct workload){
        .frames = frames,
        .helps = helps,
        .read_seconds = 1e-4,
        .build_seconds = 5e-4,
        .serial_seconds = 8e-4,
        .first_seconds = 8e-3,
        .part = {[WORKLOAD_PILOT] = {5e-3, 4},
                 [WORKLOAD_WALKS] = {6e-7 * walks, (uint64_t)ceil(walks / 2048)},
                 [WORKLOAD_SAMPLES] = {5e-4, 5}},
        .walks = walks,
        .fixed_bytes = 8 * MIB,
        .worker_bytes = 12 * MIB,
        .thread_bytes = 4 * MIB,
    };
}

static double simulate(const struct machine *machine, const struct workload *workload,
                       const double *cost, unsigned workers, unsigned threads)
{
    struct simulation s;
    struct err err = {0};
    assert_int_equal(plan_simulate(&s, machine, 0, workload, cost,
                                   (size_t)workload->frames, workers, threads, &err),
                     0);
    assert_true(s.seconds > 0 && s.busy_seconds > 0);
    assert_true(s.wait_seconds > -1e-6 * s.seconds * workers);
    return s.seconds;
}

/* Knuth's MMIX constants; variety, not quality. */
static double next_uniform(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) / 0x1p53;
}

static void test_model_and_simulation_agree(void **state)
{
    (void)state;
    static const uint64_t frames[] = {1, 3, 16, 50, 257, 1000};
    static const unsigned layouts[][2] = {{1, 1},  {1, 8}, {4, 4},
                                          {16, 1}, {7, 2}, {3, 5}};
    struct machine machine = machine_of(16);
    for (int helps = 0; helps < 2; helps++)
        for (size_t f = 0; f < 6; f++)
            for (size_t l = 0; l < 6; l++) {
                struct workload w = protein(frames[f], 1e6, helps);
                double model =
                    plan_predict(&machine, 0, &w, layouts[l][0], layouts[l][1]);
                double events =
                    simulate(&machine, &w, NULL, layouts[l][0], layouts[l][1]);
                /* Of a short run the pilot is much, which nobody helps with. */
                double most = frames[f] == 1 ? 0.12 : 0.08;
                if (fabs(model / events - 1) > most)
                    fail_msg("%ju frames on %u x %u%s: %g in the model, %g simulated",
                             (uintmax_t)frames[f], layouts[l][0], layouts[l][1],
                             helps ? " with help" : "", model, events);
            }
}

/* No run is faster than its work on all cores, nor slower than on one. */
static void test_bounds(void **state)
{
    (void)state;
    uint64_t seed = 5;
    for (int turn = 0; turn < 200; turn++) {
        double cost[300], work = 0;
        unsigned workers = 1 + (unsigned)(next_uniform(&seed) * 40);
        unsigned threads = 1 + (unsigned)(next_uniform(&seed) * 4);
        struct workload w = protein(1 + (uint64_t)(next_uniform(&seed) * 299),
                                    1e4 + 1e6 * next_uniform(&seed), turn % 2);
        struct machine machine = machine_of(workers * threads);
        for (size_t i = 0; i < w.frames; i++) {
            cost[i] = 0.2 + 1.6 * next_uniform(&seed);
            work += cost[i] * workload_frame_seconds(&w);
        }
        double seconds = simulate(&machine, &w, cost, workers, threads);
        double serial = simulate(&machine, &w, cost, 1, 1);
        assert_true(seconds * workers * threads > work * 0.999);
        assert_true(seconds < serial * 1.1 + 0.05);
        assert_true(serial > work && serial < work * 1.05 + 0.05);
        /* Help costs a body, and pays for it. */
        w.helps = true;
        double helped = simulate(&machine, &w, cost, workers, threads);
        w.helps = false;
        assert_true(helped <= simulate(&machine, &w, cost, workers, threads) * 1.01);
    }
}

static void test_help_shortens_the_tail(void **state)
{
    (void)state;
    struct machine machine = machine_of(8);
    struct workload with = protein(9, 1e6, true), without = protein(9, 1e6, false);
    double helped = simulate(&machine, &with, NULL, 8, 1);
    double alone = simulate(&machine, &without, NULL, 8, 1);
    double ideal = 9 * workload_frame_seconds(&with) / 8;
    assert_true(alone > 1.7 * ideal);
    assert_true(helped < 1.15 * ideal);
}

/* The choice against rules of thumb, where those are at home. */
static void test_regimes(void **state)
{
    (void)state;
    static const struct {
        uint64_t frames;
        double walks;
        unsigned cores, workers, threads; /* of the rules */
    } regimes[] = {
        {1000, 5e4, 16, 16, 1},   {1, 1e7, 16, 1, 16},   {100, 1e6, 16, 4, 4},
        {1000, 5e4, 128, 128, 1}, {1, 1e7, 128, 1, 128}, {100, 1e6, 128, 32, 4},
    };
    for (size_t r = 0; r < sizeof regimes / sizeof *regimes; r++) {
        struct machine machine = machine_of(regimes[r].cores);
        struct workload w = protein(regimes[r].frames, regimes[r].walks, true);
        struct plan plan;
        struct err err = {0};
        unsigned workers, threads;
        guide_layout(w.frames, w.walks, machine.cores, &workers, &threads);
        assert_int_equal(workers, regimes[r].workers);
        assert_int_equal(threads, regimes[r].threads);
        assert_int_equal(
            plan_decide(&plan, &machine, &w, &(struct plan_request){0}, &err), 0);
        double chosen = simulate(&machine, &w, NULL, plan.workers, plan.threads);
        double rules = simulate(&machine, &w, NULL, workers, threads);
        double best = chosen;
        for (unsigned a = 1; a <= machine.cores; a *= 2)
            for (unsigned b = 1; a * b <= machine.cores; b *= 2)
                best = fmin(best, simulate(&machine, &w, NULL, a, b));
        print_message("# %s: %.4g s, rules %.4g s, best of powers of two %.4g s\n",
                      plan.reason, chosen, rules, best);
        assert_true(chosen < rules * 1.03);
        assert_true(chosen < best * 1.05);
    }
}

static void test_nodes(void **state)
{
    (void)state;
    struct machine machine = machine_of(64);
    struct workload w = protein(1000, 1e5, true);
    struct simulation one, eight;
    struct err err = {0};
    assert_int_equal(
        plan_simulate_nodes(&one, &machine, 1, &w, NULL, 1000, 64, 1, &err), 0);
    assert_int_equal(
        plan_simulate_nodes(&eight, &machine, 8, &w, NULL, 1000, 64, 1, &err), 0);
    assert_true(eight.seconds < one.seconds / 5 && eight.seconds > one.seconds / 9);
    double alone = simulate(&machine, &w, NULL, 64, 1);
    assert_true(fabs(one.seconds / alone - 1) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_model_and_simulation_agree),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_help_shortens_the_tail),
        cmocka_unit_test(test_regimes),
        cmocka_unit_test(test_nodes),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("plan-simulate", tests, NULL, NULL);
}
