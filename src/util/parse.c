/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/parse.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FIELD_BYTES_MAX = 64 };

/* strtod without its tolerance for leading blanks and hexadecimal. */
static bool number_prefix(const char *text, double *out, const char **rest)
{
    if (!*text || isspace((unsigned char)*text) || strchr(text, 'x') ||
        strchr(text, 'X'))
        return false;
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    bool underflow = errno == ERANGE && fabs(value) < 1.0;
    if (end == text || (errno == ERANGE && !underflow))
        return false;
    *out = value;
    *rest = end;
    return true;
}

bool parse_double(const char *text, double *out)
{
    double value;
    const char *rest;
    if (!number_prefix(text, &value, &rest) || *rest || !isfinite(value))
        return false;
    *out = value;
    return true;
}

bool parse_i64(const char *text, int64_t *out)
{
    if (!*text || isspace((unsigned char)*text))
        return false;
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (*end || end == text || errno == ERANGE)
        return false;
    *out = value;
    return true;
}

bool parse_u64(const char *text, uint64_t *out)
{
    if (!isdigit((unsigned char)*text) && *text != '+')
        return false;
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (*end || end == text || errno == ERANGE)
        return false;
    *out = value;
    return true;
}

/* Copies a field without the blanks around it; false when nothing or too much is left.
 */
static bool field_copy(const char *field, size_t width, char out[FIELD_BYTES_MAX])
{
    while (width && (*field == ' ' || *field == '\t')) {
        field++;
        width--;
    }
    while (width && (field[width - 1] == ' ' || field[width - 1] == '\t' ||
                     field[width - 1] == '\r'))
        width--;
    if (width == 0 || width >= FIELD_BYTES_MAX)
        return false;
    memcpy(out, field, width);
    out[width] = '\0';
    return strlen(out) == width;
}

/* "-12.345" and the like, as files of coordinates have them by the million: an integer
   below 2^53 divided by a power of ten below 10^22, both exact, is what strtod gives.
   False for anything else, which may still be a number. */
static bool plain_decimal(const char *field, size_t width, double *out)
{
    static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    enum { DIGITS_MAX = 15 };
    const char *at = field, *end = field + width, *point = NULL;
    while (at < end && *at == ' ')
        at++;
    bool negative = at < end && *at == '-';
    at += negative;
    int64_t value = 0;
    int n = 0, behind = 0;
    for (; at < end; at++) {
        if (*at == '.' && !point) {
            point = at;
            continue;
        }
        if (!isdigit((unsigned char)*at) || ++n > DIGITS_MAX)
            break;
        value = 10 * value + (*at - '0');
        behind += point != NULL;
    }
    while (at < end && *at == ' ')
        at++;
    if (at < end || n == 0 || n > DIGITS_MAX)
        return false;
    double magnitude = (double)value / powers[behind];
    *out = negative ? -magnitude : magnitude;
    return true;
}

bool parse_field_double(const char *field, size_t width, double *out)
{
    if (plain_decimal(field, width, out))
        return true;
    char text[FIELD_BYTES_MAX];
    const char *rest;
    double value;
    if (!field_copy(field, width, text) || !number_prefix(text, &value, &rest) || *rest)
        return false;
    *out = value;
    return true;
}

bool parse_field_i64(const char *field, size_t width, int64_t *out)
{
    char text[FIELD_BYTES_MAX];
    return field_copy(field, width, text) && parse_i64(text, out);
}

bool parse_quantity(const char *text, const struct parse_unit *units, bool fold_case,
                    double *out)
{
    double value;
    const char *rest;
    if (!number_prefix(text, &value, &rest) || !isfinite(value))
        return false;
    while (*rest == ' ')
        rest++;
    for (const struct parse_unit *unit = units; unit->name; unit++) {
        bool same = fold_case ? strcasecmp(rest, unit->name) == 0
                              : strcmp(rest, unit->name) == 0;
        if (same || (!*rest && unit == units)) {
            value = value * unit->factor + unit->offset;
            if (isfinite(value))
                *out = value;
            return isfinite(value);
        }
    }
    return false;
}

bool parse_bytes(const char *text, uint64_t *out)
{
    static const struct parse_unit units[] = {
        {"", 1, 0},         {"B", 1, 0},        {"K", 0x1p10, 0},   {"KB", 0x1p10, 0},
        {"KiB", 0x1p10, 0}, {"M", 0x1p20, 0},   {"MB", 0x1p20, 0},  {"MiB", 0x1p20, 0},
        {"G", 0x1p30, 0},   {"GB", 0x1p30, 0},  {"GiB", 0x1p30, 0}, {"T", 0x1p40, 0},
        {"TB", 0x1p40, 0},  {"TiB", 0x1p40, 0}, {NULL, 0, 0},
    };
    double bytes;
    if (!parse_quantity(text, units, true, &bytes) || bytes < 0 || bytes >= 0x1p63)
        return false;
    *out = (uint64_t)bytes;
    return true;
}

size_t parse_byte_order_mark(const char *text)
{
    static const char mark[] = "\xef\xbb\xbf";
    return strncmp(text, mark, sizeof mark - 1) == 0 ? sizeof mark - 1 : 0;
}
