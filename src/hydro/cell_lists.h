/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_CELL_LISTS_H
#define FRAMEWALK_HYDRO_CELL_LISTS_H

#include <stddef.h>

/* How much memory the upper levels of the search structure of walks (simd/cells.h) take
   depends on the shape of the body: a cell lists what can be nearest to a point in it,
   which far from a long chain is half of the chain, and from a globule its near side.
   This counts the entries of those lists as the structure would make them, of up to
   some thousand of the shapes and scaled to n, in a few ms. For the planner; no result
   depends on it.

   xyz holds 3 n coordinates, half NULL or 3 n half edges of boxes. NaN without memory
   or where a coordinate is not finite. */
double cell_lists_bytes(size_t n, const double *xyz, const double *radius,
                        const double *half);

#endif
