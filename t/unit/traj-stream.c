/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Frames through a pipe: the same as from a file, however the bytes come, and the same
   words where they end too early. */
#include "fwtest.h"

#include "traj/traj.h"

#include <sys/stat.h>
#include <sys/wait.h>

enum { SOME_BYTES = 12888, N_FRAMES = 3 }; /* of the example */

struct fixture {
    char dir[FWTEST_PATH_BYTES], fifo[FWTEST_PATH_BYTES + 8];
    unsigned char bytes[SOME_BYTES + 2000];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    char path[FWTEST_PATH_BYTES];
    assert_non_null(f);
    fwtest_make_dir(f->dir);
    snprintf(f->fifo, sizeof f->fifo, "%s/pipe", f->dir);
    assert_int_equal(mkfifo(f->fifo, 0600), 0);
    FILE *file = fopen(fwtest_source_path(path, "examples/kunitz.xtc"), "rb");
    assert_non_null(file);
    assert_int_equal(fread(f->bytes, 1, sizeof f->bytes, file), sizeof f->bytes);
    fclose(file);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    fwtest_remove_dir(f->dir);
    free(f);
    return 0;
}

/* A process that writes n bytes in pieces. */
static pid_t produce(const struct fixture *f, size_t n, size_t piece)
{
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    FILE *out = fopen(f->fifo, "wb");
    setvbuf(out, NULL, _IONBF, 0);
    for (size_t at = 0; out && at < n; at += piece)
        if (fwrite(f->bytes + at, 1, at + piece < n ? piece : n - at, out) == 0)
            break;
    _exit(0);
}

static struct traj *open_one(const char *path, const char *format, struct err *err)
{
    const struct traj_options options = {.format = format};
    return traj_open(&path, 1, &options, err);
}

static void read_both(struct traj_reader *a, struct traj_reader *b, size_t frame,
                      size_t n)
{
    struct frame_info ia, ib;
    struct err err;
    double *xa = calloc(3 * n, sizeof *xa), *xb = calloc(3 * n, sizeof *xb);
    assert_int_equal(traj_read(a, frame, NULL, n, xa, &ia, &err), 0);
    assert_int_equal(traj_read(b, frame, NULL, n, xb, &ib, &err), 0);
    assert_memory_equal(xa, xb, 3 * n * sizeof *xa);
    assert_memory_equal(ia.box, ib.box, sizeof ia.box);
    assert_true(ia.time_ps == ib.time_ps && ia.step == ib.step);
    free(xa);
    free(xb);
}

static void test_pieces(void **state)
{
    static const size_t pieces[] = {1, 7, 56, 4096, SOME_BYTES};
    const struct fixture *f = *state;
    char path[FWTEST_PATH_BYTES];
    struct err err = {0};
    fwtest_write_file(path, f->dir, "file.xtc", f->bytes, SOME_BYTES);
    struct traj *file = open_one(path, NULL, &err);
    assert_non_null(file);
    assert_int_equal(traj_n_frames(file), N_FRAMES);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        pid_t pid = produce(f, SOME_BYTES, pieces[i]);
        /* Named and found out. */
        struct traj *stream = open_one(f->fifo, i % 2 ? "xtc" : NULL, &err);
        assert_non_null(stream);
        assert_true(traj_is_stream(stream) && !traj_is_stream(file));
        struct traj_reader *a = traj_reader_create(file, &err);
        struct traj_reader *b = traj_reader_create(stream, &err);
        for (size_t frame = 0; frame < N_FRAMES; frame++) {
            assert_int_equal(traj_n_frames(stream), frame + 1);
            read_both(a, b, frame, traj_n_atoms(file));
            assert_int_equal(traj_advance(stream, &err), frame + 1 < N_FRAMES);
        }
        assert_int_equal(traj_advance(stream, &err), 0);
        assert_true(traj_seen(stream).whole && traj_seen(stream).has_times);
        traj_reader_destroy(a);
        traj_reader_destroy(b);
        traj_close(stream);
        waitpid(pid, NULL, 0);
    }
    traj_close(file);
}

/* Cut anywhere: frame, offset and words are those of the file. */
static void test_cut(void **state)
{
    const struct fixture *f = *state;
    char path[FWTEST_PATH_BYTES];
    for (size_t n = 1; n < SOME_BYTES; n += 173) {
        struct err why = {0}, err = {0};
        fwtest_write_file(path, f->dir, "cut.xtc", f->bytes, n);
        struct traj *file = open_one(path, "xtc", &why);
        pid_t pid = produce(f, n, 1000);
        struct traj *stream = open_one(f->fifo, "xtc", &err);
        int more = stream ? 1 : -1;
        while (more > 0)
            more = traj_advance(stream, &err);
        assert_int_equal(more, file ? 0 : -1);
        if (!file) {
            assert_int_equal(err.code, ERR_INPUT);
            assert_string_equal(strstr(err.text, ": "), strstr(why.text, ": "));
        }
        traj_close(stream);
        traj_close(file);
        waitpid(pid, NULL, 0);
    }
}

static void test_filter(void **state)
{
    /* Slice, wanted frames of ten, and the last one that is waited for. */
    static const struct {
        const char *slice, *wanted;
        size_t last;
    } cases[] = {
        {NULL, "0123456789", 9}, {":", "0123456789", 9},
        {"2:5", "234", 4},       {"::4", "048", 9},
        {"1:8:3", "147", 7},     {"5:5", "", 0},
        {"5:2", "", 0},          {"9:", "9", 9},
        {"0:1", "0", 0},         {"3:9223372036854775807:9223372036854775807", "3", 3},
    };
    (void)state;
    char path[FWTEST_PATH_BYTES];
    struct err err;
    struct traj *whole =
        open_one(fwtest_source_path(path, "examples/kunitz.xtc"), NULL, &err);
    assert_non_null(whole);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct frame_choice choice = {cases[i].slice, NAN, NAN, NAN};
        struct frame_filter filter;
        char taken[16] = "";
        size_t n = 0, last = 9;
        assert_int_equal(frame_filter_init(&filter, &choice, &err), 0);
        for (size_t frame = 0; frame < 10; frame++) {
            /* A trajectory of which so many frames have come. */
            const struct traj_seen seen = {.n_frames = frame + 1, .has_times = true};
            assert_int_equal(traj_adopt(whole, &seen, NULL, &err), 0);
            if (frame_filter_take(&filter, whole, &err))
                taken[n++] = (char)('0' + frame);
            if (frame_filter_is_over(&filter, whole)) {
                last = frame;
                break;
            }
        }
        assert_string_equal(taken, cases[i].wanted);
        assert_int_equal(last, cases[i].last);
    }
    traj_close(whole);
    static const char *const refused[] = {"-1:", ":-1", "::0",    "::-1",
                                          "5",   "a:",  "1:2:3:4"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const struct frame_choice choice = {refused[i], NAN, NAN, NAN};
        struct frame_filter filter;
        assert_int_equal(frame_filter_init(&filter, &choice, &err), -1);
        assert_int_equal(err.code, ERR_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_filter),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
