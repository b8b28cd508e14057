/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_TIMES_H
#define FRAMEWALK_TRAJ_TIMES_H

/* By how much two times in ps may differ and still be meant to be the same: files keep
   them as float32. The larger of 1e-3 ps and 4 units in the last place of that. */
double time_tolerance(double time_ps);

#endif
