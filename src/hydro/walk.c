/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/walk.h"

#include "hydro/passage.h"
#include "hydro/sphere.h"
#include "rng/stream.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum walk_end { WALK_GOES_ON, WALK_HIT, WALK_SKIN, WALK_ESCAPED, WALK_TRUNCATED };

/* A finite stand-in for an infinitely far second ball, in launch radii. */
static const double EMPTY_MAX = 1000.0;

/* First passage is used when its sphere reaches this many times beyond the gap. */
static const double PASSAGE_GAIN = 1.5;

/* A walker outside the launch sphere: it comes back with probability R / r, distributed
   by the exterior Poisson kernel, or never. */
static enum walk_end come_back(const struct body *body, struct rng_stream *stream,
                               double p[3], double r)
{
    double launch = body->launch_radius;
    if (rng_uniform(stream) * r >= launch)
        return WALK_ESCAPED;
    double m = passage_poisson(launch / r, (r - launch) / r, rng_uniform(stream));
    double axis[3] = {p[0] / r, p[1] / r, p[2] / r};
    sphere_around_axis(axis, launch * (1.0 - m), launch * passage_sine(m),
                       rng_uniform(stream), p);
    return WALK_GOES_ON;
}

/* One step of a walker inside the launch sphere. On a hit p is the point on the body.
 */
static enum walk_end step(const struct body *body, struct rng_stream *stream,
                          double p[3], unsigned *steps)
{
    struct nearest_hit near;
    ++*steps;
    if (!nearest_find(&body->nearest, p, &near)) {
        sphere_step(stream, near.gap, p);
        return WALK_GOES_ON;
    }
    const struct balls *balls = &body->balls;
    double c[3] = {balls->x[near.ball], balls->y[near.ball], balls->z[near.ball]};
    double a = balls->r[near.ball], d = near.distance, s = near.gap;
    double axis[3] = {(p[0] - c[0]) / d, (p[1] - c[1]) / d, (p[2] - c[2]) / d};
    double empty = fmin(near.second, EMPTY_MAX * body->launch_radius);
    /* Rounding can leave a walker a hair inside the ball: it has arrived. */
    double rho = s > 0 ? passage_radius(a, d, s, empty) : 0;
    double axial = a, radial = 0;
    enum walk_end end = WALK_SKIN;
    if (s > 0 && rho > PASSAGE_GAIN * s) {
        struct passage passage = {a, d, s, rho};
        bool hit =
            passage_draw(&passage, stream, &axial, &radial, steps, WALK_STEPS_MAX);
        end = hit ? WALK_HIT : WALK_GOES_ON;
    } else if (s >= body->skin) {
        sphere_step(stream, s, p);
        return WALK_GOES_ON;
    }
    double offset[3];
    sphere_around_axis(axis, axial, radial, radial > 0 ? rng_uniform(stream) : 0,
                       offset);
    for (int k = 0; k < 3; k++)
        p[k] = c[k] + offset[k];
    return end;
}

static enum walk_end walk(const struct body *body, struct rng_stream *stream,
                          double p[3], unsigned *steps)
{
    double limit = body->launch_radius * body->launch_radius;
    while (*steps < WALK_STEPS_MAX) {
        enum walk_end end = step(body, stream, p, steps);
        double square = p[0] * p[0] + p[1] * p[1] + p[2] * p[2];
        if (end == WALK_GOES_ON && square > limit)
            end = come_back(body, stream, p, sqrt(square));
        if (end != WALK_GOES_ON)
            return end;
    }
    return WALK_TRUNCATED;
}

/* A whole walk: from `start`, a uniform direction that is drawn here, to *p. */
static enum walk_end walk_from_launch(const struct body *body,
                                      struct rng_stream *stream, double start[3],
                                      double p[3], unsigned *steps)
{
    sphere_direction(stream, start);
    for (int k = 0; k < 3; k++)
        p[k] = body->launch_radius * start[k];
    *steps = 0;
    return walk(body, stream, p, steps);
}

static bool has_hit(enum walk_end end)
{
    return end == WALK_HIT || end == WALK_SKIN;
}

static void to_launch_radii(const struct body *body, double p[3])
{
    for (int k = 0; k < 3; k++)
        p[k] /= body->launch_radius;
}

static void add_hit(struct walk_tally *tally, const struct control *control,
                    const double start[3], const double p[3])
{
    double f[CONTROL_TARGETS] = {1, p[0], p[1], p[2]}, q[WALK_DIM];
    if (control && control->n)
        control_residuals(control, p, f);
    q[0] = f[0];
    for (int k = 0; k < 3; k++) {
        q[1 + k] = start[k] * f[0];
        q[4 + k] = f[1 + k];
    }
    for (int k = 0; k < 9; k++)
        q[7 + k] = start[k / 3] * f[1 + k % 3];
    tally_add(tally->sum, tally->product, q, WALK_DIM);
    tally->hits++;
}

void walk_block(const struct body *body, const struct control *control, uint64_t seed,
                uint64_t frame, uint64_t block, unsigned n, struct walk_tally *tally)
{
    struct rng_stream stream;
    rng_start(&stream, seed, RNG_WALKS, frame, block);
    for (unsigned i = 0; i < n; i++) {
        double start[3], p[3];
        unsigned steps;
        enum walk_end end = walk_from_launch(body, &stream, start, p, &steps);
        tally->steps += steps;
        tally->truncated += end == WALK_TRUNCATED;
        tally->skin_hits += end == WALK_SKIN;
        if (has_hit(end)) {
            to_launch_radii(body, p);
            add_hit(tally, control, start, p);
        }
    }
    tally->walks += n;
}

void walk_pilot_block(const struct body *body, uint64_t seed, uint64_t frame,
                      uint64_t block, struct walk_hits *hits)
{
    struct rng_stream stream;
    rng_start(&stream, seed, RNG_PILOT, frame, block);
    hits->n = 0;
    for (unsigned i = 0; i < HYDRO_BLOCK; i++) {
        double start[3], p[3];
        unsigned steps;
        if (has_hit(walk_from_launch(body, &stream, start, p, &steps))) {
            to_launch_radii(body, p);
            memcpy(hits->hit + 3 * hits->n++, p, sizeof(double) * 3);
        }
    }
}
