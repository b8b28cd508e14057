/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bodies and measurements for the statistical tests of the hydro room. */
#ifndef FRAMEWALK_T_HYDRO_BODIES_H
#define FRAMEWALK_T_HYDRO_BODIES_H

#include "chi-square.h"
#include "fwtest.h"

#include "hydro/control.h"
#include "hydro/derive.h"
#include "hydro/sample.h"
#include "hydro/walk.h"
#include "simd/table.h"

enum { BODY_BALLS_MAX = 40000 };

struct test_body {
    size_t n;
    double *xyz, *radius;
};

static inline void body_add(struct test_body *b, double x, double y, double z, double r)
{
    if (!b->xyz) {
        b->xyz = malloc(3 * BODY_BALLS_MAX * sizeof(double));
        b->radius = malloc(BODY_BALLS_MAX * sizeof(double));
    }
    assert_true(b->n < BODY_BALLS_MAX);
    b->xyz[3 * b->n] = x;
    b->xyz[3 * b->n + 1] = y;
    b->xyz[3 * b->n + 2] = z;
    b->radius[b->n++] = r;
}

static inline void body_free(struct test_body *b)
{
    free(b->xyz);
    free(b->radius);
    *b = (struct test_body){0};
}

/* What one run over a body gives. */
struct measured {
    double value[HYDRO_WIDTH], std[HYDRO_WIDTH];
    struct hydro_tallies tallies;
};

static const struct hydro_conditions test_conditions = {298.15, 0.89, 14300, 0.27,
                                                        false};

static inline const struct simd_field_kernel *field_kernel(void)
{
    const struct simd_table *table = simd_choose(NULL);
    assert_non_null(table);
    return table->field;
}

static inline void start_walker(struct walker *walker, const struct body *body)
{
    const struct simd_table *table = simd_choose(NULL);
    assert_non_null(table);
    walker_init(walker, table, 1);
    assert_int_equal(walker_set(walker, body, NULL), 0);
}

/* Block `block` of walks, of which `rest` are left to do. */
static inline void walk_some(struct walker *walker, uint64_t seed,
                             enum rng_purpose purpose, uint64_t block, uint64_t rest,
                             struct walk_hits *hits)
{
    const struct simd_block b = {
        .seed = seed,
        .block = block,
        .purpose = purpose,
        .n = rest < HYDRO_BLOCK ? (unsigned)rest : HYDRO_BLOCK,
    };
    assert_int_equal(walker_walk(walker, 0, &b, hits, NULL), 0);
}

/* Walks with a control variate (nullable), and samples. */
static inline void measure_with(const struct body *body, const struct control *control,
                                uint64_t seed, uint64_t walks, uint64_t samples,
                                struct measured *out)
{
    static struct walk_hits hits;
    struct walker walker;
    struct control plain = {0};
    if (!control)
        control_reset(&plain, field_kernel(), &(struct control_plan){0, 0});
    control = control ? control : &plain;
    start_walker(&walker, body);
    memset(&out->tallies, 0, sizeof out->tallies);
    memcpy(out->tallies.walk_exact, control->exact, sizeof control->exact);
    for (uint64_t block = 0; block * HYDRO_BLOCK < walks; block++) {
        struct walk_tally tally = {0};
        uint64_t rest = walks - block * HYDRO_BLOCK;
        walk_some(&walker, seed, RNG_WALKS, block, rest, &hits);
        control_tally(control, &hits, &tally);
        walk_tally_merge(&out->tallies.walk, &tally);
    }
    walker_fini(&walker);
    struct sample_plan plan = sample_plan(samples, false);
    struct sample_tally tally = {0};
    for (uint64_t block = 0; block < sample_blocks(&plan); block++)
        sample_block(body, simd_choose(NULL), &plan, seed, 0, block, &tally);
    out->tallies.interior = tally.interior;
    out->tallies.surface = tally.surface;
    struct hydro_scales scales = {body->launch_radius, body->total_volume,
                                  body->total_area};
    assert_int_equal(hydro_derive(&out->tallies, &scales, &test_conditions, out->value,
                                  out->std, NULL),
                     0);
}

/* The plain estimator, which is the oracle for the other one. */
static inline void measure_prepared(const struct body *body, uint64_t seed,
                                    uint64_t walks, uint64_t samples,
                                    struct measured *out)
{
    measure_with(body, NULL, seed, walks, samples, out);
}

/* A pilot and its fit. */
static inline void fit_control(const struct body *body, uint64_t seed,
                               const struct control_plan *plan, struct control *control)
{
    static struct walk_hits hits;
    struct walker walker;
    start_walker(&walker, body);
    control_reset(control, field_kernel(), plan);
    for (uint64_t block = 0; block * HYDRO_BLOCK < plan->walks; block++) {
        uint64_t rest = plan->walks - block * HYDRO_BLOCK;
        walk_some(&walker, seed, RNG_PILOT, block, rest, &hits);
        assert_int_equal(control_add_hits(control, &hits, NULL), 0);
    }
    walker_fini(&walker);
    assert_int_equal(control_fit(control, body, NULL), 0);
}

/* As a run does it. */
static inline void measure_controlled(const struct test_body *b, uint64_t seed,
                                      uint64_t walks, uint64_t samples,
                                      struct measured *out)
{
    struct body body = {0};
    struct control control = {0};
    struct body_options options = {NAN, NAN};
    struct err err = {0};
    if (body_prepare(&body, b->xyz, b->radius, b->n, NULL, &options, &err) < 0)
        fail_msg("%s", err.text);
    struct control_plan plan = control_plan((double)walks, false, b->n);
    fit_control(&body, seed, &plan, &control);
    measure_with(&body, &control, seed, walks, samples, out);
    control_fini(&control);
    body_fini(&body);
}

static inline void measure(const struct test_body *b, uint64_t seed, uint64_t walks,
                           uint64_t samples, struct measured *out)
{
    struct body body = {0};
    struct body_options options = {NAN, NAN};
    struct err err = {0};
    if (body_prepare(&body, b->xyz, b->radius, b->n, NULL, &options, &err) < 0)
        fail_msg("%s", err.text);
    measure_prepared(&body, seed, walks, samples, out);
    body_fini(&body);
}

static inline size_t at(enum hydro_property property)
{
    return hydro_property_offset(property);
}

#endif
