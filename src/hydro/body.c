/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/body.h"

#include "geom/contained.h"
#include "geom/enclose.h"
#include "geom/hilbert.h"
#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static bool is_box(const struct body_shapes *shapes, size_t i)
{
    return shapes->half && shapes->half[3 * i] > 0;
}

static void push_box(struct boxes *boxes, const double c[3], const double half[3])
{
    struct box *box = &boxes->at[boxes->n++];
    for (int k = 0; k < 3; k++) {
        box->low[k] = c[k] - half[k];
        box->high[k] = c[k] + half[k];
    }
}

static int take_shapes(struct body *body, const struct body_shapes *shapes,
                       struct err *err)
{
    size_t n_boxes = 0;
    for (size_t i = 0; i < shapes->n; i++)
        n_boxes += is_box(shapes, i);
    body->balls.n = body->boxes.n = 0;
    if (balls_reserve(&body->balls, shapes->n - n_boxes, err) < 0 ||
        boxes_reserve(&body->boxes, n_boxes, err) < 0)
        return -1;
    for (size_t i = 0; i < shapes->n; i++) {
        size_t number = (shapes->number ? shapes->number[i] : i) + 1;
        bool box = is_box(shapes, i);
        const double *c = shapes->xyz + 3 * i,
                     *half = box ? shapes->half + 3 * i : NULL;
        for (int k = 0; k < (box ? 3 : 1); k++)
            if (check_ball(c, box ? half[k] : shapes->radius[i], number, err) < 0)
                return -1;
        if (box)
            push_box(&body->boxes, c, half);
        else
            balls_push(&body->balls, c[0], c[1], c[2], shapes->radius[i]);
    }
    return 0;
}

static int sort_shapes(struct body *body, struct err *err)
{
    if (body->balls.n && hilbert_sort(&body->balls, err) < 0)
        return -1;
    return body->boxes.n ? boxes_sort(&body->boxes, err) : 0;
}

/* The corner of a box that is farthest from `from`, and how far that is. */
static double farthest_corner(const struct boxes *boxes, const double from[3],
                              double corner[3])
{
    double most = -1;
    const struct box *far = NULL;
    for (size_t i = 0; i < boxes->n; i++) {
        double reach = box_reach(&boxes->at[i], from);
        if (reach > most) {
            most = reach;
            far = &boxes->at[i];
        }
    }
    for (int k = 0; k < 3 && far; k++) {
        bool high = far->high[k] - from[k] > from[k] - far->low[k];
        corner[k] = high ? far->high[k] : far->low[k];
    }
    return most;
}

/* The smallest ball about all: that about the balls and those corners, of no radius,
   that were found to be outside of the one before, until none is. */
static int enclose(struct body *body, double *radius, struct err *err)
{
    enum { CORNERS_MAX = 200 };
    const struct balls *b = &body->balls;
    if (body->boxes.n == 0) {
        enclose_balls(b, body->centre, radius);
        return 0;
    }
    struct balls all = {0};
    double corner[3], reach = INFINITY;
    memcpy(body->centre, body->boxes.at[0].low, sizeof body->centre);
    *radius = -1;
    if (balls_reserve(&all, b->n + CORNERS_MAX, err) < 0)
        return -1;
    for (size_t i = 0; i < b->n; i++)
        balls_push(&all, b->x[i], b->y[i], b->z[i], b->r[i]);
    for (int i = 0; i < CORNERS_MAX && reach > *radius * (1 + 1e-10); i++) {
        reach = farthest_corner(&body->boxes, body->centre, corner);
        balls_push(&all, corner[0], corner[1], corner[2], 0);
        enclose_balls(&all, body->centre, radius);
        reach = farthest_corner(&body->boxes, body->centre, corner);
    }
    *radius = fmax(*radius, reach);
    balls_fini(&all);
    return 0;
}

static void centre_shapes(struct body *body)
{
    struct balls *b = &body->balls;
    for (size_t i = 0; i < b->n; i++) {
        b->x[i] -= body->centre[0];
        b->y[i] -= body->centre[1];
        b->z[i] -= body->centre[2];
    }
    for (size_t i = 0; i < body->boxes.n; i++)
        for (int k = 0; k < 3; k++) {
            body->boxes.at[i].low[k] -= body->centre[k];
            body->boxes.at[i].high[k] -= body->centre[k];
        }
}

/* A search among one kind of shapes for one that holds a shape of the other kind. */
struct holder {
    const struct body *body;
    size_t of;
    int visits; /* that are left */
    bool found;
};

static bool box_holds_ball(void *context, size_t at)
{
    struct holder *holder = context;
    const struct balls *b = &holder->body->balls;
    const struct box *box = &holder->body->boxes.at[at];
    const double c[3] = {b->x[holder->of], b->y[holder->of], b->z[holder->of]};
    double r = b->r[holder->of];
    bool holds = true;
    for (int k = 0; k < 3; k++)
        holds &= box->low[k] <= c[k] - r && c[k] + r <= box->high[k];
    holder->found = holds;
    return !holds && --holder->visits > 0;
}

static bool ball_holds_box(void *context, size_t at)
{
    struct holder *holder = context;
    const struct balls *b = &holder->body->balls;
    const double c[3] = {b->x[at], b->y[at], b->z[at]};
    holder->found = box_reach(&holder->body->boxes.at[holder->of], c) <= b->r[at];
    return !holder->found && --holder->visits > 0;
}

/* Marks the balls that boxes hold and the boxes that balls hold: no shape can be held
   in turn by what it holds. */
static void mark_held(struct body *body, bool *held_ball, bool *held_box)
{
    const struct balls *b = &body->balls;
    for (size_t i = 0; i < b->n; i++) {
        struct holder holder = {body, i, BOXES_VISITS, false};
        const double c[3] = {b->x[i], b->y[i], b->z[i]};
        box_tree_visit(&body->box_tree, c, c, box_holds_ball, &holder);
        held_ball[i] = holder.found;
    }
    for (size_t i = 0; i < body->boxes.n; i++) {
        struct holder holder = {body, i, BOXES_VISITS, false};
        bvh_visit(&body->bvh, body->boxes.at[i].low, 0, ball_holds_box, &holder);
        held_box[i] = holder.found;
    }
}

/* Drops what the other kind of shape holds. */
static int drop_held(struct body *body, struct err *err)
{
    struct balls *b = &body->balls;
    size_t n = b->n, n_boxes = body->boxes.n;
    bool *held = alloc_zeroed(n + n_boxes, sizeof *held, "contained shapes", err);
    if (!held)
        return -1;
    mark_held(body, held, held + n);
    b->n = 0;
    for (size_t i = 0; i < n; i++)
        if (!held[i])
            balls_push(b, b->x[i], b->y[i], b->z[i], b->r[i]);
    boxes_drop(&body->boxes, held + n);
    free(held);
    if (b->n && b->n < n && bvh_build(&body->bvh, b, err) < 0)
        return -1;
    return body->boxes.n && body->boxes.n < n_boxes
               ? box_tree_build(&body->box_tree, &body->boxes, err)
               : 0;
}

static int drop_contained(struct body *body, struct err *err)
{
    uint64_t visits;
    if (body->balls.n && contained_drop(&body->balls, &body->bvh, &visits, err) < 0)
        return -1;
    if (body->boxes.n && boxes_drop_contained(&body->boxes, &body->box_tree, err) < 0)
        return -1;
    return body->balls.n && body->boxes.n ? drop_held(body, err) : 0;
}

static int sum_sizes(struct body *body, struct err *err)
{
    const struct balls *b = &body->balls;
    size_t n = b->n + body->boxes.n;
    free(body->volume_sum);
    body->area_sum = NULL;
    body->volume_sum = alloc_zeroed(n, 2 * sizeof(double), "volumes", err);
    if (!body->volume_sum)
        return -1;
    body->area_sum = body->volume_sum + n;
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
    for (size_t i = 0; i < body->boxes.n; i++) {
        const struct box *box = &body->boxes.at[i];
        double e[3];
        for (int k = 0; k < 3; k++) {
            e[k] = box->high[k] - box->low[k];
            body->radius_min = fmin(body->radius_min, 0.5 * e[k]);
        }
        volume += e[0] * e[1] * e[2];
        area += 2 * (e[0] * e[1] + e[1] * e[2] + e[2] * e[0]);
        body->volume_sum[b->n + i] = volume;
        body->area_sum[b->n + i] = area;
    }
    body->total_volume = volume;
    body->total_area = area;
    return 0;
}

/* Corners that touch are rounded apart: see struct body. */
static const double ROOM_PER_RADIUS = 1e-9, ROOM_PER_EDGE = 1e-3;

/* Boxes that do not overlap hide of their surfaces what they touch each other with. */
static void hide_contacts(struct body *body, double enclosing)
{
    double area = 0;
    body->room = fmin(ROOM_PER_RADIUS * enclosing, ROOM_PER_EDGE * body->radius_min);
    body->exact_area =
        body->balls.n == 0 && box_tree_contact(&body->box_tree, body->room, &area);
    if (body->exact_area)
        body->total_area -= 2 * area;
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
        return err_set(err, ERR_INPUT,
                       "the smallest %s %g) is more than %g times smaller than "
                       "the body (radius %g)",
                       body->boxes.n ? "radius (or half edge," : "ball (radius",
                       body->radius_min, SIZE_RATIO_MAX, enclosing);
    body->skin = isnan(options->skin) ? fmin(SKIN_PER_LAUNCH_RADIUS * enclosing,
                                             SKIN_PER_BALL * body->radius_min)
                                      : options->skin;
    return 0;
}

int body_prepare_shapes(struct body *body, const struct body_shapes *shapes,
                        const struct body_options *options, struct err *err)
{
    double enclosing;
    body->groups = (struct groups){0};
    if (take_shapes(body, shapes, err) < 0 || sort_shapes(body, err) < 0 ||
        enclose(body, &enclosing, err) < 0)
        return -1;
    centre_shapes(body);
    if (drop_contained(body, err) < 0 || sum_sizes(body, err) < 0 ||
        set_lengths(body, enclosing, options, err) < 0)
        return -1;
    hide_contacts(body, enclosing);
    body->n_contained = shapes->n - body->balls.n - body->boxes.n;
    return 0;
}

int body_prepare(struct body *body, const double *xyz, const double *radius, size_t n,
                 const unsigned *number, const struct body_options *options,
                 struct err *err)
{
    const struct body_shapes shapes = {n, xyz, radius, NULL, number};
    return body_prepare_shapes(body, &shapes, options, err);
}

int body_find_groups(struct body *body, struct err *err)
{
    if (body->boxes.n)
        return 0;
    return groups_find(&body->groups, &body->bvh, BODY_GROUP_GAP, err);
}

void body_fini(struct body *body)
{
    balls_fini(&body->balls);
    boxes_fini(&body->boxes);
    bvh_fini(&body->bvh);
    box_tree_fini(&body->box_tree);
    free(body->volume_sum);
    *body = (struct body){0};
}
