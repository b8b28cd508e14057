/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "save/save.h"

#include "out/sink.h"
#include "save/format.h"
#include "util/alloc.h"
#include "util/pmath.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const struct save_format *const formats[] = {
    &save_format_xtc,    &save_format_trr,  &save_format_dcd,
    &save_format_pdb,    &save_format_gro,  &save_format_xyz,
    &save_format_netcdf, &save_format_h5md, &save_format_npz,
};

enum { N_FORMATS = sizeof formats / sizeof *formats };

static const char known[] = "xtc trr dcd pdb gro xyz nc h5md npz";

/* The names of a format are its own and its extensions. */
static const struct save_format *find(const char *name)
{
    for (size_t i = 0; i < N_FORMATS; i++) {
        if (strcasecmp(formats[i]->name, name) == 0)
            return formats[i];
        for (size_t k = 0; k < 3 && formats[i]->extensions[k]; k++)
            if (strcasecmp(formats[i]->extensions[k], name) == 0)
                return formats[i];
    }
    return NULL;
}

bool save_is_stdout(const char *path)
{
    return strcmp(path, "-") == 0;
}

static const struct save_format *find_for_stdout(const char *name, struct err *err)
{
    const struct save_format *format = name ? find(name) : NULL;
    if (format && format->streams)
        return format;
    if (format)
        err_set(err, ERR_USAGE,
                "--output -: %s files cannot be written to standard output, in which "
                "there is no way back (xtc, trr, pdb, gro and xyz can)",
                format->name);
    else
        err_set(err, ERR_USAGE,
                "--output -: %s format for standard output: give --output-format xtc, "
                "trr, pdb, gro or xyz",
                name ? "an unknown" : "no");
    return NULL;
}

const struct save_format *save_format_find(const char *name, const char *path,
                                           struct err *err)
{
    if (save_is_stdout(path))
        return find_for_stdout(name, err);
    if (name) {
        const struct save_format *format = find(name);
        if (!format)
            err_set(err, ERR_USAGE, "unknown output format '%s' (known: %s)", name,
                    known);
        return format;
    }
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    const struct save_format *format = dot ? find(dot + 1) : NULL;
    if (!format)
        err_set(err, ERR_USAGE,
                "--output: %s: unknown extension (known: %s), and no --output-format",
                path, known);
    return format;
}

const char *save_format_name(const struct save_format *format)
{
    return format->name;
}

unsigned save_format_holds(const struct save_format *format)
{
    return format->holds;
}

size_t save_names_cut(const struct save_format *format, const struct save_job *job)
{
    size_t n = 0, longest = format->name_bytes;
    for (size_t i = 0; longest && job->atoms && i < job->n_atoms; i++) {
        const struct atom *atom = save_atom(job, i);
        n += strlen(atom->name) > longest || strlen(atom->resname) > longest;
    }
    return n;
}

/* The stream has a descriptor of its own; the temporary file keeps one to sync. */
static int open_stream(struct save *save, struct err *err)
{
    bool out = save_is_stdout(save->path);
    int fd = fcntl(out ? STDOUT_FILENO : save->file.fd, F_DUPFD_CLOEXEC, 0);
    save->stream = fd >= 0 ? fdopen(fd, out ? "w" : "w+") : NULL;
    if (save->stream)
        return 0;
    err_set(err, ERR_RUNTIME, "%s", strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static const char *name_of(const struct save *save)
{
    return save_is_stdout(save->path) ? "standard output" : save->path;
}

struct save *save_open(const char *path, const struct save_format *format,
                       const struct save_job *job, struct err *err)
{
    struct save *save = alloc_zeroed(1, sizeof *save, "an output file", err);
    if (!save)
        return NULL;
    save->path = path;
    save->format = format;
    save->job = job;
    save->file.fd = -1;
    if ((format->holds & SAVE_NEEDS_NAMES) && !job->atoms)
        err_set(err, ERR_USAGE, "%s files name their atoms: give a topology (-s)",
                format->name);
    else if ((save_is_stdout(path) ||
              temporary_open(&save->file, path, format->opens_file, err) == 0) &&
             (format->opens_file || open_stream(save, err) == 0) &&
             (!format->begin || format->begin(save, err) == 0))
        return save;
    err_prefix(err, "%s", name_of(save));
    save_discard(save);
    return NULL;
}

int save_frame(struct save *save, const struct save_frame *frame, struct err *err)
{
    if (save->format->frame(save, frame, err) < 0)
        return err_prefix(err, "%s", name_of(save));
    save->n_frames++;
    return 0;
}

size_t save_n_frames(const struct save *save)
{
    return save->n_frames;
}

static int finish(struct save *save, struct err *err)
{
    if (save->format->finish && save->format->finish(save, err) < 0)
        return -1;
    if (!save->stream)
        return 0;
    int status = sink_flush(save->stream, err);
    if (fclose(save->stream) && status == 0)
        status = err_set(err, ERR_RUNTIME, "%s", strerror(errno));
    save->stream = NULL;
    return status;
}

int save_close(struct save *save, bool partial, struct err *err)
{
    int status = finish(save, err);
    bool out = save_is_stdout(save->path);
    if (status == 0 && !out)
        status = temporary_commit(&save->file, partial, err);
    if (status < 0)
        err_prefix(err, "%s%s", name_of(save), partial && !out ? ".partial" : "");
    save_discard(save);
    return status;
}

void save_discard(struct save *save)
{
    if (!save)
        return;
    if (save->format->release && save->state)
        save->format->release(save->state);
    else
        free(save->state);
    if (save->stream)
        fclose(save->stream);
    temporary_discard(&save->file);
    free(save);
}

int64_t save_step(const struct save *save, const struct frame_info *info)
{
    return info->has_step ? info->step : (int64_t)save->n_frames;
}

int save_atom_error(const struct save *save, enum err_code code, size_t atom,
                    struct err *err, const char *format, ...)
{
    char reason[512];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    return err_set(err, code, "frame %zu, atom %zu: %s", save->n_frames, atom, reason);
}

unsigned char *save_room(struct save_buffer *buffer, size_t n, struct err *err)
{
    if (alloc_grow(&buffer->bytes, &buffer->capacity, buffer->n + n, 1,
                   "a frame to write", err))
        return NULL;
    return (unsigned char *)buffer->bytes + buffer->n;
}

int save_flush(struct save *save, struct save_buffer *buffer, struct err *err)
{
    size_t n = buffer->n;
    buffer->n = 0;
    return sink_put(save->stream, buffer->bytes, n, err);
}

void save_buffer_fini(struct save_buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (struct save_buffer){0};
}

int save_buffer_begin(struct save *save, struct err *err)
{
    save->state = alloc_zeroed(1, sizeof(struct save_buffer), "an output file", err);
    return save->state ? 0 : -1;
}

void save_buffer_release(void *state)
{
    if (state)
        save_buffer_fini(state);
    free(state);
}

/* Cosine and sine of an angle; exact zeros for a right one. */
static void cosine(double degrees, double *c, double *s)
{
    pmath_sincos_turn(degrees / 360.0, s, c);
    if (degrees == 90.0)
        *c = 0;
}

void save_box_vectors(const struct frame_info *info, double v[3][3])
{
    memset(v, 0, 9 * sizeof v[0][0]);
    if (!info->has_box)
        return;
    const double *box = info->box;
    double c[3], s[3];
    for (int i = 0; i < 3; i++)
        cosine(box[3 + i], &c[i], &s[i]);
    v[0][0] = box[0];
    v[1][0] = box[1] * c[2];
    v[1][1] = box[1] * s[2];
    v[2][0] = box[2] * c[1];
    v[2][1] = box[2] * (c[0] - c[1] * c[2]) / s[2];
    double rest = box[2] * box[2] - v[2][0] * v[2][0] - v[2][1] * v[2][1];
    /* Angles that no three vectors can have give a flat box. */
    v[2][2] = rest > 0 ? sqrt(rest) : 0;
}
