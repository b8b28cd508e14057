/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_MOL_SELECT_PARSER_H
#define FRAMEWALK_MOL_SELECT_PARSER_H

/* Between select_parse.c (operators and nesting) and select_terms.c (keywords with what
   they take). */
#include "mol/select_expr.h"

struct parser {
    const char *text;
    const struct select_token *token; /* the next one */
    const struct select_scene *scene;
    struct select_program *program;
    size_t height; /* masks on the evaluator's stack at this point */
    unsigned depth;
    struct err *err;
};

/* Whether the next token is anything but an operator, a parenthesis or the end. */
bool parser_at_word(const struct parser *parser);

/* Reads a keyword and what it takes, short of a selection, into *step. */
int parser_take_term(struct parser *parser, struct select_step *step);

#endif
