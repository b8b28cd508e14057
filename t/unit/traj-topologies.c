/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Topology files: what is read of small ones, of real ones, and of damaged ones. */
#include "fwtest.h"

#include "dice.h"
#include "traj-topology-samples.h"

#include "mol/bond_guess.h"
#include "mol/elements.h"
#include "traj/topology.h"
#include "traj/traj.h"

#include <jansson.h>

struct fixture {
    char dir[FWTEST_PATH_BYTES], path[FWTEST_PATH_BYTES];
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    /* Thousands of small files are written. */
    if (access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 0);
    fwtest_make_dir(fixture->dir);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    fwtest_remove_dir(((struct fixture *)*state)->dir);
    free(*state);
    return 0;
}

static void read_sample(struct fixture *fixture, size_t sample,
                        struct topology *topology)
{
    struct err err = {0};
    const char *text = topology_samples[sample].text;
    fwtest_write_file(fixture->path, fixture->dir, topology_samples[sample].name, text,
                      strlen(text));
    if (topology_read(topology, fixture->path, NULL, NULL, &err) != 0)
        fail_msg("%s", err.text);
    if (bonds_index(&topology->atoms.bonds, topology->atoms.n, &err) != 0)
        fail_msg("%s", err.text);
}

/* One line an atom, "NAME RESNAME RESID ICODE SEGID CHAIN ALTLOC TYPE ELEMENT MASS
   CHARGE RADIUS OCCUPANCY BFACTOR", then the bonds. */
static void describe(const struct atoms *atoms, char *text, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < atoms->n; i++) {
        const struct atom *a = &atoms->at[i];
        used += (size_t)snprintf(
            text + used, size - used,
            "%s %s %d%s %s/%s %s%s %s %s %.4g %.4g %.4g %.4g %.4g\n", a->name,
            a->resname, a->resid, a->icode_text, a->segid, a->chain,
            a->hetatm ? "H" : "A", a->altloc_text, a->type, element_symbol(a->element),
            a->mass, a->charge, a->radius, (double)a->occupancy, (double)a->bfactor);
    }
    for (size_t i = 0; i < atoms->bonds.n; i++)
        used += (size_t)snprintf(text + used, size - used, "%u-%u ",
                                 atoms->bonds.pair[i].a, atoms->bonds.pair[i].b);
    snprintf(text + used, size - used, "%s", atoms->bonds.complete ? "complete" : "");
}

static const char *const expected[N_TOPOLOGY_SAMPLES] = {
    "N ALA 12 PEP/ A NH1 N 14.01 -0.47 nan nan nan\n"
    "CA ALA 12 PEP/ A CT1 C 12.01 0.07 nan nan nan\n"
    "OH2 TIP3 1 WAT/ A OT O 16 -0.834 nan nan nan\n0-1 complete",
    "N ALA 12 PEP/ A NH1 N 14.01 -0.47 nan nan nan\n"
    "CA ALA 12 / A CT1 C 12.01 0.07 nan nan nan\n"
    "OH2 TIP3 1 WAT/ A OT O 16 -0.834 nan nan nan\n0-1 complete",
    "N ALA 12 PEP/ A NH1 N 14.01 -0.47 nan nan nan\n"
    "CA ALA 12A PEP/ A averylongtype C 12.01 0.07 nan nan nan\n"
    "OH2 TIP3 1 WAT/ A OT O 16 -0.834 nan nan nan\n0-1 complete",
    "N ALA 1 SYSTEM/ A N3 N 14.01 -0.47 1.55 nan nan\n"
    "CA ALA 1 SYSTEM/ A CX C 12.01 0.07 1.7 nan nan\n"
    "O WAT 2 SYSTEM/ A OW O 16 -0.834 1.5 nan nan\n0-1 1-2 complete",
    "N ALA 1 SYSTEM/ A N N 14.01 -0.47 nan nan nan\n"
    "CA ALA 1 SYSTEM/ A C C 12.01 0.07 nan nan nan\n"
    "O WAT 2 SYSTEM/ A O O 16 -0.834 nan nan nan\n0-1 1-2 complete",
    "N ALA 12 A/A A N N nan -0.47 1.85 nan nan\n"
    "CA ALA 12 A/A A C C nan 0.07 2.275 nan nan\n"
    "O WAT 1A B/B H O O nan -0.834 1.768 nan nan\n",
    "N ALA 12 X/X A N N nan nan nan 1 20.5\n"
    "CA ALA 12 X/X AB C C nan nan nan 0.5 21.5\n"
    "O5' HOH 1Q Y/Y H O O nan nan nan 1 22.5\n1-2 ",
    "N ALA 12 PEP/A A N N nan nan nan 1 20.5\n"
    "CA ALA 12 PEP/A AB C C nan nan nan 0.5 21.5\n"
    "O HOH 1Q WAT/B H O O nan nan nan 1 22.5\n0-1 1-2 ",
};

static void test_samples(void **state)
{
    for (size_t i = 0; i < N_TOPOLOGY_SAMPLES; i++) {
        struct topology topology;
        char text[2048];
        read_sample(*state, i, &topology);
        assert_string_equal(topology.format, topology_samples[i].format);
        describe(&topology.atoms, text, sizeof text);
        if (strcmp(text, expected[i]) != 0)
            fail_msg("%s:\n%s", topology_samples[i].name, text);
        topology_fini(&topology);
    }
}

/* PQR and mmCIF give frames too; the others say that they cannot. */
static void test_frames(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < N_TOPOLOGY_SAMPLES; i++) {
        struct topology topology;
        struct err err = {0};
        read_sample(fixture, i, &topology);
        const char *paths[] = {fixture->path};
        struct traj *traj = traj_open(paths, 1, NULL, &err);
        assert_int_equal(traj != NULL, topology_has_frames(&topology));
        topology_fini(&topology);
        if (!traj) {
            assert_non_null(strstr(err.text, "a trajectory is needed"));
            continue;
        }
        size_t n_frames = strcmp(topology_samples[i].format, "CIF") == 0 ? 2 : 1;
        assert_int_equal(traj_n_frames(traj), n_frames);
        assert_int_equal(traj_n_atoms(traj), 3);
        struct traj_reader *reader = traj_reader_create(traj, NULL);
        const uint32_t pick[] = {1};
        double xyz[3];
        struct frame_info info;
        for (size_t frame = 0; frame < n_frames; frame++) {
            assert_int_equal(traj_read(reader, frame, pick, 1, xyz, &info, &err), 0);
            assert_true(xyz[0] == 12.5 + 10.0 * (double)frame && xyz[1] == -2.25 &&
                        xyz[2] == 3.125);
            assert_int_equal(info.has_box, n_frames == 2);
            if (info.has_box)
                assert_true(info.box[0] == 20.5 && info.box[4] == 91.5);
        }
        traj_reader_destroy(reader);
        traj_close(traj);
    }
}

/* As much of remarks as PDB2PQR writes: no atom is among the first bytes, by which
   formats are told from each other. */
static void test_long_remarks(void **state)
{
    static const char remark[] = "REMARK   5 WARNING: Unable to debump SER L 1E\n",
                      atom[] = "ATOM   1  N    ILE    16       5.007   -9.234   "
                               "18.432 -0.3000 1.8500\n";
    enum { REMARKS = 2000 };
    struct fixture *fixture = *state;
    struct topology topology;
    struct err err = {0};
    size_t n = sizeof remark - 1;
    char *text = malloc(REMARKS * n + sizeof atom);
    for (size_t i = 0; i < REMARKS; i++)
        memcpy(text + i * n, remark, n);
    memcpy(text + REMARKS * n, atom, sizeof atom);
    fwtest_write_file(fixture->path, fixture->dir, "long.pqr", text,
                      REMARKS * n + sizeof atom - 1);
    free(text);
    if (topology_read(&topology, fixture->path, NULL, NULL, &err) != 0)
        fail_msg("%s", err.text);
    assert_string_equal(topology.format, "PQR");
    assert_true(topology.atoms.at[0].radius == 1.85);
    topology_fini(&topology);
}

#define PSF_ATOMS                                                              \
    "PSF\n\n       1 !NTITLE\n x\n\n       2 !NATOM\n"                         \
    "       1 A    1    ALA  N    N      0.000000       14.0000           0\n" \
    "       2 A    1    ALA  C    C      0.000000       12.0000           0\n\n"
#define PRMTOP_ATOMS                                                                  \
    "%VERSION x\n%FLAG POINTERS\n%FORMAT(10I8)\n"                                     \
    "       2       1       0       1       0       1       0       0       0       " \
    "0\n       0       1       0       0       0       0       0       0       0   "  \
    "    0\n%FLAG ATOM_NAME\n%FORMAT(20a4)\nN   C\n"                                  \
    "%FLAG CHARGE\n%FORMAT(5E16.8)\n  0.00000000E+00  0.00000000E+00\n"               \
    "%FLAG MASS\n%FORMAT(5E16.8)\n  1.40100000E+01  1.20100000E+01\n"                 \
    "%FLAG RESIDUE_LABEL\n%FORMAT(20a4)\nALA\n"                                       \
    "%FLAG RESIDUE_POINTER\n%FORMAT(10I8)\n       1\n"
#define PRMTOP_BONDS \
    "%FLAG BONDS_WITHOUT_HYDROGEN\n%FORMAT(10I8)\n       0       3       1\n"
#define PRMTOP_ANGLES "%FLAG ANGLES_WITHOUT_HYDROGEN\n%FORMAT(10I8)\n"
#define CIF_ATOMS                                                  \
    "data_X\nloop_\n_atom_site.label_atom_id\n"                    \
    "_atom_site.Cartn_x\n_atom_site.Cartn_y\n_atom_site.Cartn_z\n" \
    "N 1.500 2.500 3.500\nC 1.500 2.500 4.500\n"

/* What programs end their files with may be missing; what they have counted may not. */
static const struct {
    const char *name, *text;
    bool whole;
} ends[] = {
    {"x.psf", PSF_ATOMS, true},
    {"x.psf", PSF_ATOMS "       1 !NBOND\n       1       2", true},
    {"x.psf", PSF_ATOMS "       1 !NBOND\n1 2", true},
    {"x.psf", PSF_ATOMS "       1 !NBOND\n       1       2\n\n 0 !NTHETA: a", true},
    {"x.psf", PSF_ATOMS "       1 !NBOND\n1 2\n 1 !NTHETA: a\n1 2 2\n0 !NPHI\n", true},
    {"x.psf", PSF_ATOMS "       1 !NBOND\n1 2\n 2 !NNB\n 1 1\n", true},
    {"x.psf", PSF_ATOMS "       1 !NBOND\n1 2\n 2 !NNB\n 1 1\n 0 0\n", true},
    {"x.psf", PSF_ATOMS "       1 !NBOND\n1 2\n 2 !NNB\n 1 1\n 0", false},
    {"x.psf", PSF_ATOMS "       1 !NBOND\n1 2\n 1 !N", false},
    {"x.psf", PSF_ATOMS "       1 !NBOND\n1 2\n 1 !NGRP NST2\n 0 0 0", true},
    {"x.psf", PSF_ATOMS "       1 !NBOND\n1 2\n 1 !NTHETA: a\n", false},
    {"x.psf", PSF_ATOMS "       1 !NBOND\n1 2\n 1 !NTHETA: a\n1 2\n", false},
    {"x.psf", PSF_ATOMS "       1 !NBOND\n1 2\n 1 !NTHETA: a\n1 2\n 0 !NPHI\n", false},
    {"x.psf", PSF_ATOMS "       1 !NBOND\n1 2\n 1 !NGRP NST2\n 0 0", false},
    {"x.psf",
     PSF_ATOMS "       1 !NBOND\n       1       2\n 2 !NTHETA: a\n"
               "       1       2       1\n       1       2     ",
     false},
    {"x.psf",
     PSF_ATOMS "       1 !NBOND\n       1       2\n 2 !NTHETA: a\n"
               "       1       2       1\n       1       2      10",
     true},
    {"x.prmtop",
     PRMTOP_ATOMS PRMTOP_BONDS PRMTOP_ANGLES "       0       3       0       1", true},
    {"x.prmtop",
     PRMTOP_ATOMS PRMTOP_BONDS PRMTOP_ANGLES "       0       3       0      1", false},
    {"x.prmtop", PRMTOP_ATOMS PRMTOP_BONDS PRMTOP_ANGLES "       0       3       0\n",
     false},
    {"x.prmtop", PRMTOP_ATOMS PRMTOP_BONDS, false},
    {"x.prmtop", PRMTOP_ATOMS, false},
    {"x.cif", CIF_ATOMS, true},
    {"x.cif", CIF_ATOMS "C 1.500 2.500 5.500", true},
    {"x.cif", CIF_ATOMS "C 1.500 2.500 5.5", false},
    {"x.cif", CIF_ATOMS "#", true},
};

static void test_ends(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct topology topology;
        struct err err = {0};
        fwtest_write_file(fixture->path, fixture->dir, ends[i].name, ends[i].text,
                          strlen(ends[i].text));
        bool read = topology_read(&topology, fixture->path, NULL, NULL, &err) == 0;
        if (read != ends[i].whole)
            fail_msg("row %zu: %s", i, read ? "accepted" : err.text);
        if (read)
            topology_fini(&topology);
        else if (!strstr(err.text, "x.") ||
                 !(strstr(err.text, "line ") || strstr(err.text, "missing")))
            fail_msg("%s", err.text);
    }
}

static const struct {
    const char *name, *text, *says;
} bad[] = {
    {"x.psf", "PSF\n\n 1 !NTITLE\n x\n\n 0 !NATOM\n", "no atoms"},
    {"x.psf", "PSF\n\n 9999999 !NATOM\n", "9999999 atoms claimed"},
    {"x.psf", "PSF\n\n 1 !NATOM\n 1 A x ALA N N 0 1 0\n", "expected atom 1"},
    {"x.psf", "PSF\n\n 1 !NATOM\n 1 A 1 ALA N N 0 -1 0\n", "expected atom 1"},
    {"x.psf", "PSF\n\n 1 !NATOM\n 1 A 1 ALA N N 0 14 0 0 0\n\n 1 !NBOND\n 1 2\n",
     "pairs of atom numbers from 1 to 1"},
    {"x.psf", "PSF\n\n 1 !NATOM\n 1 A 1 ALA N N 0 14 0 0 0\n\n 9 !NBOND\n 1 1\n",
     "9 bonds claimed"},
    {"x.psf", "PSX\n", "not a PSF file"},
    {"x.prmtop", "%VERSION x\n%FLAG POINTERS\n%FORMAT(10x8)\n", "%FORMAT"},
    {"x.prmtop", "%VERSION x\n", "no %FLAG POINTERS"},
    {"x.prmtop", "\n", "only 0 of 20 values"},
    {"x.pqr", "ATOM 1 N ALA 1 1 2 3 0.5\n", "no charge and radius"},
    {"x.pqr", "ATOM 1 N ALA 1 1 2 3 0.5 -1\n", "no charge and radius"},
    {"y.pqr",
     "ATOM      1  N   ALA A   1      11.500  -2.250   3.125 -0.4700 -1.8500\n",
     "no charge and radius"},
    {"x.pqr", "REMARK\n", "no ATOM or HETATM"},
    {"x.cif", "data_x\n_a.b 1\n", "no _atom_site"},
    {"x.cif", "data_x\n_a.b 'x\n", "does not end"},
    {"x.cif", "data_x\n_a.b\n;x\n", "ends within the text"},
    {"x.cif", "data_x\nloop_\n_a.b\n_a.c\n1 2 3\n", "a row of a loop has 1 of 2"},
    {"x.cif", "data_x\nstray\n", "a value without a name"},
    {"x.cif", "data_x\n_a.b _a.c\n", "a name without a value"},
    {"x.cif", "data_x\nloop_\n_atom_site.auth_seq_id\nx\n", "a residue number"},
    {"x.cif", "data_x\nloop_\n_atom_site.label_atom_id\nABCDEFGHIJKLMNOPQ\n",
     "too long"},
};

static void test_bad(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct topology topology;
        struct err err = {0};
        fwtest_write_file(fixture->path, fixture->dir, bad[i].name, bad[i].text,
                          strlen(bad[i].text));
        /* Whatever it is named, what is no PQR may be a PDB file. */
        const char *format = strcmp(bad[i].name, "x.pqr") == 0 ? "pqr" : NULL;
        if (topology_read(&topology, fixture->path, format, NULL, &err) == 0)
            fail_msg("%s is accepted", bad[i].text);
        assert_int_equal(err.code, ERR_INPUT);
        if (!strstr(err.text, bad[i].says) || !strstr(err.text, bad[i].name))
            fail_msg("%s", err.text);
    }
}

/* Reads whatever it is, as what it was; an error names the file. */
static void try_file(struct fixture *fixture, size_t sample, const char *bytes,
                     size_t n)
{
    const char *name = topology_samples[sample].name;
    const char *format = topology_samples[sample].format;
    struct topology topology;
    struct err err = {0};
    fwtest_write_file(fixture->path, fixture->dir, name, bytes, n);
    if (topology_read(&topology, fixture->path, format, NULL, &err) == 0) {
        assert_true(topology.atoms.n <= n);
        assert_int_equal(bonds_guess(&topology.atoms, NULL, NULL, &err), 0);
        topology_fini(&topology);
    } else if (!strstr(err.text, name)) {
        fail_msg("error without a file: '%s'", err.text);
    }
    const char *paths[] = {fixture->path};
    struct traj_options options = {.format = format};
    struct traj *traj = traj_open(paths, 1, &options, &err);
    traj_close(traj);
}

static void test_truncated(void **state)
{
    for (size_t i = 0; i < N_TOPOLOGY_SAMPLES; i++)
        for (size_t n = strlen(topology_samples[i].text); n-- > 0;)
            try_file(*state, i, topology_samples[i].text, n);
}

static void test_mutated(void **state)
{
    enum { ROUNDS = 400, BYTES = 8192 };
    static const char alphabet[] = "0123456789-+.eE '\"\n;_#%!ACNPX\t\x7f\xff";
    struct dice dice = {77};
    char bytes[BYTES];
    for (size_t i = 0; i < N_TOPOLOGY_SAMPLES; i++)
        for (int round = 0; round < ROUNDS; round++) {
            size_t n = strlen(topology_samples[i].text);
            memcpy(bytes, topology_samples[i].text, n);
            for (size_t flips = 1 + dice_below(&dice, 6); flips > 0; flips--) {
                size_t at = dice_below(&dice, n);
                switch (dice_below(&dice, 4)) {
                case 0: /* a byte is lost */
                    memmove(bytes + at, bytes + at + 1, n - at - 1);
                    n--;
                    break;
                case 1:
                    bytes[at] = (char)dice_below(&dice, 256);
                    break;
                default:
                    bytes[at] = alphabet[dice_below(&dice, sizeof alphabet - 1)];
                    break;
                }
            }
            try_file(*state, i, bytes, n);
        }
}

static double number_of(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static void expect_text(const json_t *object, const char *key, const char *text)
{
    const json_t *value = json_object_get(object, key);
    if (value && strcmp(json_string_value(value), text) != 0)
        fail_msg("%s is '%s', not '%s'", key, text, json_string_value(value));
}

static void expect_number(const json_t *object, const char *key, double number)
{
    const json_t *value = json_object_get(object, key);
    if (value && fabs(json_number_value(value) - number) > 2e-7 * fabs(number))
        fail_msg("%s is %g, not %g", key, number, json_number_value(value));
}

static void check_system(const char *name, const json_t *system)
{
    const char *file = json_string_value(json_object_get(system, "topology"));
    const json_t *samples = json_object_get(system, "atoms_sample");
    char path[FWTEST_PATH_BYTES];
    struct topology topology;
    struct err err = {0};
    if (!file || !fwtest_shared_path(path, file))
        return;
    if (topology_read(&topology, path, NULL, NULL, &err) != 0)
        fail_msg("%s", err.text);
    print_message("# %s\n", name);
    assert_int_equal(topology.atoms.n_residues, number_of(system, "n_residues"));
    bool complete = topology.atoms.bonds.complete;
    if (complete) {
        assert_int_equal(bonds_index(&topology.atoms.bonds, topology.atoms.n, &err), 0);
        assert_int_equal(topology.atoms.bonds.n, number_of(system, "n_bonds"));
    }
    for (size_t i = 0; i < json_array_size(samples); i++) {
        const json_t *sample = json_array_get(samples, i);
        size_t index = (size_t)number_of(sample, "index");
        const struct atom *atom = &topology.atoms.at[index];
        expect_text(sample, "name", atom->name);
        expect_text(sample, "resname", atom->resname);
        expect_text(sample, "segid", atom->segid);
        expect_text(sample, "chainID", atom->chain);
        expect_text(sample, "altLoc", atom->altloc_text);
        expect_text(sample, "icode", atom->icode_text);
        expect_text(sample, "record_type", atom->hetatm ? "HETATM" : "ATOM");
        if (atom->element)
            expect_text(sample, "type", atom->type);
        expect_number(sample, "resid", atom->resid);
        expect_number(sample, "charge", atom->charge);
        expect_number(sample, "radius", atom->radius);
        expect_number(sample, "occupancy", (double)atom->occupancy);
        expect_number(sample, "tempfactor", (double)atom->bfactor);
        if (complete)
            expect_number(sample, "mass", atom->mass);
    }
    topology_fini(&topology);
}

static void test_reference(void **state)
{
    char path[FWTEST_PATH_BYTES];
    const char *name;
    json_t *system;
    (void)state;
    FWTEST_NEED_SHARED(path, "reference.json");
    json_t *root = json_load_file(path, 0, NULL);
    assert_non_null(root);
    json_object_foreach(json_object_get(root, "systems"), name, system)
        check_system(name, system);
    json_decref(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),      cmocka_unit_test(test_frames),
        cmocka_unit_test(test_long_remarks), cmocka_unit_test(test_ends),
        cmocka_unit_test(test_bad),          cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_mutated),      cmocka_unit_test(test_reference),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
