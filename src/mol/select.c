/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mol/select.h"

#include "mol/residues.h"
#include "mol/select_expr.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

static bool any_word(const struct select_program *program,
                     const struct select_step *step, const char *value)
{
    for (size_t i = step->first; i < step->first + step->n; i++) {
        struct select_span word = program->words[i];
        if (select_match(program->text + word.offset, word.length, value,
                         step->keyword->fold_case))
            return true;
    }
    return false;
}

static void mark_words(uint8_t *mask, const struct select_program *program,
                       const struct select_step *step, const struct atoms *atoms)
{
    /* Neighbours mostly share residue and segment: their verdict is kept. */
    const char *last = NULL;
    for (size_t i = 0; i < atoms->n; i++) {
        const char *value = step->keyword->text(&atoms->at[i]);
        mask[i] = last && strcmp(last, value) == 0 ? mask[i - 1]
                                                   : any_word(program, step, value);
        last = value;
    }
}

/* 163 is the residue without an insertion code; 163A:164 starts at 163A and ends before
   164A; 163:164 contains 163A. */
static bool in_resids(const struct select_range *range, const struct atom *atom)
{
    int64_t resid = atom->resid;
    return range->low <= resid && resid <= range->high &&
           (resid != range->low || atom->icode >= range->low_icode) &&
           (resid != range->high || atom->icode <= range->high_icode);
}

static bool any_range(const struct select_program *program,
                      const struct select_step *step, const struct atoms *atoms,
                      size_t atom)
{
    int64_t number = (int64_t)atom + step->keyword->first;
    for (size_t i = step->first; i < step->first + step->n; i++) {
        const struct select_range *range = &program->ranges[i];
        bool in = step->keyword->takes == TAKES_RESIDS
                      ? in_resids(range, &atoms->at[atom])
                      : range->low <= number && number <= range->high;
        if (in)
            return true;
    }
    return false;
}

static void mark_term(uint8_t *mask, const struct select_program *program,
                      const struct select_step *step, const struct atoms *atoms)
{
    switch (step->keyword->takes) {
    case TAKES_NOTHING:
        for (size_t i = 0; i < atoms->n; i++)
            mask[i] = step->keyword->is(&atoms->at[i]);
        break;
    case TAKES_WORDS:
        mark_words(mask, program, step, atoms);
        break;
    case TAKES_NUMBERS:
    case TAKES_RESIDS:
        for (size_t i = 0; i < atoms->n; i++)
            mask[i] = any_range(program, step, atoms, i);
        break;
    }
}

static void combine(uint8_t *left, const uint8_t *right, size_t n, enum select_op op)
{
    for (size_t i = 0; i < n; i++)
        left[i] = op == SELECT_AND ? left[i] & right[i] : left[i] | right[i];
}

uint8_t *select_evaluate(const struct select_program *program,
                         const struct atoms *atoms, struct err *err)
{
    uint8_t **masks = alloc_zeroed(program->stack, sizeof *masks, "a selection", err);
    uint8_t *result = NULL;
    size_t top = 0; /* masks in use */
    if (!masks)
        return NULL;
    for (size_t i = 0; i < program->n_steps; i++) {
        const struct select_step *step = &program->steps[i];
        if (step->op == SELECT_TERM) {
            if (!masks[top] &&
                !(masks[top] = alloc_zeroed(atoms->n, 1, "a selection", err)))
                goto done;
            mark_term(masks[top++], program, step, atoms);
        } else if (step->op == SELECT_NOT) {
            for (size_t k = 0; k < atoms->n; k++)
                masks[top - 1][k] ^= 1;
        } else {
            top--;
            combine(masks[top - 1], masks[top], atoms->n, step->op);
        }
    }
    result = masks[0];
    masks[0] = NULL;
done:
    for (size_t i = 0; i < program->stack; i++)
        free(masks[i]);
    free(masks);
    return result;
}

static int collect(struct selection *selection, const uint8_t *mask, size_t n_atoms,
                   struct err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < n_atoms; i++)
        n += mask[i];
    selection->index = alloc_zeroed(n, sizeof *selection->index, "a selection", err);
    if (!selection->index)
        return -1;
    selection->n = n;
    for (size_t i = 0, k = 0; i < n_atoms; i++)
        if (mask[i])
            selection->index[k++] = (uint32_t)i;
    return 0;
}

int select_atoms(struct selection *selection, const struct atoms *atoms,
                 const char *expression, struct err *err)
{
    struct select_program program = {0};
    uint8_t *mask = NULL;
    int rc = -1;
    *selection = (struct selection){0};
    if (select_parse(&program, expression, atoms, err) != 0)
        goto done;
    mask = select_evaluate(&program, atoms, err);
    if (mask)
        rc = collect(selection, mask, atoms->n, err);
done:
    free(mask);
    select_program_fini(&program);
    return rc;
}

static bool has_polymer(const struct atoms *atoms)
{
    for (size_t i = 0; i < atoms->n; i++)
        if (residue_is_protein(atoms->at[i].resname) ||
            residue_is_nucleic(atoms->at[i].resname))
            return true;
    return false;
}

int select_default(struct selection *selection, const struct atoms *atoms,
                   const char **expression, struct err *err)
{
    if (atoms->bare_balls)
        *expression = "all";
    else if (has_polymer(atoms))
        *expression = "protein or nucleic";
    else
        *expression = "not (water or ion)";
    return select_atoms(selection, atoms, *expression, err);
}

void selection_fini(struct selection *selection)
{
    free(selection->index);
    *selection = (struct selection){0};
}
