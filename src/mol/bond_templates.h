/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_MOL_BOND_TEMPLATES_H
#define FRAMEWALK_MOL_BOND_TEMPLATES_H

/* Private to mol: what is bonded in standard residues. */

/* Bonds between heavy atoms of a residue of protein or nucleic acid as lists "N-CA
   CA-C ..." of names; those apply whose atoms are both there. */
struct bond_template {
    const char *common; /* of all residues of its kind */
    const char *own;    /* of the side chain or base */
};

/* The template of a residue name in any force field's spelling; common is NULL where
   there is none. */
struct bond_template bond_template_of(const char *resname);

#endif
