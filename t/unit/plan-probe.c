/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recorded /proc and /sys trees, and environments, -> what the machine allows. */
#include "fwtest.h"

#include "plan/probe_private.h"

#include <math.h>
#include <sys/stat.h>

#define KIB UINT64_C(1024)
#define GIB (KIB * KIB * KIB)

enum { MAX_FILES = 12 };

struct file {
    const char *path, *text;
};

struct recorded {
    const char *name;
    struct file files[MAX_FILES];
    unsigned affinity_cores;
    const char *env;
    uint64_t address_space_bytes; /* 0: no limit */
    unsigned cores;
    const char *cores_source;
    uint64_t memory_bytes;
    const char *memory_source;
    unsigned thread_limit;
};

/* Of all machines, unless a file of its own says more. */
#define PHYSICAL "MemTotal:       67108864 kB\n"
#define MEMINFO                                                   \
    {                                                             \
        "/proc/meminfo", PHYSICAL "MemFree:         1048576 kB\n" \
                                  "MemAvailable:   16777216 kB\n" \
    }
#define V2_MOUNT "31 23 0:28 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"
#define V1_MOUNTS                                                          \
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"           \
    "32 31 0:29 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"    \
    "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup " \
    "rw,cpu,cpuacct\n"                                                     \
    "34 31 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"    \
    "35 31 0:32 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"

static const struct recorded table[] = {
    {.name = "nothing to read",
     .affinity_cores = 12,
     .cores = 12,
     .cores_source = "affinity mask",
     .memory_bytes = 64 * GIB,
     .memory_source = "physical memory"},
    {.name = "not even an affinity",
     .cores = 1,
     .cores_source = "nothing known",
     .memory_bytes = 64 * GIB,
     .memory_source = "physical memory"},
    {.name = "a desktop",
     .files = {MEMINFO,
               {"/proc/self/cgroup", "0::/user.slice/session-2.scope\n"},
               {"/proc/self/mountinfo", V2_MOUNT},
               {"/sys/fs/cgroup/user.slice/cpu.max", "max 100000\n"},
               {"/sys/fs/cgroup/user.slice/memory.max", "max\n"}},
     .affinity_cores = 8,
     .cores = 8,
     .cores_source = "affinity mask",
     .memory_bytes = 16 * GIB,
     .memory_source = "available memory"},
    {.name = "v2, limits of the group itself",
     .files = {MEMINFO,
               {"/proc/self/cgroup", "0::/a/b\n"},
               {"/proc/self/mountinfo", V2_MOUNT},
               {"/sys/fs/cgroup/a/b/cpu.max", "300000 100000\n"},
               {"/sys/fs/cgroup/a/b/memory.max", "4294967296\n"}},
     .affinity_cores = 8,
     .cores = 3,
     .cores_source = "cgroup CPU quota",
     .memory_bytes = 4 * GIB,
     .memory_source = "cgroup memory limit"},
    {.name = "v2, tighter limits above, memory.high, a fraction",
     .files = {MEMINFO,
               {"/proc/self/cgroup", "0::/a/b/c\n"},
               {"/proc/self/mountinfo", V2_MOUNT},
               {"/sys/fs/cgroup/a/b/c/cpu.max", "400000 100000\n"},
               {"/sys/fs/cgroup/a/cpu.max", "290000 100000\n"},
               {"/sys/fs/cgroup/a/b/c/memory.max", "8589934592\n"},
               {"/sys/fs/cgroup/a/b/memory.high", "2147483648\n"}},
     .affinity_cores = 8,
     .cores = 3, /* 2.9 */
     .cores_source = "cgroup CPU quota",
     .memory_bytes = 2 * GIB,
     .memory_source = "cgroup memory limit"},
    {.name = "less than a core is one",
     .files = {{"/proc/self/cgroup", "0::/\n"},
               {"/proc/self/mountinfo", V2_MOUNT},
               {"/sys/fs/cgroup/cpu.max", "5000 100000\n"}},
     .affinity_cores = 8,
     .cores = 1,
     .cores_source = "cgroup CPU quota",
     .memory_bytes = 64 * GIB,
     .memory_source = "physical memory"},
    {.name = "v1",
     .files = {MEMINFO,
               {"/proc/self/cgroup", "9:name=systemd:/x\n4:memory:/job/1\n"
                                     "3:cpuset:/\n1:cpu,cpuacct:/job\n0::/\n"},
               {"/proc/self/mountinfo", V1_MOUNTS},
               {"/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_quota_us", "600000\n"},
               {"/sys/fs/cgroup/cpu,cpuacct/job/cpu.cfs_period_us", "100000\n"},
               {"/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n"},
               {"/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"},
               {"/sys/fs/cgroup/memory/job/1/memory.limit_in_bytes",
                "9223372036854771712\n"},
               {"/sys/fs/cgroup/memory/job/memory.limit_in_bytes", "3221225472\n"}},
     .affinity_cores = 64,
     .cores = 6,
     .cores_source = "cgroup CPU quota",
     .memory_bytes = 3 * GIB,
     .memory_source = "cgroup memory limit"},
    {.name = "v1 and v2 together, v2 limits at its own mount",
     .files = {{"/proc/self/cgroup", "4:memory:/\n1:cpu:/\n0::/u\n"},
               {"/proc/self/mountinfo", V1_MOUNTS},
               {"/sys/fs/cgroup/unified/u/cpu.max", "200000 100000\n"}},
     .affinity_cores = 64,
     .cores = 2,
     .cores_source = "cgroup CPU quota",
     .memory_bytes = 64 * GIB,
     .memory_source = "physical memory"},
    {.name = "a container that sees its own group at the mount point",
     .files = {{"/proc/self/cgroup", "4:memory:/docker/abc/in\n"},
               {"/proc/self/mountinfo",
                "34 31 0:31 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup "
                "rw,memory\n"},
               {"/sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824\n"},
               {"/sys/fs/cgroup/memory/in/memory.limit_in_bytes", "536870912\n"}},
     .affinity_cores = 4,
     .cores = 4,
     .cores_source = "affinity mask",
     .memory_bytes = GIB / 2,
     .memory_source = "cgroup memory limit"},
    {.name = "a path of another name space",
     .files = {{"/proc/self/cgroup", "0::/../../elsewhere\n"},
               {"/proc/self/mountinfo", V2_MOUNT},
               {"/sys/fs/cgroup/memory.max", "1073741824\n"}},
     .affinity_cores = 4,
     .cores = 4,
     .cores_source = "affinity mask",
     .memory_bytes = GIB,
     .memory_source = "cgroup memory limit"},
    {.name = "no mountinfo, the usual places",
     .files = {{"/proc/self/cgroup", "4:memory:/m\n0::/u\n"},
               {"/sys/fs/cgroup/u/cpu.max", "100000 100000\n"},
               {"/sys/fs/cgroup/memory/m/memory.limit_in_bytes", "1073741824\n"}},
     .affinity_cores = 4,
     .cores = 1,
     .cores_source = "cgroup CPU quota",
     .memory_bytes = GIB,
     .memory_source = "cgroup memory limit"},
    {.name = "a batch job",
     .files = {MEMINFO},
     .affinity_cores = 128,
     .env = "SLURM_CPUS_PER_TASK=16\nSLURM_MEM_PER_NODE=2048\nOMP_NUM_THREADS=4\n",
     .cores = 16,
     .cores_source = "SLURM_CPUS_PER_TASK",
     .memory_bytes = 2 * GIB,
     .memory_source = "SLURM_MEM_PER_NODE",
     .thread_limit = 4},
    {.name = "a batch job with memory for each core",
     .files = {MEMINFO},
     .affinity_cores = 16,
     .env = "SLURM_CPUS_PER_TASK=4\nSLURM_MEM_PER_CPU=1024\n",
     .cores = 4,
     .cores_source = "SLURM_CPUS_PER_TASK",
     .memory_bytes = 4 * GIB,
     .memory_source = "SLURM_MEM_PER_CPU"},
    {.name = "PBS",
     .files = {MEMINFO},
     .affinity_cores = 16,
     .env = "PBS_NUM_PPN=3\nPBS_NCPUS=6\n",
     .cores = 6,
     .cores_source = "PBS_NCPUS",
     .memory_bytes = 16 * GIB,
     .memory_source = "available memory"},
    {.name = "Torque",
     .files = {MEMINFO},
     .affinity_cores = 16,
     .env = "PBS_NUM_PPN=3\nXNCPUS=1\n",
     .cores = 3,
     .cores_source = "PBS_NUM_PPN",
     .memory_bytes = 16 * GIB,
     .memory_source = "available memory"},
    {.name = "LSF, and OMP caps threads only",
     .files = {MEMINFO},
     .affinity_cores = 16,
     .env = "LSB_MAX_NUM_PROCESSORS=5\nOMP_NUM_THREADS=1\n",
     .cores = 5,
     .cores_source = "LSB_MAX_NUM_PROCESSORS",
     .memory_bytes = 16 * GIB,
     .memory_source = "available memory",
     .thread_limit = 1},
    {.name = "a batch job with all of a busy node, nested OMP",
     .files = {MEMINFO},
     .affinity_cores = 16,
     .env = "SLURM_CPUS_PER_TASK=32\nSLURM_MEM_PER_NODE=0\nOMP_NUM_THREADS=8,2\n",
     .cores = 16,
     .cores_source = "affinity mask",
     .memory_bytes = 16 * GIB,
     .memory_source = "available memory",
     .thread_limit = 8},
    {.name = "an address space",
     .files = {MEMINFO},
     .affinity_cores = 2,
     .address_space_bytes = 5 * GIB,
     .cores = 2,
     .cores_source = "affinity mask",
     .memory_bytes = 5 * GIB,
     .memory_source = "limit of address space (ulimit -v)"},
    {.name = "nonsense everywhere limits nothing",
     .files = {{"/proc/meminfo", PHYSICAL "MemAvailable: lots kB\n"},
               {"/proc/self/cgroup", "\n:::\n0\n0:\n0::/a\n4:memory\n4:memory:/m\n"
                                     "1:cpu:/c\n"},
               {"/proc/self/mountinfo",
                " - \n - cgroup2\n1 2 - cgroup2 x rw\n" V1_MOUNTS},
               {"/sys/fs/cgroup/unified/a/cpu.max", "max\n"},
               {"/sys/fs/cgroup/unified/cpu.max", "100000 0\n"},
               {"/sys/fs/cgroup/unified/a/memory.max", "-5\n"},
               {"/sys/fs/cgroup/unified/memory.max", ""},
               {"/sys/fs/cgroup/memory/m/memory.limit_in_bytes",
                "99999999999999999999999999999999\n"},
               {"/sys/fs/cgroup/memory/memory.limit_in_bytes",
                "1000000000000000000000000000000000000000000000000000000000000000000"
                "0000000000000000000000000000000000000000000000000000000000000000000"}},
     .affinity_cores = 4,
     .env = "SLURM_CPUS_PER_TASK=many\nSLURM_MEM_PER_NODE=-3\nOMP_NUM_THREADS=4x\n"
            "PBS_NCPUS=\nLSB_DJOB_NUMPROC",
     .cores = 4,
     .cores_source = "affinity mask",
     .memory_bytes = 64 * GIB,
     .memory_source = "physical memory"},
    {.name = "numbers that overflow when scaled",
     .files = {{"/proc/meminfo", PHYSICAL "MemAvailable: 18446744073709551615 kB\n"}},
     .affinity_cores = 4,
     .env = "SLURM_CPUS_PER_TASK=18446744073709551615\n"
            "SLURM_MEM_PER_NODE=18446744073709551615\n"
            "SLURM_MEM_PER_CPU=18446744073709551615\n"
            "OMP_NUM_THREADS=18446744073709551615\n",
     .cores = 4,
     .cores_source = "affinity mask",
     .memory_bytes = 64 * GIB,
     .memory_source = "physical memory"},
};

/* ROOT/path and the directories above it. */
static void write_below(const char *root, const struct file *file)
{
    char path[FWTEST_PATH_BYTES];
    snprintf(path, sizeof path, "%s%s", root, file->path);
    for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    fwtest_write_file(path, root, file->path + 1, file->text, strlen(file->text));
}

/* What is not a file of its own in a row of the table. */
static void write_rest(const char *root, const struct recorded *e)
{
    char text[256];
    bool has_meminfo = false;
    for (size_t f = 0; f < MAX_FILES && e->files[f].path; f++)
        has_meminfo |= strcmp(e->files[f].path, "/proc/meminfo") == 0;
    if (!has_meminfo)
        write_below(root, &(struct file){"/proc/meminfo", PHYSICAL});
    if (e->affinity_cores) {
        snprintf(text, sizeof text, "Name:\tx\nCpus_allowed_list:\t0-%u\n",
                 e->affinity_cores - 1);
        write_below(root, &(struct file){"/proc/self/status", text});
    }
    if (e->env)
        write_below(root, &(struct file){"/env", e->env});
    if (e->address_space_bytes) {
        snprintf(text, sizeof text,
                 "Max processes  1 2 processes\n"
                 "Max address space  %ju unlimited  bytes\n",
                 (uintmax_t)e->address_space_bytes);
        write_below(root, &(struct file){"/proc/self/limits", text});
    }
}

static void test_recorded_machines(void **state)
{
    (void)state;
    for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
        const struct recorded *e = &table[r];
        char root[FWTEST_PATH_BYTES];
        fwtest_make_dir(root);
        for (size_t f = 0; f < MAX_FILES && e->files[f].path; f++)
            write_below(root, &e->files[f]);
        write_rest(root, e);
        struct machine machine;
        memset(&machine, 0xff, sizeof machine);
        plan_probe_recorded(&machine, root);
        fwtest_remove_dir(root);
        print_message("# %s\n", e->name);
        assert_int_equal(machine.cores, e->cores);
        assert_string_equal(machine.cores_source, e->cores_source);
        assert_true(machine.memory_bytes == e->memory_bytes);
        assert_string_equal(machine.memory_source, e->memory_source);
        assert_int_equal(machine.thread_limit, e->thread_limit);
    }
}

static void test_long_paths_are_refused(void **state)
{
    (void)state;
    static char deep[3 * PROBE_PATH_BYTES];
    char root[FWTEST_PATH_BYTES];
    struct cgroup_limits limits;
    fwtest_make_dir(root);
    memcpy(deep, "0::", 3);
    for (size_t i = 3; i + 1 < sizeof deep; i++)
        deep[i] = i % 100 == 3 ? '/' : 'd';
    write_below(root, &(struct file){"/proc/self/cgroup", deep});
    probe_cgroups(&limits, NULL, root);
    assert_true(limits.cores == HUGE_VAL && limits.memory_bytes == UINT64_MAX);
    /* So long that it fits alone, but not below its mount and with a file's name. */
    deep[PROBE_PATH_BYTES - 10] = '\0';
    write_below(root, &(struct file){"/proc/self/cgroup", deep});
    probe_cgroups(&limits, NULL, root);
    assert_true(limits.cores == HUGE_VAL && limits.memory_bytes == UINT64_MAX);
    fwtest_remove_dir(root);
}

static void test_this_machine(void **state)
{
    (void)state;
    struct machine machine;
    unsetenv("OMP_NUM_THREADS");
    unsetenv("SLURM_CPUS_PER_TASK");
    unsetenv("SLURM_MEM_PER_NODE");
    memset(&machine, 0, sizeof machine);
    plan_probe(&machine);
    assert_true(machine.cores >= 1);
    assert_true(machine.cores <= (unsigned)sysconf(_SC_NPROCESSORS_CONF));
    assert_true(machine.memory_bytes > 0);
    assert_non_null(machine.cores_source);
    assert_non_null(machine.memory_source);
    setenv("SLURM_CPUS_PER_TASK", "1", 1);
    plan_probe(&machine);
    assert_int_equal(machine.cores, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded_machines),
        cmocka_unit_test(test_long_paths_are_refused),
        cmocka_unit_test(test_this_machine),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("plan-probe", tests, NULL, NULL);
}
