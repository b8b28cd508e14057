/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_MOL_SELECT_EXPR_H
#define FRAMEWALK_MOL_SELECT_EXPR_H

/* Private to the selection language: text -> tokens -> program -> mask of atoms.

   The program is in postfix order, so that evaluating it needs a stack of masks but no
   recursion: neither a hundred thousand terms in a row nor as many parentheses can
   exhaust the call stack. */

#include "mol/atoms.h"
#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SELECT_DEPTH_MAX = 100 }; /* parentheses within parentheses */

/* A part of the expression's text. */
struct select_span {
    size_t offset;
    size_t length;
};

enum select_token_kind { TOKEN_WORD, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_END };

struct select_token {
    enum select_token_kind kind;
    struct select_span span;
};

/* Splits at blanks and parentheses; the last token is TOKEN_END. malloc'ed, or NULL. */
struct select_token *select_tokens(const char *text, struct err *err);

/* Whether the word at span equals `word`, without regard to case. */
bool select_span_is(const char *text, struct select_span span, const char *word);

/* fnmatch's *, ?, [abc], [a-z] and [!abc] over the whole text; a [ that nothing closes
   stands for itself. */
bool select_match(const char *pattern, size_t length, const char *text, bool fold_case);

/* Sets *err to ERR_USAGE with three lines: the message, the expression (a window of it
   when it is long) and a caret under byte `offset`. Returns -1. */
int select_fail(struct err *err, const char *text, size_t offset, const char *format,
                ...) __attribute__((format(printf, 4, 5)));

/* What follows a keyword. */
enum select_takes { TAKES_NOTHING, TAKES_WORDS, TAKES_NUMBERS, TAKES_RESIDS };

/* One word of the language is one row of the table in select_words.c. */
struct select_keyword {
    const char *name;
    enum select_takes takes;
    bool (*is)(const struct atom *atom);          /* TAKES_NOTHING */
    const char *(*text)(const struct atom *atom); /* TAKES_WORDS */
    bool fold_case;                               /* TAKES_WORDS */
    int64_t first;                                /* TAKES_NUMBERS: of atom 0 */
};

/* The keyword of a name; NULL when there is none. With fold_case also in other case. */
const struct select_keyword *select_keyword(const char *name, size_t length,
                                            bool fold_case);
/* Words of MDAnalysis that this program does not know. */
bool select_is_foreign(const char *name, size_t length);

/* low .. high inclusive; the insertion codes matter at the ends only. */
struct select_range {
    int64_t low, high;
    char low_icode, high_icode;
};

enum select_op { SELECT_TERM, SELECT_NOT, SELECT_AND, SELECT_OR };

struct select_step {
    enum select_op op;
    const struct select_keyword *keyword; /* SELECT_TERM */
    size_t first, n; /* its part of `words` or `ranges`, by what the keyword takes */
};

struct select_program {
    const char *text; /* the caller's, which the spans point into */
    struct select_step *steps;
    size_t n_steps, steps_capacity;
    struct select_span *words;
    size_t n_words, words_capacity;
    struct select_range *ranges;
    size_t n_ranges, ranges_capacity;
    size_t stack; /* masks alive at once */
};

/* Parses text into *program (initialised empty by the caller). The atoms serve hints
   only. On failure -1; select_program_fini is due in either case. */
int select_parse(struct select_program *program, const char *text,
                 const struct atoms *atoms, struct err *err);
void select_program_fini(struct select_program *program);

/* Appends the values in a span of the text as numbers and ranges; see select_numbers.c.
 */
int select_parse_numbers(struct select_program *program, struct select_span span,
                         bool icodes, struct err *err);

/* One byte an atom, 0 or 1, malloc'ed; NULL when memory is short. */
uint8_t *select_evaluate(const struct select_program *program,
                         const struct atoms *atoms, struct err *err);

#endif
