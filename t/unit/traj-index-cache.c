/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cache of a frame index: used when it fits, silently passed over when it does not.
 */
#include "fwtest.h"
#include "traj-encode.h"

#include "traj/index_cache.h"

#include <fcntl.h>
#include <sys/stat.h>

enum { ATOMS = 3, FRAMES = 12000, FRAME_BYTES = 56 + 12 * ATOMS };

struct place {
    char dir[FWTEST_PATH_BYTES], path[FWTEST_PATH_BYTES], cache[FWTEST_PATH_BYTES];
};

/* A trajectory large enough to have a cache. */
static void write_trajectory(struct place *place)
{
    struct blob *blob = calloc(1, sizeof *blob);
    snprintf(place->path, sizeof place->path, "%.4000s/x.xtc", place->dir);
    snprintf(place->cache, sizeof place->cache, "%.4000s/.x.xtc_framewalk.idx",
             place->dir);
    FILE *file = fopen(place->path, "wb");
    assert_non_null(file);
    for (size_t frame = 0; frame < FRAMES; frame++) {
        blob->n = 0;
        blob_xtc_frame(blob, ATOMS, frame % 8, 0.5 * (double)frame);
        assert_int_equal(blob->n, FRAME_BYTES);
        assert_int_equal(fwrite(blob->bytes, 1, blob->n, file), blob->n);
    }
    assert_int_equal(fclose(file), 0);
    free(blob);
}

static int setup(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    fwtest_make_dir(place->dir);
    write_trajectory(place);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    chmod(place->dir, 0700);
    fwtest_remove_dir(place->dir);
    free(place);
    return 0;
}

static void open_scanned(const struct place *place, struct traj_file *file)
{
    const struct traj_options options = {0};
    struct err err;
    unlink(place->cache);
    if (traj_file_open(file, place->path, &options, &err))
        fail_msg("%s", err.text);
    assert_int_equal(file->n_frames, FRAMES);
    assert_int_not_equal(access(place->cache, F_OK), 0); /* it was quick */
}

/* Whether the cache is taken, by a file that is open but not scanned. */
static bool is_taken(const struct place *place, const struct traj_file *scanned)
{
    struct traj_file file = {.format = scanned->format};
    assert_int_equal(source_open(&file.source, place->path, NULL), 0);
    bool taken = index_cache_load(&file);
    assert_true(taken || file.n_frames == 0);
    if (taken) {
        assert_int_equal(file.n_atoms, scanned->n_atoms);
        assert_int_equal(file.n_frames, scanned->n_frames);
        for (size_t i = 0; i < file.n_frames; i++) {
            const struct frame_entry *a = &file.frames[i], *b = &scanned->frames[i];
            assert_true(a->offset == b->offset && a->time_ps == b->time_ps &&
                        a->extra == b->extra && a->no_positions == b->no_positions);
        }
    }
    traj_file_close(&file);
    return taken;
}

static void test_round(void **state)
{
    const struct place *place = *state;
    struct traj_file file;
    open_scanned(place, &file);
    assert_false(is_taken(place, &file));
    file.frames[7].no_positions = true; /* as a TRR file might have */
    index_cache_store(&file);
    assert_true(is_taken(place, &file));
    index_cache_store(&file); /* over the old one */
    assert_true(is_taken(place, &file));
    traj_file_close(&file);
}

/* The trajectory is another one, or was changed. */
static void test_stale(void **state)
{
    const struct place *place = *state;
    struct traj_file file;
    struct stat status;
    open_scanned(place, &file);
    index_cache_store(&file);
    assert_int_equal(stat(place->path, &status), 0);
    struct timespec times[2] = {status.st_atim, status.st_mtim};
    times[1].tv_nsec ^= 1;
    assert_int_equal(utimensat(AT_FDCWD, place->path, times, 0), 0);
    assert_false(is_taken(place, &file));
    times[1].tv_nsec ^= 1;
    assert_int_equal(utimensat(AT_FDCWD, place->path, times, 0), 0);
    assert_true(is_taken(place, &file));

    /* Other bytes under the same size and time. */
    FILE *stream = fopen(place->path, "r+b");
    assert_int_equal(fseek(stream, 12, SEEK_SET), 0);
    fputc(0x41, stream);
    fclose(stream);
    assert_int_equal(utimensat(AT_FDCWD, place->path, times, 0), 0);
    assert_false(is_taken(place, &file));
    stream = fopen(place->path, "r+b");
    assert_int_equal(fseek(stream, 12, SEEK_SET), 0);
    fputc(0, stream);
    fclose(stream);
    assert_int_equal(utimensat(AT_FDCWD, place->path, times, 0), 0);
    assert_true(is_taken(place, &file));

    assert_int_equal(truncate(place->path, FRAME_BYTES * (FRAMES - 1)), 0);
    assert_int_equal(utimensat(AT_FDCWD, place->path, times, 0), 0);
    assert_false(is_taken(place, &file));
    traj_file_close(&file);
    write_trajectory(*state);
}

static void test_other_format(void **state)
{
    const struct place *place = *state;
    struct traj_file file;
    open_scanned(place, &file);
    index_cache_store(&file);
    const struct traj_file other = {.format = &format_trr, .n_frames = file.n_frames};
    assert_false(is_taken(place, &other));
    traj_file_close(&file);
}

/* Any byte changed, anything cut off or added. */
static void test_corrupt(void **state)
{
    const struct place *place = *state;
    struct traj_file file;
    struct stat status;
    open_scanned(place, &file);
    index_cache_store(&file);
    assert_int_equal(stat(place->cache, &status), 0);
    int fd = open(place->cache, O_RDWR);
    for (off_t at = 0; at < status.st_size; at += at < 120 ? 1 : 9973) {
        unsigned char byte, changed;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        changed = byte ^ 0x40;
        assert_int_equal(pwrite(fd, &changed, 1, at), 1);
        assert_false(is_taken(place, &file));
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    assert_true(is_taken(place, &file));
    assert_int_equal(ftruncate(fd, status.st_size + 32), 0);
    assert_false(is_taken(place, &file));
    for (off_t size = status.st_size - 1; size >= 0;
         size -= size < 200 ? 1 : size / 5) {
        assert_int_equal(ftruncate(fd, size), 0);
        assert_false(is_taken(place, &file));
    }
    close(fd);
    unlink(place->cache);
    assert_int_equal(mkdir(place->cache, 0700), 0);
    assert_false(is_taken(place, &file));
    index_cache_store(&file); /* in vain */
    assert_int_equal(rmdir(place->cache), 0);
    traj_file_close(&file);
}

/* Nothing but the cache itself is left in the folder, which need not be writable. */
static void test_folder(void **state)
{
    const struct place *place = *state;
    struct traj_file file;
    open_scanned(place, &file);
    chmod(place->dir, 0500);
    index_cache_store(&file);
    chmod(place->dir, 0700);
    if (geteuid() != 0)
        assert_false(is_taken(place, &file));
    index_cache_store(&file);
    char command[FWTEST_PATH_BYTES + 64];
    snprintf(command, sizeof command, "test `ls -A '%.4000s' | wc -l` -eq 2",
             place->dir);
    assert_int_equal(system(command), 0);
    traj_file_close(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),        cmocka_unit_test(test_stale),
        cmocka_unit_test(test_other_format), cmocka_unit_test(test_corrupt),
        cmocka_unit_test(test_folder),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
