/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of numbers and ranges in selections: "1 3:5 8 - 10 -4--2 20 to 30 163A:163C".

   A minus is read as MDAnalysis does: right behind a number it makes a range (1-3), and
   so it does between blanks (1 - 3), but "1 -3" are the two numbers 1 and -3. */
#include "mol/select_expr.h"

#include "util/alloc.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct cursor {
    const char *text; /* the whole expression */
    size_t at, end;
    bool icodes;
    struct err *err;
};

static char peek(const struct cursor *cursor, size_t ahead)
{
    size_t at = cursor->at + ahead;
    return at < cursor->end ? cursor->text[at] : '\0';
}

static bool blank_or_end(char c)
{
    return c == '\0' || isspace((unsigned char)c);
}

static void skip_blanks(struct cursor *cursor)
{
    while (cursor->at < cursor->end && isspace((unsigned char)cursor->text[cursor->at]))
        cursor->at++;
}

/* Takes the sign that makes a range of what follows, if there is one. */
static bool take_range_sign(struct cursor *cursor)
{
    size_t start = cursor->at;
    skip_blanks(cursor);
    bool apart = cursor->at > start;
    char sign = peek(cursor, 0);
    if (sign == ':' ||
        (sign == '-' && !(apart && isdigit((unsigned char)peek(cursor, 1))))) {
        cursor->at++;
        return true;
    }
    if (apart && cursor->end - cursor->at > 2 &&
        strncasecmp(cursor->text + cursor->at, "to", 2) == 0 &&
        blank_or_end(peek(cursor, 2))) {
        cursor->at += 2;
        return true;
    }
    cursor->at = start;
    return false;
}

static int take_digits(struct cursor *cursor, size_t start, int64_t *out)
{
    int64_t value = 0;
    while (isdigit((unsigned char)peek(cursor, 0))) {
        if (value > (INT64_MAX - 9) / 10)
            return select_fail(cursor->err, cursor->text, start, "number too large");
        value = value * 10 + (peek(cursor, 0) - '0');
        cursor->at++;
    }
    *out = value;
    return 0;
}

/* An integer, with its insertion code where those are meant. */
static int take_number(struct cursor *cursor, int64_t *out, char *icode)
{
    size_t start = cursor->at;
    bool negative = peek(cursor, 0) == '-';
    if (negative)
        cursor->at++;
    if (!isdigit((unsigned char)peek(cursor, 0)))
        return select_fail(cursor->err, cursor->text, start,
                           "expected a number or a range (5, 1:20, 1-20)");
    if (take_digits(cursor, start, out) != 0)
        return -1;
    if (negative)
        *out = -*out;
    if (cursor->icodes && isalpha((unsigned char)peek(cursor, 0)))
        *icode = cursor->text[cursor->at++];
    char next = peek(cursor, 0);
    if (!blank_or_end(next) && next != ':' && next != '-')
        return select_fail(cursor->err, cursor->text, cursor->at,
                           "unexpected character in a number");
    return 0;
}

static int take_range(struct cursor *cursor, struct select_range *range)
{
    size_t start = cursor->at;
    *range = (struct select_range){0};
    if (take_number(cursor, &range->low, &range->low_icode) != 0)
        return -1;
    range->high = range->low;
    range->high_icode = range->low_icode;
    if (!take_range_sign(cursor))
        return 0;
    skip_blanks(cursor);
    range->high_icode = '\0';
    if (take_number(cursor, &range->high, &range->high_icode) != 0)
        return -1;
    if (!blank_or_end(peek(cursor, 0)))
        return select_fail(cursor->err, cursor->text, cursor->at,
                           "a range has two ends only");
    if (range->low > range->high ||
        (range->low == range->high && range->low_icode > range->high_icode))
        return select_fail(cursor->err, cursor->text, start,
                           "a range must begin at its smaller end");
    return 0;
}

int select_parse_numbers(struct select_program *program, struct select_span span,
                         bool icodes, struct err *err)
{
    struct cursor cursor = {
        program->text, span.offset, span.offset + span.length, icodes, err,
    };
    for (skip_blanks(&cursor); cursor.at < cursor.end; skip_blanks(&cursor)) {
        void *grown = program->ranges;
        if (alloc_grow(&grown, &program->ranges_capacity, program->n_ranges + 1,
                       sizeof *program->ranges, "a selection", err) != 0)
            return -1;
        program->ranges = grown;
        if (take_range(&cursor, &program->ranges[program->n_ranges]) != 0)
            return -1;
        program->n_ranges++;
    }
    return 0;
}
