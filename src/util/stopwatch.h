/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_UTIL_STOPWATCH_H
#define FRAMEWALK_UTIL_STOPWATCH_H

/* How long a piece of work of this thread takes on a machine of its own: wall time, so
   that waiting for a disk counts, and time that a hypervisor gave to another machine;
   but processor time alone where another program of this machine had the core in
   between. */
struct stopwatch {
    double wall, work;
    long displaced;
};

void stopwatch_start(struct stopwatch *watch);

/* Since the start, in seconds; of the thread that started it. */
double stopwatch_seconds(const struct stopwatch *watch);

#endif
