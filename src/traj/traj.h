/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_TRAJ_H
#define FRAMEWALK_TRAJ_TRAJ_H

#include "mol/atoms.h"
#include "traj/frame.h"
#include "traj/topology.h"
#include "util/err.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A trajectory: the frames of one or several files, concatenated in order, any of them
   readable at any time. Opening builds the frame index and checks the structure of
   every file (headers, sizes, frame boundaries) before anything is computed;
   coordinates are judged when a frame is read. */
struct traj;

/* How files are opened; all zero is the default. */
struct traj_options {
    /* Overrides detection by magic bytes, then by extension; an unknown name is
       ERR_USAGE. Nullable. */
    const char *format;
    /* Overrides the length unit of bod and xyz files; ERR_USAGE for other formats.
       Nullable. */
    const enum length_unit *unit;
    /* Keep the frames before the damage of a damaged file; see traj_damage. */
    bool allow_truncated;
    /* For streams: when it becomes nonzero, waiting for bytes ends with ERR_RUNTIME.
       Nullable. */
    const volatile sig_atomic_t *stop;
};

/* Opens and indexes the files. Frames at the start of a file whose time equals the time
   of the last frame before (GROMACS -noappend parts) are dropped and counted. Files
   must agree on the number of atoms. A file without a single frame and, unless
   truncated ones are allowed, a file damaged after some good frames are ERR_INPUT
   naming file, frame and byte offset. `options` is nullable. NULL on failure. */
struct traj *traj_open(const char *const *paths, size_t n_paths,
                       const struct traj_options *options, struct err *err);
void traj_close(struct traj *traj);

/* Streams: standard input ("-"), named pipes, and IMD servers ("imd://HOST:PORT"). One
   of them is a trajectory of its own. Its frames come in order and once: traj_open
   waits for the first, traj_advance for each of the others, and traj_n_frames counts
   those that have come. Only the last of them can be read, until the next call; the
   functions that ask for a frame's time or positions may be asked about any. */
bool traj_is_stream(const struct traj *traj);
bool traj_path_is_stream(const char *path);
/* Whether it is a simulation, whose time only goes forward. */
bool traj_is_live(const struct traj *traj);

/* 1 with another frame; 0 at the end; -1 with *err naming stream, frame and offset
   where what comes is cut short or damaged, after which there is nothing more. */
int traj_advance(struct traj *traj, struct err *err);

/* Lets go of the stream's descriptor, where another process reads it. */
void traj_let_go(struct traj *traj);

/* What is known of a stream that another process has read. */
struct traj_seen {
    size_t n_frames, n_without_positions;
    bool has_times; /* all frames have one */
    bool whole;     /* the end of the stream was reached */
};
struct traj_seen traj_seen(const struct traj *traj);

/* Notes what that process has seen, for the counts here; `damage`, nullable, is what
   traj_damage says from now on. Frames cannot be asked for after that. */
int traj_adopt(struct traj *traj, const struct traj_seen *seen, const char *damage,
               struct err *err);

/* The files, in the order of their frames. */
size_t traj_n_files(const struct traj *traj);
const char *traj_file_path(const struct traj *traj, size_t file);
/* Frames of that file, without those dropped at its seam. */
size_t traj_file_n_frames(const struct traj *traj, size_t file);

/* What is wrong with a file behind its last good frame, as traj_open would have said
   it, with file, frame and offset; NULL for a whole file. */
const char *traj_damage(const struct traj *traj, size_t file);

enum {
    TRAJ_FLAVOUR_BYTES = 96,
    TRAJ_COMPRESSION_BYTES = 16,
    TRAJ_CHUNK_DIMENSIONS = 3
};

/* What a file is. */
struct traj_description {
    const char *format;               /* "XTC" */
    char flavour[TRAJ_FLAVOUR_BYTES]; /* "big endian, unit cell"; "" for nothing to say
                                       */
    char compression[TRAJ_COMPRESSION_BYTES]; /* "gzip", "xdr3dfcoord"; "" for none */
    int float_bits; /* 32 or 64: how a coordinate is kept; 0 for other ways */
    double
        resolution_a; /* spacing of coordinates in A of the first frame; 0 for floats */
    uint64_t chunk[TRAJ_CHUNK_DIMENSIONS]; /* frames, atoms, 3; zeros where unchunked */
    bool random_access;                    /* a frame is read without those before it */
};
void traj_describe(const struct traj *traj, size_t file, struct traj_description *out);

size_t traj_n_frames(const struct traj *traj);
size_t traj_n_atoms(const struct traj *traj);
const char *traj_format_name(const struct traj *traj); /* of the first file, "XTC" */
size_t traj_dropped_at_seams(const struct traj *traj);

/* Frames that hold velocities or forces but no positions (TRR). They keep their
   numbers, and traj_choose_frames leaves them out. */
size_t traj_n_without_positions(const struct traj *traj);
bool traj_frame_has_positions(const struct traj *traj, size_t frame);

/* Name of the file that holds the frame. */
const char *traj_frame_path(const struct traj *traj, size_t frame);

/* The frame's time in ps, known from the index without decoding; false where the file
   has no times (the caller then uses the frame number). */
bool traj_frame_time(const struct traj *traj, size_t frame, double *time_ps);

/* Whether frames may lack some of the atoms (the TRAJECTORY of a bod file): then
   traj_read_present reads them, and the other functions only frames that have all that
   is picked. */
bool traj_frames_vary(const struct traj *traj);

/* Scratch for decoding; one for each process or thread that reads. Thread-safe against
   other readers of the same struct traj, which is only read. */
struct traj_reader;
struct traj_reader *traj_reader_create(const struct traj *traj, struct err *err);
void traj_reader_destroy(struct traj_reader *reader);

/* Decodes frame `frame`. xyz receives 3 * n_pick doubles, Angstrom: the atoms
   pick[0] < pick[1] < ... (each below traj_n_atoms), or all atoms when pick is NULL.
   NaN and infinite coordinates are handed on (the caller names frame and atom); a frame
   that cannot be decoded, or that has no positions, is -1 with ERR_INPUT naming file,
   frame and offset. */
int traj_read(struct traj_reader *reader, size_t frame, const uint32_t *pick,
              size_t n_pick, double *xyz, struct frame_info *info, struct err *err);

/* The same with velocities and forces, where wanted, of 3 * n_pick doubles each. What a
   frame does not have, positions too, is no error: *info tells, and the numbers are not
   touched. */
int traj_read_vectors(struct traj_reader *reader, size_t frame, const uint32_t *pick,
                      size_t n_pick, const struct frame_vectors *out,
                      struct frame_info *info, struct err *err);

/* As traj_read, for any trajectory: xyz receives the info->n_present picked atoms that
   the frame has, `present` (room for n_pick) their places in the pick, ascending. */
int traj_read_present(struct traj_reader *reader, size_t frame, const uint32_t *pick,
                      size_t n_pick, double *xyz, uint32_t *present,
                      struct frame_info *info, struct err *err);

/* -1 with ERR_INPUT, naming file, frame, offset, atom and axis, where one of the n
   atoms of `frame` at xyz has a coordinate that is not finite. xyz's atom i is the
   trajectory's atom pick[i]; pick is NULL for all. */
int traj_check_finite(const struct traj *traj, size_t frame, const uint32_t *pick,
                      size_t n, const double *xyz, struct err *err);

/* Which frames to compute. Times in ps, inclusive, with a tolerance of the larger of
   1e-3 ps and 4 units in the last place of float32; `slice` is Python's START:STOP:STEP
   (each part optional, negatives from the end, STEP >= 1), NULL for all. begin, end and
   dt apply after the slice, NaN when not given: dt keeps the first frame and then those
   at least dt later than the last kept. Frames without positions are left out.
   Time options on a trajectory without times are ERR_USAGE; so are a malformed
   slice and a choice that leaves no frame. */
struct frame_choice {
    const char *slice;
    double begin_ps, end_ps, dt_ps;
};

/* A malloc'ed ascending list of frame numbers, and its length in *n. NULL on error. */
size_t *traj_choose_frames(const struct traj *traj, const struct frame_choice *choice,
                           size_t *n, struct err *err);

/* The same choice for a stream, frame by frame. */
struct frame_filter {
    const struct frame_choice *choice;
    size_t start, stop, step;
    bool by_time;
    double last_ps; /* of the frame taken last, NaN before */
    size_t n_taken;
};

/* ERR_USAGE for a slice that is malformed or counts from the end. */
int frame_filter_init(struct frame_filter *filter, const struct frame_choice *choice,
                      struct err *err);

/* Whether the frame that has come last is wanted, which is asked once: 1 or 0; -1
   (ERR_USAGE) where times are asked for and it has none. */
int frame_filter_take(struct frame_filter *filter, const struct traj *traj,
                      struct err *err);

/* Whether no frame after that one can be wanted, so that nobody need wait for it. */
bool frame_filter_is_over(const struct frame_filter *filter, const struct traj *traj);

/* The error for a choice that has left no frame. Returns -1. */
int traj_nothing_left(const struct traj *traj, const struct frame_choice *choice,
                      struct err *err);

#endif
