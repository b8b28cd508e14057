/* SPDX-License-Identifier: GPL-3.0-or-later */
/* More small trajectory files, as traj-write.h makes them: formats with velocities and
   forces. */
#ifndef FRAMEWALK_T_TRAJ_ENCODE_H
#define FRAMEWALK_T_TRAJ_ENCODE_H

#include "traj-write.h"

/* Velocity (A/ps) and force (kJ/(mol A)) in the files written here. */
static inline double written_velocity(size_t frame, size_t atom, size_t axis)
{
    return 0.5 * written_coordinate(frame, atom, axis) + 1;
}

static inline double written_force(size_t frame, size_t atom, size_t axis)
{
    return 2 - 4 * written_coordinate(frame, atom, axis);
}

static inline void blob_real(struct blob *blob, double value, bool wide, bool big)
{
    if (wide)
        blob_f64(blob, value, big);
    else
        blob_f32(blob, value, big);
}

/* x, y, z of all atoms, multiplied. */
static inline void blob_vectors(struct blob *blob, size_t n_atoms, size_t frame,
                                double (*value)(size_t, size_t, size_t), double scale,
                                bool wide, bool big)
{
    for (size_t atom = 0; atom < n_atoms; atom++)
        for (size_t axis = 0; axis < 3; axis++)
            blob_real(blob, value(frame, atom, axis) * scale, wide, big);
}

/* What a TRR frame holds. */
struct trr_kind {
    bool wide, box, pressure, x, v, f;
};

/* Step 10 times the frame; box edges 3, 4, 5 nm. */
static inline void blob_trr_frame(struct blob *blob, const struct trr_kind *kind,
                                  size_t n_atoms, size_t frame, double time_ps)
{
    size_t real = kind->wide ? 8 : 4, vectors = 3 * n_atoms * real;
    const size_t sizes[10] = {
        [2] = kind->box ? 9 * real : 0,      [3] = kind->pressure ? 9 * real : 0,
        [4] = kind->pressure ? 9 * real : 0, [7] = kind->x ? vectors : 0,
        [8] = kind->v ? vectors : 0,         [9] = kind->f ? vectors : 0,
    };
    blob_int(blob, 1993, 4, true);
    blob_int(blob, 13, 4, true);
    blob_int(blob, 12, 4, true);
    blob_put(blob, "GMX_trn_file", 12);
    for (int i = 0; i < 10; i++)
        blob_int(blob, sizes[i], 4, true);
    blob_int(blob, n_atoms, 4, true);
    blob_int(blob, 10 * frame, 4, true);
    blob_int(blob, 0, 4, true);
    blob_real(blob, time_ps, kind->wide, true);
    blob_real(blob, 0, kind->wide, true);
    for (int i = 0; kind->box && i < 9; i++)
        blob_real(blob, i % 4 ? 0.0 : 3.0 + i / 4, kind->wide, true);
    for (int i = 0; kind->pressure && i < 18; i++)
        blob_real(blob, i, kind->wide, true);
    if (kind->x)
        blob_vectors(blob, n_atoms, frame, written_coordinate, 0.1, kind->wide, true);
    if (kind->v)
        blob_vectors(blob, n_atoms, frame, written_velocity, 0.1, kind->wide, true);
    if (kind->f)
        blob_vectors(blob, n_atoms, frame, written_force, 10, kind->wide, true);
}

#endif
