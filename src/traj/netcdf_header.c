/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/netcdf.h"

#include "traj/bytes.h"
#include "util/alloc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The header: "CDF" and the version, number of records, then lists of dimensions,
   attributes and variables, each a tag and a count (both zero for an empty list). Names
   and values are padded to four bytes. Counts and lengths have 4 bytes, in version 5 8;
   offsets 4 bytes in version 1, else 8.
   https://docs.unidata.ucar.edu/netcdf-c/current/file_format_specifications.html */

enum { TAG_DIMENSION = 10, TAG_VARIABLE = 11, TAG_ATTRIBUTE = 12 };

struct cursor {
    const struct source *source;
    uint64_t offset;
    int version;
    bool failed; /* *err is set */
    struct err *err;
    struct source_window window;
};

/* The lengths of the dimensions; 0 is that of the records. */
struct dimensions {
    uint64_t *length;
    size_t n, capacity;
};

static void cursor_fail(struct cursor *cursor, const char *what)
{
    if (!cursor->failed)
        err_set(cursor->err, ERR_INPUT,
                "%s: damaged NetCDF header: %s at byte offset %" PRIu64,
                cursor->source->path, what, cursor->offset);
    cursor->failed = true;
}

/* The next n bytes, or zeros once something has failed: callers look at `failed` where
   it matters. */
static void take(struct cursor *cursor, void *out, size_t n)
{
    size_t there = 0;
    const unsigned char *bytes = NULL;
    memset(out, 0, n);
    if (cursor->failed)
        return;
    bytes = source_window_at(&cursor->window, cursor->source, cursor->offset, n, &there,
                             cursor->err);
    if (!bytes)
        cursor->failed = true;
    else if (there < n)
        cursor_fail(cursor, "the file ends");
    else
        memcpy(out, bytes, n);
    cursor->offset += n;
}

static uint64_t take_int(struct cursor *cursor, bool wide)
{
    unsigned char bytes[8];
    take(cursor, bytes, wide ? 8 : 4);
    return wide ? load_u64(bytes, true) : load_u32(bytes, true);
}

static uint64_t take_count(struct cursor *cursor)
{
    return take_int(cursor, cursor->version == 5);
}

/* Passes over n bytes and their padding. */
static void skip(struct cursor *cursor, uint64_t n)
{
    uint64_t left = cursor->source->size - cursor->offset;
    if (cursor->failed)
        return;
    if (cursor->offset > cursor->source->size || n > left || left - n < (-n & 3))
        cursor_fail(cursor, "a length beyond the end of the file");
    else
        cursor->offset += n + (-n & 3);
}

/* Text of n bytes and their padding, cut to what `out` holds. */
static void take_text(struct cursor *cursor, uint64_t n, char *out, size_t out_bytes)
{
    uint64_t begin = cursor->offset;
    size_t kept = n < out_bytes - 1 ? (size_t)n : out_bytes - 1;
    take(cursor, out, kept);
    out[kept] = '\0';
    cursor->offset = begin;
    skip(cursor, n);
}

static void take_name(struct cursor *cursor, char name[NETCDF_NAME_BYTES])
{
    take_text(cursor, take_count(cursor), name, NETCDF_NAME_BYTES);
}

/* Bytes of a number of some type, 0 for a type that there is not. */
static size_t type_bytes(int type)
{
    static const size_t bytes[] = {0, 1, 1, 2, 4, 4, 8, 1, 2, 4, 8, 8};
    return type > 0 && type < (int)(sizeof bytes / sizeof bytes[0]) ? bytes[type] : 0;
}

/* How many entries a list has. Each takes some bytes, so that a wrong number ends where
   the file does. */
static uint64_t take_list(struct cursor *cursor, uint32_t tag)
{
    uint64_t found = take_int(cursor, false), n = take_count(cursor);
    if (n == 0 && (found == 0 || found == tag))
        return 0;
    if (found != tag)
        cursor_fail(cursor, "a list that is not the one expected");
    return cursor->failed ? 0 : n;
}

static int take_type(struct cursor *cursor)
{
    uint64_t type = take_int(cursor, false);
    return type < 256 && type_bytes((int)type) ? (int)type : 0;
}

static double take_number(struct cursor *cursor, int type)
{
    unsigned char bytes[8];
    take(cursor, bytes, type_bytes(type));
    return type == NETCDF_DOUBLE ? load_f64(bytes, true) : load_f32(bytes, true);
}

/* An attribute: of a variable, or a global one where that is NULL. */
static void take_attribute(struct cursor *cursor, struct netcdf *nc,
                           struct netcdf_variable *variable)
{
    char name[NETCDF_NAME_BYTES];
    take_name(cursor, name);
    int type = take_type(cursor);
    uint64_t n = take_count(cursor), size = type_bytes(type);
    if (size == 0 || n > cursor->source->size) {
        cursor_fail(cursor, "an attribute of no known type or length");
        return;
    }
    bool number = (type == NETCDF_FLOAT || type == NETCDF_DOUBLE) && n == 1;
    if (type == NETCDF_CHAR && variable && strcmp(name, "units") == 0)
        take_text(cursor, n, variable->units, sizeof variable->units);
    else if (type == NETCDF_CHAR && !variable && strcmp(name, "Conventions") == 0)
        take_text(cursor, n, nc->conventions, sizeof nc->conventions);
    else if (number && variable && strcmp(name, "scale_factor") == 0)
        variable->scale_factor = take_number(cursor, type);
    else
        skip(cursor, n * size);
}

static void take_attributes(struct cursor *cursor, struct netcdf *nc,
                            struct netcdf_variable *variable)
{
    uint64_t n = take_list(cursor, TAG_ATTRIBUTE);
    for (uint64_t i = 0; i < n && !cursor->failed; i++)
        take_attribute(cursor, nc, variable);
}

static void take_dimensions(struct cursor *cursor, struct dimensions *dimensions)
{
    uint64_t n = take_list(cursor, TAG_DIMENSION);
    for (uint64_t i = 0; i < n && !cursor->failed; i++) {
        char name[NETCDF_NAME_BYTES];
        void *length = dimensions->length;
        take_name(cursor, name);
        uint64_t value = take_count(cursor);
        if (cursor->failed)
            return;
        if (alloc_grow(&length, &dimensions->capacity, dimensions->n + 1,
                       sizeof *dimensions->length, "NetCDF dimensions", cursor->err)) {
            cursor->failed = true;
            return;
        }
        dimensions->length = length;
        dimensions->length[dimensions->n++] = value;
    }
}

/* The extents of a variable and its bytes. */
static void take_shape(struct cursor *cursor, const struct dimensions *dimensions,
                       struct netcdf_variable *variable)
{
    uint64_t n = take_count(cursor);
    variable->bytes = 1;
    for (uint64_t i = 0; i < n && !cursor->failed; i++) {
        uint64_t id = take_count(cursor);
        if (id >= dimensions->n) {
            cursor_fail(cursor, "a dimension that there is not");
            return;
        }
        uint64_t length = dimensions->length[id];
        if (length == 0 && i == 0) {
            variable->per_record = true;
            continue;
        }
        if (variable->rank < NETCDF_RANK_MAX)
            variable->extent[variable->rank] = length;
        variable->rank++;
        if (__builtin_mul_overflow(variable->bytes, length, &variable->bytes))
            cursor_fail(cursor, "a variable too large for any file");
    }
}

static void take_variable(struct cursor *cursor, const struct dimensions *dimensions,
                          struct netcdf *nc, struct netcdf_variable *variable)
{
    *variable = (struct netcdf_variable){.scale_factor = 1};
    take_name(cursor, variable->name);
    take_shape(cursor, dimensions, variable);
    take_attributes(cursor, nc, variable);
    variable->type = take_type(cursor);
    take_count(cursor); /* its size, which the dimensions tell and may not fit here */
    variable->begin = take_int(cursor, cursor->version > 1);
    if (type_bytes(variable->type) == 0)
        cursor_fail(cursor, "a variable of no known type");
    if (__builtin_mul_overflow(variable->bytes, type_bytes(variable->type),
                               &variable->bytes))
        cursor_fail(cursor, "a variable too large for any file");
}

static void take_variables(struct cursor *cursor, const struct dimensions *dimensions,
                           struct netcdf *nc)
{
    uint64_t n = take_list(cursor, TAG_VARIABLE);
    for (uint64_t i = 0; i < n && !cursor->failed; i++) {
        struct netcdf_variable variable;
        void *variables = nc->variables;
        take_variable(cursor, dimensions, nc, &variable);
        if (cursor->failed)
            return;
        if (alloc_grow(&variables, &nc->capacity, nc->n_variables + 1, sizeof variable,
                       "NetCDF variables", cursor->err)) {
            cursor->failed = true;
            return;
        }
        nc->variables = variables;
        nc->variables[nc->n_variables++] = variable;
    }
}

/* The variables' shares of a record follow each other, each padded to four bytes, but
   for one that is alone. */
static void add_up_record(struct cursor *cursor, struct netcdf *nc)
{
    size_t n = 0;
    uint64_t alone = 0;
    for (size_t i = 0; i < nc->n_variables; i++) {
        const struct netcdf_variable *variable = &nc->variables[i];
        if (!variable->per_record)
            continue;
        n++;
        alone = variable->bytes;
        uint64_t padded;
        if (__builtin_add_overflow(alone, -alone & 3, &padded) ||
            __builtin_add_overflow(nc->record_bytes, padded, &nc->record_bytes))
            cursor_fail(cursor, "a record too large for any file");
    }
    if (n == 1)
        nc->record_bytes = alone;
}

int netcdf_open(struct netcdf *nc, const struct source *source, struct err *err)
{
    struct dimensions dimensions = {0};
    unsigned char magic[4];
    *nc = (struct netcdf){0};
    struct cursor *cursor = alloc_zeroed(1, sizeof *cursor, "a NetCDF header", err);
    if (!cursor)
        return -1;
    cursor->source = source;
    cursor->err = err;
    take(cursor, magic, sizeof magic);
    cursor->version = nc->version = magic[3];
    if (memcmp(magic, "CDF", 3) != 0 ||
        (magic[3] != 1 && magic[3] != 2 && magic[3] != 5))
        cursor_fail(cursor, "no magic number of a classic file");
    nc->n_records = take_count(cursor);
    nc->streaming = nc->n_records == (nc->version == 5 ? UINT64_MAX : UINT32_MAX);
    take_dimensions(cursor, &dimensions);
    take_attributes(cursor, nc, NULL);
    take_variables(cursor, &dimensions, nc);
    add_up_record(cursor, nc);
    free(dimensions.length);
    int rc = cursor->failed ? -1 : 0;
    free(cursor);
    if (rc)
        netcdf_close(nc);
    return rc;
}

void netcdf_close(struct netcdf *nc)
{
    free(nc->variables);
    *nc = (struct netcdf){0};
}

const struct netcdf_variable *netcdf_find(const struct netcdf *nc, const char *name)
{
    for (size_t i = 0; i < nc->n_variables; i++)
        if (strcmp(nc->variables[i].name, name) == 0)
            return &nc->variables[i];
    return NULL;
}
