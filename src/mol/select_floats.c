/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers with fractions in selections: "12 14.5:16 -1e-2 - 3", "abs charge>=0.5". */
#include "mol/select_expr.h"

#include "util/alloc.h"
#include "util/parse.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

enum { NUMBER_BYTES = 48 };

static bool is_blank(char c)
{
    return isspace((unsigned char)c);
}

/* Length of the number that begins at text[at], 0 when there is none. */
static size_t number_length(const char *text, size_t at, size_t end)
{
    size_t n = at, digits = 0;
    if (n < end && (text[n] == '-' || text[n] == '+'))
        n++;
    for (; n < end && (isdigit((unsigned char)text[n]) || text[n] == '.'); n++)
        digits += text[n] != '.';
    if (digits == 0)
        return 0;
    size_t exponent = n;
    if (n < end && (text[n] == 'e' || text[n] == 'E')) {
        exponent++;
        if (exponent < end && (text[exponent] == '-' || text[exponent] == '+'))
            exponent++;
        if (exponent < end && isdigit((unsigned char)text[exponent]))
            for (n = exponent; n < end && isdigit((unsigned char)text[n]);)
                n++;
    }
    return n - at;
}

static int take_number(const char *text, size_t *at, size_t end, double *out,
                       struct err *err)
{
    char word[NUMBER_BYTES];
    size_t n = number_length(text, *at, end);
    if (n > 0 && n < sizeof word) {
        memcpy(word, text + *at, n);
        word[n] = '\0';
        if (parse_double(word, out)) {
            *at += n;
            return 0;
        }
    }
    return select_fail(err, text, *at, "expected a number");
}

int select_parse_float(const char *text, struct select_span span, double *out,
                       struct err *err)
{
    size_t at = span.offset, end = span.offset + span.length;
    if (take_number(text, &at, end, out, err) != 0)
        return -1;
    return at == end ? 0
                     : select_fail(err, text, at, "unexpected character in a number");
}

static size_t skip_blanks(const char *text, size_t at, size_t end)
{
    while (at < end && is_blank(text[at]))
        at++;
    return at;
}

/* Takes what makes a range of the number behind it: ":", "to", or a minus that is not
   the sign of a number apart ("1-3", "1 - 3", but not "1 -3"). */
static bool take_range_sign(const char *text, size_t *at, size_t end)
{
    size_t sign = skip_blanks(text, *at, end);
    bool apart = sign > *at;
    if (sign == end)
        return false;
    if (text[sign] == ':' || (text[sign] == '-' && !(apart && sign + 1 < end &&
                                                     !is_blank(text[sign + 1])))) {
        *at = skip_blanks(text, sign + 1, end);
        return true;
    }
    if (apart && end - sign > 2 && strncasecmp(text + sign, "to", 2) == 0 &&
        is_blank(text[sign + 2])) {
        *at = skip_blanks(text, sign + 2, end);
        return true;
    }
    return false;
}

static int take_interval(const char *text, size_t *at, size_t end,
                         struct select_interval *interval, struct err *err)
{
    size_t start = *at;
    if (take_number(text, at, end, &interval->low, err) != 0)
        return -1;
    interval->high = interval->low;
    if (take_range_sign(text, at, end) &&
        take_number(text, at, end, &interval->high, err) != 0)
        return -1;
    if (*at < end && !is_blank(text[*at]))
        return select_fail(err, text, *at, "unexpected character in a number");
    if (interval->low > interval->high)
        return select_fail(err, text, start, "a range must begin at its smaller end");
    return 0;
}

int select_parse_floats(struct select_program *program, struct select_span span,
                        struct err *err)
{
    size_t end = span.offset + span.length;
    for (size_t at = span.offset; at < end; at = skip_blanks(program->text, at, end)) {
        void *grown = program->intervals;
        if (alloc_grow(&grown, &program->intervals_capacity, program->n_intervals + 1,
                       sizeof *program->intervals, "a selection", err) != 0)
            return -1;
        program->intervals = grown;
        if (take_interval(program->text, &at, end,
                          &program->intervals[program->n_intervals], err) != 0)
            return -1;
        program->n_intervals++;
    }
    return 0;
}

static const struct {
    const char *text;
    enum select_comparison how, flipped; /* with its sides exchanged */
} operators[] = {
    {"<=", COMPARE_LESS_EQUAL, COMPARE_GREATER_EQUAL},
    {">=", COMPARE_GREATER_EQUAL, COMPARE_LESS_EQUAL},
    {"==", COMPARE_EQUAL, COMPARE_EQUAL},
    {"!=", COMPARE_NOT_EQUAL, COMPARE_NOT_EQUAL},
    {"<", COMPARE_LESS, COMPARE_GREATER},
    {">", COMPARE_GREATER, COMPARE_LESS},
};

/* Where the run of characters of a name or a number ends. */
static size_t side_end(const char *text, size_t at)
{
    while (text[at] && !is_blank(text[at]) && !strchr("<>=!()", text[at]))
        at++;
    return at;
}

/* A quantity, or else a number in *number. */
static int take_side(const char *text, size_t *at,
                     const struct select_quantity **quantity, double *number,
                     struct err *err)
{
    size_t end = side_end(text, *at);
    struct select_span span = {*at, end - *at};
    *quantity = select_quantity(text + span.offset, span.length);
    if (!*quantity && (span.length == 0 || isalpha((unsigned char)text[*at])))
        return select_fail(err, text, *at,
                           "expected x, y, z, mass, charge, radius, bfactor, resid "
                           "or a number");
    if (!*quantity && select_parse_float(text, span, number, err) != 0)
        return -1;
    *at = end;
    return 0;
}

static size_t skip(const char *text, size_t at)
{
    while (is_blank(text[at]))
        at++;
    return at;
}

int select_parse_comparison(const char *text, size_t offset, struct select_step *step,
                            size_t *end, struct err *err)
{
    const struct select_quantity *left, *right;
    size_t at = offset, n_operators = sizeof operators / sizeof *operators, k = 0;
    double number = NAN;
    step->absolute = side_end(text, at) == at + 3 && strncmp(text + at, "abs", 3) == 0;
    if (step->absolute)
        at = skip(text, at + 3);
    size_t begin = at;
    if (take_side(text, &at, &left, &number, err) != 0)
        return -1;
    at = skip(text, at);
    while (k < n_operators &&
           strncmp(text + at, operators[k].text, strlen(operators[k].text)) != 0)
        k++;
    if (k == n_operators)
        return select_fail(err, text, at, "expected one of < <= > >= == !=");
    at = skip(text, at + strlen(operators[k].text));
    if (take_side(text, &at, &right, &number, err) != 0)
        return -1;
    if (!left == !right)
        return select_fail(err, text, begin,
                           "a comparison has a property on one side and a number on "
                           "the other");
    step->quantity = left ? left : right;
    step->comparison = left ? operators[k].how : operators[k].flipped;
    step->parameter[0] = number;
    *end = at;
    return text[at] && !is_blank(text[at]) && text[at] != '(' && text[at] != ')'
               ? select_fail(err, text, at, "unexpected character in a comparison")
               : 0;
}
