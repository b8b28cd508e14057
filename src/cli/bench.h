/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_BENCH_H
#define FRAMEWALK_CLI_BENCH_H

#include "cli/planning.h"

#include <jansson.h>
#include <stdio.h>

enum { BENCH_LAYOUTS_MAX = 64, BENCH_REPEATS_MAX = 99 };

/* The table that papers about the analysis of trajectories print. */
enum bench_stage {
    BENCH_TOPOLOGY, /* once */
    BENCH_INDEX,
    BENCH_READ, /* of all workers' time */
    BENCH_BUILD,
    BENCH_WALK, /* samples, Stokes flow and help with others' frames included */
    BENCH_WAIT, /* workers' time without a frame */
    BENCH_REDUCE,
    BENCH_WRITE,
    BENCH_STAGES
};

/* A layout and what was measured of it: medians over the repeats. */
struct bench_layout {
    unsigned workers, threads;
    double predicted_seconds;
    uint64_t predicted_bytes;
    size_t n;
    double time[BENCH_REPEATS_MAX];
    double seconds; /* the whole of a run */
    double least, most;
    double speedup, efficiency;
    double stage[BENCH_STAGES];
    uint64_t peak_bytes; /* of all processes; 0 where the system does not tell */
    bool chosen;         /* what the planner would take */
    bool same;           /* the bits of the first layout's results */
};

struct bench {
    const struct planning *planning;
    const struct inputs *inputs;
    unsigned repeats;
    size_t n;
    struct bench_layout layout[BENCH_LAYOUTS_MAX];
};

void bench_print(const struct bench *bench, FILE *stream);

/* By extension: .json, .csv, .svg. */
bool bench_can_write(const char *path);
int bench_save(const struct bench *bench, const char *path, struct err *err);

#endif
