/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan/guide.h"

static const double MANY_FRAMES = 100, CHEAP_WALKS = 1e5, FEW_FRAMES = 10,
                    EXPENSIVE_WALKS = 1e6;
enum { CORES_A_WORKER = 4 };

void guide_layout(uint64_t frames, double walks, unsigned cores, unsigned *workers,
                  unsigned *threads)
{
    *workers = cores;
    *threads = 1;
    if ((double)frames >= MANY_FRAMES && walks <= CHEAP_WALKS)
        return;
    *workers = 1;
    *threads = cores;
    if ((double)frames <= FEW_FRAMES && walks >= EXPENSIVE_WALKS)
        return;
    *workers = cores >= CORES_A_WORKER ? cores / CORES_A_WORKER : 1;
    *threads = cores / *workers;
}
