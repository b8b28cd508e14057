/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_COVERAGE_H
#define FRAMEWALK_CLI_COVERAGE_H

#include "cli/inputs.h"

#include <jansson.h>
#include <stdio.h>

/* Which radius the selected atoms have, by element: what `info` and `run -v` show so
   that a wrong guess is seen. */

/* A table of elements, atoms, radii and the atoms' names, as many as fit into a line.
   Nothing where radii are not known or memory is short. */
void coverage_print(const struct inputs *inputs, FILE *stream);

/* An array of {"element", "names", "count", "radius", "radius_max"}; NULL without
   memory. */
json_t *coverage_json(const struct inputs *inputs);

#endif
