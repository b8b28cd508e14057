/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_ENGINE_BUSY_H
#define FRAMEWALK_ENGINE_BUSY_H

#include <stdbool.h>

/* How fast this machine is at the moment, and what its threads take from each other. */
struct busy {
    double walk_seconds; /* of one walk around a globule of BUSY_BALLS, on one thread */
    /* Of each of `threads` threads that walk at the same time, on the average, as a
       share of that of one alone: less than 1 where cores share something, be it that a
       virtual machine's are threads of one core, which it does not tell, that clocks
       slow down, or that others of the host need time. */
    double speed;
};

enum { BUSY_BALLS = 200 };

/* Walks alone and, where threads > 1, together by turns, for about `seconds`, in a
   child process that is killed where it takes much longer. False where nothing could be
   measured. */
bool busy_measure(struct busy *busy, unsigned threads, double seconds);

#endif
