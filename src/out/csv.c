/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/number.h"
#include "out/sink.h"
#include "out/writer.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Control characters become blanks: a file name with a line end in it must not be able
   to start a line of its own. */
static int write_one_line(const char *text, FILE *stream, struct err *err)
{
    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;
        char out = byte < 0x20 || byte == 0x7f ? ' ' : *text;
        if (sink_put(stream, &out, 1, err))
            return -1;
    }
    return 0;
}

static int write_provenance(const struct results *results, FILE *stream,
                            struct err *err)
{
    for (size_t i = 0; i < results->n_provenance; i++) {
        if (sink_text(stream, "# ", err) ||
            write_one_line(results->provenance[i].key, stream, err) ||
            sink_text(stream, ": ", err) ||
            write_one_line(results->provenance[i].value, stream, err) ||
            sink_text(stream, "\n", err))
            return -1;
    }
    return 0;
}

static int write_units(const struct results *results, FILE *stream, struct err *err)
{
    if (sink_text(stream, "# units:", err))
        return -1;
    for (size_t c = 0; c < results->n_columns; c++) {
        const struct column *column = &results->column[c];
        if (sink_print(stream, err, "%s %s=%s", c ? "," : "", column->name,
                       *column->unit ? column->unit : "1"))
            return -1;
    }
    return sink_text(stream, "\n", err);
}

static int write_header(const struct results *results, FILE *stream, struct err *err)
{
    if (sink_text(stream, "frame,time_ps,status,walks,interior_samples", err))
        return -1;
    for (size_t c = 0; c < results->n_columns; c++) {
        const struct column *column = &results->column[c];
        for (size_t k = 0; k < column_width(column->shape); k++) {
            char value[COLUMN_LABEL_BYTES], deviation[COLUMN_LABEL_BYTES];
            const char *suffix = column_suffix(column->shape, k);
            column_label(column, suffix, false, value);
            column_label(column, suffix, true, deviation);
            if (sink_print(stream, err, ",%s,%s", value, deviation))
                return -1;
        }
    }
    return sink_text(stream, "\n", err);
}

/* What is not a number is an empty cell, which every reader of CSV takes as missing. */
static void cell_text(double value, char text[NUMBER_TEXT_BYTES])
{
    if (isnan(value))
        text[0] = '\0';
    else
        number_round_trip(value, text);
}

static int write_row(const struct results *results, size_t r, FILE *stream,
                     struct err *err)
{
    const struct result_row *row = &results->row[r];
    char text[NUMBER_TEXT_BYTES], pair[2 * NUMBER_TEXT_BYTES + 2];
    cell_text(row->time_ps, text);
    if (sink_print(stream, err, "%zu,%s,%s,%" PRIu64 ",%" PRIu64, row->frame, text,
                   frame_status_name(row->status), row->walks, row->interior_samples))
        return -1;
    bool filled = frame_has_values(row->status);
    for (size_t i = 0; i < results->width; i++) {
        size_t at = r * results->width + i;
        pair[0] = ',';
        cell_text(filled ? results->value[at] : NAN, pair + 1);
        size_t n = strlen(pair);
        pair[n++] = ',';
        cell_text(filled ? results->std[at] : NAN, pair + n);
        if (sink_text(stream, pair, err))
            return -1;
    }
    return sink_text(stream, "\n", err);
}

int csv_write(const struct results *results, FILE *stream, struct err *err)
{
    if (write_provenance(results, stream, err) || write_units(results, stream, err) ||
        write_header(results, stream, err))
        return -1;
    for (size_t r = 0; r < results->n_frames; r++) {
        if (write_row(results, r, stream, err))
            return -1;
        results_passed(results);
    }
    return sink_flush(stream, err);
}
