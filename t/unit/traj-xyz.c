/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XYZ files, plain and extended: frames, box, time, unit, names, and what is refused.
 */
#include "fwtest.h"
#include "traj-check.h"

#include "mol/elements.h"
#include "traj/topology.h"

static struct blob *blob_of(const char *text)
{
    struct blob *blob = calloc(1, sizeof *blob);
    blob_put(blob, text, strlen(text));
    return blob;
}

/* The last frame's last coordinate, its time (NaN: none), and the edge a of its box (0:
   none). */
static void test_good(void **state)
{
    static const struct {
        const char *text;
        size_t n_atoms, n_frames;
        double z, time_ps, a;
    } table[] = {
        {"1\n\nC 1 2 3\n", 1, 1, 3, NAN, 0},
        {"1\n\nC 1 2 3", 1, 1, 3, NAN, 0},
        {" 1 \r\n\r\n 6\t1\t2\t-3.5e1 9 9 x \r\n", 1, 1, -35, NAN, 0},
        {"1\nx\nC 1 2 3\n1\ny\nC 1 2 4\n", 1, 2, 4, NAN, 0},
        {"1\nx\nC 1 2 3\n\n \n1\ny\nC 1 2 4\n\n\n", 1, 2, 4, NAN, 0},
        {"2\nwater t= 2.5 step= 3\nO 0 0 0\nH 1 0 0.25\n", 2, 1, 0.25, 2.5, 0},
        {"1\nTime=4.5\nC 1 2 3\n1\nTime=5 x=1\nC 1 2 4\n", 1, 2, 4, 5, 0},
        {"1\nTime=4.5\nC 1 2 3\n1\nx\nC 1 2 4\n", 1, 2, 4, NAN, 0},
        {"1\nLattice=\"3 4 0 0 7 0 0 0 8\"\nC 1 2 3\n", 1, 1, 3, NAN, 5},
        {"1\nx=\"a b\" lattice='0 0 0 0 0 0 0 0 0'\nC 1 2 3\n", 1, 1, 3, NAN, 0},
        {"1\nProperties=id:I:1:species:S:1:pos:R:3:q:R:1\n7 C 1 2 3 9\n", 1, 1, 3, NAN,
         0},
        {"1\nProperties=pos:R:3:species:S:1\n1 2 3 C\n", 1, 1, 3, NAN, 0},
        {"1\n\nC 1 2 nan\n", 1, 1, NAN, NAN, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct blob *blob = blob_of(table[i].text);
        const struct traj_options options = {.format = "xyz"};
        struct err err;
        struct traj *traj = open_bytes(*state, "x.xyz", blob, &options, &err);
        if (!traj)
            fail_msg("row %zu: %s", i, err.text);
        assert_int_equal(traj_n_atoms(traj), table[i].n_atoms);
        assert_int_equal(traj_n_frames(traj), table[i].n_frames);
        struct traj_reader *reader = traj_reader_create(traj, NULL);
        struct frame_info info;
        double xyz[6];
        size_t n = table[i].n_atoms;
        if (traj_read(reader, table[i].n_frames - 1, NULL, n, xyz, &info, &err))
            fail_msg("row %zu: %s", i, err.text);
        double z = xyz[3 * n - 1];
        assert_true(z == table[i].z || (isnan(z) && isnan(table[i].z)));
        assert_true(info.has_time == !isnan(table[i].time_ps));
        assert_true(!info.has_time || info.time_ps == table[i].time_ps);
        assert_true(info.has_box == (table[i].a > 0));
        assert_true(!info.has_box || fabs(info.box[0] - table[i].a) < 1e-12);
        traj_reader_destroy(reader);
        traj_close(traj);
        free(blob);
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *says;
    } table[] = {
        {"x\n\nC 1 2 3\n", "line 1 at byte offset 0: expected the number of atoms"},
        {"0\n\nC 1 2 3\n", "claims 0 atoms"},
        {"-1\n\nC 1 2 3\n", "claims -1 atoms"},
        {"99999999999999999999\n\nC 1 2 3\n", "expected the number of atoms"},
        {"1000000\n\nC 1 2 3\n", "claims 1000000 atoms, the file has 9 bytes left"},
        {"2\n\nC 1 2 3\n", "claims 2 atoms, the file has 9 bytes left"},
        {"2\n\nC 1.0000000000 2 3\n",
         "the file ends at byte offset 22, before the frame's last atom"},
        {"1\n\nC 1 2 3\n2\n\nC 1 2 3\nC 1 2 3\n",
         "this frame has 2 atoms, the first one 1"},
        {"1\n\nC 1 2   \n",
         "atom 1: a name and three coordinates expected, found 'C 1"},
        {"1\n\nC 1 2 3\nC 1 2 3\n", "frame 1: "},
        {"1\nLattice=\"1 2 3\"\nC 1 2 3\n",
         "Lattice of the comment does not hold nine"},
        {"1\nProperties=species:S:1\nC 1 2 3\n",
         "Properties of the comment name no pos"},
        {"1\nProperties=species:S:99999999:pos:R:3\nC 1 2 3\n", "name no pos"},
        {"1\nProperties=pos:R:2\nC 1 2 3\n", "name no pos:R:3"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct blob *blob = blob_of(table[i].text);
        check_refused(*state, "x.xyz", blob, table[i].says);
        free(blob);
    }
}

/* What only shows when a frame is read. */
static void test_bad_numbers(void **state)
{
    static const char *const lines[] = {"C 1 2 x", "C 1 2 3.4.5", "C 1 2 1e999",
                                        "C 1 2 0x10"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "1\n\nC 1 2 3\n1\n\n%s\n", lines[i]);
        struct blob *blob = blob_of(text);
        struct err err;
        struct frame_info info;
        double xyz[3];
        struct traj *traj = open_bytes(*state, "x.xyz", blob, NULL, &err);
        assert_non_null(traj);
        struct traj_reader *reader = traj_reader_create(traj, NULL);
        assert_int_equal(traj_read(reader, 0, NULL, 1, xyz, &info, &err), 0);
        assert_int_equal(traj_read(reader, 1, NULL, 1, xyz, &info, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
        check_says(&err, "x.xyz: frame 1 at byte offset 14: atom 1: a name and three");
        traj_reader_destroy(reader);
        traj_close(traj);
        free(blob);
    }
}

static void test_units(void **state)
{
    const enum length_unit nm = LENGTH_NM;
    const struct traj_options options = {.unit = &nm};
    struct blob *blob = blob_of("1\nLattice=\"1 0 0 0 2 0 0 0 3\"\nC 1 -2 0.5\n");
    struct err err;
    struct frame_info info;
    double xyz[3];
    struct traj *traj = open_bytes(*state, "x.xyz", blob, &options, &err);
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    assert_int_equal(traj_read(reader, 0, NULL, 1, xyz, &info, &err), 0);
    assert_true(xyz[0] == 10 && xyz[1] == -20 && xyz[2] == 5);
    assert_true(info.has_box && info.box[2] == 30);
    traj_reader_destroy(reader);
    traj_close(traj);
    free(blob);
}

/* Symbols, atomic numbers, atom names, and names that mean nothing. */
static void test_names(void **state)
{
    char path[FWTEST_PATH_BYTES];
    const char *text =
        "5\n\nC 0 0 0\n8 0 0 0\ncl 0 0 0\n999 0 0 0\nAVERYLONGNAMEOFANATOM 0 "
        "0 0\n";
    struct topology topology;
    struct err err;
    fwtest_write_file(path, *state, "x.xyz", text, strlen(text));
    if (topology_read(&topology, path, NULL, NULL, &err))
        fail_msg("%s", err.text);
    const struct atom *at = topology.atoms.at;
    assert_int_equal(topology.atoms.n, 5);
    assert_int_equal(at[0].element, 6);
    assert_int_equal(at[1].element, 8);
    assert_int_equal(at[2].element, 17);
    assert_int_equal(at[3].element, 0);
    assert_string_equal(at[2].name, "cl");
    assert_int_equal(strlen(at[4].name), ATOM_NAME_BYTES - 1);
    assert_false(topology.abstract_length);
    topology_fini(&topology);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_bad_numbers), cmocka_unit_test(test_units),
        cmocka_unit_test(test_names),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, fwtest_setup_dir, fwtest_teardown_dir);
}
