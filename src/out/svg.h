/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_OUT_SVG_H
#define FRAMEWALK_OUT_SVG_H

#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Plots of lines with points, side by side in one SVG file. */

struct svg_series {
    const char *name;
    size_t n;
    const double *x, *y; /* finite, and positive on logarithmic axes */
    bool dashed;         /* a line without points, for comparison */
};

struct svg_panel {
    const char *title, *x_label, *y_label;
    bool log_x, log_y; /* powers of two */
    bool from_zero;    /* the axis of y begins at 0 */
    bool names_below;  /* names of the series at the foot instead of the head */
    size_t n;
    const struct svg_series *series;
};

/* Series get colours by their number in a panel. A panel without points is an empty
   frame. */
int svg_write(const struct svg_panel *panel, size_t n, FILE *stream, struct err *err);

#endif
