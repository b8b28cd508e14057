/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "engine/frame_reader.h"

#include "util/alloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct frame_reader {
    const struct traj *traj;
    struct traj_reader *reader;
    const uint32_t *atom;
    size_t n_atoms;
    const struct unwrap *unwrap;
    const struct frame_words *words;
    double *all;   /* coordinates of all atoms, which the words may ask for */
    double *whole; /* coordinates of all atoms that unwrapping reads */
};

static int make_room(struct frame_reader *reader, struct err *err)
{
    size_t n_all = reader->words ? reader->words->atoms->n : 0;
    size_t n_whole = reader->unwrap                          ? reader->unwrap->n_read
                     : reader->words && reader->words->whole ? n_all
                                                             : 0;
    if (n_all) {
        reader->all = alloc_zeroed(n_all, 3 * sizeof(double), "a frame", err);
        if (!reader->all)
            return -1;
    }
    if (n_whole)
        reader->whole = alloc_zeroed(n_whole, 3 * sizeof(double), "a frame", err);
    return n_whole && !reader->whole ? -1 : 0;
}

struct frame_reader *frame_reader_create(const struct traj *traj, const uint32_t *atom,
                                         size_t n_atoms, const struct unwrap *unwrap,
                                         const struct frame_words *words,
                                         struct err *err)
{
    struct frame_reader *reader = alloc_zeroed(1, sizeof *reader, "a reader", err);
    if (!reader)
        return NULL;
    reader->traj = traj;
    reader->atom = atom;
    reader->n_atoms = n_atoms;
    reader->unwrap = words ? NULL : unwrap;
    reader->words = words;
    reader->reader = traj_reader_create(traj, err);
    if (reader->reader && make_room(reader, err) == 0)
        return reader;
    frame_reader_destroy(reader);
    return NULL;
}

void frame_reader_destroy(struct frame_reader *reader)
{
    if (!reader)
        return;
    traj_reader_destroy(reader->reader);
    free(reader->all);
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

static void pick(const double *from, const uint32_t *atom, size_t n, double *to)
{
    for (size_t i = 0; i < n; i++)
        memcpy(to + 3 * i, from + 3 * (size_t)atom[i], 3 * sizeof *to);
}

/* The selected atoms' places out of those of all, with their molecules whole. */
static int gather_whole(struct frame_reader *reader, const struct selection *selection,
                        const struct lattice *lattice, double *xyz, struct err *err)
{
    const struct atoms *atoms = reader->words->atoms;
    struct unwrap *unwrap =
        unwrap_create(&atoms->bonds, atoms->n, selection->index, selection->n, err);
    if (!unwrap)
        return -1;
    pick(reader->all, unwrap->read, unwrap->n_read, reader->whole);
    unwrap_apply(unwrap, lattice, reader->whole);
    unwrap_gather(unwrap, reader->whole, xyz);
    unwrap_destroy(unwrap);
    return 0;
}

/* Where the selected atoms stand in the reader's list, which has them all. */
static void find_places(const struct frame_reader *reader,
                        const struct selection *selection, uint32_t *place)
{
    for (size_t i = 0, k = 0; i < selection->n; i++) {
        while (k < reader->n_atoms && reader->atom[k] < selection->index[i])
            k++;
        assert(k < reader->n_atoms && reader->atom[k] == selection->index[i]);
        place[i] = (uint32_t)k;
    }
}

/* Selects among the places of a frame as they lie in the file. */
static int read_selected(struct frame_reader *reader, size_t frame, double *xyz,
                         uint32_t *present, size_t *n, struct err *err)
{
    const struct frame_words *words = reader->words;
    struct frame_info info;
    struct lattice lattice;
    struct selection selection;
    if (traj_read(reader->reader, frame, NULL, words->atoms->n, reader->all, &info,
                  err) < 0)
        return -1;
    const struct select_scene scene = {
        .atoms = words->atoms, .xyz = reader->all, .groups = words->groups};
    if (selector_evaluate(words->selector, &scene, &selection, err) < 0)
        return -1;
    int status = 0;
    find_places(reader, &selection, present);
    if (words->whole && info.has_box && lattice_init(&lattice, info.box))
        status = gather_whole(reader, &selection, &lattice, xyz, err);
    else
        pick(reader->all, selection.index, selection.n, xyz);
    *n = selection.n;
    selection_fini(&selection);
    return status;
}

static int read_there(struct frame_reader *reader, size_t frame, double *xyz,
                      uint32_t *present, size_t *n, struct err *err)
{
    struct frame_info info;
    if (traj_read_present(reader->reader, frame, reader->atom, reader->n_atoms, xyz,
                          present, &info, err) < 0)
        return -1;
    *n = info.n_present;
    return 0;
}

int frame_reader_read_present(struct frame_reader *reader, size_t frame, double *xyz,
                              uint32_t *present, size_t *n, struct err *err)
{
    int status = reader->words ? read_selected(reader, frame, xyz, present, n, err)
                               : read_there(reader, frame, xyz, present, n, err);
    if (status < 0 || *n > 0)
        return status;
    return err_set(err, ERR_INPUT, "%s: frame %zu has none of the selected atoms",
                   traj_frame_path(reader->traj, frame), frame);
}
