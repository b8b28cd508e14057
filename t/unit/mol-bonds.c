/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bonds and molecules: the index, templates of standard residues, and both against a
   structure file that lists its bonds. */
#include "mol-sample.h"

#include "mol/bond_guess.h"
#include "traj/topology.h"
#include "traj/traj.h"

static void test_index(void **state)
{
    static const struct bond expected[] = {{0, 1}, {0, 4}, {1, 2}, {5, 6}};
    struct bonds bonds = {0};
    struct err err = {0};
    (void)state;
    const size_t given[][2] = {{6, 5}, {4, 0}, {1, 2}, {3, 3}, {2, 1}, {1, 0}, {0, 1}};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        assert_int_equal(bonds_add(&bonds, given[i][0], given[i][1], &err), 0);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(bonds_index(&bonds, 8, &err), 0);
        assert_int_equal(bonds.n, 4);
        assert_memory_equal(bonds.pair, expected, sizeof expected);
    }
    static const size_t first[] = {0, 2, 4, 5, 5, 6, 7, 8, 8};
    static const uint32_t partner[] = {1, 4, 0, 2, 1, 0, 6, 5};
    static const uint32_t fragment[] = {0, 0, 0, 1, 0, 2, 2, 3};
    assert_memory_equal(bonds.first, first, sizeof first);
    assert_memory_equal(bonds.partner, partner, sizeof partner);
    assert_memory_equal(bonds.fragment, fragment, sizeof fragment);
    assert_int_equal(bonds.n_fragments, 4);
    assert_int_equal(bonds_index(&bonds, 6, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    bonds_fini(&bonds);
    assert_int_equal(bonds_index(&bonds, 3, &err), 0);
    assert_int_equal(bonds.n_fragments, 3);
    bonds_fini(&bonds);
}

/* Bonds as text, "0-1 1-2". */
static const char *as_text(const struct atoms *atoms, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < atoms->bonds.n && used + 32 < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s-%s", i ? " " : "",
                                 atoms->at[atoms->bonds.pair[i].a].name,
                                 atoms->at[atoms->bonds.pair[i].b].name);
    return text;
}

static const struct {
    const char *atoms; /* "RES:NAME ...", a new residue with each ':' */
    const char *bonds;
} cases[] = {
    {"ALA:N H CA HA CB HB1 2HB HB3 C O",
     "N-H N-CA CA-HA CA-CB CA-C CB-HB1 CB-2HB CB-HB3 C-O"},
    {"GLY:N CA C O GLY:N CA C O", "N-CA CA-C C-O C-N N-CA CA-C C-O"},
    /* the end of a chain */
    {"GLY:N CA C O OXT GLY:N CA", "N-CA CA-C C-O C-OXT N-CA"},
    {"HIE:CG ND1 CE1 HE1 NE2 HE2 CD2 HD2",
     "CG-ND1 CG-CD2 ND1-CE1 CE1-HE1 CE1-NE2 NE2-HE2 NE2-CD2 CD2-HD2"},
    {"NLEU:CG CD1 HD11 CD2 HD21", "CG-CD1 CG-CD2 CD1-HD11 CD2-HD21"},
    {"CASP:CB CG OD1 OD2", "CB-CG CG-OD1 CG-OD2"},
    {"ILE:CB CG1 CG2 CD HD1", "CB-CG1 CB-CG2 CG1-CD CD-HD1"},
    {"THR:CB OG1 HG1 CG2 HG21", "CB-OG1 CB-CG2 OG1-HG1 CG2-HG21"},
    {"ACE:CH3 C O NME:N H CH3", "CH3-C C-O C-N N-H N-CH3"},
    {"DA3:C1' N9 C4 C8 N7 C5 C6 N6 H61 C2 H2 N1 N3",
     "C1'-N9 N9-C4 N9-C8 C4-C5 C4-N3 C8-N7 N7-C5 C5-C6 C6-N6 C6-N1 N6-H61 C2-H2 "
     "C2-N1 C2-N3"},
    {"U:O5* C5* H5* HO5* C4* RU3:P O1P O5* C5* H5** O2* HO2* C2* H2*",
     "O5*-C5* O5*-HO5* C5*-H5* C5*-C4* P-O1P P-O5* O5*-C5* C5*-H5** O2*-HO2* O2*-C2* "
     "C2*-H2*"},
    {"U:C3' O3' G:P O5'", "C3'-O3' O3'-P P-O5'"},
    {"SOL:OW HW1 HW2 MW", "OW-HW1 OW-HW2"},
    {"HOH:O H1 H2 O H1 H2", "O-H1 O-H2 O-H1 O-H2"},
    {"LIG:C1 C2 O1", ""},
    {"GLY:CA LIG:C1 GLY:CA", ""},
};

static void add_atoms(struct atoms *atoms, const char *text)
{
    char resname[8] = "", name[8];
    int32_t resid = 0;
    int n;
    for (; sscanf(text, " %7[^: ]%n", name, &n) == 1; text += n) {
        if (text[n] == ':') {
            strcpy(resname, name);
            resid++;
            n++;
            continue;
        }
        sample_add(atoms, resname, resid, name);
    }
    atoms_number_residues(atoms);
    elements_complete(atoms);
}

static void test_templates(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct atoms atoms = {0};
        struct err err = {0};
        char text[1024];
        add_atoms(&atoms, cases[i].atoms);
        assert_int_equal(bonds_guess(&atoms, NULL, NULL, &err), 0);
        if (strcmp(as_text(&atoms, text, sizeof text), cases[i].bonds) != 0)
            fail_msg("%s: %s", cases[i].atoms, text);
        atoms_fini(&atoms);
    }
}

/* Two glycines whose C and N are `gap` apart, and two sulfurs as far. */
static size_t bonds_at(double gap, const double *box)
{
    struct atoms atoms = {0};
    struct err err = {0};
    add_atoms(&atoms, "GLY:CA C GLY:N CA CYS:SG CYS:SG");
    const double xyz[] = {0,         0,   0,  1.5,       0,   0,  1.5 + gap, 0,   0,
                          3.0 + gap, 0.0, 0., 0.5 + gap, 8.0, 0., 0.5,       8.0, 0.};
    assert_int_equal(bonds_guess(&atoms, xyz, box, &err), 0);
    size_t n = atoms.bonds.n;
    atoms_fini(&atoms);
    return n;
}

static void test_distances(void **state)
{
    const double box[6] = {20, 21, 22, 90, 90, 90},
                 skewed[6] = {20, 30, 30, 80, 70, 60};
    (void)state;
    assert_int_equal(bonds_at(1.4, NULL), 4);
    assert_int_equal(bonds_at(2.6, NULL), 2);
    assert_int_equal(bonds_at(1.4, box), 4);
    assert_int_equal(bonds_at(21.4, NULL), 2);
    assert_int_equal(bonds_at(21.4, box), 4);
    assert_int_equal(bonds_at(-18.6, skewed), 4);
    assert_int_equal(bonds_at(17.6, skewed), 4);
    assert_int_equal(bonds_at(10, box), 2);
}

/* Alternate locations do not mix. */
static void test_altloc(void **state)
{
    struct atoms atoms = {0};
    struct err err = {0};
    char text[256];
    (void)state;
    add_atoms(&atoms, "SER:CA CB OG CB OG");
    atoms.at[1].altloc = atoms.at[2].altloc = 'A';
    atoms.at[3].altloc = atoms.at[4].altloc = 'B';
    assert_int_equal(bonds_guess(&atoms, NULL, NULL, &err), 0);
    assert_string_equal(as_text(&atoms, text, sizeof text), "CA-CB CA-CB CB-OG CB-OG");
    assert_int_equal(atoms.bonds.pair[2].b, 2);
    assert_int_equal(atoms.bonds.pair[3].b, 4);
    atoms_fini(&atoms);
}

/* What a file lists completely is not added to; what it lists in part is. */
static void test_listed(void **state)
{
    (void)state;
    for (int complete = 0; complete < 2; complete++) {
        struct atoms atoms = {0};
        struct err err = {0};
        add_atoms(&atoms, "GLY:N CA C LIG:C1 C2");
        bonds_add(&atoms.bonds, 3, 4, &err);
        atoms.bonds.complete = complete;
        assert_int_equal(bonds_guess(&atoms, NULL, NULL, &err), 0);
        assert_int_equal(atoms.bonds.n, complete ? 1 : 3);
        atoms_fini(&atoms);
    }
}

/* The structure file of adenylate kinase lists 3365 bonds; so do the names in its PDB
   file, without and with coordinates. */
static void test_reference(void **state)
{
    char psf[FWTEST_PATH_BYTES], pdb[FWTEST_PATH_BYTES];
    struct topology listed, guessed;
    struct err err = {0};
    struct frame_info info;
    (void)state;
    FWTEST_NEED_SHARED(psf, "adk.psf");
    FWTEST_NEED_SHARED(pdb, "adk_closed.pdb");
    assert_int_equal(topology_read(&listed, psf, NULL, NULL, &err), 0);
    assert_int_equal(bonds_guess(&listed.atoms, NULL, NULL, &err), 0);
    assert_int_equal(listed.atoms.bonds.n, 3365);
    assert_int_equal(listed.atoms.bonds.n_fragments, 1);
    const char *paths[] = {pdb};
    struct traj *traj = traj_open(paths, 1, NULL, &err);
    struct traj_reader *reader = traj_reader_create(traj, &err);
    double *xyz = malloc(3 * traj_n_atoms(traj) * sizeof *xyz);
    assert_int_equal(traj_read(reader, 0, NULL, traj_n_atoms(traj), xyz, &info, &err),
                     0);
    for (int with = 0; with < 2; with++) {
        assert_int_equal(topology_read(&guessed, pdb, NULL, NULL, &err), 0);
        assert_int_equal(bonds_guess(&guessed.atoms, with ? xyz : NULL, NULL, &err), 0);
        assert_int_equal(guessed.atoms.bonds.n, listed.atoms.bonds.n);
        assert_memory_equal(guessed.atoms.bonds.pair, listed.atoms.bonds.pair,
                            listed.atoms.bonds.n * sizeof(struct bond));
        topology_fini(&guessed);
    }
    free(xyz);
    traj_reader_destroy(reader);
    traj_close(traj);
    topology_fini(&listed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_index),     cmocka_unit_test(test_templates),
        cmocka_unit_test(test_distances), cmocka_unit_test(test_altloc),
        cmocka_unit_test(test_listed),    cmocka_unit_test(test_reference),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
