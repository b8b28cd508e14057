/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_RUN_OPTIONS_H
#define FRAMEWALK_CLI_RUN_OPTIONS_H

#include "cli/analyses.h"
#include "cli/input_options.h"

#include <stdbool.h>
#include <stdint.h>

/* What `framewalk run` was asked for; NaN and NULL where an option was not given. */
struct run_options {
    struct input_options input;
    struct option_config config;
    const char *analysis; /* as given; the kernels: */
    struct analyses analyses;
    uint64_t stokes_points, stokes_sources; /* 0 when not given */
    uint64_t walks;                         /* 0 when not given */
    uint64_t interior_samples;
    double max_rsd_capacitance, max_rsd_polarizability, max_rsd_volume;
    double target_sem; /* percent */
    uint64_t min_walks;
    double launch_radius, skin;
    uint64_t seed;
    bool common_random_numbers, no_control_variate;
    const char *seed_text; /* NULL when a seed is to be drawn */
    double temperature, viscosity, mass, buoyancy, specific_volume, density;
    int solvent;
    unsigned workers, threads, cores;
    uint64_t memory;
    int strategy, bind;
    uint64_t retries;
    double max_run_time, frame_timeout;
    struct texts output;
    const char *journal; /* NULL: beside the first output file, if there is one */
    bool resume;
    bool force;
    int progress;
    bool quiet, help;
    unsigned verbose; /* how often it was said */
};

enum run_solvent { SOLVENT_NONE, SOLVENT_WATER };

/* Defaults, then the command line, then what follows from both. `more` are options that
   a command has besides those of `run`; nullable. */
int run_options_parse(struct run_options *options, const struct option_part *more,
                      int argc, char **argv, struct err *err);
void run_options_help(FILE *stream, const struct option_part *more);
void run_options_fini(struct run_options *options);

#endif
