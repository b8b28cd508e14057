/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/number.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLAIN_DIGITS = 6,        /* of a value without uncertainty */
    DIGITS_MAX = 13,         /* of a value with one */
    FIXED_EXPONENT_MIN = -4, /* outside of these, powers of ten are written */
    FIXED_EXPONENT_MAX = 6,
};

/* snprintf writes the radix character of the process's locale, which may be a comma or
   several bytes; whatever is no digit, sign or letter here is that character. */
static void radix_to_point(char *text)
{
    char *out = text;
    for (const char *from = text; *from; from++) {
        bool plain = isdigit((unsigned char)*from) || strchr("+-einfa", *from) != NULL;
        if (plain)
            *out++ = *from;
        else if (out == text || out[-1] != '.')
            *out++ = '.';
    }
    *out = '\0';
}

static void put_fixed(double value, int decimals, char text[NUMBER_TEXT_BYTES])
{
    snprintf(text, NUMBER_TEXT_BYTES, "%.*f", decimals, value);
    radix_to_point(text);
}

static void put_general(double value, int digits, char text[NUMBER_TEXT_BYTES])
{
    snprintf(text, NUMBER_TEXT_BYTES, "%.*g", digits, value);
    radix_to_point(text);
}

/* The power of ten of a value rounded to so many decimals of its mantissa: 9.97 has the
   exponent 0 with two decimals and 1 with one. */
static int exponent_of(double value, int decimals)
{
    char text[NUMBER_TEXT_BYTES];
    snprintf(text, sizeof text, "%.*e", decimals, value);
    const char *e = strchr(text, 'e');
    return e ? atoi(e + 1) : 0; /* our own text: a sign and two or three digits */
}

/* A value rounded to the power of ten `place`, in fixed notation. */
static void put_rounded(double value, int place, char text[NUMBER_TEXT_BYTES])
{
    double unit = place > 0 ? pow(10.0, place) : 1.0;
    double rounded = place > 0 ? nearbyint(value / unit) * unit : value;
    put_fixed(rounded, place > 0 ? 0 : -place, text);
    /* A value that rounds to zero has no sign. */
    if (text[0] == '-' && strspn(text + 1, "0.") == strlen(text + 1))
        memmove(text, text + 1, strlen(text));
}

/* The same as a mantissa with a given exponent. */
static void put_scaled(double value, int exponent, int place,
                       char text[NUMBER_TEXT_BYTES])
{
    char mantissa[NUMBER_TEXT_BYTES];
    /* In long double, since 10^-exponent may be beyond what a double holds. */
    put_rounded((double)((long double)value * powl(10.0L, -exponent)), place - exponent,
                mantissa);
    snprintf(text, NUMBER_TEXT_BYTES, "%.40se%+03d", mantissa, exponent);
}

/* The exponent of the larger of both after rounding to `place`. */
static int common_exponent(double value, int sigma_exponent, int place)
{
    if (value == 0.0)
        return sigma_exponent;
    int exponent = exponent_of(value, DBL_DECIMAL_DIG);
    if (exponent - place >= 0 && exponent - place < DBL_DECIMAL_DIG)
        exponent = exponent_of(value, exponent - place);
    return exponent > sigma_exponent ? exponent : sigma_exponent;
}

void number_with_error(double value, double sigma, char text[NUMBER_TEXT_BYTES],
                       char sigma_text[NUMBER_TEXT_BYTES])
{
    sigma_text[0] = '\0';
    if (isnan(value)) {
        strcpy(text, "-");
        return;
    }
    if (!isfinite(value) || !isfinite(sigma) || sigma <= 0.0) {
        put_general(value, PLAIN_DIGITS, text);
        return;
    }
    int sigma_exponent = exponent_of(sigma, 1);
    int place = sigma_exponent - 1;
    int exponent = common_exponent(value, sigma_exponent, place);
    if (exponent - place >=
        DIGITS_MAX) { /* sharper than a column of figures can show */
        put_general(value, DIGITS_MAX, text);
        snprintf(sigma_text, NUMBER_TEXT_BYTES, "%.1e", sigma);
        radix_to_point(sigma_text);
    } else if (exponent < FIXED_EXPONENT_MIN || exponent > FIXED_EXPONENT_MAX) {
        put_scaled(value, exponent, place, text);
        put_scaled(sigma, exponent, place, sigma_text);
    } else {
        put_rounded(value, place, text);
        put_rounded(sigma, place, sigma_text);
    }
}

/* The limits lie where the rounded text would reach the next unit: never "60.0 s". */
void number_duration(double seconds, char text[NUMBER_TEXT_BYTES])
{
    char number[NUMBER_TEXT_BYTES];
    if (!isfinite(seconds) || seconds < 0.0) {
        strcpy(text, "-");
    } else if (seconds < 59.95) {
        bool milli = seconds < 0.00995;
        put_fixed(milli ? 1e3 * seconds : seconds, !milli && seconds < 9.995 ? 2 : 1,
                  number);
        snprintf(text, NUMBER_TEXT_BYTES, "%.40s %s", number, milli ? "ms" : "s");
    } else if (seconds < 3599.5) {
        int whole = (int)nearbyint(seconds);
        snprintf(text, NUMBER_TEXT_BYTES, "%d min %02d s", whole / 60, whole % 60);
    } else if (seconds < 48 * 3600.0 - 30.0) {
        int minutes = (int)nearbyint(seconds / 60.0);
        snprintf(text, NUMBER_TEXT_BYTES, "%d h %02d min", minutes / 60, minutes % 60);
    } else if (seconds < 1e9 * 86400.0) {
        long long hours = llrint(seconds / 3600.0);
        snprintf(text, NUMBER_TEXT_BYTES, "%lld d %02lld h", hours / 24, hours % 24);
    } else {
        strcpy(text, "for ever");
    }
}

void number_bytes(double bytes, char text[NUMBER_TEXT_BYTES])
{
    static const char unit[][4] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    char number[NUMBER_TEXT_BYTES];
    if (!isfinite(bytes) || bytes < 0.0) {
        strcpy(text, "-");
        return;
    }
    size_t i = 0;
    double limit = 1023.5;
    while (bytes >= limit && i + 1 < sizeof unit / sizeof *unit) {
        bytes /= 1024.0;
        limit = 1023.95;
        i++;
    }
    if (bytes < limit)
        put_fixed(bytes, i ? 1 : 0, number);
    else
        put_general(bytes, PLAIN_DIGITS, number);
    snprintf(text, NUMBER_TEXT_BYTES, "%.40s %.3s", number, unit[i]);
}

const char *number_plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}
