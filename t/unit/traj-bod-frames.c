/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The TRAJECTORY of a bod file: number and labels of balls change from frame to frame.
 */
#include "fwtest.h"
#include "traj-check.h"

#include "traj/topology.h"

static const char xyz[] = "2\n first\nB 0 0 0\nA 1 0 0.5\n"
                          "1\nsecond\nA 2 0 0\n\n"
                          "3\n\nA 3 0 0\nA 3 1 0\n10 3 2 0 more\n";
static const char radii[] = "# label radius\nA 1.5\n\nB 0.25 # small\n10 2\n";

static void write_files(const char *dir, const char *bod, const char *frames,
                        const char *map, char path[FWTEST_PATH_BYTES])
{
    fwtest_write_file(path, dir, "a.xyz", frames, strlen(frames));
    fwtest_write_file(path, dir, "a.conv", map, strlen(map));
    fwtest_write_file(path, dir, "a.bod", bod, strlen(bod));
}

/* Atoms by place, then label: 0 A, 0 B, 1 A, 2 10. */
static void test_atoms(void **state)
{
    static const char *const names[] = {"A", "B", "A", "10"};
    static const double radius[] = {15, 2.5, 15, 20};
    char path[FWTEST_PATH_BYTES];
    struct topology topology;
    struct err err;
    write_files(*state, "hunits 1 nm\nTRAJECTORY a.xyz a.conv\n", xyz, radii, path);
    if (topology_read(&topology, path, NULL, NULL, &err))
        fail_msg("%s", err.text);
    assert_int_equal(topology.atoms.n, 4);
    assert_true(topology.atoms.bare_balls && !topology.abstract_length);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(topology.atoms.at[i].name, names[i]);
        assert_true(topology.atoms.at[i].radius == radius[i]);
    }
    topology_fini(&topology);
}

static void test_frames(void **state)
{
    static const struct {
        size_t frame, n_pick, n;
        uint32_t pick[4], present[4];
        double x, z; /* of the last one */
    } table[] = {
        {0, 4, 2, {0, 1, 2, 3}, {1, 2}, 10, 5},    {1, 4, 1, {0, 1, 2, 3}, {0}, 20, 0},
        {2, 4, 3, {0, 1, 2, 3}, {0, 2, 3}, 30, 0}, {0, 2, 1, {0, 2}, {1}, 10, 5},
        {2, 2, 2, {2, 3}, {0, 1}, 30, 0},          {1, 1, 0, {3}, {0}, 0, 0},
    };
    char path[FWTEST_PATH_BYTES];
    struct err err;
    write_files(*state, "trajectory a.xyz a.conv\nHUNITS 1 nm\n", xyz, radii, path);
    const char *paths[] = {path};
    struct traj *traj = traj_open(paths, 1, NULL, &err);
    if (!traj)
        fail_msg("%s", err.text);
    assert_int_equal(traj_n_atoms(traj), 4);
    assert_int_equal(traj_n_frames(traj), 3);
    assert_true(traj_frames_vary(traj));
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    struct frame_info info;
    double at[12];
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        uint32_t present[4];
        if (traj_read_present(reader, table[i].frame, table[i].pick, table[i].n_pick,
                              at, present, &info, &err))
            fail_msg("%s", err.text);
        assert_int_equal(info.n_present, table[i].n);
        assert_memory_equal(present, table[i].present, table[i].n * sizeof *present);
        if (table[i].n > 0) {
            assert_true(at[3 * table[i].n - 3] == table[i].x);
            assert_true(at[3 * table[i].n - 1] == table[i].z);
        }
    }
    /* Who cannot do with less gets an error instead. */
    assert_int_equal(traj_read(reader, 0, NULL, 4, at, &info, &err), -1);
    check_says(&err, "a.bod: frame 0 has 2 of 4 atoms");
    const uint32_t first[] = {0};
    assert_int_equal(traj_read(reader, 1, first, 1, at, &info, &err), 0);
    assert_true(at[0] == 20);
    traj_reader_destroy(reader);
    traj_close(traj);
}

/* Other trajectories have all their atoms. */
static void test_no_absence(void **state)
{
    char path[FWTEST_PATH_BYTES];
    struct err err;
    write_files(*state, "s 1 2 3 4\ns 5 6 7 8\n", xyz, radii, path);
    const char *paths[] = {path};
    struct traj *traj = traj_open(paths, 1, NULL, &err);
    assert_false(traj_frames_vary(traj));
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    struct frame_info info;
    uint32_t present[2];
    double at[6];
    assert_int_equal(traj_read_present(reader, 0, NULL, 2, at, present, &info, &err),
                     0);
    assert_true(info.n_present == 2 && present[1] == 1 && at[3] == 5);
    traj_reader_destroy(reader);
    traj_close(traj);
}

static void test_refused(void **state)
{
    static const char bod[] = "TRAJECTORY a.xyz a.conv\n";
    static const struct {
        const char *bod, *xyz, *radii, *says;
    } table[] = {
        {"TRAJECTORY none.xyz a.conv\n", xyz, radii, "none.xyz: cannot open"},
        {"TRAJECTORY a.xyz none.conv\n", xyz, radii, "none.conv: cannot open"},
        {"TRAJECTORY a.xyz a.conv\ns 0 0 0 1\n", xyz, radii,
         "a.bod: both shapes and TRAJECTORY"},
        {"TRAJECTORY a.xyz a.conv\nTRAJECTORY a.xyz a.conv\n", xyz, radii,
         "a.bod: line 2 at byte offset 24: a second TRAJECTORY"},
        {bod, "", radii, "a.xyz: no frames in this file"},
        {bod, "2\n\nA 0 0 0\n", radii, "a number of atoms that the file can hold"},
        {bod, "2\n\nA 0 0 0 0 0 0 0 0\n", radii, "frame 0: /", /* PATH: line 3 ...: */},
        {bod, "2\n\nA 0 0 0 0 0 0 0 0\n", radii, "the file ends before atom 2 of"},
        {bod, "1\n\nA 0 0 0\n1\n\nA 0 0 x\n", radii,
         "a.xyz: line 6 at byte offset 14: atom 1: a label and three coordinates"},
        {bod, "1\n\nC 0 0 0\n", radii, "label 'C' has no radius"},
        {bod, "1\n\nALABELTHATISFARTOOLONG 0 0 0\n", radii, "has no radius"},
        {bod, "-1\n\n", radii, "a number of atoms"},
        {bod, xyz, "", "a.conv: no radii in this file"},
        {bod, xyz, "A 1\nB\n", "a.conv: line 2 at byte offset 4: expected a label"},
        {bod, xyz, "A 0\n", "a positive radius"},
        {bod, xyz, "A 1\nA 2\n", "a.conv: label 'A' has two radii"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char path[FWTEST_PATH_BYTES];
        struct err err = {0};
        write_files(*state, table[i].bod, table[i].xyz, table[i].radii, path);
        const char *paths[] = {path};
        if (traj_open(paths, 1, NULL, &err))
            fail_msg("row %zu was opened", i);
        assert_int_equal(err.code, ERR_INPUT);
        check_says(&err, table[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_atoms),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_no_absence),
        cmocka_unit_test(test_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, fwtest_setup_dir, fwtest_teardown_dir);
}
