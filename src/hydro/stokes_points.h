/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_STOKES_POINTS_H
#define FRAMEWALK_HYDRO_STOKES_POINTS_H

#include "hydro/stokes.h"

/* Mean of the points and second moments about it, xx xy xz yy yz zz, in their unit and
   its square. */
void stokes_moments(const struct stokes *stokes, double mean[3], double second[6]);

#endif
