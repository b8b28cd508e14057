/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/report_target.h"

#include <math.h>
#include <string.h>

/* Frames that bring the standard error from `sem` with n to `aim`. */
static double frames_for(double sem, double aim, double n)
{
    return ceil(n * (sem / aim) * (sem / aim));
}

static void print_frames(double percent, double aim, double n, FILE *stream)
{
    fprintf(stream,
            "           four times as many frames would give %.2g %%, half of "
            "them %.2g %%",
            percent / 2, percent * sqrt(2));
    if (percent > 1.02 * aim)
        fprintf(stream, "; %.3g %% would take about %.0f frames", aim,
                frames_for(percent, aim, n));
    fputc('\n', stream);
}

void report_target(const struct target *t, size_t n_frames, FILE *stream)
{
    double n = (double)n_frames, noise = t->walks_noise * t->walks_noise;
    double spread = t->spread * t->spread;
    double percent = 100 * sqrt((spread + noise) / n) / t->mean;
    double share = spread + noise > 0 ? noise / (spread + noise) : 0;
    fprintf(
        stream,
        "target     %.3g %% of <C>; %zu frames show a spread of %.2g %%: %ju walks a "
        "frame%s, noise %.2g %%\n",
        t->percent, t->frames, 100 * t->spread / t->mean, (uintmax_t)t->walks,
        t->limited ? " (the most allowed)" : "", 100 * sqrt(noise) / t->mean);
    fprintf(
        stream,
        "           expected %.2g %% with %zu frames if they are independent, %.0f %% "
        "of its variance Monte Carlo\n",
        percent, n_frames, 100 * share);
    print_frames(percent, t->percent, n, stream);
}

void report_target_reached(const struct target *t, const struct results *results,
                           FILE *stream)
{
    size_t offset = 0;
    for (size_t i = 0; i < results->n_columns; i++) {
        if (strcmp(results->column[i].name, "capacitance") == 0)
            break;
        offset += column_width(results->column[i].shape);
    }
    struct ensemble e = results_ensemble(results, offset);
    if (e.n == 0 || !isfinite(e.sem))
        return;
    double percent = 100 * e.sem / e.mean;
    double share = e.sem > 0 ? e.sem_mc * e.sem_mc / (e.sem * e.sem) : 0;
    fprintf(
        stream,
        "target     %.3g %% asked, %.2g %% reached: %.3g independent frames of %zu, "
        "%.0f %% of the variance Monte Carlo\n",
        t->percent, percent, e.n_eff, e.n, 100 * fmin(share, 1));
    print_frames(percent, t->percent, (double)e.n, stream);
}
