/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_ANALYSES_H
#define FRAMEWALK_CLI_ANALYSES_H

#include "engine/kernel.h"
#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { ANALYSES_MAX = 16 };

/* The kernels of a run, in the order of the kernels' table. */
struct analyses {
    size_t n;
    const struct kernel *kernel[ANALYSES_MAX];
};

/* From names with commas between them; NULL: hydro. ERR_USAGE for others than those of
   the table, and for one that is given twice. */
int analyses_parse(struct analyses *analyses, const char *list, struct err *err);

bool analyses_have(const struct analyses *analyses, const struct kernel *kernel);

#endif
