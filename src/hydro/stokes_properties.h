/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_STOKES_PROPERTIES_H
#define FRAMEWALK_HYDRO_STOKES_PROPERTIES_H

#include "hydro/properties.h"

#include <stddef.h>

/* What the solution of Stokes's equations gives, in the order of the output.
   docs/stokes.md has the formulas. */
enum stokes_property {
    STOKES_HYDRODYNAMIC_RADIUS,
    STOKES_ROTATIONAL_RADIUS,
    STOKES_INTRINSIC_VISCOSITY,
    STOKES_INTRINSIC_VISCOSITY_INFINITE,
    STOKES_INTRINSIC_VISCOSITY_MASS,
    STOKES_RELAXATION_VOLUMES,
    STOKES_CORRELATION_VOLUME,
    STOKES_CENTRE_OF_DIFFUSION,
    STOKES_MOBILITY_ORIGIN,
    STOKES_MOBILITY,
    STOKES_TRANSLATION_TENSOR,
    STOKES_TRANSLATION,
    STOKES_ROTATION_TENSOR,
    STOKES_ROTATION_EIGENVALUES,
    STOKES_ROTATION,
    STOKES_RELAXATION_RATES,
    STOKES_RELAXATION_TIMES,
    STOKES_CORRELATION_TIME,
    STOKES_OVER_CAPACITANCE,
    STOKES_RESIDUAL,
    STOKES_EXTRAPOLATION,
    STOKES_N_PROPERTIES,
};

/* How many numbers a property has, by their arrangement. */
enum stokes_kind {
    STOKES_SCALAR,      /* 1 */
    STOKES_VECTOR,      /* 3 */
    STOKES_EIGENVALUES, /* 3, ascending */
    STOKES_FIVE,        /* 5, ascending */
    STOKES_TENSOR,      /* 6: xx xy xz yy yz zz */
    STOKES_SIX_BY_SIX,  /* 21: rows of the upper triangle */
};

/* Beside the needs of the other properties (hydro/properties.h). */
enum { STOKES_NEEDS_CAPACITANCE = 1 << 8 };

struct stokes_property_info {
    const char *name;
    const char *unit;          /* lengths in A */
    const char *abstract_unit; /* the same where lengths are in L */
    enum stokes_kind kind;
    unsigned needs; /* HYDRO_NEEDS_..., STOKES_NEEDS_CAPACITANCE */
    const char *description;
};

const struct stokes_property_info *stokes_property_info(enum stokes_property property);

enum { STOKES_WIDTH = 69 }; /* sum of all widths */

size_t stokes_kind_width(enum stokes_kind kind);
/* Where a property's first component stands among the STOKES_WIDTH numbers. */
size_t stokes_property_offset(enum stokes_property property);

#endif
