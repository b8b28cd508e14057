/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_GEOM_GRID_H
#define FRAMEWALK_GEOM_GRID_H

#include "geom/lattice.h"
#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Points in cubic cells, for finding those near a place. Memory follows the number of
   points, whatever their extent. */
struct grid {
    size_t n;      /* points that are finite */
    double *xyz;   /* theirs, by cell */
    size_t *id;    /* the caller's number of each */
    size_t *first; /* of each cell, and the end */
    size_t cells[3];
    double low[3], high[3], edge;
    struct lattice lattice; /* where periodic */
    bool periodic;
};

/* Puts n points into cells for searches of about `radius`. NaN and infinite points are
   left out. With a lattice (nullable, copied) all images of the points are searched. */
int grid_init(struct grid *grid, const double *xyz, size_t n, double radius,
              const struct lattice *lattice, struct err *err);

/* Calls visit(context, id, square) for every point (and image) at a distance of at most
   `radius` from p, square being the distance squared, until visit returns false.
   Returns false when it did. */
bool grid_visit(const struct grid *grid, const double p[3], double radius,
                bool (*visit)(void *context, size_t id, double square), void *context);

/* Whether there is any such point. */
bool grid_any(const struct grid *grid, const double p[3], double radius);

void grid_fini(struct grid *grid);

#endif
