/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "traj/h5.h"

#ifdef HAVE_HDF5
#include "traj/box.h"
#include "traj/h5_layout.h"
#include "traj/lib_process.h"
#include "util/alloc.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Nothing is closed and freed here: the process ends. */

/* Seconds of processor time that any question may take, and memory for looking at the
   file without reading frames. */
enum { QUESTION_SECONDS = 60, LOOKING_BYTES = 1 << 30, DEFLATE = 1 };

struct server {
    int socket;
    struct hdf5 hdf5;
    struct h5_layout layout;
    struct err err;
    int64_t *steps; /* NULL where they are not listed */
    void *numbers;
    size_t capacity;
};

/* A list of one number for each of the first n frames. */
static int read_list(struct server *server, const struct h5_data *data, uint64_t n,
                     hid_t type, const char *name, void *out)
{
    const hsize_t begin[H5_RANK_MAX] = {0}, count[H5_RANK_MAX] = {n, 1, 1};
    if (h5_data_read(&server->layout, data, begin, count, type, out))
        return err_set(&server->err, ERR_INPUT, "%s is damaged", name);
    return 0;
}

static double *make_times(struct server *server, uint64_t n)
{
    const struct h5_layout *layout = &server->layout;
    const struct h5_data *data = &layout->time;
    double *times = alloc_zeroed(n, sizeof *times, "times", &server->err);
    double increment;
    if (!times)
        return NULL;
    bool list = data->framed || n == 1;
    if (read_list(server, data, list ? n : 1, server->hdf5.native_double, "time",
                  data->framed ? (void *)times : &increment))
        return NULL;
    for (uint64_t i = 0; i < n; i++)
        times[i] = data->framed
                       ? times[i] * data->scale
                       : (layout->time_offset + (double)i * increment) * data->scale;
    /* A restart file's time is its own. */
    if (!data->framed && layout->kind == H5_KIND_AMBER)
        times[0] = increment * data->scale;
    return times;
}

static int make_steps(struct server *server, uint64_t n)
{
    if (server->layout.step.id < 0 || !server->layout.step.framed)
        return 0;
    server->steps = alloc_zeroed(n, sizeof *server->steps, "steps", &server->err);
    if (!server->steps)
        return -1;
    return read_list(server, &server->layout.step, n, server->hdf5.native_i64, "step",
                     server->steps);
}

static void describe(const struct server *server, struct h5_about *about)
{
    const struct h5_layout *layout = &server->layout;
    const struct hdf5 *hdf5 = &server->hdf5;
    const struct h5_data *position = &layout->vectors[H5_POSITION];
    if (layout->kind == H5_KIND_H5MD)
        snprintf(about->flavour, sizeof about->flavour, "particles/%s", layout->name);
    else
        snprintf(about->flavour, sizeof about->flavour, "AMBER %s, NetCDF-4",
                 position->framed ? "trajectory" : "restart");
    hid_t create = hdf5->H5Dget_create_plist(position->id);
    hsize_t chunk[H5_RANK_MAX];
    if (create < 0 || hdf5->H5Pget_layout(create) != H5D_CHUNKED ||
        hdf5->H5Pget_chunk(create, position->rank, chunk) != position->rank)
        return;
    for (int i = 0; i < position->rank; i++)
        about->chunk[i + TRAJ_CHUNK_DIMENSIONS - position->rank] = chunk[i];
    for (int i = 0; i < hdf5->H5Pget_nfilters(create); i++) {
        unsigned flags, level = 0;
        size_t n = 1;
        if (hdf5->H5Pget_filter2(create, (unsigned)i, &flags, &n, &level, 0, NULL,
                                 NULL) == DEFLATE)
            snprintf(about->compression, sizeof about->compression, "gzip %u", level);
    }
}

static hid_t open_file(struct server *server, const char *path)
{
    /* Reading locks nothing: folders may be read-only, and files being written. */
    setenv("HDF5_USE_FILE_LOCKING", "FALSE", 1);
    if (hdf5_load(&server->hdf5, &server->err))
        return -1;
    hid_t file = server->hdf5.H5Fopen(path, HDF5_READ_ONLY, H5P_DEFAULT);
    if (file < 0)
        err_set(&server->err, ERR_INPUT,
                "the HDF5 library cannot open it: damaged, or still open for writing");
    else
        hdf5_bound_memory(&server->hdf5, file);
    return file;
}

/* Finds its way and counts the whole frames; times of these in *times. */
static int look_around(struct server *server, hid_t file, struct h5_about *about,
                       double **times)
{
    struct h5_layout *layout = &server->layout;
    const char *what;
    if (h5_layout_find(layout, file))
        return -1;
    lib_serve_limit_memory(0);
    about->kind = layout->kind;
    about->n_atoms = layout->n_atoms;
    about->n_frames = h5_layout_written(layout, layout->n_frames, &what);
    about->has_times = layout->time.id >= 0;
    for (int k = 0; k < N_H5_VECTORS; k++) {
        const struct h5_data *data = &layout->vectors[k];
        about->vectors[k] = (struct h5_vectors){data->id >= 0, data->wide, data->scale};
    }
    describe(server, about);
    if (about->has_times && about->n_frames > 0) {
        *times = make_times(server, about->n_frames);
        if (!*times)
            return -1;
    }
    if (make_steps(server, about->n_frames))
        return -1;
    if (what)
        snprintf(about->text, sizeof about->text,
                 "this frame lacks its %s; there should be %" PRIu64 " frames", what,
                 layout->n_frames);
    return 0;
}

static int read_box(struct server *server, uint64_t frame, struct h5_answer *answer)
{
    const struct h5_layout *layout = &server->layout;
    const struct h5_data *all[] = {&layout->edges, &layout->angles};
    double numbers[2][9] = {{0}};
    struct frame_info info = {0};
    for (int i = 0; i < 2; i++) {
        const struct h5_data *data = all[i];
        if (data->id < 0)
            continue;
        const hsize_t begin[H5_RANK_MAX] = {data->framed ? frame : 0, 0, 0};
        const hsize_t count[H5_RANK_MAX] = {data->framed ? 1 : 3, 3, 3};
        if (h5_data_read(layout, data, begin, count, server->hdf5.native_double,
                         numbers[i]))
            return err_set(&server->err, ERR_INPUT, "the box is damaged");
        for (int k = 0; k < 9; k++)
            numbers[i][k] *= data->scale;
    }
    const struct h5_data *edges = &layout->edges;
    if (edges->id < 0 || (layout->kind == H5_KIND_AMBER && layout->angles.id < 0))
        return 0;
    const double *e = numbers[0], *a = numbers[1];
    const double right[6] = {e[0], e[1], e[2], 90, 90, 90};
    const double cell[6] = {e[0], e[1], e[2], a[0], a[1], a[2]};
    const double v[3][3] = {{e[0], e[1], e[2]}, {e[3], e[4], e[5]}, {e[6], e[7], e[8]}};
    if (edges->rank - edges->framed == 2)
        box_set_vectors(&info, v, 1.0);
    else
        box_set(&info, layout->kind == H5_KIND_AMBER ? cell : right);
    answer->has_box = info.has_box;
    memcpy(answer->box, info.box, sizeof answer->box);
    return 0;
}

static int read_vectors(struct server *server, const struct h5_question *question,
                        size_t *bytes)
{
    const struct h5_layout *layout = &server->layout;
    *bytes = 0;
    for (int k = 0; k < N_H5_VECTORS; k++) {
        const struct h5_data *data = &layout->vectors[k];
        if (data->id < 0 || !question->want[k])
            continue;
        size_t n = 3 * question->n_atoms * (data->wide ? 8 : 4);
        if (alloc_grow(&server->numbers, &server->capacity, *bytes + n, 1, "a frame",
                       &server->err))
            return -1;
        uint64_t first = question->first_atom, n_atoms = question->n_atoms;
        const hsize_t begin[H5_RANK_MAX] = {data->framed ? question->frame : first,
                                            data->framed ? first : 0, 0};
        const hsize_t count[H5_RANK_MAX] = {data->framed ? 1 : n_atoms,
                                            data->framed ? n_atoms : 3, 3};
        if (h5_data_read(layout, data, begin, count,
                         data->wide ? server->hdf5.native_double
                                    : server->hdf5.native_float,
                         (char *)server->numbers + *bytes))
            return err_set(&server->err, ERR_INPUT,
                           "the data of the frame are damaged");
        *bytes += n;
    }
    return 0;
}

static void answer_question(struct server *server, const struct h5_question *question)
{
    const struct h5_layout *layout = &server->layout;
    struct h5_answer answer = {0};
    size_t bytes = 0;
    server->err = (struct err){0};
    answer.has_step = layout->step.id >= 0;
    if (server->steps)
        answer.step = server->steps[question->frame];
    else if (answer.has_step)
        answer.step = layout->step_offset +
                      (int64_t)((uint64_t)layout->step_increment * question->frame);
    if (read_box(server, question->frame, &answer) ||
        read_vectors(server, question, &bytes)) {
        answer.status = (int)server->err.code;
        snprintf(answer.text, sizeof answer.text, "%s", server->err.text);
        bytes = 0;
    }
    lib_serve_send(server->socket, &answer, sizeof answer);
    lib_serve_send(server->socket, server->numbers, bytes);
}

void h5_serve(int socket, const char *path, uint64_t file_bytes)
{
    static const struct err no_error = {0};
    struct server server = {.socket = socket, .err = no_error};
    struct h5_about about = {0};
    struct h5_question question;
    double *times = NULL;
    lib_serve_limit_seconds(QUESTION_SECONDS);
    server.layout = (struct h5_layout){
        .hdf5 = &server.hdf5,
        .err = &server.err,
        .file_bytes = file_bytes,
    };
    /* While the file is only looked at: the library believes the length of a text
       before it has seen it. */
    lib_serve_limit_memory(LOOKING_BYTES);
    hid_t file = open_file(&server, path);
    if (file < 0 || look_around(&server, file, &about, &times)) {
        about.status = (int)server.err.code;
        snprintf(about.text, sizeof about.text, "%s", server.err.text);
        about.n_frames = 0;
    }
    lib_serve_send(server.socket, &about, sizeof about);
    if (about.has_times)
        lib_serve_send(server.socket, times, about.n_frames * sizeof *times);
    while (about.status == 0 &&
           lib_serve_receive(server.socket, &question, sizeof question)) {
        lib_serve_limit_seconds(QUESTION_SECONDS);
        answer_question(&server, &question);
    }
    _exit(0);
}
#else
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

void h5_serve(int socket, const char *path, uint64_t file_bytes)
{
    struct h5_about about = {.status = ERR_INPUT};
    (void)path, (void)file_bytes;
    snprintf(about.text, sizeof about.text,
             "this framewalk was built without HDF5 (Debian: libhdf5-dev)");
    send(socket, &about, sizeof about, MSG_NOSIGNAL);
    _exit(0);
}
#endif
