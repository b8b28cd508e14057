/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/stokes.h"

#include "hydro/stokes_points.h"
#include "hydro/stokes_sources.h"
#include "util/alloc.h"
#include "util/pmath.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The correction for what the fit leaves is c times it, c in units of c0 = trace of m /
   mean squares of the velocities: of each block as measured on proteins and models of
   balls (docs/stokes.md). */
static const double SLOPE[STOKES_BLOCKS] = {2.1, 1.65, 1.45};

/* Ridge in units of the columns' mean square: as small as the products' rounding lets
   it be. Where the ridge in single precision makes up more than a part of what is left,
   double precision is called for. */
static const double RIDGE_SINGLE = 1e-6, RIDGE_DOUBLE = 1e-11, PENALTY_MAX = 0.02;

static int each_serial(void *context, size_t n,
                       void (*job)(void *job_context, size_t i), void *job_context,
                       struct err *err)
{
    (void)context;
    (void)err;
    for (size_t i = 0; i < n; i++)
        job(job_context, i);
    return 0;
}

const struct stokes_runner stokes_serial = {each_serial, NULL};

void stokes_init(struct stokes *stokes, const struct simd_table *simd)
{
    *stokes = (struct stokes){.simd = simd};
}

static int set_lengths(struct stokes *s, struct err *err)
{
    double second[6];
    void *places = s->place;
    if (s->n_points == 0)
        return err_set(err, ERR_INPUT, "no walk hit the body");
    stokes_moments(s, s->centre, second);
    s->scale = sqrt(second[0] + second[3] + second[5]);
    if (!(s->scale > 0))
        return err_set(err, ERR_INPUT, "all walks hit the body in one place");
    if (alloc_grow(&places, &s->place_capacity, s->n_points, sizeof *s->place,
                   "points of a surface", err) < 0)
        return -1;
    s->place = places;
    for (size_t i = 0; i < s->n_points; i++)
        for (int k = 0; k < 3; k++)
            s->place[i][k] = (s->point[i][k] - s->centre[k]) / s->scale;
    return 0;
}

static const struct simd_stokes_kernel *kernel_of(const struct stokes *s)
{
    return s->is_double ? s->simd->stokes_f64 : s->simd->stokes_f32;
}

static int grow_bytes(void **memory, size_t *capacity, size_t bytes, struct err *err)
{
    return alloc_grow(memory, capacity, bytes, 1, "a fit of sources", err);
}

/* Memory of the fit in the present precision. */
static int take_memory(struct stokes *s, struct err *err)
{
    struct stokes_fit *f = &s->fit;
    size_t number = kernel_of(s)->number_bytes, columns = stokes_columns(f);
    size_t weights = stokes_source_columns(f) * STOKES_FIELDS;
    void *matrix = f->matrix, *weight = s->weight, *part = s->part;
    int status = grow_bytes(&f->basis, &s->basis_capacity,
                            (size_t)STOKES_CHUNK * STOKES_ROWS * columns * number, err);
    if (status == 0)
        status =
            grow_bytes(&f->weight, &s->real_weight_capacity, weights * number, err);
    if (status == 0)
        status = grow_bytes(&matrix, &s->matrix_capacity,
                            columns * stokes_stride(f) * sizeof(double), err);
    f->matrix = matrix;
    if (status == 0)
        status =
            grow_bytes(&weight, &s->weight_capacity, weights * sizeof(double), err);
    s->weight = weight;
    if (status == 0)
        status =
            grow_bytes(&part, &s->part_capacity, STOKES_CHUNK * sizeof *s->part, err);
    s->part = part;
    return status;
}

/* The stretches of points whose columns are held. */
struct chunk {
    struct stokes *stokes;
    size_t first, last;
};

static void basis_job(void *context, size_t i)
{
    const struct chunk *c = context;
    kernel_of(c->stokes)->basis(&c->stokes->fit, c->first + i);
}

static void gram_job(void *context, size_t i)
{
    const struct chunk *c = context;
    kernel_of(c->stokes)->gram(&c->stokes->fit, i, c->first, c->last);
}

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* Adds a point: left[a], adjoint[a] are what the fit leaves of mode a there and its
   adjoint's field. To first order a point changes m_ab by the product of one's adjoint
   with what is left of the other (a third of it, for its three rows). */
static void add_to_sums(const struct stokes *s, double left[STOKES_MODES][3],
                        double adjoint[STOKES_MODES][3], struct stokes_sums *sums)
{
    double root[STOKES_BLOCKS], influence[STOKES_ELEMENTS];
    for (int b = 0; b < STOKES_BLOCKS; b++)
        root[b] = sqrt(s->slope[b]);
    for (int a = 0, at = 0; a < STOKES_MODES; a++)
        for (int b = a; b < STOKES_MODES; b++, at++) {
            double squared = dot(left[a], left[b]);
            double crossed = dot(adjoint[a], left[b]) + dot(adjoint[b], left[a]);
            influence[at] =
                crossed / 6 + root[stokes_block(a)] * root[stokes_block(b)] * squared;
            sums->left[at] += squared;
            sums->influence[at] += influence[at];
        }
    double *product = sums->product;
    for (int i = 0; i < STOKES_ELEMENTS; i++) {
        for (int j = i; j < STOKES_ELEMENTS; j++)
            product[j - i] += influence[i] * influence[j];
        product += STOKES_ELEMENTS - i;
    }
}

static void residual_job(void *context, size_t i)
{
    const struct chunk *c = context;
    const struct stokes *s = c->stokes;
    size_t stretch = c->first + i, begin = stretch * STOKES_STRETCH;
    double field[STOKES_ROWS][STOKES_FIELDS];
    kernel_of(s)->basis(&s->fit, stretch);
    kernel_of(s)->fields(&s->fit, stretch, field);
    s->part[i] = (struct stokes_sums){0};
    for (size_t h = 0; h < STOKES_STRETCH && begin + h < s->n_points; h++) {
        double left[STOKES_MODES][3], adjoint[STOKES_MODES][3];
        for (int a = 0; a < STOKES_MODES; a++)
            for (int k = 0; k < 3; k++) {
                left[a][k] = field[3 * h + (size_t)k][a];
                adjoint[a][k] = field[3 * h + (size_t)k][STOKES_PANEL + a];
            }
        add_to_sums(s, left, adjoint, &s->part[i]);
    }
}

static void merge_sums(struct stokes_sums *into, const struct stokes_sums *part)
{
    for (int i = 0; i < STOKES_ELEMENTS; i++) {
        into->left[i] += part->left[i];
        into->influence[i] += part->influence[i];
    }
    for (size_t i = 0; i < sizeof into->product / sizeof *into->product; i++)
        into->product[i] += part->product[i];
}

/* Goes through the points chunk by chunk. */
static int each_chunk(struct stokes *s, const struct stokes_runner *runner,
                      int (*work)(struct chunk *, const struct stokes_runner *,
                                  struct err *),
                      struct err *err)
{
    size_t n = stokes_stretches(&s->fit);
    for (size_t first = 0; first < n; first += STOKES_CHUNK) {
        struct chunk chunk = {s, first,
                              first + STOKES_CHUNK < n ? first + STOKES_CHUNK : n};
        if (work(&chunk, runner, err) < 0)
            return -1;
    }
    return 0;
}

static int add_chunk(struct chunk *chunk, const struct stokes_runner *runner,
                     struct err *err)
{
    if (runner->each(runner->context, chunk->last - chunk->first, basis_job, chunk,
                     err) < 0)
        return -1;
    return runner->each(runner->context, stokes_jobs(&chunk->stokes->fit), gram_job,
                        chunk, err);
}

static int judge_chunk(struct chunk *chunk, const struct stokes_runner *runner,
                       struct err *err)
{
    size_t n = chunk->last - chunk->first;
    if (runner->each(runner->context, n, residual_job, chunk, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        merge_sums(&chunk->stokes->sums, &chunk->stokes->part[i]);
    return 0;
}

static int fit(struct stokes *s, const struct stokes_runner *runner, struct err *err)
{
    if (take_memory(s, err) < 0 || each_chunk(s, runner, add_chunk, err) < 0)
        return -1;
    s->simd->stokes_solver->solve(&s->fit, s->is_double ? RIDGE_DOUBLE : RIDGE_SINGLE,
                                  &s->solution, s->weight);
    kernel_of(s)->take(&s->fit, s->weight);
    return 0;
}

/* Whether the ridge is too much of what is left of some block. */
static bool is_coarse(const struct stokes *s)
{
    double penalty[STOKES_BLOCKS] = {0}, left[STOKES_BLOCKS] = {0};
    for (int a = 0; a < STOKES_MODES; a++) {
        penalty[stokes_block(a)] += s->solution.penalty[a];
        left[stokes_block(a)] += s->solution.left[a];
    }
    for (int b = 0; b < STOKES_BLOCKS; b++)
        if (!(penalty[b] <= PENALTY_MAX * left[b]))
            return true;
    return false;
}

static void set_slopes(struct stokes *s)
{
    double trace[STOKES_BLOCKS] = {0}, square[STOKES_BLOCKS] = {0};
    for (int a = 0; a < STOKES_MODES; a++) {
        trace[stokes_block(a)] += s->solution.m[a][a];
        square[stokes_block(a)] += s->solution.square[a];
    }
    for (int b = 0; b < STOKES_BLOCKS; b++)
        s->slope[b] = SLOPE[b] * trace[b] / square[b];
}

int stokes_solve(struct stokes *stokes, size_t sources,
                 const struct stokes_runner *runner, struct err *err)
{
    struct stokes *s = stokes;
    void *places = s->source;
    sources = sources < STOKES_SOURCES_MAX ? sources : STOKES_SOURCES_MAX;
    if (set_lengths(s, err) < 0 || alloc_grow(&places, &s->source_capacity, sources,
                                              sizeof *s->source, "sources", err) < 0)
        return -1;
    s->source = places;
    if (stokes_sources_place(s, sources, &s->fit.n_sources, runner, err) < 0)
        return -1;
    s->fit.n_points = s->n_points;
    s->fit.point = (const double(*)[3])s->place;
    s->fit.source = (const double(*)[3])s->source;
    s->is_double = false;
    if (fit(s, runner, err) < 0)
        return -1;
    if (is_coarse(s)) {
        s->is_double = true;
        if (fit(s, runner, err) < 0)
            return -1;
    }
    set_slopes(s);
    memset(&s->sums, 0, sizeof s->sums);
    return each_chunk(s, runner, judge_chunk, err);
}

void stokes_fini(struct stokes *stokes)
{
    free(stokes->point);
    free(stokes->normal);
    free(stokes->depth);
    free(stokes->place);
    free(stokes->source);
    free(stokes->fit.basis);
    free(stokes->fit.weight);
    free(stokes->fit.matrix);
    free(stokes->weight);
    free(stokes->part);
    *stokes = (struct stokes){0};
}
