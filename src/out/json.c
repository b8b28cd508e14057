/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/sink.h"
#include "out/utf8.h"
#include "out/writer.h"
#include "stats/ensemble.h"

#include <math.h>
#include <stdlib.h>

/* The document is written member by member and the frames one by one, a line each: only
   one frame is in memory as JSON, however long the trajectory. */

enum { SCHEMA_VERSION = 1 };

static const size_t dump_flags = JSON_COMPACT | JSON_REAL_PRECISION(17);

struct dump_target {
    FILE *stream;
    struct err *err;
    bool failed; /* and *err says why */
};

static int dump_piece(const char *bytes, size_t n, void *data)
{
    struct dump_target *target = data;
    if (sink_put(target->stream, bytes, n, target->err))
        target->failed = true;
    return target->failed ? -1 : 0;
}

static int dump(const json_t *json, FILE *stream, struct err *err)
{
    struct dump_target target = {stream, err, false};
    if (!json_dump_callback(json, dump_piece, &target, dump_flags))
        return 0;
    return target.failed ? -1
                         : err_set(err, ERR_RUNTIME, "a JSON value cannot be written");
}

/* Takes over the value; NULL is what jansson makes when memory runs out. */
static int dump_member_take(const char *name, json_t *value, FILE *stream,
                            struct err *err)
{
    if (!value)
        return err_memory(err, 0, name);
    int rc = sink_print(stream, err, ",\n\"%s\": ", name);
    if (!rc)
        rc = dump(value, stream, err);
    json_decref(value);
    return rc;
}

/* JSON has neither NaN nor infinities. */
static json_t *number_or_null(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* One number, or an array of one or two dimensions out of a column's components, which
   lie `stride` doubles apart. */
static json_t *shaped(enum column_shape shape, const double *component, size_t stride)
{
    int rank = column_rank(shape), bad = 0;
    size_t n = column_extent(shape), rows = rank == 2 ? n : 1;
    if (rank == 0)
        return number_or_null(*component);
    json_t *outer = rank == 2 ? json_array() : NULL, *row = NULL;
    for (size_t i = 0; i < rows; i++) {
        row = json_array();
        for (size_t j = 0; j < n; j++) {
            size_t k = column_component(shape, i * n + j);
            bad |= json_array_append_new(row, number_or_null(component[k * stride]));
        }
        if (rank == 2)
            bad |= json_array_append_new(outer, row);
    }
    json_t *whole = rank == 2 ? outer : row;
    if (!bad && whole)
        return whole;
    json_decref(whole);
    return NULL;
}

static json_t *text_value(const char *text)
{
    char *clean = utf8_clean(text, NULL);
    json_t *value = clean ? json_string(clean) : NULL;
    free(clean);
    return value;
}

static json_t *provenance_object(const struct results *results)
{
    json_t *object = json_object();
    int bad = !object;
    for (size_t i = 0; i < results->n_provenance; i++)
        bad |= json_object_set_new(object, results->provenance[i].key,
                                   text_value(results->provenance[i].value));
    /* What determines the results is never replaced by what does not. */
    if (results->run_facts)
        bad |= json_object_update_missing(object, results->run_facts);
    if (!bad)
        return object;
    json_decref(object);
    return NULL;
}

/* Column names with their units, or with their descriptions. */
static json_t *names_object(const struct results *results, bool units)
{
    json_t *object = json_object();
    int bad = !object;
    for (size_t c = 0; c < results->n_columns; c++) {
        const struct column *column = &results->column[c];
        const char *unit = *column->unit ? column->unit : "1";
        const char *text = units ? unit : column->description;
        bad |= json_object_set_new(object, column->name, text_value(text ? text : ""));
    }
    if (!bad)
        return object;
    json_decref(object);
    return NULL;
}

static int set_values(json_t *object, const struct results *results, size_t r)
{
    int bad = 0;
    bool filled = frame_has_values(results->row[r].status);
    for (size_t c = 0, offset = r * results->width; c < results->n_columns; c++) {
        const struct column *column = &results->column[c];
        char value[COLUMN_LABEL_BYTES], deviation[COLUMN_LABEL_BYTES];
        column_label(column, NULL, false, value);
        column_label(column, NULL, true, deviation);
        bad |= json_object_set_new(
            object, value,
            filled ? shaped(column->shape, results->value + offset, 1) : json_null());
        bad |= json_object_set_new(
            object, deviation,
            filled ? shaped(column->shape, results->std + offset, 1) : json_null());
        offset += column_width(column->shape);
    }
    return bad;
}

/* Who computed it, and how long that took. */
static int set_log(json_t *object, const struct results *results, size_t r)
{
    const struct frame_log *log = &results->row[r].log;
    bool ran = log->attempts > 0;
    json_t *seconds = json_object();
    int bad = !seconds;
    for (size_t s = 0; s < results->n_stages; s++)
        bad |=
            json_object_set_new(seconds, results->stage[s], json_real(log->seconds[s]));
    bad |= json_object_set_new(seconds, "all", json_real(log->all_seconds));
    bad |= json_object_set_new(object, "worker",
                               ran ? json_integer(log->worker) : json_null());
    bad |= json_object_set_new(object, "attempts", json_integer(log->attempts));
    bad |= json_object_set_new(object, "restored", json_boolean(log->restored));
    bad |= json_object_set_new(object, "seconds", seconds);
    return bad;
}

static json_t *frame_object(const struct results *results, size_t r)
{
    const struct result_row *row = &results->row[r];
    json_t *object = json_object();
    int bad = !object;
    bad |= json_object_set_new(object, "frame", json_integer((json_int_t)row->frame));
    bad |= json_object_set_new(object, "time_ps", number_or_null(row->time_ps));
    bad |= json_object_set_new(object, "status",
                               json_string(frame_status_name(row->status)));
    bad |= json_object_set_new(object, "walks", json_integer((json_int_t)row->walks));
    bad |= json_object_set_new(object, "interior_samples",
                               json_integer((json_int_t)row->interior_samples));
    if (row->reason)
        bad |= json_object_set_new(object, "reason", text_value(row->reason));
    if (results->n_stages)
        bad |= set_log(object, results, r);
    bad |= set_values(object, results, r);
    if (!bad)
        return object;
    json_decref(object);
    return NULL;
}

static int write_frames(const struct results *results, FILE *stream, struct err *err)
{
    if (sink_text(stream, ",\n\"frames\": [", err))
        return -1;
    for (size_t r = 0; r < results->n_frames; r++) {
        json_t *object = frame_object(results, r);
        if (!object)
            return err_memory(err, 0, "a frame as JSON");
        int rc = sink_text(stream, r ? ",\n" : "\n", err);
        if (!rc)
            rc = dump(object, stream, err);
        json_decref(object);
        if (rc)
            return -1;
        results_passed(results);
    }
    return sink_text(stream, "\n]", err);
}

enum { N_MEMBERS = 6 };

static json_t *ensemble_column(const struct results *results, size_t c, size_t offset)
{
    static const char *const member[N_MEMBERS] = {
        "mean", "sem", "sem_mc", "std", "n_eff", "correlation_time_frames"};
    enum column_shape shape = results->column[c].shape;
    double table[COLUMN_COMPONENTS_MAX][N_MEMBERS];
    for (size_t k = 0; k < column_width(shape); k++) {
        const struct ensemble e = results_ensemble(results, offset + k);
        const double of[N_MEMBERS] = {e.mean, e.sem,   e.sem_mc,
                                      e.std,  e.n_eff, e.correlation_time_frames};
        for (size_t m = 0; m < N_MEMBERS; m++)
            table[k][m] = of[m];
    }
    json_t *object = json_object();
    int bad = !object;
    for (size_t m = 0; m < N_MEMBERS; m++)
        bad |= json_object_set_new(object, member[m],
                                   shaped(shape, &table[0][m], N_MEMBERS));
    if (!bad)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *ensemble_object(const struct results *results)
{
    json_t *object = json_object();
    int bad = !object;
    for (size_t c = 0, offset = 0; c < results->n_columns; c++) {
        bad |= json_object_set_new(object, results->column[c].name,
                                   ensemble_column(results, c, offset));
        offset += column_width(results->column[c].shape);
    }
    if (!bad)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *borrowed_or_empty(json_t *object)
{
    return object ? json_incref(object) : json_object();
}

int json_write(const struct results *results, FILE *stream, struct err *err)
{
    if (sink_print(stream, err,
                   "{\"schema\": \"framewalk.result\",\n\"schema_version\": %d",
                   SCHEMA_VERSION) ||
        dump_member_take("provenance", provenance_object(results), stream, err) ||
        dump_member_take("plan", borrowed_or_empty(results->plan), stream, err) ||
        dump_member_take("units", names_object(results, true), stream, err) ||
        dump_member_take("descriptions", names_object(results, false), stream, err) ||
        write_frames(results, stream, err) ||
        dump_member_take("ensemble", ensemble_object(results), stream, err) ||
        dump_member_take("stages", borrowed_or_empty(results->stages), stream, err) ||
        sink_text(stream, "}\n", err))
        return -1;
    return sink_flush(stream, err);
}
