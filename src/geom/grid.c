/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/grid.h"

#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_finite(const double p[3])
{
    return isfinite(p[0]) && isfinite(p[1]) && isfinite(p[2]);
}

/* Copies the finite points, wrapped where periodic, and their bounds. */
static int take_points(struct grid *grid, const double *xyz, size_t n, double **points,
                       size_t **ids, struct err *err)
{
    *points = alloc_zeroed(n, 3 * sizeof **points, "a grid", err);
    *ids = *points ? alloc_zeroed(n, sizeof **ids, "a grid", err) : NULL;
    if (!*ids)
        return -1;
    for (int k = 0; k < 3; k++) {
        grid->low[k] = INFINITY;
        grid->high[k] = -INFINITY;
    }
    for (size_t i = 0; i < n; i++) {
        double *p = *points + 3 * grid->n;
        memcpy(p, xyz + 3 * i, 3 * sizeof *p);
        if (!is_finite(p))
            continue;
        if (grid->periodic)
            lattice_wrap(&grid->lattice, p);
        if (!is_finite(p))
            continue;
        for (int k = 0; k < 3; k++) {
            grid->low[k] = fmin(grid->low[k], p[k]);
            grid->high[k] = fmax(grid->high[k], p[k]);
        }
        (*ids)[grid->n++] = i;
    }
    return 0;
}

/* At most about two cells a point: a few points far apart must not ask for more. */
static void choose_cells(struct grid *grid, double radius)
{
    double limit = 2.0 * (double)grid->n + 8, cells = INFINITY;
    grid->edge = radius > 1e-3 && isfinite(radius) ? radius : 1e-3;
    while (cells > limit) {
        cells = 1;
        for (int k = 0; k < 3; k++) {
            double along = floor((grid->high[k] - grid->low[k]) / grid->edge) + 1;
            cells *= along;
            grid->cells[k] = along < limit ? (size_t)along : 1;
        }
        if (cells > limit)
            grid->edge *= 1.3;
    }
}

/* The cell of a coordinate, clamped. */
static size_t cell_along(const struct grid *grid, int axis, double x)
{
    double at = (x - grid->low[axis]) / grid->edge;
    double last = (double)(grid->cells[axis] - 1);
    return at > 0 ? (size_t)fmin(at, last) : 0;
}

static size_t cell_of(const struct grid *grid, const double p[3])
{
    return (cell_along(grid, 2, p[2]) * grid->cells[1] + cell_along(grid, 1, p[1])) *
               grid->cells[0] +
           cell_along(grid, 0, p[0]);
}

/* Counting sort by cell; points keep their order within one. */
static void sort_points(struct grid *grid, const double *points, const size_t *ids)
{
    size_t n_cells = grid->cells[0] * grid->cells[1] * grid->cells[2];
    for (size_t i = 0; i < grid->n; i++)
        grid->first[cell_of(grid, points + 3 * i) + 1]++;
    for (size_t c = 0; c < n_cells; c++)
        grid->first[c + 1] += grid->first[c];
    for (size_t i = 0; i < grid->n; i++) {
        size_t at = grid->first[cell_of(grid, points + 3 * i)]++;
        memcpy(grid->xyz + 3 * at, points + 3 * i, 3 * sizeof *points);
        grid->id[at] = ids[i];
    }
    memmove(grid->first + 1, grid->first, n_cells * sizeof *grid->first);
    grid->first[0] = 0;
}

int grid_init(struct grid *grid, const double *xyz, size_t n, double radius,
              const struct lattice *lattice, struct err *err)
{
    double *points = NULL;
    size_t *ids = NULL;
    *grid = (struct grid){.periodic = lattice != NULL};
    if (lattice)
        grid->lattice = *lattice;
    int rc = take_points(grid, xyz, n, &points, &ids, err);
    if (rc == 0 && grid->n > 0) {
        choose_cells(grid, radius);
        size_t n_cells = grid->cells[0] * grid->cells[1] * grid->cells[2];
        rc = -1;
        if ((grid->xyz = alloc_zeroed(grid->n, 3 * sizeof *grid->xyz, "a grid", err)) &&
            (grid->id = alloc_zeroed(grid->n, sizeof *grid->id, "a grid", err)) &&
            (grid->first =
                 alloc_zeroed(n_cells + 1, sizeof *grid->first, "a grid", err))) {
            sort_points(grid, points, ids);
            rc = 0;
        }
    }
    free(points);
    free(ids);
    if (rc != 0)
        grid_fini(grid);
    return rc;
}

struct ball {
    const double *p;
    double radius;
    bool (*visit)(void *context, size_t id, double square);
    void *context;
};

static bool visit_row(const struct grid *grid, const struct ball *ball, size_t begin,
                      size_t end)
{
    for (size_t i = begin; i < end; i++) {
        const double *q = grid->xyz + 3 * i, *p = ball->p;
        double x = q[0] - p[0], y = q[1] - p[1], z = q[2] - p[2];
        double square = x * x + y * y + z * z;
        if (square <= ball->radius * ball->radius &&
            !ball->visit(ball->context, grid->id[i], square))
            return false;
    }
    return true;
}

/* One image of the centre. */
static bool visit_image(const struct grid *grid, const struct ball *ball)
{
    size_t from[3], to[3];
    for (int k = 0; k < 3; k++) {
        /* A little more, because the cells' bounds are rounded. */
        double reach = ball->radius * (1 + 1e-12) + 1e-12 * fabs(ball->p[k]);
        if (!(ball->p[k] + reach >= grid->low[k]) ||
            !(ball->p[k] - reach <= grid->high[k]))
            return true;
        from[k] = cell_along(grid, k, ball->p[k] - reach);
        to[k] = cell_along(grid, k, ball->p[k] + reach);
    }
    for (size_t z = from[2]; z <= to[2]; z++)
        for (size_t y = from[1]; y <= to[1]; y++) {
            size_t row = (z * grid->cells[1] + y) * grid->cells[0];
            if (!visit_row(grid, ball, grid->first[row + from[0]],
                           grid->first[row + to[0] + 1]))
                return false;
        }
    return true;
}

bool grid_visit(const struct grid *grid, const double p[3], double radius,
                bool (*visit)(void *context, size_t id, double square), void *context)
{
    double at[3] = {p[0], p[1], p[2]};
    struct ball ball = {at, radius, visit, context};
    if (grid->n == 0 || !is_finite(p))
        return true;
    if (!grid->periodic)
        return visit_image(grid, &ball);
    const struct lattice *lattice = &grid->lattice;
    double wrapped[3] = {p[0], p[1], p[2]};
    lattice_wrap(lattice, wrapped);
    int reach[3];
    for (int k = 0; k < 3; k++) /* boxes across; a ball wider than that sees all */
        reach[k] = 1 + (int)fmin(floor(radius / lattice->height[k]), 3);
    for (int i = -reach[0]; i <= reach[0]; i++)
        for (int j = -reach[1]; j <= reach[1]; j++)
            for (int l = -reach[2]; l <= reach[2]; l++) {
                for (int k = 0; k < 3; k++)
                    at[k] = wrapped[k] + i * lattice->v[0][k] + j * lattice->v[1][k] +
                            l * lattice->v[2][k];
                if (!visit_image(grid, &ball))
                    return false;
            }
    return true;
}

static bool stop_at_once(void *context, size_t id, double square)
{
    (void)context;
    (void)id;
    (void)square;
    return false;
}

bool grid_any(const struct grid *grid, const double p[3], double radius)
{
    return !grid_visit(grid, p, radius, stop_at_once, NULL);
}

void grid_fini(struct grid *grid)
{
    free(grid->xyz);
    free(grid->id);
    free(grid->first);
    *grid = (struct grid){0};
}
