/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_PLAN_GUIDE_H
#define FRAMEWALK_PLAN_GUIDE_H

#include <stdint.h>

/* The rules of thumb that a planner replaces, to compare with: many cheap frames,
   processes; few expensive ones, threads; else both, with a worker for each four cores.
 */
void guide_layout(uint64_t frames, double walks, unsigned cores, unsigned *workers,
                  unsigned *threads);

#endif
