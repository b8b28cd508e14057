/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SAVE_FORMAT_H
#define FRAMEWALK_SAVE_FORMAT_H

/* Between save.c and the formats. */

#include "out/temporary.h"
#include "save/save.h"

#include <stdio.h>

struct save_buffer;

struct save {
    const char *path; /* for messages */
    const struct save_format *format;
    const struct save_job *job;
    struct temporary file;
    FILE *stream; /* of the file; NULL where the format opens it itself */
    size_t n_frames;
    void *state; /* the format's own, freed by its release */
};

/* A format: one file each, one line in the table of save.c. Hooks return 0, or -1 with
   the reason in *err; naming the file is left to save.c. */
struct save_format {
    const char *name;          /* "XTC" */
    const char *extensions[3]; /* lower case, without the dot; NULL for none */
    unsigned holds;
    size_t name_bytes;                                /* that fit; 0: any */
    bool opens_file;                                  /* by its name: file.name */
    bool streams;                                     /* never goes back in the file */
    int (*begin)(struct save *save, struct err *err); /* NULL: nothing to do */
    int (*frame)(struct save *save, const struct save_frame *frame, struct err *err);
    int (*finish)(struct save *save, struct err *err); /* NULL: nothing to do */
    void (*release)(void *state);                      /* NULL: free */
};

extern const struct save_format save_format_xtc, save_format_trr, save_format_dcd,
    save_format_pdb, save_format_gro, save_format_xyz, save_format_netcdf,
    save_format_npz, save_format_h5md;

/* "frame F, atom A: TEXT" for the frame being written. Returns -1. */
int save_atom_error(const struct save *save, enum err_code code, size_t atom,
                    struct err *err, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Bytes of a frame on their way into the file. */
struct save_buffer {
    void *bytes;
    size_t n, capacity;
};

/* Room for n more bytes, which the caller fills and counts; NULL without memory. */
unsigned char *save_room(struct save_buffer *buffer, size_t n, struct err *err);

/* Writes the bytes and empties the buffer. */
int save_flush(struct save *save, struct save_buffer *buffer, struct err *err);

void save_buffer_fini(struct save_buffer *buffer);

/* `begin` and `release` of formats whose only state is a buffer. */
int save_buffer_begin(struct save *save, struct err *err);
void save_buffer_release(void *state);

/* The box as vectors in A, rows of v, a along x and b in the xy plane; zeros where the
   frame has none. */
void save_box_vectors(const struct frame_info *info, double v[3][3]);

/* The frame's step of the simulation, or else its number. */
int64_t save_step(const struct save *save, const struct frame_info *info);

/* The atom i of the frames. Names must be there. */
static inline const struct atom *save_atom(const struct save_job *job, size_t i)
{
    return &job->atoms->at[job->pick ? job->pick[i] : i];
}

#endif
