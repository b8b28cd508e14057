/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/utf8.h"

#include "util/alloc.h"

#include <stdbool.h>
#include <string.h>

enum { REPLACEMENT = 0xfffd, REPLACEMENT_BYTES = 3 };

uint32_t utf8_next(const char **text)
{
    const unsigned char *byte = (const unsigned char *)*text;
    if (byte[0] == 0)
        return 0;
    size_t n = byte[0] < 0x80             ? 1
               : (byte[0] & 0xe0) == 0xc0 ? 2
               : (byte[0] & 0xf0) == 0xe0 ? 3
               : (byte[0] & 0xf8) == 0xf0 ? 4
                                          : 0;
    /* The smallest code point that needs n bytes: anything below is overlong. */
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t code = n > 1 ? byte[0] & (0x7fu >> n) : byte[0];
    for (size_t i = 1; i < n; i++) {
        if ((byte[i] & 0xc0) != 0x80) {
            n = 0;
            break;
        }
        code = code << 6 | (byte[i] & 0x3fu);
    }
    bool bad = n == 0 || code < least[n] || code > 0x10ffff ||
               (code >= 0xd800 && code <= 0xdfff);
    *text += bad ? 1 : n;
    return bad ? REPLACEMENT : code;
}

size_t utf8_length(const char *text)
{
    size_t n = 0;
    while (utf8_next(&text))
        n++;
    return n;
}

char *utf8_clean(const char *text, struct err *err)
{
    char *copy = alloc_zeroed(REPLACEMENT_BYTES * strlen(text) + 1, 1, "a text", err);
    if (!copy)
        return NULL;
    char *out = copy;
    for (const char *from = text; *from;) {
        const char *begin = from;
        if (utf8_next(&from) == REPLACEMENT) {
            memcpy(out, "\xef\xbf\xbd", REPLACEMENT_BYTES);
            out += REPLACEMENT_BYTES;
        } else {
            memcpy(out, begin, (size_t)(from - begin));
            out += from - begin;
        }
    }
    return copy;
}
