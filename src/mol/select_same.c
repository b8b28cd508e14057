/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words that widen a selection: to residues, molecules, partners, equal properties. */
#include "mol/select_expr.h"

#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int select_global(const struct select_run *run, const struct select_step *step,
                  uint8_t *mask)
{
    (void)run, (void)step, (void)mask;
    return 0; /* a selection is always made from all atoms */
}

/* Selects the atoms whose part (residue, molecule) holds a selected one. */
static int widen(const struct select_run *run, uint8_t *mask, size_t n_parts,
                 uint32_t (*part_of)(const struct atoms *atoms, size_t atom))
{
    const struct atoms *atoms = run->scene->atoms;
    uint8_t *wanted = alloc_zeroed(n_parts, 1, "a selection", run->err);
    if (!wanted)
        return -1;
    for (size_t i = 0; i < atoms->n; i++)
        if (mask[i])
            wanted[part_of(atoms, i)] = 1;
    for (size_t i = 0; i < atoms->n; i++)
        mask[i] = wanted[part_of(atoms, i)];
    free(wanted);
    return 0;
}

static uint32_t residue_of(const struct atoms *atoms, size_t atom)
{
    return atoms->at[atom].residue;
}

static uint32_t fragment_of(const struct atoms *atoms, size_t atom)
{
    return atoms->bonds.fragment[atom];
}

int select_byres(const struct select_run *run, const struct select_step *step,
                 uint8_t *mask)
{
    (void)step;
    return widen(run, mask, run->scene->atoms->n_residues, residue_of);
}

static int need_bonds(const struct select_run *run, const struct select_step *step)
{
    const struct bonds *bonds = &run->scene->atoms->bonds;
    if (bonds->first && (bonds->n > 0 || run->scene->atoms->n == 0))
        return 0;
    return select_fail(run->err, run->program->text, step->offset,
                       "the topology tells no bonds");
}

int select_bonded(const struct select_run *run, const struct select_step *step,
                  uint8_t *mask)
{
    const struct bonds *bonds = &run->scene->atoms->bonds;
    size_t n = run->scene->atoms->n;
    if (need_bonds(run, step) != 0)
        return -1;
    /* Bit 0: selected; bit 1: partner of one that is. */
    for (size_t i = 0; i < bonds->n; i++) {
        struct bond bond = bonds->pair[i];
        mask[bond.a] |= (uint8_t)((mask[bond.b] & 1) << 1);
        mask[bond.b] |= (uint8_t)((mask[bond.a] & 1) << 1);
    }
    for (size_t i = 0; i < n; i++)
        mask[i] >>= 1;
    return 0;
}

static const char *const words[] = {"name", "type", "resname", "segid"};

enum { N_WORDS = sizeof words / sizeof *words };

static const char *word_of(const struct atom *atom, size_t word)
{
    const char *const text[N_WORDS] = {atom->name, atom->type, atom->resname,
                                       atom->segid};
    return text[word];
}

static size_t find_word(const char *text, struct select_span span)
{
    for (size_t i = 0; i < N_WORDS; i++)
        if (select_span_is(text, span, words[i]))
            return i;
    return N_WORDS;
}

int select_check_same(const char *text, struct select_span span,
                      const struct select_step *step, struct err *err)
{
    if (step->quantity || find_word(text, span) < N_WORDS ||
        select_span_is(text, span, "residue") ||
        select_span_is(text, span, "segment") || select_span_is(text, span, "fragment"))
        return 0;
    return select_fail(err, text, span.offset,
                       "expected residue, segment, fragment, name, type, resname, "
                       "resid, segid, x, y, z, mass, charge or radius");
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int same_word(const struct select_run *run, size_t word, uint8_t *mask)
{
    const struct atoms *atoms = run->scene->atoms;
    const char **wanted =
        alloc_zeroed(atoms->n, sizeof *wanted, "a selection", run->err);
    size_t n = 0;
    if (!wanted)
        return -1;
    /* The atoms' order repeats few values in long runs: those are not kept twice. */
    for (size_t i = 0; i < atoms->n; i++) {
        const char *text = word_of(&atoms->at[i], word);
        if (mask[i] && (n == 0 || strcmp(wanted[n - 1], text) != 0))
            wanted[n++] = text;
    }
    if (n)
        qsort(wanted, n, sizeof *wanted, compare_texts);
    for (size_t i = 0; i < atoms->n; i++) {
        const char *text = word_of(&atoms->at[i], word);
        mask[i] = n && bsearch(&text, wanted, n, sizeof *wanted, compare_texts);
    }
    free(wanted);
    return 0;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Whether `value` equals one of n ascending numbers; positions within numpy's
   tolerance. */
static bool among(const double *numbers, size_t n, double value, bool close)
{
    /* A little more than the tolerance of any number that is close. */
    double margin = close ? 1e-7 + 1.1e-5 * fabs(value) : 0;
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (numbers[middle] < value - margin)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < n && numbers[low] <= value + margin; low++)
        if (close ? select_is_close(value, numbers[low]) : value == numbers[low])
            return true;
    return false;
}

static int same_number(const struct select_run *run, const struct select_step *step,
                       uint8_t *mask)
{
    size_t n_atoms = run->scene->atoms->n, n = 0;
    double *wanted = alloc_zeroed(n_atoms, sizeof *wanted, "a selection", run->err);
    if (!wanted)
        return -1;
    for (size_t i = 0; i < n_atoms; i++) {
        double value = select_quantity_of(step->quantity, run->scene, i);
        if (mask[i] && !isnan(value))
            wanted[n++] = value;
    }
    if (n)
        qsort(wanted, n, sizeof *wanted, compare_doubles);
    for (size_t i = 0; i < n_atoms; i++) {
        double value = select_quantity_of(step->quantity, run->scene, i);
        mask[i] = among(wanted, n, value, step->quantity->needs_coordinates);
    }
    free(wanted);
    return 0;
}

int select_same(const struct select_run *run, const struct select_step *step,
                uint8_t *mask)
{
    const char *text = run->program->text;
    struct select_span span = run->program->words[step->first];
    if (step->quantity)
        return same_number(run, step, mask);
    if (select_span_is(text, span, "residue"))
        return select_byres(run, step, mask);
    if (select_span_is(text, span, "fragment"))
        return need_bonds(run, step) != 0
                   ? -1
                   : widen(run, mask, run->scene->atoms->bonds.n_fragments,
                           fragment_of);
    if (select_span_is(text, span, "segment"))
        return same_word(run, N_WORDS - 1, mask);
    return same_word(run, find_word(text, span), mask);
}
