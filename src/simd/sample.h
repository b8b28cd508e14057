/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_SAMPLE_H
#define FRAMEWALK_SIMD_SAMPLE_H

#include "geom/boxes.h"
#include "geom/bvh.h"
#include "hydro/hits.h"
#include "hydro/tally.h"

#include <stdbool.h>
#include <stdint.h>

/* Volume, moments and surface of a union of balls and boxes by points drawn in them and
   on their surfaces. The running sum of the volumes (areas), balls first, is divided
   into equal strata. A stratum gets two draws; a draw is a shape, by where a uniform
   number falls in the stratum, and two opposite points of it about its centre. There is
   one function for balls alone, which works in lanes, and one for bodies with boxes. */

enum {
    SAMPLE_STRATUM = 4, /* points */
    SAMPLE_STRATA = HYDRO_BLOCK / SAMPLE_STRATUM,
};

struct sample_body {
    const struct balls *balls;
    const struct bvh *bvh; /* over them */
    const struct boxes *boxes;
    const struct box_tree *box_tree; /* over them */
    const double *volume_sum, *area_sum;
    double launch_radius;
    double room;     /* faces of boxes nearer than this are one */
    bool exact_area; /* nothing of the surface is to be left out */
};

/* Strata first to first + n - 1 of `of`, n <= SAMPLE_STRATA. Random numbers depend on
   seed, frame and block only. */
struct sample_part {
    uint64_t seed, frame, block;
    uint64_t first, of;
    unsigned n;
};

/* Adds what the part's points contribute to the two tallies, as tally.h has them. */
typedef void simd_sample_fn(const struct sample_body *body,
                            const struct sample_part *part,
                            struct interior_tally *interior,
                            struct surface_tally *surface);

/* The first of n shapes whose share of the running sum is beyond `at`. */
static inline size_t sample_search(const double *running, size_t n, double at)
{
    size_t low = 0, high = n - 1;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (running[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

#endif
