/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Selections of whole systems against counts that MDAnalysis 2.4 gave. */
#include "mol-sample.h"

#include "mol/select.h"
#include "traj/topology.h"

#include <jansson.h>

/* Words whose meaning depends on coordinates, masses or bonds; not of this language. */
static bool is_supported(const char *expression)
{
    static const char *const words[] = {"prop ", "point ", "around ", "same ", "byres ",
                                        "sph",   "cy",     "iso",     "group "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strstr(expression, words[i]))
            return false;
    return true;
}

static int64_t number_of(const json_t *entry, const char *key)
{
    const json_t *value = json_object_get(entry, key);
    return json_is_integer(value) ? (int64_t)json_integer_value(value) : -1;
}

static void check_entry(const struct atoms *atoms, const json_t *entry)
{
    const char *expression = json_string_value(json_object_get(entry, "mda"));
    struct selection selection;
    struct err err = {0};
    if (select_atoms(&selection, atoms, expression, &err) != 0)
        fail_msg("%s", err.text);
    int64_t sum = 0, first = -1, last = -1;
    for (size_t i = 0; i < selection.n; i++)
        sum += selection.index[i];
    if (selection.n > 0) {
        first = selection.index[0];
        last = selection.index[selection.n - 1];
    }
    if ((int64_t)selection.n != number_of(entry, "n") ||
        sum != number_of(entry, "index_sum") || first != number_of(entry, "first") ||
        last != number_of(entry, "last"))
        fail_msg("'%s' selects %zu atoms %lld .. %lld", expression, selection.n,
                 (long long)first, (long long)last);
    selection_fini(&selection);
}

static unsigned check_system(const json_t *system)
{
    const char *file = json_string_value(json_object_get(system, "topology"));
    const json_t *entries = json_object_get(system, "selections");
    const char *dot = file ? strrchr(file, '.') : NULL;
    char path[FWTEST_PATH_BYTES];
    struct topology topology;
    struct err err = {0};
    unsigned checked = 0;
    if (!dot || (strcmp(dot, ".pdb") != 0 && strcmp(dot, ".gro") != 0) || !entries ||
        !fwtest_shared_path(path, file))
        return 0;
    if (topology_read(&topology, path, NULL, NULL, &err) != 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < json_array_size(entries); i++) {
        const json_t *entry = json_array_get(entries, i);
        if (!is_supported(json_string_value(json_object_get(entry, "mda"))))
            continue;
        check_entry(&topology.atoms, entry);
        checked++;
    }
    topology_fini(&topology);
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
    assert_true(checked > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
