/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XTC and DCD files of every kind, written by the test. */
#include "fwtest.h"
#include "traj-write.h"

#include "traj/topology.h"
#include "traj/traj.h"

#include <pthread.h>

enum { ATOMS = 5, FRAMES = 3 };

static struct traj *open_blob(const char *dir, const char *name,
                              const struct blob *blob, struct err *err)
{
    char path[FWTEST_PATH_BYTES];
    fwtest_write_file(path, dir, name, blob->bytes, blob->n);
    const char *paths[] = {path};
    *err = (struct err){0};
    return traj_open(paths, 1, NULL, err);
}

static void check_says(const struct err *err, const char *says)
{
    if (!strstr(err->text, says))
        fail_msg("'%s' does not say '%s'", err->text, says);
}

static void check_frames(const struct traj *traj, bool fixed)
{
    static const uint32_t pick[] = {0, 2, 3};
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    for (size_t frame = traj_n_frames(traj); frame-- > 0;) {
        double all[3 * ATOMS], some[9];
        struct frame_info info;
        struct err err;
        if (traj_read(reader, frame, NULL, ATOMS, all, &info, &err) ||
            traj_read(reader, frame, pick, 3, some, &info, &err))
            fail_msg("%s", err.text);
        for (size_t atom = 0; atom < ATOMS; atom++)
            for (size_t axis = 0; axis < 3; axis++) {
                bool moves = !fixed || atom == 1 || atom == 3;
                double expected = written_coordinate(moves ? frame : 0, atom, axis);
                assert_true(fabs(all[3 * atom + axis] - expected) < 1e-5);
            }
        for (size_t i = 0; i < 3; i++)
            assert_memory_equal(some + 3 * i, all + 3 * pick[i], 3 * sizeof *all);
    }
    traj_reader_destroy(reader);
}

static void test_xtc_uncompressed(void **state)
{
    struct blob *blob = calloc(1, sizeof *blob);
    struct err err;
    for (size_t frame = 0; frame < FRAMES; frame++)
        blob_xtc_frame(blob, ATOMS, frame, 0.5 * (double)frame);
    struct traj *traj = open_blob(*state, "x.xtc", blob, &err);
    if (!traj)
        fail_msg("%s", err.text);
    double time_ps = NAN;
    assert_int_equal(traj_n_frames(traj), FRAMES);
    assert_int_equal(traj_n_atoms(traj), ATOMS);
    assert_true(traj_frame_time(traj, 2, &time_ps) && time_ps == 1.0);
    check_frames(traj, false);

    struct traj_reader *reader = traj_reader_create(traj, NULL);
    struct frame_info info;
    double xyz[3 * ATOMS];
    const double box[6] = {30, 40, 50, 90, 90, 90};
    assert_int_equal(traj_read(reader, 1, NULL, ATOMS, xyz, &info, &err), 0);
    assert_true(info.has_box && info.has_time && info.time_ps == 0.5);
    for (int i = 0; i < 6; i++)
        assert_true(fabs(info.box[i] - box[i]) < 1e-12);
    traj_reader_destroy(reader);
    traj_close(traj);
    free(blob);
}

/* Ranges that take each of the decoder's ways: one word, two words, 72 bits, three
   separate numbers, and no range at all. */
static void test_xtc_ranges(void **state)
{
    static const int32_t spans[][3] = {
        {900, 3000, 77},
        {0, 0, 0},
        {1 << 19, 1 << 19, 1 << 19},
        {1 << 21, 1 << 21, 1 << 20},
        {0xfffffe, 0xfffffe, 0xfffffe},
        {0xffffff, 10, 1000},
        {5000, 70, 0},
        {5000, 0, 70},
        {0, 9, 0},
        {40000, 50000, 60000},
        {1 << 30, 1 << 29, 3},
        {2000000000, 5, 1 << 24},
    };
    enum { N = 40 };
    for (size_t k = 0; k < sizeof spans / sizeof spans[0]; k++) {
        struct blob *blob = calloc(1, sizeof *blob);
        int32_t at[N][3];
        for (int atom = 0; atom < N; atom++)
            for (int i = 0; i < 3; i++)
                at[atom][i] =
                    (int32_t)((int64_t)spans[k][i] * ((atom * (7 + i)) % N) / (N - 1)) -
                    spans[k][i] / 3;
        blob_xtc_large(blob, N, (const int32_t(*)[3])at, 1000);
        struct err err;
        double xyz[3 * N];
        struct frame_info info;
        struct traj *traj = open_blob(*state, "x.xtc", blob, &err);
        if (!traj)
            fail_msg("%s", err.text);
        struct traj_reader *reader = traj_reader_create(traj, NULL);
        if (traj_read(reader, 0, NULL, N, xyz, &info, &err))
            fail_msg("spans %zu: %s", k, err.text);
        for (int i = 0; i < 3 * N; i++)
            assert_true(fabs(xyz[i] - at[i / 3][i % 3] / 100.0) <=
                        2e-7 * fabs(xyz[i]) + 1e-12);
        traj_reader_destroy(reader);
        traj_close(traj);
        free(blob);
    }
}

/* The variant with room for more than 2^31 bytes of data: another magic number, and a
   size of 8 bytes. */
static void test_xtc_large_sizes(void **state)
{
    enum { N = 12, AT_SIZE = 88 };
    int32_t at[N][3];
    for (int i = 0; i < 3 * N; i++)
        at[i / 3][i % 3] = 11 * i - 100;
    struct blob *blob = calloc(1, sizeof *blob), *large = calloc(1, sizeof *large);
    struct err err;
    blob_xtc_large(blob, N, (const int32_t(*)[3])at, 1000);
    for (int frame = 0; frame < 2; frame++) {
        blob_int(large, 2023, 4, true);
        blob_put(large, blob->bytes + 4, AT_SIZE - 4);
        blob_int(large, 0, 4, true);
        blob_put(large, blob->bytes + AT_SIZE, blob->n - AT_SIZE);
    }
    struct traj *traj = open_blob(*state, "x.dat", large, &err);
    if (!traj)
        fail_msg("%s", err.text);
    assert_int_equal(traj_n_frames(traj), 2);
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    struct frame_info info;
    double xyz[3 * N];
    assert_int_equal(traj_read(reader, 1, NULL, N, xyz, &info, &err), 0);
    for (int i = 0; i < 3 * N; i++)
        assert_true(fabs(xyz[i] - at[i / 3][i % 3] / 100.0) < 1e-5);
    traj_reader_destroy(reader);
    traj_close(traj);

    large->bytes[AT_SIZE] = 1;
    assert_null(open_blob(*state, "x.dat", large, &err));
    check_says(&err,
               "frame 0 at byte offset 0: the frame takes 72057594037928076 bytes, ");
    large->bytes[AT_SIZE] = 0xff;
    assert_null(open_blob(*state, "x.dat", large, &err));
    check_says(&err, "bytes cannot hold 12 atoms");
    free(blob);
    free(large);
}

/* One word of a file of three small frames (116 bytes each) changed. */
static void test_xtc_damage(void **state)
{
    static const struct {
        size_t offset;
        uint32_t word;
        const char *says;
    } table[] = {
        {0, 1994, "cannot tell the format"},
        {116, 17, "frame 1 at byte offset 116: magic number 1995 expected, found 17"},
        {4, 6, "frame 0 at byte offset 0: the header claims 6 and then 5 atoms"},
        {4, 0xfffffffb, "the header claims -5 and then 5 atoms"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct blob *blob = calloc(1, sizeof *blob);
        struct err err;
        for (size_t frame = 0; frame < FRAMES; frame++)
            blob_xtc_frame(blob, ATOMS, frame, 0);
        struct blob *word = calloc(1, sizeof *word);
        blob_int(word, table[i].word, 4, true);
        memcpy(blob->bytes + table[i].offset, word->bytes, 4);
        assert_null(open_blob(*state, "x.dat", blob, &err));
        assert_int_equal(err.code, ERR_INPUT);
        check_says(&err, table[i].says);
        check_says(&err, "x.dat");
        free(word);
        free(blob);
    }
}

static void test_xtc_claims(void **state)
{
    struct blob *blob = calloc(1, sizeof *blob);
    struct err err;
    /* Two thousand million atoms in four bytes: refused before any memory is taken. */
    blob_xtc_header(blob, 2000000000, 0);
    blob_f32(blob, 1000, true);
    for (int i = 0; i < 6; i++)
        blob_int(blob, 5, 4, true);
    blob_int(blob, 20, 4, true);
    blob_int(blob, 4, 4, true);
    blob_int(blob, 0, 4, true);
    assert_null(open_blob(*state, "x.xtc", blob, &err));
    check_says(&err, "frame 0 at byte offset 0: 4 bytes cannot hold 2000000000 atoms");
    blob->n = 0;
    blob_xtc_frame(blob, ATOMS, 0, 0);
    blob_xtc_frame(blob, ATOMS - 1, 0, 0);
    assert_null(open_blob(*state, "x.xtc", blob, &err));
    check_says(&err,
               "frame 1 at byte offset 116: this frame has 4 atoms, the first one 5");
    free(blob);
}

/* A, gamma, B, beta, alpha, C as they stand in the file, and the box they mean. */
static const struct cell {
    double numbers[6], box[6];
    bool none;
} cells[] = {
    {{20, 90, 30, 80, 70, 40}, {20, 30, 40, 70, 80, 90}, false},
    {{20, 0, 30, 0.5, -0.5, 40}, {20, 30, 40, 120, 60, 90}, false},
    {{20, 0, 30, 0, 0, 40}, {20, 30, 40, 90, 90, 90}, false},
    {{0, 0, 0, 0, 0, 0}, {0}, true},
    {{0, 90, 0, 90, 90, 0}, {0}, true},
    /* CHARMM's symmetric matrix: rows (20 -2 0), (-2 30 0), (0 0 40). */
    {{20, -2, 30, 0, 0, 40},
     {20.09975124224178, 30.066592756745816, 40, 90, 90, 99.52466797179},
     false},
};

static void check_cell(const struct traj *traj, const struct cell *cell)
{
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    struct frame_info info;
    double xyz[3 * ATOMS];
    assert_int_equal(traj_read(reader, 0, NULL, ATOMS, xyz, &info, NULL), 0);
    assert_int_equal(info.has_box, !cell->none);
    for (int i = 0; i < 6; i++)
        if (fabs(info.box[i] - cell->box[i]) > 1e-5)
            fail_msg("box[%d] %.17g, expected %.17g", i, info.box[i], cell->box[i]);
    traj_reader_destroy(reader);
}

static void write_dcd(struct blob *blob, const struct dcd_kind *kind,
                      const double cell[6])
{
    blob->n = 0;
    blob_dcd_header(blob, kind, ATOMS);
    for (size_t frame = 0; frame < FRAMES; frame++)
        blob_dcd_frame(blob, kind, ATOMS, frame, cell);
}

static void test_dcd_kinds(void **state)
{
    struct blob *blob = calloc(1, sizeof *blob);
    for (unsigned bits = 0; bits < 64; bits++) {
        struct dcd_kind kind = {bits & 1, bits & 2,  bits & 4,
                                bits & 8, bits & 16, bits & 32};
        if (kind.xplor)
            kind.cell = kind.fourth = false;
        struct err err;
        write_dcd(blob, &kind, cells[0].numbers);
        struct traj *traj = open_blob(*state, "x.dcd", blob, &err);
        if (!traj)
            fail_msg("kind %u: %s", bits, err.text);
        assert_int_equal(traj_n_frames(traj), FRAMES);
        check_frames(traj, kind.fixed);
        for (size_t frame = 0; frame < FRAMES; frame++) {
            double time_ps = NAN, steps = 10.0 + 5.0 * (double)frame;
            assert_true(traj_frame_time(traj, frame, &time_ps));
            assert_true(fabs(time_ps - steps * 2.0 * 0.04888821) < 1e-12);
        }
        if (kind.cell)
            check_cell(traj, &cells[0]);
        traj_close(traj);
    }
    free(blob);
}

static void test_dcd_cells(void **state)
{
    struct blob *blob = calloc(1, sizeof *blob);
    for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
        struct dcd_kind kind = {.cell = true};
        struct err err;
        write_dcd(blob, &kind, cells[i].numbers);
        struct traj *traj = open_blob(*state, "x.dcd", blob, &err);
        assert_non_null(traj);
        check_cell(traj, &cells[i]);
        traj_close(traj);
    }
    free(blob);
}

/* One word of a little-endian file with a cell changed; the header takes 92 bytes for
   the control record, 92 for the title and 12 for the number of atoms, a frame 56 for
   the cell and 28 for each axis. */
static void test_dcd_damage(void **state)
{
    static const struct {
        size_t offset;
        uint32_t word;
        bool opens; /* damage that only reading the frame can find */
        const char *says;
    } table[] = {
        {0, 83, false, "not a DCD file"},
        {4, 0x444c4556, false, "velocities, not coordinates"},
        {88, 83, false, "damaged DCD header: control record at byte offset 0"},
        {92, 1000000, false, NULL}, /* the count of title lines helps out */
        {184, 5, false, "damaged DCD header: atom count record at byte offset 184"},
        {188, 0, false, "damaged DCD header: 0 atoms, 0 of them fixed"},
        {188, 0xffffffff, false, "damaged DCD header: -1 atoms, 0 of them fixed"},
        {188, 0x7fffffff, false,
         "frame 0 at byte offset 196: the frame takes 25769803844"},
        {40, 5, false, "5 atoms, 5 of them fixed"},
        {40, 0xffffffff, false, "5 atoms, -1 of them fixed"},
        {196, 47, true,
         "frame 0 at byte offset 196: the record markers around unit cell"},
        {248, 47, true,
         "frame 0 at byte offset 196: the record markers around unit cell"},
        {252, 21, true, "frame 0 at byte offset 252: the record markers around x"},
        {276, 21, true, "frame 0 at byte offset 252: the record markers around x"},
        {332, 0, true, "frame 0 at byte offset 308: the record markers around z"},
    };
    struct blob *blob = calloc(1, sizeof *blob), *word = calloc(1, sizeof *word);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct dcd_kind kind = {.cell = true};
        struct err err;
        write_dcd(blob, &kind, cells[0].numbers);
        word->n = 0;
        blob_int(word, table[i].word, 4, false);
        memcpy(blob->bytes + table[i].offset, word->bytes, 4);
        if (table[i].offset == 92)
            memcpy(blob->bytes + 180, word->bytes, 4);
        struct traj *traj = open_blob(*state, "x.dcd", blob, &err);
        if (traj && table[i].opens) {
            double xyz[3 * ATOMS];
            struct frame_info info;
            struct traj_reader *reader = traj_reader_create(traj, NULL);
            assert_int_equal(traj_read(reader, 0, NULL, ATOMS, xyz, &info, &err), -1);
            assert_int_equal(traj_read(reader, 1, NULL, ATOMS, xyz, &info, NULL), 0);
            traj_reader_destroy(reader);
        } else {
            assert_int_equal(traj != NULL, !table[i].says);
        }
        if (table[i].says) {
            assert_int_equal(err.code, ERR_INPUT);
            check_says(&err, table[i].says);
            check_says(&err, "x.dcd");
        }
        traj_close(traj);
    }
    free(word);
    free(blob);
}

static void test_dcd_fixed_atoms(void **state)
{
    static const uint32_t wrong[][2] = {{0, 4}, {2, 6}, {2, 2}, {2, 0x80000000}};
    struct blob *blob = calloc(1, sizeof *blob), *words = calloc(1, sizeof *words);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct dcd_kind kind = {.fixed = true};
        struct err err;
        write_dcd(blob, &kind, NULL);
        words->n = 0;
        blob_int(words, wrong[i][0], 4, false);
        blob_int(words, wrong[i][1], 4, false);
        memcpy(blob->bytes + 200, words->bytes, 8);
        assert_null(open_blob(*state, "x.dcd", blob, &err));
        check_says(&err, "x.dcd: damaged DCD header: number of a free atom");
    }
    free(words);
    free(blob);
}

/* A header without steps or step size has no times. */
static void test_dcd_without_times(void **state)
{
    static const size_t words[] = {16, 44};
    struct blob *blob = calloc(1, sizeof *blob);
    for (size_t i = 0; i < 2; i++) {
        struct dcd_kind kind = {0};
        struct err err;
        double time_ps;
        write_dcd(blob, &kind, NULL);
        memset(blob->bytes + words[i], 0, 4);
        struct traj *traj = open_blob(*state, "x.dcd", blob, &err);
        assert_non_null(traj);
        assert_false(traj_frame_time(traj, 0, &time_ps));
        traj_close(traj);
    }
    free(blob);
}

static void *read_all(void *traj)
{
    check_frames(traj, true);
    return NULL;
}

/* One open trajectory, a reader in each thread. */
static void test_threads(void **state)
{
    enum { THREADS = 4 };
    const struct dcd_kind kind = {.fixed = true};
    struct blob *blob = calloc(1, sizeof *blob);
    pthread_t threads[THREADS];
    struct err err;
    write_dcd(blob, &kind, NULL);
    struct traj *traj = open_blob(*state, "x.dcd", blob, &err);
    assert_non_null(traj);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_all, traj), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    traj_close(traj);
    free(blob);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xtc_uncompressed),
        cmocka_unit_test(test_xtc_ranges),
        cmocka_unit_test(test_xtc_large_sizes),
        cmocka_unit_test(test_xtc_damage),
        cmocka_unit_test(test_xtc_claims),
        cmocka_unit_test(test_dcd_kinds),
        cmocka_unit_test(test_dcd_cells),
        cmocka_unit_test(test_dcd_damage),
        cmocka_unit_test(test_dcd_fixed_atoms),
        cmocka_unit_test(test_dcd_without_times),
        cmocka_unit_test(test_threads),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, fwtest_setup_dir, fwtest_teardown_dir);
}
