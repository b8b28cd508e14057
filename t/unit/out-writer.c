/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out-sample.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

static char dir[FWTEST_PATH_BYTES];

static int make_dir(void **state)
{
    (void)state;
    fwtest_make_dir(dir);
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    fwtest_remove_dir(dir);
    return 0;
}

static size_t files_in_dir(void)
{
    size_t n = 0;
    DIR *handle = opendir(dir);
    assert_non_null(handle);
    for (struct dirent *entry; (entry = readdir(handle)) != NULL;)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(handle);
    return n;
}

static const char *in_dir(const char *name, char path[FWTEST_PATH_BYTES + 64])
{
    snprintf(path, FWTEST_PATH_BYTES + 64, "%s/%s", dir, name);
    return path;
}

static void by_extension(void **state)
{
    (void)state;
    static const struct {
        const char *path, *extension;
    } table[] = {
        {"-", ".csv"},        {"a.csv", ".csv"},
        {"a.CSV", ".csv"},    {"a.b/c.json", ".json"},
        {"/x/y.NpZ", ".npz"}, {".npz", ".npz"},
        {"a", NULL},          {"a.txt", NULL},
        {"a.csv.gz", NULL},   {"a.csv/b", NULL},
        {"a.csv.", NULL},     {"", NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct writer *writer = writer_for(table[i].path);
        if (!table[i].extension) {
            assert_null(writer);
            continue;
        }
        assert_non_null(writer);
        assert_string_equal(writer->extension, table[i].extension);
        assert_non_null(strstr(writer_extensions(), table[i].extension));
    }
}

static void saves_and_replaces(void **state)
{
    (void)state;
    static const char *const name[] = {"a.csv", "a.json", "a.npz"};
    struct results results = sample_results();
    struct err err = {0};
    char path[FWTEST_PATH_BYTES + 64];
    mode_t mask = umask(027);
    for (size_t i = 0; i < 3; i++) {
        in_dir(name[i], path);
        assert_int_equal(writer_save(&results, path, false, &err), 0);
        assert_int_equal(writer_save(&results, path, false, &err), 0);
        struct stat status;
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0640);
        assert_true(status.st_size > 500);
        assert_int_equal(files_in_dir(), i + 1);
    }
    umask(mask);
}

static void partial_name(void **state)
{
    (void)state;
    struct results results = sample_results();
    struct err err = {0};
    char path[FWTEST_PATH_BYTES + 64], partial[FWTEST_PATH_BYTES + 64];
    in_dir("p.csv", path);
    assert_int_equal(writer_save(&results, path, true, &err), 0);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(access(in_dir("p.csv.partial", partial), F_OK), 0);
}

static void relative_path(void **state)
{
    (void)state;
    struct results results = sample_results();
    struct err err = {0};
    int here = open(".", O_RDONLY | O_DIRECTORY);
    assert_true(here >= 0);
    assert_int_equal(chdir(dir), 0);
    assert_int_equal(writer_save(&results, "r.csv", false, &err), 0);
    assert_int_equal(access("r.csv", F_OK), 0);
    assert_int_equal(fchdir(here), 0);
    close(here);
}

/* A name as long as names may be leaves no room for a longer temporary one. */
static void longest_name(void **state)
{
    (void)state;
    struct results results = sample_results();
    struct err err = {0};
    char name[256], path[FWTEST_PATH_BYTES + 256];
    memset(name, 'n', sizeof name);
    memcpy(name + 251, ".csv", 5);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    if (writer_save(&results, path, false, &err))
        fail_msg("%s", err.text);
    assert_int_equal(unlink(path), 0);
}

static void refusals(void **state)
{
    (void)state;
    struct results results = sample_results();
    struct err err = {0};
    char path[FWTEST_PATH_BYTES + 64], expected[2 * FWTEST_PATH_BYTES + 256];
    in_dir("d.csv", path);
    assert_int_equal(mkdir(path, 0777), 0);
    size_t before = files_in_dir();
    assert_int_equal(writer_save(&results, path, false, &err), -1);
    snprintf(expected, sizeof expected, "%s: is a directory", path);
    assert_string_equal(err.text, expected);
    assert_int_equal(err.code, ERR_RUNTIME);

    in_dir("none/x.csv", path);
    assert_int_equal(writer_save(&results, path, false, &err), -1);
    snprintf(expected, sizeof expected, "%s: there is no directory %s/none/", path,
             dir);
    assert_string_equal(err.text, expected);

    in_dir("x.txt", path);
    assert_int_equal(writer_save(&results, path, false, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    snprintf(expected, sizeof expected, "%s: not one of the formats .csv .json .npz",
             path);
    assert_string_equal(err.text, expected);
    assert_int_equal(files_in_dir(), before);
}

static void read_only_directory(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        print_message("# SKIP: root may write anywhere\n");
        return;
    }
    struct results results = sample_results();
    struct err err = {0};
    char path[FWTEST_PATH_BYTES + 64];
    assert_int_equal(chmod(dir, 0555), 0);
    int rc = writer_save(&results, in_dir("q.csv", path), false, &err);
    assert_int_equal(chmod(dir, 0755), 0);
    assert_int_equal(rc, -1);
    assert_non_null(strstr(err.text, "Permission denied"));
}

/* When writing fails half way, the file of the last run is still there. */
static void failure_keeps_the_old_file(void **state)
{
    (void)state;
    struct results results = sample_results();
    struct err err = {0};
    char path[FWTEST_PATH_BYTES + 64];
    in_dir("k.json", path);
    assert_int_equal(writer_save(&results, path, false, &err), 0);
    size_t before = files_in_dir(), n1, n2;
    char *old = sample_read(path, &n1);
    /* A provenance key that is no text makes the JSON writer give up in its midst. */
    const struct provenance bad = {"\xff", "x"};
    results.provenance = &bad;
    results.n_provenance = 1;
    assert_int_equal(writer_save(&results, path, false, &err), -1);
    assert_int_equal(strncmp(err.text, path, strlen(path)), 0);
    char *now = sample_read(path, &n2);
    assert_int_equal(n1, n2);
    assert_memory_equal(old, now, n1);
    assert_int_equal(files_in_dir(), before);
    free(old);
    free(now);
}

/* Runs a save to standard output with that pointing to fd; returns its rc. */
static int save_to(int fd, struct err *err)
{
    struct results results = sample_results();
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    assert_true(saved >= 0);
    assert_true(dup2(fd, STDOUT_FILENO) >= 0);
    int rc = writer_save(&results, "-", false, err);
    fflush(stdout);
    clearerr(stdout);
    assert_true(dup2(saved, STDOUT_FILENO) >= 0);
    close(saved);
    return rc;
}

static void standard_output(void **state)
{
    (void)state;
    struct err err = {0};
    char path[FWTEST_PATH_BYTES + 64], direct[FWTEST_PATH_BYTES + 64];
    int fd = open(in_dir("stdout.txt", path), O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(save_to(fd, &err), 0);
    close(fd);
    struct results results = sample_results();
    assert_int_equal(writer_save(&results, in_dir("s.csv", direct), false, &err), 0);
    size_t n1, n2;
    char *a = sample_read(path, &n1), *b = sample_read(direct, &n2);
    assert_int_equal(n1, n2);
    assert_memory_equal(a, b, n1);
    free(a);
    free(b);
}

static void standard_output_fails(void **state)
{
    (void)state;
    struct err err = {0};
    int full = open("/dev/full", O_WRONLY);
    if (full >= 0) {
        assert_int_equal(save_to(full, &err), -1);
        assert_string_equal(err.text, "standard output: No space left on device");
        close(full);
    }
    int fd[2];
    assert_int_equal(pipe(fd), 0);
    close(fd[0]);
    void (*old)(int) = signal(SIGPIPE, SIG_IGN);
    int rc = save_to(fd[1], &err);
    signal(SIGPIPE, old);
    close(fd[1]);
    assert_int_equal(rc, -1);
    assert_string_equal(err.text, "standard output: closed by its reader");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_extension),
        cmocka_unit_test_setup_teardown(saves_and_replaces, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(partial_name, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(relative_path, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(longest_name, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(refusals, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(read_only_directory, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(failure_keeps_the_old_file, make_dir,
                                        remove_dir),
        cmocka_unit_test_setup_teardown(standard_output, make_dir, remove_dir),
        cmocka_unit_test_setup_teardown(standard_output_fails, make_dir, remove_dir),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
