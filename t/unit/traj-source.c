/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes and lines of files, plain and gzip. */
#include "fwtest.h"
#include "traj-pack.h"

#include "traj/source.h"

#include <sys/stat.h>

static void check_says(const struct err *err, const char *says)
{
    assert_int_equal(err->code, ERR_INPUT);
    if (!strstr(err->text, says))
        fail_msg("'%s' does not say '%s'", err->text, says);
}

static void test_refused(void **state)
{
    const char *dir = *state;
    char path[FWTEST_PATH_BYTES];
    struct source source;
    struct err err;
    assert_int_equal(source_open(&source, dir, &err), -1);
    check_says(&err, "is a directory");
    check_says(&err, dir);
    assert_int_equal(source_open(&source, "/dev/null", &err), -1);
    check_says(&err, "/dev/null: is not a regular file");
    snprintf(path, sizeof path, "%s/none", dir);
    assert_int_equal(source_open(&source, path, &err), -1);
    check_says(&err, "none: cannot open: No such file");
    /* Nobody writes to it: must not wait. */
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(source_open(&source, path, &err), -1);
    check_says(&err, "none: is not a regular file");
    unlink(path);
}

static void test_plain(void **state)
{
    char path[FWTEST_PATH_BYTES], into[8] = "";
    struct source source;
    struct err err;
    fwtest_write_file(path, *state, "empty", "", 0);
    assert_int_equal(source_open(&source, path, &err), 0);
    assert_int_equal(source.size, 0);
    assert_int_equal(source_read_some(&source, 0, into, 1, &err), 0);
    source_close(&source);

    fwtest_write_file(path, *state, "some", "0123456789", 10);
    assert_int_equal(source_open(&source, path, &err), 0);
    assert_int_equal(source.size, 10);
    assert_null(source.memory);
    assert_int_equal(source_read(&source, 3, into, 7, &err), 0);
    assert_memory_equal(into, "3456789", 7);
    assert_int_equal(source_read(&source, 4, into, 7, &err), -1);
    check_says(&err, "some: the file ends at byte offset 10, 1 bytes short");
    assert_int_equal(source_read(&source, UINT64_MAX - 2, into, 7, &err), -1);
    assert_int_equal(source_read_some(&source, 8, into, 7, &err), 2);
    /* A file that shrinks while it is read. */
    assert_int_equal(truncate(path, 5), 0);
    assert_int_equal(source_read(&source, 3, into, 7, &err), -1);
    check_says(&err, "some: the file ends at byte offset 5, 5 bytes short");
    source_close(&source);
}

static void test_gzip(void **state)
{
    enum { BIG = 300000 };
    char path[FWTEST_PATH_BYTES], *text = malloc(BIG), into[4] = "";
    unsigned char *packed = malloc(2 * BIG);
    for (int i = 0; i < BIG; i++)
        text[i] = (char)('a' + i % 7 * (i % 13));
    size_t n = pack_gzip_member(packed, BIG, text, BIG);
    size_t both = n + pack_gzip_member(packed + n, BIG, "abc", 3);
    struct source source;
    struct err err;

    fwtest_write_file(path, *state, "x.gz", packed, both);
    assert_int_equal(source_open(&source, path, &err), 0);
    assert_true(source.memory && source.fd == -1);
    assert_int_equal(source.size, BIG + 3);
    assert_memory_equal(source.memory, text, BIG);
    assert_int_equal(source_read(&source, BIG, into, 3, &err), 0);
    assert_string_equal(into, "abc");
    assert_int_equal(source_read(&source, BIG, into, 4, &err), -1);
    check_says(&err, "x.gz: the file ends at byte offset 300003");
    source_close(&source);

    for (size_t cut = 2; cut < both; cut += cut < n - 30 ? 97 : 1) {
        if (cut == n)
            continue;
        fwtest_write_file(path, *state, "x.gz", packed, cut);
        assert_int_equal(source_open(&source, path, &err), -1);
        check_says(&err, "x.gz: truncated at byte offset");
    }
    memcpy(packed + both, "garbage", 7);
    fwtest_write_file(path, *state, "x.gz", packed, both + 7);
    assert_int_equal(source_open(&source, path, &err), -1);
    check_says(&err, "x.gz: bytes that are no gzip member at byte offset");
    packed[n - 8] ^= 0x10; /* the checksum */
    fwtest_write_file(path, *state, "x.gz", packed, n);
    assert_int_equal(source_open(&source, path, &err), -1);
    check_says(&err, "x.gz: damaged data at byte offset");
    free(packed);
    free(text);
}

static void test_lines(void **state)
{
    static const struct {
        const char *text;
        size_t n;
        const char *lines[4];
        bool fails; /* after these lines */
    } table[] = {
        {"", 0, {NULL}, false},
        {"\n", 1, {""}, false},
        {"a\nbc\n", 5, {"a", "bc"}, false},
        {"a\r\nb", 4, {"a", "b"}, false},
        {"a\n\n\r\nb\r", 7, {"a", "", "", "b"}, false},
        {"\xef\xbb\xbf"
         "a\n\xef\xbb\xbf",
         8,
         {"a", "\xef\xbb\xbf"},
         false},
        {"\xef\xbb\xbf", 3, {""}, false},
        {"a\nb\0c\n", 6, {"a"}, true},
        {"a\nb\0", 4, {"a"}, true},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        char path[FWTEST_PATH_BYTES], *line;
        struct source source;
        struct line_reader reader;
        struct err err;
        size_t length, n = 0;
        fwtest_write_file(path, *state, "x", table[i].text, table[i].n);
        assert_int_equal(source_open(&source, path, &err), 0);
        assert_int_equal(line_reader_init(&reader, &source, 0, &err), 0);
        int more;
        while ((more = line_reader_next(&reader, &line, &length, &err)) > 0) {
            assert_true(n < 4 && table[i].lines[n]);
            assert_string_equal(line, table[i].lines[n]);
            assert_int_equal(length, strlen(line));
            assert_int_equal(reader.line_number, ++n);
        }
        assert_true(n == 4 || !table[i].lines[n]);
        assert_int_equal(more, table[i].fails ? -1 : 0);
        if (table[i].fails)
            check_says(&err, "x: a NUL byte in the line at byte offset 2");
        line_reader_fini(&reader);
        source_close(&source);
    }
}

/* Lines about as long as they may be, across the buffer's end. */
static void test_long_lines(void **state)
{
    enum { N = 3 * LINE_BYTES_MAX };
    char *text = malloc(N), path[FWTEST_PATH_BYTES], *line;
    struct source source;
    struct line_reader reader;
    struct err err;
    size_t length;
    memset(text, 'x', N);
    text[99] = text[100 + LINE_BYTES_MAX] = '\n';
    fwtest_write_file(path, *state, "x", text, N);
    assert_int_equal(source_open(&source, path, &err), 0);
    assert_int_equal(line_reader_init(&reader, &source, 0, &err), 0);
    assert_int_equal(line_reader_next(&reader, &line, &length, &err), 1);
    assert_int_equal(length, 99);
    assert_int_equal(line_reader_next(&reader, &line, &length, &err), 1);
    assert_int_equal(length, LINE_BYTES_MAX);
    assert_int_equal(reader.line_offset, 100);
    assert_int_equal(line_reader_next(&reader, &line, &length, &err), -1);
    check_says(&err, "x: an overlong line at byte offset 65637");
    line_reader_seek(&reader, &source, 90);
    assert_int_equal(line_reader_next(&reader, &line, &length, &err), 1);
    assert_int_equal(length, 9);
    assert_int_equal(reader.offset, 100);
    line_reader_fini(&reader);
    source_close(&source);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_plain),
        cmocka_unit_test(test_gzip),       cmocka_unit_test(test_lines),
        cmocka_unit_test(test_long_lines),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, fwtest_setup_dir, fwtest_teardown_dir);
}
