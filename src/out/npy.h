/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_OUT_NPY_H
#define FRAMEWALK_OUT_NPY_H

#include "out/results.h"
#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A part of the results as the bytes of a numpy .npy file, format version 1.0, made
   piece by piece as they are read. Little endian on every machine. */
struct npy;

enum npy_fact {
    NPY_FRAME,            /* int64 (n,) */
    NPY_TIME,             /* float64 (n,) */
    NPY_STATUS,           /* unicode (n,), wide enough for every status there is */
    NPY_WALKS,            /* int64 (n,) */
    NPY_INTERIOR_SAMPLES, /* int64 (n,) */
    NPY_PROVENANCE,       /* unicode (n_provenance,): "key: value" */
};

/* NULL with *err set when memory runs out. The results must outlive the array. */
struct npy *npy_of_fact(const struct results *results, enum npy_fact fact,
                        struct err *err);

/* A column or its deviations: float64 (n,), (n, 3), (n, 3, 3) ... as its shape is; NaN
   in frames without values. */
struct npy *npy_of_column(const struct results *results, size_t column, bool deviation,
                          struct err *err);

uint64_t npy_bytes(const struct npy *npy); /* of the whole file */
void npy_rewind(struct npy *npy);
/* Up to n bytes from where the last call stopped; 0 at the end. */
size_t npy_read(struct npy *npy, void *into, size_t n);
void npy_destroy(struct npy *npy); /* NULL allowed */

#endif
