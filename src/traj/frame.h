/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_FRAME_H
#define FRAMEWALK_TRAJ_FRAME_H

#include <stdbool.h>

/* What a frame says beside its coordinates. */
struct frame_info {
    bool has_time;
    bool has_box;
    double time_ps;
    double box[6]; /* a, b, c in A, then alpha, beta, gamma in degrees */
};

#endif
