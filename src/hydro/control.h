/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_CONTROL_H
#define FRAMEWALK_HYDRO_CONTROL_H

#include "hydro/body.h"
#include "hydro/tally.h"
#include "util/err.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A control variate for the walks. For a point x_k inside the body 1 / |x - x_k| is
   harmonic outside it, so that with launch radius R, start direction n and hit point X

       E[h R / |X - x_k|] = 1        E[n_i h R / |X - x_k|] = x_ki / (3 R)

   exactly. Phi_q = sum_k beta_qk R / |X - x_k| is fitted to f_q = 1, X_x/R, X_y/R,
   X_z/R on the hits of an independent pilot; the walks then tally f_q - Phi_q, whose
   variance is hundreds of times smaller, and the exact means of Phi are added back. The
   estimates stay unbiased whatever the fit. (It is the method of fundamental solutions,
   corrected to exactness by the walks.) */

enum {
    CONTROL_TARGETS = 4,
    CONTROL_SOURCES_MAX = 192,
    CONTROL_LANES = 4,
    CONTROL_PILOT_MAX = 16384,
    CONTROL_PAYS = 16384
};

struct control {
    size_t n;          /* sources, 0 when the walks are tallied as they are */
    size_t n_padded;   /* with idle ones, a multiple of CONTROL_LANES */
    double *x, *y, *z; /* relative to the launch centre, in launch radii */
    double *beta[CONTROL_TARGETS];
    double exact[WALK_DIM]; /* means of Phi, in the layout of the walks' tallies */
    uint64_t pilot_walks;
    double *memory; /* all arrays above */
    double *hit;    /* of the pilot: x y z of each, in launch radii */
    size_t n_hits, hit_capacity;
};

/* Pilot walks that pay for `walks` main walks on a body of n_balls, a whole number of
   blocks; 0 where a control variate does not pay. A fixed formula: results depend on
   it. */
uint64_t control_pilot_walks(double walks, size_t n_balls);

/* Forgets the last frame's fit and prepares for hits. Zero-initialise before first use.
 */
void control_reset(struct control *control);
/* Appends the hits of a block of the pilot, in the order of the blocks. */
int control_add_hits(struct control *control, const double *hit, size_t n,
                     struct err *err);
/* Chooses sources and fits them to the hits of `pilot_walks` walks. Targets that a part
   of the pilot that the fit has not seen does not confirm keep Phi = 0. */
int control_fit(struct control *control, const struct body *body, uint64_t pilot_walks,
                struct err *err);
/* Fills `exact` from sources and coefficients; control_fit does so by itself. */
void control_set_exact(struct control *control);
void control_fini(struct control *control);

/* R / |X - x_k| of CONTROL_LANES sources from k on; p in launch radii. */
static inline void control_basis(const struct control *control, const double p[3],
                                 size_t k, double inverse[CONTROL_LANES])
{
    for (size_t i = 0; i < CONTROL_LANES; i++) {
        double dx = p[0] - control->x[k + i], dy = p[1] - control->y[k + i],
               dz = p[2] - control->z[k + i];
        inverse[i] = 1.0 / sqrt(dx * dx + dy * dy + dz * dz);
    }
}

/* f_q - Phi_q at a hit point given in launch radii. The sums run in CONTROL_LANES lanes
   that are added up in order at the end: that order is part of the result, and
   compilers can vectorise it as it stands. */
static inline void control_residuals(const struct control *control, const double p[3],
                                     double f[CONTROL_TARGETS])
{
    double lane[CONTROL_TARGETS][CONTROL_LANES] = {{0}};
    for (size_t k = 0; k < control->n_padded; k += CONTROL_LANES) {
        double inverse[CONTROL_LANES];
        control_basis(control, p, k, inverse);
        for (int q = 0; q < CONTROL_TARGETS; q++)
            for (size_t i = 0; i < CONTROL_LANES; i++)
                lane[q][i] += control->beta[q][k + i] * inverse[i];
    }
    for (int q = 0; q < CONTROL_TARGETS; q++) {
        double sum = 0;
        for (size_t i = 0; i < CONTROL_LANES; i++)
            sum += lane[q][i];
        f[q] = (q == 0 ? 1.0 : p[q - 1]) - sum;
    }
}

#endif
