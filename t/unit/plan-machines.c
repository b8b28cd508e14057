/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machines recorded in t/machines -> what they allow -> layouts of three jobs. */
#include "fwtest.h"

#include "plan/plan.h"
#include "plan/probe_private.h"

#include <math.h>

#define MIB (UINT64_C(1) << 20)
#define KIB UINT64_C(1024)

struct expected_class {
    unsigned cores, threads;
    double speed;
};

/* Layouts: of 1000 frames of half a second, of one long frame, and of 5 long ones. */
struct expected {
    const char *name;
    unsigned cores;
    const char *cores_source;
    double quota; /* 0: none */
    uint64_t memory_bytes;
    const char *memory_source;
    unsigned thread_limit, nodes;
    struct expected_class classes[2];
    unsigned many[2], one[2], few[2];
};

static const struct expected table[] = {
    {"laptop-4p8e",
     16,
     "affinity mask",
     0,
     11534336 * KIB,
     "available memory",
     0,
     1,
     {{4, 8, 1}, {8, 8, 0.52}},
     {16, 1},
     {1, 16},
     {1, 16}},
    {"server-2x64-smt",
     256,
     "affinity mask",
     0,
     519045120 * KIB,
     "available memory",
     0,
     2,
     {{128, 256, 1}},
     {244, 1},
     {1, 245},
     {5, 50}},
    {"container-2.5cpu-4g",
     3,
     "cgroup CPU quota",
     2.5,
     4096 * MIB,
     "cgroup memory limit",
     0,
     1,
     {{8, 16, 1}},
     {3, 1},
     {1, 3},
     {1, 3}},
    {"slurm-12-of-128",
     12,
     "SLURM_CPUS_PER_TASK",
     0,
     24000 * MIB,
     "cgroup memory limit",
     12,
     1,
     {{12, 12, 1}},
     {12, 1},
     {1, 12},
     {1, 12}},
    {"cgroup-v1-host",
     8,
     "cgroup CPU quota",
     8,
     8192 * MIB,
     "cgroup memory limit",
     0,
     2,
     {{20, 40, 1}},
     {8, 1},
     {1, 8},
     {1, 8}},
};

static void probe(struct machine *machine, const char *name)
{
    char path[FWTEST_PATH_BYTES], relative[128];
    snprintf(relative, sizeof relative, "t/machines/%s.txt", name);
    fwtest_source_path(path, relative);
    memset(machine, 0xff, sizeof *machine);
    plan_probe_recorded(machine, path);
}

static void test_facts(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
        const struct expected *e = &table[r];
        struct machine m;
        probe(&m, e->name);
        print_message("# %s: %u cores (%s), %ju bytes (%s)\n", e->name, m.cores,
                      m.cores_source, (uintmax_t)m.memory_bytes, m.memory_source);
        assert_int_equal(m.cores, e->cores);
        assert_string_equal(m.cores_source, e->cores_source);
        assert_true(e->quota > 0 ? m.quota == e->quota : m.quota == HUGE_VAL);
        assert_true(m.memory_bytes == e->memory_bytes);
        assert_string_equal(m.memory_source, e->memory_source);
        assert_int_equal(m.thread_limit, e->thread_limit);
        assert_int_equal(m.nodes, e->nodes);
        assert_true(m.address_bytes == 0);
        size_t n = e->classes[1].cores ? 2 : 1;
        assert_int_equal(m.n_classes, n);
        for (size_t k = 0; k < n; k++) {
            assert_int_equal(m.core_class[k].cores, e->classes[k].cores);
            assert_int_equal(m.core_class[k].threads, e->classes[k].threads);
            assert_true(fabs(m.core_class[k].speed - e->classes[k].speed) < 0.01);
        }
        assert_true(m.n_facts >= 5);
    }
}

static void expect(const struct expected *e, const struct machine *machine,
                   uint64_t frames, double seconds, uint64_t blocks,
                   const unsigned layout[2])
{
    const struct workload workload = {
        .frames = frames,
        .build_seconds = 0.002,
        .read_seconds = 0.001,
        .part = {[WORKLOAD_WALKS] = {seconds, blocks}},
        .fixed_bytes = 50 * MIB,
        .worker_bytes = 20 * MIB,
        .thread_bytes = MIB,
    };
    struct plan plan;
    struct err err = {0};
    assert_int_equal(
        plan_decide(&plan, machine, &workload, &(struct plan_request){0}, &err), 0);
    print_message("# %s: %s\n", e->name, plan.reason);
    assert_int_equal(plan.workers, layout[0]);
    assert_int_equal(plan.threads, layout[1]);
    assert_string_equal(plan.warning, "");
    /* No machine gets more done than its cores can. */
    double work = (double)frames * workload_frame_seconds(&workload);
    double most = machine->quota > 0 ? machine->quota : machine->cores;
    assert_true(plan.predicted_seconds * fmin(most, machine->cores) > work * 0.999);
}

static void test_layouts(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
        struct machine machine;
        probe(&machine, table[r].name);
        expect(&table[r], &machine, 1000, 0.5, 49, table[r].many);
        expect(&table[r], &machine, 1, 50, 4883, table[r].one);
        expect(&table[r], &machine, 5, 50, 4883, table[r].few);
    }
}

/* The facts that -v prints say where each limit is from. */
static void test_sources(void **state)
{
    (void)state;
    static const struct {
        const char *machine, *what, *value, *source;
    } facts[] = {
        {"container-2.5cpu-4g", "cgroup CPU quota", "2.5 cores", "/sys/fs/cgroup"},
        {"container-2.5cpu-4g", "cgroup memory limit", "4294967296 bytes, 0 in use",
         "/sys/fs/cgroup/memory.max"},
        {"slurm-12-of-128", "cores of the job", "12", "SLURM_CPUS_PER_TASK"},
        {"slurm-12-of-128", "memory of the job, MiB a core", "2000",
         "SLURM_MEM_PER_CPU"},
        {"slurm-12-of-128", "threads in a process", "12", "OMP_NUM_THREADS"},
        {"cgroup-v1-host", "cgroup CPU quota", "8 cores",
         "/sys/fs/cgroup/cpu,cpuacct/batch/job42"},
        {"cgroup-v1-host", "cgroup CPU quota", "32 cores",
         "/sys/fs/cgroup/cpu,cpuacct/batch"},
        {"cgroup-v1-host", "cgroup memory limit", "34359738368 bytes, 0 in use",
         "/sys/fs/cgroup/memory/batch/memory.limit_in_bytes"},
        {"server-2x64-smt", "NUMA nodes", "2", "/sys/devices/system/node"},
        {"laptop-4p8e", "cores", "8 with 8 threads, speed 0.52",
         "cpu_capacity or cpufreq"},
    };
    for (size_t r = 0; r < sizeof facts / sizeof *facts; r++) {
        struct machine machine;
        bool found = false;
        probe(&machine, facts[r].machine);
        for (size_t i = 0; i < machine.n_facts; i++)
            found |= strcmp(machine.fact[i].what, facts[r].what) == 0 &&
                     strcmp(machine.fact[i].value, facts[r].value) == 0 &&
                     strcmp(machine.fact[i].source, facts[r].source) == 0;
        if (!found)
            fail_msg("%s: no %s = %s", facts[r].machine, facts[r].what, facts[r].value);
    }
}

static void test_lists(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        unsigned count; /* 0: refused */
    } lists[] = {{"0", 1},   {"0-3,8,10-11", 7}, {"8191", 1},    {"8192", 0},
                 {"", 0},    {"3-1", 0},         {"1-", 0},      {"-1", 0},
                 {"a", 0},   {"1,,2", 0},        {"0-99999", 0}, {"5-5", 1},
                 {"1 2", 0}, {"0-1,1-2", 3}};
    for (size_t r = 0; r < sizeof lists / sizeof *lists; r++) {
        struct probe_cpus cpus;
        bool good = probe_cpus_parse(&cpus, lists[r].list);
        if (good != (lists[r].count > 0) ||
            (good && probe_cpus_count(&cpus) != lists[r].count))
            fail_msg("'%s'", lists[r].list);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_layouts),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_lists),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("plan-machines", tests, NULL, NULL);
}
