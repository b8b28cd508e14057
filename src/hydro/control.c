/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/control.h"

#include "hydro/walk.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

/* The pilot is a sixteenth of the walks, within these; fewer walks than CONTROL_PAYS
   are done sooner than a fit. */
enum { PILOT_MIN = 4096 };

/* Hits a source needs, lest the fit follow the noise of the pilot. */
enum { HITS_PER_SOURCE = 24, SOURCES_MIN = 8 };

/* Added to the diagonal of the normal matrix, in units of its mean. */
static const double RIDGE = 3e-7, PIVOT_MIN = 1e-13;

/* Sources beside a ball's centre, in radii: bodies of few balls need more than one. */
static const double OFFSET = 0.6, CROWDED = 0.5;

uint64_t control_pilot_walks(double walks, size_t n_balls)
{
    /* One ball's capacitance and mean polarizability have next to no noise of their
     * own. */
    if (walks < CONTROL_PAYS || n_balls < 2)
        return 0;
    double share = walks / 16;
    uint64_t pilot = share > CONTROL_PILOT_MAX ? CONTROL_PILOT_MAX : (uint64_t)share;
    pilot = pilot < PILOT_MIN ? PILOT_MIN : pilot;
    return pilot / HYDRO_BLOCK * HYDRO_BLOCK;
}

void control_reset(struct control *control)
{
    control->n = 0;
    control->n_hits = 0;
    control->pilot_walks = 0;
    memset(control->exact, 0, sizeof control->exact);
}

void control_fini(struct control *control)
{
    free(control->memory);
    free(control->hit);
    *control = (struct control){0};
}

int control_add_hits(struct control *control, const double *hit, size_t n,
                     struct err *err)
{
    void *memory = control->hit;
    if (alloc_grow(&memory, &control->hit_capacity, 3 * (control->n_hits + n),
                   sizeof(double), "the hits of a pilot", err) < 0)
        return -1;
    control->hit = memory;
    memcpy(control->hit + 3 * control->n_hits, hit, 3 * n * sizeof *hit);
    control->n_hits += n;
    return 0;
}

/* Arrays for the largest number of sources, once a struct. */
static int reserve(struct control *c, struct err *err)
{
    enum { ARRAYS = 3 + CONTROL_TARGETS };
    if (c->memory)
        return 0;
    c->memory = alloc_zeroed((size_t)ARRAYS * CONTROL_SOURCES_MAX, sizeof(double),
                             "a control variate", err);
    if (!c->memory)
        return -1;
    double *at = c->memory;
    double **array[ARRAYS] = {&c->x,       &c->y,       &c->z,      &c->beta[0],
                              &c->beta[1], &c->beta[2], &c->beta[3]};
    for (int i = 0; i < ARRAYS; i++, at += CONTROL_SOURCES_MAX)
        *array[i] = at;
    return 0;
}

/* Candidate j of a body: the centre of a ball, or where there are few balls, one of
   seven points in it. */
static void candidate(const struct body *body, size_t per_ball, size_t j, double p[3])
{
    const struct balls *b = &body->balls;
    size_t ball = j / per_ball, which = j % per_ball;
    p[0] = b->x[ball];
    p[1] = b->y[ball];
    p[2] = b->z[ball];
    if (which > 0)
        p[(which - 1) / 2] += (which % 2 ? OFFSET : -OFFSET) * b->r[ball];
}

/* Idle sources, far from every hit, fill the last lanes. */
static void pad(struct control *c)
{
    for (c->n_padded = c->n; c->n_padded % CONTROL_LANES; c->n_padded++) {
        size_t k = c->n_padded;
        c->x[k] = c->y[k] = c->z[k] = 8.0;
        for (int q = 0; q < CONTROL_TARGETS; q++)
            c->beta[q][k] = 0;
    }
}

/* Farthest-point order from the launch centre: each source is the candidate farthest
   from all sources before it, so that any number of them covers the body evenly. */
static int spread_sources(struct control *c, const struct body *body, size_t per_ball,
                          size_t wanted, double *spacing, struct err *err)
{
    size_t n = body->balls.n * per_ball;
    double *nearest = alloc_zeroed(n, sizeof *nearest, "candidate sources", err);
    if (!nearest)
        return -1;
    double from[3] = {0, 0, 0};
    for (size_t j = 0; j < n; j++)
        nearest[j] = INFINITY;
    c->n = wanted < n ? wanted : n;
    for (size_t k = 0; k < c->n; k++) {
        size_t best = 0;
        for (size_t j = 0; j < n; j++) {
            double p[3];
            candidate(body, per_ball, j, p);
            double dx = p[0] - from[0], dy = p[1] - from[1], dz = p[2] - from[2];
            double square = dx * dx + dy * dy + dz * dz;
            nearest[j] = square < nearest[j] ? square : nearest[j];
            best = nearest[j] > nearest[best] ? j : best;
        }
        /* Candidates that coincide with a source are no further sources. */
        if (nearest[best] <= 0 && k > 0) {
            c->n = k;
            break;
        }
        *spacing = k > 0 ? sqrt(nearest[best]) : INFINITY;
        candidate(body, per_ball, best, from);
        c->x[k] = from[0] / body->launch_radius;
        c->y[k] = from[1] / body->launch_radius;
        c->z[k] = from[2] / body->launch_radius;
    }
    free(nearest);
    return 0;
}

/* Centres of balls, or seven points a ball where the balls are few or overlap so much
   that centres alone would stand closer together than CROWDED of the smallest radius:
   charges on a line make no good field around it. */
static int choose_sources(struct control *c, const struct body *body, size_t wanted,
                          struct err *err)
{
    double spacing = 0;
    if (body->balls.n >= wanted &&
        spread_sources(c, body, 1, wanted, &spacing, err) < 0)
        return -1;
    if (spacing < CROWDED * body->radius_min &&
        spread_sources(c, body, 7, wanted, &spacing, err) < 0)
        return -1;
    pad(c);
    return 0;
}

/* The normal equations over the first n_fit hits: lower triangle of `gram` (n x n) and
   CONTROL_TARGETS right-hand sides. */
static void accumulate(const struct control *c, size_t n_fit, double *gram,
                       double *right)
{
    enum { BATCH = 4 }; /* hits that share a pass over the matrix; a rest is left out */
    double phi[BATCH][CONTROL_SOURCES_MAX];
    size_t n = c->n;
    for (size_t begin = 0; begin + BATCH <= n_fit; begin += BATCH) {
        for (size_t h = 0; h < BATCH; h++) {
            const double *hit = c->hit + 3 * (begin + h);
            for (size_t k = 0; k < c->n_padded; k += CONTROL_LANES)
                control_basis(c, hit, k, phi[h] + k);
            for (size_t k = 0; k < n; k++) {
                right[k] += phi[h][k];
                for (size_t j = 0; j < 3; j++)
                    right[(1 + j) * n + k] += phi[h][k] * hit[j];
            }
        }
        for (size_t i = 0; i < n; i++) {
            double *row = gram + i * n;
            double a = phi[0][i], b = phi[1][i], d = phi[2][i], e = phi[3][i];
            for (size_t j = 0; j <= i; j++)
                row[j] +=
                    (a * phi[0][j] + b * phi[1][j]) + (d * phi[2][j] + e * phi[3][j]);
        }
    }
}

/* Cholesky factor in place of the lower triangle. A pivot that is rounding noise drops
   its source: its row and column become those of the unit matrix, its coefficient zero.
 */
static void factor(double *a, double *right, size_t n)
{
    double mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += a[i * n + i] / (double)n;
    for (size_t i = 0; i < n; i++)
        a[i * n + i] += RIDGE * mean;
    for (size_t i = 0; i < n; i++) {
        double *row = a + i * n;
        for (size_t j = 0; j < i; j++) {
            const double *other = a + j * n;
            double sum = row[j];
            for (size_t k = 0; k < j; k++)
                sum -= row[k] * other[k];
            row[j] = sum / other[j];
        }
        double pivot = row[i];
        for (size_t k = 0; k < i; k++)
            pivot -= row[k] * row[k];
        if (pivot > PIVOT_MIN * mean) {
            row[i] = sqrt(pivot);
            continue;
        }
        memset(row, 0, i * sizeof *row);
        row[i] = 1;
        for (size_t q = 0; q < CONTROL_TARGETS; q++)
            right[q * n + i] = 0;
        for (size_t below = i + 1; below < n; below++)
            a[below * n + i] = 0;
    }
}

static void substitute(const double *a, const double *right, size_t n, double *beta)
{
    for (size_t i = 0; i < n; i++) {
        double sum = right[i];
        for (size_t k = 0; k < i; k++)
            sum -= a[i * n + k] * beta[k];
        beta[i] = sum / a[i * n + i];
    }
    for (size_t i = n; i-- > 0;) {
        double sum = beta[i];
        for (size_t k = i + 1; k < n; k++)
            sum -= a[k * n + i] * beta[k];
        beta[i] = sum / a[i * n + i];
    }
}

static int solve(struct control *c, size_t n_fit, struct err *err)
{
    size_t n = c->n;
    double *gram = alloc_zeroed(n * n + CONTROL_TARGETS * n, sizeof *gram,
                                "a control variate", err);
    if (!gram)
        return -1;
    double *right = gram + n * n;
    accumulate(c, n_fit, gram, right);
    factor(gram, right, n);
    for (size_t q = 0; q < CONTROL_TARGETS; q++)
        substitute(gram, right + q * n, n, c->beta[q]);
    free(gram);
    return 0;
}

/* On the hits that the fit has not seen: a target whose residual does not scatter
   clearly less than the target itself keeps Phi = 0. `walks` is their number with the
   escapes. */
static void validate(struct control *c, size_t n_fit, double walks)
{
    double plain[CONTROL_TARGETS] = {0}, plain_mean[CONTROL_TARGETS] = {0};
    double rest[CONTROL_TARGETS] = {0}, rest_mean[CONTROL_TARGETS] = {0};
    for (size_t h = n_fit; h < c->n_hits; h++) {
        const double *hit = c->hit + 3 * h;
        double f[CONTROL_TARGETS],
            target[CONTROL_TARGETS] = {1, hit[0], hit[1], hit[2]};
        control_residuals(c, hit, f);
        for (int q = 0; q < CONTROL_TARGETS; q++) {
            plain[q] += target[q] * target[q] / walks;
            plain_mean[q] += target[q] / walks;
            rest[q] += f[q] * f[q] / walks;
            rest_mean[q] += f[q] / walks;
        }
    }
    for (int q = 0; q < CONTROL_TARGETS; q++)
        if (!(rest[q] - rest_mean[q] * rest_mean[q] <
              0.7 * (plain[q] - plain_mean[q] * plain_mean[q])))
            memset(c->beta[q], 0, c->n * sizeof *c->beta[q]);
}

void control_set_exact(struct control *c)
{
    memset(c->exact, 0, sizeof c->exact);
    for (size_t k = 0; k < c->n; k++) {
        double third[3] = {c->x[k] / 3, c->y[k] / 3, c->z[k] / 3};
        c->exact[0] += c->beta[0][k];
        for (int i = 0; i < 3; i++) {
            c->exact[1 + i] += c->beta[0][k] * third[i];
            c->exact[4 + i] += c->beta[1 + i][k];
            for (int j = 0; j < 3; j++)
                c->exact[7 + 3 * i + j] += c->beta[1 + j][k] * third[i];
        }
    }
}

int control_fit(struct control *c, const struct body *body, uint64_t pilot_walks,
                struct err *err)
{
    /* Three quarters of the hits for the fit, the rest to judge it. */
    size_t n_fit = c->n_hits / 4 * 3;
    size_t wanted = n_fit / HITS_PER_SOURCE;
    c->pilot_walks = pilot_walks;
    if (wanted < SOURCES_MIN)
        return 0;
    if (wanted > CONTROL_SOURCES_MAX)
        wanted = CONTROL_SOURCES_MAX;
    if (reserve(c, err) < 0 || choose_sources(c, body, wanted, err) < 0 ||
        solve(c, n_fit, err) < 0) {
        c->n = 0;
        return -1;
    }
    validate(c, n_fit, (double)pilot_walks / 4);
    control_set_exact(c);
    return 0;
}
