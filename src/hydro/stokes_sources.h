/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_STOKES_SOURCES_H
#define FRAMEWALK_HYDRO_STOKES_SOURCES_H

#include "hydro/stokes.h"

/* Chooses places for at most `wanted` sources inside the body: below points of the
   surface, where the nearest point is farthest; spread as the points are. In
   farthest-point order, so that the first half is spread over the whole body too.
   stokes->place, normal and depth are read, stokes->source and *placed filled. */
int stokes_sources_place(struct stokes *stokes, size_t wanted, size_t *placed,
                         const struct stokes_runner *runner, struct err *err);

#endif
