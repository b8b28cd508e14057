/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_STOKES_DERIVE_H
#define FRAMEWALK_HYDRO_STOKES_DERIVE_H

#include "hydro/stokes.h"
#include "hydro/stokes_properties.h"
#include "hydro/stokes_rigid.h"

/* From a fit to properties with standard deviations. */

/* A number and its standard deviation; NaN where it is not known. */
struct stokes_known {
    double value, std;
};

struct stokes_context {
    struct stokes_known volume;      /* of the body, in the unit of the points cubed */
    struct stokes_known capacitance; /* NaN where no other kernel gave it */
    double origin[3];                /* of the points, in the frame's coordinates */
    struct hydro_conditions conditions;
};

/* Of which properties the error that all frames share is told. */
enum stokes_shared {
    STOKES_SHARED_RADIUS,
    STOKES_SHARED_ROTATIONAL_RADIUS,
    STOKES_SHARED_VISCOSITY,
    STOKES_SHARED_N,
};

/* How the extrapolation went: what a warning may be due for. */
struct stokes_quality {
    double residual[STOKES_BLOCKS]; /* rms of what is left, by that of the velocities */
    double correction[STOKES_BLOCKS]; /* relative change of the traces of m */
    /* Slopes that the first half of the sources suggests, in units of the natural one;
       NaN where there is next to nothing to extrapolate. */
    double slope[STOKES_BLOCKS];
    /* The extrapolation's part of the standard deviations of R_h, the rotational radius
       and [eta], relative. It is much the same in every frame: means over frames have
       it too. */
    double shared[STOKES_SHARED_N];
};

/* Needs of properties that the context does not meet. */
unsigned stokes_missing(const struct hydro_conditions *conditions,
                        bool with_capacitance);

/* Fills value and std (STOKES_WIDTH each, laid out by stokes_property_offset), NaN for
   what the context does not allow. The standard deviation has three parts: of the
   points, by their covariance; of the volume and the capacitance; and of the
   extrapolation, since its slope is that of a typical body. -1 with ERR_RUNTIME. */
int stokes_derive(const struct stokes *stokes, const struct stokes_context *context,
                  double *value, double *std, struct stokes_quality *quality,
                  struct err *err);

#endif
