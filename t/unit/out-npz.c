/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out-sample.h"

#include "out/utf8.h"

#include <time.h>
#include <zip.h>

/* The bytes of the archive, to be freed. */
static char *written(const struct results *results, size_t *n)
{
    struct err err = {0};
    FILE *stream = tmpfile();
    assert_non_null(stream);
    if (npz_write(results, stream, &err))
        fail_msg("%s", err.text);
    assert_int_equal(fseek(stream, 0, SEEK_END), 0);
    *n = (size_t)ftell(stream);
    rewind(stream);
    char *bytes = malloc(*n);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *n, stream), *n);
    assert_int_equal(fclose(stream), 0);
    return bytes;
}

static zip_t *opened(const void *bytes, size_t n)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(bytes, n, 0, &error);
    assert_non_null(source);
    zip_t *zip = zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error);
    if (!zip)
        fail_msg("%s", zip_error_strerror(&error));
    return zip;
}

/* Reads an entry, checks its header against the dictionary and returns the data. */
static unsigned char *array(zip_t *zip, const char *name, const char *dictionary,
                            size_t data_bytes)
{
    zip_stat_t status;
    assert_int_equal(zip_stat(zip, name, 0, &status), 0);
    unsigned char *bytes = malloc(status.size);
    assert_non_null(bytes);
    zip_file_t *file = zip_fopen(zip, name, 0);
    assert_non_null(file);
    assert_int_equal(zip_fread(file, bytes, status.size), status.size);
    assert_int_equal(zip_fclose(file), 0);
    assert_memory_equal(bytes, "\x93NUMPY\x01\x00", 8);
    size_t head = 10 + bytes[8] + 256u * bytes[9];
    assert_int_equal(head % 64, 0);
    assert_int_equal(bytes[head - 1], '\n');
    assert_memory_equal(bytes + 10, dictionary, strlen(dictionary));
    for (size_t i = 10 + strlen(dictionary); i < head - 1; i++)
        assert_int_equal(bytes[i], ' ');
    assert_int_equal(status.size - head, data_bytes);
    memmove(bytes, bytes + head, data_bytes);
    return bytes;
}

static double f64(const unsigned char *bytes, size_t i)
{
    uint64_t bits = 0;
    for (size_t k = 8; k-- > 0;)
        bits = bits << 8 | bytes[8 * i + k];
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void assert_same(double a, double b)
{
    assert_true(a == b || (isnan(a) && isnan(b)));
}

#define F8(shape) "{'descr': '<f8', 'fortran_order': False, 'shape': " shape ", }"
#define I8 "{'descr': '<i8', 'fortran_order': False, 'shape': (4,), }"

static void numbers(void **state)
{
    (void)state;
    struct results results = sample_results();
    size_t n;
    char *bytes = written(&results, &n);
    zip_t *zip = opened(bytes, n);
    unsigned char *c = array(zip, "capacitance.npy", F8("(4,)"), 4 * 8);
    unsigned char *cs = array(zip, "capacitance_std.npy", F8("(4,)"), 4 * 8);
    unsigned char *t = array(zip, "gyration_tensor.npy", F8("(4, 3, 3)"), 36 * 8);
    unsigned char *ts = array(zip, "gyration_tensor_std.npy", F8("(4, 3, 3)"), 36 * 8);
    unsigned char *e = array(zip, "gyration_eigenvalues.npy", F8("(4, 3)"), 12 * 8);
    for (size_t r = 0; r < SAMPLE_FRAMES; r++) {
        const double *value = sample_value + r * SAMPLE_WIDTH;
        const double *std = sample_std + r * SAMPLE_WIDTH;
        assert_same(f64(c, r), value[0]);
        assert_same(f64(cs, r), std[0]);
        for (size_t i = 0; i < 9; i++) {
            size_t k = column_tensor_component(i / 3, i % 3);
            assert_same(f64(t, 9 * r + i), value[1 + k]);
            assert_same(f64(ts, 9 * r + i), std[1 + k]);
        }
        for (size_t i = 0; i < 3; i++)
            assert_same(f64(e, 3 * r + i), value[7 + i]);
    }
    free(c);
    free(cs);
    free(t);
    free(ts);
    free(e);
    zip_discard(zip);
    free(bytes);
}

static void facts(void **state)
{
    (void)state;
    struct results results = sample_results();
    size_t n;
    char *bytes = written(&results, &n);
    zip_t *zip = opened(bytes, n);
    assert_int_equal(zip_get_num_entries(zip, 0), 6 + 2 * SAMPLE_COLUMNS);
    unsigned char *frame = array(zip, "frame.npy", I8, 4 * 8);
    unsigned char *walks = array(zip, "walks.npy", I8, 4 * 8);
    unsigned char *interior = array(zip, "interior_samples.npy", I8, 4 * 8);
    unsigned char *time_ps = array(zip, "time_ps.npy", F8("(4,)"), 4 * 8);
    assert_int_equal(frame[3 * 8], 7);
    assert_int_equal(walks[0] + 256 * walks[1] + 65536 * walks[2], 100000);
    assert_int_equal(interior[0] + 256 * interior[1], 10000);
    assert_same(f64(time_ps, 3), 1e-5);
    free(frame);
    free(walks);
    free(interior);
    free(time_ps);
    zip_discard(zip);
    free(bytes);
}

/* UCS-4 of `length` characters against UTF-8. */
static void assert_text(const unsigned char *item, size_t length, const char *expected)
{
    for (size_t i = 0; i < length; i++) {
        uint32_t code = 0;
        for (size_t k = 4; k-- > 0;)
            code = code << 8 | item[4 * i + k];
        assert_int_equal(code, utf8_next(&expected));
    }
    assert_int_equal(*expected, 0);
}

static void texts(void **state)
{
    (void)state;
    struct results results = sample_results();
    size_t n;
    char *bytes = written(&results, &n);
    zip_t *zip = opened(bytes, n);
    unsigned char *status =
        array(zip, "status.npy",
              "{'descr': '<U21', 'fortran_order': False, 'shape': (4,), }", 4 * 21 * 4);
    for (size_t r = 0; r < SAMPLE_FRAMES; r++)
        assert_text(status + r * 21 * 4, 21, frame_status_name(sample_row[r].status));
    unsigned char *provenance =
        array(zip, "provenance.npy",
              "{'descr': '<U26', 'fortran_order': False, 'shape': (4,), }", 4 * 26 * 4);
    assert_text(provenance, 26, "program: framewalk 9.8.7");
    assert_text(provenance + 26 * 4, 26, "seed: 18446744073709551615");
    assert_text(provenance + 2 * 26 * 4, 26, "topology: odd\nname\xef\xbf\xbd.pdb");
    assert_text(provenance + 3 * 26 * 4, 26,
                "select: resname \xc3\x85 \xf0\x9d\x84\x9e");
    free(status);
    free(provenance);
    zip_discard(zip);
    free(bytes);
}

/* Whatever the clock (to the two seconds that zip counts in) and the time zone say. */
static void same_bytes_every_time(void **state)
{
    (void)state;
    struct results results = sample_results();
    size_t n1, n2;
    setenv("TZ", "UTC0", 1);
    tzset();
    char *first = written(&results, &n1);
    setenv("TZ", "XYZ-9:30", 1);
    tzset();
    const struct timespec pause = {2, 100000000};
    nanosleep(&pause, NULL);
    char *second = written(&results, &n2);
    unsetenv("TZ");
    tzset();
    assert_int_equal(n1, n2);
    assert_memory_equal(first, second, n1);
    /* Local header: method at 8 is "stored", time at 10 midnight, date at 12, and no
       extra field, whose length is at 28. */
    assert_memory_equal(first + 8, "\0\0\0\0\x21\0", 6);
    assert_memory_equal(first + 28, "\0\0", 2);
    free(first);
    free(second);
}

static void nothing_at_all(void **state)
{
    (void)state;
    struct results results = {0};
    size_t n;
    char *bytes = written(&results, &n);
    zip_t *zip = opened(bytes, n);
    free(array(zip, "frame.npy",
               "{'descr': '<i8', 'fortran_order': False, 'shape': (0,), }", 0));
    free(array(zip, "provenance.npy",
               "{'descr': '<U1', 'fortran_order': False, 'shape': (0,), }", 0));
    zip_discard(zip);
    free(bytes);
}

/* Arrays larger than any buffer between here and the file. */
static void many_frames(void **state)
{
    (void)state;
    enum { MANY = 20001 };
    double *value = calloc(MANY * 6, sizeof *value);
    struct result_row *row = calloc(MANY, sizeof *row);
    assert_non_null(value);
    assert_non_null(row);
    for (size_t i = 0; i < MANY * 6; i++)
        value[i] = (double)i;
    struct results results = {.n_frames = MANY,
                              .row = row,
                              .n_columns = 1,
                              .column = &sample_column[1],
                              .width = 6,
                              .value = value,
                              .std = value};
    size_t n;
    char *bytes = written(&results, &n);
    zip_t *zip = opened(bytes, n);
    unsigned char *t =
        array(zip, "gyration_tensor_std.npy", F8("(20001, 3, 3)"), MANY * 9 * 8);
    for (size_t i = 0; i < MANY * 9; i++) {
        size_t k = column_tensor_component(i % 9 / 3, i % 3);
        assert_true(f64(t, i) == (double)(i / 9 * 6 + k));
    }
    free(t);
    zip_discard(zip);
    free(bytes);
    free(value);
    free(row);
}

static void full_disk(void **state)
{
    (void)state;
    struct results results = sample_results();
    struct err err = {0};
    FILE *stream = fopen("/dev/full", "w");
    if (!stream) {
        print_message("# SKIP: no /dev/full\n");
        return;
    }
    assert_int_equal(npz_write(&results, stream, &err), -1);
    assert_string_equal(err.text, "No space left on device");
    fclose(stream);
}

static void pipe_is_refused(void **state)
{
    (void)state;
    int fd[2];
    assert_int_equal(pipe(fd), 0);
    FILE *stream = fdopen(fd[1], "w");
    assert_non_null(stream);
    struct results results = sample_results();
    struct err err = {0};
    assert_int_equal(npz_write(&results, stream, &err), -1);
    assert_string_equal(err.text, "not a file with random access");
    fclose(stream);
    close(fd[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),        cmocka_unit_test(facts),
        cmocka_unit_test(texts),          cmocka_unit_test(same_bytes_every_time),
        cmocka_unit_test(nothing_at_all), cmocka_unit_test(many_frames),
        cmocka_unit_test(full_disk),      cmocka_unit_test(pipe_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
