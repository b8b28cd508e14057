/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_MOL_UNWRAP_H
#define FRAMEWALK_MOL_UNWRAP_H

#include "geom/lattice.h"
#include "mol/bonds.h"
#include "util/err.h"

#include <stddef.h>
#include <stdint.h>

/* How molecules that are split over the periodic boundary are made whole: from the
   first selected atom of each, along its bonds and breadth first, every atom goes to
   the image that is nearest to the atom before it. Where selected atoms are connected
   through others only (C-alpha atoms), those on the way are read too. Molecules stay
   where their first selected atom is; they are not moved together. */
struct unwrap {
    size_t n_read;   /* atoms to read: the selected and those between them */
    uint32_t *read;  /* ascending */
    size_t n;        /* selected atoms */
    uint32_t *place; /* of each selected atom in `read` */
    size_t n_links;
    struct bond *link; /* places in `read`: b goes near a; in order */
};

/* The plan for n selected atoms, ascending, of a topology with n_atoms and indexed
   bonds. Without any bond on their ways n_links is 0 and there is nothing to do. NULL
   when memory is short; unwrap_destroy frees. */
struct unwrap *unwrap_create(const struct bonds *bonds, size_t n_atoms,
                             const uint32_t *atom, size_t n, struct err *err);
void unwrap_destroy(struct unwrap *unwrap);

/* Moves coordinates of the atoms in `read`, 3 each. Atoms whose neighbour's place is
   not a number stay. */
void unwrap_apply(const struct unwrap *unwrap, const struct lattice *lattice,
                  double *xyz);

/* Copies the selected atoms' coordinates out of those read; `to` may be `from`. */
void unwrap_gather(const struct unwrap *unwrap, const double *from, double *to);

#endif
