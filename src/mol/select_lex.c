/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text level of the selection language: tokens, word patterns, messages. */
#include "mol/select_expr.h"

#include "util/alloc.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_blank(char c)
{
    return isspace((unsigned char)c);
}

static struct select_token next_token(const char *text, size_t at)
{
    while (is_blank(text[at]))
        at++;
    struct select_token token = {.kind = TOKEN_WORD, .span = {at, 1}};
    switch (text[at]) {
    case '\0':
        token.kind = TOKEN_END;
        token.span.length = 0;
        return token;
    case '(':
        token.kind = TOKEN_OPEN;
        return token;
    case ')':
        token.kind = TOKEN_CLOSE;
        return token;
    default:
        break;
    }
    const char *quote = text[at] == '"' ? strchr(text + at + 1, '"') : NULL;
    if (quote) {
        token.quoted = true;
        token.span.offset = at + 1;
        token.span.length = (size_t)(quote - text) - at - 1;
        return token;
    }
    size_t end = at;
    while (text[end] && !is_blank(text[end]) && text[end] != '(' && text[end] != ')')
        end++;
    token.span.length = end - at;
    return token;
}

struct select_token *select_tokens(const char *text, struct err *err)
{
    struct select_token *tokens = NULL;
    size_t n = 0, capacity = 0, at = 0;
    for (;;) {
        void *grown = tokens;
        if (alloc_grow(&grown, &capacity, n + 1, sizeof *tokens, "a selection", err) !=
            0) {
            free(tokens);
            return NULL;
        }
        tokens = grown;
        tokens[n] = next_token(text, at);
        if (tokens[n].kind == TOKEN_END)
            return tokens;
        at = tokens[n].span.offset + tokens[n].span.length + tokens[n].quoted;
        n++;
    }
}

bool select_span_is(const char *text, struct select_span span, const char *word)
{
    return strlen(word) == span.length &&
           strncasecmp(text + span.offset, word, span.length) == 0;
}

static char folded(char c, bool fold_case)
{
    return fold_case ? (char)tolower((unsigned char)c) : c;
}

/* Length of the class that starts at pattern[0] = '[', 0 when it is not closed. A ]
   that comes first belongs to the class. */
static size_t class_length(const char *pattern, size_t length)
{
    size_t i = 1;
    if (i < length && pattern[i] == '!')
        i++;
    if (i < length && pattern[i] == ']')
        i++;
    while (i < length && pattern[i] != ']')
        i++;
    return i < length ? i + 1 : 0;
}

static bool class_has(const char *class, size_t length, char c, bool fold_case)
{
    bool negated = class[1] == '!';
    bool found = false;
    for (size_t i = negated ? 2 : 1; i + 1 < length; i++) {
        char low = folded(class[i], fold_case), high = low;
        if (i + 3 < length && class[i + 1] == '-') {
            high = folded(class[i + 2], fold_case);
            i += 2;
        }
        found = found || ((unsigned char)low <= (unsigned char)c &&
                          (unsigned char)c <= (unsigned char)high);
    }
    return found != negated;
}

/* Matches one character of text; returns how much of the pattern that took, 0 for no
   match. */
static size_t match_one(const char *pattern, size_t length, char c, bool fold_case)
{
    if (length == 0 || c == '\0')
        return 0;
    c = folded(c, fold_case);
    if (pattern[0] == '[') {
        size_t class = class_length(pattern, length);
        if (class)
            return class_has(pattern, class, c, fold_case) ? class : 0;
    }
    return pattern[0] == '?' || folded(pattern[0], fold_case) == c ? 1 : 0;
}

bool select_match(const char *pattern, size_t length, const char *text, bool fold_case)
{
    /* On a mismatch only the latest star need give way, so that time is bounded by
       length * strlen(text) however many stars there are. */
    size_t p = 0, t = 0, star = SIZE_MAX, star_text = 0;
    for (;;) {
        size_t taken;
        if (p < length && pattern[p] == '*') {
            star = ++p;
            star_text = t;
        } else if ((taken = match_one(pattern + p, length - p, text[t], fold_case))) {
            p += taken;
            t++;
        } else if (p == length && !text[t]) {
            return true;
        } else if (star != SIZE_MAX && text[star_text]) {
            p = star;
            t = ++star_text;
        } else {
            return false;
        }
    }
}

/* Copies n bytes with everything unprintable made '?' (blanks ' '), so that the caret
   stands where it should and a terminal is safe. */
static void copy_printable(char *to, const char *from, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char c = from[i];
        to[i] = is_blank(c) ? ' ' : c >= ' ' && c <= '~' ? c : '?';
    }
    to[n] = '\0';
}

int select_fail(struct err *err, const char *text, size_t offset, const char *format,
                ...)
{
    enum { WINDOW = 72, BEFORE = 48, LONG = 120 };
    char message[512], shown[LONG + 1];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    copy_printable(message, message, strlen(message));

    size_t length = strlen(text), first = 0;
    bool cut = length > LONG;
    if (cut) {
        first = offset > BEFORE ? offset - BEFORE : 0;
        length = length - first < WINDOW ? length - first : WINDOW;
    }
    copy_printable(shown, text + first, length);
    const char *before = first > 0 ? "... " : "";
    const char *after = cut && text[first + length] ? " ..." : "";
    int column = (int)(strlen(before) + offset - first);
    return err_set(err, ERR_USAGE, "%s\n  %s%s%s\n  %*s^", message, before, shown,
                   after, column, "");
}
