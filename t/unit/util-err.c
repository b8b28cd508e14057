/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/alloc.h"
#include "util/clock.h"
#include "util/err.h"

#include "fwtest.h"

static void set(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(err_set(&err, ERR_INPUT, "frame %d: %s", 7, "bad"), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, "frame 7: bad");
    assert_int_equal(err_set(&err, ERR_USAGE, "later"), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_string_equal(err.text, "later");
}

static void prefixed(void **state)
{
    (void)state;
    struct err err = {0};
    err_set(&err, ERR_INPUT, "bad");
    assert_int_equal(err_prefix(&err, "frame %d", 7), -1);
    assert_int_equal(err_prefix(&err, "%s", "a.xtc"), -1);
    assert_string_equal(err.text, "a.xtc: frame 7: bad");
    assert_int_equal(err.code, ERR_INPUT);
}

static void nowhere_to_put_it(void **state)
{
    (void)state;
    assert_int_equal(err_set(NULL, ERR_INPUT, "%d", 1), -1);
    assert_int_equal(err_prefix(NULL, "%d", 1), -1);
    assert_int_equal(err_memory(NULL, 1, "x"), -1);
}

/* Texts and prefixes of every length about the limit: cut, ended, never overrun. */
static void long_texts(void **state)
{
    (void)state;
    char text[ERR_TEXT_BYTES + 10], prefix[ERR_TEXT_BYTES + 10];
    memset(text, 't', sizeof text);
    memset(prefix, 'p', sizeof prefix);
    for (size_t n = ERR_TEXT_BYTES - 6; n < sizeof text; n++) {
        struct err err;
        err_set(&err, ERR_RUNTIME, "%.*s", (int)n, text);
        size_t kept = n < ERR_TEXT_BYTES ? n : ERR_TEXT_BYTES - 1;
        assert_int_equal(strlen(err.text), kept);
        err_prefix(&err, "file");
        assert_int_equal(strncmp(err.text, "file: ttt", 9), 0);
        size_t whole = kept + 6 < ERR_TEXT_BYTES ? kept + 6 : ERR_TEXT_BYTES - 1;
        assert_int_equal(strlen(err.text), whole);
        assert_int_equal(err.code, ERR_RUNTIME);

        err_set(&err, ERR_RUNTIME, "why");
        err_prefix(&err, "%.*s", (int)n, prefix);
        assert_true(strlen(err.text) < ERR_TEXT_BYTES);
        if (n >= ERR_TEXT_BYTES - 3) /* a prefix that leaves no room is not put there */
            assert_string_equal(err.text, "why");
        else
            assert_non_null(strstr(err.text, "p: "));
    }
}

static void memory(void **state)
{
    (void)state;
    struct err err = {0};
    assert_int_equal(err_memory(&err, 4096, "frames"), -1);
    assert_int_equal(err.code, ERR_RUNTIME);
    assert_string_equal(err.text, "out of memory (4096 bytes for frames)");
}

static void zeroed(void **state)
{
    (void)state;
    struct err err = {0};
    unsigned char *bytes = alloc_zeroed(1000, 3, "bytes", &err);
    assert_non_null(bytes);
    for (int i = 0; i < 3000; i++)
        assert_int_equal(bytes[i], 0);
    free(bytes);
    void *nothing = alloc_zeroed(0, 8, "nothing", &err);
    assert_non_null(nothing);
    free(nothing);
    assert_int_equal(err.code, ERR_NONE);
    assert_null(alloc_zeroed(SIZE_MAX / 4, 8, "too much", &err));
    assert_int_equal(err.code, ERR_RUNTIME);
    assert_non_null(strstr(err.text, "too much"));
    assert_null(alloc_zeroed(SIZE_MAX / 4, 8, "too much", NULL));
}

static void grown(void **state)
{
    (void)state;
    struct err err = {0};
    void *array = NULL;
    size_t capacity = 0, moves = 0;
    for (size_t n = 1; n <= 10000; n++) {
        size_t before = capacity;
        assert_int_equal(alloc_grow(&array, &capacity, n, sizeof n, "numbers", &err),
                         0);
        assert_true(capacity >= n);
        moves += capacity != before;
        ((size_t *)array)[n - 1] = n;
    }
    assert_true(moves < 20); /* doubling, not one by one */
    for (size_t n = 1; n <= 10000; n++)
        assert_int_equal(((size_t *)array)[n - 1], n);
    void *as_it_was = array;
    size_t capacity_was = capacity;
    static const size_t absurd[] = {SIZE_MAX, SIZE_MAX / 2 + 2, SIZE_MAX / 8 + 1};
    for (size_t i = 0; i < sizeof absurd / sizeof *absurd; i++) {
        err = (struct err){0};
        assert_int_equal(
            alloc_grow(&array, &capacity, absurd[i], sizeof(size_t), "numbers", &err),
            -1);
        assert_int_equal(err.code, ERR_RUNTIME);
        assert_ptr_equal(array, as_it_was);
        assert_int_equal(capacity, capacity_was);
    }
    free(array);
}

static void copied_string(void **state)
{
    (void)state;
    char text[] = "caf\xc3\xa9";
    char *copy = alloc_string(text, NULL);
    assert_string_equal(copy, text);
    text[0] = 'X';
    assert_int_equal(copy[0], 'c');
    free(copy);
}

static void clock_goes_forward(void **state)
{
    (void)state;
    double last = clock_seconds();
    for (int i = 0; i < 1000; i++) {
        double now = clock_seconds();
        assert_true(now >= last);
        last = now;
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set),
        cmocka_unit_test(prefixed),
        cmocka_unit_test(nowhere_to_put_it),
        cmocka_unit_test(long_texts),
        cmocka_unit_test(memory),
        cmocka_unit_test(zeroed),
        cmocka_unit_test(grown),
        cmocka_unit_test(copied_string),
        cmocka_unit_test(clock_goes_forward),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
