/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/cif_links.h"

#include "util/alloc.h"
#include "util/parse.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const cif_link_fields[CIF_LINK_FIELDS] = {
    "conn_type_id",
    "ptnr1_auth_asym_id",
    "ptnr1_auth_seq_id",
    "pdbx_ptnr1_PDB_ins_code",
    "ptnr1_label_atom_id",
    "ptnr1_symmetry",
    "ptnr2_auth_asym_id",
    "ptnr2_auth_seq_id",
    "pdbx_ptnr2_PDB_ins_code",
    "ptnr2_label_atom_id",
    "ptnr2_symmetry",
};

enum { KIND, END_1 = 1, END_2 = 6, CHAIN = 0, NUMBER, ICODE, NAME, SYMMETRY };

struct cif_end {
    char chain[ATOM_CHAIN_BYTES], name[ATOM_NAME_BYTES];
    int32_t resid;
    char icode;
};

struct cif_link {
    struct cif_end end[2];
};

static bool take_end(struct cif_end *end, const char (*field)[CIF_FIELD_BYTES])
{
    int64_t number;
    if (strlen(field[CHAIN]) >= sizeof end->chain ||
        strlen(field[NAME]) >= sizeof end->name || !parse_i64(field[NUMBER], &number) ||
        number < INT32_MIN || number > INT32_MAX)
        return false;
    strcpy(end->chain, field[CHAIN]);
    strcpy(end->name, field[NAME]);
    end->resid = (int32_t)number;
    end->icode = field[ICODE][0];
    return true;
}

int cif_links_take(struct cif_links *links, const struct cif_row *row, struct err *err)
{
    struct cif_link link;
    const char *kind = row->field[KIND];
    if ((strncasecmp(kind, "covale", 6) != 0 && strcasecmp(kind, "disulf") != 0) ||
        strcmp(row->field[END_1 + SYMMETRY], row->field[END_2 + SYMMETRY]) != 0 ||
        !take_end(&link.end[0], row->field + END_1) ||
        !take_end(&link.end[1], row->field + END_2))
        return 0;
    void *grown = links->at;
    if (alloc_grow(&grown, &links->capacity, links->n + 1, sizeof link, "bonds", err))
        return -1;
    links->at = grown;
    links->at[links->n++] = link;
    return 0;
}

static int compare(const char *chain_a, int32_t resid_a, char icode_a,
                   const char *name_a, const struct atom *b)
{
    int order = strcmp(chain_a, b->chain);
    if (order == 0 && resid_a != b->resid)
        order = resid_a < b->resid ? -1 : 1;
    if (order == 0 && icode_a != b->icode)
        order = icode_a < b->icode ? -1 : 1;
    return order ? order : strcmp(name_a, b->name);
}

static int compare_atoms(const void *left, const void *right, void *context)
{
    const struct atom *at = context;
    uint32_t i = *(const uint32_t *)left, j = *(const uint32_t *)right;
    int order = compare(at[i].chain, at[i].resid, at[i].icode, at[i].name, &at[j]);
    return order ? order : i < j ? -1 : i > j;
}

/* The first atom of that name, SIZE_MAX for none. */
static size_t find(const struct cif_end *end, const struct atoms *atoms,
                   const uint32_t *order)
{
    size_t low = 0, high = atoms->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(end->chain, end->resid, end->icode, end->name,
                    &atoms->at[order[middle]]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == atoms->n || compare(end->chain, end->resid, end->icode, end->name,
                                   &atoms->at[order[low]]) != 0)
        return SIZE_MAX;
    return order[low];
}

int cif_links_apply(const struct cif_links *links, struct atoms *atoms, struct err *err)
{
    if (links->n == 0)
        return 0;
    uint32_t *order = alloc_zeroed(atoms->n, sizeof *order, "bonds", err);
    if (!order)
        return -1;
    for (size_t i = 0; i < atoms->n; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, atoms->n, sizeof *order, compare_atoms, atoms->at);
    int rc = 0;
    for (size_t i = 0; i < links->n && rc == 0; i++) {
        size_t a = find(&links->at[i].end[0], atoms, order);
        size_t b = find(&links->at[i].end[1], atoms, order);
        if (a != SIZE_MAX && b != SIZE_MAX)
            rc = bonds_add(&atoms->bonds, a, b, err);
    }
    free(order);
    return rc;
}

void cif_links_fini(struct cif_links *links)
{
    free(links->at);
    *links = (struct cif_links){0};
}
