/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/body.h"

#include "geom/contained.h"
#include "geom/enclose.h"
#include "geom/hilbert.h"
#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>

/* Beyond these lengths leave the range of single precision (in which trees keep their
   boxes), or the gap between surfaces its resolution. */
static const double LENGTH_MAX = 1e30, RADIUS_MIN = 1e-30, SIZE_RATIO_MAX = 1e10;

/* Default skin: 2e-6 of the launch radius biases C by less than 1e-6 even on thin rings
   of balls, where 5 % of the walks end there; small balls need it smaller. */
static const double SKIN_PER_LAUNCH_RADIUS = 2e-6, SKIN_PER_BALL = 1e-5;

static int check_ball(const double c[3], double r, size_t number, struct err *err)
{
    for (int k = 0; k < 3; k++)
        if (!isfinite(c[k]) || fabs(c[k]) > LENGTH_MAX)
            return err_set(err, ERR_INPUT, "atom %zu: %c coordinate is %g", number,
                           "xyz"[k], c[k]);
    if (!(r > RADIUS_MIN && r < LENGTH_MAX))
        return err_set(err, ERR_INPUT, "atom %zu: radius is %g", number, r);
    return 0;
}

static int take_balls(struct balls *balls, const double *xyz, const double *radius,
                      size_t n, const unsigned *number, struct err *err)
{
    balls->n = 0;
    if (balls_reserve(balls, n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const double *c = xyz + 3 * i;
        if (check_ball(c, radius[i], (number ? number[i] : i) + 1, err) < 0)
            return -1;
        balls_push(balls, c[0], c[1], c[2], radius[i]);
    }
    return 0;
}

static void centre_balls(struct body *body)
{
    struct balls *b = &body->balls;
    for (size_t i = 0; i < b->n; i++) {
        b->x[i] -= body->centre[0];
        b->y[i] -= body->centre[1];
        b->z[i] -= body->centre[2];
    }
}

static int sum_sizes(struct body *body, struct err *err)
{
    const struct balls *b = &body->balls;
    free(body->volume_sum);
    body->area_sum = NULL;
    body->volume_sum = alloc_zeroed(b->n, 2 * sizeof(double), "ball volumes", err);
    if (!body->volume_sum)
        return -1;
    body->area_sum = body->volume_sum + b->n;
    double volume = 0, area = 0;
    body->radius_min = INFINITY;
    for (size_t i = 0; i < b->n; i++) {
        double r = b->r[i];
        volume += 4.0 / 3.0 * M_PI * r * r * r;
        area += 4.0 * M_PI * r * r;
        body->volume_sum[i] = volume;
        body->area_sum[i] = area;
        body->radius_min = r < body->radius_min ? r : body->radius_min;
    }
    body->total_volume = volume;
    body->total_area = area;
    return 0;
}

/* Launch radius and skin, derived or given. */
static int set_lengths(struct body *body, double enclosing,
                       const struct body_options *options, struct err *err)
{
    double given = options->launch_radius;
    if (!isnan(given) && given < enclosing)
        return err_set(err, ERR_USAGE,
                       "launch radius %g does not enclose the body, which needs %.17g",
                       given, enclosing);
    body->launch_radius = isnan(given) ? enclosing : given;
    if (body->radius_min * SIZE_RATIO_MAX < body->launch_radius)
        return err_set(
            err, ERR_INPUT,
            "the smallest ball (radius %g) is more than %g times smaller than "
            "the body (radius %g)",
            body->radius_min, SIZE_RATIO_MAX, enclosing);
    body->skin = isnan(options->skin) ? fmin(SKIN_PER_LAUNCH_RADIUS * enclosing,
                                             SKIN_PER_BALL * body->radius_min)
                                      : options->skin;
    return 0;
}

int body_prepare(struct body *body, const double *xyz, const double *radius, size_t n,
                 const unsigned *number, const struct body_options *options,
                 struct err *err)
{
    double enclosing;
    body->groups = (struct groups){0};
    if (take_balls(&body->balls, xyz, radius, n, number, err) < 0 ||
        hilbert_sort(&body->balls, err) < 0)
        return -1;
    enclose_balls(&body->balls, body->centre, &enclosing);
    centre_balls(body);
    uint64_t visits;
    if (contained_drop(&body->balls, &body->bvh, &visits, err) < 0 ||
        sum_sizes(body, err) < 0 || set_lengths(body, enclosing, options, err) < 0)
        return -1;
    body->n_contained = n - body->balls.n;
    return 0;
}

int body_find_groups(struct body *body, struct err *err)
{
    return groups_find(&body->groups, &body->bvh, BODY_GROUP_GAP, err);
}

void body_fini(struct body *body)
{
    balls_fini(&body->balls);
    bvh_fini(&body->bvh);
    free(body->volume_sum);
    *body = (struct body){0};
}
