/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies whose Stokes flow is known, and what a fit says of them. */
#ifndef FRAMEWALK_T_STOKES_BODIES_H
#define FRAMEWALK_T_STOKES_BODIES_H

#include "dice.h"
#include "hydro-bodies.h"

#include "hydro/stokes_derive.h"

struct flow {
    double value[STOKES_WIDTH], std[STOKES_WIDTH];
    struct stokes_quality quality;
};

static inline double flow_value(const struct flow *flow, enum stokes_property p, int k)
{
    return flow->value[stokes_property_offset(p) + (size_t)k];
}

static inline double flow_std(const struct flow *flow, enum stokes_property p, int k)
{
    return flow->std[stokes_property_offset(p) + (size_t)k];
}

/* k_B T / viscosity is 1e-24 / s in these units of A^3: diffusion tensors in cm2/s and
   1/s are then mobilities times 1e-16 and 1. */
static const double FLOW_ROTATION = 1.0, FLOW_TRANSLATION = 1e-16;

static inline struct stokes_context flow_context(double volume)
{
    return (struct stokes_context){
        .volume = {volume, 0},
        .capacitance = {NAN, NAN},
        .conditions = {1e-24 * 0.01 / 1.380649e-16, 1, 1, NAN, false},
    };
}

/* n points of a spheroid with semi-axes 1, 1, p: the hits of walks from infinity are
   uniform on the sphere that the spheroid is an image of. */
static inline void add_spheroid(struct stokes *stokes, double p, double depth, size_t n,
                                uint64_t seed)
{
    struct dice dice = {seed};
    for (size_t i = 0; i < n; i++) {
        double u[3];
        dice_direction(&dice, u);
        double place[3] = {u[0], u[1], p * u[2]};
        double normal[3] = {u[0], u[1], u[2] / p};
        double length = sqrt(u[0] * u[0] + u[1] * u[1] + normal[2] * normal[2]);
        for (int k = 0; k < 3; k++)
            normal[k] /= length;
        assert_int_equal(stokes_add_point(stokes, place, normal, depth, NULL), 0);
    }
}

/* Hits on a body of balls, which lasts until the next call. */
static inline void add_balls(struct stokes *stokes, const struct test_body *b, size_t n,
                             uint64_t seed, double origin[3])
{
    static struct walk_hits hits;
    static struct body body;
    struct walker walker;
    struct body_options options = {NAN, NAN};
    assert_int_equal(body_prepare(&body, b->xyz, b->radius, b->n, NULL, &options, NULL),
                     0);
    start_walker(&walker, &body);
    for (uint64_t block = 0; stokes->n_points < n; block++) {
        walk_some(&walker, seed, RNG_STOKES, block, HYDRO_BLOCK, &hits);
        assert_int_equal(stokes_add_hits(stokes, &body, &hits, n, NULL), 0);
    }
    memcpy(origin, body.centre, sizeof body.centre);
    walker_fini(&walker);
}

/* The flow about the points that there are. */
static inline void find_flow(struct stokes *stokes, size_t sources,
                             const struct stokes_context *context, struct flow *flow)
{
    assert_int_equal(stokes_solve(stokes, sources, &stokes_serial, NULL), 0);
    assert_int_equal(
        stokes_derive(stokes, context, flow->value, flow->std, &flow->quality, NULL),
        0);
}

static inline void flow_of_spheroid(double p, double depth, size_t sources, size_t n,
                                    struct flow *flow)
{
    struct stokes stokes;
    struct stokes_context context = flow_context(4 * M_PI / 3 * p);
    stokes_init(&stokes, simd_choose(NULL));
    add_spheroid(&stokes, p, depth, n, 7);
    find_flow(&stokes, sources, &context, flow);
    stokes_fini(&stokes);
}

/* `volume` where it is known; the intrinsic viscosity is meaningless without. */
static inline void flow_of_balls(const struct test_body *b, double volume,
                                 size_t sources, size_t n, uint64_t seed,
                                 struct flow *flow)
{
    struct stokes stokes;
    struct stokes_context context = flow_context(volume);
    stokes_init(&stokes, simd_choose(NULL));
    add_balls(&stokes, b, n, seed, context.origin);
    find_flow(&stokes, sources, &context, flow);
    stokes_fini(&stokes);
}

/* Closed forms of a spheroid with semi-axes 1, 1, p: radius of translation, rotational
   mobilities about the axis and across, intrinsic viscosities of zero shear and of high
   frequency. Perrin, J. Phys. Radium 5, 497 (1934), and Simha, J. Phys. Chem. 44, 25
   (1940), by the resistance functions of Kim, Karrila, Microhydrodynamics (1991),
   tables 3.4 and 3.6. Zero shear, with the Brownian stress, needs no coupling: of an
   axially symmetric body it is what that body would have if it were held. */
struct spheroid {
    double radius, along, across, viscosity_zero, viscosity_infinite;
};

struct resistance {
    double a; /* longest semi-axis */
    double xa, ya, xc, yc, yh, xm, ym, zm;
};

static inline struct resistance prolate(double p)
{
    double e2 = 1 - 1 / (p * p), e = sqrt(e2), e3 = e2 * e, e5 = e3 * e2;
    double l = log((1 + e) / (1 - e)), q = -2 * e + (1 + e2) * l;
    double t = 2 * e * (2 * e2 - 3) + 3 * (1 - e2) * l;
    return (struct resistance){
        .a = p,
        .xa = 8 / 3.0 * e3 / q,
        .ya = 16 / 3.0 * e3 / (2 * e + (3 * e2 - 1) * l),
        .xc = 4 / 3.0 * e3 * (1 - e2) / (2 * e - (1 - e2) * l),
        .yc = 4 / 3.0 * e3 * (2 - e2) / q,
        .yh = 4 / 3.0 * e5 / q,
        .xm = 8 / 15.0 * e5 / ((3 - e2) * l - 6 * e),
        .ym = 4 / 5.0 * e5 * (2 * e * (1 - 2 * e2) - (1 - e2) * l) / (t * q),
        .zm = 16 / 5.0 * e5 * (1 - e2) /
              (3 * (1 - e2) * (1 - e2) * l - 2 * e * (3 - 5 * e2)),
    };
}

static inline struct resistance oblate(double p)
{
    double e2 = 1 - p * p, e = sqrt(e2), e3 = e2 * e, e5 = e3 * e2;
    double c = atan2(e, p), q = e * p - (1 - 2 * e2) * c;
    return (struct resistance){
        .a = 1,
        .xa = 4 / 3.0 * e3 / ((2 * e2 - 1) * c + e * p),
        .ya = 8 / 3.0 * e3 / ((2 * e2 + 1) * c - e * p),
        .xc = 2 / 3.0 * e3 / (c - e * p),
        .yc = 2 / 3.0 * e3 * (2 - e2) / q,
        .yh = -2 / 3.0 * e5 / q,
        .xm = 4 / 15.0 * e5 / ((3 - 2 * e2) * c - 3 * e * p),
        .ym = 2 / 5.0 * e5 * (e * (1 + e2) - p * c) / ((3 * e - e3 - 3 * p * c) * q),
        .zm = 8 / 5.0 * e5 / (3 * c - (2 * e3 + 3 * e) * p),
    };
}

static inline struct spheroid spheroid(double p)
{
    struct resistance r = p > 1 ? prolate(p) : oblate(p);
    double a3 = r.a * r.a * r.a, volume = 4 * M_PI / 3 * p;
    double trace = 20 / 3.0 * M_PI * a3 * (r.xm + 2 * r.ym + 2 * r.zm);
    return (struct spheroid){
        .radius = r.a / ((1 / r.xa + 2 / r.ya) / 3),
        .along = 1 / (8 * M_PI * a3 * r.xc),
        .across = 1 / (8 * M_PI * a3 * r.yc),
        .viscosity_zero = trace / 10 / volume,
        .viscosity_infinite =
            (trace - 8 * M_PI * a3 * r.yh * r.yh / r.yc) / 10 / volume,
    };
}

#endif
