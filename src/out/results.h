/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_OUT_RESULTS_H
#define FRAMEWALK_OUT_RESULTS_H

#include "stats/ensemble.h"
#include "util/err.h"
#include "util/spill.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How many numbers a column holds in each frame and how they are named. */
enum column_shape {
    COLUMN_SCALAR, /* 1: NAME */
    COLUMN_TENSOR, /* 6: NAME_xx _xy _xz _yy _yz _zz; 3x3 arrays in JSON and NPZ */
    COLUMN_EIGEN,  /* 3: NAME_1 _2 _3, ascending; arrays of 3 in JSON and NPZ */
    COLUMN_VECTOR, /* 3: NAME_x _y _z; arrays of 3 */
    COLUMN_FIVE,   /* 5: NAME_1 ... _5, ascending; arrays of 5 */
    /* 21: NAME_11 _12 ... _16 _22 ... _66, a symmetric matrix; 6x6 arrays */
    COLUMN_SIX_BY_SIX,
};
enum { COLUMN_COMPONENTS_MAX = 21, COLUMN_ITEMS_MAX = 36 };

enum { COLUMN_LABEL_BYTES = 128 };

struct column {
    const char *name; /* at most 100 bytes of ASCII */
    const char *unit; /* "A", "A^3", "cm3/g", "" for pure numbers */
    enum column_shape shape;
    const char *description; /* one line, for readers of the JSON */
};

/* Numbers in a row: the components above. */
size_t column_width(enum column_shape shape);
/* The array that they stand for: 0, 1 or 2 dimensions, each of column_extent items. */
int column_rank(enum column_shape shape);
size_t column_extent(enum column_shape shape);
/* "" for scalars, "_xx", ..., "_1", ... */
const char *column_suffix(enum column_shape shape, size_t component);
/* NAME, the suffix (nullable) and, for a deviation, "_std". */
void column_label(const struct column *column, const char *suffix, bool deviation,
                  char text[COLUMN_LABEL_BYTES]);
/* Which component is the array's item number `item`, row by row. */
size_t column_component(enum column_shape shape, size_t item);
/* Where element (i, j) of the symmetric 3x3 array stands among the six components. */
size_t column_tensor_component(size_t i, size_t j);

enum frame_status {
    FRAME_OK,
    FRAME_PRECISION_NOT_REACHED,
    FRAME_FAILED,
    FRAME_NOT_RUN,
};

/* "ok", "precision_not_reached", "failed", "not_run" */
const char *frame_status_name(enum frame_status status);
/* Whether a frame of this status has values: ok or precision_not_reached. */
bool frame_has_values(enum frame_status status);

enum { FRAME_STAGES_MAX = 8 };

/* How a frame was computed: for JSON and the log of a run, never among its results. */
struct frame_log {
    int worker;        /* that had it last; -1 where none had */
    unsigned attempts; /* workers that had it */
    bool restored;     /* all this is of an earlier run */
    /* Of the stages, and from its begin to its end: of a worker, not of its cores. */
    double seconds[FRAME_STAGES_MAX], all_seconds;
};

struct result_row {
    size_t frame; /* index in the concatenated trajectory */
    double time_ps;
    enum frame_status status;
    uint64_t walks;
    uint64_t interior_samples;
    const char *reason; /* why it failed, or NULL */
    struct frame_log log;
};

/* A fact that determines the results, written to every format in the given order. */
struct provenance {
    const char *key;
    const char *value;
};

/* Tables with a row for each frame: of rows, values and deviations. */
enum { RESULTS_TABLES = 3 };

/* Everything a writer needs; nothing here is owned. */
struct results {
    size_t n_frames;
    const struct result_row *row;
    size_t n_columns;
    const struct column *column;
    size_t width;        /* sum of column widths */
    const double *value; /* n_frames x width; rows that are not ok or
                            precision_not_reached are NaN */
    const double *std;   /* likewise */
    bool common_noise;   /* all frames have the same random numbers */
    size_t n_provenance;
    const struct provenance *provenance;
    /* What may differ between two runs of the same job, for JSON only: objects that
       become the members "plan" and "stages" and are merged into "provenance".
       Nullable, borrowed. */
    size_t n_stages; /* of the rows' logs, with their names; none: no logs */
    const char *const *stage;
    json_t *plan;
    json_t *stages;
    json_t *run_facts;
    /* RESULTS_TABLES of them, where the rows need not all be in memory; nullable. */
    struct spill *tables;
};

/* To be called behind each row that a pass over the frames has looked at. */
void results_passed(const struct results *results);

/* Over the frames: of the number at `offset` in each row. */
struct ensemble results_ensemble(const struct results *results, size_t offset);

#endif
