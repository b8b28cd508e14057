/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/summary.h"

#include "out/number.h"
#include "out/sink.h"
#include "stats/ensemble.h"
#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum cell { CELL_NAME, CELL_MEAN, CELL_SEM, CELL_UNIT, CELL_STD, CELL_NOISE, CELL_N };
enum { N_CELLS = CELL_N + 1, N_CELLS_SINGLE = CELL_UNIT + 1 };
enum { CELL_BYTES = COLUMN_LABEL_BYTES };
static const double share_without_signal = 0.99;
static const double walks_least = 1024.0; /* a block: less is not simulated anyway */

struct line {
    char cell[N_CELLS][CELL_BYTES];
};

struct table {
    size_t n_lines, n_cells;
    struct line *line;
    size_t width[N_CELLS];
};

static size_t frames_with_values(const struct results *results)
{
    size_t n = 0;
    for (size_t r = 0; r < results->n_frames; r++) {
        n += frame_has_values(results->row[r].status);
        results_passed(results);
    }
    return n;
}

/* The Monte Carlo part of the variance of the mean, NaN where that is not known. */
static double noise_share(const struct ensemble *e)
{
    double ratio = e->sem_mc / e->sem;
    return ratio * ratio;
}

static void put(struct line *line, enum cell cell, const char *text)
{
    snprintf(line->cell[cell], CELL_BYTES, "%s", text);
}

static void put_percent(struct line *line, enum cell cell, double share)
{
    char *text = line->cell[cell];
    if (isnan(share))
        put(line, cell, "-");
    else if (share > 0.0 && share < 0.005)
        put(line, cell, "<1");
    else
        snprintf(text, CELL_BYTES, "%.0f", 100.0 * share);
}

static void put_count(struct line *line, enum cell cell, double count)
{
    if (isnan(count))
        put(line, cell, "-");
    else
        snprintf(line->cell[cell], CELL_BYTES, "%.0f", count);
}

/* The spread over the frames, to about the digits that so many frames can support:
   its own relative error is 1 / sqrt(2 n_eff). */
static void put_spread(struct line *line, const struct ensemble *e)
{
    char text[NUMBER_TEXT_BYTES], ignored[NUMBER_TEXT_BYTES];
    number_with_error(e->std, e->std / sqrt(2.0 * e->n_eff), text, ignored);
    put(line, CELL_STD, text);
}

static void fill_line(struct line *line, const struct column *column, size_t k,
                      const struct ensemble *e)
{
    char mean[NUMBER_TEXT_BYTES], sem[NUMBER_TEXT_BYTES];
    column_label(column, column_suffix(column->shape, k), false, line->cell[CELL_NAME]);
    number_with_error(e->mean, e->sem, mean, sem);
    put(line, CELL_MEAN, mean);
    put(line, CELL_SEM, *sem ? sem : "-");
    put(line, CELL_UNIT, *column->unit ? column->unit : "-");
    put_spread(line, e);
    put_percent(line, CELL_NOISE, noise_share(e));
    put_count(line, CELL_N, e->n_eff);
}

static void fill_header(struct line *line, bool single)
{
    put(line, CELL_NAME, "property");
    put(line, CELL_MEAN, single ? "value" : "mean");
    put(line, CELL_SEM, single ? "MC std" : "std error");
    put(line, CELL_UNIT, "unit");
    put(line, CELL_STD, "std");
    put(line, CELL_NOISE, "MC %");
    put(line, CELL_N, "n_eff");
}

static void measure(struct table *table)
{
    for (size_t i = 0; i < table->n_lines; i++) {
        for (size_t c = 0; c < table->n_cells; c++) {
            size_t n = strlen(table->line[i].cell[c]);
            if (n > table->width[c])
                table->width[c] = n;
        }
    }
}

static int table_fill(struct table *table, const struct results *results, bool verbose,
                      struct err *err)
{
    table->line = alloc_zeroed(results->width + 1, sizeof *table->line, "a table", err);
    if (!table->line)
        return -1;
    bool single = frames_with_values(results) == 1;
    table->n_cells = single ? N_CELLS_SINGLE : N_CELLS;
    fill_header(&table->line[table->n_lines++], single);
    size_t offset = 0;
    for (size_t c = 0; c < results->n_columns; c++) {
        const struct column *column = &results->column[c];
        size_t width = column_width(column->shape);
        for (size_t k = 0; k < width; k++) {
            if (column_rank(column->shape) == 2 && !verbose)
                continue;
            struct ensemble e = results_ensemble(results, offset + k);
            fill_line(&table->line[table->n_lines++], column, k, &e);
        }
        offset += width;
    }
    measure(table);
    return 0;
}

/* Texts on the left, figures on the right, so that "+-" stands between mean and error.
 */
static int print_line(const struct table *table, size_t i, FILE *stream,
                      struct err *err)
{
    for (size_t c = 0; c < table->n_cells; c++) {
        bool left = c == CELL_NAME || c == CELL_SEM || c == CELL_UNIT;
        int width = (int)table->width[c];
        const char *before = c == CELL_NAME  ? ""
                             : c != CELL_SEM ? "  "
                             : i > 0         ? " +- "
                                             : "    ";
        if (left && c + 1 == table->n_cells)
            width = 0; /* no blanks at the end of a line */
        if (sink_print(stream, err, "%s%*s", before, left ? -width : width,
                       table->line[i].cell[c]))
            return -1;
    }
    return sink_text(stream, "\n", err);
}

double summary_walks_wanted(double share, double walks)
{
    bool due = share > SUMMARY_SHARE_HIGH || share < SUMMARY_SHARE_LOW;
    if (!due || share <= 0.0 || share > share_without_signal || walks <= 0.0)
        return 0.0;
    /* Noise goes as 1 / walks, the rest of the variance stays:
       share / (1 - share) = (walks of now / walks) * (share / (1 - share)) of now. */
    double now = share / (1.0 - share);
    double aim = SUMMARY_SHARE_AIM / (1.0 - SUMMARY_SHARE_AIM);
    double least =
        walks < SUMMARY_WALKS_CONTROLLED ? walks_least : SUMMARY_WALKS_CONTROLLED;
    double wanted = fmax(walks * now / aim, least);
    if (wanted > least) {
        double unit = pow(10.0, floor(log10(wanted)) - 1.0);
        wanted = ceil(wanted / unit - 1e-9) * unit;
    }
    bool already = share < SUMMARY_SHARE_LOW && wanted >= walks;
    return already ? 0.0 : wanted;
}

static double mean_walks(const struct results *results)
{
    double sum = 0.0;
    size_t n = 0;
    for (size_t r = 0; r < results->n_frames; r++) {
        results_passed(results);
        if (!frame_has_values(results->row[r].status))
            continue;
        sum += (double)results->row[r].walks;
        n++;
    }
    return n ? sum / (double)n : 0.0;
}

/* One digit below 1 %, else whole percents. */
static void percent_text(double share, char text[NUMBER_TEXT_BYTES])
{
    char ignored[NUMBER_TEXT_BYTES];
    double percent = 100.0 * share;
    double unit = percent < 1.0 ? pow(10.0, floor(log10(percent))) : 1.0;
    number_with_error(nearbyint(percent / unit) * unit, 0.0, text, ignored);
}

static int print_advice(const struct results *results, size_t offset, FILE *stream,
                        struct err *err)
{
    struct ensemble e = results_ensemble(results, offset);
    double share = noise_share(&e), walks = mean_walks(results);
    if (e.n < 2 || !(share > 0.0) || walks <= 0.0)
        return 0;
    if (share > share_without_signal)
        return sink_print(stream, err,
                          "Monte Carlo noise is all of the variance of the mean "
                          "capacitance: at %.0f walks a frame the frames do not "
                          "differ measurably\n",
                          walks);
    double wanted = summary_walks_wanted(share, walks);
    if (wanted <= 0.0)
        return 0;
    char percent[NUMBER_TEXT_BYTES];
    percent_text(share, percent);
    return sink_print(stream, err,
                      "Monte Carlo noise is %s %% of the variance of the mean "
                      "capacitance; %.0f walks a frame would do (%.0f now)\n",
                      percent, wanted, walks);
}

static int advise(const struct results *results, FILE *stream, struct err *err)
{
    for (size_t c = 0, offset = 0; c < results->n_columns; c++) {
        const struct column *column = &results->column[c];
        if (column->shape == COLUMN_SCALAR && strcmp(column->name, "capacitance") == 0)
            return print_advice(results, offset, stream, err);
        offset += column_width(column->shape);
    }
    return 0;
}

int summary_print(const struct results *results, FILE *stream, bool verbose,
                  struct err *err)
{
    if (frames_with_values(results) == 0)
        return sink_print(stream, err, "no frame has results\n");
    struct table table = {0};
    int rc = table_fill(&table, results, verbose, err);
    for (size_t i = 0; !rc && i < table.n_lines; i++)
        rc = print_line(&table, i, stream, err);
    free(table.line);
    return rc ? rc : advise(results, stream, err);
}
