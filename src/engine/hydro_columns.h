/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_ENGINE_HYDRO_COLUMNS_H
#define FRAMEWALK_ENGINE_HYDRO_COLUMNS_H

#include "engine/hydro_kernel.h"
#include "out/results.h"

/* The columns that the conditions in the options (struct hydro_options) allow: those of
   the kernel. */
size_t hydro_columns(const void *options, struct column *out);

/* Copies these columns out of all properties (HYDRO_WIDTH numbers). */
void hydro_pick_columns(const struct hydro_options *options, const double *all,
                        double *out);

#endif
