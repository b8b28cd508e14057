/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_SAVE_H5MD_H
#define FRAMEWALK_SAVE_H5MD_H

/* Between h5md.c (frames) and h5md_layout.c (groups, datasets, attributes). Where
   HAVE_HDF5 is defined only. */

#include "save/format.h"
#include "util/hdf5.h"

enum { H5MD_RANK_MAX = 3 };

/* A dataset that grows along its first dimension. */
struct h5md_series {
    hid_t set, memory_type;
    int rank;
    hsize_t size[H5MD_RANK_MAX]; /* of one frame; size[0] is 1 */
};

enum h5md_which {
    H5MD_STEP,
    H5MD_TIME,
    H5MD_EDGES,
    H5MD_POSITION,
    H5MD_VELOCITY,
    H5MD_FORCE,
    H5MD_N_SERIES,
};

struct h5md_writer {
    struct hdf5 hdf5;
    hid_t file, group; /* group: /particles/trajectory */
    struct h5md_series series[H5MD_N_SERIES];
    bool has_box;
    bool broken;   /* something could not be closed */
    void *numbers; /* a frame's vectors as they are kept; room for doubles */
};

/* Makes everything that stands in the file before the first frame. -1 on failure. */
int h5md_lay_out(struct save *save, bool has_box);

#endif
