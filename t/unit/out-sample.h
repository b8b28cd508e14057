/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small results with every column shape and every status, for the writers' tests. */
#ifndef FRAMEWALK_T_OUT_SAMPLE_H
#define FRAMEWALK_T_OUT_SAMPLE_H

#include "out/writer.h"

#include "fwtest.h"

enum { SAMPLE_FRAMES = 4, SAMPLE_WIDTH = 11, SAMPLE_COLUMNS = 4 };

static const struct column sample_column[SAMPLE_COLUMNS] = {
    {"capacitance", "A", COLUMN_SCALAR, "electrostatic capacitance"},
    {"gyration_tensor", "A^2", COLUMN_TENSOR, "of the interior"},
    {"gyration_eigenvalues", "A^2", COLUMN_EIGEN, "its eigenvalues"},
    {"intrinsic_conductivity", "", COLUMN_SCALAR, "mean polarizability by volume"},
};

static const struct result_row sample_row[SAMPLE_FRAMES] = {
    {0, 0.0, FRAME_OK, 100000, 10000, NULL, {0}},
    {1, 0.5, FRAME_PRECISION_NOT_REACHED, 1024, 0, NULL, {0}},
    {2, 1.0, FRAME_FAILED, 0, 0, "atom 7 has no \"finite\" position", {0}},
    {7, 1e-5, FRAME_NOT_RUN, 0, 0, NULL, {0}},
};

#define SAMPLE_NONE NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN

static const double sample_value[SAMPLE_FRAMES * SAMPLE_WIDTH] = {
    15.25,       1,          2,  3, 4, 5, 6, 0.5, 1.5, 9,   0.1,       /* */
    16.5,        1.5,        -2, 0, 4, 5, 7, 0.5, 2.5, 9.5, 1.0 / 3.0, /* */
    SAMPLE_NONE, SAMPLE_NONE};

static const double sample_std[SAMPLE_FRAMES * SAMPLE_WIDTH] = {
    0.5,         0.25,       0.25,  0.25,  0.5,   0.5,
    0.75,        0.125,      0.125, 0.125, 1e-20, /* */
    0.25,        0.25,       0.25,  0.25,  0.5,   0.5,
    0.75,        0.125,      0.125, 0.125, NAN, /* */
    SAMPLE_NONE, SAMPLE_NONE};

/* A line end and bytes that are not UTF-8 in the values: both happen in file names. */
static const struct provenance sample_provenance[] = {
    {"program", "framewalk 9.8.7"},
    {"seed", "18446744073709551615"},
    {"topology", "odd\nname\xff.pdb"},
    {"select", "resname \xc3\x85 \xf0\x9d\x84\x9e"},
};

static inline struct results sample_results(void)
{
    return (struct results){
        .n_frames = SAMPLE_FRAMES,
        .row = sample_row,
        .n_columns = SAMPLE_COLUMNS,
        .column = sample_column,
        .width = SAMPLE_WIDTH,
        .value = sample_value,
        .std = sample_std,
        .n_provenance = sizeof sample_provenance / sizeof *sample_provenance,
        .provenance = sample_provenance,
    };
}

/* A whole file, NUL added, to be freed. */
static inline char *sample_read(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t capacity = 1 << 20;
    char *bytes = calloc(capacity + 1, 1);
    assert_non_null(bytes);
    *n = fread(bytes, 1, capacity, file);
    assert_true(*n < capacity);
    assert_int_equal(fclose(file), 0);
    return bytes;
}

#endif
