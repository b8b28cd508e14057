/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_HITS_H
#define FRAMEWALK_HYDRO_HITS_H

#include <stdint.h>

/* Walks and samples come in blocks of this many; a run's last block may be smaller. */
enum { HYDRO_BLOCK = 2048 };

/* A walk is given up after this many steps (counted and reported). */
enum { WALK_STEPS_MAX = 1000000 };

/* What a block of walks did. Points are relative to the launch centre, in launch radii;
   those of the walks that hit the body, in the order of the walks. */
struct walk_hits {
    uint64_t n;                   /* hits */
    uint64_t walks;               /* with those that escaped */
    uint64_t steps;               /* of all walks */
    uint64_t skin_hits;           /* of the hits: in the skin, not by first passage */
    uint64_t truncated;           /* given up at the step limit, counted as escaped */
    double start[3][HYDRO_BLOCK]; /* where the walk began, on the launch sphere */
    double point[3][HYDRO_BLOCK]; /* where it hit */
};

#endif
