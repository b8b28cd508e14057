/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TRR files of every kind, and what may be wrong with them. */
#include "fwtest.h"
#include "traj-check.h"

enum { ATOMS = 5, FRAMES = 4 };

static const double box[6] = {30, 40, 50, 90, 90, 90};
static const uint32_t pick[] = {1, 2, 4};

static void test_kinds(void **state)
{
    for (int k = 0; k < 32; k++) {
        const struct trr_kind kind = {k & 1, k & 2, k & 4, true, k & 8, k & 16};
        const struct expected expected = {
            true, kind.v, kind.f, kind.wide ? 1e-15 : 1e-6, kind.box ? box : NULL};
        struct blob *blob = calloc(1, sizeof *blob);
        struct err err;
        for (size_t frame = 0; frame < FRAMES; frame++)
            blob_trr_frame(blob, &kind, ATOMS, frame, 0.25 * (double)frame);
        struct traj *traj = open_bytes(*state, "x", blob, NULL, &err);
        if (!traj)
            fail_msg("%s", err.text);
        assert_string_equal(traj_format_name(traj), "TRR");
        assert_int_equal(traj_n_frames(traj), FRAMES);
        assert_int_equal(traj_n_atoms(traj), ATOMS);
        struct traj_reader *reader = traj_reader_create(traj, NULL);
        for (size_t frame = FRAMES; frame-- > 0;) {
            struct frame_info info;
            check_read(reader, frame, frame, NULL, ATOMS, &expected, &info);
            check_read(reader, frame, frame, pick, 3, &expected, &info);
            assert_true(info.has_time && info.time_ps == 0.25 * (double)frame);
            assert_true(info.has_step && info.step == (int64_t)(10 * frame));
        }
        struct traj_description description;
        traj_describe(traj, 0, &description);
        assert_int_equal(description.float_bits, kind.wide ? 64 : 32);
        traj_reader_destroy(reader);
        traj_close(traj);
        free(blob);
    }
}

/* Positions, velocities and box saved at different intervals, as mdrun does: frames
   keep their numbers, and those without positions are not chosen. */
static void test_uneven(void **state)
{
    static const struct trr_kind kinds[FRAMES] = {
        {.box = true, .x = true, .v = true},
        {.box = true, .v = true},
        {.x = true, .wide = true},
        {.box = true, .f = true},
    };
    struct blob *blob = calloc(1, sizeof *blob);
    struct err err;
    size_t n = 0;
    for (size_t frame = 0; frame < FRAMES; frame++)
        blob_trr_frame(blob, &kinds[frame], ATOMS, frame, 1.0 * (double)frame);
    struct traj *traj = open_bytes(*state, "x.trr", blob, NULL, &err);
    assert_non_null(traj);
    assert_int_equal(traj_n_frames(traj), FRAMES);
    assert_int_equal(traj_n_without_positions(traj), 2);
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    for (size_t frame = 0; frame < FRAMES; frame++) {
        const struct trr_kind *kind = &kinds[frame];
        const struct expected expected = {kind->x, kind->v, kind->f, 1e-6,
                                          kind->box ? box : NULL};
        struct frame_info info;
        double xyz[3 * ATOMS];
        check_read(reader, frame, frame, NULL, ATOMS, &expected, &info);
        assert_true(traj_frame_has_positions(traj, frame) == kind->x);
        assert_int_equal(traj_read(reader, frame, NULL, ATOMS, xyz, &info, &err),
                         kind->x ? 0 : -1);
        if (!kind->x)
            check_says(&err, "the frame has no positions");
    }
    const struct frame_choice all = {NULL, NAN, NAN, NAN};
    size_t *chosen = traj_choose_frames(traj, &all, &n, &err);
    assert_int_equal(n, 2);
    assert_int_equal(chosen[1], 2);
    free(chosen);
    const struct frame_choice velocities_only = {"1::2", NAN, NAN, NAN};
    assert_null(traj_choose_frames(traj, &velocities_only, &n, &err));
    assert_int_equal(err.code, ERR_USAGE);
    traj_reader_destroy(reader);
    traj_close(traj);
    free(blob);
}

/* One word of the header of the second frame changed. */
static void test_damage(void **state)
{
    static const struct {
        size_t offset;
        uint32_t word;
        const char *says;
    } table[] = {
        {0, 1995, "magic number 1993 expected, found 1995: the frame boundaries are"},
        {4, 12, "the header does not say GMX_trn_file"},
        {16, 0x41414141, "the header does not say GMX_trn_file"},
        {24, 4, "claims 5 atoms, and sizes that do not fit"},
        {32, 40, "claims 5 atoms, and sizes that do not fit"},
        {32, 72, "claims 5 atoms, and sizes that do not fit"}, /* doubles, and floats */
        {52, 0xffffffff, "claims 5 atoms, and sizes that do not fit"},
        {52, 48, "claims 5 atoms, and sizes that do not fit"},
        {64, 4, "claims 4 atoms, and sizes that do not fit"},
        {64, 0, "claims 0 atoms"},
        {64, 0x80000000, "claims -2147483648 atoms"},
        {60, 60, "the frame takes 240 bytes, the file ends after 180"},
    };
    const struct trr_kind kind = {.box = true, .x = true};
    const size_t frame_bytes = 84 + 36 + 60;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct blob *blob = calloc(1, sizeof *blob), *word = calloc(1, sizeof *word);
        for (size_t frame = 0; frame < 2; frame++)
            blob_trr_frame(blob, &kind, ATOMS, frame, 0);
        assert_int_equal(blob->n, 2 * frame_bytes);
        blob_int(word, table[i].word, 4, true);
        memcpy(blob->bytes + frame_bytes + table[i].offset, word->bytes, 4);
        check_refused(*state, "x.trr", blob, table[i].says);
        check_refused(*state, "x.trr", blob, "frame 1 at byte offset 180: ");
        free(word);
        free(blob);
    }
}

static void test_atoms_differ(void **state)
{
    const struct trr_kind kind = {.x = true};
    struct blob *blob = calloc(1, sizeof *blob);
    blob_trr_frame(blob, &kind, ATOMS, 0, 0);
    blob_trr_frame(blob, &kind, ATOMS + 1, 1, 1);
    check_refused(*state, "x.trr", blob, "this frame has 6 atoms, the first one 5");
    free(blob);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_uneven),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_atoms_differ),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, fwtest_setup_dir, fwtest_teardown_dir);
}
