/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small trajectory files for the tests of src/traj, written byte by byte: the encoders
   share nothing with the decoders under test. */
#ifndef FRAMEWALK_T_TRAJ_WRITE_H
#define FRAMEWALK_T_TRAJ_WRITE_H

#include "fwtest.h"

struct blob {
    unsigned char bytes[1 << 18];
    size_t n;
};

static inline void blob_put(struct blob *blob, const void *bytes, size_t n)
{
    assert_true(blob->n + n <= sizeof blob->bytes);
    memcpy(blob->bytes + blob->n, bytes, n);
    blob->n += n;
}

/* An integer of 4 or 8 bytes in either order. */
static inline void blob_int(struct blob *blob, uint64_t value, size_t n, bool big)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)(value >> 8 * (big ? n - 1 - i : i));
        blob_put(blob, &byte, 1);
    }
}

static inline void blob_f32(struct blob *blob, double value, bool big)
{
    float number = (float)value;
    uint32_t word;
    memcpy(&word, &number, sizeof word);
    blob_int(blob, word, 4, big);
}

static inline void blob_f64(struct blob *blob, double value, bool big)
{
    uint64_t word;
    memcpy(&word, &value, sizeof word);
    blob_int(blob, word, 8, big);
}

/* The coordinate of the files written here, in A: exact in float32 and in 1/1000 nm. */
static inline double written_coordinate(size_t frame, size_t atom, size_t axis)
{
    return 0.25 * (double)(100 * frame + 4 * atom + axis) - 3.5;
}

/* The 56 bytes that open an XTC frame; box edges 3, 4, 5 nm. */
static inline void blob_xtc_header(struct blob *blob, size_t n_atoms, double time_ps)
{
    blob_int(blob, 1995, 4, true);
    blob_int(blob, n_atoms, 4, true);
    blob_int(blob, 0, 4, true);
    blob_f32(blob, time_ps, true);
    for (int i = 0; i < 9; i++)
        blob_f32(blob, i % 4 ? 0.0 : 3.0 + i / 4, true);
    blob_int(blob, n_atoms, 4, true);
}

/* An XTC frame of up to nine atoms, which is not compressed. */
static inline void blob_xtc_frame(struct blob *blob, size_t n_atoms, size_t frame,
                                  double time_ps)
{
    blob_xtc_header(blob, n_atoms, time_ps);
    for (size_t i = 0; i < 3 * n_atoms; i++)
        blob_f32(blob, written_coordinate(frame, i / 3, i % 3) / 10, true);
}

struct dcd_kind {
    bool big, wide, cell, xplor, fourth, fixed;
};

static inline void blob_dcd_record(struct blob *blob, const struct dcd_kind *kind,
                                   const struct blob *record)
{
    size_t marker = kind->wide ? 8 : 4;
    blob_int(blob, record->n, marker, kind->big);
    blob_put(blob, record->bytes, record->n);
    blob_int(blob, record->n, marker, kind->big);
}

/* The header of a DCD file: first step 10, saved every 5 steps of 2 AKMA units. Where
   atoms are fixed, these are all but atoms 1 and 3 (from 0). */
static inline void blob_dcd_header(struct blob *blob, const struct dcd_kind *kind,
                                   size_t n_atoms)
{
    struct blob *record = calloc(1, sizeof *record);
    blob_put(record, "CORD", 4);
    for (int word = 0; word < 20; word++) {
        if (word == 9 && kind->xplor) {
            blob_f64(record, 2.0, kind->big);
            word++;
        } else if (word == 9) {
            blob_f32(record, 2.0, kind->big);
        } else {
            const uint64_t values[20] = {[0] = 77, /* frames: a lie, as is common */
                                         [1] = 10,
                                         [2] = 5,
                                         [8] = kind->fixed ? n_atoms - 2 : 0,
                                         [10] = kind->cell,
                                         [11] = kind->fourth,
                                         [19] = kind->xplor ? 0 : 24};
            blob_int(record, values[word], 4, kind->big);
        }
    }
    blob_dcd_record(blob, kind, record);
    record->n = 0;
    blob_int(record, 1, 4, kind->big);
    for (int i = 0; i < 80; i++)
        blob_put(record, "t", 1);
    blob_dcd_record(blob, kind, record);
    record->n = 0;
    blob_int(record, n_atoms, 4, kind->big);
    blob_dcd_record(blob, kind, record);
    if (kind->fixed) {
        record->n = 0;
        blob_int(record, 2, 4, kind->big);
        blob_int(record, 4, 4, kind->big);
        blob_dcd_record(blob, kind, record);
    }
    free(record);
}

/* The cell as its six numbers stand in the file. */
static inline void blob_dcd_frame(struct blob *blob, const struct dcd_kind *kind,
                                  size_t n_atoms, size_t frame, const double cell[6])
{
    struct blob *record = calloc(1, sizeof *record);
    if (kind->cell) {
        for (int i = 0; i < 6; i++)
            blob_f64(record, cell[i], kind->big);
        blob_dcd_record(blob, kind, record);
    }
    for (size_t axis = 0; axis < (kind->fourth ? 4U : 3U); axis++) {
        record->n = 0;
        for (size_t atom = 0; atom < n_atoms; atom++)
            if (!kind->fixed || frame == 0 || atom == 1 || atom == 3)
                blob_f32(record, written_coordinate(frame, atom, axis), kind->big);
        blob_dcd_record(blob, kind, record);
    }
    free(record);
}

/* Bits, the first one most significant. */
struct bit_writer {
    struct blob *blob;
    unsigned held, n_held;
};

static inline void put_bit(struct bit_writer *writer, unsigned bit)
{
    writer->held = writer->held << 1 | bit;
    if (++writer->n_held == 8) {
        unsigned char byte = (unsigned char)writer->held;
        blob_put(writer->blob, &byte, 1);
        writer->held = writer->n_held = 0;
    }
}

static inline void put_bits(struct bit_writer *writer, uint64_t value, unsigned n)
{
    for (unsigned i = n; i-- > 0;)
        put_bit(writer, value >> i & 1);
}

static inline unsigned count_bits(unsigned __int128 value)
{
    unsigned n = 0;
    for (; value; value >>= 1)
        n++;
    return n;
}

/* A compressed XTC frame of large atoms only: of all codes, the plainest one. at[] are
   multiples of 1 / precision nm. */
static inline void blob_xtc_large(struct blob *blob, size_t n_atoms,
                                  const int32_t (*at)[3], double precision)
{
    int32_t min[3], max[3];
    uint64_t size[3];
    unsigned __int128 product = 1;
    bool mixed = true;
    for (int i = 0; i < 3; i++) {
        min[i] = max[i] = at[0][i];
        for (size_t atom = 1; atom < n_atoms; atom++) {
            min[i] = at[atom][i] < min[i] ? at[atom][i] : min[i];
            max[i] = at[atom][i] > max[i] ? at[atom][i] : max[i];
        }
        size[i] = (uint64_t)((int64_t)max[i] - min[i]) + 1;
        product *= size[i];
        mixed = mixed && size[i] <= 0xffffff;
    }
    blob_xtc_header(blob, n_atoms, 1.5);
    blob_f32(blob, precision, true);
    for (int i = 0; i < 3; i++)
        blob_int(blob, (uint32_t)min[i], 4, true);
    for (int i = 0; i < 3; i++)
        blob_int(blob, (uint32_t)max[i], 4, true);
    blob_int(blob, 20, 4, true);

    struct blob *data = calloc(1, sizeof *data);
    struct bit_writer writer = {.blob = data};
    for (size_t atom = 0; atom < n_atoms; atom++) {
        unsigned __int128 value = 0;
        for (int i = 0; i < 3; i++) {
            uint64_t offset = (uint64_t)((int64_t)at[atom][i] - min[i]);
            if (!mixed)
                put_bits(&writer, offset, count_bits(size[i]));
            value = value * size[i] + offset;
        }
        for (unsigned left = mixed ? count_bits(product) : 0; left > 0;) {
            unsigned n = left < 8 ? left : 8;
            put_bits(&writer, (uint64_t)value & 0xff, n);
            value >>= 8;
            left -= n;
        }
        put_bit(&writer, 0);
    }
    while (writer.n_held)
        put_bit(&writer, 0);
    blob_int(blob, data->n, 4, true);
    blob_put(blob, data->bytes, data->n);
    while (blob->n % 4)
        blob_put(blob, "", 1);
    free(data);
}

#endif
