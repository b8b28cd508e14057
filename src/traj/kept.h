/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_KEPT_H
#define FRAMEWALK_TRAJ_KEPT_H

#include "traj/format.h"

/* Frames of formats that hold few of them (pqr, cif): read once, kept in memory. */
struct kept {
    double *xyz;            /* 3 a point, A; all frames one after the other */
    size_t n, capacity;     /* points */
    struct frame_info info; /* box */
};

/* The state of a file, empty; NULL with *err set. traj_file_close releases it. */
struct kept *kept_create(struct err *err);
void kept_release(void *state);

int kept_add(struct kept *kept, const double xyz[3], struct err *err);

/* For the table of formats: the frame that begins at its index entry's `extra`. */
int kept_read(const struct traj_file *file, size_t frame, struct frame_scratch *scratch,
              const struct frame_pick *pick, const struct frame_vectors *out,
              struct frame_info *info, struct err *err);

/* Copies a name into a field of an atom. -1 with the line when it is too long or holds
   a control character. */
int kept_name(char *field, size_t size, const char *text, const char *what,
              const struct line_reader *lines, struct err *err);

#endif
