/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/interior.h"

#include "hydro/sphere.h"
#include "rng/stream.h"

/* Distributed like the cube root of a uniform number: the largest of three. */
static double cube_root_uniform(struct rng_stream *stream)
{
    double a = rng_uniform(stream), b = rng_uniform(stream), c = rng_uniform(stream);
    double larger = a > b ? a : b;
    return larger > c ? larger : c;
}

/* The ball whose share of the running sum contains uniform * total. */
static size_t draw_ball(const double *running, size_t n, double uniform)
{
    double at = uniform * running[n - 1];
    size_t low = 0, high = n - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (running[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A point of ball i: uniform on its surface (depth 1) or inside. */
static void point_of(const struct balls *balls, size_t i, struct rng_stream *stream,
                     double depth, double p[3])
{
    p[0] = balls->x[i];
    p[1] = balls->y[i];
    p[2] = balls->z[i];
    sphere_step(stream, balls->r[i] * depth, p);
}

void interior_block(const struct body *body, uint64_t seed, uint64_t frame,
                    uint64_t block, unsigned n, struct interior_tally *tally)
{
    struct rng_stream stream;
    rng_start(&stream, seed, RNG_INTERIOR, frame, block);
    double scale = 1.0 / body->launch_radius;
    for (unsigned k = 0; k < n; k++) {
        size_t i = draw_ball(body->volume_sum, body->balls.n, rng_uniform(&stream));
        double p[3], depth = cube_root_uniform(&stream);
        point_of(&body->balls, i, &stream, depth, p);
        unsigned count = bvh_count(&body->bvh, p);
        /* Rounding can put a point a hair outside the ball that it was drawn in. */
        double weight = 1.0 / (count ? count : 1);
        double x = p[0] * scale, y = p[1] * scale, z = p[2] * scale;
        double q[INTERIOR_DIM] = {weight,         weight * x,     weight * y,
                                  weight * z,     weight * x * x, weight * x * y,
                                  weight * x * z, weight * y * y, weight * y * z,
                                  weight * z * z};
        tally_add(tally->sum, tally->product, q, INTERIOR_DIM);
    }
    tally->samples += n;
}

void surface_block(const struct body *body, uint64_t seed, uint64_t frame,
                   uint64_t block, unsigned n, struct surface_tally *tally)
{
    struct rng_stream stream;
    rng_start(&stream, seed, RNG_SURFACE, frame, block);
    for (unsigned k = 0; k < n; k++) {
        size_t i = draw_ball(body->area_sum, body->balls.n, rng_uniform(&stream));
        double p[3];
        point_of(&body->balls, i, &stream, 1.0, p);
        double exposed = bvh_covered(&body->bvh, p, i) ? 0 : 1;
        tally_add(tally->sum, tally->product, &exposed, SURFACE_DIM);
    }
    tally->samples += n;
}
