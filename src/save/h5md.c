/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "save/format.h"

#include "config.h"

#ifdef HAVE_HDF5

#include "save/h5md.h"
#include "util/alloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* H5MD 1.1 (de Buyl, Colberg, Hoefling, Comput. Phys. Commun. 185, 1546 (2014)): the
   group /particles/trajectory holds position, velocity and force, each with datasets
   step, time and value; step and time are the same for all and hard links. */

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
    for (int i = 0; i < H5MD_N_SERIES; i++)
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

/* The format's limit. */
static int check_chunk(const struct save_job *job, struct err *err)
{
    const struct save_options *o = &job->options;
    size_t atoms =
        o->chunk_atoms && o->chunk_atoms < job->n_atoms ? o->chunk_atoms : job->n_atoms;
    double bytes = (o->float64 ? 24.0 : 12.0) * (double)atoms *
                   (double)(o->chunk_frames ? o->chunk_frames : 1);
    if (bytes <= UINT32_MAX)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--chunk: %.0f bytes are too many for a chunk (allowed: %u)", bytes,
                   UINT32_MAX);
}

static int begin(struct save *save, struct err *err)
{
    struct h5md_writer *h5 = save->state =
        alloc_zeroed(1, sizeof *h5, "an H5MD file", err);
    if (!h5 || check_chunk(save->job, err) < 0 || hdf5_load(&h5->hdf5, err) < 0)
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
    if (h5->file < 0)
        return failed(err);
    hdf5_bound_memory(&h5->hdf5, h5->file);
    return 0;
}

static int append(struct save *save, int which, const void *numbers)
{
    struct h5md_writer *h5 = save->state;
    const struct hdf5 *lib = &h5->hdf5;
    struct h5md_series *series = &h5->series[which];
    hsize_t size[H5MD_RANK_MAX], start[H5MD_RANK_MAX] = {save->n_frames};
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
    if (save->n_frames == 0 && h5md_lay_out(save, info->has_box) < 0)
        return failed(err);
    if (info->has_box && !h5->has_box)
        return err_set(err, ERR_RUNTIME,
                       "frame %zu has a box, the first one has not: an H5MD file has "
                       "them in all frames or in none",
                       save->n_frames);
    save_box_vectors(info, box);
    if (append(save, H5MD_STEP, &step) < 0 || append(save, H5MD_TIME, &time) < 0 ||
        (h5->has_box && append(save, H5MD_EDGES, box) < 0) ||
        append_vectors(save, H5MD_POSITION, frame->xyz) < 0 ||
        append_vectors(save, H5MD_VELOCITY, frame->velocity) < 0 ||
        append_vectors(save, H5MD_FORCE, frame->force) < 0)
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
