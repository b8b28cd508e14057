/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/sink.h"
#include "save/format.h"
#include "save/store.h"
#include "util/alloc.h"

#include "config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

/* AMBER's trajectory convention, version 1.0, in NetCDF's classic format with 64-bit
   offsets (CDF-2): a header of lists (dimensions, attributes, variables), the variables
   of fixed size, then records of one frame each; everything big endian, padded to
   multiples of four bytes. */

enum nc_type { NC_CHAR = 2, NC_FLOAT = 5, NC_DOUBLE = 6 };
enum nc_list { NC_DIMENSION = 10, NC_VARIABLE = 11, NC_ATTRIBUTE = 12 };
enum { AT_N_RECORDS = 4 };

enum dimension {
    DIM_FRAME,
    DIM_SPATIAL,
    DIM_ATOM,
    DIM_CELL_SPATIAL,
    DIM_CELL_ANGULAR,
    DIM_LABEL,
    N_DIMENSIONS
};

/* Stored velocities are multiplied by this to become A/ps: AMBER's unit of time is
   1 / 20.455 ps. */
static const double VELOCITY_SCALE = 20.455;
static const double KCAL_KJ = 4.184;

enum variable {
    VAR_SPATIAL,
    VAR_CELL_SPATIAL,
    VAR_CELL_ANGULAR,
    VAR_TIME,
    VAR_COORDINATES,
    VAR_CELL_LENGTHS,
    VAR_CELL_ANGLES,
    VAR_VELOCITIES,
    VAR_FORCES,
    N_VARIABLES
};

static const struct {
    const char *name;
    enum nc_type type;
    int n_dimensions;
    enum dimension dimension[3];
    const char *unit;
    double scale; /* 0: none */
} variables[N_VARIABLES] = {
    [VAR_SPATIAL] = {"spatial", NC_CHAR, 1, {DIM_SPATIAL}, NULL, 0},
    [VAR_CELL_SPATIAL] = {"cell_spatial", NC_CHAR, 1, {DIM_CELL_SPATIAL}, NULL, 0},
    [VAR_CELL_ANGULAR] =
        {"cell_angular", NC_CHAR, 2, {DIM_CELL_ANGULAR, DIM_LABEL}, NULL, 0},
    [VAR_TIME] = {"time", NC_FLOAT, 1, {DIM_FRAME}, "picosecond", 0},
    [VAR_COORDINATES] =
        {"coordinates", NC_FLOAT, 3, {DIM_FRAME, DIM_ATOM, DIM_SPATIAL}, "angstrom", 0},
    [VAR_CELL_LENGTHS] =
        {"cell_lengths", NC_DOUBLE, 2, {DIM_FRAME, DIM_CELL_SPATIAL}, "angstrom", 0},
    [VAR_CELL_ANGLES] =
        {"cell_angles", NC_DOUBLE, 2, {DIM_FRAME, DIM_CELL_ANGULAR}, "degree", 0},
    [VAR_VELOCITIES] = {"velocities",
                        NC_FLOAT,
                        3,
                        {DIM_FRAME, DIM_ATOM, DIM_SPATIAL},
                        "angstrom/picosecond",
                        VELOCITY_SCALE},
    [VAR_FORCES] = {"forces",
                    NC_FLOAT,
                    3,
                    {DIM_FRAME, DIM_ATOM, DIM_SPATIAL},
                    "kilocalorie/mole/angstrom",
                    0},
};

struct nc_writer {
    struct save_buffer buffer;
    bool has[N_VARIABLES];
    size_t length[N_DIMENSIONS];
};

static void release(void *state)
{
    struct nc_writer *nc = state;
    save_buffer_fini(&nc->buffer);
    free(nc);
}

static bool is_record(enum variable v)
{
    return variables[v].dimension[0] == DIM_FRAME;
}

/* Bytes of a variable, or of a record of it, with the padding. */
static uint64_t variable_bytes(const struct nc_writer *nc, enum variable v)
{
    uint64_t bytes = variables[v].type == NC_CHAR    ? 1
                     : variables[v].type == NC_FLOAT ? 4
                                                     : 8;
    for (int i = is_record(v); i < variables[v].n_dimensions; i++)
        bytes *= nc->length[variables[v].dimension[i]];
    return (bytes + 3) & ~(uint64_t)3;
}

static int put_word(struct save_buffer *buffer, uint32_t word, struct err *err)
{
    unsigned char *at = save_room(buffer, 4, err);
    if (!at)
        return -1;
    store_be32(at, word);
    buffer->n += 4;
    return 0;
}

/* A length and the text, padded. */
static int put_text(struct save_buffer *buffer, const char *text, struct err *err)
{
    size_t n = strlen(text), padded = (n + 3) & ~(size_t)3;
    if (put_word(buffer, (uint32_t)n, err) < 0)
        return -1;
    unsigned char *at = save_room(buffer, padded, err);
    if (!at)
        return -1;
    memset(at, 0, padded);
    memcpy(at, text, n);
    buffer->n += padded;
    return 0;
}

static int put_list(struct save_buffer *buffer, enum nc_list kind, size_t n,
                    struct err *err)
{
    return put_word(buffer, n ? kind : 0, err) < 0 ||
                   put_word(buffer, (uint32_t)n, err) < 0
               ? -1
               : 0;
}

static int put_text_attribute(struct save_buffer *buffer, const char *name,
                              const char *text, struct err *err)
{
    return put_text(buffer, name, err) < 0 || put_word(buffer, NC_CHAR, err) < 0 ||
                   put_text(buffer, text, err) < 0
               ? -1
               : 0;
}

static int put_number_attribute(struct save_buffer *buffer, const char *name,
                                double value, struct err *err)
{
    if (put_text(buffer, name, err) < 0 || put_word(buffer, NC_FLOAT, err) < 0 ||
        put_word(buffer, 1, err) < 0)
        return -1;
    return put_word(buffer, float_bits((float)value), err);
}

static int put_dimensions(struct nc_writer *nc, struct err *err)
{
    static const char *const name[N_DIMENSIONS] = {
        "frame", "spatial", "atom", "cell_spatial", "cell_angular", "label"};
    if (put_list(&nc->buffer, NC_DIMENSION, N_DIMENSIONS, err) < 0)
        return -1;
    for (int i = 0; i < N_DIMENSIONS; i++)
        if (put_text(&nc->buffer, name[i], err) < 0 ||
            put_word(&nc->buffer, (uint32_t)nc->length[i], err) < 0)
            return -1;
    return 0;
}

static int put_global_attributes(struct nc_writer *nc, struct err *err)
{
    static const struct {
        const char *name, *value;
    } attributes[] = {
        {"title", "Written by framewalk"}, {"application", "framewalk"},
        {"program", "framewalk"},          {"programVersion", PACKAGE_VERSION},
        {"Conventions", "AMBER"},          {"ConventionVersion", "1.0"},
    };
    enum { N_ATTRIBUTES = sizeof attributes / sizeof attributes[0] };
    if (put_list(&nc->buffer, NC_ATTRIBUTE, N_ATTRIBUTES, err) < 0)
        return -1;
    for (int i = 0; i < N_ATTRIBUTES; i++)
        if (put_text_attribute(&nc->buffer, attributes[i].name, attributes[i].value,
                               err) < 0)
            return -1;
    return 0;
}

static int put_variable(struct nc_writer *nc, enum variable v, uint64_t offset,
                        struct err *err)
{
    struct save_buffer *buffer = &nc->buffer;
    if (put_text(buffer, variables[v].name, err) < 0 ||
        put_word(buffer, (uint32_t)variables[v].n_dimensions, err) < 0)
        return -1;
    for (int i = 0; i < variables[v].n_dimensions; i++)
        if (put_word(buffer, variables[v].dimension[i], err) < 0)
            return -1;
    bool unit = variables[v].unit, scale = variables[v].scale != 0;
    if (put_list(buffer, NC_ATTRIBUTE, (size_t)unit + scale, err) < 0 ||
        (unit && put_text_attribute(buffer, "units", variables[v].unit, err) < 0) ||
        (scale &&
         put_number_attribute(buffer, "scale_factor", variables[v].scale, err) < 0))
        return -1;
    if (put_word(buffer, variables[v].type, err) < 0 ||
        put_word(buffer, (uint32_t)variable_bytes(nc, v), err) < 0 ||
        put_word(buffer, (uint32_t)(offset >> 32), err) < 0)
        return -1;
    return put_word(buffer, (uint32_t)offset, err);
}

/* The list of variables, with the first of them at `start` in the file: those of fixed
   size, then those of the records, as the table has them. */
static int put_variables(struct nc_writer *nc, uint64_t start, struct err *err)
{
    size_t n = 0;
    for (int v = 0; v < N_VARIABLES; v++)
        n += nc->has[v];
    if (put_list(&nc->buffer, NC_VARIABLE, n, err) < 0)
        return -1;
    for (int v = 0; v < N_VARIABLES; v++)
        if (nc->has[v]) {
            if (put_variable(nc, (enum variable)v, start, err) < 0)
                return -1;
            start += variable_bytes(nc, (enum variable)v);
        }
    return 0;
}

static int put_header(struct nc_writer *nc, uint64_t start, struct err *err)
{
    nc->buffer.n = 0;
    if (put_word(&nc->buffer, 'C' << 24 | 'D' << 16 | 'F' << 8 | 2, err) < 0 ||
        put_word(&nc->buffer, 0, err) < 0 || put_dimensions(nc, err) < 0 ||
        put_global_attributes(nc, err) < 0)
        return -1;
    return put_variables(nc, start, err);
}

static int put_labels(struct nc_writer *nc, struct err *err)
{
    static const struct {
        enum variable variable;
        const char *text;
    } labels[] = {
        {VAR_SPATIAL, "xyz\0"},
        {VAR_CELL_SPATIAL, "abc\0"},
        {VAR_CELL_ANGULAR, "alphabeta gamma\0"},
    };
    for (int i = 0; i < 3; i++) {
        size_t n = (size_t)variable_bytes(nc, labels[i].variable);
        unsigned char *at =
            nc->has[labels[i].variable] ? save_room(&nc->buffer, n, err) : NULL;
        if (!nc->has[labels[i].variable])
            continue;
        if (!at)
            return -1;
        memcpy(at, labels[i].text, n);
        nc->buffer.n += n;
    }
    return 0;
}

static void choose_variables(struct nc_writer *nc, const struct save_job *job,
                             bool has_box)
{
    for (int v = 0; v < N_VARIABLES; v++)
        nc->has[v] = true;
    nc->has[VAR_CELL_SPATIAL] = nc->has[VAR_CELL_ANGULAR] = has_box;
    nc->has[VAR_CELL_LENGTHS] = nc->has[VAR_CELL_ANGLES] = has_box;
    nc->has[VAR_VELOCITIES] = job->has_velocities;
    nc->has[VAR_FORCES] = job->has_forces;
}

static int begin(struct save *save, struct err *err)
{
    size_t n = save->job->n_atoms;
    struct nc_writer *nc = save->state =
        alloc_zeroed(1, sizeof *nc, "a NetCDF file", err);
    if (!nc)
        return -1;
    /* A record of a variable has a 32-bit size in this format. */
    if (n > UINT32_MAX / 12)
        return err_set(err, ERR_RUNTIME, "%zu atoms are more than NetCDF can hold", n);
    nc->length[DIM_SPATIAL] = nc->length[DIM_CELL_SPATIAL] = 3;
    nc->length[DIM_CELL_ANGULAR] = 3;
    nc->length[DIM_LABEL] = 5;
    nc->length[DIM_ATOM] = n;
    return 0;
}

/* Twice, because where the variables begin follows from the header's own length. */
static int write_header(struct save *save, bool has_box, struct err *err)
{
    struct nc_writer *nc = save->state;
    choose_variables(nc, save->job, has_box);
    if (put_header(nc, 0, err) < 0 || put_header(nc, nc->buffer.n, err) < 0 ||
        put_labels(nc, err) < 0)
        return -1;
    return save_flush(save, &nc->buffer, err);
}

static unsigned char *put_floats(unsigned char *at, const double *value, size_t n,
                                 double divisor)
{
    for (size_t i = 0; i < n; i++)
        at = store_be_f32(at, value ? value[i] / divisor : 0);
    return at;
}

static int frame(struct save *save, const struct save_frame *frame, struct err *err)
{
    struct nc_writer *nc = save->state;
    const struct frame_info *info = frame->info;
    size_t n = 3 * save->job->n_atoms;
    if (save->n_frames == 0 && write_header(save, info->has_box, err) < 0)
        return -1;
    if (info->has_box && !nc->has[VAR_CELL_LENGTHS])
        return err_set(err, ERR_RUNTIME,
                       "frame %zu has a box, the first one has not: an AMBER file has "
                       "them in all frames or in none",
                       save->n_frames);
    unsigned char *start = save_room(&nc->buffer, 4 + 48 + 12 * n, err);
    if (!start)
        return -1;
    unsigned char *at =
        store_be_f32(start, info->has_time ? info->time_ps : (double)save->n_frames);
    at = put_floats(at, frame->xyz, n, 1);
    for (int i = 0; nc->has[VAR_CELL_LENGTHS] && i < 6; i++)
        at = store_be_f64(at, info->has_box ? info->box[i] : 0);
    if (nc->has[VAR_VELOCITIES])
        at = put_floats(at, frame->velocity, n, VELOCITY_SCALE);
    if (nc->has[VAR_FORCES])
        at = put_floats(at, frame->force, n, KCAL_KJ);
    nc->buffer.n = (size_t)(at - start);
    return save_flush(save, &nc->buffer, err);
}

static int finish(struct save *save, struct err *err)
{
    unsigned char word[4];
    if (save->n_frames == 0)
        return 0;
    store_be32(word, (uint32_t)save->n_frames);
    if (fseeko(save->stream, AT_N_RECORDS, SEEK_SET) < 0)
        return err_set(err, ERR_RUNTIME, "%s", strerror(errno));
    return sink_put(save->stream, word, sizeof word, err);
}

const struct save_format save_format_netcdf = {
    .name = "NetCDF",
    .extensions = {"nc", "ncdf"},
    .holds = SAVE_BOX | SAVE_TIMES | SAVE_VELOCITIES | SAVE_FORCES,
    .begin = begin,
    .frame = frame,
    .finish = finish,
    .release = release,
};
