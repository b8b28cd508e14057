/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_HYDRO_SAMPLE_H
#define FRAMEWALK_HYDRO_SAMPLE_H

#include "hydro/body.h"
#include "hydro/tally.h"

#include <stdbool.h>
#include <stdint.h>

struct simd_table;

/* Volume, moments and surface area, by points in balls and on balls.

   Interior: a point uniform in a ball that is drawn with probability proportional to
   its volume, with weight 1 / (number of balls that contain it), is uniform in the
   union: V = total_volume <1/m>. Surface: of points uniform on balls drawn by area
   those that no other ball contains are on the surface of the union: A = total_area
   <exposed>.

   Points come in fours: two draws of a ball from the same stratum of the running sum of
   the volumes, or areas, and two opposite points of either ball. Balls that are near in
   space are near in the sum, so that strata take most of the noise off the moments.
   The two draws of a stratum are independent and alike: their difference tells the
   variance of their sum without bias, for whatever there is to sum. */

/* How a run divides its samples. A round is stratified over the whole body, and what is
   to be a result has to be whole rounds, or all: a precision may stop a run after the
   last block of a round. */
struct sample_plan {
    uint64_t samples; /* in the interior, and as many on the surface; a multiple of 4 */
    uint64_t round;   /* blocks; the last round may be shorter */
};

enum { SAMPLE_ROUND = 16 };

/* Samples rounded up to a multiple of four, in one round, or in rounds of SAMPLE_ROUND
   blocks where a precision may end them. */
struct sample_plan sample_plan(uint64_t samples, bool may_stop);

/* Blocks of HYDRO_BLOCK samples, the last one of what is left. */
uint64_t sample_blocks(const struct sample_plan *plan);

/* Whether what blocks 0 to `block` give is a result. */
bool sample_round_ends(const struct sample_plan *plan, uint64_t block);

struct sample_tally {
    struct interior_tally interior;
    struct surface_tally surface;
};

/* Adds block `block` of frame `frame` to *tally: a function of the body, the plan,
   seed, frame and block. */
void sample_block(const struct body *body, const struct simd_table *simd,
                  const struct sample_plan *plan, uint64_t seed, uint64_t frame,
                  uint64_t block, struct sample_tally *tally);

void sample_tally_merge(struct sample_tally *into, const struct sample_tally *block);

/* Means of the contributions of n samples and their covariance matrix (d x d, rows
   `stride` apart). */
void sample_means(const double *sum, const double *product, uint64_t n, int d,
                  double *mean, double *covariance, int stride);

#endif
