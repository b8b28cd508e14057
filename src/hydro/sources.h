/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_SOURCES_H
#define FRAMEWALK_HYDRO_SOURCES_H

#include "hydro/body.h"
#include "simd/field.h"
#include "util/err.h"

/* Chooses up to `wanted` (at most FIELD_SOURCES_MAX) points strictly inside the body
   for the charges of a control variate, such that they lie where the walks of a pilot
   hit: the hits (at least one) are divided into clusters of about equal width, and each
   gets a source below its middle. Returns their number, or -1 without memory. */
int sources_place(const struct simd_field_kernel *kernel, const struct body *body,
                  const struct field_points *hits, size_t wanted,
                  struct field_source *out, struct err *err);

#endif
