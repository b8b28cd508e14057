/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AMBER's classic NetCDF files of every kind, and what may be wrong with them. */
#include "fwtest.h"
#include "traj-check.h"

enum { ATOMS = 5, FRAMES = 3 };

static const double box[6] = {30, 40, 50, 80, 70, 60};
static const uint32_t pick[] = {0, 3, 4};

static void check_kind(const char *dir, const struct netcdf_kind *kind)
{
    struct blob *blob = calloc(1, sizeof *blob);
    size_t n_frames = kind->restart ? 1 : FRAMES;
    const struct expected expected = {
        true, kind->v && !kind->reduced, kind->f && !kind->reduced,
        kind->wide && !kind->scale ? 1e-14 : 1e-6, kind->cell ? box : NULL};
    struct err err;
    blob_netcdf(blob, kind, ATOMS, n_frames);
    struct traj *traj = open_bytes(dir, "x", blob, NULL, &err);
    if (!traj)
        fail_msg("%s", err.text);
    assert_string_equal(traj_format_name(traj), "NetCDF");
    assert_int_equal(traj_n_frames(traj), n_frames);
    assert_int_equal(traj_n_atoms(traj), ATOMS);
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    for (size_t frame = n_frames; frame-- > 0;) {
        struct frame_info info;
        check_read(reader, frame, frame, NULL, ATOMS, &expected, &info);
        check_read(reader, frame, frame, pick, 3, &expected, &info);
        assert_true(info.has_time == kind->times);
        assert_true(!info.has_time || info.time_ps == 0.5 * (double)frame);
    }
    struct traj_description description;
    traj_describe(traj, 0, &description);
    assert_int_equal(description.float_bits, kind->wide ? 64 : 32);
    assert_non_null(strstr(description.flavour, kind->restart ? "restart" : "traj"));
    traj_reader_destroy(reader);
    traj_close(traj);
    free(blob);
}

static void test_kinds(void **state)
{
    static const int versions[] = {1, 2, 5};
    for (int v = 0; v < 3; v++)
        for (int k = 0; k < 96; k++) {
            const struct netcdf_kind kind = {
                .version = versions[v],
                .wide = k & 1,
                .cell = k & 2,
                .v = k & 4,
                .f = k & 8,
                .times = k & 16,
                .restart = k / 32 == 1,
                .fixed_frames = k / 32 == 2,
                .streaming = k == 7,
                .scale = k & 1 ? 20.455 : 0,
                .units = k & 2   ? "nanometer"
                         : k & 4 ? "angstrom"
                                 : NULL,
            };
            check_kind(*state, &kind);
        }
}

/* Velocities and forces in units that say nothing are left out. */
static void test_reduced(void **state)
{
    for (int k = 1; k < 4; k++) {
        const struct netcdf_kind kind = {
            .version = 2, .v = k & 1, .f = k & 2, .times = true, .reduced = true};
        check_kind(*state, &kind);
    }
}

/* Bytes of the file of this kind changed. What the header says of the variables is
   found by its text. */
static const struct netcdf_kind plain = {.version = 2,
                                         .cell = true,
                                         .v = true,
                                         .times = true,
                                         .scale = 20.455,
                                         .units = "angstrom"};

static size_t find_text(const struct blob *blob, const char *text)
{
    const unsigned char *found = memmem(blob->bytes, blob->n, text, strlen(text));
    assert_non_null(found);
    return (size_t)(found - blob->bytes);
}

static void test_damage(void **state)
{
    static const struct {
        const char *at; /* this text, from the beginning of which `offset` counts */
        size_t offset;
        uint32_t word;
        const char *says;
    } table[] = {
        {"CDF", 4, 4, "frame 3 at byte offset 992: the file ends in this frame; its"},
        {"CDF", 4, 0xfffffffe, "frame 3 at byte offset"},
        {"CDF", 4, 0, "no frames in this NetCDF file"},
        {"CDF", 8, 11, "damaged NetCDF header: a list that is not the one expected"},
        {"CDF", 12, 0xffffffff, "damaged NetCDF header: a"},
        {"CDF", 16, 0x7fffffff, "damaged NetCDF header: a length beyond the end"},
        {"atom", 4, 0, "without coordinates (frame, atom, 3)"},
        {"atom", 4, 0x7fffffff, "frame 0 at byte offset"},
        {"spatial", 8, 2, "without coordinates (frame, atom, 3)"},
        {"Conventions", 12, 77, "an attribute of no known type or length"},
        {"Conventions", 16, 0x7fffffff, "an attribute of no known type or length"},
        {"Conventions", 16, 990, "a length beyond the end of the file"},
        {"coordinates", 16, 9, "a dimension that there is not"},
        {"coordinates", 20, 2, "the dimensions of velocities"},
        {"coordinates", 64, 12, "a variable of no known type"},
        {"coordinates", 64, 4, "coordinates are not floating-point numbers"},
        {"coordinates", 72, 0x7fffffff, "frame 0 at byte offset"},
        {"coordinates", 56, 0x66757273, "coordinates are in an unknown unit"},
        {"velocities", 24, 1, "the dimensions of velocities are not those of an AMBER"},
        {"scale_factor", 20, 0x7fc00000, "the scale_factor of velocities is not a"},
        {"cell_angles", 20, 1, "the dimensions of cell_angles are not those"},
    };
    struct blob *whole = calloc(1, sizeof *whole);
    blob_netcdf(whole, &plain, ATOMS, FRAMES);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct blob *blob = calloc(1, sizeof *blob), *word = calloc(1, sizeof *word);
        *blob = *whole;
        size_t at = find_text(blob, table[i].at) + table[i].offset;
        blob_int(word, table[i].word, 4, true);
        memcpy(blob->bytes + at, word->bytes, 4);
        check_refused(*state, "x.nc", blob, table[i].says);
        free(word);
        free(blob);
    }
    free(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_reduced),
        cmocka_unit_test(test_damage),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, fwtest_setup_dir, fwtest_teardown_dir);
}
