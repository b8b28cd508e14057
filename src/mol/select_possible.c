/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an expression can select, whatever the coordinates: each term is known between
   two masks, the atoms that it takes in any case and those that it may take. Geometric
   words take none for certain and may take all; every other word keeps the order of the
   two, and `not` turns it around. */
#include "mol/select_expr.h"

#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Of one term; the stack holds as many as masks are alive at once. */
struct range {
    uint8_t *certain, *possible;
};

static bool is_geometric(const struct select_step *step)
{
    return (step->keyword && step->keyword->needs_coordinates) ||
           (step->quantity && step->quantity->needs_coordinates);
}

static void combine(uint8_t *left, const uint8_t *right, size_t n, enum select_op op)
{
    for (size_t i = 0; i < n; i++)
        left[i] = op == SELECT_AND ? left[i] & right[i] : left[i] | right[i];
}

/* Terms, and words that widen or narrow the term on the top. */
static int mark(const struct select_run *run, const struct select_step *step,
                struct range *top)
{
    size_t n = run->scene->atoms->n;
    if (is_geometric(step)) {
        memset(top->certain, 0, n);
        memset(top->possible, 1, n);
        return 0;
    }
    if (select_mark(run, step, top->possible) != 0)
        return -1;
    if (step->op == SELECT_MAP)
        return select_mark(run, step, top->certain);
    memcpy(top->certain, top->possible, n);
    return 0;
}

static void invert(struct range *top, size_t n)
{
    uint8_t *certain = top->certain;
    top->certain = top->possible;
    top->possible = certain;
    for (size_t i = 0; i < n; i++) {
        top->certain[i] ^= 1;
        top->possible[i] ^= 1;
    }
}

static int run_step(const struct select_run *run, const struct select_step *step,
                    struct range *stack, size_t *top)
{
    size_t n = run->scene->atoms->n;
    switch (step->op) {
    case SELECT_TERM:
        ++*top;
        return mark(run, step, &stack[*top - 1]);
    case SELECT_MAP:
        return mark(run, step, &stack[*top - 1]);
    case SELECT_NOT:
        invert(&stack[*top - 1], n);
        return 0;
    default:
        --*top;
        combine(stack[*top - 1].certain, stack[*top].certain, n, step->op);
        combine(stack[*top - 1].possible, stack[*top].possible, n, step->op);
        return 0;
    }
}

uint8_t *select_possible(const struct select_program *program,
                         const struct select_scene *scene, struct err *err)
{
    const struct select_run run = {scene, program, err};
    size_t n = scene->atoms->n, top = 0;
    struct range *stack =
        alloc_zeroed(program->stack, sizeof *stack, "a selection", err);
    uint8_t *result = NULL;
    bool failed = !stack;
    for (size_t i = 0; i < program->stack && !failed; i++) {
        stack[i].certain = alloc_zeroed(n, 1, "a selection", err);
        stack[i].possible = alloc_zeroed(n, 1, "a selection", err);
        failed = !stack[i].certain || !stack[i].possible;
    }
    for (size_t i = 0; i < program->n_steps && !failed; i++)
        failed = run_step(&run, &program->steps[i], stack, &top) != 0;
    if (!failed) {
        result = stack[0].possible;
        stack[0].possible = NULL;
    }
    for (size_t i = 0; stack && i < program->stack; i++) {
        free(stack[i].certain);
        free(stack[i].possible);
    }
    free(stack);
    return result;
}
