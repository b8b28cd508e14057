/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/coverage.h"

#include "mol/elements.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 80, COLUMNS_BEFORE_NAMES = 34, NAMES_MORE = 12 /* " and 123 more" */ };

/* As radii_coverage labels its rows. */
static bool belongs(const struct atom *atom, const struct radii_row *row)
{
    const char *label = atom->element ? element_symbol(atom->element)
                        : *atom->name ? atom->name
                                      : "ball";
    return strcmp(label, row->label) == 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The distinct names of a row's atoms, sorted; malloc'ed, NULL without memory. */
static const char **list_names(const struct inputs *in, const struct radii_row *row,
                               size_t *n)
{
    const struct selection *selection = &in->selection;
    const char **name = malloc((row->count + 1) * sizeof *name);
    size_t found = 0;
    *n = 0;
    if (!name)
        return NULL;
    for (size_t i = 0; i < selection->n && found < row->count; i++) {
        const struct atom *atom = &in->topology.atoms.at[selection->index[i]];
        if (belongs(atom, row))
            name[found++] = atom->name;
    }
    qsort(name, found, sizeof *name, compare_names);
    for (size_t i = 0; i < found; i++)
        if (i == 0 || strcmp(name[i], name[*n - 1]) != 0)
            name[(*n)++] = name[i];
    return name;
}

static void print_names(const struct inputs *in, const struct radii_row *row,
                        FILE *stream)
{
    size_t n, used = COLUMNS_BEFORE_NAMES, k = 0;
    const char **name = list_names(in, row, &n);
    for (; name && k < n; k++) {
        size_t width = strlen(name[k]) + 1, reserve = k + 1 < n ? NAMES_MORE : 0;
        if (used + width + reserve >= COLUMNS)
            break;
        used += width;
        fprintf(stream, "%s%s", k ? " " : "", name[k]);
    }
    if (name && k < n)
        fprintf(stream, " and %zu more", n - k);
    free(name);
}

void coverage_print(const struct inputs *in, FILE *stream)
{
    size_t n;
    if (!in->radius)
        return;
    struct radii_row *row =
        radii_coverage(&in->topology.atoms, &in->selection, in->radius, &n, NULL);
    if (!row)
        return;
    fprintf(stream, "  %-8s %8s  %-12s %s\n", "element", "atoms",
            in->topology.abstract_length ? "radius (L)" : "radius (A)", "names");
    for (size_t i = 0; i < n; i++) {
        char radius[64];
        if (row[i].radius_max > row[i].radius)
            snprintf(radius, sizeof radius, "%g to %g", row[i].radius,
                     row[i].radius_max);
        else
            snprintf(radius, sizeof radius, "%g", row[i].radius);
        fprintf(stream, "  %-8s %8zu  %-12s ", row[i].label, row[i].count, radius);
        print_names(in, &row[i], stream);
        fputc('\n', stream);
    }
    free(row);
}

static json_t *row_json(const struct inputs *in, const struct radii_row *row)
{
    size_t n;
    const char **name = list_names(in, row, &n);
    json_t *names = json_array();
    for (size_t i = 0; name && i < n; i++)
        json_array_append_new(names, json_string(name[i]));
    free(name);
    return json_pack("{s:s, s:o, s:I, s:f, s:f}", "element", row->label, "names", names,
                     "count", (json_int_t)row->count, "radius", row->radius,
                     "radius_max", row->radius_max);
}

json_t *coverage_json(const struct inputs *in)
{
    size_t n = 0;
    json_t *rows = json_array();
    struct radii_row *row = NULL;
    if (in->radius)
        row = radii_coverage(&in->topology.atoms, &in->selection, in->radius, &n, NULL);
    for (size_t i = 0; row && i < n; i++)
        json_array_append_new(rows, row_json(in, &row[i]));
    free(row);
    return rows;
}
