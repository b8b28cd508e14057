/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mol/radii.h"

#include "mol/elements.h"
#include "mol/radii_sets.h"
#include "mol/residues.h"
#include "util/alloc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Kang, Mansfield and Douglas, Phys. Rev. E 69, 031918 (2004). */
static const double ca5_radius = 5.0;

static double of_bondi(const struct atom *atom)
{
    return radii_bondi(atom->element);
}

static double of_zeno(const struct atom *atom)
{
    return radii_zeno(atom->element);
}

/* Of residues that are protein only: a calcium ion is called CA too. */
static double of_ca5(const struct atom *atom)
{
    bool alpha = strcmp(atom->name, "CA") == 0 && residue_is_protein(atom->resname);
    return alpha ? ca5_radius : NAN;
}

static double of_file(const struct atom *atom)
{
    return atom->radius > 0 && isfinite(atom->radius) ? atom->radius : NAN;
}

static const struct {
    const char *name;
    double (*radius)(const struct atom *atom);
} sets[] = {
    {"bondi", of_bondi},
    {"zeno", of_zeno},
    {"ca5", of_ca5},
    {"file", of_file},
};

/* Table radii; NaN where there is none. */
static int look_up(double *radii, const struct atoms *atoms,
                   const struct selection *selection, const char *set, struct err *err)
{
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++) {
        if (strcmp(sets[k].name, set) != 0)
            continue;
        for (size_t i = 0; i < selection->n; i++)
            radii[i] = sets[k].radius(&atoms->at[selection->index[i]]);
        return 0;
    }
    struct radii_rules *rules = radii_rules_read(set, err);
    if (!rules)
        return -1;
    for (size_t i = 0; i < selection->n; i++)
        radii[i] = radii_rules_find(rules, &atoms->at[selection->index[i]]);
    radii_rules_destroy(rules);
    return 0;
}

int radii_masses(struct atoms *atoms, const struct selection *selection,
                 const char *set, struct err *err)
{
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++)
        if (strcmp(sets[k].name, set) == 0)
            return 0;
    struct radii_rules *rules = radii_rules_read(set, err);
    if (!rules)
        return -1;
    for (size_t i = 0; i < selection->n; i++) {
        struct atom *atom = &atoms->at[selection->index[i]];
        double mass = radii_rules_mass(rules, atom);
        if (!isnan(mass))
            atom->mass = mass;
    }
    radii_rules_destroy(rules);
    return 0;
}

static int compare_types(const void *a, const void *b)
{
    const struct atom *left = *(const struct atom *const *)a;
    const struct atom *right = *(const struct atom *const *)b;
    int order = strcmp(left->resname, right->resname);
    return order ? order : strcmp(left->name, right->name);
}

static void describe_type(char *text, size_t size, const struct atom *atom, size_t n)
{
    snprintf(text, size, "%s%s%s (%zu atom%s)", atom->resname,
             atom->resname[0] ? ":" : "", atom->name[0] ? atom->name : "unnamed", n,
             n == 1 ? "" : "s");
}

/* Number of atoms of the first type in a sorted list. */
static size_t run_length(const struct atom *const *sorted, size_t n)
{
    size_t length = 1;
    while (length < n && compare_types(&sorted[0], &sorted[length]) == 0)
        length++;
    return length;
}

/* "set 'bondi' has no radius for SOL:MW (12 atoms), ..., and 3 more types". */
static void set_missing(const struct atom **missing, size_t n, const char *set,
                        struct err *err)
{
    /* Leaves room for the count, and for what callers put in front. */
    enum { LIST_BYTES = ERR_TEXT_BYTES - 320 };
    char list[LIST_BYTES] = "", type[96];
    size_t used = 0, left_out = 0;
    qsort(missing, n, sizeof *missing, compare_types);
    for (size_t i = 0, length; i < n; i += length) {
        length = run_length(missing + i, n - i);
        describe_type(type, sizeof type, missing[i], length);
        if (left_out > 0 || used + strlen(type) + 3 > sizeof list)
            left_out++;
        else
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s",
                                     used ? ", " : "", type);
    }
    for (char *c = list; *c; c++) /* names come from a file as they are */
        *c = *c >= ' ' && *c <= '~' ? *c : '?';
    char rest[48] = "";
    if (left_out > 0)
        snprintf(rest, sizeof rest, " ... and %zu more type%s", left_out,
                 left_out == 1 ? "" : "s");
    err_set(err, ERR_INPUT, "radii '%.100s' have none for %s%s", set, list, rest);
}

static int check_found(const double *radii, const struct atoms *atoms,
                       const struct selection *selection, const char *set,
                       struct err *err)
{
    size_t n = 0;
    for (size_t i = 0; i < selection->n; i++)
        n += isnan(radii[i]) ? 1 : 0;
    if (n == 0)
        return 0;
    const struct atom **missing = alloc_zeroed(n, sizeof *missing, "radii", err);
    if (!missing)
        return -1;
    for (size_t i = 0, k = 0; i < selection->n; i++)
        if (isnan(radii[i]))
            missing[k++] = &atoms->at[selection->index[i]];
    set_missing(missing, n, set, err);
    free(missing);
    return -1;
}

static int scale_radii(double *radii, const struct atoms *atoms,
                       const struct selection *selection, double scale, double shell,
                       struct err *err)
{
    for (size_t i = 0; i < selection->n; i++) {
        double radius = radii[i] * scale + shell;
        if (!isfinite(radius) || radius <= 0) {
            const struct atom *atom = &atoms->at[selection->index[i]];
            return err_set(err, ERR_USAGE,
                           "radius %g of atom %s * scale %g + shell %g is not positive",
                           radii[i], atom->name, scale, shell);
        }
        radii[i] = radius;
    }
    return 0;
}

double *radii_assign(const struct atoms *atoms, const struct selection *selection,
                     const char *set, double scale, double shell, struct err *err)
{
    double *radii = alloc_zeroed(selection->n, sizeof *radii, "radii", err);
    if (!radii)
        return NULL;
    if (look_up(radii, atoms, selection, set, err) == 0 &&
        check_found(radii, atoms, selection, set, err) == 0 &&
        scale_radii(radii, atoms, selection, scale, shell, err) == 0)
        return radii;
    free(radii);
    return NULL;
}

static void widen(struct radii_row *row, const char *label, double radius)
{
    if (row->count++ == 0) {
        snprintf(row->label, sizeof row->label, "%s", label);
        row->radius = row->radius_max = radius;
    }
    row->radius = fmin(row->radius, radius);
    row->radius_max = fmax(row->radius_max, radius);
}

/* An atom and its radius, for sorting by what the row will be called. */
struct labelled {
    const char *label;
    double radius;
};

static const char *label_of(const struct atom *atom)
{
    if (atom->element)
        return element_symbol(atom->element);
    return atom->name[0] ? atom->name : "ball";
}

static int compare_labels(const void *a, const void *b)
{
    return strcmp(((const struct labelled *)a)->label,
                  ((const struct labelled *)b)->label);
}

static int compare_rows(const void *a, const void *b)
{
    const struct radii_row *left = a, *right = b;
    if (left->count != right->count)
        return left->count < right->count ? 1 : -1;
    return strcmp(left->label, right->label);
}

struct radii_row *radii_coverage(const struct atoms *atoms,
                                 const struct selection *selection, const double *radii,
                                 size_t *n, struct err *err)
{
    struct radii_row *rows = NULL;
    struct labelled *sorted =
        alloc_zeroed(selection->n, sizeof *sorted, "a table of radii", err);
    if (!sorted)
        return NULL;
    size_t n_rows = 0;
    for (size_t i = 0; i < selection->n; i++)
        sorted[i] = (struct labelled){
            label_of(&atoms->at[selection->index[i]]),
            radii[i],
        };
    qsort(sorted, selection->n, sizeof *sorted, compare_labels);
    for (size_t i = 0; i < selection->n; i++)
        n_rows += i == 0 || compare_labels(&sorted[i - 1], &sorted[i]) != 0;
    rows = alloc_zeroed(n_rows, sizeof *rows, "a table of radii", err);
    if (rows) {
        struct radii_row *row = rows;
        for (size_t i = 0; i < selection->n; i++) {
            if (i > 0 && compare_labels(&sorted[i - 1], &sorted[i]) != 0)
                row++;
            widen(row, sorted[i].label, sorted[i].radius);
        }
        qsort(rows, n_rows, sizeof *rows, compare_rows);
        *n = n_rows;
    }
    free(sorted);
    return rows;
}
