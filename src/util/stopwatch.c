/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/stopwatch.h"

#include "util/clock.h"

#include <sys/resource.h>
#include <time.h>

/* How often another program was given the core instead. */
static long times_displaced(void)
{
    struct rusage usage = {0};
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nivcsw;
}

static double work_seconds(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void stopwatch_start(struct stopwatch *watch)
{
    *watch = (struct stopwatch){clock_seconds(), work_seconds(), times_displaced()};
}

double stopwatch_seconds(const struct stopwatch *watch)
{
    double work = work_seconds() - watch->work, wall = clock_seconds() - watch->wall;
    return times_displaced() == watch->displaced ? wall : work < wall ? work : wall;
}
