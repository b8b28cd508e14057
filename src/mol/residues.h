/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_MOL_RESIDUES_H
#define FRAMEWALK_MOL_RESIDUES_H

#include <stdbool.h>
#include <stdint.h>

/* What a residue name means. The protein list is MDAnalysis's (2.4), so that `protein`
   selects the same atoms. */
bool residue_is_protein(const char *resname);
bool residue_is_nucleic(const char *resname);
bool residue_is_water(const char *resname);
/* Ions by residue name: NA, NA+, SOD, CL, CL-, CLA, K, POT, CA, CAL, MG, ZN, ... */
bool residue_is_ion(const char *resname);
/* Atomic number of a monoatomic ion by the name of its residue or atom ("CLA" is 17),
   without regard to case; 0 when there is none. */
uint8_t residue_ion_element(const char *name);

#endif
