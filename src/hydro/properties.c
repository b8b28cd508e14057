/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/properties.h"

#include <math.h>

enum { SI_FRICTION = HYDRO_NEEDS_ANGSTROM | HYDRO_NEEDS_VISCOSITY };

static const struct hydro_property_info table[HYDRO_N_PROPERTIES] = {
    [HYDRO_CAPACITANCE] = {"capacitance", "A", "L", 1, 0,
                           "electrostatic capacitance of a conductor of this shape"},
    [HYDRO_POLARIZABILITY] = {"electric_polarizability", "A^3", "L^3", 1, 0,
                              "mean electric polarizability of a conductor, trace / 3"},
    [HYDRO_POLARIZABILITY_TENSOR] = {"electric_polarizability_tensor", "A^3", "L^3",
                                     HYDRO_TENSOR, 0,
                                     "electric polarizability tensor of a conductor"},
    [HYDRO_POLARIZABILITY_EIGENVALUES] = {"electric_polarizability_eigenvalues", "A^3",
                                          "L^3", HYDRO_EIGENVALUES, 0,
                                          "eigenvalues of the polarizability tensor"},
    [HYDRO_INTRINSIC_CONDUCTIVITY] = {"intrinsic_conductivity", "", "", 1, 0,
                                      "mean polarizability / volume"},
    [HYDRO_VOLUME] = {"volume", "A^3", "L^3", 1, 0, "volume of the union of balls"},
    [HYDRO_SURFACE_AREA] = {"surface_area", "A^2", "L^2", 1, 0,
                            "surface area of the union of balls"},
    [HYDRO_GYRATION_TENSOR] = {"gyration_tensor", "A^2", "L^2", HYDRO_TENSOR, 0,
                               "second central moment of the uniform density"},
    [HYDRO_GYRATION_EIGENVALUES] = {"gyration_eigenvalues", "A^2", "L^2",
                                    HYDRO_EIGENVALUES, 0,
                                    "eigenvalues of the gyration tensor"},
    [HYDRO_RADIUS_OF_GYRATION] = {"radius_of_gyration", "A", "L", 1, 0,
                                  "square root of the trace of the gyration tensor"},
    [HYDRO_CAPACITANCE_SAME_VOLUME] = {"capacitance_same_volume_sphere", "A", "L", 1, 0,
                                       "radius of the sphere of equal volume"},
    [HYDRO_HYDRODYNAMIC_RADIUS] = {"hydrodynamic_radius", "A", "L", 1, 0,
                                   "Stokes radius, equal to the capacitance to 1 %"},
    [HYDRO_VISCOSITY_PREFACTOR] = {"intrinsic_viscosity_prefactor", "", "", 1, 0,
                                   "intrinsic viscosity / intrinsic conductivity"},
    [HYDRO_VISCOMETRIC_RADIUS] = {"viscometric_radius", "A", "L", 1, 0,
                                  "radius of the sphere of equal viscosity increment"},
    [HYDRO_INTRINSIC_VISCOSITY] = {"intrinsic_viscosity", "", "", 1, 0,
                                   "intrinsic viscosity by volume fraction"},
    [HYDRO_INTRINSIC_VISCOSITY_MASS] = {"intrinsic_viscosity_mass", "cm3/g", "cm3/g", 1,
                                        HYDRO_NEEDS_ANGSTROM | HYDRO_NEEDS_MASS,
                                        "intrinsic viscosity by mass concentration"},
    [HYDRO_FRICTION] = {"friction_coefficient", "g/s", "g/s", 1, SI_FRICTION,
                        "translational friction coefficient"},
    [HYDRO_DIFFUSION] = {"diffusion_coefficient", "cm2/s", "cm2/s", 1,
                         SI_FRICTION | HYDRO_NEEDS_TEMPERATURE,
                         "translational diffusion coefficient"},
    [HYDRO_SEDIMENTATION] = {"sedimentation_coefficient", "S", "S", 1,
                             SI_FRICTION | HYDRO_NEEDS_MASS | HYDRO_NEEDS_BUOYANCY,
                             "sedimentation coefficient in Svedberg (1e-13 s)"},
};

const struct hydro_property_info *hydro_property_info(enum hydro_property property)
{
    return &table[property];
}

size_t hydro_property_offset(enum hydro_property property)
{
    size_t offset = 0;
    for (int p = 0; p < (int)property; p++)
        offset += table[p].width;
    return offset;
}

unsigned hydro_missing(const struct hydro_conditions *conditions)
{
    return (conditions->abstract_length ? HYDRO_NEEDS_ANGSTROM : 0u) |
           (isnan(conditions->mass_da) ? HYDRO_NEEDS_MASS : 0u) |
           (isnan(conditions->viscosity_cp) ? HYDRO_NEEDS_VISCOSITY : 0u) |
           (isnan(conditions->temperature_k) ? HYDRO_NEEDS_TEMPERATURE : 0u) |
           (isnan(conditions->buoyancy) ? HYDRO_NEEDS_BUOYANCY : 0u);
}
