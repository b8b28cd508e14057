/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tests' own random numbers (SplitMix64): independent of the program's, and fixed,
   so that the figures never change. */
#ifndef FRAMEWALK_T_DICE_H
#define FRAMEWALK_T_DICE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

static inline uint64_t dice_bits(struct dice *dice)
{
    uint64_t z = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Uniform between two numbers. */
static inline double dice_between(struct dice *dice, double low, double high)
{
    return low + (high - low) * ((double)(dice_bits(dice) >> 11) + 0.5) * 0x1p-53;
}

/* With uniform logarithm, 0 < low <= high. */
static inline double dice_log(struct dice *dice, double low, double high)
{
    return exp(dice_between(dice, log(low), log(high)));
}

static inline size_t dice_below(struct dice *dice, size_t n)
{
    return (size_t)(dice_bits(dice) % n);
}

/* A point of the unit sphere. */
static inline void dice_direction(struct dice *dice, double out[3])
{
    double z = dice_between(dice, -1, 1), turn = dice_between(dice, 0, 2 * M_PI);
    double across = sqrt((1 - z) * (1 + z));
    out[0] = across * cos(turn);
    out[1] = across * sin(turn);
    out[2] = z;
}

#endif
