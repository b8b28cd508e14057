/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_H5_H
#define FRAMEWALK_TRAJ_H5_H

#include "traj/format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Trajectories in HDF5: H5MD, and AMBER's in NetCDF-4. The library is not made for
   files that are out to hurt, nor for forks and threads. So a process of its own
   (traj/lib_process.h) holds file and library. This is the language between the two,
   which are the same program.

   h5.c: the reader's side; h5_serve.c: the process; h5_layout.c: finding one's way in
   the file. */

enum h5_kind { H5_KIND_H5MD, H5_KIND_AMBER };
enum h5_vector { H5_POSITION, H5_VELOCITY, H5_FORCE, N_H5_VECTORS };
enum { H5_TEXT_BYTES = ERR_TEXT_BYTES };

/* A vector for each atom and frame. */
struct h5_vectors {
    uint8_t there, wide; /* no bool: whatever comes must be a value */
    double scale;        /* to A, A/ps, kJ/(mol A) */
};

/* The answer to opening, followed by a double for the time of each frame, in ps, where
   there are times. */
struct h5_about {
    int status;               /* an err_code, of `text` */
    char text[H5_TEXT_BYTES]; /* why it fails, or what is wrong behind the last frame */
    enum h5_kind kind;
    uint64_t n_atoms, n_frames; /* frames that are whole */
    uint8_t has_times;
    struct h5_vectors vectors[N_H5_VECTORS];
    char flavour[TRAJ_FLAVOUR_BYTES];
    char compression[TRAJ_COMPRESSION_BYTES];
    uint64_t chunk[TRAJ_CHUNK_DIMENSIONS];
};

/* The question for a stretch of atoms of a frame. */
struct h5_question {
    uint64_t frame, first_atom, n_atoms;
    bool want[N_H5_VECTORS];
};

/* The answer, followed by 3 * n_atoms floats, or doubles where wide, of each vector
   that is wanted and there. */
struct h5_answer {
    int status;
    char text[H5_TEXT_BYTES];
    uint8_t has_step;
    int64_t step;
    uint8_t has_box;
    double box[6];
};

/* What the process does, until its socket closes. Never returns to the caller's code:
   it leaves with _exit. `path` must be readable from the working directory. */
_Noreturn void h5_serve(int socket, const char *path, uint64_t file_bytes);

#endif
