/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Concatenation of files, times, and the choice of frames. */
#include "fwtest.h"
#include "traj-write.h"

#include "traj/traj.h"

enum { ATOMS = 3, FILES_MAX = 4, FRAMES_MAX = 12 };

/* Times of the frames of one XTC file, ended by NaN; the first coordinate of a frame
   says which of its file it is. */
struct part {
    double times[FRAMES_MAX];
};

static void write_part(char path[FWTEST_PATH_BYTES], const char *dir, size_t k,
                       const struct part *part)
{
    struct blob *blob = calloc(1, sizeof *blob);
    char name[32];
    for (size_t i = 0; !isnan(part->times[i]); i++)
        blob_xtc_frame(blob, ATOMS, i, part->times[i]);
    snprintf(name, sizeof name, "part%zu.xtc", k);
    fwtest_write_file(path, dir, name, blob->bytes, blob->n);
    free(blob);
}

static struct traj *open_parts(const char *dir, const struct part *parts, size_t n,
                               struct err *err)
{
    char paths[FILES_MAX][FWTEST_PATH_BYTES];
    const char *list[FILES_MAX];
    for (size_t k = 0; k < n; k++) {
        write_part(paths[k], dir, k, &parts[k]);
        list[k] = paths[k];
    }
    return traj_open(list, n, NULL, err);
}

static void test_seams(void **state)
{
    static const struct {
        size_t n;
        struct part parts[FILES_MAX];
        size_t n_frames, dropped;
        const char *where; /* file and frame within it of each frame */
    } table[] = {
        {1, {{{0, 1, 2, NAN}}}, 3, 0, "00 01 02"},
        {2, {{{0, 1, NAN}}, {{2, 3, NAN}}}, 4, 0, "00 01 10 11"},
        {2, {{{0, 1, NAN}}, {{1, 2, NAN}}}, 3, 1, "00 01 11"},
        {2, {{{0, 1, NAN}}, {{1, 1, 2, NAN}}}, 3, 2, "00 01 12"},
        {2, {{{0, 1, NAN}}, {{1.0009, 2, NAN}}}, 3, 1, "00 01 11"},
        {2, {{{0, 1, NAN}}, {{1.01, 2, NAN}}}, 4, 0, "00 01 10 11"},
        /* The same run twice is no seam. */
        {2, {{{0, 1, NAN}}, {{0, 1, NAN}}}, 4, 0, "00 01 10 11"},
        {3, {{{0, 1, NAN}}, {{1, NAN}}, {{1, 2, NAN}}}, 3, 2, "00 01 21"},
        {3, {{{0, NAN}}, {{0, 5, NAN}}, {{5, 6, NAN}}}, 3, 2, "00 11 21"},
        /* Frames 0.2 fs apart are closer than the tolerance, yet not the same. */
        {2, {{{0, 0.0002, NAN}}, {{0.0002, 0.0004, 0.0006, NAN}}}, 4, 1, "00 01 11 12"},
        /* float32 has steps of 0.06 ps here. */
        {2, {{{1e6, 1000100, NAN}}, {{1000100.0625, 1000200, NAN}}}, 3, 1, "00 01 11"},
    };
    for (size_t k = 0; k < sizeof table / sizeof table[0]; k++) {
        struct err err;
        struct traj *traj = open_parts(*state, table[k].parts, table[k].n, &err);
        if (!traj)
            fail_msg("%s", err.text);
        if (traj_n_frames(traj) != table[k].n_frames)
            fail_msg("row %zu: %zu frames", k, traj_n_frames(traj));
        assert_int_equal(traj_dropped_at_seams(traj), table[k].dropped);
        struct traj_reader *reader = traj_reader_create(traj, NULL);
        for (size_t frame = 0; frame < table[k].n_frames; frame++) {
            size_t file = (size_t)(table[k].where[3 * frame] - '0');
            size_t within = (size_t)(table[k].where[3 * frame + 1] - '0');
            double xyz[3 * ATOMS], time_ps,
                expected = table[k].parts[file].times[within];
            struct frame_info info;
            char name[32];
            snprintf(name, sizeof name, "/part%zu.xtc", file);
            assert_non_null(strstr(traj_frame_path(traj, frame), name));
            assert_true(traj_frame_time(traj, frame, &time_ps));
            assert_true(time_ps == (double)(float)expected);
            assert_int_equal(traj_read(reader, frame, NULL, ATOMS, xyz, &info, &err),
                             0);
            assert_true(info.time_ps == time_ps);
            assert_true(fabs(xyz[0] - written_coordinate(within, 0, 0)) < 1e-5);
        }
        traj_reader_destroy(reader);
        traj_close(traj);
    }
}

static void test_parts_that_differ(void **state)
{
    const char *dir = *state;
    char a[FWTEST_PATH_BYTES], b[FWTEST_PATH_BYTES], c[FWTEST_PATH_BYTES];
    const struct part part = {{0, 1, NAN}};
    struct blob *blob = calloc(1, sizeof *blob);
    struct err err;
    write_part(a, dir, 0, &part);
    blob_xtc_frame(blob, ATOMS + 1, 0, 0);
    fwtest_write_file(b, dir, "b.xtc", blob->bytes, blob->n);
    const char *different[] = {a, b};
    assert_null(traj_open(different, 2, NULL, &err));
    assert_int_equal(err.code, ERR_INPUT);
    assert_non_null(strstr(err.text, "b.xtc: frame 0 has 4 atoms, those of"));
    free(blob);

    /* Formats may differ; a file without times makes no seam and no time axis. */
    const char *bod = "s 0 0 0 1\ns 0 0 1 1\ns 0 0 2 1\n";
    fwtest_write_file(c, dir, "c.bod", bod, strlen(bod));
    const char *mixed[] = {a, c, a};
    struct traj *traj = traj_open(mixed, 3, NULL, &err);
    assert_non_null(traj);
    double time_ps;
    assert_int_equal(traj_n_frames(traj), 5);
    assert_true(traj_frame_time(traj, 1, &time_ps));
    assert_false(traj_frame_time(traj, 2, &time_ps));
    const struct frame_choice choice = {NULL, 0.5, NAN, NAN};
    size_t n;
    assert_null(traj_choose_frames(traj, &choice, &n, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, "c.bod"));
    traj_close(traj);
    const char *missing[] = {a, "/nowhere/x.xtc"};
    assert_null(traj_open(missing, 2, NULL, &err));
    assert_non_null(strstr(err.text, "/nowhere/x.xtc"));
}

/* Ten frames, 0.5 ps apart from 100 ps on; "" in `frames` for a usage error. */
static void test_choice(void **state)
{
    static const struct {
        const char *slice;
        double begin, end, dt;
        const char *frames;
    } table[] = {
        {NULL, NAN, NAN, NAN, "0123456789"},
        {":", NAN, NAN, NAN, "0123456789"},
        {"::", NAN, NAN, NAN, "0123456789"},
        {"2:5", NAN, NAN, NAN, "234"},
        {"2:", NAN, NAN, NAN, "23456789"},
        {":3", NAN, NAN, NAN, "012"},
        {"::4", NAN, NAN, NAN, "048"},
        {"1::4", NAN, NAN, NAN, "159"},
        {"-3:", NAN, NAN, NAN, "789"},
        {":-8", NAN, NAN, NAN, "01"},
        {"-99:2", NAN, NAN, NAN, "01"},
        {"8:99", NAN, NAN, NAN, "89"},
        {"-4:-1:2", NAN, NAN, NAN, "68"},
        {"0:9223372036854775807:9223372036854775807", NAN, NAN, NAN, "0"},
        {"-9223372036854775808:1", NAN, NAN, NAN, "0"},
        {"5:5", NAN, NAN, NAN, ""},
        {"6:5", NAN, NAN, NAN, ""},
        {"10:", NAN, NAN, NAN, ""},
        {"", NAN, NAN, NAN, ""},
        {"5", NAN, NAN, NAN, ""},
        {"a:b", NAN, NAN, NAN, ""},
        {"1.5:", NAN, NAN, NAN, ""},
        {"::0", NAN, NAN, NAN, ""},
        {"::-1", NAN, NAN, NAN, ""},
        {"1:2:3:4", NAN, NAN, NAN, ""},
        {"1: 2", NAN, NAN, NAN, ""},
        {"99999999999999999999:", NAN, NAN, NAN, ""},
        {NULL, 101, NAN, NAN, "23456789"},
        {NULL, 101.0005, NAN, NAN, "23456789"},
        {NULL, 101.002, NAN, NAN, "3456789"},
        {NULL, NAN, 101, NAN, "012"},
        {NULL, 101, 102, NAN, "234"},
        {NULL, 102, 101, NAN, ""},
        {NULL, 200, NAN, NAN, ""},
        {NULL, NAN, NAN, 1, "02468"},
        {NULL, NAN, NAN, 1.0005, "02468"},
        {NULL, NAN, NAN, 1.2, "0369"},
        {NULL, NAN, NAN, 0.1, "0123456789"},
        {NULL, NAN, NAN, 1000, "0"},
        {NULL, NAN, NAN, 0, ""},
        {NULL, NAN, NAN, -1, ""},
        {"1:", NAN, NAN, 1, "13579"},
        {"1::2", 101.5, 103.5, 2, "37"},
    };
    struct part part;
    struct err err;
    for (int i = 0; i < 10; i++)
        part.times[i] = 100 + 0.5 * i;
    part.times[10] = NAN;
    struct traj *traj = open_parts(*state, &part, 1, &err);
    assert_non_null(traj);
    for (size_t k = 0; k < sizeof table / sizeof table[0]; k++) {
        const struct frame_choice choice = {table[k].slice, table[k].begin,
                                            table[k].end, table[k].dt};
        char found[FRAMES_MAX] = "";
        size_t n = 0;
        err = (struct err){0};
        size_t *frames = traj_choose_frames(traj, &choice, &n, &err);
        for (size_t i = 0; i < n; i++)
            found[i] = (char)('0' + frames[i]);
        if (strcmp(found, table[k].frames) != 0)
            fail_msg("row %zu (%s): '%s', expected '%s'", k,
                     table[k].slice ? table[k].slice : "times", found, table[k].frames);
        assert_int_equal(err.code, frames ? ERR_NONE : ERR_USAGE);
        assert_int_equal(frames != NULL, n > 0);
        free(frames);
    }
    traj_close(traj);
}

/* Spacing below the tolerance of times, and times that float32 can hardly tell apart.
 */
static void test_fine_and_coarse_times(void **state)
{
    struct part part = {{0, 0.0001, 0.0002, 0.0003, 0.0004, 0.0005, NAN}};
    struct err err;
    size_t n;
    struct traj *traj = open_parts(*state, &part, 1, &err);
    const struct frame_choice fine = {NULL, NAN, NAN, 0.0002};
    size_t *frames = traj_choose_frames(traj, &fine, &n, &err);
    assert_int_equal(n, 3);
    assert_int_equal(frames[1], 2);
    free(frames);
    traj_close(traj);

    part = (struct part){{1e7, 10000010, 10000020, 10000031, 10000040, NAN}};
    traj = open_parts(*state, &part, 1, &err);
    const struct frame_choice coarse = {NULL, 10000012, NAN, 10};
    frames = traj_choose_frames(traj, &coarse, &n, &err);
    assert_int_equal(n, 4); /* 4 units in the last place are 4 ps */
    assert_int_equal(frames[0], 1);
    free(frames);
    traj_close(traj);
}

/* The good frames of cut files, and of which of several files they are. */
static void test_allow_truncated(void **state)
{
    static const struct part part = {{0, 1, 2, NAN}}, more = {{3, 4, NAN}};
    const size_t frame_bytes = 56 + 12 * ATOMS;
    const struct traj_options allow = {.allow_truncated = true};
    char cut[FWTEST_PATH_BYTES], whole[FWTEST_PATH_BYTES];
    struct err err = {0};
    write_part(cut, *state, 0, &part);
    write_part(whole, *state, 1, &more);
    const char *paths[] = {cut, whole};
    for (size_t bytes = 0; bytes < 3 * frame_bytes; bytes++) {
        write_part(cut, *state, 0, &part);
        assert_int_equal(truncate(cut, (off_t)bytes), 0);
        size_t good = bytes / frame_bytes;
        bool damaged = bytes % frame_bytes != 0;
        struct traj *traj = traj_open(paths, 2, NULL, &err);
        assert_true((traj != NULL) == (good > 0 && !damaged));
        traj_close(traj);
        traj = traj_open(paths, 2, &allow, &err);
        assert_true((traj != NULL) == (good > 0));
        if (!traj)
            continue;
        assert_int_equal(traj_n_frames(traj), good + 2);
        assert_int_equal(traj_n_files(traj), 2);
        assert_int_equal(traj_file_n_frames(traj, 0), good);
        assert_true((traj_damage(traj, 0) != NULL) == damaged);
        assert_null(traj_damage(traj, 1));
        if (damaged)
            assert_non_null(strstr(traj_damage(traj, 0), "part0.xtc: frame "));
        traj_close(traj);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seams),
        cmocka_unit_test(test_parts_that_differ),
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_allow_truncated),
        cmocka_unit_test(test_fine_and_coarse_times),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, fwtest_setup_dir, fwtest_teardown_dir);
}
