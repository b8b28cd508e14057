/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_CONVERT_OPTIONS_H
#define FRAMEWALK_CLI_CONVERT_OPTIONS_H

#include "cli/input_options.h"

#include <stdbool.h>
#include <stdio.h>

/* What `framewalk convert` was asked for. */
struct convert_options {
    struct input_options input;
    const char *output;
    const char *output_format;
    const char *precision_text, *chunk_text, *compression_text;
    /* What these say; -1 and 0 where they are not given. */
    int decimals;
    bool as_float, as_double;
    size_t chunk_frames, chunk_atoms;
    int compression;
    bool force;
    int progress;
    bool quiet, help;
};

int convert_options_parse(struct convert_options *options, int argc, char **argv,
                          struct err *err);
void convert_options_help(FILE *stream);
void convert_options_fini(struct convert_options *options);

#endif
