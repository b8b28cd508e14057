/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/utf8.h"

#include "fwtest.h"

#define BAD "\xef\xbf\xbd"

static void cleaned(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
        size_t length;
    } table[] = {
        {"", "", 0},
        {"abc", "abc", 3},
        {"\xc3\x85", "\xc3\x85", 1},
        {"\xe2\x82\xac!", "\xe2\x82\xac!", 2},
        {"\xf0\x9d\x84\x9e", "\xf0\x9d\x84\x9e", 1},
        {"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf", 1},
        {BAD, BAD, 1},
        {"\xff", BAD, 1},
        {"a\x80z", "a" BAD "z", 3},
        {"\xc3", BAD, 1},                         /* cut */
        {"\xe2\x82", BAD BAD, 2},                 /* cut */
        {"\xf0\x9d\x84", BAD BAD BAD, 3},         /* cut */
        {"\xc0\x80", BAD BAD, 2},                 /* overlong NUL */
        {"\xe0\x80\xaf", BAD BAD BAD, 3},         /* overlong slash */
        {"\xed\xa0\x80", BAD BAD BAD, 3},         /* surrogate */
        {"\xf4\x90\x80\x80", BAD BAD BAD BAD, 4}, /* beyond the last plane */
        {"\xf8\x88\x80\x80\x80", BAD BAD BAD BAD BAD, 5},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        /* An allocation of the exact size, so that reading past it is noticed. */
        char *in = strdup(table[i].in);
        assert_non_null(in);
        char *out = utf8_clean(in, NULL);
        assert_non_null(out);
        assert_string_equal(out, table[i].out);
        assert_int_equal(utf8_length(in), table[i].length);
        free(in);
        free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cleaned),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
