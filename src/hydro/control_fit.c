/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fit of a control variate to the hits of a pilot. */
#include "hydro/control.h"
#include "hydro/sources.h"
#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>

/* Hits that the fit needs for a source, lest it follow their noise. */
enum { HITS_PER_SOURCE = 8, SOURCES_MIN = 8 };

/* One hit in so many judges the fit. */
enum { JUDGES = 8 };

/* Added to the diagonal of the normal matrix, in units of its mean: well above the
   rounding of its single-precision sums. */
static const double RIDGE = 1e-6;

/* Memory for the points of a fit, by coordinate, and its columns behind them. */
static int take_points(struct control *c, size_t columns, struct err *err)
{
    size_t padded = (c->n_fit + FIELD_HITS - 1) / FIELD_HITS * FIELD_HITS;
    void *scratch = c->scratch, *matrix = c->fit.matrix;
    if (alloc_grow(&scratch, &c->scratch_capacity, padded * (3 + columns),
                   sizeof *c->scratch, "a control variate", err) < 0)
        return -1;
    c->scratch = scratch;
    if (alloc_grow(&matrix, &c->matrix_capacity, columns * columns,
                   sizeof *c->fit.matrix, "a control variate", err) < 0)
        return -1;
    float *at[3] = {scratch, c->scratch + padded, c->scratch + 2 * padded};
    for (int k = 0; k < 3; k++)
        for (size_t i = 0; i < padded; i++)
            at[k][i] = (float)c->hit[i < c->n_fit ? i : c->n_fit - 1][3 + k];
    c->fit = (struct field_fit){
        .points = {c->n_fit, padded, at[0], at[1], at[2]},
        .field = &c->field,
        .basis = c->scratch + 3 * padded,
        .matrix = matrix,
    };
    return 0;
}

/* Idle charges, far from every hit, fill the last run. */
static void add_idle(struct control *c)
{
    for (c->field.n = c->n; c->field.n % FIELD_RUN; c->field.n++)
        c->field.source[c->field.n] = (struct field_source){8, 8, 8, {0}};
}

int control_fit_begin(struct control *control, const struct body *body, struct err *err)
{
    struct control *c = control;
    c->n = c->field.n = 0;
    c->n_fit = c->n_hits - c->n_hits / JUDGES;
    size_t sources = c->n_fit / HITS_PER_SOURCE;
    sources = sources < c->plan.sources ? sources : c->plan.sources;
    sources = sources < FIELD_SOURCES_MAX ? sources : FIELD_SOURCES_MAX;
    if (sources < SOURCES_MIN)
        return 0;
    if (take_points(c, sources + FIELD_RUN + FIELD_PANEL, err) < 0)
        return -1;
    int placed =
        sources_place(c->kernel, body, &c->fit.points, sources, c->field.source, err);
    if (placed < 0)
        return -1;
    c->n = (size_t)placed;
    add_idle(c);
    c->fit.n_columns = c->field.n + FIELD_PANEL;
    return 0;
}

size_t control_fit_panels(const struct control *control)
{
    return control->n ? control->fit.n_columns / FIELD_PANEL : 0;
}

void control_fit_panel(const struct control *control, size_t panel)
{
    control->kernel->basis(&control->fit, panel);
}

size_t control_fit_groups(const struct control *control)
{
    return (control_fit_panels(control) + FIELD_GROUP - 1) / FIELD_GROUP;
}

void control_fit_group(const struct control *control, size_t group)
{
    control->kernel->gram(&control->fit, group);
}

/* The hits that the fit has not seen, with their share of the walks. */
static void judge(const struct control *c, const struct field *field,
                  struct walk_hits *hits, struct walk_tally *tally)
{
    size_t rest = c->n_hits - c->n_fit;
    *tally = (struct walk_tally){0};
    for (size_t begin = c->n_fit; begin < c->n_hits; begin += HYDRO_BLOCK) {
        size_t n = c->n_hits - begin < HYDRO_BLOCK ? c->n_hits - begin : HYDRO_BLOCK;
        hits->n = n;
        for (size_t i = 0; i < n; i++)
            for (int k = 0; k < 3; k++) {
                hits->start[k][i] = c->hit[begin + i][k];
                hits->point[k][i] = c->hit[begin + i][3 + k];
            }
        c->kernel->tally(field, hits, tally);
    }
    tally->walks = c->plan.walks * rest / c->n_hits;
}

/* Variance of target q itself, whatever the walk's start. */
static double target_variance(const struct walk_tally *tally, int q)
{
    int i = q == 0 ? 0 : 3 + q, diagonal = 0;
    for (int row = 0; row < i; row++)
        diagonal += WALK_DIM - row;
    double n = (double)tally->walks, mean = tally->sum[i] / n;
    return tally->product[diagonal] / n - mean * mean;
}

/* Finite, also where rounding is all that is left. */
static double gain(double plain, double left)
{
    const double most = 1e12;
    return plain < most * left ? plain / left : most;
}

/* A target whose residual does not scatter clearly less than the target itself keeps
   Phi = 0. */
static int validate(struct control *c, struct err *err)
{
    struct walk_tally plain, left;
    struct walk_hits *hits = alloc_zeroed(1, sizeof *hits, "a control variate", err);
    bool kept[FIELD_TARGETS], any = false, all = true;
    if (!hits) {
        c->n = c->field.n = 0;
        return -1;
    }
    judge(c, NULL, hits, &plain);
    judge(c, &c->field, hits, &left);
    for (int q = 0; q < FIELD_TARGETS; q++) {
        kept[q] = target_variance(&left, q) < 0.7 * target_variance(&plain, q);
        any = any || kept[q];
        all = all && kept[q];
        for (size_t k = 0; k < c->n && !kept[q]; k++)
            c->field.source[k].beta[q] = 0;
    }
    if (!all)
        judge(c, &c->field, hits, &left);
    if (!any)
        c->n = c->field.n = 0;
    control_set_exact(c);
    double nothing[WALK_DIM] = {0}, of_plain[2], of_left[2];
    walk_tally_variances(&plain, nothing, &of_plain[0], &of_plain[1]);
    walk_tally_variances(&left, c->exact, &of_left[0], &of_left[1]);
    c->gain_capacitance = gain(of_plain[0], of_left[0]);
    c->gain_polarizability = gain(of_plain[1], of_left[1]);
    free(hits);
    return 0;
}

int control_fit_end(struct control *control, struct err *err)
{
    struct control *c = control;
    double beta[FIELD_SOURCES_MAX][FIELD_TARGETS];
    if (c->n == 0)
        return 0;
    c->kernel->solve(&c->fit, c->n, RIDGE, beta);
    for (size_t k = 0; k < c->n; k++)
        for (int q = 0; q < FIELD_TARGETS; q++)
            c->field.source[k].beta[q] = (float)beta[k][q];
    return validate(c, err);
}

int control_fit(struct control *control, const struct body *body, struct err *err)
{
    if (control_fit_begin(control, body, err) < 0)
        return -1;
    for (size_t i = 0; i < control_fit_panels(control); i++)
        control_fit_panel(control, i);
    for (size_t i = 0; i < control_fit_groups(control); i++)
        control_fit_group(control, i);
    return control_fit_end(control, err);
}
