/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mol/select.h"

#include "mol/residues.h"
#include "mol/select_expr.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

int select_mark(const struct select_run *run, const struct select_step *step,
                uint8_t *mask)
{
    const struct atoms *atoms = run->scene->atoms;
    switch (step->keyword->takes) {
    case TAKES_NOTHING:
        for (size_t i = 0; i < atoms->n; i++)
            mask[i] = step->keyword->is(&atoms->at[i]);
        return 0;
    case TAKES_WORDS:
        return select_words(run, step, mask);
    case TAKES_NUMBERS:
        return select_numbers(run, step, mask);
    case TAKES_RESIDS:
        return select_resids(run, step, mask);
    case TAKES_FLOATS:
        return select_floats(run, step, mask);
    default:
        return step->keyword->marker(run, step, mask);
    }
}

static void combine(uint8_t *left, const uint8_t *right, size_t n, enum select_op op)
{
    for (size_t i = 0; i < n; i++)
        left[i] = op == SELECT_AND ? left[i] & right[i] : left[i] | right[i];
}

/* One step, on a stack whose `*top` masks are in use. */
static int evaluate_step(const struct select_run *run, const struct select_step *step,
                         uint8_t **masks, size_t *top)
{
    size_t n = run->scene->atoms->n;
    switch (step->op) {
    case SELECT_TERM:
        if (!masks[*top] &&
            !(masks[*top] = alloc_zeroed(n, 1, "a selection", run->err)))
            return -1;
        return select_mark(run, step, masks[(*top)++]);
    case SELECT_MAP:
        return step->keyword->marker(run, step, masks[*top - 1]);
    case SELECT_NOT:
        for (size_t i = 0; i < n; i++)
            masks[*top - 1][i] ^= 1;
        return 0;
    default:
        --*top;
        combine(masks[*top - 1], masks[*top], n, step->op);
        return 0;
    }
}

/* One byte an atom, 0 or 1, malloc'ed; NULL with *err set. */
static uint8_t *evaluate(const struct select_program *program,
                         const struct select_scene *scene, struct err *err)
{
    const struct select_run run = {scene, program, err};
    uint8_t **masks = alloc_zeroed(program->stack, sizeof *masks, "a selection", err);
    uint8_t *result = NULL;
    size_t top = 0;
    bool failed = !masks;
    for (size_t i = 0; i < program->n_steps && !failed; i++)
        failed = evaluate_step(&run, &program->steps[i], masks, &top) != 0;
    if (!failed) {
        result = masks[0];
        masks[0] = NULL;
    }
    for (size_t i = 0; masks && i < program->stack; i++)
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

struct selector {
    struct select_program program;
    char *text;
};

struct selector *selector_create(const struct select_scene *scene, const char *text,
                                 struct err *err)
{
    struct selector *selector = alloc_zeroed(1, sizeof *selector, "a selection", err);
    if (!selector)
        return NULL;
    selector->text = alloc_string(text, err);
    if (selector->text &&
        select_parse(&selector->program, selector->text, scene, err) == 0)
        return selector;
    selector_destroy(selector);
    return NULL;
}

void selector_destroy(struct selector *selector)
{
    if (!selector)
        return;
    select_program_fini(&selector->program);
    free(selector->text);
    free(selector);
}

bool selector_needs_coordinates(const struct selector *selector)
{
    return selector->program.needs_coordinates;
}

bool selector_needs_bonds(const struct selector *selector)
{
    return selector->program.needs_bonds;
}

/* The word that the coordinates are needed for. */
static size_t geometric_offset(const struct select_program *program)
{
    for (size_t i = 0; i < program->n_steps; i++) {
        const struct select_step *step = &program->steps[i];
        if ((step->keyword && step->keyword->needs_coordinates) ||
            (step->quantity && step->quantity->needs_coordinates))
            return step->offset;
    }
    return 0;
}

int selector_evaluate(const struct selector *selector, const struct select_scene *scene,
                      struct selection *selection, struct err *err)
{
    const struct select_program *program = &selector->program;
    *selection = (struct selection){0};
    if (program->needs_coordinates && !scene->xyz)
        return select_fail(err, program->text, geometric_offset(program),
                           "this needs coordinates, which are not there");
    uint8_t *mask = evaluate(program, scene, err);
    int rc = mask ? collect(selection, mask, scene->atoms->n, err) : -1;
    free(mask);
    return rc;
}

int selector_possible(const struct selector *selector, const struct select_scene *scene,
                      struct selection *selection, struct err *err)
{
    *selection = (struct selection){0};
    uint8_t *mask = select_possible(&selector->program, scene, err);
    int rc = mask ? collect(selection, mask, scene->atoms->n, err) : -1;
    free(mask);
    return rc;
}

int select_atoms(struct selection *selection, const struct atoms *atoms,
                 const char *expression, struct err *err)
{
    const struct select_scene scene = {.atoms = atoms};
    struct selector *selector = selector_create(&scene, expression, err);
    *selection = (struct selection){0};
    int rc = selector ? selector_evaluate(selector, &scene, selection, err) : -1;
    selector_destroy(selector);
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

const char *select_default_words(const struct atoms *atoms)
{
    if (atoms->bare_balls)
        return "all";
    return has_polymer(atoms) ? "protein or nucleic" : "not (water or ion)";
}

int select_default(struct selection *selection, const struct atoms *atoms,
                   const char **expression, struct err *err)
{
    *expression = select_default_words(atoms);
    return select_atoms(selection, atoms, *expression, err);
}

void selection_fini(struct selection *selection)
{
    free(selection->index);
    *selection = (struct selection){0};
}
