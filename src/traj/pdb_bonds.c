/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/pdb_bonds.h"

#include "traj/pdb.h"
#include "traj/text.h"
#include "util/alloc.h"
#include "util/parse.h"

#include <stdlib.h>

enum { COLUMN_SERIAL = 6, SERIAL_WIDTH = 5, PARTNERS_MAX = 4 };

struct pdb_serial {
    int64_t serial;
    size_t atom;
};

struct pdb_pair {
    int64_t a, b;
};

static bool take_serial(const char *line, size_t length, size_t column, int64_t *out)
{
    char text[SERIAL_WIDTH + 1];
    text_column(text, line, length, column, SERIAL_WIDTH);
    return parse_i64(text, out) || pdb_hybrid36(text, SERIAL_WIDTH, out);
}

int pdb_serials_atom(struct pdb_serials *serials, const char *line, size_t length,
                     struct err *err)
{
    int64_t serial;
    bool known = take_serial(line, length, COLUMN_SERIAL, &serial);
    void *grown = serials->at;
    if (alloc_grow(&grown, &serials->capacity, serials->n + 1, sizeof *serials->at,
                   "serial numbers", err) != 0)
        return -1;
    serials->at = grown;
    serials->at[serials->n] =
        (struct pdb_serial){known ? serial : INT64_MIN, serials->n};
    serials->n++;
    return 0;
}

int pdb_serials_conect(struct pdb_serials *serials, const char *line, size_t length,
                       struct err *err)
{
    struct pdb_pair pair;
    if (!take_serial(line, length, COLUMN_SERIAL, &pair.a))
        return 0;
    for (size_t i = 1; i <= PARTNERS_MAX; i++) {
        if (!take_serial(line, length, COLUMN_SERIAL + i * SERIAL_WIDTH, &pair.b))
            continue;
        void *grown = serials->pair;
        if (alloc_grow(&grown, &serials->pairs_capacity, serials->n_pairs + 1,
                       sizeof pair, "bonds", err) != 0)
            return -1;
        serials->pair = grown;
        serials->pair[serials->n_pairs++] = pair;
    }
    return 0;
}

static int compare(const void *left, const void *right)
{
    const struct pdb_serial *a = left, *b = right;
    if (a->serial != b->serial)
        return a->serial < b->serial ? -1 : 1;
    return a->atom < b->atom ? -1 : a->atom > b->atom;
}

/* SIZE_MAX unless one atom has that serial. */
static size_t find(const struct pdb_serials *serials, int64_t serial)
{
    size_t low = 0, high = serials->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (serials->at[middle].serial < serial)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == serials->n || serials->at[low].serial != serial ||
        (low + 1 < serials->n && serials->at[low + 1].serial == serial))
        return SIZE_MAX;
    return serials->at[low].atom;
}

int pdb_serials_apply(struct pdb_serials *serials, struct bonds *bonds, struct err *err)
{
    if (serials->n_pairs == 0 || serials->n == 0)
        return 0;
    qsort(serials->at, serials->n, sizeof *serials->at, compare);
    for (size_t i = 0; i < serials->n_pairs; i++) {
        size_t a = find(serials, serials->pair[i].a);
        size_t b = find(serials, serials->pair[i].b);
        if (a != SIZE_MAX && b != SIZE_MAX && bonds_add(bonds, a, b, err) != 0)
            return -1;
    }
    return 0;
}

void pdb_serials_fini(struct pdb_serials *serials)
{
    free(serials->at);
    free(serials->pair);
    *serials = (struct pdb_serials){0};
}
