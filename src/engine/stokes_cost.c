/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/stokes_kernel.h"

#include <math.h>

/* Seconds on one x86-64 core (docs/performance.md): a product of the normal matrix, one
   in double precision, a product of its factorisation, a distance in the choice of
   sources, a field at a point, a walk, a sample; and of the derived properties. From
   processor times of globules of 2 to 10,000 balls with 64, 128 and 256 sources. */
static const double PRODUCT = 0.044e-9, PRODUCT_DOUBLE = 0.12e-9, PIVOT = 0.15e-9,
                    DISTANCE = 0.33e-9, FIELD = 0.066e-9, WALK = 0.5e-6, SAMPLE = 25e-9,
                    DERIVE = 2e-3;

/* Of cells that walks make as they go and of the balls that are looked for at their
   ends: a power of the number of balls, from 100 to 10,000. */
static const double CELLS = 0.24e-3, CELLS_POWER = 0.6;

/* Bodies of few balls are smooth: so little is left by the fit that it is made again in
   double precision. Of globules all do that up to the first number of balls, none from
   the second on. */
static const double SMOOTH_BALLS = 40, ROUGH_BALLS = 60;

/* Steps and candidates of the choice of sources, unknowns of a source, shares of a
   walk that hit. */
enum { STEPS_TAKEN = 10, CANDIDATES = 16, UNKNOWNS = 6 };
static const double HITS = 0.6;

struct hydro_cost stokes_cost(const struct stokes_options *o, size_t n_balls)
{
    const struct stokes none = {0};
    struct stokes_plan plan = stokes_plan(&none, &o->plan, n_balls);
    double sources = (double)plan.sources, points = (double)plan.points;
    double unknowns = UNKNOWNS * sources + STOKES_PANEL, rows = 3 * points;
    double walks = points / HITS;
    double places = fmin(points, CANDIDATES * sources) * STEPS_TAKEN * points;
    double smooth = (ROUGH_BALLS - (double)n_balls) / (ROUGH_BALLS - SMOOTH_BALLS);
    /* Columns of the points of a chunk are held in the precision of the fit. */
    size_t number = smooth > 0 ? sizeof(double) : sizeof(float);
    double product = PRODUCT + PRODUCT_DOUBLE * fmin(fmax(smooth, 0), 1);
    return (struct hydro_cost){
        .serial_seconds = PIVOT * unknowns * unknowns * unknowns / 6 + DERIVE,
        .stokes = {product * rows * unknowns * unknowns / 2 + DISTANCE * places +
                       FIELD * rows * unknowns * STOKES_FIELDS + WALK * walks +
                       CELLS * pow((double)n_balls, CELLS_POWER) +
                       SAMPLE * (double)o->volume_samples,
                   (uint64_t)fmax(unknowns / STOKES_PANEL, 1)},
        .n_walks = walks,
        .frame_bytes = (size_t)(unknowns * unknowns * sizeof(double)) +
                       plan.points * 200 +
                       (size_t)unknowns * STOKES_CHUNK * STOKES_ROWS * number +
                       STOKES_CHUNK * sizeof(struct stokes_sums),
    };
}
