/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text formats and how a format is found: tables of small files, most of them wrong
   in one place. */
#include "fwtest.h"

#include "traj/topology.h"
#include "traj/traj.h"

#define HEADER_A "ATOM      1  N   ALA A   1    "
#define HEADER_B "ATOM      2  CA  ALA A   1    "
#define XYZ_A "  11.500  -2.250   3.125"
#define XYZ_B "  12.500  -3.250   4.125"
#define TAIL "  1.00  0.00           N\n"
#define ATOM_A HEADER_A XYZ_A TAIL
#define ATOM_B HEADER_B XYZ_B TAIL

#define GRO_A "    1ALA      N    1   1.150  -0.225   0.312\n"
#define GRO_B "    1ALA     CA    2   1.250  -0.325   0.412\n"
#define GRO_BOX "   3.00000   4.00000   5.00000\n"

struct fixture {
    char dir[FWTEST_PATH_BYTES];
    char path[FWTEST_PATH_BYTES];
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fwtest_make_dir(fixture->dir);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    fwtest_remove_dir(fixture->dir);
    free(fixture);
    return 0;
}

static struct traj *open_text(struct fixture *fixture, const char *name,
                              const char *text, const char *format, struct err *err)
{
    *err = (struct err){0};
    fwtest_write_file(fixture->path, fixture->dir, name, text, strlen(text));
    const char *paths[] = {fixture->path};
    return traj_open(paths, 1, &(struct traj_options){.format = format}, err);
}

static void check_says(const struct err *err, const char *says)
{
    if (!strstr(err->text, says))
        fail_msg("'%s' does not say '%s'", err->text, says);
}

/* What opening a file, and then reading all its frames, gives. */
struct text_case {
    const char *what, *text;
    size_t n_frames; /* 0: opening fails and says ... */
    const char *says;
    double time_ps;  /* of the last frame, NaN for none */
    double box_a, z; /* of the last frame, its first atom; NaN for no box */
};

/* -1 when a frame cannot be read. */
static int read_last(const struct traj *traj, double *z, struct frame_info *info,
                     struct err *err)
{
    double xyz[6];
    int rc = 0;
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    for (size_t frame = 0; rc == 0 && frame < traj_n_frames(traj); frame++)
        rc = traj_read(reader, frame, NULL, traj_n_atoms(traj), xyz, info, err);
    *z = xyz[2];
    traj_reader_destroy(reader);
    return rc;
}

static bool same(double a, double b)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) < 1e-12;
}

static void check_text_case(struct fixture *fixture, const char *name,
                            const struct text_case *row)
{
    struct err err;
    struct frame_info info;
    double z;
    struct traj *traj = open_text(fixture, name, row->text, NULL, &err);
    if (row->n_frames == 0) {
        if (traj && read_last(traj, &z, &info, &err) == 0)
            fail_msg("%s: was accepted", row->what);
        traj_close(traj);
        assert_int_equal(err.code, ERR_INPUT);
        check_says(&err, row->says);
        check_says(&err, name);
        return;
    }
    if (!traj)
        fail_msg("%s: %s", row->what, err.text);
    if (traj_n_frames(traj) != row->n_frames)
        fail_msg("%s: %zu frames", row->what, traj_n_frames(traj));
    if (read_last(traj, &z, &info, &err))
        fail_msg("%s: %s", row->what, err.text);
    if (!same(z, row->z) || !same(info.has_time ? info.time_ps : NAN, row->time_ps) ||
        !same(info.has_box ? info.box[0] : NAN, row->box_a))
        fail_msg("%s: z %g, time %g, box %g", row->what, z,
                 info.has_time ? info.time_ps : NAN, info.has_box ? info.box[0] : NAN);
    traj_close(traj);
}

static void test_pdb_frames(void **state)
{
#define CRYST(a) "CRYST1" a "   20.000   30.000  90.00  90.00  90.00 P 1           1\n"
    static const struct text_case table[] = {
        {"bare atoms", ATOM_A ATOM_B, 1, NULL, NAN, NAN, 3.125},
        {"two models",
         "MODEL        1\n" ATOM_A ATOM_B "ENDMDL\nMODEL        2\n" ATOM_B ATOM_A
         "ENDMDL\nEND\n",
         2, NULL, NAN, NAN, 4.125},
        {"models without ENDMDL", "MODEL  1\n" ATOM_A "MODEL  2\n" ATOM_B, 2, NULL, NAN,
         NAN, 4.125},
        {"ENDs", ATOM_A "END\n" ATOM_B "END\n" ATOM_A "END\n", 3, NULL, NAN, NAN,
         3.125},
        {"ENDMDL without MODEL", ATOM_A "ENDMDL\n" ATOM_B "ENDMDL\n", 2, NULL, NAN, NAN,
         4.125},
        {"CRYST1 of the header",
         CRYST("   10.000") "MODEL 1\n" ATOM_A "ENDMDL\nMODEL 2\n" ATOM_A "ENDMDL\n", 2,
         NULL, NAN, 10, 3.125},
        {"CRYST1 of each model",
         CRYST("   10.000") "MODEL 1\n" ATOM_A
                            "ENDMDL\n" CRYST("   11.000") "MODEL 2\n" ATOM_A "ENDMDL\n",
         2, NULL, NAN, 11, 3.125},
        {"CRYST1 behind a model", "MODEL 1\n" ATOM_A "ENDMDL\n" CRYST("   10.000"), 1,
         NULL, NAN, 10, 3.125},
        {"CRYST1 behind each model",
         "MODEL 1\n" ATOM_A "ENDMDL\n" CRYST("   10.000") "MODEL 2\n" ATOM_A
                                                          "ENDMDL\n" CRYST("   11.000"),
         2, NULL, NAN, 11, 3.125},
        {"CRYST1 behind the first model",
         "MODEL 1\n" ATOM_A "ENDMDL\n" CRYST("   10.000") "MODEL 2\n" ATOM_A "ENDMDL\n",
         2, NULL, NAN, 10, 3.125},
        {"CRYST1 before and behind models",
         CRYST("   10.000") "MODEL 1\n" ATOM_A "ENDMDL\n" CRYST("   11.000"), 1, NULL,
         NAN, 10, 3.125},
        {"CRYST1 without a box",
         "CRYST1    1.000    1.000    1.000  90.00  90.00  90.00 P 1\n" ATOM_A, 1, NULL,
         NAN, NAN, 3.125},
        {"CRYST1 of zeros",
         "CRYST1    0.000    0.000    0.000  90.00  90.00  90.00 P 1\n" ATOM_A, 1, NULL,
         NAN, NAN, 3.125},
        {"times",
         "TITLE     x t=   0.00000 step= 0\n" ATOM_A
         "ENDMDL\nTITLE     x t=  12.50000 step= 5\n" ATOM_A "ENDMDL\n",
         2, NULL, 12.5, NAN, 3.125},
        {"a time that one frame lacks",
         "TITLE     x t=   0.00000 step= 0\n" ATOM_A "ENDMDL\n" ATOM_A "ENDMDL\n", 2,
         NULL, NAN, NAN, 3.125},
        {"Windows line ends", HEADER_A XYZ_A "\r\nEND\r\n", 1, NULL, NAN, NAN, 3.125},
        {"no line end", HEADER_A XYZ_A, 1, NULL, NAN, NAN, 3.125},
        {"NaN is handed on", HEADER_A "  11.500  -2.250     nan" TAIL, 1, NULL, NAN,
         NAN, NAN},
        {"no atoms", "REMARK   1\nEND\n", 0, "no ATOM or HETATM record", 0, 0, 0},
        {"models of different size", ATOM_A ATOM_B "ENDMDL\n" ATOM_A "ENDMDL\n", 0,
         "frame 1 at byte offset 165: this model has 1 atoms, the first one 2", 0, 0,
         0},
        {"cut inside a coordinate", ATOM_A HEADER_B "  12.5", 0,
         "frame 0 at byte offset 79: atom 2: the record ends before", 0, 0, 0},
        {"no number", HEADER_A "  11.500  -2.2x0   3.125" TAIL, 0,
         "frame 0 at byte offset 0: atom 1: columns 31-54", 0, 0, 0},
        {"fields out of place", HEADER_A " 11.500 -2.250 3.125    " TAIL, 0,
         "columns 31-54", 0, 0, 0},
        {"one column too far", HEADER_A "  11.500  -2.250    3.125" TAIL, 0,
         "not aligned", 0, 0, 0},
        {"too wide for its field", HEADER_A "-1234.5000  -2.250   3.125" TAIL, 0,
         "columns 31-54", 0, 0, 0},
        {"CRYST1 of words",
         "CRYST1 a b c d e f g h i j k l m n o p q r s t u v w x\n" ATOM_A, 0,
         "line 1 at byte offset 0: CRYST1", 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        check_text_case(*state, "x.pdb", &table[i]);
}

static void test_gro_frames(void **state)
{
    static const struct text_case table[] = {
        {"one frame", "title\n    2\n" GRO_A GRO_B GRO_BOX, 1, NULL, NAN, 30, 3.12},
        {"times",
         "a t= 0.0 step= 0\n    1\n" GRO_A GRO_BOX
         "a t= 2.5 step= 5\n    1\n" GRO_B GRO_BOX,
         2, NULL, 2.5, 30, 4.12},
        {"blank title and blank end",
         "\n 1\n" GRO_A GRO_BOX "\n 1\n" GRO_B GRO_BOX "\n\n", 2, NULL, NAN, 30, 4.12},
        {"five decimals",
         "x\n 1\n    1ALA      N    1   1.15000  -0.22500   0.31234\n" GRO_BOX, 1, NULL,
         NAN, 30, 3.1234},
        {"two decimals", "x\n 1\n    1ALA      N    1   1.15  -0.22   0.31\n" GRO_BOX,
         1, NULL, NAN, 30, 3.1},
        {"velocities",
         "x\n 1\n    1ALA      N    1   1.150  -0.225   0.312  0.1000  0.2000  "
         "0.3000\n" GRO_BOX,
         1, NULL, NAN, 30, 3.12},
        {"no box", "x\n 1\n" GRO_A "   0.00000   0.00000   0.00000\n", 1, NULL, NAN,
         NAN, 3.12},
        {"triclinic box", "x\n 1\n" GRO_A "   3.0 4.0 4.0  0.0 0.0  3.0 0.0  0.0 3.0\n",
         1, NULL, NAN, 30, 3.12},
        {"a box of 40 um", "x\n 1\n" GRO_A "40000.0000040000.0000040000.00000\n", 1,
         NULL, NAN, 400000, 3.12},
        {"a box of 40 um, triclinic",
         "x\n 1\n" GRO_A "30000.0000040000.0000040000.00000   0.00000   0.00000"
         "10000.00000   0.00000-0.50000-0.50000\n",
         1, NULL, NAN, 300000, 3.12},
        {"two numbers of a box run together",
         "x\n 1\n" GRO_A "40000.0000040000.00000\n", 0, "expected a box", 0, 0, 0},
        {"a box with no number in it",
         "x\n 1\n" GRO_A "40000.0000040000.00000x0000.00000\n", 0, "expected a box", 0,
         0, 0},
        {"negative count", "x\n -1\n" GRO_A GRO_BOX, 0, "line 2 at byte offset 2", 0, 0,
         0},
        {"no atoms", "x\n 0\n" GRO_BOX, 0, "claims 0 atoms", 0, 0, 0},
        {"absurd count", "x\n 2000000000\n" GRO_A GRO_BOX, 0, "claims 2000000000 atoms",
         0, 0, 0},
        {"count beyond 64 bits", "x\n 99999999999999999999\n" GRO_A GRO_BOX, 0,
         "expected the number of atoms", 0, 0, 0},
        {"no count", "x\ny\n" GRO_A GRO_BOX, 0,
         "line 2 at byte offset 2: expected the number of atoms, found 'y'", 0, 0, 0},
        {"cut after the atoms", "x\n 2\n" GRO_A GRO_B, 0,
         "frame 0 at byte offset 95: the file ends before its box", 0, 0, 0},
        {"cut in the second frame", "x\n 1\n" GRO_A GRO_BOX "x\n 1\n    1ALA   ", 0,
         "frame 1", 0, 0, 0},
        {"cut after the title", "x\n 1\n" GRO_A GRO_BOX "x\n", 0,
         "frame 1 at byte offset 81", 0, 0, 0},
        {"an atom too few", "x\n 2\n" GRO_A GRO_BOX, 0, "frame 0", 0, 0, 0},
        {"frames of different size",
         "x\n 1\n" GRO_A GRO_BOX "x\n 2\n" GRO_A GRO_B GRO_BOX, 0,
         "frame 1 at byte offset 81: this frame has 2 atoms, the first one 1", 0, 0, 0},
        {"box of two numbers", "x\n 1\n" GRO_A "3.0 4.0\n", 0, "expected a box", 0, 0,
         0},
        {"no number", "x\n 1\n    1ALA      N    1   1.150  -0.2z5   0.312\n" GRO_BOX,
         0, "frame 0 at byte offset 5: atom 1", 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        check_text_case(*state, "x.gro", &table[i]);
}

/* A line of a PDB file and the atom it names; name NULL where it is refused. */
static void test_pdb_atoms(void **state)
{
    static const struct {
        const char *line, *name, *resname, *chain, *segid;
        char altloc, icode;
        int resid, element;
        bool hetatm;
    } table[] = {
        {ATOM_A, "N", "ALA", "A", "A", 0, 0, 1, 7, false},
        {"HETATM 4111 ZN    ZN B 301    " XYZ_A "  1.00  0.00          ZN\n", "ZN",
         "ZN", "B", "B", 0, 0, 301, 30, true},
        {"ATOM      1 HG11AVAL A  12B   " XYZ_A "  1.00  0.00      PROT H\n", "HG11",
         "VAL", "A", "PROT", 'A', 'B', 12, 1, false},
        {"ATOM      1  O   TIP3W  12    " XYZ_A "  1.00  0.00      W1\n", "O", "TIP3",
         "W", "W1", 0, 0, 12, 0, false},
        {"ATOM  *****  N   ALA A9999    " XYZ_A "\n", "N", "ALA", "A", "A", 0, 0, 9999,
         0, false},
        {"ATOM      1  N   ALA AA000    " XYZ_A "\n", "N", "ALA", "A", "A", 0, 0, 10000,
         0, false},
        {"ATOM      1  N   ALA AZZZZ    " XYZ_A "\n", "N", "ALA", "A", "A", 0, 0,
         1223055, 0, false},
        {"ATOM      1  N   ALA Aa000    " XYZ_A "\n", "N", "ALA", "A", "A", 0, 0,
         1223056, 0, false},
        {"ATOM      1  N   ALA A -12    " XYZ_A "\n", "N", "ALA", "A", "A", 0, 0, -12,
         0, false},
        {"ATOM      1  N   ALA A        " XYZ_A "\n", "N", "ALA", "A", "A", 0, 0, 1, 0,
         false},
        {"ATOM      1  N   ALA A****    " XYZ_A "\n", NULL, "", "", "", 0, 0, 0, 0,
         false},
        {"ATOM      1  N   ALA AAa00    " XYZ_A "\n", NULL, "", "", "", 0, 0, 0, 0,
         false},
        {"ATOM      1  N\n", NULL, "", "", "", 0, 0, 0, 0, false},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct topology topology;
        struct err err = {0};
        fwtest_write_file(fixture->path, fixture->dir, "x.pdb", table[i].line,
                          strlen(table[i].line));
        int rc = topology_read(&topology, fixture->path, NULL, NULL, &err);
        if (!table[i].name) {
            assert_int_equal(rc, -1);
            check_says(&err, "x.pdb: line 1 at byte offset 0");
            continue;
        }
        if (rc)
            fail_msg("%s", err.text);
        const struct atom *atom = &topology.atoms.at[0];
        assert_int_equal(topology.atoms.n, 1);
        assert_string_equal(atom->name, table[i].name);
        assert_string_equal(atom->resname, table[i].resname);
        assert_string_equal(atom->chain, table[i].chain);
        assert_string_equal(atom->segid, table[i].segid);
        assert_int_equal(atom->altloc, table[i].altloc);
        assert_int_equal(atom->icode, table[i].icode);
        assert_int_equal(atom->resid, table[i].resid);
        assert_int_equal(atom->hetatm, table[i].hetatm);
        if (table[i].element)
            assert_int_equal(atom->element, table[i].element);
        topology_fini(&topology);
    }
}

static void test_topology_of_frames(void **state)
{
    struct fixture *fixture = *state;
    struct topology topology;
    struct err err = {0};
    const char *pdb =
        "MODEL 1\n" ATOM_A ATOM_B "ENDMDL\nMODEL 2\n" ATOM_A ATOM_B "ENDMDL\n";
    fwtest_write_file(fixture->path, fixture->dir, "x.pdb", pdb, strlen(pdb));
    assert_int_equal(topology_read(&topology, fixture->path, NULL, NULL, &err), 0);
    assert_int_equal(topology.atoms.n, 2);
    assert_int_equal(topology.atoms.n_residues, 1);
    assert_string_equal(topology.format, "PDB");
    assert_true(topology_has_frames(&topology));
    topology_fini(&topology);

    const char *gro = "x\n 3\n99999SOL     OW99999   1.150  -0.225   0.312\n"
                      "    0SOL     OW    0   1.150  -0.225   0.312\n"
                      "    1LONGNNAMED    1   1.150  -0.225   0.312\n" GRO_BOX;
    fwtest_write_file(fixture->path, fixture->dir, "x.gro", gro, strlen(gro));
    assert_int_equal(topology_read(&topology, fixture->path, NULL, NULL, &err), 0);
    assert_int_equal(topology.atoms.n, 3);
    assert_int_equal(topology.atoms.n_residues, 3);
    assert_int_equal(topology.atoms.at[0].resid, 99999);
    assert_int_equal(topology.atoms.at[1].resid, 100000); /* wrapped */
    assert_int_equal(topology.atoms.at[2].resid, 100001);
    assert_string_equal(topology.atoms.at[2].resname, "LONGN");
    assert_string_equal(topology.atoms.at[2].name, "NAMED");
    topology_fini(&topology);
}

/* Text, name and --format, and what they are taken for (NULL: refused, saying ...). */
static void test_detection(void **state)
{
    static const struct {
        const char *name, *text, *format, *found;
        enum err_code code;
        const char *says;
    } table[] = {
        {"x.pdb", ATOM_A, NULL, "PDB", 0, NULL},
        {"x.xtc", ATOM_A, NULL, "PDB", 0, NULL},
        {"x", "HEADER    X\n" ATOM_A, NULL, "PDB", 0, NULL},
        {"x.PDB", "\n" ATOM_A, NULL, "PDB", 0, NULL},
        {"x.ent", "\n" ATOM_A, NULL, "PDB", 0, NULL},
        {"x.pdb", "MODEL of a GRO file\n 1\n" GRO_A GRO_BOX, NULL, "GRO", 0, NULL},
        {"x.dat", "x\n 1\n" GRO_A GRO_BOX, "gro", "GRO", 0, NULL},
        {"x.dat", "# c\n\nSphere 0 0 0 1\n", NULL, "BOD", 0, NULL},
        {"x.gro", "sphere 0 0 0 1\n", NULL, "BOD", 0, NULL},
        {"x.pdb", "junk\nsphere 0 0 0 1\n", "BOD", NULL, ERR_INPUT,
         "line 1 at byte offset 0: unknown keyword 'junk'"},
        {"x.pdb", "what is this\n", NULL, NULL, ERR_INPUT, "not a PDB file"},
        {"x.xtc", "what is this\n", NULL, NULL, ERR_INPUT, "x.xtc: not an XTC file"},
        {"x.dcd", "what is this\n", NULL, NULL, ERR_INPUT, "x.dcd: not a DCD file"},
        {"x.gro", "what is this\n", NULL, NULL, ERR_INPUT, "x.gro: frame 0"},
        {"x.bod", "what is this\n", NULL, NULL, ERR_INPUT, "unknown keyword 'what'"},
        {"x.dat", "what is this\n", NULL, NULL, ERR_INPUT, "x.dat (knows: xtc trr "},
        {"pdb", "what is this\n", NULL, NULL, ERR_INPUT, "cannot tell the format"},
        {"x.pdb", ATOM_A, "xtc", NULL, ERR_INPUT, "x.pdb: not an XTC file"},
        {"x.pdb", ATOM_A, "pbd", NULL, ERR_USAGE, "unknown format 'pbd'"},
        {"x.pdb", "", NULL, NULL, ERR_INPUT, "x.pdb: the file is empty"},
        {"x.dat", "", "dcd", NULL, ERR_INPUT, "x.dat: the file is empty"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct err err;
        struct traj *traj =
            open_text(*state, table[i].name, table[i].text, table[i].format, &err);
        if (!table[i].found) {
            assert_null(traj);
            assert_int_equal(err.code, table[i].code);
            check_says(&err, table[i].says);
            continue;
        }
        if (!traj)
            fail_msg("%s", err.text);
        assert_string_equal(traj_format_name(traj), table[i].found);
        traj_close(traj);
    }
}

static void test_units_and_topologies_refused(void **state)
{
    struct fixture *fixture = *state;
    struct topology topology;
    struct err err = {0};
    enum length_unit unit = LENGTH_NM;
    fwtest_write_file(fixture->path, fixture->dir, "x.pdb", ATOM_A, strlen(ATOM_A));
    const char *paths[] = {fixture->path};
    assert_null(traj_open(paths, 1, &(struct traj_options){.unit = &unit}, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_int_equal(topology_read(&topology, fixture->path, NULL, &unit, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    const unsigned char xtc[4] = {0, 0, 7, 0xcb};
    fwtest_write_file(fixture->path, fixture->dir, "x.xtc", xtc, sizeof xtc);
    assert_int_equal(topology_read(&topology, fixture->path, NULL, NULL, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    check_says(&err, "a topology is needed");
    assert_null(traj_open(paths, 0, NULL, &err));
    assert_int_equal(err.code, ERR_USAGE);

    static const char *const units[] = {
        [LENGTH_ANGSTROM] = "A", [LENGTH_NM] = "nm",      [LENGTH_CM] = "cm",
        [LENGTH_M] = "m",        [LENGTH_ABSTRACT] = "L",
    };
    for (int i = 0; i <= LENGTH_ABSTRACT; i++) {
        assert_true(length_unit_parse(units[i], &unit));
        assert_int_equal(unit, i);
    }
    assert_true(length_unit_parse("NM", &unit) && unit == LENGTH_NM);
    assert_true(length_unit_parse("l", &unit) && unit == LENGTH_ABSTRACT);
    assert_false(length_unit_parse("km", &unit));
    assert_false(length_unit_parse("", &unit));
    assert_true(length_unit_angstrom(LENGTH_CM) == 1e8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pdb_frames, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gro_frames, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pdb_atoms, setup, teardown),
        cmocka_unit_test_setup_teardown(test_topology_of_frames, setup, teardown),
        cmocka_unit_test_setup_teardown(test_detection, setup, teardown),
        cmocka_unit_test_setup_teardown(test_units_and_topologies_refused, setup,
                                        teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
