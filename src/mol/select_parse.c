/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens -> postfix program:

       expression  factor { "and" factor | "or" factor }
       factor      { "not" } ( term | "(" expression ")" )
       term        keyword { value }

   A list of values ends at an operator, a parenthesis, or a keyword as the table spells
   it ("segid ION" is a value though "ion" is a keyword). */
#include "mol/select_expr.h"

#include "util/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct binary {
    const char *word;
    enum select_op op;
    unsigned binding; /* the larger, the tighter */
};

/* Equal, so that terms group from left to right: in MDAnalysis `a or b and c` means
   `(a or b) and c`, against the custom of most languages. An expression taken from
   there has to select the same atoms here. */
static const struct binary binaries[] = {
    {"and", SELECT_AND, 1},
    {"or", SELECT_OR, 1},
};

struct parser {
    const char *text;
    const struct select_token *token; /* the next one */
    const struct atoms *atoms;
    struct select_program *program;
    size_t height; /* masks on the evaluator's stack at this point */
    unsigned depth;
    struct err *err;
};

static int parse_expression(struct parser *parser, unsigned binding);

static const struct binary *as_binary(const struct parser *parser)
{
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++)
        if (parser->token->kind == TOKEN_WORD &&
            select_span_is(parser->text, parser->token->span, binaries[i].word))
            return &binaries[i];
    return NULL;
}

static bool is_not(const struct parser *parser)
{
    return parser->token->kind == TOKEN_WORD &&
           select_span_is(parser->text, parser->token->span, "not");
}

static int emit(struct parser *parser, struct select_step step)
{
    struct select_program *program = parser->program;
    void *grown = program->steps;
    if (alloc_grow(&grown, &program->steps_capacity, program->n_steps + 1,
                   sizeof *program->steps, "a selection", parser->err) != 0)
        return -1;
    program->steps = grown;
    program->steps[program->n_steps++] = step;
    if (step.op == SELECT_TERM)
        parser->height++;
    else if (step.op != SELECT_NOT)
        parser->height--;
    if (program->stack < parser->height)
        program->stack = parser->height;
    return 0;
}

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
    bool resname = false;
    for (size_t i = 0; parser->atoms && i < parser->atoms->n; i++) {
        const struct atom *atom = &parser->atoms->at[i];
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
    return parser->token->kind == TOKEN_WORD && !as_binary(parser) && !is_not(parser) &&
           !select_keyword(parser->text + span.offset, span.length, false);
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

static int parse_numbers(struct parser *parser, struct select_step *step)
{
    struct select_span span = {parser->token->span.offset, 0};
    for (; is_value(parser); parser->token++)
        span.length =
            parser->token->span.offset + parser->token->span.length - span.offset;
    step->first = parser->program->n_ranges;
    if (select_parse_numbers(parser->program, span,
                             step->keyword->takes == TAKES_RESIDS, parser->err) != 0)
        return -1;
    step->n = parser->program->n_ranges - step->first;
    return 0;
}

static int parse_term(struct parser *parser)
{
    struct select_span span = parser->token->span;
    struct select_step step = {.op = SELECT_TERM};
    step.keyword = select_keyword(parser->text + span.offset, span.length, true);
    if (!step.keyword)
        return fail_unknown(parser);
    parser->token++;
    if (step.keyword->takes != TAKES_NOTHING) {
        bool words = step.keyword->takes == TAKES_WORDS;
        if ((words ? parse_words : parse_numbers)(parser, &step) != 0)
            return -1;
        if (step.n == 0)
            return select_fail(parser->err, parser->text, parser->token->span.offset,
                               "expected %s after '%s'", words ? "a word" : "a number",
                               step.keyword->name);
    }
    return emit(parser, step);
}

static int parse_group(struct parser *parser)
{
    size_t opened = parser->token->span.offset;
    if (parser->depth >= SELECT_DEPTH_MAX)
        return select_fail(parser->err, parser->text, opened,
                           "more than %d parentheses within one another",
                           SELECT_DEPTH_MAX);
    parser->token++;
    parser->depth++;
    if (parse_expression(parser, 0) != 0)
        return -1;
    parser->depth--;
    if (parser->token->kind == TOKEN_END)
        return select_fail(parser->err, parser->text, opened,
                           "this parenthesis is not closed");
    if (parser->token->kind != TOKEN_CLOSE)
        return select_fail(parser->err, parser->text, parser->token->span.offset,
                           "expected 'and', 'or' or ')'");
    parser->token++;
    return 0;
}

static int parse_factor(struct parser *parser)
{
    bool negated = false;
    for (; is_not(parser); parser->token++)
        negated = !negated;
    int failed;
    if (parser->token->kind == TOKEN_OPEN)
        failed = parse_group(parser);
    else if (parser->token->kind == TOKEN_WORD && !as_binary(parser))
        failed = parse_term(parser);
    else
        failed = select_fail(parser->err, parser->text, parser->token->span.offset,
                             "expected 'not', '(' or a keyword such as protein, name, "
                             "resname, resid%s",
                             parser->token->kind == TOKEN_END ? " here" : "");
    if (failed)
        return -1;
    return negated ? emit(parser, (struct select_step){.op = SELECT_NOT}) : 0;
}

/* Operators that bind at least so tightly, by precedence climbing: the right-hand side
   takes only what binds tighter than its operator. */
static int parse_expression(struct parser *parser, unsigned binding)
{
    if (parse_factor(parser) != 0)
        return -1;
    const struct binary *binary;
    while ((binary = as_binary(parser)) && binary->binding >= binding) {
        parser->token++;
        if (parse_expression(parser, binary->binding + 1) != 0 ||
            emit(parser, (struct select_step){.op = binary->op}) != 0)
            return -1;
    }
    return 0;
}

int select_parse(struct select_program *program, const char *text,
                 const struct atoms *atoms, struct err *err)
{
    program->text = text;
    struct select_token *tokens = select_tokens(text, err);
    if (!tokens)
        return -1;
    struct parser parser = {
        .text = text,
        .token = tokens,
        .atoms = atoms,
        .program = program,
        .err = err,
    };
    int failed = parse_expression(&parser, 0);
    if (!failed && parser.token->kind != TOKEN_END) {
        bool close = parser.token->kind == TOKEN_CLOSE;
        failed = select_fail(err, text, parser.token->span.offset,
                             close ? "nothing is open that this parenthesis could close"
                                   : "expected 'and', 'or' or the end");
    }
    assert(failed || parser.height == 1);
    free(tokens);
    return failed ? -1 : 0;
}

void select_program_fini(struct select_program *program)
{
    free(program->steps);
    free(program->words);
    free(program->ranges);
    *program = (struct select_program){0};
}
