/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The shortest text of a double. Tables have a hundred numbers a frame, so the usual
   case is done in integers, exactly: with a value m 2^q, m of 53 bits, and 10^k = 5^k
   2^k, the digits in front of the point of m 5^k 2^(q+k) are its first 17, when k is
   chosen so, and m 5^k has no more than 128 bits for k <= 32. The C library does the
   others. */
#include "out/number.h"

#include <ctype.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned __int128 wide;

enum {
    POWER_MAX = 32,
    FIXED_EXPONENT_MIN = -4, /* below, powers of ten are written; above, as %g does */
};

/* d.ddd times a power of ten: n digits as one integer. */
struct decimal {
    uint64_t digits;
    int n, exponent;
};

static uint64_t power_of_ten(int k)
{
    uint64_t power = 1;
    while (k-- > 0)
        power *= 10;
    return power;
}

/* An exact m 5^k 2^-shift, 1 <= shift < 128, and what one unit of m is: 5^k. */
struct scaled {
    wide number, unit;
    int shift, power;
    bool even; /* m */
};

/* false: out of reach. The gap below a power of two is half the one above it: out of
   reach as well. */
static bool scale(double value, int power, struct scaled *out)
{
    int binary;
    uint64_t m = (uint64_t)ldexp(frexp(value, &binary), DBL_MANT_DIG);
    int shift = DBL_MANT_DIG - binary - power;
    if (power < 0 || power > POWER_MAX || shift < 1 || shift > 127 ||
        m == UINT64_C(1) << (DBL_MANT_DIG - 1))
        return false;
    *out = (struct scaled){.unit = 1, .shift = shift, .power = power};
    for (int i = 0; i < power; i++)
        out->unit *= 5;
    out->number = out->unit * m;
    out->even = m % 2 == 0;
    return true;
}

static bool scale_to_17(double value, struct scaled *out)
{
    int exponent = (int)floor(log10(value)); /* or one beside it */
    for (int guess = exponent + 1; guess >= exponent - 1; guess--) {
        if (!scale(value, DBL_DECIMAL_DIG - 1 - guess, out))
            return false;
        if (out->number >> out->shift >= power_of_ten(DBL_DECIMAL_DIG - 1))
            return true;
    }
    return false;
}

/* To so many digits, halves to the even one as printf rounds. */
static struct decimal rounded(const struct scaled *s, int n)
{
    uint64_t ten = power_of_ten(DBL_DECIMAL_DIG - n);
    uint64_t all = (uint64_t)(s->number >> s->shift), digits = all / ten;
    wide unit = (wide)ten << s->shift, rest = s->number - digits * unit;
    if (2 * rest > unit || (2 * rest == unit && digits % 2))
        digits++;
    return (struct decimal){digits, n, DBL_DECIMAL_DIG - 1 - s->power};
}

/* Within half a unit of m: the value is the nearest double, or the even one of two. */
static bool reads_back(const struct scaled *s, const struct decimal *d)
{
    wide candidate = (wide)d->digits * power_of_ten(DBL_DECIMAL_DIG - d->n) << s->shift;
    wide away = candidate > s->number ? candidate - s->number : s->number - candidate;
    return 2 * away < s->unit || (2 * away == s->unit && s->even);
}

/* By the C library. The text has the locale's point, which both its functions know. */
static struct decimal search(double value)
{
    char text[NUMBER_TEXT_BYTES];
    int n = value < DBL_MIN ? 1 : DBL_DIG;
    do
        snprintf(text, sizeof text, "%.*e", n - 1, value);
    while (strtod(text, NULL) != value && n++ < DBL_DECIMAL_DIG);
    struct decimal d = {.n = n};
    const char *at = text;
    for (; *at && *at != 'e'; at++)
        if (isdigit((unsigned char)*at))
            d.digits = 10 * d.digits + (uint64_t)(*at - '0');
    d.exponent = *at ? atoi(at + 1) : 0; /* our own text: a sign, two or three digits */
    return d;
}

/* As %g has it: trailing zeros dropped. */
static void put_decimal(const struct decimal *d, char *out, size_t size)
{
    char figure[DBL_DECIMAL_DIG + 4];
    int length = snprintf(figure, sizeof figure, "%" PRIu64, d->digits);
    int exponent = d->exponent + length - d->n; /* 9.99 became 10.0 */
    while (length > 1 && figure[length - 1] == '0')
        length--;
    bool powers = exponent < FIXED_EXPONENT_MIN || exponent >= d->n;
    int before = powers ? 1 : exponent + 1; /* digits in front of the point */
    const char *start = out;
    if (before <= 0) {
        *out++ = '0';
        *out++ = '.';
        for (int i = before; i < 0; i++)
            *out++ = '0';
    }
    for (int i = 0; i < length || i < before; i++) {
        if (i == before && before > 0)
            *out++ = '.';
        *out++ = i < length ? figure[i] : '0';
    }
    *out = '\0';
    if (powers)
        snprintf(out, size - (size_t)(out - start), "e%+03d", exponent);
}

void number_round_trip(double value, char text[NUMBER_TEXT_BYTES])
{
    if (isnan(value)) {
        strcpy(text, "nan");
        return;
    }
    if (signbit(value)) {
        *text++ = '-';
        value = -value;
    }
    if (isinf(value) || value == 0) {
        strcpy(text, value == 0 ? "0" : "inf");
        return;
    }
    /* Texts of up to 15 digits survive the way to a double and back, so a shorter text
       shows as trailing zeros; not so below the normal range. (Just above a power of
       two a digit can be one too many: the nearest text is looked at, not every text in
       the interval.) */
    struct scaled s;
    struct decimal d;
    if (value < DBL_MIN || !scale_to_17(value, &s)) {
        d = search(value);
    } else {
        int n = DBL_DIG;
        for (d = rounded(&s, n); n < DBL_DECIMAL_DIG && !reads_back(&s, &d);)
            d = rounded(&s, ++n);
    }
    put_decimal(&d, text, NUMBER_TEXT_BYTES - 1);
}
