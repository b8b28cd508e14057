/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"
#include "cli/info.h"
#include "cli/input_options.h"
#include "cli/inputs.h"
#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct info_options {
    struct input_options input;
    bool json, help;
};

enum { PARTS = 4 };

#define AT(field) offsetof(struct info_options, field)

static const struct option_spec own_table[] = {
    {0, "json", NULL, OPTION_FLAG, AT(json), 0, 0, 0, 0, "Output",
     "one JSON object, with the numbers of the selected atoms"},
    {'h', "help", NULL, OPTION_HELP, AT(help), 0, 0, 0, 0, 0, "this text"},
    {0, NULL, NULL, OPTION_FLAG, 0, 0, 0, 0, 0, 0, NULL},
};

static void list_parts(struct info_options *options, struct option_part parts[PARTS])
{
    const struct option_part all[PARTS] = {
        {input_files_table, &options->input},
        {input_body_table, &options->input},
        {own_table, options},
        {NULL, NULL},
    };
    memcpy(parts, all, sizeof all);
}

static void print_help(const struct option_part *parts)
{
    printf("Usage: framewalk info [TOPOLOGY] [TRAJECTORY...] [OPTION...]\n"
           "       framewalk info [-s TOPOLOGY] [-f TRAJECTORY] [OPTION...]\n"
           "What files hold: format, atoms, frames, times, box; with names of atoms "
           "also elements,\nwhat a selection selects, and the radii that a run would "
           "take.\nDefaults are in parentheses.\n");
    options_help(parts, stdout);
    printf(
        "\nExamples:\n"
        "  framewalk info traj.xtc\n"
        "  framewalk info -s conf.gro -f traj.xtc --select 'protein and not name H*'\n"
        "\nExit status: 0 done, 2 usage, 3 invalid input; a trajectory that is cut "
        "short is reported\nup to there, with status 3 (0 with --allow-truncated).\n");
}

static void count_elements(struct info *info)
{
    const struct atoms *atoms = &info->inputs->topology.atoms;
    for (size_t i = 0; i < atoms->n; i++)
        info->element[atoms->at[i].element <= ELEMENT_MAX ? atoms->at[i].element : 0]++;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Distinct chains, or segments where the file names no chains; 0 for neither. */
static int count_chains(struct info *info, struct err *err)
{
    const struct atoms *atoms = &info->inputs->topology.atoms;
    const char **name = alloc_zeroed(atoms->n, sizeof *name, "names of chains", err);
    size_t n = 0;
    if (!name)
        return -1;
    for (int segments = 0; segments < 2 && n == 0; segments++)
        for (size_t i = 0; i < atoms->n; i++) {
            const char *text = segments ? atoms->at[i].segid : atoms->at[i].chain;
            if (*text && (n == 0 || strcmp(name[n - 1], text) != 0))
                name[n++] = text;
        }
    qsort(name, n, sizeof *name, compare_texts);
    for (size_t i = 0; i < n; i++)
        info->n_chains += i == 0 || strcmp(name[i], name[i - 1]) != 0;
    free(name);
    return 0;
}

static void count_residues(struct info *info)
{
    const struct inputs *in = info->inputs;
    const struct atoms *atoms = &in->topology.atoms;
    if (atoms->bare_balls)
        return;
    info->n_residues = atoms->n_residues;
    for (size_t i = 0; i < in->selection.n; i++)
        info->n_selected_residues +=
            i == 0 || atoms->at[in->selection.index[i]].residue !=
                          atoms->at[in->selection.index[i - 1]].residue;
}

/* Whether the first frame can be decoded, and is made of numbers. -1 for want of
   memory; what is wrong with the frame is damage. */
static int judge_coordinates(struct info *info, struct traj_reader *reader,
                             struct err *err)
{
    const struct traj *traj = info->inputs->traj;
    struct frame_info ignored;
    size_t n = traj_n_atoms(traj);
    double *xyz = alloc_zeroed(n, 3 * sizeof *xyz, "a frame", err);
    if (!xyz)
        return -1;
    if (traj_read(reader, 0, NULL, n, xyz, &ignored, &info->first_damage) == 0)
        traj_check_finite(traj, 0, NULL, n, xyz, &info->first_damage);
    free(xyz);
    if (!info->damage && info->first_damage.code != ERR_NONE)
        info->damage = info->first_damage.text;
    return 0;
}

static int look_at_first_frame(struct info *info, struct err *err)
{
    const struct inputs *in = info->inputs;
    struct traj_reader *reader = traj_reader_create(in->traj, err);
    const struct frame_vectors nothing = {NULL, NULL, NULL};
    int status =
        reader ? traj_read_vectors(reader, 0, NULL, 0, &nothing, &info->first, err)
               : -1;
    if (status == 0 && info->first.has_positions && !traj_frames_vary(in->traj))
        status = judge_coordinates(info, reader, err);
    traj_reader_destroy(reader);
    return status;
}

/* Radii of the selected atoms; without them *problem says why. */
static void find_radii(struct inputs *in, const struct input_options *o,
                       struct err *problem)
{
    if (in->selection.n)
        in->radius = radii_assign(&in->topology.atoms, &in->selection, in->radii_set,
                                  o->radii_scale, o->shell, problem);
}

/* All frames of a stream, which are only counted. */
static int hear_out(const struct inputs *in, struct err *err)
{
    struct err why = {0};
    int more;
    do
        more = traj_advance(in->traj, &why);
    while (more > 0);
    if (more == 0)
        return 0;
    struct traj_seen seen = traj_seen(in->traj);
    if (why.code != ERR_INPUT)
        return err_set(err, why.code, "%s", why.text);
    return traj_adopt(in->traj, &seen, why.text, err);
}

static int collect(struct info *info, struct err *err)
{
    const struct inputs *in = info->inputs;
    if (in->stream && (look_at_first_frame(info, err) < 0 || hear_out(in, err) < 0))
        return -1;
    for (size_t k = 0; in->traj && k < traj_n_files(in->traj) && !info->damage; k++)
        info->damage = traj_damage(in->traj, k);
    if (in->traj && !in->stream && look_at_first_frame(info, err) < 0)
        return -1;
    if (!in->has_names)
        return 0;
    count_elements(info);
    count_residues(info);
    return count_chains(info, err);
}

static int report(const struct info_options *o, struct inputs *in, struct err *err)
{
    struct err problem = {0};
    struct info info = {.inputs = in};
    if (in->has_names)
        find_radii(in, &o->input, &problem);
    if (problem.code == ERR_USAGE)
        return err_set(err, ERR_USAGE, "%s", problem.text);
    if (problem.code)
        info.radii_problem = problem.text;
    if (collect(&info, err) < 0)
        return -1;
    if (!o->json)
        info_print(&info, stdout);
    else if (info_print_json(&info, stdout, err) < 0)
        return -1;
    if (fflush(stdout) != 0)
        return err_set(err, ERR_RUNTIME, "cannot write to standard output");
    if (!info.damage)
        return 0;
    if (!o->input.allow_truncated)
        return err_set(err, ERR_INPUT, "%s", info.damage);
    inputs_warn(in, stderr);
    if (info.damage == info.first_damage.text)
        fprintf(stderr, "framewalk: warning: %s\n", info.damage);
    return 0;
}

static int run(struct info_options *o, struct inputs *in, int argc, char **argv,
               struct err *err)
{
    static const struct inputs_want want = {
        .command = "info", .nameless = true, .frameless = true};
    struct option_part parts[PARTS];
    list_parts(o, parts);
    if (options_parse(parts, argc, argv, &o->input.positional, err) < 0)
        return -1;
    if (o->help) {
        print_help(parts);
        return fflush(stdout) == 0 ? 0 : err_set(err, ERR_RUNTIME, "cannot write");
    }
    /* The good frames of a damaged file are to be counted in any case. */
    struct input_options options = o->input;
    options.allow_truncated = true;
    return inputs_open(in, &options, &want, err) < 0 ? -1 : report(o, in, err);
}

int command_info(int argc, char **argv)
{
    struct info_options options = {.input = INPUT_OPTIONS_DEFAULT};
    struct inputs inputs = {0};
    struct option_part parts[PARTS];
    struct err err = {0};
    int status = run(&options, &inputs, argc, argv, &err);
    if (status < 0)
        fprintf(stderr, "framewalk: %s\n", err.text);
    inputs_close(&inputs);
    list_parts(&options, parts);
    options_free(parts, &options.input.positional);
    return status < 0 ? (int)err.code : 0;
}
