/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5 trajectories of every kind. */
#include "config.h"

#include "fwtest.h"
#include "traj-check.h"

#ifdef HAVE_HDF5
#include "traj-h5write.h"

#include <dlfcn.h>
#include <endian.h>
#include <sys/wait.h>

enum { ATOMS = 5, FRAMES = 7 };

static const double right[6] = {30, 40, 50, 90, 90, 90};
static const double skew[6] = {30, 40, 50, 80, 70, 60};
static const uint32_t pick[] = {1, 2, 4};

static const struct h5_kind kinds[] = {
    {.group = "all", .length = "Angstrom", .time = "ps", .nm = 1, .ps = 1},
    {.group = "trajectory",
     .length = "nm",
     .time = "ps",
     .velocity = "nm ps-1",
     .force = "kJ mol-1 nm-1",
     .nm = 10,
     .ps = 1,
     .v = true,
     .f = true,
     .chunk_frames = 1,
     .box = BOX_FRAMED,
     .box_matrix = true},
    {.group = "x y",
     .length = "pm",
     .time = "fs",
     .velocity = "pm/fs",
     .force = "kJ mol-1 pm-1",
     .nm = 0.01,
     .ps = 1e-3,
     .v = true,
     .f = true,
     .chunk_frames = 3,
     .gzip = 6,
     .box = BOX_FRAMED,
     .wide = true},
    {.group = "p",
     .length = "nm",
     .time = "ns",
     .nm = 10,
     .ps = 1e3,
     .chunk_frames = 100,
     .gzip = 1,
     .box = BOX_FIXED,
     .fixed_time = true},
    {.group = "p",
     .length = "nm",
     .time = "ps",
     .nm = 10,
     .ps = 1,
     .chunk_frames = 1,
     .box = BOX_FIXED,
     .box_matrix = true,
     .fixed_strings = true,
     .wide = true},
    {.group = "p",
     .nm = 1,
     .ps = 1,
     .chunk_frames = 2,
     .box = BOX_FIXED,
     .open_boundary = true,
     .no_time = true},
    {.group = "p",
     .nm = 1,
     .ps = 1,
     .box = BOX_FRAMED,
     .open_boundary = true,
     .fixed_strings = true},
    {.group = "p",
     .nm = 1,
     .ps = 1,
     .constant = true,
     .box = BOX_FIXED,
     .no_time = true},
    /* Velocities in units that say nothing are left out. */
    {.group = "p",
     .length = "nm",
     .velocity = "sigma/tau",
     .force = "kJ/(mol nm)",
     .nm = 10,
     .ps = 1,
     .v = true,
     .f = true,
     .chunk_frames = 1},
    {.chunk_frames = 1},
    {.chunk_frames = 4, .gzip = 4, .wide = true, .fixed_strings = true},
};

enum { N_KINDS = sizeof kinds / sizeof kinds[0] };

static int setup(void **state)
{
    struct hdf5 *h5 = calloc(1, sizeof *h5);
    struct err err;
    if (hdf5_load(h5, &err))
        fail_msg("%s", err.text);
    *state = h5;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void check_file(const char *path, const struct h5_kind *kind)
{
    bool amber = !kind->group, times = !kind->no_time;
    bool boxed = amber || (kind->box != BOX_NONE && !kind->open_boundary);
    bool reduced = kind->velocity && strcmp(kind->velocity, "sigma/tau") == 0;
    const struct expected expected = {true, amber || (kind->v && !reduced),
                                      amber || kind->f, kind->wide ? 1e-13 : 2e-6,
                                      !boxed  ? NULL
                                      : amber ? skew
                                              : right};
    const char *paths[] = {path};
    struct err err;
    struct traj *traj = traj_open(paths, 1, NULL, &err);
    if (!traj)
        fail_msg("%s", err.text);
    size_t n_frames = kind->constant ? 1 : FRAMES;
    assert_string_equal(traj_format_name(traj), amber ? "NetCDF" : "H5MD");
    assert_int_equal(traj_n_frames(traj), n_frames);
    assert_int_equal(traj_n_atoms(traj), ATOMS);
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    for (size_t frame = n_frames; frame-- > 0;) {
        struct frame_info info;
        check_read(reader, frame, frame, NULL, ATOMS, &expected, &info);
        check_read(reader, frame, frame, pick, 3, &expected, &info);
        assert_true(info.has_time == times);
        double time_ps = 2 + 0.5 * (double)frame;
        if (times && !(fabs(info.time_ps - time_ps) < 1e-6))
            fail_msg("time %.17g of frame %zu", info.time_ps, frame);
        assert_true(info.has_step == (times && !amber));
        assert_true(!info.has_step || info.step == (int64_t)(40 + 10 * frame));
    }
    struct traj_description about;
    traj_describe(traj, 0, &about);
    assert_int_equal(about.float_bits, kind->wide ? 64 : 32);
    assert_int_equal(about.chunk[0], kind->chunk_frames);
    assert_true((kind->gzip > 0) == (strncmp(about.compression, "gzip", 4) == 0));
    traj_reader_destroy(reader);
    traj_close(traj);
}

static void make_path(char path[FWTEST_PATH_BYTES], char dir[FWTEST_PATH_BYTES])
{
    fwtest_make_dir(dir);
    snprintf(path, FWTEST_PATH_BYTES, "%.4000s/x.h5md", dir);
}

static void test_kinds(void **state)
{
    char dir[FWTEST_PATH_BYTES], path[FWTEST_PATH_BYTES];
    make_path(path, dir);
    for (size_t k = 0; k < N_KINDS; k++) {
        h5w_write(*state, path, &kinds[k], ATOMS, kinds[k].constant ? 1 : FRAMES);
        check_file(path, &kinds[k]);
    }
    fwtest_remove_dir(dir);
}

/* A reader that was used before a fork serves both sides, each by its own process. */
static void test_fork(void **state)
{
    char dir[FWTEST_PATH_BYTES], path[FWTEST_PATH_BYTES];
    const struct expected expected = {
        .x = true, .v = true, .f = true, .tolerance = 2e-6, .box = right};
    make_path(path, dir);
    h5w_write(*state, path, &kinds[1], ATOMS, FRAMES);
    const char *paths[] = {path};
    struct traj *traj = traj_open(paths, 1, NULL, NULL);
    assert_non_null(traj);
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    struct frame_info info;
    check_read(reader, 1, 1, NULL, ATOMS, &expected, &info);
    pid_t child = fork();
    if (child == 0) {
        double xyz[3 * ATOMS];
        int bad = 0;
        for (size_t frame = 0; frame < FRAMES; frame++)
            bad |= traj_read(reader, frame, NULL, ATOMS, xyz, &info, NULL) ||
                   fabs(xyz[0] - written_coordinate(frame, 0, 0)) > 1e-4;
        traj_reader_destroy(reader);
        _exit(bad);
    }
    for (size_t frame = 0; frame < FRAMES; frame++)
        check_read(reader, frame, frame, NULL, ATOMS, &expected, &info);
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    traj_reader_destroy(reader);
    traj_close(traj);
    fwtest_remove_dir(dir);
}

/* Several groups: the largest one, by name among equals. */
static void test_groups(void **state)
{
    const struct hdf5 *h5 = *state;
    char dir[FWTEST_PATH_BYTES], path[FWTEST_PATH_BYTES];
    struct h5_kind kind = {.nm = 1, .ps = 1, .length = "Angstrom"};
    static const struct {
        const char *name;
        size_t n_atoms;
    } groups[] = {{"b", 3}, {"c", ATOMS}, {"a", 2}, {"d", ATOMS}};
    make_path(path, dir);
    struct h5_writer w = {
        h5, &kind,
        h5w_ok(h5->H5Fcreate(path, HDF5_TRUNCATE, H5P_DEFAULT, H5P_DEFAULT))};
    hid_t particles = h5w_group(&w, w.file, "particles");
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        hid_t group = h5w_group(&w, particles, groups[i].name);
        h5w_element(&w, group, "position", "Angstrom", groups[i].n_atoms, FRAMES,
                    written_coordinate, 1);
        h5->H5Gclose(group);
    }
    h5->H5Gclose(particles);
    h5->H5Fclose(w.file);
    const char *paths[] = {path};
    struct err err;
    struct traj *traj = traj_open(paths, 1, NULL, &err);
    if (!traj)
        fail_msg("%s", err.text);
    struct traj_description about;
    traj_describe(traj, 0, &about);
    assert_string_equal(about.flavour, "particles/c");
    assert_int_equal(traj_n_atoms(traj), ATOMS);
    traj_close(traj);
    fwtest_remove_dir(dir);
}

/* Frames that the extents count but nobody wrote: HDF5 would make zeros of them. */
static void test_missing(void **state)
{
    char dir[FWTEST_PATH_BYTES], path[FWTEST_PATH_BYTES];
    const struct traj_options allow = {.allow_truncated = true};
    struct h5_kind kind = {.group = "p",
                           .nm = 1,
                           .ps = 1,
                           .chunk_frames = 1,
                           .missing = 2,
                           .box = BOX_FRAMED};
    struct err err;
    make_path(path, dir);
    const char *paths[] = {path};
    h5w_write(*state, path, &kind, ATOMS, FRAMES);
    assert_null(traj_open(paths, 1, NULL, &err));
    assert_int_equal(err.code, ERR_INPUT);
    check_says(&err, "x.h5md: frame 7: this frame lacks its positions; there "
                     "should be 9 frames");
    struct traj *traj = traj_open(paths, 1, &allow, &err);
    assert_non_null(traj);
    assert_int_equal(traj_n_frames(traj), FRAMES);
    assert_non_null(traj_damage(traj, 0));
    traj_close(traj);
    fwtest_remove_dir(dir);
}

/* Text of the file replaced by other text of the same length. */
static void test_refused(void **state)
{
    static const struct {
        const char *from, *to, *says;
    } table[] = {
        {"particles", "PARTICLES", "neither H5MD (no group particles) nor AMBER"},
        {"position", "POSITION", "no positions in particles/p"},
        {"nanometer", "nanomixer", "position is in an unknown unit, 'nanomixer'"},
        {"\211HDF", "\211HDG", "cannot tell the format"},
    };
    const struct h5_kind kind = {
        .group = "p", .length = "nanometer", .nm = 10, .ps = 1, .fixed_strings = true};
    char dir[FWTEST_PATH_BYTES], path[FWTEST_PATH_BYTES];
    make_path(path, dir);
    h5w_write(*state, path, &kind, ATOMS, FRAMES);
    struct blob *whole = calloc(1, sizeof *whole), *blob = calloc(1, sizeof *blob);
    FILE *file = fopen(path, "rb");
    whole->n = fread(whole->bytes, 1, sizeof whole->bytes, file);
    fclose(file);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        size_t n = strlen(table[i].from);
        *blob = *whole;
        unsigned char *at = memmem(blob->bytes, blob->n, table[i].from, n);
        assert_non_null(at);
        memcpy(at, table[i].to, n);
        check_refused(dir, i == 3 ? "x" : "x.h5md", blob, table[i].says);
    }
    *blob = *whole;
    blob->n -= 1;
    check_refused(dir, "x.h5md", blob, "a truncated HDF5 file: it has ");
    free(whole);
    free(blob);
    fwtest_remove_dir(dir);
}

#ifndef __SANITIZE_ADDRESS__
/* A text of 2 GB, says the file: neither is it waited for nor is the unit left out.
   (With sanitizers memory cannot be bounded.) */
static void test_long_text(void **state)
{
    const struct h5_kind kind = {
        .group = "p", .length = "nanometer", .nm = 10, .ps = 1};
    char dir[FWTEST_PATH_BYTES], path[FWTEST_PATH_BYTES];
    struct blob *blob = calloc(1, sizeof *blob);
    size_t n_changed = 0;
    make_path(path, dir);
    h5w_write(*state, path, &kind, ATOMS, FRAMES);
    FILE *file = fopen(path, "rb");
    blob->n = fread(blob->bytes, 1, sizeof blob->bytes, file);
    fclose(file);
    /* Such a text is kept as its length and the place of the heap that it is in. */
    unsigned char *heap = memmem(blob->bytes, blob->n, "GCOL", 4);
    assert_non_null(heap);
    uint64_t place = (uint64_t)(heap - blob->bytes);
    for (size_t at = 4; at + 8 < blob->n; at++) {
        uint64_t found;
        memcpy(&found, blob->bytes + at, sizeof found);
        if (le64toh(found) != place || blob->bytes[at - 4] > strlen(kind.length) + 1)
            continue;
        blob->bytes[at - 1] = 0x7f;
        n_changed++;
    }
    assert_true(n_changed > 0);
    check_refused(dir, "x.h5md", blob, "the attribute unit is damaged");
    free(blob);
    fwtest_remove_dir(dir);
}
#endif

/* Links to other files are not followed. */
static void test_external_link(void **state)
{
    const struct hdf5 *h5 = *state;
    char dir[FWTEST_PATH_BYTES], path[FWTEST_PATH_BYTES], other[FWTEST_PATH_BYTES];
    struct err err;
    make_path(path, dir);
    snprintf(other, sizeof other, "%.4000s/other.h5md", dir);
    h5w_write(h5, other, &kinds[0], ATOMS, FRAMES);
    herr_t (*link)(const char *, const char *, hid_t, const char *, hid_t, hid_t);
    void *symbol = dlsym(h5->library, "H5Lcreate_external");
    assert_non_null(symbol);
    memcpy(&link, &symbol, sizeof link);
    hid_t file = h5w_ok(h5->H5Fcreate(path, HDF5_TRUNCATE, H5P_DEFAULT, H5P_DEFAULT));
    h5w_ok(link(other, "/particles", file, "particles", H5P_DEFAULT, H5P_DEFAULT));
    h5->H5Fclose(file);
    const char *paths[] = {path};
    assert_null(traj_open(paths, 1, NULL, &err));
    check_says(&err, "x.h5md: neither H5MD");
    fwtest_remove_dir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),     cmocka_unit_test(test_fork),
        cmocka_unit_test(test_groups),    cmocka_unit_test(test_missing),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_external_link),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(test_long_text),
#endif
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
#else
int main(void)
{
    puts("1..0 # SKIP built without HDF5");
    return 0;
}
#endif
