/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_STOKES_RIGID_H
#define FRAMEWALK_HYDRO_STOKES_RIGID_H

#include "simd/stokes.h"
#include "util/err.h"

/* From the resistance-like matrix to what a rigid body does in a fluid of viscosity
   one. Lengths in the caller's unit; with viscosity eta, divide mobilities by it. */

/* u = tt F + tr^T T, omega = tr F + rr T: velocity of the reference point and angular
   velocity by force on the point and torque about it. */
struct stokes_mobility {
    double tt[3][3], tr[3][3], rr[3][3]; /* 1 / length, 1 / length^2, 1 / length^3 */
};

struct stokes_rigid {
    struct stokes_mobility origin; /* about the origin of m */
    double centre[3];              /* of diffusion, from there */
    struct stokes_mobility free;   /* about it: tr is symmetric */
    double rotation[3];            /* eigenvalues of rr, ascending */
    double rate[STOKES_STRAINS];   /* of relaxation, l = 2, ascending; 1 / length^3 */
    double viscosity_zero;         /* [eta] times the volume: length^3 */
    double viscosity_infinite;     /* of high frequency: without Brownian stress */
};

/* m[a][b]: v_a-moment of the force that mode b exerts on the fluid. -1 with ERR_RUNTIME
   where no body can have such a matrix. */
int stokes_rigid(const double m[STOKES_MODES][STOKES_MODES], struct stokes_rigid *out,
                 struct err *err);

/* The mobility about a point d away. */
struct stokes_mobility stokes_mobility_at(const struct stokes_mobility *mobility,
                                          const double d[3]);

#endif
