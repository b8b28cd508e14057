/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_FORMAT_H
#define FRAMEWALK_TRAJ_FORMAT_H

#include "traj/frame.h"
#include "traj/source.h"
#include "traj/topology.h"
#include "traj/traj.h"
#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a frame lies in its file. */
struct frame_entry {
    uint64_t offset;
    double time_ps; /* NaN where the frame says none */
    uint64_t extra; /* the format's own */
    bool no_positions;
};

/* Memory that decoding needs, one for each reader; grows to what the largest frame
   took. `lines` is for the text formats and made when the first of them asks; `helper`
   is what a format keeps open for helper_file. */
struct traj_file;
struct frame_scratch {
    void *bytes;
    size_t capacity;
    struct line_reader lines;
    bool lines_ready;
    void *helper;
    const struct traj_file *helper_file;
    void (*end_helper)(void *helper);
};

/* One open trajectory file. After indexing it is only read, by any number of threads
   and processes. */
struct traj_file {
    struct source source;
    const struct format *format;
    size_t n_atoms;
    size_t n_frames, capacity;
    struct frame_entry *frames;
    bool has_times;             /* every frame has one */
    size_t n_without_positions; /* frames */
    void *state;                /* the format's own, freed by its release */
    uint64_t next_offset; /* behind the last frame, where they are read one by one */
    struct frame_scratch ahead; /* for looking for the next one */
    char *damage; /* the error behind the last good frame, of a file opened
                     nevertheless; else NULL */
};

/* The atoms wanted of a frame: pick[0] < pick[1] < ... < n_atoms, or the first n where
   pick is NULL. */
struct frame_pick {
    const uint32_t *pick;
    size_t n;
};

static inline size_t frame_pick_at(const struct frame_pick *pick, size_t i)
{
    return pick->pick ? pick->pick[i] : i;
}

/* The first bytes of a file, for recognising it; `text` ends with a NUL. */
struct format_head {
    const unsigned char *bytes;
    const char *text;
    size_t n;
};

/* A file format. Hooks return 0 or -1 with *err set. */
struct format {
    const char *name;          /* "PDB" */
    const char *extensions[3]; /* lower case, without the dot; NULL for none */
    bool takes_length_unit;    /* --length-unit applies */
    /* Bytes look like another format's: taken where both name and bytes fit. */
    bool extension_decides;

    /* True only where the bytes leave no doubt. */
    bool (*recognise)(const struct format_head *head);

    /* Fills atoms (and params); NULL where the format names no atoms. */
    int (*read_topology)(struct topology *topology, const struct source *source,
                         const enum length_unit *unit, struct err *err);

    /* Called before the index is made or taken from a cache, and before the frames of a
       stream are read; NULL where there is nothing to do. */
    int (*begin)(struct traj_file *file, const enum length_unit *unit, struct err *err);

    /* n_atoms and the frames are all that `index` finds, so that they can be kept from
       one run to the next. */
    bool index_is_all;

    /* Sets n_atoms, frames and state of a file whose source is open. Where it fails
       with ERR_INPUT, the frames that it has added can be read. NULL where the format
       holds no coordinates. */
    int (*index)(struct traj_file *file, const enum length_unit *unit, struct err *err);

    /* For streams, which are read forward only; NULL where the format cannot be. After
       begin, which reads what stands before the first frame, next adds the frame at
       next_offset to the index, once all of it is there: 1, 0 at the end of the file,
       -1 on error. Nothing before the last frame added is asked for again. */
    int (*next)(struct traj_file *file, struct err *err);

    /* The vectors of the picked atoms that are asked for and there, which of them are
       there (has_positions is set beforehand), and the frame's box; the time comes from
       the index. */
    int (*read)(const struct traj_file *file, size_t frame,
                struct frame_scratch *scratch, const struct frame_pick *pick,
                const struct frame_vectors *out, struct frame_info *info,
                struct err *err);

    /* Fills what it knows of `out` beside the name; NULL where there is nothing. */
    void (*describe)(const struct traj_file *file, struct traj_description *out);

    void (*release)(void *state); /* NULL where there is no state */
};

extern const struct format format_pdb, format_gro, format_bod, format_xtc, format_trr,
    format_dcd, format_xyz, format_netcdf, format_h5md;
extern const struct format format_cif, format_pqr, format_prmtop, format_psf;

/* The format by its name or an extension (without regard to case), or NULL with
 * ERR_USAGE. */
const struct format *format_by_name(const char *name, struct err *err);

/* The format of an open file: the one named, where `name` is not NULL; else the one
   that recognises its bytes; else that of its extension (before .gz). NULL with *err
   set. */
const struct format *format_detect(const struct source *source, const char *name,
                                   struct err *err);

/* ERR_USAGE when a length unit is given for a format that has its own. */
int format_check_unit(const struct format *format, const struct source *source,
                      const enum length_unit *unit, struct err *err);

/* Opens and indexes one file; leaves nothing behind on failure. */
int traj_file_open(struct traj_file *file, const char *path,
                   const struct traj_options *options, struct err *err);
void traj_file_close(struct traj_file *file);

/* The same for a stream, of which the first frame is read. */
int traj_file_open_stream(struct traj_file *file, const char *path,
                          const struct traj_options *options, struct err *err);
/* Waits for the next frame: 1, 0 at the end, -1 with *err naming it. */
int traj_file_next(struct traj_file *file, struct err *err);
/* A line reader at next_offset, or NULL. */
struct line_reader *traj_file_lines(struct traj_file *file, struct err *err);

/* Adds a frame with positions to the index. */
int traj_file_add(struct traj_file *file, uint64_t offset, double time_ps,
                  uint64_t extra, struct err *err);

/* "PATH: frame N at byte offset B: TEXT", ERR_INPUT. Frames count from 0 within the
   file; `frame` may be the one that indexing was about to add. Returns -1. */
int traj_file_error(const struct traj_file *file, size_t frame, uint64_t offset,
                    struct err *err, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* "PATH: line N at byte offset B: TEXT" for the line handed out last. Returns -1. */
int line_error(const struct line_reader *lines, struct err *err, const char *format,
               ...) __attribute__((format(printf, 3, 4)));

/* At least n bytes of scratch, or NULL. */
unsigned char *frame_scratch_bytes(struct frame_scratch *scratch, size_t n,
                                   struct err *err);

/* The scratch's line reader at an offset of the source, or NULL. */
struct line_reader *frame_scratch_lines(struct frame_scratch *scratch,
                                        const struct source *source, uint64_t offset,
                                        struct err *err);

/* Lets go of the helper, if there is one. */
void frame_scratch_end_helper(struct frame_scratch *scratch);

void frame_scratch_fini(struct frame_scratch *scratch);

#endif
