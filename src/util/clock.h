/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_UTIL_CLOCK_H
#define FRAMEWALK_UTIL_CLOCK_H

/* Seconds on a clock that never goes back. For durations only. */
double clock_seconds(void);

/* Processor time of this process, in seconds. */
double clock_work_seconds(void);

/* Processor time of this thread, in seconds. */
double clock_thread_seconds(void);

#endif
