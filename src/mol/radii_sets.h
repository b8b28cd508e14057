/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_MOL_RADII_SETS_H
#define FRAMEWALK_MOL_RADII_SETS_H

/* Private to radii: where one atom's radius comes from. Angstrom, NaN for none. */

#include "mol/atoms.h"
#include "util/err.h"

#include <stdint.h>

double radii_bondi(uint8_t element);
double radii_zeno(uint8_t element);

/* A user's file of radii. */
struct radii_rules;

/* ERR_USAGE when the file cannot be read at all, ERR_INPUT with file and line when it
   is malformed. */
struct radii_rules *radii_rules_read(const char *path, struct err *err);
/* Keeps what it found for the next atom of the same names, hence not const. */
double radii_rules_find(struct radii_rules *rules, const struct atom *atom);
/* The mass in Da that the file gives it, or NaN. */
double radii_rules_mass(struct radii_rules *rules, const struct atom *atom);
void radii_rules_destroy(struct radii_rules *rules);

#endif
