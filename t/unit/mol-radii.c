/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mol-sample.h"

#include "mol/radii.h"

/* Radii for what an expression selects; NULL with *err set where that fails. */
static double *assign(const struct atoms *atoms, const char *expression,
                      const char *set, double scale, double shell, size_t *n,
                      struct err *err)
{
    struct selection selection;
    *err = (struct err){0};
    assert_int_equal(select_atoms(&selection, atoms, expression, err), 0);
    double *radii = radii_assign(atoms, &selection, set, scale, shell, err);
    *n = selection.n;
    selection_fini(&selection);
    return radii;
}

static double one_radius(uint8_t element, const char *set)
{
    struct atoms atoms = {0};
    struct err err;
    size_t n;
    sample_add(&atoms, "LIG", 1, "X")->element = element;
    double *radii = assign(&atoms, "all", set, 1, 0, &n, &err);
    double radius = radii ? radii[0] : NAN;
    if (!radii)
        assert_int_equal(err.code, ERR_INPUT);
    free(radii);
    atoms_fini(&atoms);
    return radius;
}

/* Beads go by their names, then by their types, and take masses. */
static void test_beads(void **state)
{
    static const char beads[] = "ALA:BB 2.3 72\nP* 2.64\nC1 2.5 36.5\nCA 1.7\n";
    char dir[FWTEST_PATH_BYTES], path[FWTEST_PATH_BYTES];
    static const struct {
        const char *resname, *name, *type;
        double radius, mass;
    } rows[] = {
        {"ALA", "BB", "P5", 2.3, 72},    {"GLY", "BB", "P5", 2.64, NAN},
        {"LEU", "SC1", "C1", 2.5, 36.5}, {"W", "W", "P4", 2.64, NAN},
        {"LEU", "C1", "", 2.5, 36.5},
    };
    enum { N = sizeof rows / sizeof *rows };
    struct atoms atoms = {0};
    struct err err = {0};
    uint32_t index[N];
    (void)state;
    for (uint32_t i = 0; i < N; i++) {
        struct atom *atom = sample_add(&atoms, rows[i].resname, 1, rows[i].name);
        snprintf(atom->type, sizeof atom->type, "%s", rows[i].type);
        index[i] = i;
    }
    const struct selection selection = {N, index};
    fwtest_write_file(path, fwtest_make_dir(dir), "beads", beads, sizeof beads - 1);
    double *radii = radii_assign(&atoms, &selection, path, 1, 0, &err);
    if (!radii)
        fail_msg("%s", err.text);
    assert_int_equal(radii_masses(&atoms, &selection, path, &err), 0);
    assert_int_equal(radii_masses(&atoms, &selection, "bondi", &err), 0);
    for (uint32_t i = 0; i < N; i++) {
        assert_true(radii[i] == rows[i].radius);
        assert_true(isnan(rows[i].mass) ? isnan(atoms.at[i].mass)
                                        : atoms.at[i].mass == rows[i].mass);
    }
    free(radii);
    /* An atom with an element is not taken by its type. */
    atoms.at[3].element = 8;
    assert_null(radii_assign(&atoms, &selection, path, 1, 0, &err));
    assert_non_null(strstr(err.text, "W:W"));
    fwtest_remove_dir(dir);
    atoms_fini(&atoms);
}

static void test_tables(void **state)
{
    static const struct {
        const char *symbol;
        double bondi, zeno;
    } cases[] = {
        {"H", 1.20, 1.20},  {"C", 1.70, 1.70},  {"N", 1.55, 1.55},  {"O", 1.52, 1.52},
        {"F", 1.47, 1.47},  {"P", 1.80, 1.90},  {"S", 1.80, 1.85},  {"Cl", 1.75, 1.75},
        {"Na", 2.27, 2.27}, {"K", 2.75, 2.75},  {"Mg", 1.73, 1.73}, {"Zn", 1.39, 1.39},
        {"Se", 1.90, 1.90}, {"Br", 1.85, 1.85}, {"I", 1.98, 1.98},  {"Si", 2.10, 2.10},
        {"Ca", 2.62, 2.62}, {"Fe", 2.44, 2.44}, {"Cs", 3.48, 3.48}, {"U", 1.86, 1.86},
        {"Pu", 2.81, 2.81}, {"La", 2.98, 2.98},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t element = element_from_symbol(cases[i].symbol);
        assert_true(fabs(one_radius(element, "bondi") - cases[i].bondi) < 1e-12);
        assert_true(fabs(one_radius(element, "zeno") - cases[i].zeno) < 1e-12);
    }
    assert_true(isnan(one_radius(0, "bondi")));
    assert_true(isnan(one_radius(118, "bondi")));
    unsigned known = 0;
    for (uint8_t i = 1; i <= ELEMENT_MAX; i++) {
        double radius = one_radius(i, "bondi");
        known += isnan(radius) ? 0 : 1;
        assert_true(isnan(radius) || (radius > 1.1 && radius < 3.6));
    }
    assert_int_equal(known, 38 + 55); /* Bondi's elements, and Alvarez's further ones */
}

static void test_order_scale_shell(void **state)
{
    struct atoms atoms;
    struct err err;
    size_t n;
    (void)state;
    sample_system(&atoms);
    double *radii = assign(&atoms, "name P N OXT", "bondi", 2.0, 0.5, &n, &err);
    assert_non_null(radii);
    assert_int_equal(n, 4);
    const double expected[] = {1.55, 1.55, 1.52, 1.80};
    for (size_t i = 0; i < n; i++)
        assert_true(fabs(radii[i] - (expected[i] * 2.0 + 0.5)) < 1e-12);
    free(radii);
    radii = assign(&atoms, "not all", "bondi", 1, 0, &n, &err);
    assert_non_null(radii);
    free(radii);
    static const double wrong[][2] = {
        {0, 0}, {-1, 0}, {1, -1.6}, {NAN, 0}, {1, NAN}, {INFINITY, 0}, {1e308, 1e308},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_null(
            assign(&atoms, "protein", "bondi", wrong[i][0], wrong[i][1], &n, &err));
        assert_int_equal(err.code, ERR_USAGE);
    }
    atoms_fini(&atoms);
}

static void test_ca5(void **state)
{
    struct atoms atoms;
    struct err err;
    size_t n;
    (void)state;
    sample_system(&atoms);
    double *radii = assign(&atoms, "protein and name CA", "ca5", 1, 0, &n, &err);
    assert_non_null(radii);
    assert_int_equal(n, 2);
    assert_true(radii[0] == 5.0 && radii[1] == 5.0);
    free(radii);
    assert_null(assign(&atoms, "protein", "ca5", 1, 0, &n, &err));
    assert_int_equal(err.code, ERR_INPUT);
    /* The calcium ion is no alpha carbon. */
    assert_null(assign(&atoms, "name CA", "ca5", 1, 0, &n, &err));
    assert_non_null(strstr(err.text, "CA:CA (1 atom)"));
    atoms_fini(&atoms);
}

static void test_file_set(void **state)
{
    static const double bad[] = {0, -1, NAN, INFINITY};
    struct atoms atoms;
    struct err err;
    size_t n;
    (void)state;
    sample_system(&atoms);
    for (size_t i = 0; i < atoms.n; i++)
        atoms.at[i].radius = 1.0 + (double)i / 8;
    double *radii = assign(&atoms, "index 3 8", "file", 1, 0, &n, &err);
    assert_non_null(radii);
    assert_true(radii[0] == 1.375 && radii[1] == 2.0);
    free(radii);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        atoms.at[8].radius = bad[i];
        assert_null(assign(&atoms, "index 3 8", "file", 1, 0, &n, &err));
        assert_non_null(strstr(err.text, "GLY:O (1 atom)"));
    }
    atoms_fini(&atoms);
}

static void test_missing_is_listed(void **state)
{
    struct atoms atoms;
    struct err err;
    size_t n;
    (void)state;
    sample_system(&atoms);
    for (int i = 0; i < 3; i++)
        sample_add(&atoms, "SOL", 10, "MW");
    sample_add(&atoms, "", 11, "");
    sample_add(&atoms, "A\x1b[0m", 12, "Q");
    assert_null(assign(&atoms, "all", "bondi", 1, 0, &n, &err));
    assert_int_equal(err.code, ERR_INPUT);
    assert_non_null(strstr(err.text, "SOL:MW (4 atoms)"));
    assert_non_null(strstr(err.text, "unnamed (1 atom)"));
    assert_null(strstr(err.text, "C1"));
    assert_null(strchr(err.text, '\x1b'));
    atoms_fini(&atoms);

    for (int i = 0; i < 1000; i++) {
        char name[ATOM_NAME_BYTES];
        snprintf(name, sizeof name, "Q%d", i);
        sample_add(&atoms, "LONGRESIDUENAME", 1, name);
    }
    assert_null(assign(&atoms, "all", "zeno", 1, 0, &n, &err));
    const char *rest = strstr(err.text, " ... and ");
    assert_non_null(rest);
    unsigned left_out = 0, listed = 0;
    char end[16];
    assert_int_equal(sscanf(rest, " ... and %u more type%15s", &left_out, end), 2);
    for (const char *c = err.text; (c = strstr(c, " (1 atom)")); c++)
        listed++;
    assert_true(listed > 10);
    assert_int_equal(listed + left_out, 1000);
    atoms_fini(&atoms);
}

static const char rules[] = "# radii of the sample\n"
                            "\n"
                            "C*       1.0\r\n"
                            "CA\t2.0  # alpha\n"
                            "GLY:C*   3.0\n"
                            "G*:C     3.5\n"
                            "GLY:CA   4.0\n"
                            "N        5.0\n"
                            "N        6.0\n"
                            "*        7.0\n"
                            "?        8.0\n"
                            "A*:?     9.0\n"
                            "ALA:?    9.5\n"
                            "A*:?     9.0"; /* no newline */

static void test_rules(void **state)
{
    /* By atom of the sample: the more specific rule, then the later one. */
    static const struct {
        unsigned atom;
        double radius;
    } cases[] = {
        {0, 9.5},  /* ALA:N as ALA:?, before A*:? and N */
        {1, 2.0},  /* ALA:CA as CA */
        {2, 7.0},  /* ALA:HA as *, for ? is one letter */
        {3, 9.5},  /* ALA:C */
        {5, 6.0},  /* GLY:N, the later N */
        {6, 4.0},  /* GLY:CA */
        {7, 3.5},  /* GLY:C: an exact name before an exact residue */
        {8, 8.0},  /* GLY:O as ?, later than * */
        {12, 7.0}, /* DC:C5M as *, later than C* */
        {18, 2.0}, /* calcium, by its name */
    };
    struct atoms atoms;
    struct err err;
    size_t n;
    char dir[FWTEST_PATH_BYTES], path[FWTEST_PATH_BYTES];
    (void)state;
    sample_system(&atoms);
    fwtest_make_dir(dir);
    fwtest_write_file(path, dir, "radii", rules, sizeof rules - 1);
    double *radii = assign(&atoms, "all", path, 1, 0, &n, &err);
    if (!radii)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (radii[cases[i].atom] != cases[i].radius)
            fail_msg("atom %u: %g, not %g", cases[i].atom, radii[cases[i].atom],
                     cases[i].radius);
    free(radii);
    fwtest_write_file(path, dir, "some", "CA 1\n", 5);
    assert_null(assign(&atoms, "name CA P", path, 1, 0, &n, &err));
    assert_non_null(strstr(err.text, "DC:P (1 atom)"));
    fwtest_remove_dir(dir);
    atoms_fini(&atoms);
}

static void test_bad_rules(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"CA\n", "radii:1: expected a name and a radius"},
        {"CA 1 2 3\n", "radii:1: expected a name and a radius"},
        {"CA 1 two\n", "radii:1: the mass is not a number"},
        {"CA 1 -2\n", "radii:1: the mass is not a number"},
        {"\n# x\nCA one\n", "radii:3: the radius is not a positive number"},
        {"CA 0\n", "not a positive number"},
        {"CA -1\n", "not a positive number"},
        {"CA nan\n", "not a positive number"},
        {"CA inf\n", "not a positive number"},
        {"CA 1e999\n", "not a positive number"},
        {"CA 1.0A\n", "not a positive number"},
        {":CA 1\n", "expected a name or RESNAME:NAME"},
        {"GLY: 1\n", "expected a name or RESNAME:NAME"},
        {"A:B:C 1\n", "expected a name or RESNAME:NAME"},
        {"abcdefghijklmnopqrstuvwxyzabcdefghijklm 1\n", "too long"},
    };
    struct atoms atoms;
    struct err err;
    size_t n;
    char dir[FWTEST_PATH_BYTES], path[FWTEST_PATH_BYTES], line[4096];
    (void)state;
    sample_system(&atoms);
    fwtest_make_dir(dir);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fwtest_write_file(path, dir, "radii", cases[i].text, strlen(cases[i].text));
        assert_null(assign(&atoms, "all", path, 1, 0, &n, &err));
        assert_int_equal(err.code, ERR_INPUT);
        if (!strstr(err.text, cases[i].message))
            fail_msg("%s", err.text);
    }
    memset(line, 'x', sizeof line);
    fwtest_write_file(path, dir, "radii", line, sizeof line);
    assert_null(assign(&atoms, "all", path, 1, 0, &n, &err));
    assert_non_null(strstr(err.text, "radii:1: line too long"));
    fwtest_write_file(path, dir, "radii", "CA 1\n\0\0\n", 8);
    assert_null(assign(&atoms, "all", path, 1, 0, &n, &err));
    assert_non_null(strstr(err.text, "radii:2: not a text file"));

    const char *const unreadable[] = {"Bondi", "/no/such/file", dir, ""};
    for (size_t i = 0; i < sizeof unreadable / sizeof *unreadable; i++) {
        assert_null(assign(&atoms, "all", unreadable[i], 1, 0, &n, &err));
        assert_int_equal(err.code, ERR_USAGE);
    }
    fwtest_remove_dir(dir);
    atoms_fini(&atoms);
}

static void test_coverage(void **state)
{
    struct atoms atoms;
    struct selection selection;
    struct err err = {0};
    size_t n;
    (void)state;
    sample_system(&atoms);
    assert_int_equal(select_atoms(&selection, &atoms, "all", &err), 0);
    double radii[64];
    for (size_t i = 0; i < selection.n; i++)
        radii[i] = 1.0 + (double)i;
    struct radii_row *rows = radii_coverage(&atoms, &selection, radii, &n, &err);
    assert_non_null(rows);
    static const struct radii_row expected[] = {
        {"C", 6, 2, 21},   {"O", 5, 5, 14},   {"H", 3, 3, 16},
        {"Cl", 2, 20, 22}, {"N", 2, 1, 6},    {"Ca", 1, 19, 19},
        {"MW", 1, 17, 17}, {"Na", 1, 18, 18}, {"P", 1, 11, 11},
    };
    assert_int_equal(n, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(rows[i].label, expected[i].label);
        assert_int_equal(rows[i].count, expected[i].count);
        assert_true(rows[i].radius == expected[i].radius);
        assert_true(rows[i].radius_max == expected[i].radius_max);
    }
    free(rows);
    selection.n = 0;
    rows = radii_coverage(&atoms, &selection, radii, &n, &err);
    assert_non_null(rows);
    assert_int_equal(n, 0);
    free(rows);
    selection_fini(&selection);
    atoms_fini(&atoms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beads),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_order_scale_shell),
        cmocka_unit_test(test_ca5),
        cmocka_unit_test(test_file_set),
        cmocka_unit_test(test_missing_is_listed),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_bad_rules),
        cmocka_unit_test(test_coverage),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
