/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/stopwatch.h"

#include "util/clock.h"

#include <sys/resource.h>

/* How often another program was given the core instead. */
static long times_displaced(void)
{
    struct rusage usage = {0};
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nivcsw;
}

void stopwatch_start(struct stopwatch *watch)
{
    *watch =
        (struct stopwatch){clock_seconds(), clock_thread_seconds(), times_displaced()};
}

double stopwatch_seconds(const struct stopwatch *watch)
{
    double work = clock_thread_seconds() - watch->work,
           wall = clock_seconds() - watch->wall;
    return times_displaced() == watch->displaced ? wall : work < wall ? work : wall;
}
