/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "save/format.h"

#include "config.h"

#ifdef HAVE_HDF5

#include "util/alloc.h"
#include "util/hdf5.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* H5MD 1.1 (de Buyl, Colberg, Hoefling, Comput. Phys. Commun. 185, 1546 (2014)): the
   group /particles/trajectory holds position, velocity and force, each with datasets
   step, time and value; step and time are the same for all and hard links. */

enum {
    FRAMES_A_CHUNK = 1,
    SMALL_FRAMES_A_CHUNK = 256, /* of the datasets of few numbers a frame */
    RANK_MAX = 3,
    CACHE_SLOTS = 521,
    /* A chunk of more is written past the cache, frame by frame. */
    CACHE_BYTES_MAX = 1 << 30,
};

/* A dataset that grows along its first dimension. */
struct series {
    hid_t set, memory_type;
    int rank;
    hsize_t size[RANK_MAX]; /* of one frame; size[0] is 1 */
};

enum { STEP, TIME, EDGES, POSITION, VELOCITY, FORCE, N_SERIES };

struct h5md_writer {
    struct hdf5 hdf5;
    hid_t file, group; /* group: /particles/trajectory */
    struct series series[N_SERIES];
    bool has_box;
    bool broken;   /* something could not be closed */
    void *numbers; /* a frame's vectors as they are kept; room for doubles */
};

static int failed(struct err *err)
{
    int number = errno;
    return err_set(err, ERR_RUNTIME, "the HDF5 library cannot write it%s%s",
                   number ? ": " : "", number ? strerror(number) : "");
}

/* Lets go of what is open; -1 when the last of it could not be written. */
static int close_all(struct h5md_writer *h5)
{
    struct hdf5 *lib = &h5->hdf5;
    int status = h5->broken ? -1 : 0;
    for (int i = 0; i < N_SERIES; i++)
        if (h5->series[i].set > 0 && lib->H5Dclose(h5->series[i].set) < 0)
            status = -1;
    if (h5->group > 0)
        lib->H5Gclose(h5->group);
    if (h5->file > 0 &&
        (lib->H5Fflush(h5->file, H5F_SCOPE_LOCAL) < 0 || lib->H5Fclose(h5->file) < 0))
        status = -1;
    memset(h5->series, 0, sizeof h5->series);
    h5->file = h5->group = 0;
    h5->broken = status < 0;
    return status;
}

static void release(void *state)
{
    struct h5md_writer *h5 = state;
    if (h5->hdf5.library && close_all(h5) == 0)
        hdf5_unload(&h5->hdf5);
    free(h5->numbers);
    free(h5);
}

/* An attribute of one text, or of n equal ones. Of variable length: those are texts to
   all readers, others are bytes to some. */
static int put_text(const struct hdf5 *lib, hid_t object, const char *name,
                    const char *text, hsize_t n)
{
    const char *all[RANK_MAX] = {text, text, text};
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
static hid_t creation_list(const struct hdf5 *lib, const struct series *series,
                           const hsize_t chunk[RANK_MAX], int compression)
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
static hid_t access_list(const struct hdf5 *lib, const struct series *series,
                         const hsize_t chunk[RANK_MAX], size_t number_bytes)
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
                       const char *name, const struct series *shape,
                       const hsize_t chunk[RANK_MAX], int compression, hid_t file_type,
                       const char *unit)
{
    const struct hdf5 *lib = &h5->hdf5;
    struct series *series = &h5->series[which];
    hsize_t size[RANK_MAX], most[RANK_MAX];
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
    static const hsize_t chunk[RANK_MAX] = {SMALL_FRAMES_A_CHUNK};
    const struct series step = {0, lib->native_i64, 1, {1}};
    const struct series time = {0, lib->native_double, 1, {1}};
    if (h5->series[STEP].set <= 0)
        return make_series(h5, STEP, group, "step", &step, chunk, 0, lib->file_i64,
                           NULL) < 0 ||
                       make_series(h5, TIME, group, "time", &time, chunk, 0,
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
    const struct series shape = {
        0, o->float64 ? lib->native_double : lib->native_float, 3, {1, n, 3}};
    const hsize_t chunk[RANK_MAX] = {
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
    static const hsize_t chunk[RANK_MAX] = {SMALL_FRAMES_A_CHUNK, 3, 3};
    const struct series shape = {0, lib->native_double, 3, {1, 3, 3}};
    hid_t box = make_group(lib, h5->group, "box"), edges = -1;
    bool good =
        box >= 0 && put_ints(lib, box, "dimension", &dimension, 1) == 0 &&
        put_text(lib, box, "boundary", h5->has_box ? "periodic" : "none", 3) == 0;
    if (good && h5->has_box) {
        edges = make_group(lib, box, "edges");
        good = edges >= 0 && add_clock(h5, edges) == 0 &&
               make_series(h5, EDGES, edges, "value", &shape, chunk, 0, lib->file_f64,
                           "Angstrom") == 0;
    }
    if (edges >= 0)
        lib->H5Gclose(edges);
    if (box >= 0)
        lib->H5Gclose(box);
    return good ? 0 : -1;
}

static int begin(struct save *save, struct err *err)
{
    struct h5md_writer *h5 = save->state =
        alloc_zeroed(1, sizeof *h5, "an H5MD file", err);
    if (!h5 || hdf5_load(&h5->hdf5, err) < 0)
        return -1;
    h5->numbers =
        alloc_zeroed(save->job->n_atoms, 3 * sizeof(double), "a frame to write", err);
    if (!h5->numbers)
        return -1;
    if (save->job->options.compression && !h5->hdf5.H5Zfilter_avail(H5Z_FILTER_DEFLATE))
        return err_set(err, ERR_USAGE,
                       "--compression: this HDF5 library knows no gzip");
    errno = 0;
    h5->file =
        h5->hdf5.H5Fcreate(save->file.name, HDF5_TRUNCATE, H5P_DEFAULT, H5P_DEFAULT);
    return h5->file >= 0 ? 0 : failed(err);
}

/* With the first frame, which tells whether there is a box. */
static int lay_out(struct save *save, bool has_box)
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
        add_vectors(save, POSITION, "position", "Angstrom") < 0 || add_box(h5) < 0)
        return -1;
    if (save->job->has_velocities &&
        add_vectors(save, VELOCITY, "velocity", "Angstrom ps-1") < 0)
        return -1;
    if (save->job->has_forces &&
        add_vectors(save, FORCE, "force", "kJ mol-1 Angstrom-1") < 0)
        return -1;
    return 0;
}

static int append(struct save *save, int which, const void *numbers)
{
    struct h5md_writer *h5 = save->state;
    const struct hdf5 *lib = &h5->hdf5;
    struct series *series = &h5->series[which];
    hsize_t size[RANK_MAX], start[RANK_MAX] = {save->n_frames};
    memcpy(size, series->size, sizeof size);
    size[0] = save->n_frames + 1;
    if (lib->H5Dset_extent(series->set, size) < 0)
        return -1;
    hid_t file_space = lib->H5Dget_space(series->set);
    hid_t memory = lib->H5Screate_simple(series->rank, series->size, NULL);
    int status = lib->H5Sselect_hyperslab(file_space, H5S_SELECT_SET, start, NULL,
                                          series->size, NULL) >= 0 &&
                         lib->H5Dwrite(series->set, series->memory_type, memory,
                                       file_space, H5P_DEFAULT, numbers) >= 0
                     ? 0
                     : -1;
    lib->H5Sclose(memory);
    lib->H5Sclose(file_space);
    return status;
}

/* Vectors that a frame lacks are zeros. */
static int append_vectors(struct save *save, int which, const double *value)
{
    struct h5md_writer *h5 = save->state;
    size_t n = 3 * save->job->n_atoms;
    float *narrow = h5->numbers;
    if (h5->series[which].set <= 0)
        return 0;
    if (!value)
        memset(h5->numbers, 0, n * sizeof *value);
    else if (save->job->options.float64)
        return append(save, which, value);
    for (size_t i = 0; value && i < n; i++)
        narrow[i] = (float)value[i];
    return append(save, which, h5->numbers);
}

static int frame(struct save *save, const struct save_frame *frame, struct err *err)
{
    struct h5md_writer *h5 = save->state;
    const struct frame_info *info = frame->info;
    int64_t step = save_step(save, info);
    double time = info->has_time ? info->time_ps : (double)save->n_frames, box[3][3];
    errno = 0;
    if (save->n_frames == 0 && lay_out(save, info->has_box) < 0)
        return failed(err);
    if (info->has_box && !h5->has_box)
        return err_set(err, ERR_RUNTIME,
                       "frame %zu has a box, the first one has not: an H5MD file has "
                       "them in all frames or in none",
                       save->n_frames);
    save_box_vectors(info, box);
    if (append(save, STEP, &step) < 0 || append(save, TIME, &time) < 0 ||
        (h5->has_box && append(save, EDGES, box) < 0) ||
        append_vectors(save, POSITION, frame->xyz) < 0 ||
        append_vectors(save, VELOCITY, frame->velocity) < 0 ||
        append_vectors(save, FORCE, frame->force) < 0)
        return failed(err);
    return 0;
}

static int finish(struct save *save, struct err *err)
{
    errno = 0;
    return close_all(save->state) < 0 ? failed(err) : 0;
}

#else

static int begin(struct save *save, struct err *err)
{
    (void)save;
    return err_set(err, ERR_USAGE, "this framewalk was built without HDF5");
}

static int frame(struct save *save, const struct save_frame *frame, struct err *err)
{
    (void)frame;
    return begin(save, err);
}

static int finish(struct save *save, struct err *err)
{
    return begin(save, err);
}

static void release(void *state)
{
    (void)state;
}

#endif

const struct save_format save_format_h5md = {
    .name = "H5MD",
    .extensions = {"h5md", "h5"},
    .holds = SAVE_BOX | SAVE_TIMES | SAVE_VELOCITIES | SAVE_FORCES,
    .opens_file = true,
    .begin = begin,
    .frame = frame,
    .finish = finish,
    .release = release,
};
