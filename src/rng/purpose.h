/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_RNG_PURPOSE_H
#define FRAMEWALK_RNG_PURPOSE_H

/* What random numbers are for. Streams depend on the seed, a purpose, the frame and the
   block of what is computed and on nothing else, never on worker, thread or order:
   simd/random.h. */
enum rng_purpose {
    RNG_WALKS = 1,
    RNG_INTERIOR = 2,
    RNG_SURFACE = 3,
    RNG_PILOT = 4,
    RNG_STOKES = 5,
};

#endif
