/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_PLAN_SIMULATE_H
#define FRAMEWALK_CLI_PLAN_SIMULATE_H

#include "cli/planning.h"

#include <jansson.h>
#include <stdio.h>

/* plan --simulate and --replay: a job on machines of 2 to 512 cores. */

/* What is simulated: a workload, and what each frame costs over its mean (NULL: all the
   same). */
struct replay {
    struct workload workload;
    double *cost;
};

/* Out of the JSON of a run, whose frames tell what they took. */
int replay_read(struct replay *replay, const char *path, struct err *err);
void replay_free(struct replay *replay);

/* A number of cores: what the planner chooses, what the rules of thumb would, and what
   the simulation says of both. */
struct replay_row {
    unsigned cores;
    struct plan plan;
    double simulated_seconds, serial_seconds, wait_share;
    unsigned guide_workers, guide_threads;
    double guide_seconds;
};

enum { REPLAY_ROWS_MAX = 9 };

/* One row for `request->cores`, else those of 2, 4, ... 512 equal cores; returns their
   number, or -1. Memory is that of `machine`. */
int replay_simulate(struct replay_row *row, const struct replay *replay,
                    const struct machine *machine, const struct plan_request *request,
                    struct err *err);

void replay_print(const struct replay_row *row, int n, const struct replay *replay,
                  FILE *stream);
/* A plot of speed-up and efficiency, of the choice and of the rules of thumb: PATH ends
   in .svg. */
int replay_plot(const struct replay_row *row, int n, const char *path, struct err *err);
json_t *replay_json(const struct replay_row *row, int n);

#endif
