/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers in the columns of text formats. */
#include "dice.h"
#include "fwtest.h"

#include "save/text.h"

static void fixed_numbers(void **state)
{
    (void)state;
    static const struct {
        double value;
        size_t width;
        int decimals;
        const char *text; /* NULL: does not fit */
    } cases[] = {
        {0, 8, 3, "   0.000"},
        {1.5, 8, 3, "   1.500"},
        {-1.5, 8, 3, "  -1.500"},
        {-0.0, 8, 3, "   0.000"},
        {-0.0004, 8, 3, "   0.000"},
        {-0.0006, 8, 3, "  -0.001"},
        {9999.999, 8, 3, "9999.999"},
        {9999.9996, 8, 3, NULL},
        {-999.999, 8, 3, "-999.999"},
        {-999.9996, 8, 3, NULL},
        {12, 0, 0, "12"},
        {0, 0, 0, "0"},
        {0.25, 0, 5, "0.25000"},
        {123456789.125, 0, 3, "123456789.125"},
        {1e16, 0, 0, NULL},
        {NAN, 8, 3, NULL},
        {INFINITY, 0, 3, NULL},
        {-INFINITY, 0, 3, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[64];
        size_t n = 0;
        bool fits =
            save_put_fixed(text, cases[i].value, cases[i].width, cases[i].decimals, &n);
        text[fits ? n : 0] = '\0';
        if (fits != (cases[i].text != NULL) || (fits && strcmp(text, cases[i].text)))
            fail_msg("%g: '%s' instead of '%s'", cases[i].value, text,
                     cases[i].text ? cases[i].text : "no fit");
    }
}

/* As printf rounds, wherever that is no tie. */
static void as_printf(void **state)
{
    (void)state;
    struct dice dice = {1};
    for (int i = 0; i < 20000; i++) {
        double value = dice_between(&dice, -1, 1) * dice_log(&dice, 1e-6, 1e6);
        int decimals = (int)dice_below(&dice, 9);
        char ours[64], theirs[64];
        size_t n;
        assert_true(save_put_fixed(ours, value, 0, decimals, &n));
        ours[n] = '\0';
        snprintf(theirs, sizeof theirs, "%.*f", decimals, value);
        if (strtod(theirs, NULL) == 0)
            snprintf(theirs, sizeof theirs, "%.*f", decimals, 0.0);
        assert_string_equal(ours, theirs);
    }
}

static void hybrid36(void **state)
{
    (void)state;
    static const struct {
        int width;
        int64_t number;
        const char *text;
    } cases[] = {
        {5, 1, "    1"},
        {5, 99999, "99999"},
        {5, 100000, "A0000"},
        {5, 100035, "A000Z"},
        {5, 100036, "A0010"},
        {5, 100000 + INT64_C(26) * 36 * 36 * 36 * 36 - 1, "ZZZZZ"},
        {5, 100000 + INT64_C(26) * 36 * 36 * 36 * 36, "a0000"},
        {5, 100000 + INT64_C(52) * 36 * 36 * 36 * 36, "A0000"},
        {4, -999, "-999"},
        {4, -1000, "   0"},
        {4, -1001, "  -1"},
        {4, 0, "   0"},
        {4, 9999, "9999"},
        {4, 10000, "A000"},
        {4, 10016, "A00G"},
        {4, 1223055, "ZZZZ"},
        {4, 1223056, "a000"},
        {4, 2436111, "zzzz"},
        {4, 2436112, "A000"},
        {4, INT32_MAX, NULL},
        {4, INT32_MIN, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[8];
        save_hybrid36(text, cases[i].width, cases[i].number);
        assert_int_equal(strlen(text), (size_t)cases[i].width);
        if (cases[i].text)
            assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_numbers),
        cmocka_unit_test(as_printf),
        cmocka_unit_test(hybrid36),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("save-text", tests, NULL, NULL);
}
