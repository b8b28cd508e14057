/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/svg.h"

#include "out/sink.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 390, HEIGHT = 390, LEFT = 60, TOP = 36, SIZE = 300, TICKS_MAX = 24 };

static const char *const colours[] = {"#057", "#c40", "#283", "#a3a", "#777", "#b80"};

struct axis {
    bool log;
    double low, high;
    double from, extent; /* in pixels; a negative extent goes up */
};

static double place(const struct axis *axis, double v)
{
    double at = axis->log ? log2(v / axis->low) / log2(axis->high / axis->low)
                          : (v - axis->low) / (axis->high - axis->low);
    return axis->from + at * axis->extent;
}

static void widen(struct axis *axis, const struct svg_panel *panel, bool x)
{
    axis->low = HUGE_VAL;
    axis->high = -HUGE_VAL;
    for (size_t s = 0; s < panel->n; s++)
        for (size_t i = 0; i < panel->series[s].n; i++) {
            double v = x ? panel->series[s].x[i] : panel->series[s].y[i];
            axis->low = fmin(axis->low, v);
            axis->high = fmax(axis->high, v);
        }
    if (!(axis->low <= axis->high))
        axis->low = axis->high = 1;
}

/* 1, 2 or 5 times a power of ten, for about six steps. */
static double step_of(double range)
{
    double rough = range / 6, power = pow(10, floor(log10(rough)));
    double digit = rough / power;
    return power * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
}

static void settle(struct axis *axis, bool from_zero)
{
    if (axis->log) {
        axis->low = exp2(floor(log2(axis->low)));
        axis->high = exp2(ceil(log2(axis->high)));
        if (axis->high <= axis->low)
            axis->high = 2 * axis->low;
        return;
    }
    if (from_zero)
        axis->low = 0;
    if (axis->high <= axis->low)
        axis->high = axis->low + 1;
    double step = step_of(axis->high - axis->low);
    axis->low = step * floor(axis->low / step);
    axis->high = step * ceil(axis->high / step);
}

static size_t ticks_of(const struct axis *axis, double tick[TICKS_MAX])
{
    size_t n = 0;
    double step = axis->log ? 2 : step_of(axis->high - axis->low);
    for (double v = axis->low; v <= axis->high * (1 + 1e-9) && n < TICKS_MAX;
         v = axis->log ? v * step : v + step)
        tick[n++] = v;
    return n;
}

static int write_axes(const struct svg_panel *panel, const struct axis *x,
                      const struct axis *y, FILE *stream, struct err *err)
{
    double tick[TICKS_MAX];
    double left = x->from, bottom = y->from;
    if (sink_print(stream, err,
                   "<rect x=\"%g\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" "
                   "stroke=\"black\"/>\n",
                   left, TOP, SIZE, SIZE) < 0)
        return -1;
    for (size_t i = 0, n = ticks_of(x, tick); i < n; i++)
        if (sink_print(stream, err,
                       "<path d=\"M%.1f %gv-5\" stroke=\"black\"/><text x=\"%.1f\" "
                       "y=\"%g\" text-anchor=\"middle\">%g</text>\n",
                       place(x, tick[i]), bottom, place(x, tick[i]), bottom + 16,
                       tick[i]) < 0)
            return -1;
    for (size_t i = 0, n = ticks_of(y, tick); i < n; i++)
        if (sink_print(stream, err,
                       "<path d=\"M%g %.1fh5\" stroke=\"black\"/><text x=\"%g\" "
                       "y=\"%.1f\" text-anchor=\"end\">%.4g</text>\n",
                       left, place(y, tick[i]), left - 6, place(y, tick[i]) + 4,
                       tick[i]) < 0)
            return -1;
    return sink_print(stream, err,
                      "<text x=\"%g\" y=\"%d\" text-anchor=\"middle\">%s</text>\n"
                      "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">%s</text>\n"
                      "<text transform=\"translate(%g %d) rotate(-90)\" "
                      "text-anchor=\"middle\">%s</text>\n",
                      left + SIZE / 2.0, TOP - 12, panel->title, left + SIZE / 2.0,
                      bottom + 36, panel->x_label, left - 40, TOP + SIZE / 2,
                      panel->y_label);
}

static int write_series(const struct svg_series *series, size_t number, size_t line,
                        const struct axis *x, const struct axis *y, FILE *stream,
                        struct err *err)
{
    const char *colour = colours[number % (sizeof colours / sizeof *colours)];
    if (series->n == 0)
        return 0;
    if (sink_text(stream, "<path fill=\"none\" d=\"", err) < 0)
        return -1;
    for (size_t i = 0; i < series->n; i++)
        if (sink_print(stream, err, "%s%.1f %.1f", i ? "L" : "M",
                       place(x, series->x[i]), place(y, series->y[i])) < 0)
            return -1;
    if (sink_print(stream, err, "\" stroke=\"%s\"%s/>\n",
                   series->dashed ? "#999" : colour,
                   series->dashed ? " stroke-dasharray=\"4 3\"" : "") < 0)
        return -1;
    for (size_t i = 0; !series->dashed && i < series->n; i++)
        if (sink_print(stream, err,
                       "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n",
                       place(x, series->x[i]), place(y, series->y[i]), colour) < 0)
            return -1;
    return sink_print(stream, err, "<text x=\"%g\" y=\"%zu\" fill=\"%s\">%s</text>\n",
                      x->from + 10, line, series->dashed ? "#999" : colour,
                      series->name);
}

static int write_panel(const struct svg_panel *panel, size_t number, FILE *stream,
                       struct err *err)
{
    struct axis x = {panel->log_x, 0, 0, (double)(LEFT + WIDTH * number), SIZE};
    struct axis y = {panel->log_y, 0, 0, TOP + SIZE, -SIZE};
    widen(&x, panel, true);
    widen(&y, panel, false);
    settle(&x, false);
    settle(&y, panel->from_zero);
    if (write_axes(panel, &x, &y, stream, err) < 0)
        return -1;
    size_t named = 0;
    for (size_t s = 0; s < panel->n; s++)
        named += panel->series[s].n > 0;
    size_t line = panel->names_below ? TOP + SIZE + 4 - 16 * named : TOP + 18;
    for (size_t s = 0; s < panel->n; s++) {
        if (write_series(&panel->series[s], s, line, &x, &y, stream, err) < 0)
            return -1;
        line += panel->series[s].n > 0 ? 16 : 0;
    }
    return 0;
}

int svg_write(const struct svg_panel *panel, size_t n, FILE *stream, struct err *err)
{
    size_t width = WIDTH * n;
    if (sink_print(stream, err,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" "
                   "height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n"
                   "<rect width=\"%zu\" height=\"%d\" fill=\"white\"/>\n",
                   width, HEIGHT, width, HEIGHT) < 0)
        return -1;
    for (size_t p = 0; p < n; p++)
        if (write_panel(&panel[p], p, stream, err) < 0)
            return -1;
    return sink_text(stream, "</svg>\n", err) < 0 ? -1 : sink_flush(stream, err);
}
