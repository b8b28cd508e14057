/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies of balls: ZENO's keywords, units and what is refused. */
#include "fwtest.h"

#include "traj/topology.h"
#include "traj/traj.h"

static bool close_to(double value, double expected)
{
    return (isnan(value) && isnan(expected)) ||
           fabs(value - expected) <= 1e-13 * fabs(expected);
}

static const struct accepted {
    const char *text;
    const char *unit; /* override, or NULL */
    size_t n;
    double x, radius; /* of the first ball */
    bool abstract;
    struct body_params params;
} accepted[] = {
    {"SPHERE 1 2 3 4\n", NULL, 1, 1, 4, true, {NAN, NAN, NAN, NAN, NAN, NAN}},
    {"s 1 2 3 4\r\nSpHeRe\t5 6 7 .5 # last\n# no more\n\n",
     NULL,
     2,
     1,
     4,
     true,
     {NAN, NAN, NAN, NAN, NAN, NAN}},
    {"sphere 1 1 1 1\nhunits 3 nm\ntemp 20 C\nmass 140 Da\nviscosity 10 cp\nbf 5\n",
     NULL,
     1,
     30,
     30,
     false,
     {293.15, 140, 10, 5, NAN, NAN}},
    {"HUNITS 45 A\nsphere 1 1 1 1\ntemp 290 k\nmass 1 kDa\nviscosity .2 p\n",
     NULL,
     1,
     45,
     45,
     false,
     {290, 1000, 20, NAN, NAN, NAN}},
    {"sphere 1 1 1 1\nrlaunch 7\nst 1e-3\nhunits 3 cm\nmass 3 g\n",
     NULL,
     1,
     3e8,
     3e8,
     false,
     {NAN, 3 * 6.02214076e23, NAN, NAN, 21e8, 3e5}},
    {"hunits 2 m\nsphere 1 1 1 1\nmass 1 kg\n",
     NULL,
     1,
     2e10,
     2e10,
     false,
     {NAN, 6.02214076e26, NAN, NAN, NAN, NAN}},
    {"hunits 2 l\nsphere 1 1 1 1\nst 3\n",
     NULL,
     1,
     2,
     2,
     true,
     {NAN, NAN, NAN, NAN, NAN, 6}},
    {"hunits 2 nm\nsphere 1 1 1 1\n",
     "A",
     1,
     2,
     2,
     false,
     {NAN, NAN, NAN, NAN, NAN, NAN}},
    {"sphere 1 1 1 1\nrlaunch 4\n",
     "nm",
     1,
     10,
     10,
     false,
     {NAN, NAN, NAN, NAN, 40, NAN}},
    {"hunits 2 nm\nsphere 1 1 1 1\n",
     "L",
     1,
     2,
     2,
     true,
     {NAN, NAN, NAN, NAN, NAN, NAN}},
};

static void check_topology(const struct accepted *row, const char *path,
                           const enum length_unit *unit)
{
    struct topology topology;
    struct err err = {0};
    if (topology_read(&topology, path, "bod", unit, &err))
        fail_msg("%s", err.text);
    const struct atom *ball = &topology.atoms.at[0];
    assert_true(topology.atoms.bare_balls);
    assert_int_equal(topology.atoms.n, row->n);
    assert_int_equal(topology.atoms.n_residues, row->n);
    assert_int_equal(topology.abstract_length, row->abstract);
    assert_string_equal(ball->name, "B");
    assert_string_equal(ball->resname, "BOD");
    assert_int_equal(ball->resid, 1);
    assert_true(close_to(ball->radius, row->radius));
    const struct body_params *params = &topology.params, *expected = &row->params;
    assert_true(close_to(params->temperature_k, expected->temperature_k));
    assert_true(close_to(params->mass_da, expected->mass_da));
    assert_true(close_to(params->viscosity_cp, expected->viscosity_cp));
    assert_true(close_to(params->buoyancy, expected->buoyancy));
    assert_true(close_to(params->launch_radius_a, expected->launch_radius_a));
    assert_true(close_to(params->skin_a, expected->skin_a));
    topology_fini(&topology);
}

static void test_accepted(void **state)
{
    const char *dir = *state;
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        const struct accepted *row = &accepted[i];
        char path[FWTEST_PATH_BYTES];
        enum length_unit unit = LENGTH_ABSTRACT;
        fwtest_write_file(path, dir, "x.bod", row->text, strlen(row->text));
        if (row->unit)
            assert_true(length_unit_parse(row->unit, &unit));
        check_topology(row, path, row->unit ? &unit : NULL);

        const char *paths[] = {path};
        struct traj *traj = traj_open(
            paths, 1, &(struct traj_options){.unit = row->unit ? &unit : NULL}, NULL);
        struct traj_reader *reader = traj_reader_create(traj, NULL);
        double xyz[6], time_ps;
        struct frame_info info;
        assert_int_equal(traj_n_frames(traj), 1);
        assert_int_equal(traj_read(reader, 0, NULL, row->n, xyz, &info, NULL), 0);
        assert_false(info.has_time || info.has_box);
        assert_false(traj_frame_time(traj, 0, &time_ps));
        assert_true(close_to(xyz[0], row->x));
        traj_reader_destroy(reader);
        traj_close(traj);
    }
}

/* Corners in any order, in units that stand behind them; balls between boxes. */
static void test_boxes(void **state)
{
    static const char text[] = "CUBOID 3 -1 5 1 1 4\nsphere 0 0 0 .5\n"
                               "cube 1 2 3 4\nhunits 2 nm\n";
    static const struct atom_box expected[] = {{{40, 0, 90}, {20, 20, 10}},
                                               {{0, 0, 0}, {0, 0, 0}},
                                               {{60, 80, 100}, {40, 40, 40}}};
    static const double radius[] = {10, 10, 40};
    char path[FWTEST_PATH_BYTES];
    struct topology topology;
    fwtest_write_file(path, *state, "x.bod", text, strlen(text));
    assert_int_equal(topology_read(&topology, path, NULL, NULL, NULL), 0);
    assert_int_equal(topology.atoms.n, 3);
    assert_int_equal(atoms_count_boxes(&topology.atoms), 2);
    assert_memory_equal(topology.atoms.box, expected, sizeof expected);
    for (size_t i = 0; i < 3; i++) {
        assert_true(topology.atoms.at[i].radius == radius[i]);
        assert_string_equal(topology.atoms.at[i].name, i == 1 ? "B" : "BOX");
    }
    topology_fini(&topology);
    fwtest_write_file(path, *state, "x.bod", "s 0 0 0 1\n", 10);
    assert_int_equal(topology_read(&topology, path, NULL, NULL, NULL), 0);
    assert_null(topology.atoms.box);
    assert_int_equal(atoms_count_boxes(&topology.atoms), 0);
    topology_fini(&topology);
}

static void test_refused(void **state)
{
    const char *dir = *state;
    static const struct {
        const char *text, *says;
    } table[] = {
        {"sphere 1 2 3\n", "line 1 at byte offset 0: 'sphere' takes four"},
        {"sphere 1 2 3 4 5\n", "line 1 at byte offset 0: 'sphere' takes four"},
        {"sphere 1 2 x 4\n", "takes four finite numbers"},
        {"sphere 1 2 nan 4\n", "takes four finite numbers"},
        {"sphere 1 2 0x3 4\n", "takes four finite numbers"},
        {"s 0 0 0 1\nsphere 1 2 3 0\n", "line 2 at byte offset 10: a radius must be"},
        {"sphere 1 2 3 -1\n", "a radius must be positive, not -1"},
        {"sphere 1 2 3 inf\n", "takes four finite numbers"},
        {"sphere 1e308 2 3 1\nhunits 10 m\n", "line 1: this ball is out of range"},
        {"sphere 1 2 3 1e-320\nhunits 1e-300 A\n", "line 1: this ball is out of range"},
        {"s 0 0 0 1\ncube 0 0 0 1e400\n",
         "line 2 at byte offset 10: 'cube' takes x y z of a corner"},
        {"cube 0 0 0 1e308\nhunits 10 m\n", "line 1: this box is out of range"},
        {"cuboid 0 0 0 1 1 1e-320\nhunits 1e-300 A\n",
         "line 1: this box is out of range"},
        {"cuboid -1e308 0 0 1e308 1 1\n", "line 1: this box is out of range"},
        {"CUBE 0 0 0 -1\n", "'CUBE' takes x y z of a corner"},
        {"CUBE 0 0 0\n", "'CUBE' takes x y z of a corner"},
        {"CUBOID 0 0 0 1 1 0\n", "'CUBOID' takes x y z of two opposite"},
        {"voxels\n", "'voxels' takes the name"},
        {"trajectory a.xyz\n", "'trajectory' takes an xyz file"},
        {"s 0 0 0 1\nvoxels none.fits\n", "line 2: "},
        {"voxels x.bod\n", "not a FITS file"},
        {"s 0 0 0 1\nsfere 0 0 0 1\n",
         "line 2 at byte offset 10: unknown keyword 'sfere'"},
        {"s 0 0 0 1\n\x1b[31m\n", "unknown keyword '?[31m'"},
        {"s 0 0 0 1\nhunits 3\n", "'hunits' takes"},
        {"s 0 0 0 1\nhunits 3 km\n", "'hunits' takes"},
        {"s 0 0 0 1\nhunits 0 nm\n", "'hunits' takes"},
        {"s 0 0 0 1\ntemp 20\n", "'temp' takes"},
        {"s 0 0 0 1\ntemp -300 C\n", "'temp' takes"},
        {"s 0 0 0 1\ntemp 20 F\n", "'temp' takes"},
        {"s 0 0 0 1\nmass 3 kgs\n", "'mass' takes"},
        {"s 0 0 0 1\nviscosity 1 pas\n", "'viscosity' takes"},
        {"s 0 0 0 1\nviscosity 0 p\n", "'viscosity' takes"},
        {"s 0 0 0 1\nbf\n", "'bf' takes one number"},
        {"s 0 0 0 1\nrlaunch -1\n", "'rlaunch' takes one positive"},
        {"s 0 0 0 1\nst 1 A\n", "'st' takes one positive"},
        {"s 0 0 0 1 1 1 1 1 1 1 1 1 1 1\n", "'s' takes four"},
        {"# nothing\n", "no SPHERE, CUBE, CUBOID or VOXELS in this BOD"},
        {"temp 20 C\n", "no SPHERE, CUBE, CUBOID or VOXELS in this BOD"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char path[FWTEST_PATH_BYTES];
        struct err err = {0};
        struct topology topology;
        fwtest_write_file(path, dir, "x.bod", table[i].text, strlen(table[i].text));
        assert_int_equal(topology_read(&topology, path, NULL, NULL, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
        if (!strstr(err.text, table[i].says) || !strstr(err.text, "x.bod"))
            fail_msg("'%s' does not say '%s'", err.text, table[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_boxes),
        cmocka_unit_test(test_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, fwtest_setup_dir, fwtest_teardown_dir);
}
