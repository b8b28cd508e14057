/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mol/atoms.h"

#include "mol/elements.h"
#include "util/alloc.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct atom *atoms_append(struct atoms *atoms, struct err *err)
{
    /* Selections and residues count atoms in 32 bits. */
    if (atoms->n >= UINT32_MAX) {
        err_set(err, ERR_INPUT, "more than %lu atoms", (unsigned long)UINT32_MAX);
        return NULL;
    }
    void *grown = atoms->at;
    if (alloc_grow(&grown, &atoms->capacity, atoms->n + 1, sizeof *atoms->at, "atoms",
                   err) != 0)
        return NULL;
    atoms->at = grown;
    struct atom *atom = &atoms->at[atoms->n++];
    memset(atom, 0, sizeof *atom);
    atom->mass = NAN;
    atom->charge = NAN;
    atom->radius = NAN;
    atom->occupancy = NAN;
    atom->bfactor = NAN;
    return atom;
}

void atoms_complete_segids(struct atoms *atoms)
{
    bool segids = false, chains = false;
    for (size_t i = 0; i < atoms->n; i++) {
        segids = segids || atoms->at[i].segid[0];
        chains = chains || atoms->at[i].chain[0];
    }
    for (size_t i = 0; i < atoms->n && !segids; i++)
        snprintf(atoms->at[i].segid, sizeof atoms->at[i].segid, "%s",
                 chains ? atoms->at[i].chain : "SYSTEM");
}

void atoms_complete_types(struct atoms *atoms)
{
    for (size_t i = 0; i < atoms->n; i++) {
        struct atom *atom = &atoms->at[i];
        const char *symbol = element_symbol(atom->element);
        if (atom->type[0])
            continue;
        /* The site of water models with a fourth point, as MDAnalysis calls it. */
        if (atom->element == 0 && strcmp(atom->name, "MW") == 0)
            strcpy(atom->type, "DUMMY");
        if (atom->element == 0)
            continue;
        atom->type[0] = symbol[0];
        atom->type[1] = (char)toupper((unsigned char)symbol[1]);
    }
}

bool atoms_same_residue(const struct atom *a, const struct atom *b)
{
    return a->resid == b->resid && a->icode == b->icode &&
           strcmp(a->resname, b->resname) == 0 && strcmp(a->chain, b->chain) == 0 &&
           strcmp(a->segid, b->segid) == 0;
}

void atoms_number_residues(struct atoms *atoms)
{
    uint32_t residue = 0;
    for (size_t i = 0; i < atoms->n; i++) {
        if (i > 0 && !atoms_same_residue(&atoms->at[i - 1], &atoms->at[i]))
            residue++;
        atoms->at[i].residue = residue;
    }
    atoms->n_residues = atoms->n ? (size_t)residue + 1 : 0;
}

size_t atoms_count_boxes(const struct atoms *atoms)
{
    size_t n = 0;
    for (size_t i = 0; atoms->box && i < atoms->n; i++)
        n += atoms->box[i].half[0] > 0;
    return n;
}

void atoms_fini(struct atoms *atoms)
{
    free(atoms->at);
    free(atoms->box);
    bonds_fini(&atoms->bonds);
    *atoms = (struct atoms){0};
}
