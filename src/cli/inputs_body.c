/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which atoms, by the words of --select, and what has to be known of the first frame
   for that and for making molecules whole. */
#include "cli/inputs_private.h"

#include "mol/bond_guess.h"
#include "mol/elements.h"
#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char CA5_SELECTION[] = "protein and name CA";

static const char *words_of(const struct inputs *in, const struct input_options *o,
                            const struct inputs_want *want)
{
    if (o->select)
        return o->select;
    if (want->all || !in->has_names)
        return "all";
    if (strcmp(in->radii_set, "ca5") == 0)
        return CA5_SELECTION;
    return select_default_words(&in->topology.atoms);
}

static struct select_scene scene_of(const struct inputs *in,
                                    const struct first_frame *first)
{
    return (struct select_scene){
        .atoms = &in->topology.atoms,
        .xyz = first ? first->xyz : NULL,
        .groups = in->groups.n ? &in->groups : NULL,
    };
}

int body_prepare_words(struct inputs *in, const struct input_options *o,
                       const struct inputs_want *want, struct err *err)
{
    const struct atoms *atoms = &in->topology.atoms;
    in->radii_set = o->radii ? o->radii : atoms->bare_balls ? "file" : "bondi";
    in->selection_words = words_of(in, o, want);
    if (o->index && index_groups_read(&in->groups, o->index, atoms->n, err) < 0)
        return -1;
    const struct select_scene scene = scene_of(in, NULL);
    in->selector = selector_create(&scene, in->selection_words, err);
    if (!in->selector)
        return -1;
    in->updating = o->updating && selector_needs_coordinates(in->selector);
    if (selector_needs_coordinates(in->selector) || selector_needs_bonds(in->selector))
        return 0;
    in->selected = true;
    return selector_evaluate(in->selector, &scene, &in->selection, err);
}

/* The first frame with positions, the same whichever frames are asked for: what a frame
   gives must not depend on the others that are computed. */
static size_t first_frame_number(const struct traj *traj)
{
    size_t frame = 0;
    while (frame + 1 < traj_n_frames(traj) && !traj_frame_has_positions(traj, frame))
        frame++;
    return frame;
}

static int read_first(const struct inputs *in, struct first_frame *first,
                      struct err *err)
{
    size_t n = in->topology.atoms.n;
    struct traj_reader *reader = traj_reader_create(in->traj, err);
    first->xyz =
        reader ? alloc_zeroed(n, 3 * sizeof *first->xyz, "a frame", err) : NULL;
    int status = first->xyz ? traj_read(reader, first_frame_number(in->traj), NULL, n,
                                        first->xyz, &first->info, err)
                            : -1;
    traj_reader_destroy(reader);
    if (status < 0) {
        free(first->xyz);
        first->xyz = NULL;
    }
    return status;
}

static int select_atoms_now(struct inputs *in, const struct first_frame *first,
                            struct err *err)
{
    const struct select_scene scene = scene_of(in, first);
    in->selected = true;
    if (!in->updating)
        return selector_evaluate(in->selector, &scene, &in->selection, err);
    struct selection selection;
    if (selector_evaluate(in->selector, &scene, &selection, err) < 0)
        return -1;
    in->n_first = selection.n;
    selection_fini(&selection);
    return selector_possible(in->selector, &scene, &in->selection, err);
}

/* What each frame selects with. */
static void plan_words(struct inputs *in, const struct inputs_want *want,
                       const struct first_frame *first)
{
    struct atoms *atoms = &in->topology.atoms;
    in->frame_words = (struct frame_words){
        .selector = in->selector,
        .atoms = atoms,
        .groups = in->groups.n ? &in->groups : NULL,
        .whole =
            want->whole && atoms->bonds.n > 0 && (!first->xyz || first->info.has_box),
    };
}

/* A plan for the selected atoms, if the first frame has a box and bonds are known. A
   first frame that cannot be read fails when it is computed, not here. */
static int plan_whole(struct inputs *in, const struct first_frame *first,
                      struct err *err)
{
    const struct atoms *atoms = &in->topology.atoms;
    if ((first->xyz && !first->info.has_box) || atoms->bonds.n == 0)
        return 0;
    in->unwrap = unwrap_create(&atoms->bonds, atoms->n, in->selection.index,
                               in->selection.n, err);
    if (in->unwrap && in->unwrap->n_links == 0) {
        unwrap_destroy(in->unwrap);
        in->unwrap = NULL;
        return 0;
    }
    return in->unwrap ? 0 : -1;
}

double inputs_mass(const struct inputs *in, size_t i)
{
    const struct atom *atom = &in->topology.atoms.at[in->selection.index[i]];
    return isnan(atom->mass) ? element_mass(atom->element) : atom->mass;
}

int body_look(struct inputs *in, const struct inputs_want *want, struct err *err)
{
    struct first_frame first = {.xyz = NULL};
    struct err reading = {0};
    struct atoms *atoms = &in->topology.atoms;
    bool whole = want->whole && !atoms->bare_balls && in->traj;
    int status = 0;
    if (in->selected && !whole)
        return 0;
    if (in->updating && in->traj && traj_frames_vary(in->traj))
        return err_set(err, ERR_USAGE,
                       "--updating: frames of %s have atoms of their own already",
                       in->first_trajectory);
    bool unread = in->traj && read_first(in, &first, &reading) < 0;
    if (unread && !in->selected)
        status = err_set(err, reading.code, "%s", reading.text);
    if (status == 0)
        status = bonds_guess(atoms, first.xyz,
                             first.info.has_box ? first.info.box : NULL, err);
    if (status == 0 && !in->selected)
        status = select_atoms_now(in, &first, err);
    if (status == 0 && in->updating)
        plan_words(in, want, &first);
    else if (status == 0 && whole)
        status = plan_whole(in, &first, err);
    free(first.xyz);
    return status;
}
