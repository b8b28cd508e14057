/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mol-sample.h"

#include "mol/residues.h"
#include "traj/topology.h"

static void test_symbols(void **state)
{
    static const struct {
        const char *symbol;
        unsigned number;
    } cases[] = {
        {"H", 1},    {"h", 1},   {"D", 1},   {"T", 1},   {"C", 6},
        {"CL", 17},  {"Cl", 17}, {"cl", 17}, {"Fe", 26}, {"U", 92},
        {"Og", 118}, {"", 0},    {"?", 0},   {"Xx", 0},  {"C ", 0},
        {"Clx", 0},  {"HE", 2},  {"W", 74},  {"Pb", 82}, {"Es", 99},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(element_from_symbol(cases[i].symbol), cases[i].number);
    for (uint8_t i = 1; i <= ELEMENT_MAX; i++)
        assert_int_equal(element_from_symbol(element_symbol(i)), i);
    assert_string_equal(element_symbol(17), "Cl");
    assert_string_equal(element_symbol(0), "?");
    assert_string_equal(element_symbol(255), "?");
}

static void test_masses(void **state)
{
    (void)state;
    assert_float_equal(element_mass(1), 1.008, 1e-9);
    assert_float_equal(element_mass(6), 12.011, 1e-9);
    assert_float_equal(element_mass(92), 238.03, 1e-4);
    assert_true(isnan(element_mass(0)));
    assert_true(isnan(element_mass(43)));
    assert_true(isnan(element_mass(200)));
    /* Weights grow with the number but for the known inversions, which would show a
       slip of the table. */
    double last = 0;
    unsigned inversions = 0;
    for (uint8_t i = 1; i <= ELEMENT_MAX; i++) {
        if (isnan(element_mass(i)))
            continue;
        inversions += element_mass(i) < last;
        last = element_mass(i);
    }
    assert_int_equal(inversions, 4); /* Ar K, Co Ni, Te I, Th Pa */
}

static void test_residue_names(void **state)
{
    (void)state;
    static const char *const yes[][4] = {
        {"ALA", "A", "SOL", "NA+"},    {"VAL", "DC5", "HOH", "Na+"},
        {"HSD", "URA", "TIP3", "CLA"}, {"MSE", "RC", "WAT", "CL-"},
        {"ACE", "THY", "DOD", "CAL"},  {"NME", "G", "H2O", "ZN"},
        {"TYR", "U", "T3P", "ION"},    {"CYX", "ADE", "SPCE", "POT"},
    };
    bool (*const is[])(const char *) = {
        residue_is_protein,
        residue_is_nucleic,
        residue_is_water,
        residue_is_ion,
    };
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        for (size_t k = 0; k < 4; k++)
            for (size_t l = 0; l < 4; l++)
                if (is[l](yes[i][k]) != (k == l))
                    fail_msg("%s in list %zu", yes[i][k], l);
    static const char *const no[] = {"",    "W",    "XYZ",  "ala",
                                     "PO4", "ALAX", "AL A", "SO4"};
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        for (size_t l = 0; l < 4; l++)
            assert_false(is[l](no[i]));
    assert_int_equal(residue_ion_element("cla"), 17);
    assert_int_equal(residue_ion_element("POT"), 19);
    assert_int_equal(residue_ion_element("ALA"), 0);
}

struct guess {
    const char *resname, *name, *symbol;
    double mass; /* 0: none in the file */
};

static const struct guess guesses[] = {
    /* Protein: the first letter, after digits. */
    {"LEU", "HG11", "H", 0},
    {"GLN", "HE21", "H", 0},
    {"ALA", "1HB", "H", 0},
    {"ALA", "HA", "H", 0},
    {"CYS", "HG", "H", 0},
    {"ALA", "D", "H", 0},
    {"ALA", "CA", "C", 0},
    {"LYS", "CD", "C", 0},
    {"LYS", "CE", "C", 0},
    {"LYS", "CS", "C", 0},
    {"ARG", "NE", "N", 0},
    {"HIS", "ND1", "N", 0},
    {"LYS", "NZ", "N", 0},
    {"MET", "SD", "S", 0},
    {"CYS", "SG", "S", 0},
    {"MSE", "SE", "Se", 0},
    {"GLY", "OXT", "O", 0},
    {"GLY", "OT1", "O", 0},
    {"GLY", "OC2", "O", 0},
    {"NME", "CH3", "C", 0},
    {"ACE", "1HH3", "H", 0},
    {"ALA", "MCH3", "?", 0},
    {"ALA", "LP1", "?", 0},
    {"ALA", "SC1", "?", 0},
    {"ALA", "CB", "C", 14.027},
    {"ALA", "N", "N", 8.0},
    {"ALA", "X1", "C", 12.011},
    /* Nucleic acid. */
    {"DC", "P", "P", 0},
    {"DC", "O5'", "O", 0},
    {"DC", "O5*", "O", 0},
    {"DG", "H5''", "H", 0},
    {"DG", "HO5'", "H", 0},
    {"G", "O1P", "O", 0},
    {"G", "OP1", "O", 0},
    {"U", "N3", "N", 0},
    {"C", "C5", "C", 0},
    /* Water, and its sites without an element. */
    {"SOL", "OW", "O", 0},
    {"SOL", "HW2", "H", 0},
    {"SOL", "MW", "?", 0},
    {"TIP3", "OH2", "O", 0},
    {"TIP3", "H1", "H", 0},
    {"WAT", "EPW", "?", 0},
    {"TIP5", "LP1", "?", 0},
    {"DOD", "D1", "H", 0},
    /* Ions by residue and atom. */
    {"NA+", "NA", "Na", 0},
    {"SOD", "SOD", "Na", 0},
    {"CLA", "CLA", "Cl", 0},
    {"CL-", "CL", "Cl", 0},
    {"CA", "CA", "Ca", 0},
    {"CAL", "CAL", "Ca", 0},
    {"CES", "CES", "Cs", 0},
    {"POT", "POT", "K", 0},
    {"K+", "K", "K", 0},
    {"Na+", "Na+", "Na", 0},
    {"MG", "MG", "Mg", 0},
    {"ZN2", "ZN", "Zn", 0},
    {"IOD", "I", "I", 0},
    {"ION", "CL", "Cl", 0},
    /* Others by mass, where that says more than the name. */
    {"LIG", "CA", "Ca", 40.08},
    {"LIG", "CA", "C", 12.011},
    {"LIG", "CH2", "C", 14.027},
    {"LIG", "CH3", "C", 15.035},
    {"LIG", "H1", "H", 4.032},
    {"LIG", "O1", "O", 13.983},
    {"LIG", "C2", "C", 5.963},
    {"LIG", "X1", "N", 14.01},
    {"LIG", "SI7A", "Si", 28.085},
    {"LIG", "D1", "H", 2.014},
    {"LIG", "B7", "?", 72.0},
    {"LIG", "Q", "?", 45.0},
    {"LIG", "DC1", "?", 0.4},
    /* Others by name. */
    {"LIG", "C1", "C", 0},
    {"LIG", "CA", "C", 0},
    {"LIG", "NA", "N", 0},
    {"LIG", "HN", "H", 0},
    {"LIG", "2H", "H", 0},
    {"LIG", "CL1", "Cl", 0},
    {"LIG", "BR", "Br", 0},
    {"LIG", "F12", "F", 0},
    {"LIG", "I1", "I", 0},
    {"LIG", "S1", "S", 0},
    {"HEM", "FE", "Fe", 0},
    {"LIG", "ZN1", "Zn", 0},
    {"SIN", "SI", "Si", 0},
    {"", "Na", "Na", 0},
    {"", "Ca", "Ca", 0},
    {"", "CA", "C", 0},
    {"HO3", "HO", "Ho", 0},
    {"LIG", "QB", "?", 0},
    {"LIG", "", "?", 0},
    {"LIG", "123", "?", 0},
    {"", "", "?", 0},
    {"W", "W", "?", 0},
};

static void test_guesses(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++) {
        struct atoms atoms = {0};
        struct atom *atom = sample_add(&atoms, guesses[i].resname, 1, guesses[i].name);
        if (guesses[i].mass > 0)
            atom->mass = guesses[i].mass;
        elements_complete(&atoms);
        const char *symbol = element_symbol(atoms.at[0].element);
        if (strcmp(symbol, guesses[i].symbol) != 0)
            fail_msg("%s:%s is %s, not %s", guesses[i].resname, guesses[i].name, symbol,
                     guesses[i].symbol);
        atoms_fini(&atoms);
    }
}

/* Fills one residue with names and compares the symbols that come out. */
static void check_residue(const char *resname, const char *const names[],
                          const char *const symbols[], size_t n)
{
    struct atoms atoms = {0};
    for (size_t i = 0; i < n; i++)
        sample_add(&atoms, resname, 1, names[i]);
    elements_complete(&atoms);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(element_symbol(atoms.at[i].element), symbols[i]);
    atoms_fini(&atoms);
}

static void test_residue_context(void **state)
{
    (void)state;
    /* Chlorophyll has a chloride's residue name, but more than one kind of atom. */
    check_residue("CLA", (const char *const[]){"MG", "NA", "CHA", "OBD"},
                  (const char *const[]){"Mg", "N", "C", "O"}, 4);
    check_residue("SOD", (const char *const[]){"SOD", "SOD"},
                  (const char *const[]){"Na", "Na"}, 2);
    check_residue("ION", (const char *const[]){"NA", "CL"},
                  (const char *const[]){"Na", "Cl"}, 2);
    check_residue("POPC", (const char *const[]){"NC3", "PO4", "C1A", "D2A"},
                  (const char *const[]){"?", "?", "?", "?"}, 4);
    check_residue("POPC", (const char *const[]){"P", "C1A", "CL1", "H12"},
                  (const char *const[]){"P", "C", "Cl", "H"}, 4);
    check_residue("MET", (const char *const[]){"BB", "SC1"},
                  (const char *const[]){"?", "?"}, 2);
}

static void test_file_elements_stay(void **state)
{
    struct atoms atoms = {0};
    (void)state;
    sample_add(&atoms, "ALA", 1, "CA")->element = 20;
    sample_add(&atoms, "SOL", 2, "MW")->mass = 0;
    elements_complete(&atoms);
    assert_int_equal(atoms.at[0].element, 20);
    assert_int_equal(atoms.at[1].element, 0);
    atoms_fini(&atoms);

    sample_add(&atoms, "", 0, "C");
    atoms.bare_balls = true;
    elements_complete(&atoms);
    assert_int_equal(atoms.at[0].element, 0);
    atoms_fini(&atoms);
}

static void test_residue_numbers(void **state)
{
    struct atoms atoms;
    (void)state;
    sample_system(&atoms);
    static const uint32_t starts[] = {0, 5, 7, 10, 13, 17, 18, 19, 20};
    assert_int_equal(atoms.n_residues, sizeof starts / sizeof *starts);
    for (size_t i = 0; i < atoms.n_residues; i++) {
        assert_int_equal(atoms.at[starts[i]].residue, i);
        if (i > 0)
            assert_int_equal(atoms.at[starts[i] - 1].residue, i - 1);
    }
    atoms_fini(&atoms);
    assert_int_equal(atoms.n, 0);
    assert_null(atoms.at);
    atoms_number_residues(&atoms);
    assert_int_equal(atoms.n_residues, 0);
    elements_complete(&atoms);
}

static void test_reference_counts(void **state)
{
    static const struct {
        const char *file;
        unsigned h, c, n, o, s, na, cl, unknown;
    } cases[] = {
        {"adk_oplsaa.gro", 23853, 1040, 289, 11404, 7, 4, 0, 11084},
        {"adk_closed.pdb", 1685, 1040, 289, 320, 7, 0, 0, 0},
        {"cobrotoxin.pdb", 9662, 277, 97, 4710, 8, 8, 11, 4612},
        {"nmr_neopetrosiamide.pdb", 182, 129, 35, 39, 7, 0, 0, 0},
        {"tz2.truncoct.pdb", 3842, 78, 20, 1887, 0, 0, 0, 0},
        {"trpzip2.ff14SB.mbondi3.pdb", 104, 78, 20, 18, 0, 0, 0, 0},
        {"mda_5atom_test_topology.pdb", 0, 5, 0, 0, 0, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[FWTEST_PATH_BYTES];
        struct topology topology;
        struct err err = {0};
        unsigned count[ELEMENT_MAX + 1] = {0};
        FWTEST_NEED_SHARED(path, cases[i].file);
        if (topology_read(&topology, path, NULL, NULL, &err) != 0)
            fail_msg("%s", err.text);
        /* Also the guess alone, without the file's element columns. */
        for (int pass = 0; pass < 2; pass++) {
            memset(count, 0, sizeof count);
            for (size_t k = 0; k < topology.atoms.n; k++)
                count[topology.atoms.at[k].element]++;
            assert_int_equal(count[1], cases[i].h);
            assert_int_equal(count[6], cases[i].c);
            assert_int_equal(count[7], cases[i].n);
            assert_int_equal(count[8], cases[i].o);
            assert_int_equal(count[16], cases[i].s);
            assert_int_equal(count[11], cases[i].na);
            assert_int_equal(count[17], cases[i].cl);
            assert_int_equal(count[0], cases[i].unknown);
            for (size_t k = 0; k < topology.atoms.n; k++)
                topology.atoms.at[k].element = 0;
            elements_complete(&topology.atoms);
        }
        topology_fini(&topology);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_symbols),
        cmocka_unit_test(test_masses),
        cmocka_unit_test(test_residue_names),
        cmocka_unit_test(test_guesses),
        cmocka_unit_test(test_residue_context),
        cmocka_unit_test(test_file_elements_stay),
        cmocka_unit_test(test_residue_numbers),
        cmocka_unit_test(test_reference_counts),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
