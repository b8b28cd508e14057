/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "util/pmath.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* ln 2 in two parts; the high one has 21 zero bits at its end, so that a product with
   an exponent is exact. */
static const double LN2_HIGH = 0x1.62e42fee00000p-1;
static const double LN2_LOW = 0x1.a39ef35793c76p-33;

static double power_of_two(int exponent)
{
    uint64_t bits = (uint64_t)(exponent + 1023) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double pmath_exp(double x)
{
    if (isnan(x))
        return x;
    if (x > 709.782712893384)
        return INFINITY;
    if (x < -708.396418532264)
        return 0.0;
    const double shifter = 0x1.8p52;
    double k = x * 1.4426950408889634 + shifter - shifter;
    double r = (x - k * LN2_HIGH) - k * LN2_LOW; /* |r| <= 0.347 */
    double sum = 1.0;
    for (int i = 14; i >= 2; i--)
        sum = 1.0 + sum * r / i;
    sum = 1.0 + r * sum;
    int exponent = (int)k;
    /* In two factors: 2^1024 itself is not a double. */
    return sum * power_of_two(exponent / 2) * power_of_two(exponent - exponent / 2);
}

double pmath_log(double x)
{
    if (isnan(x) || x < 0)
        return NAN;
    if (x == 0)
        return -INFINITY;
    if (isinf(x))
        return x;
    int exponent;
    double m = frexp(x, &exponent); /* exact, hence the same everywhere */
    if (m < 0.70710678118654752) {
        m *= 2;
        exponent--;
    }
    double s = (m - 1.0) / (m + 1.0); /* |s| <= 0.1716 */
    double q = s * s;
    double sum = 0.0;
    for (int i = 25; i >= 3; i -= 2)
        sum = q * (1.0 / i + sum);
    /* log m = 2 artanh s = 2 s (1 + q/3 + q^2/5 + ...) */
    return exponent * LN2_HIGH + (exponent * LN2_LOW + (2.0 * s + 2.0 * s * sum));
}

double pmath_pow(double x, double y)
{
    return pmath_exp(y * pmath_log(x));
}

double pmath_cbrt(double x)
{
    if (x == 0 || isnan(x) || isinf(x))
        return x;
    int exponent;
    double m = frexp(fabs(x), &exponent);
    while (exponent % 3) { /* so that 1/8 <= m < 1, far from over- and underflow */
        m *= 0.5;
        exponent++;
    }
    double root = pmath_exp(pmath_log(m) / 3.0);
    root -= (root * root * root - m) / (3.0 * root * root);
    root = ldexp(root, exponent / 3);
    return x < 0 ? -root : root;
}

double pmath_acos(double x)
{
    if (isnan(x))
        return x;
    if (x < 0)
        return 3.141592653589793 - pmath_acos(-x);
    if (x == 0)
        return 3.141592653589793 / 2;
    if (x >= 1)
        return 0;
    /* The tangent of half the angle; halved thrice more it is below 0.1. */
    double t = sqrt((1.0 - x) / (1.0 + x));
    for (int i = 0; i < 3; i++)
        t = t / (1.0 + sqrt(1.0 + t * t));
    double q = t * t, sum = 0;
    for (int k = 19; k >= 3; k -= 2)
        sum = q * ((k % 4 == 1 ? 1.0 : -1.0) / k + sum);
    return 16.0 * (t + t * sum);
}
