/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_MOL_SELECT_EXPR_H
#define FRAMEWALK_MOL_SELECT_EXPR_H

/* Private to the selection language: text -> tokens -> program -> mask of atoms.

   The program is in postfix order, so that evaluating it needs a stack of masks but no
   recursion: neither a hundred thousand terms in a row nor as many parentheses can
   exhaust the call stack. */

#include "mol/select.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Parentheses, and words such as `byres`, within one another. */
enum { SELECT_DEPTH_MAX = 100 };

/* A part of the expression's text. */
struct select_span {
    size_t offset;
    size_t length;
};

enum select_token_kind { TOKEN_WORD, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_END };

struct select_token {
    enum select_token_kind kind;
    bool quoted; /* the span is what stands between the quotes; never a keyword */
    struct select_span span;
};

/* Splits at blanks and parentheses; words may be "quoted". The last token is TOKEN_END.
   malloc'ed, or NULL. */
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

/* A number that every atom has, for comparisons. */
struct select_quantity {
    const char *name;
    double (*of)(const struct select_scene *scene, size_t atom); /* NaN: not known */
    bool needs_coordinates;
    /* Compared in float32, as MDAnalysis keeps it: 28.3 is 28.3, whether it was read as
       text or as ten times 2.83. */
    bool single;
};

/* By name, exactly; NULL when there is none. */
const struct select_quantity *select_quantity(const char *name, size_t length);
double select_quantity_of(const struct select_quantity *quantity,
                          const struct select_scene *scene, size_t atom);

struct select_program;
struct select_step;

/* What a step is evaluated with. */
struct select_run {
    const struct select_scene *scene;
    const struct select_program *program;
    struct err *err;
};

/* Fills or changes the mask, one byte an atom. */
typedef int select_marker(const struct select_run *run, const struct select_step *step,
                          uint8_t *mask);

/* What follows a keyword. */
enum select_takes {
    TAKES_NOTHING,
    TAKES_WORDS,
    TAKES_NUMBERS, /* whole ones, and ranges */
    TAKES_RESIDS,  /* the same with insertion codes */
    TAKES_FLOATS,
    TAKES_POINT,      /* parameters only */
    TAKES_COMPARISON, /* mass > 12 */
    TAKES_ATOM,       /* segid, resid and name */
    TAKES_GROUP,
    TAKES_SAME,      /* QUANTITY as, and a selection */
    TAKES_SELECTION, /* parameters, and a selection */
    TAKES_FACTOR,    /* one term or parenthesis, as `not` does */
};

/* One word of the language is one row of the table in select_words.c. */
struct select_keyword {
    const char *name;
    enum select_takes takes;
    bool (*is)(const struct atom *atom);                       /* TAKES_NOTHING */
    const char *(*text)(const struct atom *atom);              /* TAKES_WORDS */
    int64_t (*number)(const struct atoms *atoms, size_t atom); /* TAKES_NUMBERS */
    select_marker *marker;                                     /* the others */
    unsigned n_parameters;
    bool needs_coordinates;
    bool fold_case; /* TAKES_WORDS */
    bool own;       /* MDAnalysis has no such word: within a list it is a value */
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

/* The same of other numbers; one number is meant with a tolerance. */
struct select_interval {
    double low, high;
};

enum select_comparison {
    COMPARE_LESS,
    COMPARE_LESS_EQUAL,
    COMPARE_GREATER,
    COMPARE_GREATER_EQUAL,
    COMPARE_EQUAL,
    COMPARE_NOT_EQUAL,
};

enum select_op { SELECT_TERM, SELECT_MAP, SELECT_NOT, SELECT_AND, SELECT_OR };

enum { SELECT_PARAMETERS_MAX = 4 };

struct select_step {
    enum select_op op;
    size_t offset;                        /* in the text, for messages */
    const struct select_keyword *keyword; /* SELECT_TERM, SELECT_MAP */
    /* Its part of `words`, `ranges` or `intervals`, by what the keyword takes. */
    size_t first, n;
    double parameter[SELECT_PARAMETERS_MAX];
    const struct select_quantity *quantity;
    enum select_comparison comparison; /* with parameter[0] */
    bool absolute;
    bool needs_bonds;
    const struct index_group *group;
};

struct select_program {
    const char *text; /* the caller's, which the spans point into */
    struct select_step *steps;
    size_t n_steps, steps_capacity;
    struct select_span *words;
    size_t n_words, words_capacity;
    struct select_range *ranges;
    size_t n_ranges, ranges_capacity;
    struct select_interval *intervals;
    size_t n_intervals, intervals_capacity;
    size_t stack; /* masks alive at once */
    bool needs_coordinates, needs_bonds;
};

/* Parses text into *program (initialised empty by the caller). Of the scene only groups
   and, for hints, atoms are looked at. On failure -1; select_program_fini is due in
   either case. */
int select_parse(struct select_program *program, const char *text,
                 const struct select_scene *scene, struct err *err);
void select_program_fini(struct select_program *program);

/* Appends the values in a span of the text as numbers and ranges; see select_numbers.c.
 */
int select_parse_numbers(struct select_program *program, struct select_span span,
                         bool icodes, struct err *err);
int select_parse_floats(struct select_program *program, struct select_span span,
                        struct err *err);

/* A number that is a word by itself; -1 with the caret under it. */
int select_parse_float(const char *text, struct select_span span, double *out,
                       struct err *err);

/* Reads "[abs] QUANTITY OP NUMBER", with or without blanks, or "NUMBER OP QUANTITY",
   from an offset of the text into *step; *end is where it ends. */
int select_parse_comparison(const char *text, size_t offset, struct select_step *step,
                            size_t *end, struct err *err);

/* -1 when the word at span is nothing that `same` knows. */
int select_check_same(const char *text, struct select_span span,
                      const struct select_step *step, struct err *err);

/* What the program may select with any coordinates, of which the scene needs none: one
   byte an atom, 0 or 1, malloc'ed; NULL with *err set. */
uint8_t *select_possible(const struct select_program *program,
                         const struct select_scene *scene, struct err *err);

/* A term or a map of any kind. */
select_marker select_mark;

/* Whether a = b within numpy's 1e-5 |b| + 1e-8. */
bool select_is_close(double a, double b);

/* Markers: select_near.c, select_same.c, select_values.c. */
select_marker select_around, select_sphlayer, select_isolayer, select_sphzone,
    select_cylinder, select_point, select_byres, select_same, select_bonded,
    select_global, select_compare, select_group, select_atom_named;
select_marker select_words, select_numbers, select_resids, select_floats;

#endif
