/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the errors of a whole family of figures are what they are said to be. */
#ifndef FRAMEWALK_T_CHI_SQUARE_H
#define FRAMEWALK_T_CHI_SQUARE_H

#include "fwtest.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* A sum of squared z-scores. */
struct chi_square {
    double sum;
    int n;
};

static inline void chi_add(struct chi_square *chi, const char *what, double value,
                           double expected, double sigma)
{
    double z = (value - expected) / sigma;
    chi->sum += z * z;
    chi->n++;
    if (!(fabs(z) < 3))
        print_message("# %s: %.8g, expected %.8g, z = %.2f\n", what, value, expected,
                      z);
}

/* p of the sum, which is above 1e-4. */
static inline double chi_check(const struct chi_square *chi, const char *what)
{
    double p = gsl_cdf_chisq_Q(chi->sum, chi->n);
    print_message("# %s: chi-square %.1f for %d figures, p = %.3g\n", what, chi->sum,
                  chi->n, p);
    assert_true(p > 1e-4);
    return p;
}

#endif
