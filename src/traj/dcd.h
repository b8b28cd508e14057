/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_DCD_H
#define FRAMEWALK_TRAJ_DCD_H

#include "traj/format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Between dcd.c (header and index) and dcd_frame.c (one frame). DCD files are Fortran's
   unformatted records: each between two equal markers that hold its length. */

struct dcd_layout {
    bool big_endian;
    size_t marker_bytes; /* 4 or 8 */
    bool has_cell, has_fourth_dimension;
    size_t n_atoms;
    size_t n_free; /* atoms in every frame but the first; n_atoms when none is fixed */
};

struct dcd_state {
    struct dcd_layout layout;
    bool charmm;           /* else X-PLOR */
    uint64_t first_offset; /* of the first frame */
    int32_t first_step, steps_between;
    double step_akma;
    /* Where atoms are fixed: the place of each atom in later frames, -1 for a fixed
       one, and the first frame's coordinates, which such an atom keeps. */
    int32_t *slot;
    float *fixed_xyz;
};

/* The record marker at `bytes`. */
uint64_t dcd_marker(const struct dcd_layout *layout, const unsigned char *bytes);

/* Decodes a frame; see struct format. */
int dcd_read(const struct traj_file *file, size_t frame, struct frame_scratch *scratch,
             const struct frame_pick *pick, const struct frame_vectors *out,
             struct frame_info *info, struct err *err);

/* Fills fixed_xyz from the first frame, which must be in the index. */
int dcd_keep_fixed(struct traj_file *file, struct err *err);

#endif
