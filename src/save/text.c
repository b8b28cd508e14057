/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "save/text.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

bool save_put_fixed(char *out, double value, size_t width, int decimals, size_t *n)
{
    static const double power[SAVE_DECIMALS_MAX + 1] = {
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};
    char digits[40];
    size_t at = sizeof digits;
    /* Up to 2^53 the product is a whole number that a double holds. */
    double scaled = nearbyint(fabs(value) * power[decimals]);
    if (!(scaled < 0x1p53))
        return false;
    uint64_t left = (uint64_t)scaled;
    bool minus = signbit(value) && left > 0;
    for (int i = 0; i < decimals || left > 0 || i == decimals; i++) {
        if (i == decimals && decimals > 0)
            digits[--at] = '.';
        digits[--at] = (char)('0' + left % 10);
        left /= 10;
    }
    if (minus)
        digits[--at] = '-';
    size_t length = sizeof digits - at;
    if (width && length > width)
        return false;
    *n = width ? width : length;
    memset(out, ' ', *n - length);
    memcpy(out + *n - length, digits + at, length);
    return true;
}

int save_print(struct save_buffer *buffer, struct err *err, const char *format, ...)
{
    enum { LINE_BYTES = 512 };
    char *at = (char *)save_room(buffer, LINE_BYTES, err);
    if (!at)
        return -1;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(at, LINE_BYTES, format, args);
    va_end(args);
    if (n < 0 || n >= LINE_BYTES)
        return err_set(err, ERR_RUNTIME, "a line of more than %d bytes", LINE_BYTES);
    buffer->n += (size_t)n;
    return 0;
}

int save_misfit(const struct save *save, size_t atom, double value, struct err *err)
{
    if (!isfinite(value))
        return save_atom_error(save, ERR_INPUT, atom, err, "a coordinate of %g", value);
    return save_atom_error(save, ERR_RUNTIME, atom, err,
                           "%.10g does not fit into the columns of a %s file", value,
                           save->format->name);
}

/* Hybrid-36 goes on where the decimal numbers end: A000 follows 9999, a000 follows
   ZZZZ. The first digit is a letter, the others count in base 36. */
void save_hybrid36(char *out, int width, int64_t number)
{
    int64_t decimals = width == 5 ? 100000 : 10000;
    int64_t block = 26 * (width == 5 ? INT64_C(36 * 36 * 36 * 36) : 36 * 36 * 36);
    int64_t beyond = (number - decimals) % (2 * block);
    if (number < decimals) {
        if (number <= -decimals / 10)
            number %= decimals / 10;
        snprintf(out, (size_t)width + 1, "%*d", width, (int)number);
        return;
    }
    const char *digits = beyond < block ? "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        : "0123456789abcdefghijklmnopqrstuvwxyz";
    int64_t value = beyond % block + 10 * (block / 26);
    for (int i = width; i-- > 0; value /= 36)
        out[i] = digits[value % 36];
    out[width] = '\0';
}
