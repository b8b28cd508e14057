/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/text.h"

#include "util/parse.h"

#include <ctype.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

bool text_is_blank(const char *line)
{
    return line[strspn(line, " \t\r")] == '\0';
}

void text_column(char *out, const char *line, size_t length, size_t begin, size_t width)
{
    size_t end = begin + width < length ? begin + width : length;
    while (begin < end && is_blank(line[begin]))
        begin++;
    while (begin < end && is_blank(line[end - 1]))
        end--;
    size_t n = begin < end ? end - begin : 0;
    if (n)
        memcpy(out, line + begin, n);
    out[n] = '\0';
}

size_t text_words(char *line, char **words, size_t max)
{
    size_t n = 0;
    for (char *at = line;;) {
        at += strspn(at, " \t\r");
        if (!*at)
            return n;
        if (n == max)
            return max + 1;
        words[n++] = at;
        at += strcspn(at, " \t\r");
        if (*at)
            *at++ = '\0';
    }
}

bool text_residue(const char *word, int32_t *resid, char *icode)
{
    char digits[16];
    size_t n = strlen(word);
    int64_t number;
    if (n == 0 || n >= sizeof digits)
        return false;
    bool letter = isalpha((unsigned char)word[n - 1]);
    memcpy(digits, word, n + 1);
    digits[n - letter] = '\0';
    if (!parse_i64(digits, &number) || number < INT32_MIN || number > INT32_MAX)
        return false;
    *resid = (int32_t)number;
    *icode = '\0';
    if (letter)
        *icode = word[n - 1];
    return true;
}

/* Digits behind the point of the word that ends at `end`; *begin is where it begins. */
static size_t decimals(const char *line, size_t end, size_t *begin)
{
    size_t at = end, n = 0;
    while (at > 0 && !is_blank(line[at - 1]))
        at--;
    *begin = at;
    const char *point = memchr(line + at, '.', end - at);
    while (point && point + 1 + n < line + end && point[1 + n] >= '0' &&
           point[1 + n] <= '9')
        n++;
    return n;
}

bool text_ends_short(const char *line, size_t before)
{
    enum { WRITTEN_MIN = 3 };
    size_t end = strlen(line), last = 0, written = 0;
    for (size_t i = 0; i <= before; i++) {
        while (end > 0 && is_blank(line[end - 1]))
            end--;
        size_t n = decimals(line, end, &end);
        if (i == 0)
            last = n;
        else if (n < WRITTEN_MIN || (i > 1 && n != written))
            return false;
        else
            written = n;
    }
    return last < written;
}

bool text_title_time(const char *title, double *time_ps)
{
    /* The last one: what stands before is the user's own title. */
    const char *found = NULL;
    for (const char *at = strstr(title, "t="); at; at = strstr(at + 2, "t="))
        if (at == title || is_blank(at[-1]))
            found = at + 2;
    if (!found)
        return false;
    found += strspn(found, " \t");
    char word[32];
    size_t n = strcspn(found, " \t");
    if (n == 0 || n >= sizeof word)
        return false;
    memcpy(word, found, n);
    word[n] = '\0';
    return parse_double(word, time_ps);
}

const char *text_quote(char out[TEXT_QUOTE_BYTES], const char *text, size_t length)
{
    enum { TEXT_MAX = TEXT_QUOTE_BYTES - 4 };
    size_t n = length < TEXT_MAX ? length : TEXT_MAX;
    for (size_t i = 0; i < n; i++)
        out[i] = text[i] < ' ' || text[i] > '~' ? '?' : text[i];
    strcpy(out + n, length > n ? "..." : "");
    return out;
}
