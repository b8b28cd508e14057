/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/box.h"

#include "util/pmath.h"

#include <math.h>
#include <string.h>

void box_set(struct frame_info *info, const double box[6])
{
    info->has_box = true;
    for (int i = 0; i < 3; i++)
        if (!(box[i] > 0 && isfinite(box[i]) && box[3 + i] > 0 && box[3 + i] < 180))
            info->has_box = false;
    if (info->has_box)
        memcpy(info->box, box, sizeof info->box);
    else
        memset(info->box, 0, sizeof info->box);
}

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static double angle_degrees(const double a[3], const double b[3], double lengths)
{
    /* Portable: where molecules are made whole, results depend on it. */
    return pmath_acos(dot(a, b) / lengths) * (180.0 / M_PI);
}

void box_set_vectors(struct frame_info *info, const double v[3][3], double scale)
{
    double edge[3], box[6];
    for (int i = 0; i < 3; i++) {
        edge[i] = sqrt(dot(v[i], v[i]));
        box[i] = edge[i] * scale;
    }
    for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;
        box[3 + i] = angle_degrees(v[j], v[k], edge[j] * edge[k]);
    }
    box_set(info, box);
}
