/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_ENGINE_FRAME_READER_H
#define FRAMEWALK_ENGINE_FRAME_READER_H

#include "mol/unwrap.h"
#include "traj/traj.h"
#include "util/err.h"

#include <stddef.h>
#include <stdint.h>

/* Frames as kernels see them: the selected atoms, their molecules made whole if that
   was asked for. One for each process that reads; what it is made of is borrowed. */
struct frame_reader;

/* n_atoms numbers in `atom`, ascending; `unwrap` for just these, or NULL. */
struct frame_reader *frame_reader_create(const struct traj *traj, const uint32_t *atom,
                                         size_t n_atoms, const struct unwrap *unwrap,
                                         struct err *err);
void frame_reader_destroy(struct frame_reader *reader); /* NULL allowed */

/* 3 n_atoms coordinates in A; -1 with ERR_INPUT as traj_read. */
int frame_reader_read(struct frame_reader *reader, size_t frame, double *xyz,
                      struct err *err);

#endif
