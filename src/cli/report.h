/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_REPORT_H
#define FRAMEWALK_CLI_REPORT_H

#include "cli/conditions.h"
#include "cli/inputs.h"
#include "cli/run_options.h"
#include "engine/run.h"
#include "out/results.h"
#include "plan/plan.h"

#include <stdio.h>

/* What a run has to say to people, and the facts that go into its output files. */
struct report {
    const struct run_options *options;
    const struct inputs *inputs;
    const struct conditions *conditions;
    const struct machine *machine;
    const struct plan *plan;
    uint64_t seed;
    bool seed_resumed; /* out of a journal */
};

enum { REPORT_FACTS_MAX = 40, REPORT_FACT_BYTES = 256 };

/* The facts that determine the results, in a fixed order, for every output format. */
struct report_facts {
    size_t n;
    struct provenance fact[REPORT_FACTS_MAX];
    char text[REPORT_FACTS_MAX][REPORT_FACT_BYTES];
};

void report_facts(struct report_facts *facts, const struct report *report);

/* Before the run: input, selection, radii (all of them with -v), layout and why, seed.
 */
void report_begin(const struct report *report, FILE *stream);

/* After it: table of ensemble means, what was left out and why, time. */
int report_end(const struct report *report, const struct run_result *run,
               const struct results *results, FILE *stream, struct err *err);

/* Warnings about the run, one line each; printed also with --quiet. */
void report_warnings(const struct report *report, const struct run_result *run,
                     FILE *stream);

/* The objects "plan" and "stages" of the JSON; NULL without memory. */
json_t *report_plan_json(const struct report *report);
json_t *report_stages_json(const struct run_result *run);

/* The table of stages for people. */
void report_stages(const struct run_result *run, FILE *stream);
/* A line for a frame that has ended: who computed it and how long that took. */
void report_frame(const struct result_row *row, FILE *stream);

#endif
