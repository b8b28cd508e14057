/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_ENGINE_FRAME_READER_H
#define FRAMEWALK_ENGINE_FRAME_READER_H

#include "mol/select.h"
#include "mol/unwrap.h"
#include "traj/traj.h"
#include "util/err.h"

#include <stddef.h>
#include <stdint.h>

/* Frames as kernels see them: the selected atoms, their molecules made whole if that
   was asked for. One for each process that reads; what it is made of is borrowed. */
struct frame_reader;

/* A selection that is made anew in every frame. */
struct frame_words {
    const struct selector *selector;
    const struct atoms *atoms;         /* of the topology, with bonds indexed */
    const struct index_groups *groups; /* nullable */
    bool whole; /* molecules are made whole, in frames with a box */
};

/* n_atoms numbers in `atom`, ascending; `unwrap` for just these, or NULL. With `words`
   (nullable) they are the atoms that can be selected, and `unwrap` is not looked at:
   what a frame has of them is read by frame_reader_read_present. */
struct frame_reader *frame_reader_create(const struct traj *traj, const uint32_t *atom,
                                         size_t n_atoms, const struct unwrap *unwrap,
                                         const struct frame_words *words,
                                         struct err *err);
void frame_reader_destroy(struct frame_reader *reader); /* NULL allowed */

/* 3 n_atoms coordinates in A; -1 with ERR_INPUT as traj_read. */
int frame_reader_read(struct frame_reader *reader, size_t frame, double *xyz,
                      struct err *err);

/* Where frames lack some of the atoms (traj_frames_vary), or select some of them: those
   *n that are there, and in `present`, of n_atoms, their places in the list of atoms.
   None is ERR_INPUT. */
int frame_reader_read_present(struct frame_reader *reader, size_t frame, double *xyz,
                              uint32_t *present, size_t *n, struct err *err);

#endif
