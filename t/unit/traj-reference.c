/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every format against figures that MDAnalysis 2.4.2 (and, for multi-frame GRO, an
   independent reader) gave for public files. */
#include "fwtest.h"

#include "mol/elements.h"
#include "traj/topology.h"
#include "traj/traj.h"

#include <jansson.h>

/* MDAnalysis keeps coordinates as float32 and multiplies nm by 10 in it. */
#define FLOAT_STEP 1.2e-7

/* The files of a system of reference.json; NULL where another format has them. */
static const struct system {
    const char *name, *topology, *trajectory;
    bool times; /* both sides have them from the file */
} systems[] = {
    {"adk_dims", NULL, "adk_dims.dcd", true},
    {"SiN_dcd", NULL, "SiN_tric_namd.dcd", true},
    {"mda_5atom_dcd", "mda_5atom_test_topology.pdb", "mda_5atom_test.dcd", true},
    {"adk_oplsaa", "adk_oplsaa.gro", "adk_oplsaa.xtc", true},
    {"cobrotoxin_xtc", "cobrotoxin.pdb", "cobrotoxin.xtc", true},
    {"mda_5atom_xtc", "mda_5atom_test_topology.pdb", "mda_5atom_test.xtc", true},
    {"cobrotoxin_trr", "cobrotoxin.pdb", "cobrotoxin.trr", true},
    {"adk_protein_trr", NULL, "adk_protein.trr", true},
    {"mda_5atom_trr", "mda_5atom_test_topology.pdb", "mda_5atom_test.trr", true},
    {"cobrotoxin_h5md", "cobrotoxin.pdb", "cobrotoxin.h5md", true},
    {"mda_5atom_h5md", "mda_5atom_test_topology.pdb", "mda_5atom_test.h5md", true},
    {"2r9r_xyz", NULL, "2r9r-1b.xyz", false},
    {"2r9r_xyz", NULL, "2r9r-1b.xyz.bz2", false},
    {"mda_5atom_xyz", NULL, "mda_5atom_test.xyz", false},
    {"adk_oplsaa_gro_only", "adk_oplsaa.gro", "adk_oplsaa.gro", false},
    {"mda_5atom_gro", "mda_5atom_test.gro", "mda_5atom_test.gro", false},
    {"adk_protein_multi_gro", NULL, "adk_protein_multi.gro", false},
    {"cobrotoxin_protein_vel_gro", NULL, "cobrotoxin_protein_vel.gro", false},
    {"two_water_multiframe", NULL, "two_water_gro_multiframe.gro", false},
    {"adk_closed_pdb", "adk_closed.pdb", "adk_closed.pdb", false},
    {"adk_closed_pdb_gz", "adk_closed.pdb.gz", "adk_closed.pdb.gz", false},
    {"neopetrosiamide", "nmr_neopetrosiamide.pdb", "nmr_neopetrosiamide.pdb", false},
    {"tz2_truncoct_nc", "tz2.truncoct.pdb", "tz2.truncoct.nc", true},
    {"trpzip2_nc", "trpzip2.ff14SB.mbondi3.pdb", "trpzip2.ff14SB.mbondi3.nc", true},
};

enum { N_SYSTEMS = sizeof systems / sizeof systems[0] };

struct context {
    const struct system *system;
    json_t *entry;
};

static double number(const json_t *array, size_t i)
{
    return json_number_value(json_array_get(array, i));
}

static void check_close(double value, double expected, double tolerance,
                        const char *what, size_t frame)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%s of frame %zu: %.17g, expected %.17g within %.3g", what, frame,
                 value, expected, tolerance);
}

/* Sums over all atoms with the sums of magnitudes, which bound the rounding. */
struct sums {
    double sum[3], magnitude[3], square;
};

static struct sums add_up(const double *xyz, size_t n)
{
    struct sums sums = {0};
    for (size_t i = 0; i < 3 * n; i++) {
        sums.sum[i % 3] += xyz[i];
        sums.magnitude[i % 3] += fabs(xyz[i]);
        sums.square += xyz[i] * xyz[i];
    }
    return sums;
}

static void check_box(const json_t *box, const struct frame_info *info, size_t frame)
{
    if (json_is_null(box)) {
        assert_false(info->has_box);
        return;
    }
    assert_true(info->has_box);
    for (size_t i = 0; i < 6; i++)
        check_close(info->box[i], number(box, i), i < 3 ? 1e-4 : 3e-5, "box", frame);
}

static void check_sums(const json_t *expected, const double *xyz, size_t n,
                       size_t frame)
{
    struct sums sums = add_up(xyz, n);
    const json_t *sum = json_object_get(expected, "sum_xyz");
    const json_t *square = json_object_get(expected, "sum_sq");
    for (size_t i = 0; sum && i < 3; i++)
        check_close(sums.sum[i], number(sum, i), FLOAT_STEP * sums.magnitude[i] + 1e-9,
                    "sum", frame);
    if (square)
        check_close(sums.square, json_number_value(square),
                    2 * FLOAT_STEP * sums.square, "sum of squares", frame);
}

/* The vectors of some atoms, under their numbers. */
static void check_atoms(json_t *expected, const double *found, const char *what,
                        size_t frame)
{
    const char *key;
    json_t *atom;
    json_object_foreach(expected, key, atom)
    {
        const double *at = found + 3 * strtoul(key, NULL, 10);
        for (size_t i = 0; i < 3; i++)
            check_close(at[i], number(atom, i),
                        FLOAT_STEP * fabs(number(atom, i)) + 1e-12, what, frame);
    }
}

static void check_frame(const json_t *expected, const struct frame_vectors *found,
                        size_t n, const struct frame_info *info)
{
    size_t frame = (size_t)json_integer_value(json_object_get(expected, "frame"));
    json_t *velocity = json_object_get(expected, "velocity_A_per_ps");
    json_t *force = json_object_get(expected, "force_mda_kJ_per_mol_A");
    check_atoms(json_object_get(expected, "xyz"), found->xyz, "coordinate", frame);
    assert_true(info->has_velocities == (velocity != NULL));
    assert_true(info->has_forces == (force != NULL));
    check_atoms(velocity, found->velocity, "velocity", frame);
    check_atoms(force, found->force, "force", frame);
    check_sums(expected, found->xyz, n, frame);
    const json_t *box = json_object_get(expected, "box");
    if (box)
        check_box(box, info, frame);
}

static const json_t *frame_of(const json_t *frames, size_t frame)
{
    size_t i;
    json_t *entry;
    json_array_foreach(frames, i, entry)
    {
        if ((size_t)json_integer_value(json_object_get(entry, "frame")) == frame)
            return entry;
    }
    return NULL;
}

static void check_centroid(const json_t *centroid, const double *xyz, size_t n,
                           size_t frame)
{
    struct sums sums = add_up(xyz, n);
    for (size_t i = 0; i < 3; i++)
        check_close(sums.sum[i] / (double)n, number(centroid, i),
                    FLOAT_STEP * sums.magnitude[i] / (double)n + 1e-6, "centroid",
                    frame);
}

/* Every third atom, which must be what reading all of them gives. */
static void check_picks(struct traj_reader *reader, size_t frame, const double *xyz,
                        size_t n)
{
    size_t n_pick = (n + 2) / 3;
    uint32_t *pick = calloc(n_pick, sizeof *pick);
    double *picked = calloc(3 * n_pick, sizeof *picked);
    struct frame_info info;
    for (size_t i = 0; i < n_pick; i++)
        pick[i] = (uint32_t)(3 * i);
    assert_int_equal(traj_read(reader, frame, pick, n_pick, picked, &info, NULL), 0);
    for (size_t i = 0; i < n_pick; i++)
        assert_memory_equal(picked + 3 * i, xyz + 9 * i, 3 * sizeof *xyz);
    free(pick);
    free(picked);
}

static void check_trajectory(const struct context *context, const struct traj *traj)
{
    const json_t *part = json_object_get(context->entry, "traj");
    const json_t *data = part ? part : context->entry;
    const json_t *times = json_object_get(data, "time_ps_per_frame");
    const json_t *centroids = json_object_get(data, "centroid_per_frame");
    size_t n = traj_n_atoms(traj);
    assert_int_equal(n, json_integer_value(json_object_get(data, "n_atoms")));
    assert_int_equal(traj_n_frames(traj),
                     json_integer_value(json_object_get(data, "n_frames")));
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    double *xyz = calloc(9 * n, sizeof *xyz);
    const struct frame_vectors out = {xyz, xyz + 3 * n, xyz + 6 * n};
    for (size_t frame = 0; frame < traj_n_frames(traj); frame++) {
        struct frame_info info;
        struct err err = {0};
        if (traj_read_vectors(reader, frame, NULL, n, &out, &info, &err))
            fail_msg("%s", err.text);
        const json_t *expected = frame_of(json_object_get(data, "frames"), frame);
        if (expected)
            check_frame(expected, &out, n, &info);
        if (centroids)
            check_centroid(json_array_get(centroids, frame), xyz, n, frame);
        if (context->system->times) {
            assert_true(info.has_time);
            check_close(info.time_ps, number(times, frame), 1e-9, "time", frame);
        }
        if (frame == 0)
            check_picks(reader, frame, xyz, n);
    }
    free(xyz);
    traj_reader_destroy(reader);
}

static void check_elements(const json_t *expected, const struct atoms *atoms)
{
    long counts[ELEMENT_MAX + 1] = {0};
    const char *symbol;
    json_t *count;
    for (size_t i = 0; i < atoms->n; i++)
        counts[atoms->at[i].element]++;
    json_object_foreach((json_t *)(uintptr_t)expected, symbol, count)
    {
        long found = counts[element_from_symbol(symbol)];
        if (found != json_integer_value(count))
            fail_msg("%ld atoms of %s, expected %ld", found, symbol,
                     (long)json_integer_value(count));
    }
}

static void check_text(const json_t *sample, const char *key, const char *found)
{
    const json_t *value = json_object_get(sample, key);
    /* MDAnalysis calls the segment of a file without any SYSTEM. */
    if (value && strcmp(json_string_value(value), "SYSTEM") != 0)
        assert_string_equal(found, json_string_value(value));
}

static void check_topology(const struct context *context,
                           const struct topology *topology)
{
    const json_t *entry = context->entry;
    const struct atoms *atoms = &topology->atoms;
    assert_int_equal(atoms->n_residues,
                     json_integer_value(json_object_get(entry, "n_residues")));
    check_elements(json_object_get(entry, "elements"), atoms);
    size_t i;
    json_t *sample;
    json_array_foreach(json_object_get(entry, "atoms_sample"), i, sample)
    {
        size_t index = (size_t)json_integer_value(json_object_get(sample, "index"));
        assert_true(index < atoms->n);
        const struct atom *atom = &atoms->at[index];
        const char icode[2] = {atom->icode, '\0'}, altloc[2] = {atom->altloc, '\0'};
        check_text(sample, "name", atom->name);
        check_text(sample, "resname", atom->resname);
        check_text(sample, "chainID", atom->chain);
        check_text(sample, "icode", icode);
        check_text(sample, "altLoc", altloc);
        check_text(sample, "record_type", atom->hetatm ? "HETATM" : "ATOM");
        if (atom->segid[0])
            check_text(sample, "segid", atom->segid);
        assert_int_equal(atom->resid,
                         json_integer_value(json_object_get(sample, "resid")));
    }
}

static json_t *load_reference(const char *path)
{
    json_error_t error;
    json_t *reference = json_load_file(path, 0, &error);
    if (!reference)
        fail_msg("%s: %s", path, error.text);
    return reference;
}

static void test_system(void **state)
{
    const struct system *system = *state;
    char path[FWTEST_PATH_BYTES];
    struct err err = {0};
    FWTEST_NEED_SHARED(path, "reference.json");
    json_t *reference = load_reference(path);
    struct context context = {
        system, json_object_get(json_object_get(reference, "systems"), system->name)};
    assert_non_null(context.entry);
    if (system->trajectory) {
        FWTEST_NEED_SHARED(path, system->trajectory);
        const char *paths[] = {path};
        struct traj *traj = traj_open(paths, 1, NULL, &err);
        if (!traj)
            fail_msg("%s", err.text);
        check_trajectory(&context, traj);
        traj_close(traj);
    }
    if (system->topology) {
        struct topology topology;
        FWTEST_NEED_SHARED(path, system->topology);
        if (topology_read(&topology, path, NULL, NULL, &err))
            fail_msg("%s", err.text);
        check_topology(&context, &topology);
        topology_fini(&topology);
    }
    json_decref(reference);
}

/* The trajectory that comes with the sources, with a compressed run of all codes. */
static void test_example(void **state)
{
    (void)state;
    char path[FWTEST_PATH_BYTES];
    struct err err = {0};
    FWTEST_NEED_SHARED(path, "example/reference.json");
    json_t *reference = load_reference(path);
    FWTEST_NEED_SHARED(path, "example/kunitz.xtc");
    const char *paths[] = {path};
    struct traj *traj = traj_open(paths, 1, NULL, &err);
    if (!traj)
        fail_msg("%s", err.text);
    assert_string_equal(traj_format_name(traj), "XTC");
    assert_int_equal(traj_n_frames(traj), 151);
    size_t n = traj_n_atoms(traj), i;
    assert_int_equal(n, 1112);
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    double *xyz = calloc(3 * n, sizeof *xyz);
    json_t *expected;
    json_array_foreach(json_object_get(reference, "frames"), i, expected)
    {
        size_t frame = (size_t)json_integer_value(json_object_get(expected, "frame"));
        struct frame_info info;
        assert_int_equal(traj_read(reader, frame, NULL, n, xyz, &info, &err), 0);
        check_sums(expected, xyz, n, frame);
        check_close(info.time_ps,
                    json_number_value(json_object_get(expected, "time_ps")), 1e-9,
                    "time", frame);
        for (size_t axis = 0; axis < 3; axis++) {
            double value = number(json_object_get(expected, "atom0"), axis);
            check_close(xyz[axis], value, FLOAT_STEP * value, "atom 0", frame);
        }
    }
    free(xyz);
    traj_reader_destroy(reader);
    traj_close(traj);
    json_decref(reference);
}

/* Damaged files: file, frame and offset that the error must name. */
static void test_broken(void **state)
{
    (void)state;
    static const struct {
        const char *file, *says;
    } table[] = {
        {"broken/dcd_trunc_midframe.dcd",
         "dcd_trunc_midframe.dcd: frame 4 at byte offset"},
        {"broken/xtc_trunc.xtc", "xtc_trunc.xtc: frame 4 at byte offset 464"},
        {"broken/h5md_trunc.h5md",
         "h5md_trunc.h5md: a truncated HDF5 file: it has 46734 bytes of 93468"},
        {"broken/empty.xtc", "empty.xtc: the file is empty"},
        {"broken/trr_trunc_midframe.trr",
         "trr_trunc_midframe.trr: frame 3 at byte offset 120636"},
        {"trajectory.bod", "'TRAJECTORY' is not supported yet"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char path[FWTEST_PATH_BYTES];
        struct err err = {0};
        FWTEST_NEED_SHARED(path, table[i].file);
        const char *paths[] = {path};
        assert_null(traj_open(paths, 1, NULL, &err));
        assert_int_equal(err.code, ERR_INPUT);
        if (!strstr(err.text, table[i].says))
            fail_msg("'%s' does not say '%s'", err.text, table[i].says);
    }
}

int main(void)
{
    struct CMUnitTest tests[N_SYSTEMS + 2] = {
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_broken),
    };
    for (size_t i = 0; i < N_SYSTEMS; i++)
        tests[i + 2] = (struct CMUnitTest){
            .name = systems[i].name,
            .test_func = test_system,
            .initial_state = (void *)(uintptr_t)&systems[i],
        };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
