/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "simd/sample.h"

#include "simd/isa.h"
#include "simd/overlaps.h"
#include "simd/random.h"

#define simd_sample SIMD_(simd_sample)

simd_sample_fn simd_sample;

/* Draws of one kind in a part, the second one of stratum h at SAMPLE_STRATA + h. */
enum { DRAWS = 2 * SAMPLE_STRATA };

struct draws {
    bool inside; /* or on the surface, where it counts only whether there are others */
    uint32_t ball[DRAWS];
    uint16_t order[DRAWS];     /* by ball */
    unsigned n, next;          /* next: in that order */
    float at[3][DRAWS];        /* from the ball's centre, in its radii */
    uint32_t others[2][DRAWS]; /* balls that contain the point, and the opposite one */
};

/* The first ball from `low` on whose share of the running sum is beyond `at`. */
static size_t ball_at(const double *running, size_t n, double at, size_t low)
{
    enum { AHEAD = 4 }; /* without a branch, as far as it mostly goes */
    if (low + AHEAD < n) {
        unsigned beyond = 0;
        for (unsigned i = 0; i < AHEAD; i++)
            beyond += running[low + i] <= at;
        low += beyond;
        if (beyond < AHEAD)
            return low;
    }
    while (low < n - 1 && running[low] <= at)
        low++;
    return low;
}

/* Points of BATCH draws from number `to` on: uniform directions times depths (NULL: on
   the surface). */
static void make_points(struct draws *draws, unsigned to, struct random_rows *random,
                        const uint32_t *depth)
{
    struct random_draw height, turn, deep = {depth};
    random_draw(random, &height);
    random_draw(random, &turn);
    for (unsigned i = 0; i < BATCH; i += VEC_LANES) {
        vreal u = random_uniform(&height, i), sine, cosine;
        random_turn(&turn, i, &sine, &cosine);
        vreal z = 2 * u - 1, across = 2 * vec_sqrt(u * (1 - u));
        vreal scale = depth ? random_uniform(&deep, i) : vec_all(1);
        vec_store(draws->at[0] + to + i, scale * across * cosine);
        vec_store(draws->at[1] + to + i, scale * across * sine);
        vec_store(draws->at[2] + to + i, scale * z);
    }
}

/* The larger of each three, distributed like the cube root of one uniform number: the
   depth that makes points uniform in a ball. */
static void make_depths(struct random_rows *random, uint32_t depth[BATCH])
{
    memcpy(depth, random_row(random), BATCH * sizeof *depth);
    for (int k = 0; k < 2; k++) {
        const uint32_t *row = random_row(random);
        for (int i = 0; i < BATCH; i++)
            depth[i] = row[i] > depth[i] ? row[i] : depth[i];
    }
}

/* Balls of BATCH draws, one for each stratum from h on. */
static void make_balls(struct draws *draws, const struct sample_part *part,
                       const double *running, size_t n_balls, unsigned h, size_t *low,
                       struct random_rows *random)
{
    double step = running[n_balls - 1] / (double)part->of;
    const uint32_t *row[2] = {random_row(random), random_row(random)};
    for (unsigned i = 0; i < BATCH; i++) {
        double stratum = (double)(part->first + h + i);
        *low = ball_at(running, n_balls, stratum * step, *low);
        for (unsigned k = 0; k < 2; k++) {
            double uniform = ((double)row[k][i] + 0.5) * 0x1p-32;
            size_t ball = ball_at(running, n_balls, (stratum + uniform) * step, *low);
            draws->ball[k * SAMPLE_STRATA + h + i] = (uint32_t)ball;
        }
        bool turned = draws->ball[h + i] > draws->ball[SAMPLE_STRATA + h + i];
        draws->order[2 * (h + i)] = (uint16_t)(h + i + (turned ? SAMPLE_STRATA : 0));
        draws->order[2 * (h + i) + 1] =
            (uint16_t)(h + i + (turned ? 0 : SAMPLE_STRATA));
    }
}

static void make_draws(struct draws *draws, const struct sample_part *part,
                       const double *running, size_t n_balls)
{
    bool inside = draws->inside;
    struct random_rows random;
    random_start(&random, part->seed, inside ? RNG_INTERIOR : RNG_SURFACE, part->frame,
                 part->block);
    size_t low =
        sample_search(running, n_balls,
                      (double)part->first * (running[n_balls - 1] / (double)part->of));
    for (unsigned h = 0; h < part->n; h += BATCH) {
        make_balls(draws, part, running, n_balls, h, &low, &random);
        for (unsigned k = 0; k < 2; k++) {
            uint32_t depth[BATCH];
            if (inside)
                make_depths(&random, depth);
            make_points(draws, k * SAMPLE_STRATA + h, &random, inside ? depth : NULL);
        }
    }
    draws->n = 2 * part->n;
    draws->next = 0;
}

/* Counts the other balls that contain the two points of a draw. */
static inline void count_others(const struct overlaps *overlaps, struct draws *draws,
                                unsigned d)
{
    float x = draws->at[0][d], y = draws->at[1][d], z = draws->at[2][d];
    float limit = -(x * x + y * y + z * z);
    unsigned here = 0, opposite = 0;
    for (unsigned i = 0; i < overlaps->n; i += EIGHT_PART) {
        eight_part s = eight_load(overlaps->a[0] + i) * x +
                       eight_load(overlaps->a[1] + i) * y +
                       eight_load(overlaps->a[2] + i) * z;
        eight_part k = eight_load(overlaps->k + i);
        here += vec_count(eight_bits(k + s <= limit));
        opposite += vec_count(eight_bits(k - s <= limit));
    }
    draws->others[0][d] = here;
    draws->others[1][d] = opposite;
}

/* The same by the tree. */
static void count_in_tree(const struct bvh *bvh, size_t of, struct draws *draws,
                          unsigned d)
{
    const struct balls *b = bvh->balls;
    for (int side = 0; side < 2; side++) {
        double r = side ? -b->r[of] : b->r[of];
        const double p[3] = {b->x[of] + r * (double)draws->at[0][d],
                             b->y[of] + r * (double)draws->at[1][d],
                             b->z[of] + r * (double)draws->at[2][d]};
        draws->others[side][d] =
            draws->inside ? bvh_count_others(bvh, p, of) : bvh_covered(bvh, p, of);
    }
}

/* The ball of the next draw in order, SIZE_MAX at the end. */
static size_t next_ball(const struct draws *draws)
{
    return draws->next < draws->n ? draws->ball[draws->order[draws->next]] : SIZE_MAX;
}

static void count_ball(const struct overlaps *overlaps, const struct bvh *bvh,
                       struct draws *draws)
{
    while (next_ball(draws) == overlaps->of) {
        unsigned d = draws->order[draws->next++];
        if (overlaps->too_many)
            count_in_tree(bvh, overlaps->of, draws, d);
        else
            count_others(overlaps, draws, d);
    }
}

/* Numbers are summed in eight lanes, whatever the width of vectors. */
enum { SUM_LANES = 8, CHUNK = 64 };

/* Adds the products of two rows to *sum. */
static inline void add_products(const double *a, const double *b, double *sum)
{
    doubles lanes[SUM_LANES / DOUBLES] = {0};
    for (int h = 0; h < CHUNK; h += SUM_LANES)
        for (int i = 0; i < SUM_LANES / DOUBLES; i++)
            lanes[i] +=
                doubles_load(a + h + i * DOUBLES) * doubles_load(b + h + i * DOUBLES);
    double lane[SUM_LANES];
    memcpy(lane, lanes, sizeof lane);
    for (int i = 0; i < SUM_LANES; i++)
        *sum += lane[i];
}

/* Contributions of CHUNK draws from number d on, both points of each together; those
   from `n` on are none. With s and o the sum and the difference of the points' weights,
   c the ball's centre and u from there to the first point they are s, c s + u o, and
   (c c + u u) s + (c u + u c) o. */
static void contribute(const struct sample_body *body, const struct draws *draws,
                       unsigned d, unsigned n, double q[INTERIOR_DIM][CHUNK])
{
    const struct balls *b = body->balls;
    double c[3][CHUNK], u[3][CHUNK], s[CHUNK], o[CHUNK],
        scale = 1 / body->launch_radius;
    for (unsigned i = 0; i < CHUNK; i++) {
        size_t ball = i < n ? draws->ball[d + i] : 0;
        double r = i < n ? b->r[ball] * scale : 0;
        c[0][i] = b->x[ball] * scale;
        c[1][i] = b->y[ball] * scale;
        c[2][i] = b->z[ball] * scale;
        for (int k = 0; k < 3; k++)
            u[k][i] = i < n ? r * (double)draws->at[k][d + i] : 0;
        double here = i < n ? 1 / (1 + (double)draws->others[0][d + i]) : 0;
        double opposite = i < n ? 1 / (1 + (double)draws->others[1][d + i]) : 0;
        s[i] = here + opposite;
        o[i] = here - opposite;
    }
    memcpy(q[0], s, sizeof s);
    for (int k = 0, at = 4; k < 3; k++) {
        for (int i = 0; i < CHUNK; i++)
            q[1 + k][i] = c[k][i] * s[i] + u[k][i] * o[i];
        for (int l = k; l < 3; l++, at++)
            for (int i = 0; i < CHUNK; i++)
                q[at][i] = (c[k][i] * c[l][i] + u[k][i] * u[l][i]) * s[i] +
                           (c[k][i] * u[l][i] + u[k][i] * c[l][i]) * o[i];
    }
}

static void tally_interior(const struct sample_body *body, const struct draws *draws,
                           unsigned n, struct interior_tally *tally)
{
    static const double one[CHUNK] = {[0 ... CHUNK - 1] = 1};
    double q[2][INTERIOR_DIM][CHUNK];
    for (unsigned h = 0; h < n; h += CHUNK) {
        unsigned left = n - h < CHUNK ? n - h : CHUNK;
        contribute(body, draws, h, left, q[0]);
        contribute(body, draws, SAMPLE_STRATA + h, left, q[1]);
        double *product = tally->product;
        for (int i = 0; i < INTERIOR_DIM; i++)
            for (int k = 0; k < CHUNK; k++) {
                double first = q[0][i][k], second = q[1][i][k];
                q[0][i][k] = first - second;
                q[1][i][k] = first + second;
            }
        for (int i = 0; i < INTERIOR_DIM; i++) {
            add_products(q[1][i], one, &tally->sum[i]);
            for (int j = i; j < INTERIOR_DIM; j++)
                add_products(q[0][i], q[0][j], product++);
        }
    }
    tally->samples += SAMPLE_STRATUM * n;
}

static void tally_surface(const struct draws *draws, unsigned n,
                          struct surface_tally *tally)
{
    uint32_t sum = 0, product = 0;
    for (unsigned h = 0; h < n; h++) {
        int first = (draws->others[0][h] == 0) + (draws->others[1][h] == 0);
        int second = (draws->others[0][SAMPLE_STRATA + h] == 0) +
                     (draws->others[1][SAMPLE_STRATA + h] == 0);
        sum += (uint32_t)(first + second);
        product += (uint32_t)((first - second) * (first - second));
    }
    tally->sum[0] += sum;
    tally->product[0] += product;
    tally->samples += SAMPLE_STRATUM * n;
}

void simd_sample(const struct sample_body *body, const struct sample_part *part,
                 struct interior_tally *interior, struct surface_tally *surface)
{
    struct draws inside, on;
    inside.inside = true;
    on.inside = false;
    struct overlaps overlaps = {.of = SIZE_MAX, .leaf = SIZE_MAX};
    size_t n = body->balls->n;
    make_draws(&inside, part, body->volume_sum, n);
    make_draws(&on, part, body->area_sum, n);
    for (;;) {
        size_t a = next_ball(&inside), b = next_ball(&on), ball = a < b ? a : b;
        if (ball == SIZE_MAX)
            break;
        overlaps_find(&overlaps, body->bvh, ball);
        count_ball(&overlaps, body->bvh, &inside);
        count_ball(&overlaps, body->bvh, &on);
    }
    tally_interior(body, &inside, part->n, interior);
    tally_surface(&on, part->n, surface);
}
