/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/stokes_points.h"

#include "util/alloc.h"
#include "util/pmath.h"

#include <math.h>
#include <string.h>

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

void stokes_moments(const struct stokes *stokes, double mean[3], double second[6])
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
            stokes_moments(stokes, mean, second);
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
