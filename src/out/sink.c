/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/sink.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static int stream_error(int number, struct err *err)
{
    if (number == EPIPE)
        return err_set(err, ERR_RUNTIME, "closed by its reader");
    return err_set(err, ERR_RUNTIME, "%s", strerror(number ? number : EIO));
}

int sink_put(FILE *stream, const void *bytes, size_t n, struct err *err)
{
    errno = 0;
    return fwrite(bytes, 1, n, stream) == n ? 0 : stream_error(errno, err);
}

int sink_text(FILE *stream, const char *text, struct err *err)
{
    errno = 0;
    return fputs(text, stream) == EOF ? stream_error(errno, err) : 0;
}

int sink_print(FILE *stream, struct err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    errno = 0;
    int n = vfprintf(stream, format, args);
    int number = errno;
    va_end(args);
    return n < 0 ? stream_error(number, err) : 0;
}

int sink_flush(FILE *stream, struct err *err)
{
    errno = 0;
    return fflush(stream) || ferror(stream) ? stream_error(errno, err) : 0;
}
