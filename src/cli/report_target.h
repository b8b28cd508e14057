/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_REPORT_TARGET_H
#define FRAMEWALK_CLI_REPORT_TARGET_H

#include "engine/target.h"
#include "out/results.h"

#include <stdio.h>

/* --target-sem before the run: what was found of the first frames, the walks that
   follow, and what other numbers of frames would do. */
void report_target(const struct target *target, size_t n_frames, FILE *stream);

/* After it: what was reached, Monte Carlo's share, and the same question. */
void report_target_reached(const struct target *target, const struct results *results,
                           FILE *stream);

#endif
