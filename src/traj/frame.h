/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_FRAME_H
#define FRAMEWALK_TRAJ_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a frame says beside its coordinates, and which vectors it holds. */
struct frame_info {
    bool has_time, has_box, has_step;
    bool has_positions, has_velocities, has_forces;
    size_t n_present; /* of traj_read_present */
    double time_ps;
    int64_t step;  /* of the simulation */
    double box[6]; /* a, b, c in A, then alpha, beta, gamma in degrees */
};

/* Where the numbers of the picked atoms go, three for each. */
struct frame_vectors {
    double *xyz;      /* A */
    double *velocity; /* A/ps; NULL where not wanted */
    double *force;    /* kJ/(mol A); NULL where not wanted */
};

#endif
