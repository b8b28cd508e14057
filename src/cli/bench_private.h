/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_BENCH_PRIVATE_H
#define FRAMEWALK_CLI_BENCH_PRIVATE_H

#include "cli/bench.h"

struct bench_options {
    struct run_options run;
    const char *layouts;
    uint64_t repeats;
};

/* Of a run's results as CSV, of which there are many for many frames. */
struct bench_print {
    uint64_t hash, bytes;
};

/* Everything a bench owns. */
struct bench_session {
    struct bench_options options;
    struct inputs inputs;
    struct conditions conditions;
    struct job job;
    struct planning planning;
    struct bench bench;
    struct bench_print first; /* of the results of the first run */
    double stages[BENCH_LAYOUTS_MAX][BENCH_REPEATS_MAX][BENCH_STAGES];
    double begun;
};

/* Runs all layouts, repeats times, and sums up. */
int bench_measure(struct bench_session *session, struct err *err);

#endif
