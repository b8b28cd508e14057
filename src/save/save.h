/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SAVE_SAVE_H
#define FRAMEWALK_SAVE_SAVE_H

#include "mol/atoms.h"
#include "traj/frame.h"
#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Trajectories written frame by frame, in any of the formats of one table. Memory does
   not depend on the number of frames. */

/* How numbers are kept, where the format leaves a choice. */
struct save_options {
    double xtc_precision; /* steps per nm; 0: 1000 */
    int decimals;         /* of the text formats; -1: what is usual in each */
    bool float64;         /* binary formats that can hold either */
    size_t chunk_frames;  /* of a dataset of H5MD; 0: one */
    size_t chunk_atoms;   /* 0: all */
    int compression;      /* gzip level of these chunks, 1 to 9; 0: none */
};

/* What is known before the first frame. */
struct save_job {
    const struct atoms *atoms; /* NULL where the source names none */
    const uint32_t *pick;      /* atom i of a frame is atoms->at[pick[i]] */
    size_t n_atoms;
    size_t n_frames;      /* at most */
    bool has_times;       /* every frame has one */
    double first_time_ps; /* where it has */
    double dt_ps;         /* between frames, where it is the same for all; else NaN */
    bool has_velocities, has_forces;
    struct save_options options;
};

struct save_frame {
    const double *xyz;      /* A, n_atoms x 3 */
    const double *velocity; /* A/ps, or NULL */
    const double *force;    /* kJ/(mol A), or NULL */
    const struct frame_info *info;
};

/* What a format can hold. */
enum {
    SAVE_VELOCITIES = 1,
    SAVE_FORCES = 2,
    SAVE_BOX = 4,
    SAVE_TIMES = 8,        /* any */
    SAVE_EVEN_TIMES = 16,  /* a first one and a step */
    SAVE_NEEDS_NAMES = 32, /* of atoms */
    SAVE_BONDS = 64,       /* between atoms; taken from atoms->bonds where indexed */
};

struct save_format;

/* Whether a path is "-": standard output, for formats that are written without going
   back. */
bool save_is_stdout(const char *path);

/* The format by name, without regard to case, or else by the extension of `path`; NULL
   with ERR_USAGE, also for one that cannot be written there. */
const struct save_format *save_format_find(const char *name, const char *path,
                                           struct err *err);
const char *save_format_name(const struct save_format *format); /* "XTC" */
unsigned save_format_holds(const struct save_format *format);
/* How many atoms of the job have names or residue names that the format must cut. */
size_t save_names_cut(const struct save_format *format, const struct save_job *job);

/* An open output: a temporary file beside `path`, or standard output. NULL with *err
   naming the path. `path`, `job` and what that points to must live until the end. */
struct save;
struct save *save_open(const char *path, const struct save_format *format,
                       const struct save_job *job, struct err *err);

/* Adds a frame. A value that the format cannot hold is an error naming frame and atom,
   ERR_INPUT where it is no finite number. */
int save_frame(struct save *save, const struct save_frame *frame, struct err *err);

size_t save_n_frames(const struct save *save);

/* Completes the file and gives it its name (PATH.partial when `partial`); the struct is
   gone whether or not that works. What went to standard output stays there. */
int save_close(struct save *save, bool partial, struct err *err);

/* Removes what was written; NULL allowed. */
void save_discard(struct save *save);

#endif
