/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small HDF5 trajectories: H5MD and AMBER's. */
#ifndef FRAMEWALK_T_TRAJ_H5WRITE_H
#define FRAMEWALK_T_TRAJ_H5WRITE_H

#include "traj-encode.h"

#include "util/hdf5.h"

enum { H5W_NUMBERS_MAX = 4096 };

/* How each dataset of a file is kept, and what a file of H5MD holds. */
struct h5_kind {
    bool wide;
    hsize_t chunk_frames; /* 0: contiguous */
    int gzip;
    const char *length, *time, *velocity, *force; /* units; NULL: no attribute */
    double nm, ps; /* factors of length and time to A and ps */
    bool v, f;
    enum { BOX_NONE, BOX_FIXED, BOX_FRAMED } box;
    bool box_matrix;
    bool open_boundary; /* periodic along two axes only */
    bool fixed_time;    /* an increment with an offset */
    bool no_time;
    bool fixed_strings; /* attributes of fixed length */
    const char *group;  /* "particles/NAME" */
    hsize_t missing;    /* frames that the extents count and nobody wrote */
    bool constant;      /* one frame, positions are a dataset */
};

struct h5_writer {
    const struct hdf5 *h5;
    const struct h5_kind *kind;
    hid_t file;
};

static inline hid_t h5w_ok(hid_t id)
{
    assert_true(id >= 0);
    return id;
}

static inline void h5w_text(const struct h5_writer *w, hid_t at, const char *name,
                            const char *const *texts, hsize_t n)
{
    const struct hdf5 *h5 = w->h5;
    if (!texts[0])
        return;
    hid_t type = h5w_ok(h5->H5Tcopy(h5->string_c));
    h5w_ok(h5->H5Tset_size(type, w->kind->fixed_strings ? 32 : (size_t)-1));
    hid_t space = n > 1 ? h5->H5Screate_simple(1, &n, NULL) : h5->H5Screate(H5S_SCALAR);
    hid_t attribute =
        h5w_ok(h5->H5Acreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT));
    char fixed[3][32] = {""};
    for (hsize_t i = 0; i < n; i++)
        snprintf(fixed[i], sizeof fixed[i], "%s", texts[i]);
    h5w_ok(h5->H5Awrite(attribute, type,
                        w->kind->fixed_strings ? (const void *)fixed
                                               : (const void *)texts));
    h5->H5Aclose(attribute);
    h5->H5Sclose(space);
    h5->H5Tclose(type);
}

static inline void h5w_unit(const struct h5_writer *w, hid_t at, const char *name,
                            const char *text)
{
    h5w_text(w, at, name, &text, 1);
}

static inline void h5w_number(const struct h5_writer *w, hid_t at, const char *name,
                              double value)
{
    const struct hdf5 *h5 = w->h5;
    hid_t space = h5w_ok(h5->H5Screate(H5S_SCALAR));
    hid_t attribute = h5w_ok(
        h5->H5Acreate2(at, name, h5->native_double, space, H5P_DEFAULT, H5P_DEFAULT));
    h5w_ok(h5->H5Awrite(attribute, h5->native_double, &value));
    h5->H5Aclose(attribute);
    h5->H5Sclose(space);
}

static inline hid_t h5w_group(const struct h5_writer *w, hid_t at, const char *name)
{
    return h5w_ok(w->h5->H5Gcreate2(at, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}

/* A dataset of rank 0 to 3, with `missing` more along its first extent if framed. */
static inline hid_t h5w_data(const struct h5_writer *w, hid_t at, const char *name,
                             int rank, const hsize_t *extent, bool framed,
                             const double *numbers)
{
    const struct hdf5 *h5 = w->h5;
    const struct h5_kind *kind = w->kind;
    hsize_t full[3] = {1, 1, 1}, chunk[3] = {1, 1, 1};
    for (int i = 0; i < rank; i++)
        full[i] = chunk[i] = extent[i];
    full[0] += framed ? kind->missing : 0;
    hid_t create = h5w_ok(h5->H5Pcreate(h5->dataset_create));
    if (framed && kind->chunk_frames) {
        chunk[0] = kind->chunk_frames;
        if (rank > 1 && chunk[1] > 3) /* pieces of a frame, the last one cut */
            chunk[1] = 3;
        h5w_ok(h5->H5Pset_chunk(create, rank, chunk));
        if (kind->gzip) {
            h5w_ok(h5->H5Pset_shuffle(create));
            h5w_ok(h5->H5Pset_deflate(create, (unsigned)kind->gzip));
        }
    }
    /* Chunks may be longer than what has been written. */
    const hsize_t most[3] = {H5S_UNLIMITED, full[1], full[2]};
    bool grows = framed && kind->chunk_frames;
    hid_t space = rank ? h5->H5Screate_simple(rank, full, grows ? most : NULL)
                       : h5->H5Screate(H5S_SCALAR);
    hid_t data =
        h5w_ok(h5->H5Dcreate2(at, name, kind->wide ? h5->file_f64 : h5->file_f32, space,
                              H5P_DEFAULT, create, H5P_DEFAULT));
    const hsize_t begin[3] = {0};
    hid_t memory =
        rank ? h5->H5Screate_simple(rank, extent, NULL) : h5->H5Screate(H5S_SCALAR);
    if (rank)
        h5w_ok(
            h5->H5Sselect_hyperslab(space, H5S_SELECT_SET, begin, NULL, extent, NULL));
    h5w_ok(h5->H5Dwrite(data, h5->native_double, memory, space, H5P_DEFAULT, numbers));
    h5->H5Sclose(memory);
    h5->H5Sclose(space);
    h5->H5Pclose(create);
    return data;
}

static inline void h5w_steps(const struct h5_writer *w, hid_t at, size_t n_frames)
{
    const struct hdf5 *h5 = w->h5;
    const struct h5_kind *kind = w->kind;
    double times[64];
    const hsize_t n = n_frames;
    assert_true(n_frames <= 64);
    if (kind->no_time)
        return;
    for (size_t i = 0; i < n_frames; i++)
        times[i] = kind->fixed_time ? 0.5 / kind->ps : (2 + 0.5 * (double)i) / kind->ps;
    hid_t data =
        h5w_data(w, at, "time", !kind->fixed_time, &n, !kind->fixed_time, times);
    h5w_unit(w, data, "unit", kind->time);
    if (kind->fixed_time)
        h5w_number(w, data, "offset", 2 / kind->ps);
    h5->H5Dclose(data);
    for (size_t i = 0; i < n_frames; i++)
        times[i] = kind->fixed_time ? 10 : 40 + 10 * (double)i;
    data = h5w_data(w, at, "step", !kind->fixed_time, &n, !kind->fixed_time, times);
    if (kind->fixed_time)
        h5w_number(w, data, "offset", 40);
    h5->H5Dclose(data);
}

static inline void h5w_fill(double *out, size_t n_atoms, size_t n_frames,
                            double (*value)(size_t, size_t, size_t), double scale)
{
    assert_true(3 * n_atoms * n_frames <= H5W_NUMBERS_MAX);
    for (size_t i = 0; i < 3 * n_atoms * n_frames; i++)
        out[i] = value(i / (3 * n_atoms), i / 3 % n_atoms, i % 3) * scale;
}

static inline void h5w_element(const struct h5_writer *w, hid_t at, const char *name,
                               const char *unit, size_t n_atoms, size_t n_frames,
                               double (*value)(size_t, size_t, size_t), double scale)
{
    const struct hdf5 *h5 = w->h5;
    double numbers[H5W_NUMBERS_MAX];
    const hsize_t extent[3] = {n_frames, n_atoms, 3};
    h5w_fill(numbers, n_atoms, n_frames, value, scale);
    hid_t data;
    if (w->kind->constant) {
        data = h5w_data(w, at, name, 2, extent + 1, false, numbers);
    } else {
        hid_t group = h5w_group(w, at, name);
        data = h5w_data(w, group, "value", 3, extent, true, numbers);
        h5w_steps(w, group, n_frames);
        h5->H5Gclose(group);
    }
    h5w_unit(w, data, "unit", unit);
    h5->H5Dclose(data);
}

/* Edges of 30, 40 and 50 A. */
static inline void h5w_box(const struct h5_writer *w, hid_t at, size_t n_frames)
{
    const struct hdf5 *h5 = w->h5;
    const struct h5_kind *kind = w->kind;
    const char *boundary[3] = {"periodic", "periodic",
                               kind->open_boundary ? "none" : "periodic"};
    double numbers[9 * 64] = {0};
    size_t per_frame = kind->box_matrix ? 9 : 3;
    for (size_t frame = 0; frame < n_frames; frame++)
        for (size_t i = 0; i < 3; i++)
            numbers[per_frame * frame + (kind->box_matrix ? 4 * i : i)] =
                (30.0 + 10 * (double)i) / kind->nm;
    hid_t box = h5w_group(w, at, "box"), data;
    h5w_text(w, box, "boundary", boundary, 3);
    const hsize_t extent[3] = {n_frames, 3, 3};
    int rank = kind->box_matrix ? 2 : 1;
    if (kind->box == BOX_FIXED) {
        data = h5w_data(w, box, "edges", rank, extent + 1, false, numbers);
    } else {
        hid_t edges = h5w_group(w, box, "edges");
        data = h5w_data(w, edges, "value", rank + 1, extent, true, numbers);
        h5->H5Gclose(edges);
    }
    h5w_unit(w, data, "unit", kind->length);
    h5->H5Dclose(data);
    h5->H5Gclose(box);
}

static inline void h5w_h5md(const struct h5_writer *w, size_t n_atoms, size_t n_frames)
{
    const struct h5_kind *kind = w->kind;
    const struct hdf5 *h5 = w->h5;
    hid_t particles = h5w_group(w, w->file, "particles");
    hid_t group = h5w_group(w, particles, kind->group);
    double velocity = kind->ps / kind->nm;
    h5w_element(w, group, "position", kind->length, n_atoms, n_frames,
                written_coordinate, 1 / kind->nm);
    if (kind->v)
        h5w_element(w, group, "velocity", kind->velocity, n_atoms, n_frames,
                    written_velocity, velocity);
    if (kind->f)
        h5w_element(w, group, "force", kind->force, n_atoms, n_frames, written_force,
                    kind->nm);
    if (kind->box != BOX_NONE)
        h5w_box(w, group, n_frames);
    h5->H5Gclose(group);
    h5->H5Gclose(particles);
}

/* AMBER's variables, with the scale of velocities; cell as in blob_netcdf. */
static inline void h5w_amber(const struct h5_writer *w, size_t n_atoms, size_t n_frames)
{
    const struct hdf5 *h5 = w->h5;
    double numbers[H5W_NUMBERS_MAX];
    const hsize_t extent[3] = {n_frames, n_atoms, 3}, three[2] = {n_frames, 3};
    h5w_fill(numbers, n_atoms, n_frames, written_coordinate, 1);
    hid_t data = h5w_data(w, w->file, "coordinates", 3, extent, true, numbers);
    h5w_unit(w, data, "units", "angstrom");
    h5->H5Dclose(data);
    h5w_fill(numbers, n_atoms, n_frames, written_velocity, 1 / 20.455);
    data = h5w_data(w, w->file, "velocities", 3, extent, true, numbers);
    h5w_unit(w, data, "units", "angstrom/picosecond");
    h5w_number(w, data, "scale_factor", 20.455);
    h5->H5Dclose(data);
    h5w_fill(numbers, n_atoms, n_frames, written_force, 1 / 4.184);
    data = h5w_data(w, w->file, "forces", 3, extent, true, numbers);
    h5->H5Dclose(data);
    for (size_t i = 0; i < 3 * n_frames; i++)
        numbers[i] = 30 + 10 * (double)(i % 3);
    h5->H5Dclose(h5w_data(w, w->file, "cell_lengths", 2, three, true, numbers));
    for (size_t i = 0; i < 3 * n_frames; i++)
        numbers[i] = 80 - 10 * (double)(i % 3);
    h5->H5Dclose(h5w_data(w, w->file, "cell_angles", 2, three, true, numbers));
    for (size_t i = 0; i < n_frames; i++)
        numbers[i] = 2 + 0.5 * (double)i;
    h5->H5Dclose(h5w_data(w, w->file, "time", 1, extent, true, numbers));
}

static inline void h5w_write(const struct hdf5 *h5, const char *path,
                             const struct h5_kind *kind, size_t n_atoms,
                             size_t n_frames)
{
    struct h5_writer w = {
        h5, kind, h5w_ok(h5->H5Fcreate(path, HDF5_TRUNCATE, H5P_DEFAULT, H5P_DEFAULT))};
    if (kind->group)
        h5w_h5md(&w, n_atoms, n_frames);
    else
        h5w_amber(&w, n_atoms, n_frames);
    h5w_ok(h5->H5Fclose(w.file));
}

#endif
