/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_MOL_SELECT_H
#define FRAMEWALK_MOL_SELECT_H

#include "mol/atoms.h"
#include "util/err.h"

/* Selected atoms, ascending. */
struct selection {
    size_t n;
    uint32_t *index; /* 0-based */
};

/* Evaluates an expression in MDAnalysis's words:
     all  protein  nucleic  backbone  water  ion            (ion is our own)
     name, resname, segid, chainID, element  WORD...        with *, ? and [abc]
   wildcards resid  N | N:M | N-M | N to M ...                      163A is an insertion
   code index  N | N:M | N-M ...                               from 0 bynum  ... from 1
     not, and, or, ( )
   `not` binds tightest. `and` and `or` bind alike, from left to right, which is what
   MDAnalysis does: `a or b and c` is `(a or b) and c`. Several words after a keyword
   are alternatives. Words are case sensitive (except elements); keywords and operators
   are not, but within a list of values only a keyword in its own spelling ends the
   list. A segid is the chain, or else SYSTEM, where the file has none. A malformed
   expression is ERR_USAGE with what is wrong, the expression and a caret under the
   column, on three lines; an expression that selects nothing gives n = 0 and no error.
   On failure -1, with nothing left to free. */
int select_atoms(struct selection *selection, const struct atoms *atoms,
                 const char *expression, struct err *err);

/* What a run takes when nothing is asked for: all balls of a bare body; else `protein
   or nucleic` where there is any; else everything but water and ions. *expression
   receives the words that say so (static storage). */
int select_default(struct selection *selection, const struct atoms *atoms,
                   const char **expression, struct err *err);

void selection_fini(struct selection *selection);

#endif
