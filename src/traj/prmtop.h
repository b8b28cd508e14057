/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_PRMTOP_H
#define FRAMEWALK_TRAJ_PRMTOP_H

#include "traj/format.h"

/* Between prmtop.c (where sections lie in the file) and prmtop_atoms.c (what stands in
   them). */

enum prmtop_section {
    PRMTOP_NAMES,
    PRMTOP_CHARGES,
    PRMTOP_NUMBERS, /* atomic numbers */
    PRMTOP_MASSES,
    PRMTOP_TYPES,
    PRMTOP_RADII,
    PRMTOP_RESIDUES,
    PRMTOP_STARTS, /* first atom of each residue */
    PRMTOP_BONDS_H,
    PRMTOP_BONDS,
    PRMTOP_SECTIONS,
};

/* Counts of the POINTERS section, held against the size of the file. */
struct prmtop_counts {
    size_t atoms, residues, bonds_h, bonds;
};

struct prmtop {
    struct topology *topology;
    struct prmtop_counts counts;
    size_t residue; /* that the atoms are being given, and where it ends */
};

/* Values that a section has for those counts. */
size_t prmtop_values(enum prmtop_section section, const struct prmtop_counts *counts);

/* Takes value `i` of a section, `width` characters trimmed of blanks. Sections come in
   the order of the enum. NULL, or what is wrong (static text); *err is set where memory
   is short. */
const char *prmtop_take(struct prmtop *prmtop, enum prmtop_section section, size_t i,
                        const char *text, struct err *err);

/* What only all sections together can tell. */
const char *prmtop_finish(struct prmtop *prmtop);

#endif
