/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words about places. Distances are taken between float32 positions in double
   precision; with a box, between nearest images. */
#include "mol/select_expr.h"

#include "geom/grid.h"
#include "geom/lattice.h"
#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The box of a scene; false for distances without images. */
static bool lattice_of(const struct select_run *run, struct lattice *lattice)
{
    return run->scene->box && lattice_init(lattice, run->scene->box);
}

static void position(const struct select_run *run, size_t atom, double p[3])
{
    for (size_t k = 0; k < 3; k++)
        p[k] = (double)(float)run->scene->xyz[3 * atom + k];
}

static int need_positive(const struct select_run *run, const struct select_step *step)
{
    for (unsigned i = 0; i < step->keyword->n_parameters; i++)
        if (!isfinite(step->parameter[i]))
            return select_fail(run->err, run->program->text, step->offset,
                               "a distance that is not finite");
    return 0;
}

/* The selected atoms in cells of `radius`. */
static int grid_of(const struct select_run *run, struct grid *grid, const uint8_t *mask,
                   double radius)
{
    struct lattice lattice;
    size_t n = 0, n_atoms = run->scene->atoms->n;
    for (size_t i = 0; i < n_atoms; i++)
        n += mask[i];
    double *xyz = alloc_zeroed(n, 3 * sizeof *xyz, "a selection", run->err);
    if (!xyz)
        return -1;
    n = 0;
    for (size_t i = 0; i < n_atoms; i++)
        if (mask[i])
            position(run, i, xyz + 3 * n++);
    bool periodic = lattice_of(run, &lattice);
    int rc = grid_init(grid, xyz, n, radius, periodic ? &lattice : NULL, run->err);
    free(xyz);
    return rc;
}

/* Atoms that are not selected, at more than `inner` (negative for none) and at most
   `outer` from one that is. */
static int keep_around(const struct select_run *run, const struct select_step *step,
                       uint8_t *mask, double inner, double outer)
{
    struct grid grid;
    if (need_positive(run, step) != 0 || grid_of(run, &grid, mask, outer) != 0)
        return -1;
    for (size_t i = 0; i < run->scene->atoms->n; i++) {
        double p[3];
        position(run, i, p);
        mask[i] = !mask[i] && outer >= 0 && grid_any(&grid, p, outer) &&
                  !(inner >= 0 && grid_any(&grid, p, inner));
    }
    grid_fini(&grid);
    return 0;
}

int select_around(const struct select_run *run, const struct select_step *step,
                  uint8_t *mask)
{
    return keep_around(run, step, mask, -1, step->parameter[0]);
}

int select_isolayer(const struct select_run *run, const struct select_step *step,
                    uint8_t *mask)
{
    return keep_around(run, step, mask, step->parameter[0], step->parameter[1]);
}

/* Atoms at more than `inner` and at most `outer` from a point. */
static int keep_layer(const struct select_run *run, const double centre[3],
                      double inner, double outer, uint8_t *mask)
{
    struct lattice lattice;
    bool periodic = lattice_of(run, &lattice);
    for (size_t i = 0; i < run->scene->atoms->n; i++) {
        double d[3];
        position(run, i, d);
        for (int k = 0; k < 3; k++)
            d[k] -= centre[k];
        if (periodic)
            lattice_shortest(&lattice, d);
        double distance = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
        mask[i] = distance <= outer && distance > inner;
    }
    return 0;
}

/* The mean of the selected positions; false where nothing is selected. */
static bool centre_of(const struct select_run *run, const uint8_t *mask,
                      double centre[3])
{
    size_t n = 0;
    double sum[3] = {0}, p[3];
    for (size_t i = 0; i < run->scene->atoms->n; i++) {
        if (!mask[i])
            continue;
        position(run, i, p);
        for (int k = 0; k < 3; k++)
            sum[k] += p[k];
        n++;
    }
    for (int k = 0; k < 3; k++)
        centre[k] = n ? sum[k] / (double)n : 0;
    return n > 0;
}

int select_sphlayer(const struct select_run *run, const struct select_step *step,
                    uint8_t *mask)
{
    double centre[3];
    if (need_positive(run, step) != 0)
        return -1;
    if (!centre_of(run, mask, centre))
        return 0;
    for (int k = 0; k < 3; k++)
        centre[k] = (double)(float)centre[k];
    return keep_layer(run, centre, step->parameter[0], step->parameter[1], mask);
}

int select_sphzone(const struct select_run *run, const struct select_step *step,
                   uint8_t *mask)
{
    struct select_step layer = *step;
    layer.parameter[0] = -1;
    layer.parameter[1] = step->parameter[0];
    return select_sphlayer(run, &layer, mask);
}

int select_point(const struct select_run *run, const struct select_step *step,
                 uint8_t *mask)
{
    double centre[3];
    if (need_positive(run, step) != 0)
        return -1;
    for (int k = 0; k < 3; k++)
        centre[k] = (double)(float)step->parameter[k];
    return keep_layer(run, centre, -1, step->parameter[3], mask);
}

/* The image that lies in a brick around the centre, as MDAnalysis takes it for
   cylinders. */
static void into_brick(const struct lattice *lattice, double d[3])
{
    for (int i = 2; i >= 0; i--) {
        double times = rint(d[i] / lattice->v[i][i]);
        for (int k = 0; k <= i; k++)
            d[k] -= lattice->v[i][k] * times;
    }
}

/* cyzone RADIUS ZMAX ZMIN, cylayer INNER OUTER ZMAX ZMIN: about the centre of what is
   selected, without the surfaces. */
int select_cylinder(const struct select_run *run, const struct select_step *step,
                    uint8_t *mask)
{
    bool layer = step->keyword->n_parameters == 4;
    double inner = layer ? step->parameter[0] : -1, centre[3];
    const double *rest = step->parameter + layer;
    double outer = rest[0], top = rest[1], bottom = rest[2];
    struct lattice lattice;
    bool periodic = lattice_of(run, &lattice);
    if (need_positive(run, step) != 0)
        return -1;
    if (!centre_of(run, mask, centre))
        return 0;
    for (size_t i = 0; i < run->scene->atoms->n; i++) {
        double d[3];
        position(run, i, d);
        for (int k = 0; k < 3; k++)
            d[k] -= centre[k];
        if (periodic)
            into_brick(&lattice, d);
        double square = d[0] * d[0] + d[1] * d[1];
        mask[i] = d[2] > bottom && d[2] < top && square < outer * outer &&
                  (!layer || square > inner * inner);
    }
    return 0;
}
