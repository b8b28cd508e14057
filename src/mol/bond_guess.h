/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_MOL_BOND_GUESS_H
#define FRAMEWALK_MOL_BOND_GUESS_H

#include "mol/atoms.h"
#include "util/err.h"

/* Adds to the bonds that the file lists those that residues of protein, nucleic acid
   and water have by their names, and indexes all of them; of a file that lists all
   bonds, and of a body of bare balls, only indexes. Call after elements_complete and
   atoms_number_residues.

   `xyz` (nullable, 3 doubles an atom, A) and `box` (nullable, a, b, c, alpha, beta,
   gamma) are those of a frame, whose molecules may be split over the boundary. Where
   they are there, hydrogens go to the nearest heavy atom of their residue below 1.3 A
   (or, like all of them where there are no coordinates, to the one that their names
   tell), and residues are linked (peptide C-N, O3'-P, disulfides) that are closer
   than 2.5 A; else residues are linked that follow one another in number, and
   disulfides are not seen. */
int bonds_guess(struct atoms *atoms, const double *xyz, const double *box,
                struct err *err);

#endif
