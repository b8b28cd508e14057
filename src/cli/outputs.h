/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_OUTPUTS_H
#define FRAMEWALK_CLI_OUTPUTS_H

#include "cli/options.h"
#include "out/results.h"

#include <stdbool.h>

/* Before any work: every name must have a known extension, occur once, lie in a folder
   that can be written to, and not exist unless `force`. ERR_USAGE or ERR_RUNTIME. */
int outputs_check(const struct texts *paths, bool force, struct err *err);

/* The last three of these, for one name. */
int outputs_check_path(const char *path, bool force, struct err *err);

/* Whether one of them is "-". */
bool outputs_use_stdout(const struct texts *paths);

/* Writes them all, also when one fails; the first error is returned. */
int outputs_save(const struct texts *paths, const struct results *results, bool partial,
                 struct err *err);

/* Whether one of them is there. */
bool outputs_exist(const struct texts *paths);

/* Removes what an interrupted run has left beside them: PATH.partial. */
void outputs_remove_partial(const struct texts *paths);

#endif
