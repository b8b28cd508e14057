/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_UTIL_PMATH_H
#define FRAMEWALK_UTIL_PMATH_H

/* Portable mathematics: the elementary functions that results depend on, made of IEEE
   additions, multiplications, divisions and square roots only, so that every machine
   and C library gives the same bits. (glibc picks exp, log, sin and cos by the
   processor's instruction set, and the picks differ in their last bits.) Relative
   errors are below 4e-16, except pmath_pow's, which grows as 4e-16 (1 + |y log x|). */

/* Overflow gives infinity, underflow below 2^-1022 gives 0, NaN stays NaN. */
double pmath_exp(double x);

/* Natural logarithm; NaN for x < 0, -infinity for 0. */
double pmath_log(double x);

/* x^y for x > 0. */
double pmath_pow(double x, double y);

/* Real cube root, of either sign. */
double pmath_cbrt(double x);

/* In [0, pi], exactly pi / 2 for 0; absolute error below 2e-15; x beyond -1 and 1
   counts as these. */
double pmath_acos(double x);

/* sin and cos of 2 pi u for |u| <= 2^40; absolute error below 3e-16. */
static inline void pmath_sincos_turn(double u, double *sine, double *cosine)
{
    /* Adding and taking away 1.5 * 2^52 rounds to the nearest integer in the default
       rounding mode; as an integer its low two bits are the quadrant. */
    const double shifter = 0x1.8p52;
    double shifted = 4.0 * u + shifter;
    double quarter_turns = shifted - shifter;
    long quadrant = (long)quarter_turns & 3;
    double t = (u - 0.25 * quarter_turns) * 6.283185307179586477; /* |t| <= pi/4 */
    double q = t * t;
    double s = -1.0 / 1307674368000.0;
    s = s * q + 1.0 / 6227020800.0;
    s = s * q - 1.0 / 39916800.0;
    s = s * q + 1.0 / 362880.0;
    s = s * q - 1.0 / 5040.0;
    s = s * q + 1.0 / 120.0;
    s = s * q - 1.0 / 6.0;
    s = s * q * t + t;
    double c = 1.0 / 20922789888000.0;
    c = c * q - 1.0 / 87178291200.0;
    c = c * q + 1.0 / 479001600.0;
    c = c * q - 1.0 / 3628800.0;
    c = c * q + 1.0 / 40320.0;
    c = c * q - 1.0 / 720.0;
    c = c * q + 1.0 / 24.0;
    c = c * q - 0.5;
    c = c * q + 1.0;
    double swapped_s = quadrant & 1 ? c : s;
    double swapped_c = quadrant & 1 ? s : c;
    *sine = quadrant & 2 ? -swapped_s : swapped_s;
    *cosine = (quadrant + 1) & 2 ? -swapped_c : swapped_c;
}

#endif
