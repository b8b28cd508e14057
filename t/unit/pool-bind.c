/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cores and memory nodes out of /sys, and threads that stay where they are put. */
#include "fwtest.h"

#include "pool/bind.h"

#include <limits.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CPUS = 8 };

struct machine {
    const char *siblings[CPUS]; /* thread_siblings_list of each CPU; NULL: no file */
    const char *node[3];
};

static void put(const char *root, const char *path, const char *text)
{
    char name[PATH_MAX];
    snprintf(name, sizeof name, "%s%s", root, path);
    for (char *slash = strchr(name + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(name, 0777);
        *slash = '/';
    }
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", text);
    fclose(file);
}

static void build(const struct machine *machine, char *root)
{
    char path[128];
    strcpy(root, "/tmp/fwtest-bind-XXXXXX");
    assert_non_null(mkdtemp(root));
    for (int cpu = 0; cpu < CPUS; cpu++) {
        snprintf(path, sizeof path,
                 "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
        if (machine->siblings[cpu])
            put(root, path, machine->siblings[cpu]);
    }
    for (int node = 0; node < 3; node++) {
        snprintf(path, sizeof path, "/sys/devices/system/node/node%d/cpulist", node);
        if (machine->node[node])
            put(root, path, machine->node[node]);
    }
}

static void clear(const char *root)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    assert_int_equal(system(command), 0);
}

/* "0,4 1,5": the CPUs of each place. */
static void describe(const struct bind *bind, char *text)
{
    *text = '\0';
    for (unsigned place = 0; place < bind_n_places(bind); place++) {
        const char *comma = place ? " " : "";
        for (size_t cpu = 0; cpu < 64; cpu++)
            if (CPU_ISSET_S(cpu, BIND_SET_BYTES, bind_place(bind, place))) {
                text += sprintf(text, "%s%zu", comma, cpu);
                comma = ",";
            }
    }
}

static void test_places(void **state)
{
    (void)state;
    static const struct machine plain = {{"0", "1", "2", "3"}, {0}};
    static const struct machine smt = {
        {"0,4", "1,5", "2,6", "3,7", "0,4", "1,5", "2,6", "3,7"}, {"0-7"}};
    /* CPUs alternate between the two nodes; the third has memory only. */
    static const struct machine two = {{"0", "1", "2", "3", "4", "5", "6", "7"},
                                       {"0,2,4,6", "1,3,5,7", ""}};
    static const struct {
        const struct machine *machine;
        enum bind_mode mode;
        unsigned allowed;
        const char *want;
    } table[] = {
        {&plain, BIND_CORE, 0xf, "0 1 2 3"},
        {&plain, BIND_NUMA, 0xf, "0,1,2,3"},
        {&plain, BIND_CORE, 0x6, "1 2"},
        {&smt, BIND_CORE, 0xff, "0,4 1,5 2,6 3,7"},
        {&smt, BIND_CORE, 0xf2, "1,5 4 6 7"}, /* by the first CPU that is left */
        {&smt, BIND_NUMA, 0xf0, "4,5,6,7"},
        {&two, BIND_CORE, 0xff, "0 2 4 6 1 3 5 7"},
        {&two, BIND_NUMA, 0xff, "0,2,4,6 1,3,5,7"},
        {&two, BIND_NUMA, 0x15, "0,2,4"},
        {&two, BIND_CORE, 0x13, "0 4 1"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char root[64], got[512];
        union {
            unsigned char bytes[BIND_SET_BYTES];
            cpu_set_t set;
        } allowed = {{0}};
        struct err err = {0};
        for (unsigned cpu = 0; cpu < CPUS; cpu++)
            if (table[i].allowed >> cpu & 1)
                CPU_SET_S(cpu, BIND_SET_BYTES, &allowed.set);
        build(table[i].machine, root);
        struct bind *bind = bind_create_from(table[i].mode, root, &allowed.set, &err);
        assert_non_null(bind);
        describe(bind, got);
        assert_string_equal(got, table[i].want);
        bind_destroy(bind);
        clear(root);
    }
}

static void test_what_sys_does_not_tell(void **state)
{
    (void)state;
    static const struct machine holes = {{"0", NULL}, {0}},
                                nonsense = {{"0", "x"}, {0}};
    const struct machine *machines[] = {&holes, &nonsense};
    union {
        unsigned char bytes[BIND_SET_BYTES];
        cpu_set_t set;
    } allowed = {{3}};
    for (size_t i = 0; i < 2; i++) {
        char root[64];
        struct err err = {0};
        build(machines[i], root);
        char got[512];
        struct bind *bind = bind_create_from(BIND_CORE, root, &allowed.set, &err);
        assert_non_null(bind);
        describe(bind, got);
        assert_string_equal(got, "0 1");
        bind_destroy(bind);
        clear(root);
    }
    struct err err = {0};
    assert_null(bind_create(BIND_NONE, &err));
    assert_int_equal(err.code, ERR_NONE);
}

struct thread {
    const struct bind *bind;
    unsigned number, of, place;
    int status;
};

static void *bind_and_look(void *context)
{
    struct thread *t = context;
    union {
        unsigned char bytes[BIND_SET_BYTES];
        cpu_set_t set;
    } now = {{0}};
    t->status = bind_thread(t->bind, t->number, t->of, NULL);
    if (t->status == 0 && sched_getaffinity(0, BIND_SET_BYTES, &now.set) == 0 &&
        !CPU_EQUAL_S(BIND_SET_BYTES, &now.set, bind_place(t->bind, t->place)))
        t->status = 1;
    return NULL;
}

static void test_threads_stay(void **state)
{
    (void)state;
    for (int mode = BIND_CORE; mode <= BIND_NUMA; mode++) {
        struct err err = {0};
        struct bind *bind = bind_create((enum bind_mode)mode, &err);
        if (!bind) {
            print_message("# SKIP: %s\n", err.text);
            return;
        }
        unsigned n = bind_n_places(bind);
        for (unsigned i = 0; i < 2 * n; i++) {
            struct thread thread = {bind, i, 2 * n, i / 2, -1};
            pthread_t id;
            assert_int_equal(pthread_create(&id, NULL, bind_and_look, &thread), 0);
            pthread_join(id, NULL);
            assert_int_equal(thread.status, 0);
        }
        bind_destroy(bind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_what_sys_does_not_tell),
        cmocka_unit_test(test_threads_stay),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("pool-bind", tests, NULL, NULL);
}
