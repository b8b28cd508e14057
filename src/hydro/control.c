/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/control.h"

#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The residual's variance is about inversely proportional to the number of sources, K.
   With a pilot of 16 K walks, a fit of about 10 K^3 / 2 multiplications, and walks that
   take the longer the more balls there are, the time to a precision has its minimum
   where K is proportional to (balls * walks)^(1/4); bodies of few balls are smooth and
   converge faster than that. It is flat: half or twice as many cost a quarter more.
   Where the walks are given, more sources cost little and buy precision. */
static const double SOURCES_TO_PRECISION = 0.72, SOURCES_TO_WALKS = 1.1;
static const double BALLS_LEAST = 500, BALLS_MOST = 20000;
enum { PILOT_PER_SOURCE = 16, PILOT_MIN = 1024, PILOT_STEP = 512 };

static size_t round_up(double x, size_t step)
{
    return ((size_t)x + step) / step * step;
}

struct control_plan control_plan(double walks, bool to_precision, size_t n_balls)
{
    struct control_plan plan = {0, 0};
    /* One ball's capacitance and mean polarizability have next to no noise of their
     * own. */
    if (walks < CONTROL_PAYS || n_balls < 2)
        return plan;
    double balls = fmin(fmax((double)n_balls, BALLS_LEAST), BALLS_MOST);
    double factor = to_precision ? SOURCES_TO_PRECISION : SOURCES_TO_WALKS;
    double sources = factor * sqrt(sqrt(balls * walks));
    plan.sources = round_up(fmin(sources, FIELD_SOURCES_MAX - 1), FIELD_RUN);
    plan.walks = round_up((double)(PILOT_PER_SOURCE * plan.sources - 1), PILOT_STEP);
    if (plan.walks < PILOT_MIN)
        plan.walks = PILOT_MIN;
    return plan;
}

void control_reset(struct control *control, const struct simd_field_kernel *kernel,
                   const struct control_plan *plan)
{
    control->kernel = kernel;
    control->plan = *plan;
    control->n = control->n_hits = control->n_fit = control->field.n = 0;
    control->gain_capacitance = control->gain_polarizability = 1;
    memset(control->exact, 0, sizeof control->exact);
}

void control_fini(struct control *control)
{
    free(control->hit);
    free(control->scratch);
    free(control->fit.matrix);
    *control = (struct control){0};
}

int control_add_hits(struct control *control, const struct walk_hits *hits,
                     struct err *err)
{
    void *memory = control->hit;
    if (alloc_grow(&memory, &control->hit_capacity, control->n_hits + (size_t)hits->n,
                   sizeof *control->hit, "the hits of a pilot", err) < 0)
        return -1;
    control->hit = memory;
    for (size_t i = 0; i < hits->n; i++) {
        double *hit = control->hit[control->n_hits++];
        for (int k = 0; k < 3; k++) {
            hit[k] = hits->start[k][i];
            hit[3 + k] = hits->point[k][i];
        }
    }
    return 0;
}

void control_set_exact(struct control *control)
{
    struct control *c = control;
    memset(c->exact, 0, sizeof c->exact);
    for (size_t k = 0; k < c->n; k++) {
        const struct field_source *s = c->field.source + k;
        double third[3] = {(double)s->x / 3, (double)s->y / 3, (double)s->z / 3};
        c->exact[0] += (double)s->beta[0];
        for (int i = 0; i < 3; i++) {
            c->exact[1 + i] += (double)s->beta[0] * third[i];
            c->exact[4 + i] += (double)s->beta[1 + i];
            for (int j = 0; j < 3; j++)
                c->exact[7 + 3 * i + j] += (double)s->beta[1 + j] * third[i];
        }
    }
}

void control_tally(const struct control *control, const struct walk_hits *hits,
                   struct walk_tally *tally)
{
    control->kernel->tally(control->n ? &control->field : NULL, hits, tally);
}
