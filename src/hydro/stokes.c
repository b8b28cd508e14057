/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/stokes.h"

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

/* A ball that holds a hit is found within this, in launch radii: hits are in single
   precision. */
static const double SLACK = 1e-5;

/* Depth of sources in radii of the ball that was hit: at its centre they would
   coincide. */
static const double DEPTH_IN_BALL = 0.85;

/* Sources of a compact body; of a long or flat one, for each unit of its aspect; of one
   of many balls, for the cube root of their number. Points for each source. */
enum { SOURCES_DEFAULT = 64, SOURCES_MOST = 256 };
static const double SOURCES_PER_ASPECT = 42, SOURCES_PER_ROOT = 4;
enum { POINTS_PER_SOURCE = 25 };

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

void stokes_reset(struct stokes *stokes)
{
    stokes->n_points = 0;
    stokes->body = NULL;
}

int stokes_add_point(struct stokes *stokes, const double place[3],
                     const double normal[3], double depth, struct err *err)
{
    size_t n = stokes->n_points;
    void *places = stokes->point, *normals = stokes->normal, *depths = stokes->depth;
    int status = alloc_grow(&places, &stokes->point_capacity, n + 1,
                            sizeof *stokes->point, "points of a surface", err);
    stokes->point = places;
    if (status == 0)
        status = alloc_grow(&normals, &stokes->normal_capacity, n + 1,
                            sizeof *stokes->normal, "points of a surface", err);
    stokes->normal = normals;
    if (status == 0)
        status = alloc_grow(&depths, &stokes->depth_capacity, n + 1,
                            sizeof *stokes->depth, "points of a surface", err);
    stokes->depth = depths;
    if (status < 0)
        return -1;
    memcpy(stokes->point[n], place, sizeof *stokes->point);
    memcpy(stokes->normal[n], normal, sizeof *stokes->normal);
    stokes->depth[n] = depth;
    stokes->n_points++;
    return 0;
}

struct nearest_ball {
    const struct balls *balls;
    const double *place;
    double gap;
    size_t ball;
};

static bool pick_nearest(void *context, size_t ball)
{
    struct nearest_ball *c = context;
    const struct balls *b = c->balls;
    double d[3] = {c->place[0] - b->x[ball], c->place[1] - b->y[ball],
                   c->place[2] - b->z[ball]};
    double gap = fabs(sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) - b->r[ball]);
    if (gap < c->gap) {
        c->gap = gap;
        c->ball = ball;
    }
    return true;
}

/* The ball that was hit; false where the place is on none. */
static bool find_ball(const struct body *body, const double place[3], size_t *ball)
{
    struct nearest_ball nearest = {&body->balls, place, INFINITY, 0};
    double reach = SLACK * body->launch_radius + body->skin;
    bvh_visit(&body->bvh, place, reach, pick_nearest, &nearest);
    *ball = nearest.ball;
    return nearest.gap < INFINITY;
}

int stokes_add_hits(struct stokes *stokes, const struct body *body,
                    const struct walk_hits *hits, size_t most, struct err *err)
{
    const struct balls *b = &body->balls;
    stokes->body = body;
    for (size_t i = 0; i < hits->n && stokes->n_points < most; i++) {
        double place[3];
        size_t ball;
        for (int k = 0; k < 3; k++)
            place[k] = hits->point[k][i] * body->launch_radius;
        if (!find_ball(body, place, &ball))
            continue;
        double normal[3] = {place[0] - b->x[ball], place[1] - b->y[ball],
                            place[2] - b->z[ball]};
        double length =
            sqrt(normal[0] * normal[0] + normal[1] * normal[1] + normal[2] * normal[2]);
        for (int k = 0; k < 3; k++)
            normal[k] /= length;
        if (stokes_add_point(stokes, place, normal, DEPTH_IN_BALL * b->r[ball], err) <
            0)
            return -1;
    }
    return 0;
}

/* Mean of the points and second moments about it, xx xy xz yy yz zz. */
static void moments(const struct stokes *stokes, double mean[3], double second[6])
{
    double n = (double)stokes->n_points;
    memset(mean, 0, 3 * sizeof *mean);
    memset(second, 0, 6 * sizeof *second);
    for (size_t i = 0; i < stokes->n_points; i++)
        for (int k = 0; k < 3; k++)
            mean[k] += stokes->point[i][k];
    for (int k = 0; k < 3; k++)
        mean[k] /= n;
    for (size_t i = 0; i < stokes->n_points; i++) {
        double d[3];
        for (int k = 0; k < 3; k++)
            d[k] = stokes->point[i][k] - mean[k];
        for (int j = 0, at = 0; j < 3; j++)
            for (int k = j; k < 3; k++)
                second[at++] += d[j] * d[k] / n;
    }
}

/* How far from a ball, by the invariants of the second moments, which need no
   eigenvalues: sqrt(trace * sum of pairs / (9 * product)) of l1, l2, l3 is 1 for a ball
   and 0.47 times the ratio of the axes for a long rod or a flat disc. */
static double aspect(const double s[6])
{
    double trace = s[0] + s[3] + s[5];
    double pairs = s[0] * s[3] - s[1] * s[1] + s[0] * s[5] - s[2] * s[2] + s[3] * s[5] -
                   s[4] * s[4];
    double all = s[0] * (s[3] * s[5] - s[4] * s[4]) -
                 s[1] * (s[1] * s[5] - s[4] * s[2]) +
                 s[2] * (s[1] * s[4] - s[3] * s[2]);
    return all > 0 ? sqrt(trace * pairs / (9 * all)) : INFINITY;
}

struct stokes_plan stokes_plan(const struct stokes *stokes,
                               const struct stokes_plan *asked, size_t n_balls)
{
    struct stokes_plan plan = *asked;
    if (plan.sources == 0) {
        double wanted = SOURCES_DEFAULT;
        if (stokes->n_points > 0) {
            double mean[3], second[6];
            moments(stokes, mean, second);
            wanted = fmax(wanted, SOURCES_PER_ASPECT * aspect(second));
        }
        wanted = fmax(wanted, SOURCES_PER_ROOT * pmath_cbrt((double)n_balls));
        wanted = fmin(wanted, SOURCES_MOST);
        plan.sources = (size_t)ceil(wanted / STOKES_PANEL) * STOKES_PANEL;
    }
    if (plan.points == 0) {
        plan.points = POINTS_PER_SOURCE * plan.sources;
        if (plan.points < STOKES_POINTS_DEFAULT)
            plan.points = STOKES_POINTS_DEFAULT;
    }
    return plan;
}

static int set_lengths(struct stokes *s, struct err *err)
{
    double second[6];
    void *places = s->place;
    if (s->n_points == 0)
        return err_set(err, ERR_INPUT, "no walk hit the body");
    moments(s, s->centre, second);
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
