/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_H5_LAYOUT_H
#define FRAMEWALK_TRAJ_H5_LAYOUT_H

#include "traj/h5.h"
#include "util/hdf5.h"

/* Within the process that serves an HDF5 file: where its numbers are. */

enum { H5_RANK_MAX = 3 };

/* A dataset of numbers. */
struct h5_data {
    hid_t id; /* < 0 for none */
    int rank;
    hsize_t extent[H5_RANK_MAX];
    bool framed; /* the first extent counts frames */
    bool wide;   /* floating-point numbers of more than 32 bits */
    double scale;
};

struct h5_layout {
    const struct hdf5 *hdf5;
    struct err *err;
    uint64_t file_bytes;
    hid_t file, root; /* of the particles, or of all */
    enum h5_kind kind;
    char name[64]; /* of the group of particles */
    uint64_t n_atoms, n_frames;
    struct h5_data vectors[N_H5_VECTORS];
    struct h5_data edges, angles; /* rows are the box vectors, or lengths and angles */
    struct h5_data time, step;    /* not framed: the increment */
    double time_offset;
    int64_t step_offset, step_increment;
};

/* Finds everything; -1 with layout->err set. n_frames is what positions claim. */
int h5_layout_find(struct h5_layout *layout, hid_t file);

/* Of the first n of the frames of all its data, how many have been written; in *what
   the name of the data that has the fewest. */
uint64_t h5_layout_written(const struct h5_layout *layout, uint64_t n,
                           const char **what);

/* An object of that type, -1 where there is none. */
hid_t h5_open(const struct h5_layout *layout, hid_t at, const char *name,
              H5I_type_t type);

/* An attribute that is one text (cut to what `out` holds), or one number: 1, 0 where
   there is none, -1 with layout->err set for one that cannot be read as that. */
int h5_attribute_text(const struct h5_layout *layout, hid_t at, const char *name,
                      char *out, size_t bytes);
int h5_attribute_number(const struct h5_layout *layout, hid_t at, const char *name,
                        double *out);

/* What a dataset must be like: so many dimensions in a frame, and one more where it is
   framed. */
struct h5_shape {
    int rank_min, rank_max;
    enum { H5_CONSTANT, H5_FRAMED, H5_EITHER } framing;
};

/* Opens a dataset of numbers of that shape and checks how it is stored. data->id stays
   negative where there is none. -1 with layout->err set for what cannot be read. */
int h5_data_open(struct h5_layout *layout, hid_t at, const char *name,
                 struct h5_shape shape, struct h5_data *data);

/* How many of the first n frames have been written: HDF5 makes zeros of what has not.
 */
uint64_t h5_data_written(const struct h5_layout *layout, const struct h5_data *data,
                         uint64_t n);

/* Reads numbers [begin, begin + count) along each extent as doubles or floats or 64-bit
   integers, as the memory type says. */
int h5_data_read(const struct h5_layout *layout, const struct h5_data *data,
                 const hsize_t begin[H5_RANK_MAX], const hsize_t count[H5_RANK_MAX],
                 hid_t memory_type, void *out);

#endif
