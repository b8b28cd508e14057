/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every format that can be written is read back by our own readers: coordinates,
   velocities, forces, boxes and times within what the format keeps. */
#include "dice.h"
#include "fwtest.h"

#include "config.h"
#include "save/save.h"
#include "traj/traj.h"

enum { ATOMS = 23, FRAMES = 4, NUMBERS = 3 * ATOMS };

struct kind {
    const char *file;
    double tolerance_a;    /* of coordinates */
    double relative;       /* further, of the number itself */
    double box_tolerance;  /* A and degrees */
    double time_tolerance; /* ps */
    double velocity_a;     /* A/ps; 0: not kept */
    double force_relative; /* 0: not kept */
    bool wide;
};

static const double F32 = 6e-8, F64 = 3e-16;

static const struct kind kinds[] = {
    {"a.xtc", 0.00501, F32, 1e-5, 1e-5, 0, 0, false},
    {"a.trr", 0, F32, 1e-5, 1e-5, 1e-6, F32, false},
    {"b.trr", 0, F64, 1e-12, 1e-12, 1e-14, F64, true},
    {"a.dcd", 0, F32, 1e-12, 1e-4, 0, 0, false},
    {"a.pdb", 0.000501, 0, 0.00501, 6e-6, 0, 0, false},
    {"a.gro", 0.00501, 0, 0.003, 6e-6, 0.000501, 0, false},
    {"a.xyz", 5.1e-6, 0, 2e-6, 6e-6, 0, 0, false},
    {"a.nc", 0, F32, 1e-13, 1e-5, 1e-6, F32, false},
#ifdef HAVE_HDF5
    {"a.h5md", 0, F32, 1e-12, 1e-12, 1e-6, F32, false},
    {"b.h5md", 0, 0, 1e-12, 1e-12, 1e-14, F64, true},
#endif
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static struct atoms system_atoms;
static double xyz[FRAMES][NUMBERS], velocity[FRAMES][NUMBERS], force[FRAMES][NUMBERS];

enum box { BOX_NONE, BOX_RIGHT, BOX_SLANTED };

static void set_info(struct frame_info *info, size_t frame, enum box box)
{
    static const double slanted[6] = {81.1, 82.2, 83.3, 75, 80, 85};
    static const double right[6] = {41.5, 52.25, 63.125, 90, 90, 90};
    *info = (struct frame_info){
        .has_time = true,
        .time_ps = 10.5 + 2.5 * (double)frame,
        .has_step = true,
        .step = 1000 * (int64_t)frame + 7,
        .has_box = box != BOX_NONE,
    };
    for (int i = 0; info->has_box && i < 6; i++)
        info->box[i] = (box == BOX_RIGHT ? right[i] : slanted[i]) +
                       (i < 3 ? 0.5 * (double)frame : 0);
}

static int setup(void **state)
{
    struct dice dice = {7};
    *state = fwtest_make_dir(malloc(FWTEST_PATH_BYTES));
    for (size_t i = 0; i < ATOMS; i++) {
        struct atom *atom = atoms_append(&system_atoms, NULL);
        snprintf(atom->name, sizeof atom->name, "%s", i % 2 ? "CA" : "HG11");
        strcpy(atom->resname, i < 9 ? "ALA" : "NA");
        strcpy(atom->chain, "A");
        atom->element = i % 2 ? 6 : 1;
        atom->resid = (int32_t)(i / 2) + 9990;
    }
    for (size_t f = 0; f < FRAMES; f++)
        for (size_t i = 0; i < NUMBERS; i++) {
            xyz[f][i] = dice_between(&dice, -50, 50);
            velocity[f][i] = dice_between(&dice, -9, 9);
            force[f][i] = dice_between(&dice, -500, 500);
        }
    return 0;
}

static int teardown(void **state)
{
    fwtest_remove_dir(*state);
    free(*state);
    atoms_fini(&system_atoms);
    return 0;
}

static void write_file(const char *path, const struct kind *kind, size_t n_atoms,
                       const uint32_t *pick, enum box box)
{
    struct err err = {0};
    const struct save_format *format = save_format_find(NULL, path, &err);
    struct save_job job = {
        .atoms = &system_atoms,
        .pick = pick,
        .n_atoms = n_atoms,
        .n_frames = FRAMES,
        .has_times = true,
        .first_time_ps = 10.5,
        .dt_ps = 2.5,
        .has_velocities = true,
        .has_forces = true,
        .options = {.decimals = -1, .float64 = kind->wide},
    };
    struct save *save = format ? save_open(path, format, &job, &err) : NULL;
    if (!save)
        fail_msg("%s", err.text);
    for (size_t f = 0; f < FRAMES; f++) {
        struct frame_info info;
        set_info(&info, f, box);
        struct save_frame frame = {xyz[f], velocity[f], force[f], &info};
        if (save_frame(save, &frame, &err))
            fail_msg("%s", err.text);
    }
    if (save_close(save, false, &err))
        fail_msg("%s", err.text);
}

static void near_each(const char *what, const struct kind *kind, const double *got,
                      const double *wanted, size_t n, double absolute, double relative)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs(got[i] - wanted[i]) <= absolute + relative * fabs(wanted[i])))
            fail_msg("%s: %s %zu is %.17g, not %.17g", kind->file, what, i, got[i],
                     wanted[i]);
}

static void check_frame(const struct kind *kind, struct traj_reader *reader, size_t f,
                        size_t n_atoms, enum box box)
{
    double got[3][NUMBERS];
    struct frame_info info, wanted;
    struct err err;
    const struct frame_vectors to = {got[0], got[1], got[2]};
    set_info(&wanted, f, box);
    if (traj_read_vectors(reader, f, NULL, n_atoms, &to, &info, &err))
        fail_msg("%s", err.text);
    near_each("coordinate", kind, got[0], xyz[f], 3 * n_atoms, kind->tolerance_a,
              kind->relative);
    assert_true(info.has_time);
    near_each("time", kind, &info.time_ps, &wanted.time_ps, 1, kind->time_tolerance, 0);
    if (info.has_box != wanted.has_box)
        fail_msg("%s: the box", kind->file);
    if (info.has_box)
        near_each("box", kind, info.box, wanted.box, 6, kind->box_tolerance, 0);
    assert_int_equal(info.has_velocities, kind->velocity_a > 0);
    assert_int_equal(info.has_forces, kind->force_relative > 0);
    if (info.has_velocities)
        near_each("velocity", kind, got[1], velocity[f], 3 * n_atoms, kind->velocity_a,
                  0);
    if (info.has_forces)
        near_each("force", kind, got[2], force[f], 3 * n_atoms, 0,
                  kind->force_relative);
}

static void round_trip(const char *dir, const struct kind *kind, size_t n_atoms,
                       enum box box)
{
    char path[FWTEST_PATH_BYTES];
    struct err err = {0};
    snprintf(path, sizeof path, "%.4000s/%s", dir, kind->file);
    write_file(path, kind, n_atoms, NULL, box);
    const char *paths[] = {path};
    struct traj *traj = traj_open(paths, 1, NULL, &err);
    if (!traj)
        fail_msg("%s", err.text);
    assert_int_equal(traj_n_frames(traj), FRAMES);
    assert_int_equal(traj_n_atoms(traj), n_atoms);
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    for (size_t f = FRAMES; f-- > 0;)
        check_frame(kind, reader, f, n_atoms, box);
    traj_reader_destroy(reader);
    traj_close(traj);
}

static void round_trips(void **state)
{
    static const size_t counts[] = {1, 5, 9, 10, ATOMS};
    for (size_t k = 0; k < N_KINDS; k++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++)
            for (int box = BOX_NONE; box <= BOX_SLANTED; box++)
                round_trip(*state, &kinds[k], counts[c], (enum box)box);
}

/* The names of picked atoms reach the file. */
static void names(void **state)
{
    static const char *const files[] = {"n.pdb", "n.gro"};
    static const uint32_t pick[] = {0, 3, 22};
    for (int k = 0; k < 2; k++) {
        char path[FWTEST_PATH_BYTES];
        struct topology topology;
        struct err err = {0};
        snprintf(path, sizeof path, "%.4000s/%s", (char *)*state, files[k]);
        write_file(path, &kinds[0], 3, pick, BOX_NONE);
        if (topology_read(&topology, path, NULL, NULL, &err))
            fail_msg("%s", err.text);
        assert_int_equal(topology.atoms.n, 3);
        for (size_t i = 0; i < 3; i++) {
            const struct atom *got = &topology.atoms.at[i];
            const struct atom *wanted = &system_atoms.at[pick[i]];
            assert_string_equal(got->name, wanted->name);
            assert_string_equal(got->resname, wanted->resname);
            assert_int_equal(got->resid, wanted->resid);
            if (k == 0)
                assert_int_equal(got->element, wanted->element);
        }
        topology_fini(&topology);
    }
}

struct refusal {
    const char *file;
    double value;
    enum err_code code;
    const char *says;
};

static void refusals(void **state)
{
    static const struct refusal cases[] = {
        {"r.xtc", NAN, ERR_INPUT, "frame 1, atom 2"},
        {"r.xtc", 1e12, ERR_RUNTIME, "frame 1, atom 2"},
        {"r.pdb", INFINITY, ERR_INPUT, "frame 1, atom 2"},
        {"r.pdb", 12345.678, ERR_RUNTIME, "12345.678 does not fit"},
        {"r.gro", -123456.0, ERR_RUNTIME, "does not fit"},
        {"r.xyz", NAN, ERR_INPUT, "frame 1, atom 2"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char path[FWTEST_PATH_BYTES];
        struct err err = {0};
        double bad[NUMBERS];
        struct frame_info info;
        struct save_job job = {.atoms = &system_atoms,
                               .n_atoms = ATOMS,
                               .n_frames = 2,
                               .options = {.decimals = -1}};
        snprintf(path, sizeof path, "%.4000s/%s", (char *)*state, cases[k].file);
        struct save *save =
            save_open(path, save_format_find(NULL, path, NULL), &job, &err);
        assert_non_null(save);
        set_info(&info, 0, BOX_NONE);
        struct save_frame frame = {xyz[0], NULL, NULL, &info};
        assert_int_equal(save_frame(save, &frame, &err), 0);
        memcpy(bad, xyz[1], sizeof bad);
        bad[7] = cases[k].value;
        frame.xyz = bad;
        assert_int_equal(save_frame(save, &frame, &err), -1);
        assert_int_equal(err.code, cases[k].code);
        if (!strstr(err.text, cases[k].says) || !strstr(err.text, path))
            fail_msg("'%s' does not say '%s'", err.text, cases[k].says);
        save_discard(save);
        assert_int_equal(access(path, F_OK), -1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(names),
        cmocka_unit_test(refusals),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("save-formats", tests, setup, teardown);
}
