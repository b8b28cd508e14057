/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/number.h"

#include "fwtest.h"

#include <float.h>
#include <inttypes.h>
#include <locale.h>

static void with_error(void **state)
{
    (void)state;
    static const struct {
        double value, sigma;
        const char *text, *sigma_text;
    } table[] = {
        {15.60432, 0.00579, "15.6043", "0.0058"},
        {3.4561e-8, 2.34e-10, "3.456e-08", "0.023e-08"},
        {-15.60432, 0.00579, "-15.6043", "0.0058"},
        {21241.3, 118.0, "21240", "120"},
        {123456.0, 1200.0, "123500", "1200"},
        {9.99996, 0.0123, "10.000", "0.012"},
        {12.3, 0.0996, "12.30", "0.10"},
        {12.3, 0.0994, "12.300", "0.099"},
        {12.3, 9.96, "12", "10"},
        {999999.6, 10.0, "1000000", "10"},
        {9999999.6, 10.0, "1.0000000e+07", "0.0000010e+07"},
        {1.2345e-4, 1e-6, "0.0001234", "0.0000010"},
        {9.999e-5, 1.2e-6, "0.0001000", "0.0000012"},
        {9.9e-5, 1.2e-6, "9.90e-05", "0.12e-05"},
        {0.3, 12.0, "0", "12"},
        {-0.3, 12.0, "0", "12"},
        {-3.0, 120.0, "0", "120"},
        {7.0, 120.0, "10", "120"},
        {0.0, 0.05, "0.000", "0.050"},
        {-0.0, 0.05, "0.000", "0.050"},
        {0.0, 1e-9, "0.0e-09", "1.0e-09"},
        {2e-9, 3.3e-8, "0.2e-08", "3.3e-08"},
        {-1e-12, 3.3e-8, "0.0e-08", "3.3e-08"},
        {1e300, 1e298, "1.000e+300", "0.010e+300"},
        {5e-324, 5e-324, "4.9e-324", "4.9e-324"},
        {DBL_MAX, DBL_MAX, "1.8e+308", "1.8e+308"},
        {10.0, 0.0, "10", ""},
        {1.0 / 3.0, 0.0, "0.333333", ""},
        {1.0 / 3.0, NAN, "0.333333", ""},
        {1.0 / 3.0, INFINITY, "0.333333", ""},
        {1.0 / 3.0, -1.0, "0.333333", ""},
        {0.0, 0.0, "0", ""},
        {20.0, 1e-14, "20", "1.0e-14"},
        {1.0 / 3.0, 1e-300, "0.3333333333333", "1.0e-300"},
        {NAN, 0.1, "-", ""},
        {NAN, NAN, "-", ""},
        {INFINITY, 0.1, "inf", ""},
        {-INFINITY, 0.1, "-inf", ""},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[NUMBER_TEXT_BYTES], sigma_text[NUMBER_TEXT_BYTES];
        number_with_error(table[i].value, table[i].sigma, text, sigma_text);
        assert_string_equal(text, table[i].text);
        assert_string_equal(sigma_text, table[i].sigma_text);
    }
}

struct one {
    double value;
    const char *text;
};

static void check(const struct one *table, size_t n,
                  void (*format)(double, char[NUMBER_TEXT_BYTES]))
{
    for (size_t i = 0; i < n; i++) {
        char text[NUMBER_TEXT_BYTES];
        format(table[i].value, text);
        assert_string_equal(text, table[i].text);
    }
}

static void durations(void **state)
{
    (void)state;
    static const struct one table[] = {
        {0.0, "0.0 ms"},
        {0.00042, "0.4 ms"},
        {0.0099, "9.9 ms"},
        {0.00999, "0.01 s"},
        {0.42, "0.42 s"},
        {9.994, "9.99 s"},
        {9.996, "10.0 s"},
        {12.34, "12.3 s"},
        {59.94, "59.9 s"},
        {59.96, "1 min 00 s"},
        {245.0, "4 min 05 s"},
        {3599.4, "59 min 59 s"},
        {3599.6, "1 h 00 min"},
        {7380.0, "2 h 03 min"},
        {3599.0 + 3600, "2 h 00 min"},
        {172799.0, "2 d 00 h"},
        {1e6, "11 d 14 h"},
        {1e300, "for ever"},
        {INFINITY, "-"},
        {NAN, "-"},
        {-1.0, "-"},
    };
    check(table, sizeof table / sizeof *table, number_duration);
}

static void byte_counts(void **state)
{
    (void)state;
    static const struct one table[] = {
        {0.0, "0 B"},
        {512.0, "512 B"},
        {1023.4, "1023 B"},
        {1023.6, "1.0 KiB"},
        {1024.0, "1.0 KiB"},
        {3.4 * 1048576, "3.4 MiB"},
        {1023.96 * 1024, "1.0 MiB"},
        {0x1p40, "1.0 TiB"},
        {0x1p63, "8.0 EiB"},
        {1e300, "8.67362e+281 EiB"},
        {-1.0, "-"},
        {NAN, "-"},
    };
    check(table, sizeof table / sizeof *table, number_bytes);
}

static void round_trips(void **state)
{
    (void)state;
    static const struct one table[] = {
        {0.0, "0"},
        {-0.0, "-0"},
        {1.0, "1"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3.0, "0.3333333333333333"},
        {-15.6043, "-15.6043"},
        {21241.125, "21241.125"},
        {1e-5, "1e-05"},
        {1e22, "1e+22"},
        {1e23, "1e+23"},
        {9007199254740993.0, "9007199254740992"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {5e-324, "5e-324"},
        {NAN, "nan"},
        {-NAN, "nan"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
    };
    check(table, sizeof table / sizeof *table, number_round_trip);
}

/* By definition: the first number of digits that does, as %g writes it. */
static void first_that_reads_back(double value, char text[NUMBER_TEXT_BYTES])
{
    int digits = fabs(value) < DBL_MIN ? 1 : DBL_DIG;
    do
        snprintf(text, NUMBER_TEXT_BYTES, "%.*g", digits, value);
    while (strtod(text, NULL) != value && digits++ < DBL_DECIMAL_DIG);
}

/* Few digits, at every power of ten; integers; and neighbours of both. */
static void round_trip_of_short_numbers(void **state)
{
    (void)state;
    uint64_t x = 777;
    for (int i = 0; i < 40000; i++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        char made[NUMBER_TEXT_BYTES], text[NUMBER_TEXT_BYTES], want[NUMBER_TEXT_BYTES];
        int figures = 1 + (int)(x >> 60);
        uint64_t digits = x >> 8;
        for (uint64_t most = UINT64_C(1) << 56; figures < 17 && most; figures++)
            most /= 10, digits /= 10;
        snprintf(made, sizeof made, "%" PRIu64 "e%d", digits, i % 640 - 330);
        double value = strtod(made, NULL);
        if (i % 3 == 1)
            value = nextafter(value, INFINITY);
        if (i % 5 == 1)
            value = (double)digits;
        if (!isfinite(value))
            continue;
        value = i % 2 ? value : -value;
        number_round_trip(value, text);
        first_that_reads_back(value, want);
        assert_string_equal(text, want);
    }
}

static void plurals(void **state)
{
    (void)state;
    assert_string_equal(number_plural(0), "s");
    assert_string_equal(number_plural(1), "");
    assert_string_equal(number_plural(2), "s");
    assert_string_equal(number_plural((UINT64_C(1) << 32) + 1), "s");
}

static void round_trip_of_random_bits(void **state)
{
    (void)state;
    uint64_t x = 12345;
    for (int i = 0; i < 100000; i++) {
        x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t bits = x ^ x >> 29;
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        char text[NUMBER_TEXT_BYTES];
        number_round_trip(value, text);
        double back = strtod(text, NULL);
        assert_memory_equal(&back, &value, sizeof back);
        char want[NUMBER_TEXT_BYTES];
        first_that_reads_back(value, want);
        assert_string_equal(text, want);
    }
}

/* Output never depends on where the user lives. */
static void comma_locale(void **state)
{
    (void)state;
    static const char *const name[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8",
                                       "ps_AF"};
    const char *found = NULL;
    for (size_t i = 0; !found && i < sizeof name / sizeof *name; i++)
        found = setlocale(LC_NUMERIC, name[i]);
    if (!found) {
        print_message("# SKIP: no locale with a comma is installed\n");
        return;
    }
    char text[NUMBER_TEXT_BYTES], sigma_text[NUMBER_TEXT_BYTES];
    number_round_trip(0.1, text);
    assert_string_equal(text, "0.1");
    number_with_error(3.4561e-8, 2.34e-10, text, sigma_text);
    assert_string_equal(text, "3.456e-08");
    number_duration(0.42, text);
    assert_string_equal(text, "0.42 s");
    setlocale(LC_NUMERIC, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_error),
        cmocka_unit_test(durations),
        cmocka_unit_test(byte_counts),
        cmocka_unit_test(plurals),
        cmocka_unit_test(round_trips),
        cmocka_unit_test(round_trip_of_short_numbers),
        cmocka_unit_test(round_trip_of_random_bits),
        cmocka_unit_test(comma_locale),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
