/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What atoms are compared with: words, numbers, comparisons, groups. */
#include "mol/select_expr.h"

#include "mol/elements.h"
#include "mol/index_groups.h"

#include <math.h>
#include <string.h>

static double x_of(const struct select_scene *scene, size_t atom)
{
    return scene->xyz[3 * atom];
}

static double y_of(const struct select_scene *scene, size_t atom)
{
    return scene->xyz[3 * atom + 1];
}

static double z_of(const struct select_scene *scene, size_t atom)
{
    return scene->xyz[3 * atom + 2];
}

/* Without element an atom weighs nothing, as a virtual site does. */
static double mass_of(const struct select_scene *scene, size_t i)
{
    const struct atom *atom = &scene->atoms->at[i];
    double mass = isnan(atom->mass) ? element_mass(atom->element) : atom->mass;
    return isnan(mass) ? 0 : mass;
}

static double charge_of(const struct select_scene *scene, size_t atom)
{
    return scene->atoms->at[atom].charge;
}

static double radius_of(const struct select_scene *scene, size_t atom)
{
    return scene->atoms->at[atom].radius;
}

static double occupancy_of(const struct select_scene *scene, size_t atom)
{
    return (double)scene->atoms->at[atom].occupancy;
}

static double bfactor_of(const struct select_scene *scene, size_t atom)
{
    return (double)scene->atoms->at[atom].bfactor;
}

static double resid_of(const struct select_scene *scene, size_t atom)
{
    return scene->atoms->at[atom].resid;
}

static double resindex_of(const struct select_scene *scene, size_t atom)
{
    return scene->atoms->at[atom].residue;
}

static double index_of(const struct select_scene *scene, size_t atom)
{
    (void)scene;
    return (double)atom;
}

static const struct select_quantity quantities[] = {
    {"x", x_of, true, true},
    {"y", y_of, true, true},
    {"z", z_of, true, true},
    {"mass", mass_of, false, false},
    {"charge", charge_of, false, true},
    {"radius", radius_of, false, true},
    {"occupancy", occupancy_of, false, true},
    {"tempfactor", bfactor_of, false, true},
    {"bfactor", bfactor_of, false, true},
    {"resid", resid_of, false, false},
    {"resnum", resid_of, false, false},
    {"resindex", resindex_of, false, false},
    {"index", index_of, false, false},
};

const struct select_quantity *select_quantity(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof quantities / sizeof *quantities; i++)
        if (strlen(quantities[i].name) == length &&
            strncmp(quantities[i].name, name, length) == 0)
            return &quantities[i];
    return NULL;
}

double select_quantity_of(const struct select_quantity *quantity,
                          const struct select_scene *scene, size_t atom)
{
    double value = quantity->of(scene, atom);
    return quantity->single ? (double)(float)value : value;
}

bool select_is_close(double a, double b)
{
    return fabs(a - b) <= 1e-8 + 1e-5 * fabs(b);
}

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

int select_words(const struct select_run *run, const struct select_step *step,
                 uint8_t *mask)
{
    const struct atoms *atoms = run->scene->atoms;
    /* Neighbours mostly share residue and segment: their verdict is kept. */
    const char *last = NULL;
    for (size_t i = 0; i < atoms->n; i++) {
        const char *value = step->keyword->text(&atoms->at[i]);
        mask[i] = last && strcmp(last, value) == 0
                      ? mask[i - 1]
                      : any_word(run->program, step, value);
        last = value;
    }
    return 0;
}

int select_numbers(const struct select_run *run, const struct select_step *step,
                   uint8_t *mask)
{
    const struct select_range *range = run->program->ranges + step->first;
    const struct atoms *atoms = run->scene->atoms;
    for (size_t i = 0; i < atoms->n; i++) {
        int64_t number = step->keyword->number(atoms, i);
        mask[i] = 0;
        for (size_t k = 0; k < step->n && !mask[i]; k++)
            mask[i] = range[k].low <= number && number <= range[k].high;
    }
    return 0;
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

int select_resids(const struct select_run *run, const struct select_step *step,
                  uint8_t *mask)
{
    const struct select_range *range = run->program->ranges + step->first;
    const struct atoms *atoms = run->scene->atoms;
    for (size_t i = 0; i < atoms->n; i++) {
        mask[i] = 0;
        for (size_t k = 0; k < step->n && !mask[i]; k++)
            mask[i] = in_resids(&range[k], &atoms->at[i]);
    }
    return 0;
}

/* A property that no atom has is a question that the file cannot answer; where some
   have it, the others compare as false. */
static int need_quantity(const struct select_run *run, const struct select_step *step)
{
    size_t n = run->scene->atoms->n;
    for (size_t i = 0; i < n; i++)
        if (step->quantity->needs_coordinates ||
            !isnan(step->quantity->of(run->scene, i)))
            return 0;
    return n == 0
               ? 0
               : select_fail(run->err, run->program->text, step->offset,
                             "no atom of this topology has a %s", step->quantity->name);
}

int select_floats(const struct select_run *run, const struct select_step *step,
                  uint8_t *mask)
{
    const struct select_interval *interval = run->program->intervals + step->first;
    size_t n = run->scene->atoms->n;
    if (need_quantity(run, step) != 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        double value = select_quantity_of(step->quantity, run->scene, i);
        mask[i] = 0;
        for (size_t k = 0; k < step->n && !mask[i]; k++) {
            double low = interval[k].low, high = interval[k].high;
            if (low == high)
                mask[i] = select_is_close(value, low);
            else if (step->quantity->single)
                mask[i] = value >= (double)(float)low && value <= (double)(float)high;
            else
                mask[i] = value >= low && value <= high;
        }
    }
    return 0;
}

static bool compare(double value, enum select_comparison how, double with)
{
    switch (how) {
    case COMPARE_LESS:
        return value < with;
    case COMPARE_LESS_EQUAL:
        return value <= with;
    case COMPARE_GREATER:
        return value > with;
    case COMPARE_GREATER_EQUAL:
        return value >= with;
    case COMPARE_EQUAL:
        return select_is_close(value, with);
    default:
        return value != with;
    }
}

int select_compare(const struct select_run *run, const struct select_step *step,
                   uint8_t *mask)
{
    size_t n = run->scene->atoms->n;
    double with = step->parameter[0];
    if (need_quantity(run, step) != 0)
        return -1;
    if (step->quantity->single && step->comparison != COMPARE_EQUAL)
        with = (double)(float)with;
    for (size_t i = 0; i < n; i++) {
        double value = select_quantity_of(step->quantity, run->scene, i);
        if (step->absolute)
            value = fabs(value);
        mask[i] = !isnan(value) && compare(value, step->comparison, with);
    }
    return 0;
}

int select_group(const struct select_run *run, const struct select_step *step,
                 uint8_t *mask)
{
    memset(mask, 0, run->scene->atoms->n);
    for (size_t i = 0; i < step->group->n; i++)
        if (step->group->atom[i] < run->scene->atoms->n)
            mask[step->group->atom[i]] = 1;
    return 0;
}

static bool same_word(const struct select_run *run, size_t word, const char *text)
{
    struct select_span span = run->program->words[word];
    return strlen(text) == span.length &&
           memcmp(run->program->text + span.offset, text, span.length) == 0;
}

/* "atom SEGID RESID NAME": no wildcards, no insertion code. */
int select_atom_named(const struct select_run *run, const struct select_step *step,
                      uint8_t *mask)
{
    const struct atoms *atoms = run->scene->atoms;
    for (size_t i = 0; i < atoms->n; i++)
        mask[i] = (double)atoms->at[i].resid == step->parameter[0] &&
                  same_word(run, step->first + 2, atoms->at[i].name) &&
                  same_word(run, step->first, atoms->at[i].segid);
    return 0;
}
