/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_ENGINE_KERNEL_H
#define FRAMEWALK_ENGINE_KERNEL_H

#include "hydro/stokes_derive.h"
#include "out/results.h"
#include "pool/share.h"
#include "pool/team.h"
#include "util/err.h"

#include <stddef.h>
#include <stdint.h>

/* A frame kernel computes a fixed set of columns from the coordinates of one frame.
   What it computes may depend on the frame and on its options only, never on the team,
   on other frames or on the clock. */

enum { KERNEL_COLUMNS_MAX = 64, KERNEL_REASON_BYTES = 256 };

struct frame_body;

/* The selected atoms of a frame. */
struct frame_view {
    size_t frame; /* index in the concatenated trajectory: picks the random streams */
    size_t n;
    const double *xyz;    /* 3 n, Angstrom */
    const double *radius; /* n */
    const uint32_t *atom; /* n, 0-based numbers in the topology, for messages */
    double mass_da;       /* of these atoms; 0: that of the kernel's options */
    const double *half; /* 3 n, A: half the edges of boxes, zeros of balls; nullable */
};

/* Stages of a frame, for the table of times. */
enum kernel_stage {
    STAGE_READ,
    STAGE_BUILD,
    STAGE_WALKS,
    STAGE_INTERIOR,
    STAGE_STOKES,
    STAGE_N
};

extern const char *const kernel_stage_name[STAGE_N];

/* What the fit of a frame leaves in doubt, as bits. */
enum kernel_doubt {
    DOUBT_RESIDUAL = 1,   /* it leaves more than usual */
    DOUBT_CORRECTION = 2, /* the extrapolation goes farther than usual */
    DOUBT_SLOPE = 4,      /* halving the sources suggests another slope */
};

/* What comes out, at the start of a slot of shared memory: no pointers. The values
   follow it: `width` numbers, then as many standard deviations. A journal keeps these
   and the record up to the reason, which is why that comes last. */
struct kernel_record {
    int status;          /* enum frame_status */
    int error_code;      /* enum err_code when failed */
    uint64_t frame_hash; /* of the coordinates */
    unsigned threads;    /* of the team: fewer than asked for where some were refused */
    uint64_t walks;
    uint64_t interior_samples;
    uint64_t steps, skin_hits, truncated; /* of the walks */
    uint64_t pilot_walks, sources;        /* of their control variate */
    /* Variance without it over that with it, of these two. */
    double gain_capacitance, gain_polarizability;
    uint64_t n_groups; /* parts the body has fallen into */
    double group_gap;  /* A */
    /* For kernels that follow; NaN where no kernel has it. */
    double capacitance, capacitance_std;
    uint64_t fit_points, fit_sources; /* of the Stokes flow */
    /* Relative errors that its frames share, of R_h, rotational radius and [eta]. */
    double fit_shared[STOKES_SHARED_N];
    unsigned doubts; /* enum kernel_doubt */
    /* Facts about the run, not results. */
    double seconds[STAGE_N], frame_seconds; /* of stages, and of all */
    unsigned worker, attempts;              /* as the parent saw it */
    char reason[KERNEL_REASON_BYTES];       /* when failed */
};

/* Where a kernel runs: the threads of a worker, what its kernels share, and where other
   workers may help with its blocks (NULL: they may not). Kernels keep a pointer: what
   is in it may change between frames. */
struct kernel_site {
    struct team *team;
    struct frame_body *body;
    struct share *share;
};

/* The numbers of stages that are shared with other workers, and room for the facts and
   the results of each. */
enum kernel_shared { SHARED_NONE, SHARED_WALKS, SHARED_SAMPLES, SHARED_VOLUME };
enum { KERNEL_FACTS_BYTES = 11 * 1024, KERNEL_RESULT_BYTES = 1280 };

/* The part of it that a journal keeps. */
enum { KERNEL_RECORD_KEPT = offsetof(struct kernel_record, reason) };

/* Goes up whenever the same options give other bits than before: journals of before
   are not gone on with. */
enum { KERNEL_ALGORITHM = 1 };

struct kernel {
    const char *name;

    /* The columns for these options, at most KERNEL_COLUMNS_MAX. */
    size_t (*columns)(const void *options, struct column *out);

    /* Scratch of one worker, reused frame after frame; the site lasts as long. NULL
       with an error. */
    void *(*create)(const void *options, const struct kernel_site *site,
                    struct err *err);
    void (*destroy)(void *state);

    /* Computes a frame: fills the record and, unless it failed, value and std. A
       failure is the frame's, with code and reason in the record, which may hold what
       kernels before have left there. */
    void (*map)(void *state, const struct frame_view *frame,
                struct kernel_record *record, double *value, double *std);

    /* In a worker that helps another with this frame, the first before the second, and
       both nullable: makes ready for the frame (-1 where that is not possible); says
       what to map for a stage, nothing where the stage is not of this kernel. */
    int (*help_frame)(void *state, const struct frame_view *frame, struct err *err);
    struct share_work (*help_stage)(void *state, const struct frame_view *frame,
                                    const struct share_stage *stage);
};

extern const struct kernel kernel_hydro, kernel_stokes;

/* All kernels, in the order in which they run and their columns stand; ended by NULL. A
   new one is one new file and one line there. */
extern const struct kernel *const kernel_table[];

/* A kernel and its options. */
struct kernel_task {
    const struct kernel *kernel;
    const void *options;
};

/* Numbers a row holds for n columns. */
size_t kernel_width(const struct column *columns, size_t n);

/* Marks a record as failed with what *err says. */
void kernel_fail(struct kernel_record *record, const struct err *err);

#endif
