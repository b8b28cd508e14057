/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_MOL_ELEMENTS_H
#define FRAMEWALK_MOL_ELEMENTS_H

#include "mol/atoms.h"

#include <stdint.h>

enum { ELEMENT_MAX = 118 };

/* Atomic number of a symbol ("H", "CL", "Cl", "cl"), 0 when there is none. D and T are
   hydrogen. */
uint8_t element_from_symbol(const char *symbol);

/* "Cl"; "?" for 0. */
const char *element_symbol(uint8_t number);

/* Standard atomic weight in Da (IUPAC 2021, abridged), NaN for 0 and for elements
   without one. */
double element_mass(uint8_t number);

/* Gives every atom whose element is 0 one: for residues of protein, nucleic acid, water
   and ions from residue and atom name (HG11 is hydrogen; CA is carbon in a protein and
   calcium in an ion); else from the mass where the file has it, as far as it does not
   contradict the name (a CH2 united atom is no nitrogen); else from the name by the PDB
   column rule as far as the trimmed name allows. What cannot be told stays 0 (virtual
   sites such as MW and coarse-grained beads too). Elements from the file are never
   changed, and bodies of bare balls not touched. */
void elements_complete(struct atoms *atoms);

#endif
