/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small system that the mol tests share, and ways to build others. */
#ifndef FRAMEWALK_T_MOL_SAMPLE_H
#define FRAMEWALK_T_MOL_SAMPLE_H

#include "fwtest.h"

#include "mol/atoms.h"
#include "mol/elements.h"
#include "mol/select.h"

struct sample_row {
    const char *chain, *segid, *resname;
    int32_t resid;
    char icode;
    const char *name;
};

static inline struct atom *sample_add(struct atoms *atoms, const char *resname,
                                      int32_t resid, const char *name)
{
    struct err err = {0};
    struct atom *atom = atoms_append(atoms, &err);
    assert_non_null(atom);
    snprintf(atom->resname, sizeof atom->resname, "%s", resname);
    snprintf(atom->name, sizeof atom->name, "%s", name);
    atom->resid = resid;
    return atom;
}

/* Index, and what is there. 0-4 alanine -2; 5-9 glycine 3, 3A; 10-12 cytosine; 13-16
   water with a virtual site; 17-19 ions; 20-21 a ligand without chain or segment. */
static const struct sample_row sample_rows[] = {
    {"A", "A", "ALA", -2, 0, "N"},   {"A", "A", "ALA", -2, 0, "CA"},
    {"A", "A", "ALA", -2, 0, "HA"},  {"A", "A", "ALA", -2, 0, "C"},
    {"A", "A", "ALA", -2, 0, "O"},   {"A", "A", "GLY", 3, 0, "N"},
    {"A", "A", "GLY", 3, 0, "CA"},   {"A", "A", "GLY", 3, 'A', "C"},
    {"A", "A", "GLY", 3, 'A', "O"},  {"A", "A", "GLY", 3, 'A', "OXT"},
    {"B", "NUC", "DC", 4, 0, "P"},   {"B", "NUC", "DC", 4, 0, "O5'"},
    {"B", "NUC", "DC", 4, 0, "C5M"}, {"", "WAT", "SOL", 5, 0, "OW"},
    {"", "WAT", "SOL", 5, 0, "HW1"}, {"", "WAT", "SOL", 5, 0, "HW2"},
    {"", "WAT", "SOL", 5, 0, "MW"},  {"", "ION", "NA+", 6, 0, "NA"},
    {"", "ION", "CA", 7, 0, "CA"},   {"", "ION", "CL-", 8, 0, "CL"},
    {"", "", "LIG", 9, 0, "C1"},     {"", "", "LIG", 9, 0, "CL1"},
};

static inline void sample_system(struct atoms *atoms)
{
    *atoms = (struct atoms){0};
    for (size_t i = 0; i < sizeof sample_rows / sizeof *sample_rows; i++) {
        const struct sample_row *row = &sample_rows[i];
        struct atom *atom = sample_add(atoms, row->resname, row->resid, row->name);
        snprintf(atom->chain, sizeof atom->chain, "%s", row->chain);
        snprintf(atom->segid, sizeof atom->segid, "%s", row->segid);
        atom->icode = row->icode;
    }
    atoms_number_residues(atoms);
    elements_complete(atoms);
}

/* Indices as text, "0 1 2", so that tables can be read. */
static inline const char *sample_indices(const struct selection *selection, char *text,
                                         size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < selection->n && used + 16 < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%u", i ? " " : "",
                                 selection->index[i]);
    return text;
}

#endif
