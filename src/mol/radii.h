/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_MOL_RADII_H
#define FRAMEWALK_MOL_RADII_H

#include "mol/atoms.h"
#include "mol/select.h"
#include "util/err.h"

/* Ball radii of the selected atoms, in Angstrom (or L), in the order of the selection:
   radius = table radius * scale + shell.

   set: "bondi"  Bondi, J. Phys. Chem. 68, 441 (1964), and Alvarez, Dalton Trans. 42,
                 8617 (2013) for elements that Bondi has not; hydrogen 1.20
        "zeno"   as bondi, with P 1.90 and S 1.85 (ZENO's table)
        "ca5"    5 A for atoms named CA (Kang, Mansfield, Douglas 2004); others error
        "file"   the radii of the topology file itself (bod, pqr)
        PATH     lines "name radius" or "resname:name radius", names with * and ?
                 wildcards, blank lines and # comments; the more specific line wins
                 (resname:name before name, exact before wildcard), then the later one.
                 A third word is a mass in Da (radii_masses). Atoms without an element,
                 the beads of coarse-grained models, are also found by their type

   An atom without a radius is ERR_INPUT whose text lists every such type once
   ("RES:NAME (n atoms)"); a malformed radius file is ERR_INPUT with file and line; a
   set that is neither a name nor a readable file is ERR_USAGE. Returns a malloc'ed
   array of selection->n doubles, all finite and positive, or NULL. */
double *radii_assign(const struct atoms *atoms, const struct selection *selection,
                     const char *set, double scale, double shell, struct err *err);

/* Gives the selected atoms the masses that a file of radii (set as above) has for them;
   other sets have none. */
int radii_masses(struct atoms *atoms, const struct selection *selection,
                 const char *set, struct err *err);

/* One row of the coverage table: a type of selected atom as radii see it. */
struct radii_row {
    char label[2 *
               ATOM_NAME_BYTES]; /* element symbol, or the name where none is known */
    size_t count;
    double radius; /* the smallest and the largest differ only for sets by name */
    double radius_max;
};

/* Rows by element (ordered by count, descending); malloc'ed, *n rows. */
struct radii_row *radii_coverage(const struct atoms *atoms,
                                 const struct selection *selection, const double *radii,
                                 size_t *n, struct err *err);

#endif
