/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_BOD_FRAMES_H
#define FRAMEWALK_TRAJ_BOD_FRAMES_H

#include "traj/format.h"

#include <stddef.h>

/* The TRAJECTORY of a bod file: an xyz file, whose labels a second file gives radii.
   Both number and labels of the balls may change from frame to frame. So an atom here
   is a place in the frame together with a label, and a frame has those atoms that it
   shows. */
struct bod_frames;

/* Opens a file that a bod file names, which is looked for beside that and then in the
   working directory. */
int bod_open_beside(struct source *source, const struct source *bod, const char *name,
                    struct err *err);
int bod_open_beside_cut(struct source *source, const struct source *bod,
                        const char *name, struct err *err); /* as source_open_cut */

/* Opens and scans both files. Of one that is damaged behind some frames these are kept.
 */
struct bod_frames *bod_frames_open(const struct source *bod, const char *xyz,
                                   const char *radii, struct err *err);
void bod_frames_close(struct bod_frames *frames);

size_t bod_frames_n_atoms(const struct bod_frames *frames);
size_t bod_frames_n_frames(const struct bod_frames *frames);

/* What is wrong behind the last frame, or NULL. */
const char *bod_frames_damage(const struct bod_frames *frames);

/* Of an atom; the radius in the unit of the file. */
const char *bod_frames_label(const struct bod_frames *frames, size_t atom);
double bod_frames_radius(const struct bod_frames *frames, size_t atom);

/* The picked atoms that the frame has, coordinates multiplied by `scale`; fills
   pick->present and info->n_present. */
int bod_frames_read(const struct bod_frames *frames, size_t frame,
                    struct frame_scratch *scratch, const struct frame_pick *pick,
                    double scale, const struct frame_vectors *out,
                    struct frame_info *info, struct err *err);

#endif
