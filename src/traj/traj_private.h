/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_TRAJ_PRIVATE_H
#define FRAMEWALK_TRAJ_TRAJ_PRIVATE_H

#include "traj/format.h"
#include "traj/traj.h"

/* The frames [skip, n_frames) of a file, numbered from `first` on. */
struct traj_part {
    struct traj_file file;
    size_t skip, first;
};

struct traj {
    struct traj_part *parts;
    size_t n_parts, capacity;
    size_t n_frames, n_atoms, n_dropped;
    /* Of a stream, whose first frame cannot be looked at later. */
    struct traj_description described;
    bool whole; /* every frame is known: of a stream, only at its end */
};

/* The file that holds a frame, and the frame's number within it. */
const struct traj_file *traj_find_frame(const struct traj *traj, size_t frame,
                                        size_t *within);

#endif
