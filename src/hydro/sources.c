/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/sources.h"

#include "util/alloc.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Charges should be as far below the surface as they are apart, but not on top of each
   other in a thin part, nor near a surface that the hits do not show. The two numbers
   are the best over proteins, chains and rings of balls, and flat within a third of
   their values: depth below the middle of a cluster in units of its width, and greatest
   distance from the centre of the ball that it is put into, in radii. */
static const double DEPTH = 0.4, OFF_CENTRE = 0.4;

/* Smallest ball that may hold a source, in launch radii: hits are rounded to single
   precision, and a potential must not feel that beyond 1e-7 of its mean. */
static const double LEAST_RADIUS = 1e-4;

/* Rounds of Lloyd's algorithm (k-means); more gain little. */
enum { ROUNDS = 3 };

/* A box is taken for the balls inside it whose radius is at most this part of the
   width of a cluster: sources then come to lie as deep as in a large ball. */
static const double BALL_IN_BOX = 0.67;

/* Slack of the search for balls at a hit, in launch radii: hits are in single
   precision. */
static const double SLACK = 1e-5;

struct clusters {
    size_t n;
    float (*centre)[3];
    double (*sum)[3]; /* of the hits */
    double *square;   /* sum of |X|^2, then the width: rms distance from the middle */
    size_t *count;
    uint32_t *which; /* of each hit */
    float *nearest;  /* scratch by hit */
    void *memory;
};

static int clusters_init(struct clusters *c, size_t wanted, size_t n_padded,
                         struct err *err)
{
    size_t each =
        sizeof *c->sum + sizeof *c->square + sizeof *c->count + sizeof *c->centre;
    size_t hit = sizeof *c->which + sizeof *c->nearest;
    c->memory = alloc_zeroed(1, wanted * each + n_padded * hit, "sources", err);
    if (!c->memory)
        return -1;
    c->sum = c->memory;
    c->square = (double *)(c->sum + wanted);
    c->count = (size_t *)(c->square + wanted);
    c->centre = (float(*)[3])(c->count + wanted);
    c->which = (uint32_t *)(c->centre + wanted);
    c->nearest = (float *)(c->which + n_padded);
    return 0;
}

/* Farthest-point order: each centre is the hit farthest from those before it. */
static void choose_centres(struct clusters *c, const struct simd_field_kernel *kernel,
                           const struct field_points *hits, size_t wanted)
{
    float from[3] = {0, 0, 0};
    for (size_t i = 0; i < hits->n_padded; i++)
        c->nearest[i] = INFINITY;
    for (c->n = 0; c->n < wanted; c->n++) {
        size_t far = kernel->spread(hits, from, c->nearest);
        if (c->n > 0 && c->nearest[far] <= 0)
            return; /* no further place was hit */
        from[0] = hits->x[far];
        from[1] = hits->y[far];
        from[2] = hits->z[far];
        memcpy(c->centre[c->n], from, sizeof from);
    }
}

static void gather(struct clusters *c, const struct simd_field_kernel *kernel,
                   const struct field_points *hits)
{
    kernel->assign(hits, c->n, (const float(*)[3])c->centre, c->which, c->nearest);
    memset(c->sum, 0, c->n * sizeof *c->sum);
    memset(c->square, 0, c->n * sizeof *c->square);
    memset(c->count, 0, c->n * sizeof *c->count);
    for (size_t i = 0; i < hits->n; i++) {
        size_t k = c->which[i];
        double p[3] = {hits->x[i], hits->y[i], hits->z[i]};
        c->count[k]++;
        for (int j = 0; j < 3; j++) {
            c->sum[k][j] += p[j];
            c->square[k] += p[j] * p[j];
        }
    }
    for (size_t k = 0; k < c->n; k++)
        for (int j = 0; j < 3 && c->count[k]; j++)
            c->centre[k][j] = (float)(c->sum[k][j] / (double)c->count[k]);
}

/* Balls near the middle of a cluster, and where they are in the mean. */
struct inwards {
    const struct balls *balls;
    const struct boxes *boxes;
    double middle[3], reach, width, least_radius;
    double weight, mean[3];   /* of the balls' centres, relative to the middle */
    double place[3];          /* of the source */
    double centre[3], radius; /* of the ball that it lies deepest in */
    double gap;               /* from its surface to the source */
};

static void weigh(struct inwards *in, const double c[3], double r)
{
    double wide = in->width + r;
    double d[3] = {c[0] - in->middle[0], c[1] - in->middle[1], c[2] - in->middle[2]};
    double square = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
    double weight = (1.0 - square / (wide * wide)) * r * r * r;
    if (weight > 0) {
        in->weight += weight;
        for (int k = 0; k < 3; k++)
            in->mean[k] += weight * d[k];
    }
}

static double distance(const double a[3], const double b[3])
{
    double d[3] = {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
    return sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
}

static void pick(struct inwards *in, const double c[3], double r)
{
    double gap = distance(in->place, c) - r;
    if (gap < in->gap && r >= in->least_radius) {
        in->gap = gap;
        memcpy(in->centre, c, sizeof in->centre);
        in->radius = r;
    }
}

static bool weigh_ball(void *context, size_t ball)
{
    const struct balls *b = ((struct inwards *)context)->balls;
    const double c[3] = {b->x[ball], b->y[ball], b->z[ball]};
    weigh(context, c, b->r[ball]);
    return true;
}

static bool pick_ball(void *context, size_t ball)
{
    const struct balls *b = ((struct inwards *)context)->balls;
    const double c[3] = {b->x[ball], b->y[ball], b->z[ball]};
    pick(context, c, b->r[ball]);
    return true;
}

/* The ball in a box that is nearest to p. */
static double ball_in_box(const struct inwards *in, size_t box, const double p[3],
                          double c[3])
{
    const struct box *b = &in->boxes->at[box];
    double r = BALL_IN_BOX * in->width;
    for (int k = 0; k < 3; k++)
        r = fmin(r, 0.5 * (b->high[k] - b->low[k]));
    for (int k = 0; k < 3; k++)
        c[k] = fmin(fmax(p[k], b->low[k] + r), b->high[k] - r);
    return r;
}

static bool weigh_box(void *context, size_t box)
{
    struct inwards *in = context;
    double c[3], r = ball_in_box(in, box, in->middle, c);
    if (r > 0)
        weigh(in, c, r);
    return true;
}

static bool pick_box(void *context, size_t box)
{
    struct inwards *in = context;
    double c[3], r = ball_in_box(in, box, in->place, c);
    pick(in, c, r);
    return true;
}

typedef bool visit_fn(void *context, size_t shape);

static void visit_near(const struct body *body, struct inwards *in, visit_fn *ball,
                       visit_fn *box)
{
    double low[3], high[3];
    if (body->balls.n)
        bvh_visit(&body->bvh, in->middle, in->reach, ball, in);
    for (int k = 0; k < 3; k++) {
        low[k] = in->middle[k] - in->reach;
        high[k] = in->middle[k] + in->reach;
    }
    if (body->boxes.n)
        box_tree_visit(&body->box_tree, low, high, box, in);
}

/* Below the middle of a cluster, in the direction of the balls about it, and well
   inside one of them. False when there is none. */
static bool place_source(const struct body *body, struct inwards *in)
{
    visit_near(body, in, weigh_ball, weigh_box);
    double length = sqrt(in->mean[0] * in->mean[0] + in->mean[1] * in->mean[1] +
                         in->mean[2] * in->mean[2]);
    for (int k = 0; k < 3; k++) {
        double inwards = length > 0 ? in->mean[k] / length : 0;
        in->place[k] = in->middle[k] + DEPTH * in->width * inwards;
    }
    in->gap = INFINITY;
    visit_near(body, in, pick_ball, pick_box);
    if (!(in->gap < INFINITY))
        return false;
    double off = distance(in->place, in->centre), most = OFF_CENTRE * in->radius;
    if (off > most)
        for (int k = 0; k < 3; k++)
            in->place[k] =
                in->centre[k] + (in->place[k] - in->centre[k]) * (most / off);
    return true;
}

int sources_place(const struct simd_field_kernel *kernel, const struct body *body,
                  const struct field_points *hits, size_t wanted,
                  struct field_source *out, struct err *err)
{
    struct clusters c = {0};
    double launch = body->launch_radius;
    int placed = 0;
    if (clusters_init(&c, wanted, hits->n_padded, err) < 0)
        return -1;
    choose_centres(&c, kernel, hits, wanted);
    for (int round = 0; round < ROUNDS; round++)
        gather(&c, kernel, hits);
    for (size_t k = 0; k < c.n; k++) {
        struct inwards in = {.balls = &body->balls,
                             .boxes = &body->boxes,
                             .least_radius = LEAST_RADIUS * launch};
        if (c.count[k] == 0)
            continue;
        double n = (double)c.count[k], square = c.square[k] / n;
        for (int j = 0; j < 3; j++) {
            double mean = c.sum[k][j] / n;
            in.middle[j] = launch * mean;
            square -= mean * mean;
        }
        /* One of the hits at least is not farther from their middle than their width,
           and its ball is found. */
        in.width = launch * sqrt(square > 0 ? square : 0);
        in.reach = in.width + SLACK * launch;
        if (place_source(body, &in))
            out[placed++] = (struct field_source){(float)(in.place[0] / launch),
                                                  (float)(in.place[1] / launch),
                                                  (float)(in.place[2] / launch),
                                                  {0}};
    }
    free(c.memory);
    return placed;
}
