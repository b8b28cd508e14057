/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/inputs_private.h"

#include "cli/signals.h"
#include "out/number.h"
#include "util/alloc.h"
#include "util/clock.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Atoms are wanted before the first frame, and what a stream has said is gone. "-" is
   no file name; a file of that name is "./-". */
static int refuse_streams(struct inputs *in, const char *const *paths,
                          const struct inputs_want *want, struct err *err)
{
    const char *path = in->topology_path;
    bool own = strcmp(path, paths[0]) == 0;
    in->stream = in->n_trajectories == 1 && traj_path_is_stream(paths[0]);
    if (!traj_path_is_stream(path) || (own && want->nameless))
        return 0;
    return err_set(err, ERR_USAGE,
                   "%s: the atoms cannot come from %s: name a file with -s", path,
                   strcmp(path, "-") == 0 ? "standard input" : "a stream of frames");
}

/* Which argument is what: -s or the first positional names the topology, -f and the
   other positionals the trajectories; a run without trajectories takes the frames of
   its topology, one without a topology takes the atoms of its first trajectory. */
static int sort_paths(struct inputs *in, const struct input_options *o,
                      const struct inputs_want *want, const char ***paths,
                      struct err *err)
{
    size_t given = o->positional.n, taken = 0;
    in->topology_path = o->topology;
    if (!in->topology_path && given)
        in->topology_path = o->positional.at[taken++];
    if (!in->topology_path && o->trajectory.n)
        in->topology_path = o->trajectory.at[0];
    if (!in->topology_path)
        return err_set(err, ERR_USAGE,
                       "no input: framewalk %s TOPOLOGY [TRAJECTORY...], or -s and -f",
                       want->command);
    size_t n = o->trajectory.n + given - taken;
    const char **list = alloc_zeroed(n + 1, sizeof *list, "file names", err);
    if (!list)
        return -1;
    for (size_t i = 0; i < o->trajectory.n; i++)
        list[i] = o->trajectory.at[i];
    for (size_t i = taken; i < given; i++)
        list[o->trajectory.n + i - taken] = o->positional.at[i];
    if (n == 0)
        list[n++] = in->topology_path;
    in->n_trajectories = n;
    in->first_trajectory = list[0];
    *paths = list;
    return refuse_streams(in, list, want, err);
}

/* Half the edges of the selected boxes, where there are any. */
static int assign_boxes(struct inputs *in, const struct input_options *o,
                        struct err *err)
{
    const struct selection *selection = &in->selection;
    const struct atom_box *box = in->topology.atoms.box;
    size_t first = 0;
    while (box && first < selection->n && !(box[selection->index[first]].half[0] > 0))
        first++;
    if (!box || first == selection->n)
        return 0;
    if (o->radii_scale != 1 || o->shell != 0)
        return err_set(err, ERR_USAGE,
                       "--radii-scale and --shell are for balls, and atom %zu of %s is "
                       "a box",
                       (size_t)selection->index[first] + 1, in->topology_path);
    in->half = alloc_zeroed(selection->n, 3 * sizeof *in->half, "boxes", err);
    if (!in->half)
        return -1;
    for (size_t i = first; i < selection->n; i++)
        memcpy(in->half + 3 * i, box[selection->index[i]].half, 3 * sizeof *in->half);
    return 0;
}

static int assign_radii(struct inputs *in, const struct input_options *o,
                        struct err *err)
{
    if (in->selection.n == 0)
        return err_set(err, ERR_INPUT, "%s: '%s' selects none of its %zu atoms",
                       in->topology_path, in->selection_words, in->topology.atoms.n);
    in->radius = radii_assign(&in->topology.atoms, &in->selection, in->radii_set,
                              o->radii_scale, o->shell, err);
    if (!in->radius)
        return err_prefix(err, "%s", in->topology_path);
    if (assign_boxes(in, o, err) < 0 ||
        radii_masses(&in->topology.atoms, &in->selection, in->radii_set, err) < 0)
        return -1;
    if (!in->updating)
        return 0;
    in->mass = alloc_zeroed(in->selection.n, sizeof *in->mass, "masses", err);
    for (size_t i = 0; in->mass && i < in->selection.n; i++)
        in->mass[i] = inputs_mass(in, i);
    return in->mass ? 0 : -1;
}

/* The lengths of a body of balls are given by an option only for formats without a
   unit; index 0 of the option is "auto". */
static const enum length_unit *length_unit_of(const struct input_options *o)
{
    static const enum length_unit units[] = {LENGTH_ANGSTROM, LENGTH_ANGSTROM,
                                             LENGTH_NM,       LENGTH_CM,
                                             LENGTH_M,        LENGTH_ABSTRACT};
    return o->length_unit ? &units[o->length_unit] : NULL;
}

static int open_trajectory(struct inputs *in, const struct input_options *o,
                           const char **paths, struct err *err)
{
    const struct traj_options options = {
        .format = o->format,
        .unit = length_unit_of(o),
        .allow_truncated = o->allow_truncated,
        .stop = &signals_stop,
    };
    in->choice = (struct frame_choice){o->frames, o->begin_ps, o->end_ps, o->dt_ps};
    /* Before the wait for a first frame. */
    struct frame_filter filter;
    if (in->stream && frame_filter_init(&filter, &in->choice, err) < 0)
        return -1;
    in->traj = traj_open(paths, in->n_trajectories, &options, err);
    if (!in->traj)
        return -1;
    if (in->stream)
        return 0;
    in->frame = traj_choose_frames(in->traj, &in->choice, &in->n_frames, err);
    return in->frame ? 0 : -1;
}

/* As many atoms as the frames have, which nothing is known of. */
static int blank_atoms(struct inputs *in, struct err *err)
{
    for (size_t i = 0; i < traj_n_atoms(in->traj); i++)
        if (!atoms_append(&in->topology.atoms, err))
            return -1;
    atoms_number_residues(&in->topology.atoms);
    return 0;
}

static int check_n_atoms(const struct inputs *in, struct err *err)
{
    size_t n = traj_n_atoms(in->traj), named = in->topology.atoms.n;
    bool own = in->first_trajectory == in->topology_path && in->n_trajectories == 1;
    if (n == named)
        return 0;
    return err_set(err, ERR_INPUT, "%s has %zu atoms, but %s has %zu%s",
                   in->first_trajectory, n, in->topology_path, named,
                   own ? "" : ": they must describe the same system");
}

static int read_topology(struct inputs *in, const struct input_options *o,
                         const struct inputs_want *want, struct err *err)
{
    bool shared = in->topology_path == in->first_trajectory;
    /* --format speaks of the trajectories; it is the topology's too where they are one.
     */
    const char *format = shared ? o->format : NULL;
    in->has_names = !(shared && in->stream);
    if (want->nameless && in->has_names && shared &&
        topology_names_atoms(in->topology_path, format, &in->has_names, err) < 0)
        return -1;
    if (!in->has_names)
        return 0;
    /* Where the file is the trajectory, that says what is wrong with it. */
    return (shared || o->allow_truncated ? topology_read_cut : topology_read)(
        &in->topology, in->topology_path, format, length_unit_of(o), err);
}

/* What is wrong with selection or radii may be that the atoms are those of another
   system than the frames, which is told first then. A stream may be long in coming, and
   nobody waits for it. Returns -1. */
static int blame_topology(struct inputs *in, const struct input_options *o,
                          const char **paths, struct err *err)
{
    struct err ignored = {0};
    if (!err || err->code != ERR_INPUT || in->stream || paths[0] == in->topology_path)
        return -1;
    open_trajectory(in, o, paths, &ignored);
    if (in->traj)
        check_n_atoms(in, err);
    return -1;
}

/* The selection is judged before the trajectory is opened, which may take a while, and
   made then where names are enough. */
static int open_all(struct inputs *in, const struct input_options *o,
                    const struct inputs_want *want, const char **paths, struct err *err)
{
    if (read_topology(in, o, want, err) < 0)
        return -1;
    if ((in->has_names && body_prepare_words(in, o, want, err) < 0) ||
        (want->radii && in->selected && assign_radii(in, o, err) < 0))
        return blame_topology(in, o, paths, err);
    bool own = paths[0] == in->topology_path;
    if (want->frameless && own && in->has_names && !topology_has_frames(&in->topology))
        return body_look(in, want, err);
    double begun = clock_seconds();
    if (open_trajectory(in, o, paths, err) < 0)
        return -1;
    in->index_seconds = clock_seconds() - begun;
    if (!in->has_names &&
        (blank_atoms(in, err) < 0 || body_prepare_words(in, o, want, err) < 0))
        return -1;
    if (check_n_atoms(in, err) < 0 || body_look(in, want, err) < 0)
        return -1;
    return want->radii && !in->radius ? assign_radii(in, o, err) : 0;
}

int inputs_open(struct inputs *in, const struct input_options *o,
                const struct inputs_want *want, struct err *err)
{
    *in = (struct inputs){0};
    const char **paths = NULL;
    double begun = clock_seconds();
    int status = sort_paths(in, o, want, &paths, err);
    if (status == 0)
        status = open_all(in, o, want, paths, err);
    free(paths);
    in->topology_seconds = clock_seconds() - begun - in->index_seconds;
    if (status < 0)
        inputs_close(in);
    return status;
}

void inputs_close(struct inputs *in)
{
    free(in->frame);
    traj_close(in->traj);
    free(in->radius);
    free(in->mass);
    free(in->half);
    unwrap_destroy(in->unwrap);
    selection_fini(&in->selection);
    selector_destroy(in->selector);
    index_groups_fini(&in->groups);
    topology_fini(&in->topology);
    *in = (struct inputs){0};
}

void inputs_warn(const struct inputs *in, FILE *stream)
{
    for (size_t k = 0; k < traj_n_files(in->traj); k++)
        if (traj_damage(in->traj, k)) {
            size_t n = traj_file_n_frames(in->traj, k);
            fprintf(stream,
                    "framewalk: warning: %zu frame%s kept of a damaged file: %s\n", n,
                    number_plural(n), traj_damage(in->traj, k));
        }
    size_t n = traj_n_without_positions(in->traj);
    if (n)
        fprintf(stream, "framewalk: warning: %zu frame%s without positions left out\n",
                n, number_plural(n));
}
