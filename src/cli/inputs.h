/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_CLI_INPUTS_H
#define FRAMEWALK_CLI_INPUTS_H

#include "cli/input_options.h"
#include "engine/frame_reader.h"
#include "mol/index_groups.h"
#include "mol/radii.h"
#include "mol/select.h"
#include "mol/unwrap.h"
#include "traj/topology.h"
#include "traj/traj.h"

#include <stddef.h>
#include <stdio.h>

/* What a command reads: atoms, which of them, their radii, and frames. */
struct inputs {
    const char *topology_path; /* where the atoms come from */
    bool has_names;            /* else the file names none, and the atoms are blank */
    struct topology topology;
    struct index_groups groups; /* of --index */
    struct selector *selector;
    bool selected; /* the selection has been made */
    struct selection selection;
    const char *selection_words; /* the user's or the default's */
    /* Every frame selects for itself (--updating, with words that ask for places): then
       `selection` is what can be selected, of which the first frame has n_first. */
    bool updating;
    size_t n_first;
    struct frame_words frame_words;
    const char *radii_set;
    double *radius; /* of the selected atoms; NULL where they are not wanted */
    double *mass;   /* likewise, Da, where frames select for themselves */
    double *half;   /* three for each: half the edges of boxes; NULL without boxes */
    /* How molecules of the selected atoms are made whole; NULL where that was not
       wanted, or there are no bonds or no box. */
    struct unwrap *unwrap;
    struct traj *traj; /* NULL where there are no frames, if that will do */
    const char *first_trajectory;
    size_t n_trajectories;
    size_t *frame;
    size_t n_frames;
    /* Of a stream, frames are chosen as they come: frame is NULL, n_frames 0. */
    bool stream;
    struct frame_choice choice; /* borrowed from the options */
    /* What opening took: atoms, selection and radii; finding the frames. */
    double topology_seconds, index_seconds;
};

/* What a command needs of it. */
struct inputs_want {
    const char *command;
    bool nameless;  /* a trajectory without topology will do */
    bool frameless; /* so will a topology without frames; then there is no traj */
    bool all;       /* without --select all atoms, not the body of a run */
    bool radii;
    bool whole; /* molecules are to be made whole, where there are bonds and a box */
};

/* Opens, selects, assigns; everything that can be wrong with the input is found here,
   before the first walk, except bad coordinates. -1 with nothing left to free. */
int inputs_open(struct inputs *inputs, const struct input_options *options,
                const struct inputs_want *want, struct err *err);
void inputs_close(struct inputs *inputs);

/* Mass in Da of selected atom number i: its own, or its element's; NaN for neither. */
double inputs_mass(const struct inputs *inputs, size_t i);

/* Warnings about the trajectory, one line each: what was left out of it. */
void inputs_warn(const struct inputs *inputs, FILE *stream);

#endif
