/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tokens -> postfix program:

       expression  factor { "and" factor | "or" factor }
       factor      { "not" } ( term | map | "(" expression ")" )
       term        keyword { value }
       map         keyword { number } expression      around 5 protein and ...
                   | "global" factor

   A list of values ends at an operator, a parenthesis, or a keyword of MDAnalysis as
   the table spells it ("segid PROTEIN" is a value though "protein" is a keyword);
   "quoted" words are always values. */
#include "mol/select_parser.h"

#include "util/alloc.h"

#include <assert.h>
#include <stdio.h>
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

static int parse_expression(struct parser *parser, unsigned binding);
static int parse_factor(struct parser *parser);

static const struct binary *as_binary(const struct parser *parser)
{
    for (size_t i = 0; i < sizeof binaries / sizeof *binaries; i++)
        if (parser->token->kind == TOKEN_WORD && !parser->token->quoted &&
            select_span_is(parser->text, parser->token->span, binaries[i].word))
            return &binaries[i];
    return NULL;
}

static bool is_not(const struct parser *parser)
{
    return parser->token->kind == TOKEN_WORD && !parser->token->quoted &&
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
    else if (step.op == SELECT_AND || step.op == SELECT_OR)
        parser->height--;
    if (step.keyword && step.keyword->needs_coordinates)
        program->needs_coordinates = true;
    if (step.needs_bonds || (step.keyword && step.keyword->marker == select_bonded))
        program->needs_bonds = true;
    if (step.quantity && step.quantity->needs_coordinates)
        program->needs_coordinates = true;
    if (program->stack < parser->height)
        program->stack = parser->height;
    return 0;
}

bool parser_at_word(const struct parser *parser)
{
    return parser->token->kind == TOKEN_WORD && !as_binary(parser) && !is_not(parser);
}

static int deeper(struct parser *parser, size_t offset)
{
    if (parser->depth++ < SELECT_DEPTH_MAX)
        return 0;
    return select_fail(parser->err, parser->text, offset,
                       "more than %d parentheses or words within one another",
                       SELECT_DEPTH_MAX);
}

static int parse_term(struct parser *parser)
{
    struct select_step step = {.op = SELECT_TERM, .offset = parser->token->span.offset};
    if (parser_take_term(parser, &step) != 0)
        return -1;
    bool factor = step.keyword->takes == TAKES_FACTOR;
    if (!factor && step.keyword->takes != TAKES_SAME &&
        step.keyword->takes != TAKES_SELECTION)
        return emit(parser, step);
    step.op = SELECT_MAP;
    if (deeper(parser, step.offset) != 0 ||
        (factor ? parse_factor(parser) : parse_expression(parser, 0)) != 0)
        return -1;
    parser->depth--;
    return emit(parser, step);
}

static int parse_group(struct parser *parser)
{
    size_t opened = parser->token->span.offset;
    parser->token++;
    if (deeper(parser, opened) != 0 || parse_expression(parser, 0) != 0)
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
                 const struct select_scene *scene, struct err *err)
{
    program->text = text;
    struct select_token *tokens = select_tokens(text, err);
    if (!tokens)
        return -1;
    struct parser parser = {
        .text = text,
        .token = tokens,
        .scene = scene,
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
    free(program->intervals);
    *program = (struct select_program){0};
}
