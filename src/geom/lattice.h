/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_GEOM_LATTICE_H
#define FRAMEWALK_GEOM_LATTICE_H

#include <stdbool.h>

/* A periodic box by its vectors: v[0] along x, v[1] in the xy plane, v[2] anywhere, as
   crystallography and simulation programs lay a box of given edges and angles. */
struct lattice {
    double v[3][3];
    double height[3]; /* distances between opposite faces */
    /* The same points by vectors as short and as upright as there are, and the rows of
       their inverse. A displacement shorter than `safe`, half the least of their
       heights, is the shortest of its images. */
    double near[3][3], inverse[3][3];
    double safe;
};

/* From a, b, c and alpha, beta, gamma in degrees. False, and *lattice untouched, for
   what is no box: edges that are not positive, angles that span no volume, NaN. */
bool lattice_init(struct lattice *lattice, const double box[6]);

/* Moves p into the box: its fractional coordinates become 0 <= f < 1, but for the
   rounding of the last bit. */
void lattice_wrap(const struct lattice *lattice, double p[3]);

/* Replaces a displacement by the shortest of its periodic images. */
void lattice_shortest(const struct lattice *lattice, double d[3]);

#endif
