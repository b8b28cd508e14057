/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_PLANNING_PRIVATE_H
#define FRAMEWALK_CLI_PLANNING_PRIVATE_H

#include "cli/planning.h"

/* Measures frames of a job that is predicted to take `wall` seconds, corrects the rates
   and tells the memory of a worker and, of a job to a precision, its walks. Nothing
   that goes wrong here matters. */
void planning_sample(struct planning *planning, const struct job *job,
                     const struct inputs *inputs, double wall);

#endif
