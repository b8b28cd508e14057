/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keywords of the selection language with the values behind them. */
#include "mol/select_parser.h"

#include "mol/index_groups.h"
#include "util/alloc.h"

#include <stdio.h>
#include <string.h>

/* Messages quote at most this much of a word. */
static int quoted(struct select_span span)
{
    return span.length < 40 ? (int)span.length : 40;
}

static bool is_number(const char *word, size_t n)
{
    size_t sign = word[0] == '-';
    return n > sign && strchr("0123456789", word[sign]) &&
           strspn(word + sign, "0123456789:-") >= n - sign;
}

/* The keyword that a lone value was probably meant to follow. */
static const char *missing_keyword(const struct parser *parser, const char *word,
                                   size_t n)
{
    if (is_number(word, n))
        return "resid";
    const struct atoms *atoms = parser->scene->atoms;
    bool resname = false;
    for (size_t i = 0; atoms && i < atoms->n; i++) {
        const struct atom *atom = &atoms->at[i];
        if (select_match(word, n, atom->name, false))
            return "name";
        resname = resname || select_match(word, n, atom->resname, false);
    }
    return resname ? "resname" : NULL;
}

static int fail_unknown(const struct parser *parser)
{
    struct select_span span = parser->token->span;
    const char *word = parser->text + span.offset;
    if (select_is_foreign(word, span.length))
        return select_fail(parser->err, parser->text, span.offset,
                           "the MDAnalysis word '%.*s' is not supported", quoted(span),
                           word);
    const char *keyword = missing_keyword(parser, word, span.length);
    if (keyword)
        return select_fail(parser->err, parser->text, span.offset,
                           "expected a keyword, not '%.*s'; did you mean '%s %.*s'?",
                           quoted(span), word, keyword, quoted(span), word);
    return select_fail(parser->err, parser->text, span.offset,
                       "unknown word '%.*s'; expected 'not', '(' or a keyword such as "
                       "protein, name, resname, resid",
                       quoted(span), word);
}

static bool is_value(const struct parser *parser)
{
    struct select_span span = parser->token->span;
    if (!parser_at_word(parser) || parser->token->quoted)
        return parser_at_word(parser);
    const struct select_keyword *keyword =
        select_keyword(parser->text + span.offset, span.length, false);
    return !keyword || keyword->own;
}

static int add_word(struct parser *parser, struct select_span span)
{
    struct select_program *program = parser->program;
    void *grown = program->words;
    if (alloc_grow(&grown, &program->words_capacity, program->n_words + 1,
                   sizeof *program->words, "a selection", parser->err) != 0)
        return -1;
    program->words = grown;
    program->words[program->n_words++] = span;
    return 0;
}

static int parse_words(struct parser *parser, struct select_step *step)
{
    step->first = parser->program->n_words;
    for (; is_value(parser); parser->token++)
        if (add_word(parser, parser->token->span) != 0)
            return -1;
    step->n = parser->program->n_words - step->first;
    return 0;
}

/* The values up to the next keyword, as one span. */
static struct select_span take_values(struct parser *parser)
{
    struct select_span span = {parser->token->span.offset, 0};
    for (; is_value(parser); parser->token++)
        span.length =
            parser->token->span.offset + parser->token->span.length - span.offset;
    return span;
}

static int parse_numbers(struct parser *parser, struct select_step *step)
{
    struct select_program *program = parser->program;
    step->first = program->n_ranges;
    if (select_parse_numbers(program, take_values(parser),
                             step->keyword->takes == TAKES_RESIDS, parser->err) != 0)
        return -1;
    step->n = program->n_ranges - step->first;
    return 0;
}

static int parse_floats(struct parser *parser, struct select_step *step)
{
    struct select_program *program = parser->program;
    step->quantity = select_quantity(step->keyword->name, strlen(step->keyword->name));
    step->first = program->n_intervals;
    if (select_parse_floats(program, take_values(parser), parser->err) != 0)
        return -1;
    step->n = program->n_intervals - step->first;
    return 0;
}

static int expected(const struct parser *parser, const char *what,
                    const struct select_step *step)
{
    return select_fail(parser->err, parser->text, parser->token->span.offset,
                       "expected %s after '%s'", what, step->keyword->name);
}

static int parse_parameters(struct parser *parser, struct select_step *step)
{
    for (unsigned i = 0; i < step->keyword->n_parameters; i++, parser->token++) {
        if (!parser_at_word(parser)) {
            char what[32];
            snprintf(what, sizeof what, "%u number%s", step->keyword->n_parameters,
                     step->keyword->n_parameters == 1 ? "" : "s");
            return expected(parser, what, step);
        }
        if (select_parse_float(parser->text, parser->token->span, &step->parameter[i],
                               parser->err) != 0)
            return -1;
    }
    return 0;
}

static int parse_comparison(struct parser *parser, struct select_step *step)
{
    size_t end;
    if (!parser_at_word(parser))
        return expected(parser, "a comparison such as mass > 12", step);
    if (select_parse_comparison(parser->text, parser->token->span.offset, step, &end,
                                parser->err) != 0)
        return -1;
    while (parser->token->kind == TOKEN_WORD && parser->token->span.offset < end)
        parser->token++;
    return 0;
}

/* segid, resid, name: those words, and a number. */
static int parse_atom(struct parser *parser, struct select_step *step)
{
    step->first = parser->program->n_words;
    for (int i = 0; i < 3; i++, parser->token++) {
        if (!parser_at_word(parser))
            return expected(parser, "segid, resid and name", step);
        if (add_word(parser, parser->token->span) != 0)
            return -1;
    }
    struct select_span resid = parser->program->words[step->first + 1];
    size_t range = parser->program->n_ranges;
    if (select_parse_numbers(parser->program, resid, false, parser->err) != 0)
        return -1;
    if (parser->program->n_ranges == range)
        return select_fail(parser->err, parser->text, resid.offset,
                           "expected a number");
    step->parameter[0] = (double)parser->program->ranges[range].low;
    step->n = 3;
    return 0;
}

static int fail_group(const struct parser *parser, struct select_span span)
{
    const struct index_groups *groups = parser->scene->groups;
    char list[256] = "";
    size_t used = 0;
    for (size_t i = 0; groups && i < groups->n; i++) {
        const char *name = groups->at[i].name;
        if (used + strlen(name) + 8 > sizeof list) {
            snprintf(list + used, sizeof list - used, ", ...");
            break;
        }
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "",
                                 name);
    }
    if (!groups)
        return select_fail(parser->err, parser->text, span.offset,
                           "a group needs an index file (--index)");
    return select_fail(parser->err, parser->text, span.offset,
                       "no group '%.*s' in the index file, which has %s", quoted(span),
                       parser->text + span.offset, list);
}

static int parse_index_group(struct parser *parser, struct select_step *step)
{
    struct select_span span = parser->token->span;
    if (!parser_at_word(parser))
        return expected(parser, "the name of a group", step);
    step->group = index_groups_find(parser->scene->groups, parser->text + span.offset,
                                    span.length);
    if (!step->group)
        return fail_group(parser, span);
    parser->token++;
    return 0;
}

/* "residue as", before a selection. */
static int parse_same(struct parser *parser, struct select_step *step)
{
    struct select_span span = parser->token->span;
    if (!parser_at_word(parser))
        return expected(parser, "a property", step);
    step->first = parser->program->n_words;
    step->n = 1;
    if (add_word(parser, span) != 0)
        return -1;
    step->quantity = select_quantity(parser->text + span.offset, span.length);
    step->needs_bonds = select_span_is(parser->text, span, "fragment");
    if (select_check_same(parser->text, span, step, parser->err) != 0)
        return -1;
    parser->token++;
    if (!parser_at_word(parser) ||
        !select_span_is(parser->text, parser->token->span, "as"))
        return select_fail(parser->err, parser->text, parser->token->span.offset,
                           "expected 'as', as in 'same residue as name CA'");
    parser->token++;
    return 0;
}

static int parse_values(struct parser *parser, struct select_step *step)
{
    const char *missing = NULL;
    switch (step->keyword->takes) {
    case TAKES_NOTHING:
    case TAKES_FACTOR:
        return 0;
    case TAKES_WORDS:
        missing = "a word";
        break;
    case TAKES_NUMBERS:
    case TAKES_RESIDS:
    case TAKES_FLOATS:
        missing = "a number";
        break;
    case TAKES_COMPARISON:
        return parse_comparison(parser, step);
    case TAKES_ATOM:
        return parse_atom(parser, step);
    case TAKES_GROUP:
        return parse_index_group(parser, step);
    case TAKES_SAME:
        return parse_same(parser, step);
    case TAKES_POINT:
    case TAKES_SELECTION:
        return parse_parameters(parser, step);
    }
    if (!is_value(parser))
        return expected(parser, missing, step);
    size_t offset = parser->token->span.offset;
    int rc = step->keyword->takes == TAKES_WORDS    ? parse_words(parser, step)
             : step->keyword->takes == TAKES_FLOATS ? parse_floats(parser, step)
                                                    : parse_numbers(parser, step);
    if (rc == 0 && step->n == 0) /* a word "" */
        return select_fail(parser->err, parser->text, offset, "expected %s after '%s'",
                           missing, step->keyword->name);
    return rc;
}

int parser_take_term(struct parser *parser, struct select_step *step)
{
    struct select_span span = parser->token->span;
    if (!parser->token->quoted)
        step->keyword = select_keyword(parser->text + span.offset, span.length, true);
    if (!step->keyword)
        return fail_unknown(parser);
    parser->token++;
    return parse_values(parser, step);
}
