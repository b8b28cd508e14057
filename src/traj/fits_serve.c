/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "traj/fits_packed.h"
#include "traj/lib_process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef HAVE_CFITSIO
#include "util/alloc.h"

#include <dlfcn.h>
#include <fitsio.h>
#include <limits.h>
#include <math.h>

/* Nothing is closed and freed here: the process ends. */

/* CFITSIO's names of the functions in use. A file in memory has no name, so that there
   is nothing that could be a command, a URL or a filter. */
#define CFITSIO_FUNCTIONS(X)  \
    X(ffomem)   /* opens */   \
    X(ffmahd)   /* goes to */ \
    X(ffgiprll) /* shape */   \
    X(ffpscl)   /* scaling */ \
    X(ffgsv)    /* reads */   \
    X(ffgerr)   /* tells */

struct cfitsio {
#define CFITSIO_FIELD(name) __typeof__(name) *name;
    CFITSIO_FUNCTIONS(CFITSIO_FIELD)
#undef CFITSIO_FIELD
};

/* Its images have up to 6 axes. */
enum { RANK_MAX = 9 };

/* Voxels that are read at once. */
enum { PIECE = 1 << 21 };

struct server {
    int socket;
    const struct fits_job *job;
    struct cfitsio library;
    fitsfile *file;
    void *bytes; /* it keeps the addresses of these two */
    size_t n_bytes;
    void *numbers; /* of PIECE voxels, at most 8 bytes each */
    unsigned char *solid;
    struct err err;
};

static int load(struct cfitsio *library, struct err *err)
{
    void *handle = dlopen(CFITSIO_LIBRARY, RTLD_NOW | RTLD_LOCAL), *symbol;
    if (!handle)
        return err_set(err, ERR_RUNTIME,
                       "this image is compressed in tiles, and the CFITSIO library, "
                       "%s, cannot be loaded (Debian: apt-get install %s)",
                       CFITSIO_LIBRARY, CFITSIO_PACKAGE);
#define LOAD(name)                                                               \
    symbol = dlsym(handle, #name);                                               \
    if (!symbol)                                                                 \
        return err_set(err, ERR_RUNTIME, "%s lacks %s", CFITSIO_LIBRARY, #name); \
    memcpy(&library->name, &symbol, sizeof symbol);
    CFITSIO_FUNCTIONS(LOAD)
#undef LOAD
    return 0;
}

/* Memory and time in proportion to the image: tiles may be as large as it is. */
static void set_limits(const struct fits_image *image)
{
    static const uint64_t least = UINT64_C(256) << 20, most = UINT64_C(4) << 30;
    enum { BYTES_A_VOXEL = 32, LEAST_SECONDS = 10, VOXELS_A_SECOND_LOG2 = 21 };
    uint64_t n = image->n[0] * image->n[1] * image->n[2];
    uint64_t bytes = least + BYTES_A_VOXEL * n;
    lib_serve_limit_memory(bytes < most ? bytes : most);
    lib_serve_limit_seconds(LEAST_SECONDS + (unsigned)(n >> VOXELS_A_SECOND_LOG2));
}

static int failed(struct server *server, int status)
{
    char text[FLEN_STATUS] = "";
    server->library.ffgerr(status, text);
    return err_set(&server->err, ERR_INPUT,
                   "this image cannot be unpacked: CFITSIO's error %d, %s", status,
                   text);
}

/* What CFITSIO makes of the header must be what was checked. */
static int check_shape(struct server *server, int *status)
{
    const struct fits_image *image = server->job->image;
    int bitpix = 0, naxis = 0;
    LONGLONG axis[RANK_MAX] = {0};
    if (server->library.ffgiprll(server->file, RANK_MAX, &bitpix, &naxis, axis, status))
        return failed(server, *status);
    bool same = bitpix == image->bitpix && naxis >= 3 && naxis <= RANK_MAX;
    for (int k = 0; k < naxis && k < RANK_MAX; k++)
        same &= axis[k] == (k < 3 ? (LONGLONG)image->n[k] : 1) && axis[k] <= LONG_MAX;
    return same ? 0
                : err_set(&server->err, ERR_INPUT,
                          "this image is not for CFITSIO what its header says");
}

static int open_image(struct server *server)
{
    const struct fits_job *job = server->job;
    const struct cfitsio *library = &server->library;
    int status = 0, type;
    if (load(&server->library, &server->err))
        return -1;
    set_limits(job->image);
    /* Numbers as they are stored: what they mean is for is_solid to say. */
    if (library->ffomem(&server->file, "image", READONLY, &server->bytes,
                        &server->n_bytes, 0, NULL, &status) ||
        library->ffmahd(server->file, job->header, &type, &status))
        return failed(server, status);
    if (check_shape(server, &status))
        return -1;
    if (library->ffpscl(server->file, 1, 0, &status))
        return failed(server, status);
    server->numbers = alloc_zeroed(PIECE, sizeof(double), "voxels", &server->err);
    server->solid = alloc_zeroed(PIECE, 1, "voxels", &server->err);
    return server->numbers && server->solid ? 0 : -1;
}

/* The largest piece from voxel `first` on that is a box: planes, rows or voxels; first
   and last of it along each axis, from 1. Returns its voxels. */
static uint64_t next_piece(const struct fits_image *image, uint64_t first, long from[],
                           long to[])
{
    const uint64_t *n = image->n;
    const uint64_t at[] = {first % n[0], first / n[0] % n[1], first / n[0] / n[1]};
    uint64_t count[] = {1, 1, 1}, voxels = 1;
    for (int k = 0; k < 3; k++) {
        uint64_t room = PIECE / voxels, left = n[k] - at[k];
        count[k] = room < left ? room : left;
        voxels *= count[k];
        if (count[k] < n[k])
            break;
    }
    for (int k = 0; k < 3; k++) {
        from[k] = (long)at[k] + 1;
        to[k] = (long)(at[k] + count[k]);
    }
    return voxels;
}

/* Reads and judges a piece; its voxels, 0 on failure. */
static uint64_t read_piece(struct server *server, uint64_t first)
{
    const struct fits_image *image = server->job->image;
    long from[RANK_MAX], to[RANK_MAX], step[RANK_MAX];
    int status = 0, any = 0;
    int type = image->bitpix < 0 ? TDOUBLE : image->bitpix == 64 ? TLONGLONG : TINT;
    double nan = NAN;
    for (int k = 0; k < RANK_MAX; k++)
        from[k] = to[k] = step[k] = 1;
    uint64_t n = next_piece(image, first, from, to);
    /* Integers that are BLANK come as they are. */
    if (server->library.ffgsv(server->file, type, from, to, step,
                              type == TDOUBLE ? &nan : NULL, server->numbers, &any,
                              &status)) {
        failed(server, status);
        return 0;
    }
    const double *real = server->numbers;
    const LONGLONG *wide = server->numbers;
    const int *integer = server->numbers;
    for (uint64_t i = 0; i < n; i++)
        server->solid[i] =
            type == TDOUBLE ? fits_is_solid_real(image, real[i])
                            : fits_is_solid_integer(
                                  image, type == TINT ? integer[i] : (int64_t)wide[i]);
    return n;
}

static void send_message(struct server *server, uint64_t n)
{
    struct fits_message message = {.status = (int)server->err.code, .n = n};
    if (message.status != ERR_NONE)
        snprintf(message.text, sizeof message.text, "%s", server->err.text);
    lib_serve_send(server->socket, &message, sizeof message);
}

void fits_serve(int socket, const void *job)
{
    static const struct err no_error = {0};
    struct server server = {.socket = socket, .job = job, .err = no_error};
    server.bytes = (void *)(uintptr_t)server.job->bytes;
    server.n_bytes = server.job->n_bytes;
    const uint64_t *n = server.job->image->n, total = n[0] * n[1] * n[2];
    bool good = open_image(&server) == 0;
    send_message(&server, 0);
    for (uint64_t at = 0, some; good && at < total; at += some) {
        some = read_piece(&server, at);
        good = some > 0;
        send_message(&server, some);
        lib_serve_send(socket, server.solid, some);
    }
    _exit(0);
}
#else
void fits_serve(int socket, const void *job)
{
    struct fits_message message = {.status = ERR_INPUT};
    (void)job;
    snprintf(message.text, sizeof message.text,
             "this image is compressed in tiles, and this framewalk was built without "
             "CFITSIO (Debian: libcfitsio-dev)");
    lib_serve_send(socket, &message, sizeof message);
    _exit(0);
}
#endif
