/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "out/npy.h"

#include "out/utf8.h"
#include "util/alloc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEADER_ALIGNMENT = 64, /* so that a mapped array is aligned for any vector type */
    HEADER_BYTES_MAX = 256,
    PREAMBLE_BYTES = 10, /* magic 6, version 2, length of the dictionary 2 */
    STATUS_CHARACTERS = sizeof "precision_not_reached" - 1,
    CODE_POINT_BYTES = 4,
    SHAPE_BYTES = 64,
};

typedef void npy_fill(const struct npy *npy, size_t row);

struct npy {
    const struct results *results;
    npy_fill *fill; /* makes row_buffer of a row */
    size_t rows;
    size_t row_bytes;
    unsigned char *row_buffer;
    size_t row_held; /* the one in row_buffer; rows: none */
    uint64_t position;
    size_t header_bytes;
    char header[HEADER_BYTES_MAX];
    enum npy_fact fact;
    enum column_shape shape;
    const double *data; /* of a column: its first component in frame 0 */
};

static void put_u64(unsigned char *out, uint64_t bits)
{
    for (size_t i = 0; i < sizeof bits; i++)
        out[i] = (unsigned char)(bits >> 8 * i);
}

static void put_f64(unsigned char *out, double value)
{
    uint64_t bits;
    /* One NaN for all, whatever sign and payload an operation left in it. */
    if (isnan(value))
        bits = UINT64_C(0x7ff8000000000000);
    else
        memcpy(&bits, &value, sizeof bits);
    put_u64(out, bits);
}

/* UCS-4, the rest of the item being NUL: what numpy takes as the end of the text. */
static unsigned char *put_text(unsigned char *out, const char *text)
{
    for (uint32_t code; (code = utf8_next(&text)) != 0;) {
        for (size_t i = 0; i < CODE_POINT_BYTES; i++)
            *out++ = (unsigned char)(code >> 8 * i);
    }
    return out;
}

static void fill_fact(const struct npy *npy, size_t r)
{
    unsigned char *out = npy->row_buffer;
    const struct result_row *row = &npy->results->row[r];
    switch (npy->fact) {
    case NPY_FRAME:
        put_u64(out, row->frame);
        break;
    case NPY_TIME:
        put_f64(out, row->time_ps);
        break;
    case NPY_WALKS:
        put_u64(out, row->walks);
        break;
    case NPY_INTERIOR_SAMPLES:
        put_u64(out, row->interior_samples);
        break;
    case NPY_STATUS:
        memset(out, 0, npy->row_bytes);
        put_text(out, frame_status_name(row->status));
        break;
    case NPY_PROVENANCE:
        break; /* has rows of another kind: fill_provenance */
    }
}

static void fill_provenance(const struct npy *npy, size_t row)
{
    const struct provenance *entry = &npy->results->provenance[row];
    memset(npy->row_buffer, 0, npy->row_bytes);
    unsigned char *out = put_text(npy->row_buffer, entry->key);
    put_text(put_text(out, ": "), entry->value);
}

static void fill_column(const struct npy *npy, size_t r)
{
    const struct results *results = npy->results;
    bool filled = frame_has_values(results->row[r].status);
    const double *component = npy->data + r * results->width;
    for (size_t i = 0; i < npy->row_bytes / sizeof(double); i++) {
        size_t k = column_component(npy->shape, i);
        put_f64(npy->row_buffer + i * sizeof(double), filled ? component[k] : NAN);
    }
}

/* The dictionary is padded with blanks so that the data begin at a multiple of 64. */
static void make_header(struct npy *npy, const char *descr, const char *more_shape)
{
    char *text = npy->header + PREAMBLE_BYTES;
    int n = snprintf(text, HEADER_BYTES_MAX - PREAMBLE_BYTES - HEADER_ALIGNMENT,
                     "{'descr': '%s', 'fortran_order': False, 'shape': (%zu,%s), }",
                     descr, npy->rows, more_shape);
    size_t used = PREAMBLE_BYTES + (size_t)n + 1; /* and the line end */
    size_t padding = (HEADER_ALIGNMENT - used % HEADER_ALIGNMENT) % HEADER_ALIGNMENT;
    memset(text + n, ' ', padding);
    text[(size_t)n + padding] = '\n';
    npy->header_bytes = used + padding;
    size_t length = npy->header_bytes - PREAMBLE_BYTES;
    memcpy(npy->header, "\x93NUMPY\x01\x00", PREAMBLE_BYTES - 2);
    npy->header[PREAMBLE_BYTES - 2] = (char)(length & 0xff);
    npy->header[PREAMBLE_BYTES - 1] = (char)(length >> 8);
}

static struct npy *npy_create(const struct results *results, npy_fill *fill,
                              size_t rows, size_t row_bytes, struct err *err)
{
    struct npy *npy = alloc_zeroed(1, sizeof *npy, "an array", err);
    if (!npy)
        return NULL;
    npy->results = results;
    npy->fill = fill;
    npy->rows = rows;
    npy->row_bytes = row_bytes;
    npy->row_held = rows;
    npy->row_buffer = alloc_zeroed(row_bytes, 1, "a row of an array", err);
    if (npy->row_buffer)
        return npy;
    npy_destroy(npy);
    return NULL;
}

static size_t provenance_characters(const struct results *results)
{
    size_t most = 1;
    for (size_t i = 0; i < results->n_provenance; i++) {
        size_t n = utf8_length(results->provenance[i].key) + sizeof ": " - 1 +
                   utf8_length(results->provenance[i].value);
        most = n > most ? n : most;
    }
    return most;
}

static struct npy *npy_of_provenance(const struct results *results, struct err *err)
{
    size_t characters = provenance_characters(results);
    struct npy *npy = npy_create(results, fill_provenance, results->n_provenance,
                                 characters * CODE_POINT_BYTES, err);
    char descr[32];
    snprintf(descr, sizeof descr, "<U%zu", characters);
    if (npy)
        make_header(npy, descr, "");
    return npy;
}

struct npy *npy_of_fact(const struct results *results, enum npy_fact fact,
                        struct err *err)
{
    if (fact == NPY_PROVENANCE)
        return npy_of_provenance(results, err);
    bool text = fact == NPY_STATUS;
    struct npy *npy =
        npy_create(results, fill_fact, results->n_frames,
                   text ? STATUS_CHARACTERS * CODE_POINT_BYTES : sizeof(uint64_t), err);
    if (!npy)
        return NULL;
    npy->fact = fact;
    char descr[32];
    snprintf(descr, sizeof descr, "<U%d", STATUS_CHARACTERS);
    make_header(npy, text ? descr : fact == NPY_TIME ? "<f8" : "<i8", "");
    return npy;
}

struct npy *npy_of_column(const struct results *results, size_t column, bool deviation,
                          struct err *err)
{
    enum column_shape shape = results->column[column].shape;
    size_t items = 1;
    char text[SHAPE_BYTES] = "";
    for (int k = 0; k < column_rank(shape); k++) {
        items *= column_extent(shape);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s %zu",
                 k ? "," : "", column_extent(shape));
    }
    struct npy *npy = npy_create(results, fill_column, results->n_frames,
                                 items * sizeof(double), err);
    if (!npy)
        return NULL;
    size_t offset = 0;
    for (size_t c = 0; c < column; c++)
        offset += column_width(results->column[c].shape);
    npy->shape = shape;
    if (results->n_frames)
        npy->data = (deviation ? results->std : results->value) + offset;
    make_header(npy, "<f8", text);
    return npy;
}

uint64_t npy_bytes(const struct npy *npy)
{
    return npy->header_bytes + (uint64_t)npy->rows * npy->row_bytes;
}

void npy_rewind(struct npy *npy)
{
    npy->position = 0;
}

/* The bytes from the position to the end of the header or row that it lies in. */
static const void *piece(struct npy *npy, size_t *n)
{
    if (npy->position < npy->header_bytes) {
        *n = npy->header_bytes - (size_t)npy->position;
        return npy->header + npy->position;
    }
    uint64_t into_data = npy->position - npy->header_bytes;
    size_t row = (size_t)(into_data / npy->row_bytes);
    size_t into_row = (size_t)(into_data % npy->row_bytes);
    if (row != npy->row_held) {
        npy->fill(npy, row);
        results_passed(npy->results);
    }
    npy->row_held = row;
    *n = npy->row_bytes - into_row;
    return npy->row_buffer + into_row;
}

size_t npy_read(struct npy *npy, void *into, size_t n)
{
    unsigned char *out = into;
    size_t done = 0;
    while (done < n && npy->position < npy_bytes(npy)) {
        size_t here;
        const void *from = piece(npy, &here);
        if (here > n - done)
            here = n - done;
        memcpy(out + done, from, here);
        done += here;
        npy->position += here;
    }
    return done;
}

void npy_destroy(struct npy *npy)
{
    if (!npy)
        return;
    free(npy->row_buffer);
    free(npy);
}
