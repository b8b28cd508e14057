/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_PLAN_OUTPUT_H
#define FRAMEWALK_CLI_PLAN_OUTPUT_H

#include "cli/planning.h"

#include <jansson.h>
#include <stdio.h>

/* What `framewalk plan` prints. */

/* Table of candidates and choice; with `verbose` each fact with its source, the cost of
   a frame and the sample too. */
void plan_print(const struct planning *planning, const struct inputs *inputs,
                bool verbose, FILE *stream);

/* The object that --json prints: plan, candidates, machine, workload. */
json_t *plan_json(const struct planning *planning, const struct inputs *inputs);

json_t *machine_json(const struct machine *machine);

/* --machine PATH: such a JSON file, or a recording (plan/machine.h). */
int machine_read(struct machine *machine, const char *path, struct err *err);

#endif
