/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples of bodies with boxes: one point after the other, in double precision. */
#include "simd/sample.h"

#include "simd/isa.h"
#include "simd/random.h"
#include "util/pmath.h"

#include <math.h>

#define simd_sample_boxes SIMD_(simd_sample_boxes)

simd_sample_fn simd_sample_boxes;

/* Rows of random numbers that a draw takes: a shape, and a point of it. */
enum { DRAW_ROWS = 6 };

struct draw {
    size_t shape;      /* balls first */
    double c[3], u[3]; /* its centre, and from there to the first point */
    int axis;          /* on a box: the one that its face is across, else -1 */
    double weight[2];  /* of the two points */
};

static double uniform_of(uint32_t bits)
{
    return ((double)bits + 0.5) * 0x1p-32;
}

/* A point of the unit ball, or its surface. */
static void point_of_ball(const uint32_t row[DRAW_ROWS], bool inside, double u[3])
{
    double height = 2 * uniform_of(row[1]) - 1, sine, cosine, depth = 1;
    pmath_sincos_turn(uniform_of(row[2]), &sine, &cosine);
    if (inside) {
        /* The largest of three is distributed like the cube root of one. */
        uint32_t most = row[3] > row[4] ? row[3] : row[4];
        depth = uniform_of(most > row[5] ? most : row[5]);
    }
    double across = depth * sqrt((1 - height) * (1 + height));
    u[0] = across * cosine;
    u[1] = across * sine;
    u[2] = depth * height;
}

/* A point of the box, or of one of its faces; the opposite point is on the opposite
   one. Returns the face's axis. */
static int point_of_box(const uint32_t row[DRAW_ROWS], bool inside,
                        const double half[3], double u[3])
{
    for (int k = 0; k < 3; k++)
        u[k] = half[k] * (2 * uniform_of(row[1 + k]) - 1);
    if (inside)
        return -1;
    double area[3] = {half[1] * half[2], half[2] * half[0], half[0] * half[1]};
    double at = uniform_of(row[4]) * (area[0] + area[1] + area[2]);
    int axis = at < area[0] ? 0 : at < area[0] + area[1] ? 1 : 2;
    u[axis] = half[axis];
    return axis;
}

/* Other boxes that a point of a face may be on. */
struct cover {
    const struct boxes *boxes;
    size_t of;
    int axis;
    bool is_high;      /* the face's side */
    double face, room; /* its coordinate */
    bool covered;
};

/* Two boxes whose faces lie in one plane, on the same side of it, share the points that
   they have in common: the first of the two keeps them. */
static bool covers(void *context, size_t at)
{
    struct cover *cover = context;
    const struct box *box = &cover->boxes->at[at];
    if (at == cover->of)
        return true;
    double other = cover->is_high ? box->high[cover->axis] : box->low[cover->axis];
    bool flush = fabs(other - cover->face) <= cover->room;
    cover->covered = !flush || at < cover->of;
    return !cover->covered;
}

static bool face_is_covered(const struct sample_body *body, size_t of, int axis,
                            bool is_high, const double p[3])
{
    const struct box *box = &body->boxes->at[of];
    const double room = body->room;
    struct cover cover = {.boxes = body->boxes,
                          .of = of,
                          .axis = axis,
                          .is_high = is_high,
                          .face = is_high ? box->high[axis] : box->low[axis],
                          .room = room};
    double low[3], high[3];
    for (int k = 0; k < 3; k++) {
        low[k] = p[k] - room;
        high[k] = p[k] + room;
    }
    box_tree_visit(body->box_tree, low, high, covers, &cover);
    return cover.covered;
}

/* 1 / (number of shapes that contain p), p being in the draw's own. */
static double interior_weight(const struct sample_body *body, const struct draw *draw,
                              const double p[3])
{
    size_t n = body->balls->n, of = draw->shape;
    unsigned others = box_tree_count(body->box_tree, p, of < n ? SIZE_MAX : of - n);
    if (n)
        others += of < n ? bvh_count_others(body->bvh, p, of) : bvh_count(body->bvh, p);
    return 1 / (1 + (double)others);
}

/* 1 where p, on the surface of the draw's shape, is in no other one, else 0. */
static double surface_weight(const struct sample_body *body, const struct draw *draw,
                             bool is_high, const double p[3])
{
    size_t n = body->balls->n, of = draw->shape;
    bool covered = of < n ? box_tree_count(body->box_tree, p, SIZE_MAX) > 0
                          : face_is_covered(body, of - n, draw->axis, is_high, p);
    if (!covered && n)
        covered = bvh_covered(body->bvh, p, of < n ? of : SIZE_MAX);
    return covered ? 0 : 1;
}

static void make_draw(const struct sample_body *body, const uint32_t row[DRAW_ROWS],
                      bool inside, struct draw *draw)
{
    const struct balls *b = body->balls;
    draw->axis = -1;
    if (draw->shape < b->n) {
        size_t i = draw->shape;
        const double c[3] = {b->x[i], b->y[i], b->z[i]};
        point_of_ball(row, inside, draw->u);
        for (int k = 0; k < 3; k++) {
            draw->c[k] = c[k];
            draw->u[k] *= b->r[i];
        }
    } else {
        const struct box *box = &body->boxes->at[draw->shape - b->n];
        double half[3];
        for (int k = 0; k < 3; k++) {
            draw->c[k] = 0.5 * (box->high[k] + box->low[k]);
            half[k] = 0.5 * (box->high[k] - box->low[k]);
        }
        draw->axis = point_of_box(row, inside, half, draw->u);
    }
    for (int side = 0; side < 2; side++) {
        double p[3];
        for (int k = 0; k < 3; k++)
            p[k] = draw->c[k] + (side ? -draw->u[k] : draw->u[k]);
        draw->weight[side] = inside ? interior_weight(body, draw, p)
                                    : surface_weight(body, draw, side == 0, p);
    }
}

/* What both points of a draw contribute together: with s and o the sum and the
   difference of their weights s, c s + u o, and (c c + u u) s + (c u + u c) o. */
static void contribute(const struct draw *draw, double scale, double q[INTERIOR_DIM])
{
    double s = draw->weight[0] + draw->weight[1], o = draw->weight[0] - draw->weight[1];
    double c[3], u[3];
    int at = 4;
    for (int k = 0; k < 3; k++) {
        c[k] = draw->c[k] * scale;
        u[k] = draw->u[k] * scale;
    }
    q[0] = s;
    for (int k = 0; k < 3; k++) {
        q[1 + k] = c[k] * s + u[k] * o;
        for (int l = k; l < 3; l++)
            q[at++] = (c[k] * c[l] + u[k] * u[l]) * s + (c[k] * u[l] + u[k] * c[l]) * o;
    }
}

/* Sums the contributions of a stratum's two draws, and products of their difference. */
static void add_stratum(const double q[2][INTERIOR_DIM], int d, double *sum,
                        double *product)
{
    for (int i = 0; i < d; i++) {
        sum[i] += q[0][i] + q[1][i];
        for (int j = i; j < d; j++)
            *product++ += (q[0][i] - q[1][i]) * (q[0][j] - q[1][j]);
    }
}

/* Both draws of the strata that begin at h, a batch of them. */
static void sample_batch(const struct sample_body *body, const struct sample_part *part,
                         bool inside, unsigned h, struct random_rows *random,
                         double *sum, double *product)
{
    const double *running = inside ? body->volume_sum : body->area_sum;
    size_t n = body->balls->n + body->boxes->n;
    double step = running[n - 1] / (double)part->of, scale = 1 / body->launch_radius;
    uint32_t row[2][DRAW_ROWS][BATCH];
    for (int i = 0; i < 2 * DRAW_ROWS; i++)
        memcpy(row[i / DRAW_ROWS][i % DRAW_ROWS], random_row(random), sizeof row[0][0]);
    for (unsigned i = 0; i < BATCH && h + i < part->n; i++) {
        double q[2][INTERIOR_DIM];
        for (int k = 0; k < 2; k++) {
            uint32_t own[DRAW_ROWS];
            struct draw draw;
            for (int r = 0; r < DRAW_ROWS; r++)
                own[r] = row[k][r][i];
            double at = (double)(part->first + h + i) + uniform_of(own[0]);
            draw.shape = sample_search(running, n, at * step);
            make_draw(body, own, inside, &draw);
            if (inside)
                contribute(&draw, scale, q[k]);
            else
                q[k][0] = draw.weight[0] + draw.weight[1];
        }
        add_stratum(q, inside ? INTERIOR_DIM : SURFACE_DIM, sum, product);
    }
}

void simd_sample_boxes(const struct sample_body *body, const struct sample_part *part,
                       struct interior_tally *interior, struct surface_tally *surface)
{
    if (body->exact_area)
        surface->sum[0] += SAMPLE_STRATUM * (double)part->n;
    for (int inside = body->exact_area; inside < 2; inside++) {
        struct random_rows random;
        random_start(&random, part->seed, inside ? RNG_INTERIOR : RNG_SURFACE,
                     part->frame, part->block);
        for (unsigned h = 0; h < part->n; h += BATCH)
            sample_batch(body, part, inside, h, &random,
                         inside ? interior->sum : surface->sum,
                         inside ? interior->product : surface->product);
    }
    interior->samples += SAMPLE_STRATUM * part->n;
    surface->samples += SAMPLE_STRATUM * part->n;
}
