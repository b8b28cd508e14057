/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_ENGINE_STOKES_KERNEL_H
#define FRAMEWALK_ENGINE_STOKES_KERNEL_H

#include "engine/hydro_kernel.h"
#include "hydro/stokes_derive.h"

/* Options of kernel_stokes. */
struct stokes_options {
    uint64_t seed;
    struct stokes_plan plan; /* sources and points; 0 for a choice by the body */
    uint64_t volume_samples;
    struct body_options body;
    struct hydro_conditions conditions;
    bool with_capacitance; /* kernel_hydro runs before and gives it */
    bool molecules;        /* parts count as such from BODY_GROUP_GAP on, not from the
                              smallest radius */
    bool common_random_numbers; /* the same streams for every frame */
};

/* Samples of the volume, whose noise goes straight into the intrinsic viscosity: 0.15 %
   of a protein's. */
enum { STOKES_VOLUME_SAMPLES = 1 << 16 };

/* What it adds to a frame of n balls; only the fields of seconds and bytes. */
struct hydro_cost stokes_cost(const struct stokes_options *options, size_t n_balls);

#endif
