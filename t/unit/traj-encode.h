/* SPDX-License-Identifier: GPL-3.0-or-later */
/* More small trajectory files, as traj-write.h makes them: formats with velocities and
   forces. */
#ifndef FRAMEWALK_T_TRAJ_ENCODE_H
#define FRAMEWALK_T_TRAJ_ENCODE_H

#include "traj-write.h"

/* Velocity (A/ps) and force (kJ/(mol A)) in the files written here. */
static inline double written_velocity(size_t frame, size_t atom, size_t axis)
{
    return 0.5 * written_coordinate(frame, atom, axis) + 1;
}

static inline double written_force(size_t frame, size_t atom, size_t axis)
{
    return 2 - 4 * written_coordinate(frame, atom, axis);
}

static inline void blob_real(struct blob *blob, double value, bool wide, bool big)
{
    if (wide)
        blob_f64(blob, value, big);
    else
        blob_f32(blob, value, big);
}

/* x, y, z of all atoms, multiplied. */
static inline void blob_vectors(struct blob *blob, size_t n_atoms, size_t frame,
                                double (*value)(size_t, size_t, size_t), double scale,
                                bool wide, bool big)
{
    for (size_t atom = 0; atom < n_atoms; atom++)
        for (size_t axis = 0; axis < 3; axis++)
            blob_real(blob, value(frame, atom, axis) * scale, wide, big);
}

/* What a TRR frame holds. */
struct trr_kind {
    bool wide, box, pressure, x, v, f;
};

/* Step 10 times the frame; box edges 3, 4, 5 nm. */
static inline void blob_trr_frame(struct blob *blob, const struct trr_kind *kind,
                                  size_t n_atoms, size_t frame, double time_ps)
{
    size_t real = kind->wide ? 8 : 4, vectors = 3 * n_atoms * real;
    const size_t sizes[10] = {
        [2] = kind->box ? 9 * real : 0,      [3] = kind->pressure ? 9 * real : 0,
        [4] = kind->pressure ? 9 * real : 0, [7] = kind->x ? vectors : 0,
        [8] = kind->v ? vectors : 0,         [9] = kind->f ? vectors : 0,
    };
    blob_int(blob, 1993, 4, true);
    blob_int(blob, 13, 4, true);
    blob_int(blob, 12, 4, true);
    blob_put(blob, "GMX_trn_file", 12);
    for (int i = 0; i < 10; i++)
        blob_int(blob, sizes[i], 4, true);
    blob_int(blob, n_atoms, 4, true);
    blob_int(blob, 10 * frame, 4, true);
    blob_int(blob, 0, 4, true);
    blob_real(blob, time_ps, kind->wide, true);
    blob_real(blob, 0, kind->wide, true);
    for (int i = 0; kind->box && i < 9; i++)
        blob_real(blob, i % 4 ? 0.0 : 3.0 + i / 4, kind->wide, true);
    for (int i = 0; kind->pressure && i < 18; i++)
        blob_real(blob, i, kind->wide, true);
    if (kind->x)
        blob_vectors(blob, n_atoms, frame, written_coordinate, 0.1, kind->wide, true);
    if (kind->v)
        blob_vectors(blob, n_atoms, frame, written_velocity, 0.1, kind->wide, true);
    if (kind->f)
        blob_vectors(blob, n_atoms, frame, written_force, 10, kind->wide, true);
}

/* An AMBER file in classic NetCDF. */
struct netcdf_kind {
    int version; /* 1, 2, 5 */
    bool wide, cell, v, f, times;
    bool restart;      /* no frames */
    bool fixed_frames; /* frames are an ordinary dimension, not records */
    bool streaming;    /* the number of records is not given */
    double scale;      /* of velocities; 0: no attribute */
    const char *units; /* of coordinates, NULL for none */
    bool reduced;      /* velocities and forces are in units of sigma, tau, epsilon */
};

static inline void netcdf_count(struct blob *blob, const struct netcdf_kind *kind,
                                uint64_t n)
{
    blob_int(blob, n, kind->version == 5 ? 8 : 4, true);
}

static inline void netcdf_pad(struct blob *blob)
{
    while (blob->n % 4)
        blob_put(blob, "", 1);
}

static inline void netcdf_text(struct blob *blob, const struct netcdf_kind *kind,
                               const char *text)
{
    netcdf_count(blob, kind, strlen(text));
    blob_put(blob, text, strlen(text));
    netcdf_pad(blob);
}

static inline void netcdf_list(struct blob *blob, const struct netcdf_kind *kind,
                               unsigned tag, size_t n)
{
    blob_int(blob, n ? tag : 0, 4, true);
    netcdf_count(blob, kind, n);
}

enum { NETCDF_DIMENSIONS = 3, NETCDF_VARIABLES_MAX = 7 };

struct netcdf_entry {
    const char *name, *units;
    double (*value)(size_t, size_t, size_t); /* NULL: see netcdf_values */
    size_t rank;                             /* without the frames */
    double scale;                            /* of the attribute, 0 for none */
};

/* The variables of a kind of file, in their order. */
static inline size_t netcdf_entries(const struct netcdf_kind *kind,
                                    struct netcdf_entry out[NETCDF_VARIABLES_MAX])
{
    size_t n = 0;
    if (kind->times)
        out[n++] = (struct netcdf_entry){"time", "picosecond", NULL, 0, 0};
    out[n++] =
        (struct netcdf_entry){"coordinates", kind->units, written_coordinate, 2, 0};
    if (kind->cell) {
        out[n++] = (struct netcdf_entry){"cell_lengths", "angstrom", NULL, 1, 0};
        out[n++] = (struct netcdf_entry){"cell_angles", "degree", NULL, 1, 0};
    }
    if (kind->v)
        out[n++] = (struct netcdf_entry){
            "velocities", kind->reduced ? "sigma/tau" : "angstrom/picosecond",
            written_velocity, 2, kind->scale};
    if (kind->f)
        out[n++] = (struct netcdf_entry){
            "forces", kind->reduced ? "epsilon/sigma" : "kilocalorie/mole/angstrom",
            written_force, 2, 0};
    return n;
}

/* The numbers of a variable in a frame: time 0.5 times the frame, cell 30, 40, 50 A and
   80, 70, 60 degrees. */
static inline void netcdf_values(struct blob *blob, const struct netcdf_kind *kind,
                                 const struct netcdf_entry *entry, size_t n_atoms,
                                 size_t frame)
{
    if (entry->value) {
        double scale = entry->scale > 0 ? 1 / entry->scale : 1;
        if (entry->value == written_force)
            scale = 1 / 4.184;
        if (kind->units && strcmp(entry->name, "coordinates") == 0)
            scale = strcmp(kind->units, "nanometer") == 0 ? 0.1 : scale;
        blob_vectors(blob, n_atoms, frame, entry->value, scale, kind->wide, true);
    } else if (entry->rank == 0) {
        blob_real(blob, 0.5 * (double)frame, kind->wide, true);
    } else {
        bool angles = strcmp(entry->name, "cell_angles") == 0;
        for (int i = 0; i < 3; i++)
            blob_real(blob, angles ? 80 - 10 * i : 30 + 10 * i, kind->wide, true);
    }
}

static inline size_t netcdf_bytes(const struct netcdf_kind *kind,
                                  const struct netcdf_entry *entry, size_t n_atoms)
{
    static const size_t numbers[] = {1, 3, 3};
    return numbers[entry->rank] * (entry->rank == 2 ? n_atoms : 1) *
           (kind->wide ? 8 : 4);
}

static inline void netcdf_attribute(struct blob *blob, const struct netcdf_kind *kind,
                                    const char *name, const char *text)
{
    netcdf_text(blob, kind, name);
    blob_int(blob, 2, 4, true);
    netcdf_text(blob, kind, text);
}

/* One variable of the header; its data begin at `begin`. */
static inline void netcdf_variable(struct blob *blob, const struct netcdf_kind *kind,
                                   const struct netcdf_entry *entry, size_t n_atoms,
                                   uint64_t begin)
{
    netcdf_text(blob, kind, entry->name);
    netcdf_count(blob, kind, entry->rank + !kind->restart);
    for (size_t i = kind->restart; i <= entry->rank; i++) /* frame, atom, spatial */
        netcdf_count(blob, kind, i == 0 ? 0 : i == entry->rank ? 2 : 1);
    netcdf_list(blob, kind, 12, (entry->units != NULL) + (entry->scale > 0));
    if (entry->units)
        netcdf_attribute(blob, kind, "units", entry->units);
    if (entry->scale > 0) {
        netcdf_text(blob, kind, "scale_factor");
        blob_int(blob, 5, 4, true);
        netcdf_count(blob, kind, 1);
        blob_f32(blob, entry->scale, true);
    }
    blob_int(blob, kind->wide ? 6 : 5, 4, true);
    netcdf_count(blob, kind, netcdf_bytes(kind, entry, n_atoms));
    blob_int(blob, begin, kind->version == 1 ? 4 : 8, true);
}

/* The header; variables' data follow each other from `data` on. */
static inline void netcdf_header(struct blob *blob, const struct netcdf_kind *kind,
                                 size_t n_atoms, size_t n_frames, uint64_t data)
{
    static const char *const dimensions[NETCDF_DIMENSIONS] = {"frame", "atom",
                                                              "spatial"};
    struct netcdf_entry entries[NETCDF_VARIABLES_MAX];
    size_t n = netcdf_entries(kind, entries);
    const size_t lengths[NETCDF_DIMENSIONS] = {kind->fixed_frames ? n_frames : 0,
                                               n_atoms, 3};
    bool records = !kind->restart && !kind->fixed_frames;
    blob_put(blob, "CDF", 3);
    blob_int(blob, (uint64_t)kind->version, 1, true);
    netcdf_count(blob, kind, kind->streaming ? UINT64_MAX : records ? n_frames : 0);
    netcdf_list(blob, kind, 10, NETCDF_DIMENSIONS);
    for (int i = 0; i < NETCDF_DIMENSIONS; i++) {
        netcdf_text(blob, kind, dimensions[i]);
        netcdf_count(blob, kind, lengths[i]);
    }
    netcdf_list(blob, kind, 12, 1);
    netcdf_attribute(blob, kind, "Conventions", "AMBER");
    netcdf_list(blob, kind, 11, n);
    for (size_t i = 0; i < n; i++) {
        netcdf_variable(blob, kind, &entries[i], n_atoms, data);
        data += netcdf_bytes(kind, &entries[i], n_atoms) *
                (kind->fixed_frames ? n_frames : 1);
    }
}

static inline void blob_netcdf(struct blob *blob, const struct netcdf_kind *kind,
                               size_t n_atoms, size_t n_frames)
{
    struct netcdf_entry entries[NETCDF_VARIABLES_MAX];
    struct blob *trial = calloc(1, sizeof *trial);
    size_t n = netcdf_entries(kind, entries);
    netcdf_header(trial, kind, n_atoms, n_frames, 0);
    netcdf_header(blob, kind, n_atoms, n_frames, trial->n);
    free(trial);
    if (kind->fixed_frames)
        for (size_t i = 0; i < n; i++)
            for (size_t frame = 0; frame < n_frames; frame++)
                netcdf_values(blob, kind, &entries[i], n_atoms, frame);
    else
        for (size_t frame = 0; frame < n_frames; frame++)
            for (size_t i = 0; i < n; i++)
                netcdf_values(blob, kind, &entries[i], n_atoms, frame);
}

#endif
