/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *err, enum err_code code, const char *format, ...)
{
    if (!err)
        return -1;
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    err->code = code;
    return -1;
}

int err_prefix(struct err *err, const char *format, ...)
{
    if (!err)
        return -1;
    char text[ERR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= sizeof text - 3)
        return -1;
    snprintf(text + length, sizeof text - (size_t)length, ": %.*s",
             (int)(sizeof text - (size_t)length - 3), err->text);
    memcpy(err->text, text, sizeof text);
    return -1;
}

int err_memory(struct err *err, size_t bytes, const char *what)
{
    return err_set(err, ERR_RUNTIME, "out of memory (%zu bytes for %s)", bytes, what);
}
