/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_SCAN_H
#define FRAMEWALK_TRAJ_SCAN_H

#include "traj/format.h"

/* For formats whose frames are found by going from one to the next: an index is all of
   them, and of a stream there is one after the other. `add` adds the frame at
   file->next_offset, or the one that the lines are at, and returns 1, 0 at the end of
   the file, or -1 with *err set; index returns 0 or -1, next what `add` does. */

typedef int scan_window_fn(struct traj_file *file, struct source_window *window,
                           struct err *err);
int scan_index(struct traj_file *file, scan_window_fn *add, struct err *err);
int scan_next(struct traj_file *file, scan_window_fn *add, struct err *err);

typedef int scan_lines_fn(struct traj_file *file, struct line_reader *lines,
                          struct err *err);
int scan_index_lines(struct traj_file *file, scan_lines_fn *add, struct err *err);
int scan_next_lines(struct traj_file *file, scan_lines_fn *add, struct err *err);

/* -1 where not all bytes of a frame are there. */
int scan_check_whole(const struct traj_file *file, size_t frame, uint64_t offset,
                     uint64_t bytes, struct err *err);

/* Where there is a frame before this one, at `offset`, it has as many atoms; else the
   file has now as many as this one. -1 with *err set. */
int scan_check_atoms(struct traj_file *file, size_t n_atoms, uint64_t offset,
                     struct err *err);

/* Adds the frame at file->next_offset, of so many bytes, which are its `extra`. Returns
   1, or -1 also where it has other atoms than the first one. */
int scan_add(struct traj_file *file, size_t n_atoms, double time_ps, uint64_t bytes,
             struct err *err);

#endif
