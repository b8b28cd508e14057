/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_XYZ_H
#define FRAMEWALK_TRAJ_XYZ_H

#include "traj/frame.h"
#include "traj/source.h"

#include <stdbool.h>
#include <stddef.h>

/* Between xyz.c (frames and atoms) and xyz_comment.c. */

/* What the comment of a frame says. */
struct xyz_comment {
    size_t column; /* of x among the words of an atom line, from 0; 1 in plain files */
    bool has_time;
    double time_ps;
    bool has_lattice;
    double lattice[3][3]; /* rows are the box vectors, in the file's unit */
};

/* Reads the comment, plain or of extended XYZ. NULL, or what is wrong (static text). */
const char *xyz_comment_parse(const char *line, struct xyz_comment *comment);

/* Where word number `column` (from 0) begins, NULL where there are fewer than `more`
   words from there on. */
const char *xyz_words(const char *line, size_t column, size_t more);

#endif
