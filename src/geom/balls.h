/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_GEOM_BALLS_H
#define FRAMEWALK_GEOM_BALLS_H

#include "util/err.h"

#include <stddef.h>

/* Balls as four arrays, so that loops over them vectorise. */
struct balls {
    size_t n, capacity;
    double *x, *y, *z, *r;
};

/* Room for n balls; n and the contents are kept. */
int balls_reserve(struct balls *balls, size_t n, struct err *err);

/* Appends without looking at the capacity, which balls_reserve made. */
static inline void balls_push(struct balls *balls, double x, double y, double z,
                              double r)
{
    size_t i = balls->n++;
    balls->x[i] = x;
    balls->y[i] = y;
    balls->z[i] = z;
    balls->r[i] = r;
}

void balls_fini(struct balls *balls);

#endif
