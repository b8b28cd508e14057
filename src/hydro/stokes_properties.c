/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/stokes_properties.h"

enum {
    SI = HYDRO_NEEDS_ANGSTROM | HYDRO_NEEDS_VISCOSITY | HYDRO_NEEDS_TEMPERATURE,
};

static const struct stokes_property_info table[STOKES_N_PROPERTIES] = {
    [STOKES_HYDRODYNAMIC_RADIUS] = {"stokes_hydrodynamic_radius", "A", "L",
                                    STOKES_SCALAR, 0,
                                    "radius of the ball that diffuses as fast"},
    [STOKES_ROTATIONAL_RADIUS] = {"stokes_rotational_radius", "A", "L", STOKES_SCALAR,
                                  0, "radius of the ball that turns as fast"},
    [STOKES_INTRINSIC_VISCOSITY] = {"stokes_intrinsic_viscosity", "", "", STOKES_SCALAR,
                                    0,
                                    "intrinsic viscosity by volume fraction, zero "
                                    "shear"},
    [STOKES_INTRINSIC_VISCOSITY_INFINITE] = {"stokes_intrinsic_viscosity_infinite", "",
                                             "", STOKES_SCALAR, 0,
                                             "intrinsic viscosity by volume fraction, "
                                             "high frequency"},
    [STOKES_INTRINSIC_VISCOSITY_MASS] = {"stokes_intrinsic_viscosity_mass", "cm3/g",
                                         "cm3/g", STOKES_SCALAR,
                                         HYDRO_NEEDS_ANGSTROM | HYDRO_NEEDS_MASS,
                                         "intrinsic viscosity by mass concentration, "
                                         "zero shear"},
    [STOKES_RELAXATION_VOLUMES] = {"relaxation_volumes", "A^3", "L^3", STOKES_FIVE, 0,
                                   "k_B T / viscosity times the relaxation times of "
                                   "orientation, l = 2"},
    [STOKES_CORRELATION_VOLUME] = {"correlation_volume", "A^3", "L^3", STOKES_SCALAR, 0,
                                   "harmonic mean of the relaxation volumes"},
    [STOKES_CENTRE_OF_DIFFUSION] = {"centre_of_diffusion", "A", "L", STOKES_VECTOR, 0,
                                    "in the coordinates of the frame"},
    [STOKES_MOBILITY_ORIGIN] = {"mobility_origin", "A", "L", STOKES_VECTOR, 0,
                                "centre of the smallest enclosing ball, in the "
                                "coordinates of the frame"},
    [STOKES_MOBILITY] = {"mobility", "1/A 1/A^2 1/A^3", "1/L 1/L^2 1/L^3",
                         STOKES_SIX_BY_SIX, 0,
                         "viscosity times the mobility about mobility_origin: "
                         "velocities by forces and torques"},
    [STOKES_TRANSLATION_TENSOR] = {"translational_diffusion_tensor", "cm2/s", "cm2/s",
                                   STOKES_TENSOR, SI,
                                   "translational diffusion at the centre of "
                                   "diffusion"},
    [STOKES_TRANSLATION] = {"translational_diffusion_coefficient", "cm2/s", "cm2/s",
                            STOKES_SCALAR, SI,
                            "its mean: what light scattering and sedimentation see"},
    [STOKES_ROTATION_TENSOR] = {"rotational_diffusion_tensor", "1/s", "1/s",
                                STOKES_TENSOR, SI, "rotational diffusion"},
    [STOKES_ROTATION_EIGENVALUES] = {"rotational_diffusion_eigenvalues", "1/s", "1/s",
                                     STOKES_EIGENVALUES, SI,
                                     "eigenvalues of the rotational diffusion tensor"},
    [STOKES_ROTATION] = {"rotational_diffusion_coefficient", "1/s", "1/s",
                         STOKES_SCALAR, SI, "mean of the rotational diffusion tensor"},
    [STOKES_RELAXATION_RATES] = {"relaxation_rates", "1/s", "1/s", STOKES_FIVE, SI,
                                 "of orientation, l = 2"},
    [STOKES_RELAXATION_TIMES] = {"relaxation_times", "ns", "ns", STOKES_FIVE, SI,
                                 "of orientation, l = 2"},
    [STOKES_CORRELATION_TIME] = {"rotational_correlation_time", "ns", "ns",
                                 STOKES_SCALAR, SI,
                                 "their harmonic mean: the tau_c of NMR relaxation"},
    [STOKES_OVER_CAPACITANCE] = {"stokes_over_capacitance", "", "", STOKES_SCALAR,
                                 STOKES_NEEDS_CAPACITANCE,
                                 "stokes_hydrodynamic_radius / capacitance: one where "
                                 "the electrostatic analogy is exact"},
    [STOKES_RESIDUAL] = {"stokes_residual", "", "", STOKES_SCALAR, 0,
                         "rms of what the fit leaves of translations, by their own"},
    [STOKES_EXTRAPOLATION] = {"stokes_extrapolation", "", "", STOKES_SCALAR, 0,
                              "relative change of the hydrodynamic radius by the "
                              "extrapolation"},
};

const struct stokes_property_info *stokes_property_info(enum stokes_property property)
{
    return &table[property];
}

size_t stokes_kind_width(enum stokes_kind kind)
{
    static const size_t width[] = {1, 3, 3, 5, 6, 21};
    return width[kind];
}

size_t stokes_property_offset(enum stokes_property property)
{
    size_t offset = 0;
    for (int p = 0; p < (int)property; p++)
        offset += stokes_kind_width(table[p].kind);
    return offset;
}
