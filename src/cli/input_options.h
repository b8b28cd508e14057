/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_INPUT_OPTIONS_H
#define FRAMEWALK_CLI_INPUT_OPTIONS_H

#include "cli/options.h"

#include <stdbool.h>

/* What every command that reads a trajectory was told about it; NaN and NULL where an
   option was not given. */
struct input_options {
    const char *topology;
    struct texts trajectory;
    const char *format;
    bool allow_truncated;
    int length_unit; /* index into the choices, 0 for none given */
    const char *frames;
    double begin_ps, end_ps, dt_ps;
    const char *select;
    const char *index;
    bool updating;
    bool no_unwrap, unwrap; /* by the command */
    const char *radii;
    double radii_scale, shell;
    struct texts positional;
};

#define INPUT_OPTIONS_DEFAULT                                          \
    {                                                                  \
        .begin_ps = NAN, .end_ps = NAN, .dt_ps = NAN, .radii_scale = 1 \
    }

/* Parts of commands' tables; they fill a struct input_options. */
extern const struct option_spec input_files_table[];  /* which files */
extern const struct option_spec input_frames_table[]; /* which frames of them */
extern const struct option_spec input_body_table[];   /* which atoms, and their radii */

#endif
