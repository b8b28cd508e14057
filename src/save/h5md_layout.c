/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#ifdef HAVE_HDF5

#include "save/h5md.h"

#include <string.h>

enum {
    FRAMES_A_CHUNK = 1,
    SMALL_FRAMES_A_CHUNK = 256, /* of the datasets of few numbers a frame */
    CACHE_SLOTS = 521,
    /* A chunk of more is written past the cache, frame by frame. */
    CACHE_BYTES_MAX = 1 << 30,
};

/* An attribute of one text, or of n equal ones. Of variable length: those are texts to
   all readers, others are bytes to some. */
static int put_text(const struct hdf5 *lib, hid_t object, const char *name,
                    const char *text, hsize_t n)
{
    const char *all[H5MD_RANK_MAX] = {text, text, text};
    hid_t type = lib->H5Tcopy(lib->string_c);
    hid_t space = n ? lib->H5Screate_simple(1, &n, NULL) : lib->H5Screate(H5S_SCALAR);
    lib->H5Tset_size(type, H5T_VARIABLE);
    hid_t attribute =
        lib->H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    int status = attribute >= 0 && lib->H5Awrite(attribute, type, all) >= 0 ? 0 : -1;
    if (attribute >= 0)
        lib->H5Aclose(attribute);
    lib->H5Sclose(space);
    lib->H5Tclose(type);
    return status;
}

/* An attribute of integers. */
static int put_ints(const struct hdf5 *lib, hid_t object, const char *name,
                    const int *value, hsize_t n)
{
    hid_t space =
        n > 1 ? lib->H5Screate_simple(1, &n, NULL) : lib->H5Screate(H5S_SCALAR);
    hid_t attribute =
        lib->H5Acreate2(object, name, lib->file_i32, space, H5P_DEFAULT, H5P_DEFAULT);
    int status = attribute >= 0 && lib->H5Awrite(attribute, lib->native_int, value) >= 0
                     ? 0
                     : -1;
    if (attribute >= 0)
        lib->H5Aclose(attribute);
    lib->H5Sclose(space);
    return status;
}

static hid_t make_group(const struct hdf5 *lib, hid_t parent, const char *name)
{
    return lib->H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
}

/* /h5md: version, and who wrote it. */
static int put_head(const struct hdf5 *lib, hid_t file)
{
    static const int version[2] = {1, 1}, units_version[2] = {1, 0};
    hid_t head = make_group(lib, file, "h5md");
    hid_t author = make_group(lib, head, "author");
    hid_t creator = make_group(lib, head, "creator");
    hid_t modules = make_group(lib, head, "modules");
    hid_t units = make_group(lib, modules, "units");
    bool good = units >= 0 && put_ints(lib, head, "version", version, 2) == 0 &&
                put_text(lib, author, "name", "N/A", 0) == 0 &&
                put_text(lib, creator, "name", "framewalk", 0) == 0 &&
                put_text(lib, creator, "version", PACKAGE_VERSION, 0) == 0 &&
                put_ints(lib, units, "version", units_version, 2) == 0;
    const hid_t all[] = {units, modules, creator, author, head};
    for (int i = 0; i < 5; i++)
        if (all[i] >= 0)
            lib->H5Gclose(all[i]);
    return good ? 0 : -1;
}

/* Shape and filters of a dataset's chunks. Times of day would make equal data unequal
   files. */
static hid_t creation_list(const struct hdf5 *lib, const struct h5md_series *series,
                           const hsize_t chunk[H5MD_RANK_MAX], int compression)
{
    hid_t list = lib->H5Pcreate(lib->dataset_create);
    if (list < 0)
        return -1;
    if (lib->H5Pset_chunk(list, series->rank, chunk) < 0 ||
        lib->H5Pset_obj_track_times(list, false) < 0 ||
        lib->H5Pset_fill_time(list, H5D_FILL_TIME_NEVER) < 0 ||
        (compression && (lib->H5Pset_shuffle(list) < 0 ||
                         lib->H5Pset_deflate(list, (unsigned)compression) < 0))) {
        lib->H5Pclose(list);
        return -1;
    }
    return list;
}

/* The cache must hold the chunks that one frame touches, or each frame would read,
   change, and write them again. */
static hid_t access_list(const struct hdf5 *lib, const struct h5md_series *series,
                         const hsize_t chunk[H5MD_RANK_MAX], size_t number_bytes)
{
    hid_t list = lib->H5Pcreate(lib->dataset_access);
    size_t bytes = number_bytes;
    for (int i = 0; i < series->rank; i++)
        bytes *= (size_t)((series->size[i] + chunk[i] - 1) / chunk[i] * chunk[i]);
    if (bytes > CACHE_BYTES_MAX)
        bytes = CACHE_BYTES_MAX;
    if (bytes > 1 << 20)
        lib->H5Pset_chunk_cache(list, CACHE_SLOTS, bytes + (1 << 16), 1.0);
    return list;
}

static int make_series(struct h5md_writer *h5, int which, hid_t parent,
                       const char *name, const struct h5md_series *shape,
                       const hsize_t chunk[H5MD_RANK_MAX], int compression,
                       hid_t file_type, const char *unit)
{
    const struct hdf5 *lib = &h5->hdf5;
    struct h5md_series *series = &h5->series[which];
    hsize_t size[H5MD_RANK_MAX], most[H5MD_RANK_MAX];
    *series = *shape;
    memcpy(size, series->size, sizeof size);
    memcpy(most, series->size, sizeof most);
    size[0] = 0;
    most[0] = H5S_UNLIMITED;
    hid_t space = lib->H5Screate_simple(series->rank, size, most);
    hid_t create = creation_list(lib, series, chunk, compression);
    hid_t access = access_list(lib, series, chunk, lib->H5Tget_size(file_type));
    series->set =
        lib->H5Dcreate2(parent, name, file_type, space, H5P_DEFAULT, create, access);
    int status =
        series->set < 0 || (unit && put_text(lib, series->set, "unit", unit, 0)) ? -1
                                                                                 : 0;
    if (create >= 0)
        lib->H5Pclose(create);
    lib->H5Pclose(access);
    lib->H5Sclose(space);
    return status;
}

/* Step and time belong to the first group that has them; the others link to them. */
static int add_clock(struct h5md_writer *h5, hid_t group)
{
    const struct hdf5 *lib = &h5->hdf5;
    static const hsize_t chunk[H5MD_RANK_MAX] = {SMALL_FRAMES_A_CHUNK};
    const struct h5md_series step = {0, lib->native_i64, 1, {1}};
    const struct h5md_series time = {0, lib->native_double, 1, {1}};
    if (h5->series[H5MD_STEP].set <= 0)
        return make_series(h5, H5MD_STEP, group, "step", &step, chunk, 0, lib->file_i64,
                           NULL) < 0 ||
                       make_series(h5, H5MD_TIME, group, "time", &time, chunk, 0,
                                   lib->file_f64, "ps") < 0
                   ? -1
                   : 0;
    hid_t first = lib->H5Gopen2(h5->group, "position", H5P_DEFAULT);
    int status = first >= 0 &&
                         lib->H5Lcreate_hard(first, "step", group, "step", H5P_DEFAULT,
                                             H5P_DEFAULT) >= 0 &&
                         lib->H5Lcreate_hard(first, "time", group, "time", H5P_DEFAULT,
                                             H5P_DEFAULT) >= 0
                     ? 0
                     : -1;
    if (first >= 0)
        lib->H5Gclose(first);
    return status;
}

/* A group of step, time and value with a vector for each atom. */
static int add_vectors(struct save *save, int which, const char *name, const char *unit)
{
    struct h5md_writer *h5 = save->state;
    const struct hdf5 *lib = &h5->hdf5;
    const struct save_options *o = &save->job->options;
    size_t n = save->job->n_atoms;
    const struct h5md_series shape = {
        0, o->float64 ? lib->native_double : lib->native_float, 3, {1, n, 3}};
    const hsize_t chunk[H5MD_RANK_MAX] = {
        o->chunk_frames ? o->chunk_frames : FRAMES_A_CHUNK,
        o->chunk_atoms && o->chunk_atoms < n ? o->chunk_atoms : n, 3};
    hid_t group = make_group(lib, h5->group, name);
    int status = group >= 0 && add_clock(h5, group) == 0 ? 0 : -1;
    if (status == 0)
        status = make_series(h5, which, group, "value", &shape, chunk, o->compression,
                             o->float64 ? lib->file_f64 : lib->file_f32, unit);
    if (group >= 0)
        lib->H5Gclose(group);
    return status;
}

/* The box: constant attributes, and its vectors as rows for each frame. */
static int add_box(struct h5md_writer *h5)
{
    const struct hdf5 *lib = &h5->hdf5;
    static const int dimension = 3;
    static const hsize_t chunk[H5MD_RANK_MAX] = {SMALL_FRAMES_A_CHUNK, 3, 3};
    const struct h5md_series shape = {0, lib->native_double, 3, {1, 3, 3}};
    hid_t box = make_group(lib, h5->group, "box"), edges = -1;
    bool good =
        box >= 0 && put_ints(lib, box, "dimension", &dimension, 1) == 0 &&
        put_text(lib, box, "boundary", h5->has_box ? "periodic" : "none", 3) == 0;
    if (good && h5->has_box) {
        edges = make_group(lib, box, "edges");
        good = edges >= 0 && add_clock(h5, edges) == 0 &&
               make_series(h5, H5MD_EDGES, edges, "value", &shape, chunk, 0,
                           lib->file_f64, "Angstrom") == 0;
    }
    if (edges >= 0)
        lib->H5Gclose(edges);
    if (box >= 0)
        lib->H5Gclose(box);
    return good ? 0 : -1;
}

int h5md_lay_out(struct save *save, bool has_box)
{
    struct h5md_writer *h5 = save->state;
    const struct hdf5 *lib = &h5->hdf5;
    h5->has_box = has_box;
    hid_t particles = make_group(lib, h5->file, "particles");
    if (particles < 0)
        return -1;
    h5->group = make_group(lib, particles, "trajectory");
    lib->H5Gclose(particles);
    if (h5->group < 0 || put_head(lib, h5->file) < 0 ||
        add_vectors(save, H5MD_POSITION, "position", "Angstrom") < 0 || add_box(h5) < 0)
        return -1;
    if (save->job->has_velocities &&
        add_vectors(save, H5MD_VELOCITY, "velocity", "Angstrom ps-1") < 0)
        return -1;
    if (save->job->has_forces &&
        add_vectors(save, H5MD_FORCE, "force", "kJ mol-1 Angstrom-1") < 0)
        return -1;
    return 0;
}

#else
/* ISO C forbids an empty translation unit. */
typedef int h5md_layout_is_not_there;
#endif
