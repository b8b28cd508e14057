/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/solvent.h"

#include "util/pmath.h"

#include <math.h>
#include <stdbool.h>

static bool is_liquid(double temperature_k)
{
    return temperature_k >= 273.15 && temperature_k <= 373.15;
}

double solvent_water_viscosity(double temperature_k)
{
    if (!is_liquid(temperature_k))
        return NAN;
    static const double a[4] = {280.68, 511.45, 61.131, 0.45903};
    static const double b[4] = {-1.9, -7.7, -19.6, -40.0};
    double sum = 0; /* micropascal seconds */
    for (int i = 0; i < 4; i++)
        sum += a[i] * pmath_pow(temperature_k / 300.0, b[i]);
    return 1e-3 * sum;
}

double solvent_water_density(double temperature_k)
{
    if (!is_liquid(temperature_k))
        return NAN;
    static const double c[6] = {999.83952,     16.945176,    -7.9870401e-3,
                                -46.170461e-6, 105.56302e-9, -280.54253e-12};
    double t = temperature_k - 273.15, sum = 0;
    for (int i = 5; i >= 0; i--)
        sum = sum * t + c[i];
    return 1e-3 * sum / (1.0 + 16.879850e-3 * t);
}
