/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compressed trajectories cut at every byte: refused, and the frames that are whole
   where truncated files are allowed. */
#include "fwtest.h"
#include "traj-encode.h"
#include "traj-pack.h"

#include "traj/topology.h"
#include "traj/traj.h"

enum { ATOMS = 3, FRAMES = 5, MANY_FRAMES = 1600 };

/* How the lines of a text format look: coordinates stand in columns of that width. */
struct text_lines {
    const char *head, *atom, *behind, *tail;
    int width;
    double scale;
};

/* Frames are told from each other by written_coordinate. */
static void put_text(struct blob *blob, size_t n_frames, const struct text_lines *lines)
{
    char text[256];
    int width = lines->width;
    for (size_t frame = 0; frame < n_frames; frame++) {
        blob_put(blob, lines->head, strlen(lines->head));
        for (size_t i = 0; i < ATOMS; i++) {
            double xyz[3];
            for (size_t axis = 0; axis < 3; axis++)
                xyz[axis] = written_coordinate(frame, i, axis) * lines->scale;
            int n =
                snprintf(text, sizeof text, "%s%*.3f%*.3f%*.3f%s\n", lines->atom, width,
                         xyz[0], width, xyz[1], width, xyz[2], lines->behind);
            blob_put(blob, text, (size_t)n);
        }
        blob_put(blob, lines->tail, strlen(lines->tail));
    }
}

static void put_xyz(struct blob *blob, size_t n_frames)
{
    static const struct text_lines lines = {"3\n\n", "C", "", "", 12, 1};
    put_text(blob, n_frames, &lines);
}

static void put_gro(struct blob *blob, size_t n_frames)
{
    static const struct text_lines lines = {
        "x\n3\n", "    1ALA     CA    1", "", "   3.00000   4.00000   5.00000\n", 8,
        0.1};
    put_text(blob, n_frames, &lines);
}

static void put_pdb(struct blob *blob, size_t n_frames)
{
    static const struct text_lines lines = {"MODEL        1\n",
                                            "ATOM      1  CA  ALA A   1    ",
                                            "  1.00  0.00           C",
                                            "ENDMDL\n",
                                            8,
                                            1};
    put_text(blob, n_frames, &lines);
}

static void put_trr(struct blob *blob, size_t n_frames)
{
    const struct trr_kind kind = {.box = true, .x = true};
    for (size_t frame = 0; frame < n_frames; frame++)
        blob_trr_frame(blob, &kind, ATOMS, frame, (double)frame);
}

static const struct {
    const char *name;
    void (*put)(struct blob *blob, size_t n_frames);
    bool named; /* holds a topology too */
} formats[] = {
    {"x.xyz", put_xyz, true},
    {"x.gro", put_gro, true},
    {"x.pdb", put_pdb, true},
    {"x.trr", put_trr, false},
};

enum { N_FORMATS = sizeof formats / sizeof formats[0] };

/* How many frames are kept, each with the numbers that were written. */
static size_t kept_frames(const char *path, size_t n_whole, struct err *err)
{
    const struct traj_options allow = {.allow_truncated = true};
    struct traj *traj = traj_open(&path, 1, &allow, err);
    if (!traj) {
        assert_int_equal(err->code, ERR_INPUT);
        return 0;
    }
    size_t n = traj_n_frames(traj);
    assert_true(n > 0 && n <= n_whole);
    assert_int_equal(traj_n_atoms(traj), ATOMS);
    assert_non_null(traj_damage(traj, 0));
    snprintf(err->text, sizeof err->text, "%s", traj_damage(traj, 0));
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    for (size_t frame = 0; frame < n; frame += n / 8 + 1) {
        double xyz[3 * ATOMS];
        struct frame_info info;
        assert_int_equal(traj_read(reader, frame, NULL, ATOMS, xyz, &info, NULL), 0);
        for (size_t i = 0; i < 3 * ATOMS; i++)
            assert_float_equal(xyz[i], written_coordinate(frame, i / 3, i % 3), 6e-3);
    }
    traj_reader_destroy(reader);
    traj_close(traj);
    return n;
}

/* What is told of a cut file: its name, and where the packed bytes end. */
static void check_told(const struct err *err, const char *path, size_t cut)
{
    char offset[64];
    snprintf(offset, sizeof offset, "truncated at byte offset %zu of the ", cut);
    if (!strstr(err->text, path) || !strstr(err->text, offset))
        fail_msg("'%s' does not say '%s'", err->text, offset);
}

static void check_topology(const char *path, bool frames, const char *name)
{
    struct topology topology;
    assert_int_equal(topology_read(&topology, path, NULL, NULL, NULL), -1);
    if (topology_read_cut(&topology, path, NULL, NULL, NULL) == 0) {
        assert_int_equal(topology.atoms.n, ATOMS);
        topology_fini(&topology);
    } else if (frames) {
        fail_msg("%s: there are frames, but no topology", name);
    }
}

static void check_cuts(const char *path, const unsigned char *packed, size_t n,
                       size_t format)
{
    size_t before = 0;
    for (size_t cut = 7; cut < n; cut++) {
        FILE *file = fopen(path, "wb");
        assert_int_equal(fwrite(packed, 1, cut, file), cut);
        assert_int_equal(fclose(file), 0);
        struct err err = {0};
        struct traj *traj = traj_open(&path, 1, NULL, &err);
        assert_null(traj);
        assert_int_equal(err.code, ERR_INPUT);
        check_told(&err, path, cut);
        size_t kept = kept_frames(path, FRAMES, &err);
        check_told(&err, path, cut);
        assert_true(kept >= before);
        if (kept > before && !strstr(err.text, kept == 1 ? "frame 1" : "frame "))
            fail_msg("'%s' names no frame", err.text);
        if (formats[format].named)
            check_topology(path, kept > 0, formats[format].name);
        before = kept;
    }
    /* Behind the data there are only checksums. */
    assert_true(before == FRAMES || before == 0);
}

static void test_every_byte(void **state)
{
    unsigned char *packed = malloc(PACKED_BYTES);
    for (size_t f = 0; f < N_FORMATS; f++) {
        static struct blob blob;
        blob.n = 0;
        formats[f].put(&blob, FRAMES);
        for (size_t k = 0; k < N_PACKERS; k++) {
            char path[FWTEST_PATH_BYTES];
            size_t n = packers[k].pack(packed, blob.bytes, blob.n);
            snprintf(path, sizeof path, "%s/%s%s", (char *)*state, formats[f].name,
                     packers[k].file + 1);
            check_cuts(path, packed, n, f);
        }
    }
    free(packed);
}

/* What comes out of a larger file in pieces is used. */
static void test_most_is_kept(void **state)
{
    unsigned char *packed = malloc(PACKED_BYTES);
    static struct blob blob;
    put_xyz(&blob, MANY_FRAMES);
    assert_true(blob.n > 100000 && blob.n <= PACK_BYTES);
    for (size_t k = 0; k < N_PACKERS; k++) {
        char path[FWTEST_PATH_BYTES];
        struct err err = {0};
        size_t n = packers[k].pack(packed, blob.bytes, blob.n);
        fwtest_write_file(path, *state, packers[k].file, packed, n - 2);
        /* At least a block of bzip2's, or of zstd's. */
        size_t kept = kept_frames(path, MANY_FRAMES, &err);
        if (kept < MANY_FRAMES / 2)
            fail_msg("%s: %zu frames: %s", packers[k].name, kept, err.text);
        check_told(&err, path, n - 2);
    }
    free(packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_most_is_kept),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, fwtest_setup_dir, fwtest_teardown_dir);
}
