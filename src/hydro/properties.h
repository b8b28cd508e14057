/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_PROPERTIES_H
#define FRAMEWALK_HYDRO_PROPERTIES_H

#include <stdbool.h>
#include <stddef.h>

/* The properties of a body, in the order of the output. Symbols: C capacitance, alpha
   electric polarizability tensor of a conductor, V volume, S gyration tensor of the
   uniform density, R_h hydrodynamic radius, [eta] intrinsic viscosity, eta viscosity of
   the solvent, f friction coefficient. docs/properties.md has the formulas. */
enum hydro_property {
    HYDRO_CAPACITANCE,
    HYDRO_POLARIZABILITY,
    HYDRO_POLARIZABILITY_TENSOR,
    HYDRO_POLARIZABILITY_EIGENVALUES,
    HYDRO_INTRINSIC_CONDUCTIVITY,
    HYDRO_VOLUME,
    HYDRO_SURFACE_AREA,
    HYDRO_GYRATION_TENSOR,
    HYDRO_GYRATION_EIGENVALUES,
    HYDRO_RADIUS_OF_GYRATION,
    HYDRO_CAPACITANCE_SAME_VOLUME,
    HYDRO_HYDRODYNAMIC_RADIUS,
    HYDRO_VISCOSITY_PREFACTOR,
    HYDRO_VISCOMETRIC_RADIUS,
    HYDRO_INTRINSIC_VISCOSITY,
    HYDRO_INTRINSIC_VISCOSITY_MASS,
    HYDRO_FRICTION,
    HYDRO_DIFFUSION,
    HYDRO_SEDIMENTATION,
    HYDRO_N_PROPERTIES,
};

enum { HYDRO_SCALAR = 1, HYDRO_EIGENVALUES = 3, HYDRO_TENSOR = 6 };

/* What a property needs beside the coordinates. */
enum {
    HYDRO_NEEDS_ANGSTROM = 1, /* a length unit with an SI equivalent */
    HYDRO_NEEDS_MASS = 2,
    HYDRO_NEEDS_VISCOSITY = 4,
    HYDRO_NEEDS_TEMPERATURE = 8,
    HYDRO_NEEDS_BUOYANCY = 16,
};

struct hydro_property_info {
    const char *name;
    const char *unit;          /* lengths in A */
    const char *abstract_unit; /* the same where lengths are in L */
    unsigned width;            /* HYDRO_SCALAR, HYDRO_EIGENVALUES or HYDRO_TENSOR */
    unsigned needs;
    const char *description;
};

const struct hydro_property_info *hydro_property_info(enum hydro_property property);

enum { HYDRO_WIDTH = 33 }; /* sum of all widths */

/* Where a property's first component stands among the HYDRO_WIDTH numbers. */
size_t hydro_property_offset(enum hydro_property property);

/* Solvent and solute, NaN for what is not known. */
struct hydro_conditions {
    double temperature_k;
    double viscosity_cp;
    double mass_da;
    double buoyancy; /* 1 - vbar rho */
    bool abstract_length;
};

/* The needs that the conditions do not meet, as HYDRO_NEEDS_... bits. */
unsigned hydro_missing(const struct hydro_conditions *conditions);

#endif
