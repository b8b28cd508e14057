/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_CONTROL_H
#define FRAMEWALK_HYDRO_CONTROL_H

#include "hydro/body.h"
#include "hydro/hits.h"
#include "hydro/tally.h"
#include "simd/field.h"
#include "util/err.h"

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

/* From so many walks on a control variate pays for its pilot. */
enum { CONTROL_PAYS = 4096 };

/* What a control variate costs. */
struct control_plan {
    uint64_t walks; /* of the pilot; 0 for no control variate */
    size_t sources; /* at most; the pilot's hits may allow fewer */
};

struct control {
    const struct simd_field_kernel *kernel;
    size_t n;               /* sources, 0 when the walks are tallied as they are */
    struct field field;     /* their charges, and idle ones */
    double exact[WALK_DIM]; /* means of Phi, in the layout of the walks' tallies */
    struct control_plan plan;
    /* Variance of a plain walk over that of one with the control variate, measured on
       hits that the fit has not seen; 1 without one. Of capacitance and of mean
       polarizability. */
    double gain_capacitance, gain_polarizability;
    /* Of the pilot: start direction and hit point of each. */
    double (*hit)[6];
    size_t n_hits, n_fit, hit_capacity; /* the first n_fit are for the fit */
    struct field_fit fit;
    float *scratch;
    size_t scratch_capacity;
    size_t matrix_capacity;
};

/* What pays for `walks` main walks on a body of n_balls; where a precision is asked
   for, `walks` are what it would take without a control variate. A fixed formula:
   results depend on it. */
struct control_plan control_plan(double walks, bool to_precision, size_t n_balls);

/* Forgets the last frame's fit and prepares for the hits of another pilot.
   Zero-initialise before the first use. */
void control_reset(struct control *control, const struct simd_field_kernel *kernel,
                   const struct control_plan *plan);
/* Appends the hits of a block of the pilot, in the order of the blocks. */
int control_add_hits(struct control *control, const struct walk_hits *hits,
                     struct err *err);
/* Chooses sources and fits them to the pilot's hits. Targets that a part of the pilot
   that the fit has not seen does not confirm keep Phi = 0. Without memory -1, and there
   is no control variate. */
int control_fit(struct control *control, const struct body *body, struct err *err);

/* The same in parts, for a team: begin; all panels of columns; then all groups of rows;
   end. Different panels and groups touch different memory. There are none where the
   hits were too few. */
int control_fit_begin(struct control *control, const struct body *body,
                      struct err *err);
size_t control_fit_panels(const struct control *control);
void control_fit_panel(const struct control *control, size_t panel);
size_t control_fit_groups(const struct control *control);
void control_fit_group(const struct control *control, size_t group);
int control_fit_end(struct control *control, struct err *err);

/* Fills `exact` from the field; control_fit does so by itself. */
void control_set_exact(struct control *control);

/* Adds a block of walks to its tally. */
void control_tally(const struct control *control, const struct walk_hits *hits,
                   struct walk_tally *tally);

void control_fini(struct control *control);

#endif
