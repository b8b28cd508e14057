/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "geom/balls.h"

#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

int balls_reserve(struct balls *balls, size_t n, struct err *err)
{
    if (n <= balls->capacity)
        return 0;
    double *memory = alloc_zeroed(n, 4 * sizeof(double), "balls", err);
    if (!memory)
        return -1;
    double *part[4] = {balls->x, balls->y, balls->z, balls->r};
    for (int k = 0; k < 4 && balls->n; k++)
        memcpy(memory + (size_t)k * n, part[k], balls->n * sizeof(double));
    free(balls->x);
    balls->x = memory;
    balls->y = memory + n;
    balls->z = memory + 2 * n;
    balls->r = memory + 3 * n;
    balls->capacity = n;
    return 0;
}

void balls_fini(struct balls *balls)
{
    free(balls->x);
    *balls = (struct balls){0};
}
