/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_INFO_H
#define FRAMEWALK_CLI_INFO_H

#include "cli/inputs.h"
#include "mol/elements.h"

#include <stdio.h>

/* What `framewalk info` has found out. */
struct info {
    const struct inputs *inputs;
    struct frame_info first; /* what the first frame says; blank without frames */
    size_t element[ELEMENT_MAX + 1];
    size_t n_residues, n_chains; /* 0 where they are not named */
    size_t n_selected_residues;
    const char *radii_problem; /* why there are none, or NULL */
    const char *damage;        /* of the first damaged file, or NULL */
    /* The first frame cannot be decoded, or has coordinates that are not numbers. */
    struct err first_damage;
};

/* For people, in 80 columns. */
void info_print(const struct info *info, FILE *stream);

/* As one JSON object. -1 when writing fails or memory is short. */
int info_print_json(const struct info *info, FILE *stream, struct err *err);

#endif
