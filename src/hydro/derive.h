/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_DERIVE_H
#define FRAMEWALK_HYDRO_DERIVE_H

#include "hydro/properties.h"
#include "hydro/tally.h"
#include "util/err.h"

/* From tallies to properties with standard deviations. */

/* What the tallies are relative to. */
struct hydro_scales {
    double launch_radius;
    double total_volume; /* of all balls, overlaps not taken off */
    double total_area;
};

struct hydro_tallies {
    struct walk_tally walk;
    double walk_exact[WALK_DIM]; /* of the control variate, zeros without one */
    struct interior_tally interior;
    struct surface_tally surface;
};

/* Fills value and std (HYDRO_WIDTH each, laid out by hydro_property_offset) with every
   property that the conditions allow, NaN for the others. std is the Monte Carlo
   standard deviation: the covariance of the tallies carried through the formulas by
   their gradient (delta method), so that correlations between t, u, v and w count.
   Systematic uncertainties of q_Rh and q_eta are not in it. -1 with ERR_RUNTIME without
   memory, or with ERR_INPUT when no walk hit the body. */
int hydro_derive(const struct hydro_tallies *tallies, const struct hydro_scales *scales,
                 const struct hydro_conditions *conditions, double *value, double *std,
                 struct err *err);

/* [eta] / [sigma] of a body with these eigenvalues (ascending, positive) of the
   polarizability tensor: 5/6 for a sphere. Mansfield, Douglas, Phys. Rev. E 78, 046712
   (2008). Systematic uncertainty 1.5 %. */
double hydro_viscosity_prefactor(const double eigenvalue[3]);

/* Relative systematic uncertainties of the two analogies: R_h = C (Hubbard, Douglas,
   Phys. Rev. E 47, R2983 (1993)) and [eta] = q_eta [sigma]. */
#define HYDRO_SYSTEMATIC_RH 0.01
#define HYDRO_SYSTEMATIC_ETA 0.015

#endif
