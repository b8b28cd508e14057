/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/frame_reader.h"

#include "util/alloc.h"

#include <stdlib.h>

struct frame_reader {
    struct traj_reader *reader;
    const uint32_t *atom;
    size_t n_atoms;
    const struct unwrap *unwrap;
    double *whole; /* coordinates of all atoms that unwrapping reads */
};

struct frame_reader *frame_reader_create(const struct traj *traj, const uint32_t *atom,
                                         size_t n_atoms, const struct unwrap *unwrap,
                                         struct err *err)
{
    struct frame_reader *reader = alloc_zeroed(1, sizeof *reader, "a reader", err);
    if (!reader)
        return NULL;
    reader->atom = atom;
    reader->n_atoms = n_atoms;
    reader->unwrap = unwrap;
    reader->reader = traj_reader_create(traj, err);
    if (reader->reader && unwrap)
        reader->whole =
            alloc_zeroed(unwrap->n_read, 3 * sizeof(double), "a frame", err);
    if (reader->reader && (reader->whole || !unwrap))
        return reader;
    frame_reader_destroy(reader);
    return NULL;
}

void frame_reader_destroy(struct frame_reader *reader)
{
    if (!reader)
        return;
    traj_reader_destroy(reader->reader);
    free(reader->whole);
    free(reader);
}

int frame_reader_read(struct frame_reader *reader, size_t frame, double *xyz,
                      struct err *err)
{
    const struct unwrap *unwrap = reader->unwrap;
    struct frame_info info;
    struct lattice lattice;
    if (!unwrap)
        return traj_read(reader->reader, frame, reader->atom, reader->n_atoms, xyz,
                         &info, err);
    if (traj_read(reader->reader, frame, unwrap->read, unwrap->n_read, reader->whole,
                  &info, err) < 0)
        return -1;
    if (info.has_box && lattice_init(&lattice, info.box))
        unwrap_apply(unwrap, &lattice, reader->whole);
    unwrap_gather(unwrap, reader->whole, xyz);
    return 0;
}
