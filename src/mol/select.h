/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_MOL_SELECT_H
#define FRAMEWALK_MOL_SELECT_H

#include "mol/atoms.h"
#include "util/err.h"

#include <stdbool.h>

/* Selected atoms, ascending. */
struct selection {
    size_t n;
    uint32_t *index; /* 0-based */
};

struct index_groups;

/* What a selection is made from. */
struct select_scene {
    const struct atoms *atoms;
    /* 3 an atom, A, for geometric words; NULL where there are none. Positions count as
       float32, in which MDAnalysis keeps them. */
    const double *xyz;
    const double
        *box; /* a, b, c, alpha, beta, gamma; NULL for distances without images */
    const struct index_groups *groups; /* NULL where there are none */
};

/* An expression that has been parsed. The language is MDAnalysis's; docs/selection.md
   describes it. `not` binds tightest; `and` and `or` bind alike, from left to right:
   `a or b and c` is `(a or b) and c`. Words that take a selection (around, byres, same
   ... as) take all that follows them up to a closing parenthesis. */
struct selector;

/* Parses. The text is copied; atoms and groups are borrowed as long as the selector
   lives. NULL with ERR_USAGE for a malformed expression: what is wrong, the expression
   and a caret under the column, on three lines. */
struct selector *selector_create(const struct select_scene *scene, const char *text,
                                 struct err *err);
void selector_destroy(struct selector *selector);

/* Whether the atoms selected depend on coordinates. */
bool selector_needs_coordinates(const struct selector *selector);
/* Or on bonds (bonded, same fragment). */
bool selector_needs_bonds(const struct selector *selector);

/* Fills *selection, empty when nothing is selected. -1 with nothing left to free:
   ERR_USAGE where the expression asks for what the scene has not (coordinates, bonds,
   charges, radii). */
int selector_evaluate(const struct selector *selector, const struct select_scene *scene,
                      struct selection *selection, struct err *err);

/* The atoms that it may select with any coordinates, which the scene need not have: all
   that other words leave over. */
int selector_possible(const struct selector *selector, const struct select_scene *scene,
                      struct selection *selection, struct err *err);

/* Both in one, for a scene without coordinates or groups. */
int select_atoms(struct selection *selection, const struct atoms *atoms,
                 const char *expression, struct err *err);

/* What a run takes when nothing is asked for, as an expression (static storage): all
   balls of a bare body; else `protein or nucleic` where there is any; else everything
   but water and ions. */
const char *select_default_words(const struct atoms *atoms);

/* Selects that. */
int select_default(struct selection *selection, const struct atoms *atoms,
                   const char **expression, struct err *err);

void selection_fini(struct selection *selection);

#endif
