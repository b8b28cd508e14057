/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_PDB_BONDS_H
#define FRAMEWALK_TRAJ_PDB_BONDS_H

#include "mol/bonds.h"
#include "util/err.h"

#include <stddef.h>

/* CONECT records: bonds between serial numbers, which follow the atoms of all models.
 */
struct pdb_serials {
    struct pdb_serial *at; /* of the atoms of the first model */
    size_t n, capacity;
    struct pdb_pair *pair;
    size_t n_pairs, pairs_capacity;
};

/* Notes the serial number in an ATOM line, for atoms in their order. One that cannot be
   read (stars past 99999) is passed over. */
int pdb_serials_atom(struct pdb_serials *serials, const char *line, size_t length,
                     struct err *err);

/* Notes the bonds of a line that begins with CONECT. */
int pdb_serials_conect(struct pdb_serials *serials, const char *line, size_t length,
                       struct err *err);

/* Adds the bonds whose two serials are atoms (those of TER records are none). Where
   serials repeat, because they have wrapped, they name nothing. */
int pdb_serials_apply(struct pdb_serials *serials, struct bonds *bonds,
                      struct err *err);

void pdb_serials_fini(struct pdb_serials *serials);

#endif
