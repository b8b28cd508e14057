/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/stokes_sources.h"

#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Depth below balls in units of the sources' distance from each other. Between a third
   and two thirds results are the same. */
static const double DEPTH = 0.5;

/* Where the nearest point of the surface is another one soon, as in thin parts, sources
   lie at this part of the depth where the way down ends: not all in the middle. */
static const double NOT_IN_THE_MIDDLE = 0.65;

/* Steps on the way down, candidates for each source, rounds of Lloyd's algorithm (more
   of any gain nothing), and candidates of one job. */
enum { STEPS = 16, CANDIDATES = 16, ROUNDS = 2, JOB = 32 };

struct search {
    const struct stokes *stokes;
    const struct simd_field_kernel *field;
    float (*clearance)(const float *const point[3], size_t n_padded,
                       const float place[3], size_t *nearest);
    size_t n; /* candidates */
    double least_depth;
    float *point[3]; /* of the surface, padded with copies */
    size_t n_padded;
    float *candidate[3]; /* likewise */
    size_t n_candidates_padded;
    float (*centre)[3]; /* of clusters */
    size_t n_centres;
    double (*sum)[4]; /* of the candidates in a cluster, and their number */
    uint32_t *which;  /* cluster of each candidate */
    float *nearest;
    void *memory;
};

static size_t padded(size_t n)
{
    return (n + FIELD_HITS - 1) / FIELD_HITS * FIELD_HITS;
}

static int search_init(struct search *s, const struct stokes *stokes, size_t wanted,
                       struct err *err)
{
    size_t points = stokes->n_points, most = CANDIDATES * wanted;
    *s = (struct search){.stokes = stokes, .field = stokes->simd->field};
    s->clearance = stokes->simd->stokes_solver->clearance;
    s->n = points < most ? points : most;
    s->n_padded = padded(points);
    s->n_candidates_padded = padded(s->n);
    if (stokes->body)
        s->least_depth = DEPTH * sqrt(4 * M_PI / (double)wanted);
    size_t floats = 3 * (s->n_padded + s->n_candidates_padded + wanted) +
                    2 * s->n_candidates_padded;
    size_t sums = wanted * sizeof *s->sum;
    s->memory = alloc_zeroed(1, sums + floats * sizeof(float), "sources", err);
    if (!s->memory)
        return -1;
    s->sum = s->memory;
    float *next = (float *)(s->sum + wanted);
    for (int k = 0; k < 3; k++, next += s->n_padded)
        s->point[k] = next;
    for (int k = 0; k < 3; k++, next += s->n_candidates_padded)
        s->candidate[k] = next;
    s->nearest = next;
    s->which = (uint32_t *)(next + s->n_candidates_padded);
    s->centre = (float(*)[3])(s->which + s->n_candidates_padded);
    for (size_t i = 0; i < s->n_padded; i++)
        for (int k = 0; k < 3; k++)
            s->point[k][i] = (float)stokes->place[i < points ? i : points - 1][k];
    return 0;
}

static void candidate_below(const struct search *s, size_t i, double depth, float at[3])
{
    const double *place = s->stokes->place[i], *normal = s->stokes->normal[i];
    for (int k = 0; k < 3; k++)
        at[k] = (float)(place[k] - depth * normal[k]);
}

/* Places that are not farther than this from a ball count as inside, in units of the
   depth wanted in it: small holes between balls are as good as filled. */
static const double HOLE = 0.3;

static bool found_one(void *context, size_t ball)
{
    (void)context;
    (void)ball;
    return false;
}

/* Inside, as far as the nearest point of the surface and the balls can tell. Where
   points are far apart beside a body's thickness the former cannot. */
static bool is_inside(const struct search *s, const float at[3], size_t nearest,
                      double hole)
{
    const struct stokes *stokes = s->stokes;
    size_t i = nearest < stokes->n_points ? nearest : stokes->n_points - 1;
    double place[3], outwards = 0;
    for (int k = 0; k < 3; k++) {
        outwards += ((double)at[k] - stokes->place[i][k]) * stokes->normal[i][k];
        place[k] = stokes->centre[k] + stokes->scale * (double)at[k];
    }
    if (outwards > 0)
        return false;
    return !stokes->body ||
           !bvh_visit(&stokes->body->bvh, place, hole, found_one, NULL);
}

/* Goes down from point i while the nearest point of the surface gets farther away. */
static double descend(const struct search *s, size_t i)
{
    double wanted = s->stokes->depth[i] / s->stokes->scale, reached = 0;
    double step = (wanted > s->least_depth ? wanted : s->least_depth) / STEPS;
    for (int k = 1; k <= STEPS; k++) {
        float at[3];
        size_t nearest;
        candidate_below(s, i, k * step, at);
        double square = (double)s->clearance((const float *const *)s->point,
                                             s->n_padded, at, &nearest);
        if (square <= reached || !is_inside(s, at, nearest, HOLE * s->stokes->depth[i]))
            return NOT_IN_THE_MIDDLE * (k - 1) * step;
        reached = square;
    }
    return STEPS * step;
}

static void descend_job(void *context, size_t job)
{
    const struct search *s = context;
    for (size_t i = job * JOB; i < (job + 1) * JOB && i < s->n; i++) {
        float at[3];
        candidate_below(s, i, descend(s, i), at);
        for (int k = 0; k < 3; k++)
            s->candidate[k][i] = at[k];
    }
}

static struct field_points candidates(const struct search *s)
{
    return (struct field_points){s->n, s->n_candidates_padded, s->candidate[0],
                                 s->candidate[1], s->candidate[2]};
}

static void candidate_at(const struct search *s, size_t i, float at[3])
{
    for (int k = 0; k < 3; k++)
        at[k] = s->candidate[k][i];
}

/* Centres of clusters, each the candidate farthest from those before it. */
static void spread(struct search *s, size_t wanted)
{
    const struct field_points points = candidates(s);
    float from[3] = {0, 0, 0};
    for (size_t i = 0; i < points.n_padded; i++)
        s->nearest[i] = INFINITY;
    for (s->n_centres = 0; s->n_centres < wanted; s->n_centres++) {
        size_t far = s->field->spread(&points, from, s->nearest);
        if (s->n_centres > 0 && s->nearest[far] <= 0)
            return; /* no further place */
        candidate_at(s, far, from);
        memcpy(s->centre[s->n_centres], from, sizeof from);
    }
}

static void assign(struct search *s)
{
    const struct field_points points = candidates(s);
    s->field->assign(&points, s->n_centres, (const float(*)[3])s->centre, s->which,
                     s->nearest);
}

/* Moves centres to the mean of their clusters. */
static void settle(struct search *s)
{
    assign(s);
    memset(s->sum, 0, s->n_centres * sizeof *s->sum);
    for (size_t i = 0; i < s->n; i++) {
        double *sum = s->sum[s->which[i]];
        for (int k = 0; k < 3; k++)
            sum[k] += (double)s->candidate[k][i];
        sum[3]++;
    }
    for (size_t c = 0; c < s->n_centres; c++)
        for (int k = 0; k < 3 && s->sum[c][3] > 0; k++)
            s->centre[c][k] = (float)(s->sum[c][k] / s->sum[c][3]);
}

/* Replaces centres by the nearest candidates of their clusters, which are inside the
   body; clusters without any go. The two of a pair are as near as each other: the first
   stays, however the body is turned and rounded. */
static void snap(struct search *s)
{
    const float clearly = 0.999f;
    size_t kept = 0;
    assign(s);
    for (size_t c = 0; c < s->n_centres; c++) {
        size_t best = s->n;
        for (size_t i = 0; i < s->n; i++)
            if (s->which[i] == c &&
                (best == s->n || s->nearest[i] < clearly * s->nearest[best]))
                best = i;
        if (best < s->n)
            candidate_at(s, best, s->centre[kept++]);
    }
    s->n_centres = kept;
}

static double square_between(const double a[3], const double b[3])
{
    double d[3] = {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
    return d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
}

/* Farthest-point order, in place; the first is the farthest from the middle. */
static void order(double (*source)[3], size_t n)
{
    double least[STOKES_SOURCES_MAX], previous[3] = {0, 0, 0};
    for (size_t i = 0; i < n; i++)
        least[i] = INFINITY;
    for (size_t k = 0; k < n; k++) {
        size_t far = k;
        for (size_t i = k; i < n; i++) {
            double square = square_between(source[i], previous);
            /* The middle is no source: its distances are for the first choice only. */
            least[i] = k == 1 || square < least[i] ? square : least[i];
            if (least[i] > least[far])
                far = i;
        }
        memcpy(previous, source[far], sizeof previous);
        memcpy(source[far], source[k], sizeof previous);
        memcpy(source[k], previous, sizeof previous);
        least[far] = least[k];
    }
}

int stokes_sources_place(struct stokes *stokes, size_t wanted, size_t *placed,
                         const struct stokes_runner *runner, struct err *err)
{
    struct search s;
    if (search_init(&s, stokes, wanted, err) < 0)
        return -1;
    if (runner->each(runner->context, (s.n + JOB - 1) / JOB, descend_job, &s, err) <
        0) {
        free(s.memory);
        return -1;
    }
    for (size_t i = s.n; i < s.n_candidates_padded; i++)
        for (int k = 0; k < 3; k++)
            s.candidate[k][i] = s.candidate[k][s.n - 1];
    spread(&s, wanted);
    for (int round = 0; round < ROUNDS; round++)
        settle(&s);
    snap(&s);
    for (size_t c = 0; c < s.n_centres; c++)
        for (int k = 0; k < 3; k++)
            stokes->source[c][k] = (double)s.centre[c][k];
    *placed = s.n_centres;
    free(s.memory);
    order(stokes->source, *placed);
    return 0;
}
