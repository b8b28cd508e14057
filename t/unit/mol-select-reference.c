/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Selections of whole systems, with the coordinates of their first frames, against
   counts that MDAnalysis 2.4 gave. */
#include "mol-sample.h"

#include "mol/select.h"
#include "traj/topology.h"
#include "traj/traj.h"

#include <jansson.h>

/* The elements that MDAnalysis guessed from names are not those of this file's atoms:
   it takes nitrogens named N1A for sodium, against their masses. */
static bool is_misguessed(const char *topology, const char *expression)
{
    return strcmp(topology, "SiN_tric_namd.psf") == 0 &&
           strstr(expression, "element ") && strstr(expression, " N");
}

/* A system and its first frame. */
struct system {
    struct topology topology;
    double *xyz;
    struct frame_info info;
};

static int64_t number_of(const json_t *entry, const char *key)
{
    const json_t *value = json_object_get(entry, key);
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : -1;
}

static void check_entry(const struct system *system, const json_t *entry, bool periodic)
{
    const char *expression = json_string_value(json_object_get(entry, "mda"));
    const struct select_scene scene = {
        .atoms = &system->topology.atoms,
        .xyz = system->xyz,
        .box = periodic ? system->info.box : NULL,
    };
    struct selection selection;
    struct err err = {0};
    struct selector *selector = selector_create(&scene, expression, &err);
    if (!selector || selector_evaluate(selector, &scene, &selection, &err) != 0)
        fail_msg("%s", err.text);
    int64_t sum = 0, first = -1, last = -1;
    for (size_t i = 0; i < selection.n; i++)
        sum += selection.index[i];
    if (selection.n > 0) {
        first = selection.index[0];
        last = selection.index[selection.n - 1];
    }
    if ((int64_t)selection.n != number_of(entry, periodic ? "n_periodic" : "n") ||
        sum != number_of(entry, periodic ? "index_sum_periodic" : "index_sum") ||
        (!periodic &&
         (first != number_of(entry, "first") || last != number_of(entry, "last"))))
        fail_msg("'%s'%s selects %zu atoms %lld .. %lld", expression,
                 periodic ? " (periodic)" : "", selection.n, (long long)first,
                 (long long)last);
    selection_fini(&selection);
    selector_destroy(selector);
}

/* False where a file is not there. */
static bool open_system(struct system *system, const char *topology,
                        const char *trajectory)
{
    char path[FWTEST_PATH_BYTES], frames[FWTEST_PATH_BYTES];
    struct err err = {0};
    if (!fwtest_shared_path(path, topology) || !fwtest_shared_path(frames, trajectory))
        return false;
    const char *paths[] = {frames};
    if (topology_read(&system->topology, path, NULL, NULL, &err) != 0)
        fail_msg("%s", err.text);
    struct traj *traj = traj_open(paths, 1, NULL, &err);
    if (!traj)
        fail_msg("%s", err.text);
    size_t n = traj_n_atoms(traj);
    assert_int_equal(n, system->topology.atoms.n);
    struct traj_reader *reader = traj_reader_create(traj, &err);
    system->xyz = malloc(3 * n * sizeof *system->xyz);
    assert_int_equal(traj_read(reader, 0, NULL, n, system->xyz, &system->info, &err),
                     0);
    traj_reader_destroy(reader);
    traj_close(traj);
    return true;
}

static unsigned check_system(const json_t *entry)
{
    const char *topology = json_string_value(json_object_get(entry, "topology"));
    const char *trajectory = json_string_value(json_object_get(entry, "trajectory"));
    const json_t *entries = json_object_get(entry, "selections");
    struct system system = {.xyz = NULL};
    unsigned checked = 0;
    /* HDF5 is an optional library. */
    if (!entries || !topology || (trajectory && strstr(trajectory, ".h5md")) ||
        !open_system(&system, topology, trajectory ? trajectory : topology))
        return 0;
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *one = json_array_get(entries, i);
        if (is_misguessed(topology, json_string_value(json_object_get(one, "mda"))))
            continue;
        check_entry(&system, one, false);
        checked++;
        if (json_object_get(one, "n_periodic"))
            check_entry(&system, one, true);
    }
    free(system.xyz);
    topology_fini(&system.topology);
    return checked;
}

static void test_reference(void **state)
{
    char path[FWTEST_PATH_BYTES];
    json_error_t error;
    unsigned checked = 0;
    (void)state;
    FWTEST_NEED_SHARED(path, "reference.json");
    json_t *root = json_load_file(path, 0, &error);
    if (!root)
        fail_msg("%s: %s", path, error.text);
    const char *name;
    json_t *system;
    json_object_foreach(json_object_get(root, "systems"), name, system) checked +=
        check_system(system);
    json_decref(root);
    print_message("# %u selections\n", checked);
    assert_true(checked > 250);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
