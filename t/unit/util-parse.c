/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/parse.h"

#include "fwtest.h"

#include <inttypes.h>

/* What *out holds before each call, to see whether a refusal leaves it alone. */
static const double UNTOUCHED = -123.25;

struct double_case {
    const char *text;
    bool ok;
    double value;
};

static void check_double(bool ok, double got, const struct double_case *c)
{
    double want = c->ok ? c->value : UNTOUCHED;
    bool same = isnan(want) ? isnan(got) : got == want;
    if (ok != c->ok || !same)
        fail_msg("\"%s\": %d, %.17g instead of %d, %.17g", c->text, ok, got, c->ok,
                 want);
}

static void doubles(void **state)
{
    (void)state;
    static const struct double_case cases[] = {
        {"0", true, 0},
        {"1", true, 1},
        {"-1.5", true, -1.5},
        {"+2", true, 2},
        {".5", true, 0.5},
        {"5.", true, 5},
        {"1e3", true, 1000},
        {"1E-3", true, 1e-3},
        {"0.1", true, 0.1},
        {"1.7976931348623157e308", true, 1.7976931348623157e308},
        {"5e-324", true, 5e-324},
        {"1e-400", true, 0}, /* underflow is harmless */
        {"", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1x", false, 0},
        {"1,5", false, 0},
        {"1e", false, 0},
        {"1e+", false, 0},
        {"e5", false, 0},
        {".", false, 0},
        {"-", false, 0},
        {"--1", false, 0},
        {"1.2.3", false, 0},
        {"0x10", false, 0},
        {"0X1p3", false, 0},
        {"1e309", false, 0},
        {"-1e309", false, 0},
        {"nan", false, 0},
        {"inf", false, 0},
        {"-Infinity", false, 0},
        {"1\n", false, 0},
        {"\t1", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double got = UNTOUCHED;
        bool ok = parse_double(cases[i].text, &got);
        check_double(ok, got, &cases[i]);
    }
}

static void signed_integers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"42", true, 42},
        {"+42", true, 42},
        {"-42", true, -42},
        {"007", true, 7},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999999", false, 0},
        {"", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"1e3", false, 0},
        {"0x10", false, 0},
        {"-", false, 0},
        {"+-1", false, 0},
        {"one", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int64_t got = -77, want = cases[i].ok ? cases[i].value : -77;
        bool ok = parse_i64(cases[i].text, &got);
        if (ok != cases[i].ok || got != want)
            fail_msg("\"%s\": %d, %" PRId64, cases[i].text, ok, got);
    }
}

static void unsigned_integers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        uint64_t value;
    } cases[] = {
        {"0", true, 0},
        {"42", true, 42},
        {"+42", true, 42},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"-1", false, 0}, /* strtoull would make it 2^64 - 1 */
        {"-0", false, 0},
        {"+-1", false, 0},
        {"+ 1", false, 0},
        {"", false, 0},
        {"+", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1.0", false, 0},
        {"0x10", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t got = 77, want = cases[i].ok ? cases[i].value : 77;
        bool ok = parse_u64(cases[i].text, &got);
        if (ok != cases[i].ok || got != want)
            fail_msg("\"%s\": %d, %" PRIu64, cases[i].text, ok, got);
    }
}

/* Each field stands in a buffer without NUL, so that reading past it is seen by the
   address sanitiser. */
static bool parse_field(const char *text, size_t width, double *out)
{
    char *field = malloc(width ? width : 1);
    assert_non_null(field);
    memcpy(field, text, width);
    bool ok = parse_field_double(field, width, out);
    free(field);
    return ok;
}

static void fields(void **state)
{
    (void)state;
    static const struct double_case cases[] = {
        {"1.5", true, 1.5},   {"  1.5", true, 1.5},     {"1.5   ", true, 1.5},
        {"\t-2\t", true, -2}, {"3\r", true, 3},         {"nan", true, NAN},
        {"NaN ", true, NAN},  {" inf", true, INFINITY}, {"-inf", true, -INFINITY},
        {"", false, 0},       {"     ", false, 0},      {"1 2", false, 0},
        {"1.5A", false, 0},   {"********", false, 0}, /* a Fortran field that overflowed
                                                       */
        {"0x1", false, 0},    {"1e999", false, 0},
    };
    double got;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        got = UNTOUCHED;
        bool ok = parse_field(cases[i].text, strlen(cases[i].text), &got);
        check_double(ok, got, &cases[i]);
    }
    assert_true(parse_field("12345678", 4, &got) && got == 1234);
    assert_false(parse_field("1\0002", 3, &got)); /* NUL in the middle */
    char wide[200];
    memset(wide, ' ', sizeof wide);
    wide[150] = '7';
    assert_true(parse_field(wide, sizeof wide, &got) && got == 7);
    memset(wide, '1', sizeof wide);
    assert_false(parse_field(wide, sizeof wide, &got));
    assert_true(parse_field(wide, 63, &got));
    assert_false(parse_field(wide, 64, &got));
}

/* Coordinates of any width and precision: what strtod makes of them, to the bit. */
static void decimal_fields(void **state)
{
    (void)state;
    uint64_t x = 1;
    for (int i = 0; i < 200000; i++) {
        char text[64];
        x = x * 6364136223846793005 + 1442695040888963407;
        int width = (int)(x >> 40 & 15) + 6, decimals = (int)(x >> 48 & 15);
        double scale = (double)(1 + (x >> 20 & 0xffff));
        double value = ((double)(x >> 11) * 0x1p-53 - 0.5) * scale, got = UNTOUCHED;
        int n = snprintf(text, sizeof text, "%*.*f%s", width, decimals, value,
                         x & 1 << 30 ? "  " : "");
        double want = strtod(text, NULL);
        assert_true(parse_field(text, (size_t)n, &got));
        if (memcmp(&got, &want, sizeof got) != 0)
            fail_msg("'%s': %.17g, not %.17g", text, got, want);
    }
}

static void integer_fields(void **state)
{
    (void)state;
    int64_t got = -77;
    assert_true(parse_field_i64("  42x", 4, &got) && got == 42);
    assert_true(parse_field_i64("-7  ", 4, &got) && got == -7);
    got = -77;
    assert_false(parse_field_i64("  42x", 5, &got));
    assert_false(parse_field_i64("1.0", 3, &got));
    assert_false(parse_field_i64("    ", 4, &got));
    assert_false(parse_field_i64("", 0, &got));
    assert_int_equal(got, -77);
}

static void quantities(void **state)
{
    (void)state;
    static const struct parse_unit units[] = {
        {"K", 1, 0},        {"C", 1, 273.15}, {"mK", 1e-3, 0},
        {"huge", 1e300, 0}, {NULL, 0, 0},
    };
    static const struct double_case cases[] = {
        {"298.15K", true, 298.15},
        {"298.15 K", true, 298.15},
        {"298.15", true, 298.15},
        {"25C", true, 298.15},
        {"25   C", true, 298.15},
        {"-5C", true, 268.15},
        {"1000mK", true, 1},
        {"1e2K", true, 100},
        {"25F", false, 0},
        {"25CC", false, 0},
        {"25C ", false, 0},
        {" 25C", false, 0},
        {"K", false, 0},
        {"", false, 0},
        {"nanK", false, 0},
        {"infK", false, 0},
        {"1e999K", false, 0},
        {"1e300huge", false, 0}, /* overflows in the program's own unit */
        {"0x10K", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double got = UNTOUCHED;
        bool ok = parse_quantity(cases[i].text, units, false, &got);
        check_double(ok, got, &cases[i]);
    }
    double got = UNTOUCHED;
    assert_false(parse_quantity("25c", units, false, &got));
    assert_true(parse_quantity("25c", units, true, &got) && got == 298.15);
}

static void byte_counts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        uint64_t value;
    } cases[] = {
        {"0", true, 0},
        {"512", true, 512},
        {"512B", true, 512},
        {"1k", true, 1024},
        {"512M", true, UINT64_C(512) << 20},
        {"4GiB", true, UINT64_C(4) << 30},
        {"4gib", true, UINT64_C(4) << 30},
        {"4 GB", true, UINT64_C(4) << 30},
        {"1.5G", true, UINT64_C(3) << 29},
        {"2e9", true, 2000000000},
        {"2T", true, UINT64_C(2) << 40},
        {"8388607TiB", true, UINT64_C(8388607) << 40},
        {"8388608TiB", false, 0},
        {"-1", false, 0},
        {"-1G", false, 0},
        {"1e30", false, 0},
        {"", false, 0},
        {"G", false, 0},
        {"1X", false, 0},
        {"1GG", false, 0},
        {"nan", false, 0},
        {"inf", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t got = 77, want = cases[i].ok ? cases[i].value : 77;
        bool ok = parse_bytes(cases[i].text, &got);
        if (ok != cases[i].ok || got != want)
            fail_msg("\"%s\": %d, %" PRIu64, cases[i].text, ok, got);
    }
}

static void byte_order_marks(void **state)
{
    (void)state;
    assert_int_equal(parse_byte_order_mark("\xef\xbb\xbf"), 3);
    assert_int_equal(parse_byte_order_mark("\xef\xbb\xbftext"), 3);
    assert_int_equal(parse_byte_order_mark("\xef\xbb"), 0);
    assert_int_equal(parse_byte_order_mark("text\xef\xbb\xbf"), 0);
    assert_int_equal(parse_byte_order_mark(""), 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles),           cmocka_unit_test(signed_integers),
        cmocka_unit_test(unsigned_integers), cmocka_unit_test(fields),
        cmocka_unit_test(decimal_fields),    cmocka_unit_test(integer_fields),
        cmocka_unit_test(quantities),        cmocka_unit_test(byte_counts),
        cmocka_unit_test(byte_order_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
