/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_ENGINE_HYDRO_KERNEL_H
#define FRAMEWALK_ENGINE_HYDRO_KERNEL_H

#include "hydro/body.h"
#include "hydro/control.h"
#include "hydro/properties.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Options of kernel_hydro. */
struct hydro_options {
    uint64_t seed;
    uint64_t walks;             /* exactly, or at most when a precision is asked for */
    uint64_t min_walks;         /* before a precision may end the walks */
    uint64_t interior_samples;  /* likewise; surface samples are as many */
    double max_rsd_capacitance; /* percent, NaN when not asked for */
    double max_rsd_polarizability;
    double max_rsd_volume;
    struct body_options body;
    struct hydro_conditions conditions;
    bool find_groups;           /* look whether the body has fallen apart */
    bool common_random_numbers; /* the same streams for every frame */
    bool no_control_variate;    /* tally the walks as they are */
};

/* Pilot and sources of the walks' control variate on a body of n balls: a fixed formula
   of the walks or the precision asked for. */
struct control_plan hydro_control_plan(const struct hydro_options *options,
                                       size_t n_balls);

/* Work that the threads of a worker share, in blocks that are not divided. */
struct cost_part {
    double seconds;
    uint64_t blocks;
};

/* What one of n_frames (>= 1) frames of n balls, or of balls and boxes, will cost on
   one core, in seconds: decoding aside, before any of it is measured. Layouts are
   chosen by it, results never. */
struct hydro_cost {
    double build_seconds;  /* one thread whatever the team: search structure */
    double serial_seconds; /* likewise: fits */
    double derive_seconds; /* likewise: properties and their errors */
    double first_seconds;  /* a worker's first frame, besides */
    double cells_seconds;  /* of the walks, what each process makes again that helps */
    struct cost_part pilot, walks, samples, stokes;
    double n_walks;      /* expected, for a precision */
    size_t worker_bytes; /* with its first thread */
    size_t frame_bytes;  /* of a worker with a frame of its own, besides */
    size_t thread_bytes; /* each other one */
};

/* Seconds of one walk around a globule of so many balls, whose cells are there. */
double hydro_walk_seconds(double n_balls);

/* `cell_lists` is cell_lists_bytes() of the body, or NaN. */
struct hydro_cost hydro_cost(const struct hydro_options *options, size_t n_balls,
                             bool boxes, uint64_t n_frames, double cell_lists);

#endif
