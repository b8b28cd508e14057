/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_INDEX_CACHE_H
#define FRAMEWALK_TRAJ_INDEX_CACHE_H

#include "traj/format.h"

#include <stdbool.h>

/* The frame index of a large file, kept beside it as .NAME_framewalk.idx. It is a help
   and never needed: whatever is wrong with it, or with writing it, is silent. */

/* Takes n_atoms and the frames of an open file from there. False where there is none
   that fits: of this format, size and time of change, of these bytes (a sample of them
   is hashed), whole, and written by this user, the owner of the trajectory, or root. */
bool index_cache_load(struct traj_file *file);

/* Writes it, to a temporary name that is then changed. */
void index_cache_store(const struct traj_file *file);

#endif
