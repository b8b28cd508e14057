/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/info.h"

#include "cli/coverage.h"
#include "out/utf8.h"

#include <jansson.h>
#include <stdlib.h>

/* A text of any bytes; null where there is none. */
static json_t *text_json(const char *text)
{
    char *clean = text ? utf8_clean(text, NULL) : NULL;
    json_t *json = clean ? json_string(clean) : json_null();
    free(clean);
    return json;
}

/* Like the CSV of a run, the number of a frame stands for a time that it has not. */
static json_t *time_json(const struct traj *traj, size_t frame)
{
    double time;
    return json_real(traj_frame_time(traj, frame, &time) ? time : (double)frame);
}

static json_t *box_json(const struct frame_info *info)
{
    const double *b = info->box;
    if (!info->has_box)
        return json_null();
    return json_pack("[f, f, f, f, f, f]", b[0], b[1], b[2], b[3], b[4], b[5]);
}

static json_t *elements_json(const struct info *info)
{
    json_t *elements = json_object();
    for (int z = 1; z <= ELEMENT_MAX; z++)
        if (info->element[z])
            json_object_set_new(elements, element_symbol((uint8_t)z),
                                json_integer((json_int_t)info->element[z]));
    /* Virtual sites and beads. */
    if (info->element[0])
        json_object_set_new(elements, "Dummy",
                            json_integer((json_int_t)info->element[0]));
    return elements;
}

static json_t *selection_json(const struct info *info)
{
    const struct selection *selection = &info->inputs->selection;
    json_t *indices = json_array();
    for (size_t i = 0; i < selection->n; i++)
        json_array_append_new(indices, json_integer(selection->index[i]));
    return json_pack("{s:o, s:I, s:I, s:o}", "expression",
                     text_json(info->inputs->selection_words), "n",
                     (json_int_t)selection->n, "n_residues",
                     (json_int_t)info->n_selected_residues, "indices", indices);
}

static json_t *file_json(const struct traj *traj, size_t file)
{
    struct traj_description d;
    traj_describe(traj, file, &d);
    json_t *json = json_pack(
        "{s:o, s:s, s:s, s:I, s:s, s:i, s:f, s:b, s:o}", "path",
        text_json(traj_file_path(traj, file)), "format", d.format, "flavour", d.flavour,
        "n_frames", (json_int_t)traj_file_n_frames(traj, file), "compression",
        d.compression, "float_bits", d.float_bits, "resolution_a", d.resolution_a,
        "random_access", d.random_access, "damage", text_json(traj_damage(traj, file)));
    if (d.chunk[0])
        json_object_set_new(json, "chunk",
                            json_pack("[I, I, I]", (json_int_t)d.chunk[0],
                                      (json_int_t)d.chunk[1], (json_int_t)d.chunk[2]));
    return json;
}

static void add_trajectory(json_t *root, const struct info *info)
{
    const struct traj *traj = info->inputs->traj;
    size_t n = traj_n_frames(traj);
    double time;
    json_t *files = json_array();
    for (size_t k = 0; k < traj_n_files(traj); k++)
        json_array_append_new(files, file_json(traj, k));
    json_object_set_new(root, "has_times",
                        json_boolean(traj_frame_time(traj, 0, &time)));
    json_object_set_new(root, "has_velocities",
                        json_boolean(info->first.has_velocities));
    json_object_set_new(root, "has_forces", json_boolean(info->first.has_forces));
    json_object_set_new(root, "first_time_ps", time_json(traj, 0));
    json_object_set_new(root, "last_time_ps", time_json(traj, n - 1));
    json_object_set_new(root, "files", files);
}

static json_t *info_json(const struct info *info)
{
    const struct inputs *in = info->inputs;
    bool names = in->has_names;
    json_t *root = json_pack(
        "{s:s, s:I, s:I, s:n, s:n, s:o, s:o, s:o}", "format",
        in->traj ? traj_format_name(in->traj) : in->topology.format, "n_atoms",
        (json_int_t)(in->traj ? traj_n_atoms(in->traj) : in->topology.atoms.n),
        "n_frames", (json_int_t)(in->traj ? traj_n_frames(in->traj) : 0),
        "first_time_ps", "last_time_ps", "box", box_json(&info->first), "elements",
        names ? elements_json(info) : json_object(), "selection", selection_json(info));
    if (!root)
        return NULL;
    if (in->traj)
        add_trajectory(root, info);
    json_object_set_new(root, "topology_format",
                        names ? json_string(in->topology.format) : json_null());
    json_object_set_new(root, "n_residues", json_integer((json_int_t)info->n_residues));
    if (in->topology.atoms.bare_balls) {
        size_t boxes = atoms_count_boxes(&in->topology.atoms);
        json_object_set_new(root, "n_balls",
                            json_integer((json_int_t)(in->topology.atoms.n - boxes)));
        json_object_set_new(root, "n_boxes", json_integer((json_int_t)boxes));
    }
    json_object_set_new(root, "n_chains", json_integer((json_int_t)info->n_chains));
    json_object_set_new(root, "radii", coverage_json(in));
    json_object_set_new(root, "damage", text_json(info->damage));
    return root;
}

int info_print_json(const struct info *info, FILE *stream, struct err *err)
{
    json_t *root = info_json(info);
    if (!root)
        return err_memory(err, 0, "JSON");
    int status = json_dumpf(root, stream, JSON_REAL_PRECISION(17));
    json_decref(root);
    if (status < 0 || fputc('\n', stream) == EOF)
        return err_set(err, ERR_RUNTIME, "cannot write to standard output");
    return 0;
}
