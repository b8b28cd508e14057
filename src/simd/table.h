/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SIMD_TABLE_H
#define FRAMEWALK_SIMD_TABLE_H

#include "util/err.h"

#include "simd/field.h"
#include "simd/sample.h"
#include "simd/stokes.h"
#include "simd/walk.h"

/* Everything in this room but table.c is compiled once for each instruction set and
   called through one of these tables. The results have the same bits whichever it is:
   the sources are the same, only IEEE additions, multiplications, divisions and square
   roots are used, nothing is contracted, and sums run in an order that does not depend
   on the width. */
struct simd_table {
    const char *name; /* "x86-64-v4", "x86-64-v3" or "baseline" */
    const struct simd_walk_kernel *walk_f32, *walk_f64;
    const struct simd_walk_kernel *walk_boxes_f32, *walk_boxes_f64;
    const struct simd_field_kernel *field;
    simd_sample_fn *sample, *sample_boxes;
    const struct simd_stokes_kernel *stokes_f32, *stokes_f64;
    const struct simd_stokes_solver *stokes_solver;
};

enum { SIMD_TABLES_MAX = 3 };

/* The tables that this processor can run, widest first, into out; returns their number,
   at least one. */
int simd_tables(const struct simd_table *out[SIMD_TABLES_MAX]);

/* The widest, or the one that the environment variable FRAMEWALK_ISA names; NULL with
   ERR_USAGE where it names none that this processor can run. */
const struct simd_table *simd_choose(struct err *err);

#endif
