/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hydro/derive.h"
#include "util/pmath.h"

/* Each coefficient is sum_i p_i exp(-r_i x1), i = 0 .. 3. */
struct coefficient {
    double p[4], r[4];
};

static double coefficient_at(const struct coefficient *c, double x1)
{
    double sum = 0;
    for (int i = 0; i < 4; i++)
        sum += c->p[i] * pmath_exp(-c->r[i] * x1);
    return sum;
}

double hydro_viscosity_prefactor(const double eigenvalue[3])
{
    static const struct coefficient
        delta = {{4.8, 0.66, -1.247, 0.787}, {0, 1.04, 2.012, 2.315}},
        b = {{0.68, -7.399, 1.048, 0.136}, {0, 1.063, 0.895, 4.993}},
        B = {{1.925, -8.611, 1.652, -0.120}, {0, 1.344, 2.029, 1.075}},
        c = {{13.43, 16.17, 0.51, -5.86}, {0, 0.489, 0.879, 2.447}},
        A = {{16.23, -15.92, 14.83, -3.74}, {0, 0.462, 1.989, 4.60}},
        m = {{2.786, 0.293, -0.11, 0.012}, {0, 0.556, 2.034, 3.024}};
    double x1 = pmath_log(eigenvalue[1] / eigenvalue[0]);
    double x2 = pmath_log(eigenvalue[2] / eigenvalue[1]);
    double power = x2 > 0 ? pmath_pow(x2, coefficient_at(&m, x1)) : x2;
    double at_delta = coefficient_at(&delta, x1), at_A = coefficient_at(&A, x1),
           at_c = coefficient_at(&c, x1);
    double above =
        at_delta * at_A + at_c * x2 + coefficient_at(&b, x1) * x2 * x2 + 4.0 * power;
    double below = 6.0 * at_A + 6.0 * at_c * x2 / at_delta +
                   coefficient_at(&B, x1) * x2 * x2 + 5.0 * power;
    return above / below;
}
