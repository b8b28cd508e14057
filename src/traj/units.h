/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_UNITS_H
#define FRAMEWALK_TRAJ_UNITS_H

#include <stdbool.h>

/* Units as files name them: "nm", "angstrom/picosecond", "kJ mol-1 nm-1",
   "(Kcal/mol)/angstrom". */

enum unit_of { UNIT_LENGTH, UNIT_TIME, UNIT_VELOCITY, UNIT_FORCE, UNIT_ANGLE };

/* The factor to A, ps, A/ps, kJ/(mol A) or degrees. False for a text that is no unit of
   that kind. */
bool unit_factor(const char *text, enum unit_of kind, double *factor);

/* True of velocities and forces: frames are of use without them, so that files in which
   their unit is not known are read as if they had none. */
bool unit_dispensable(enum unit_of kind);

#endif
