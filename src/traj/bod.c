/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/bod_keywords.h"

#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ZENO's body files: one keyword a line, without regard to case. Lengths are in the
   unit of `hunits`, wherever in the file that stands, so they are converted at the end.
 */

static void body_fini(struct bod_body *body)
{
    bod_shapes_fini(&body->shapes);
    bod_frames_close(body->frames);
    body->frames = NULL;
}

/* To Angstrom, or to L. */
static int convert_lengths(struct bod_body *body, const struct source *source,
                           struct err *err)
{
    double scale = body->factor * length_unit_angstrom(body->unit);
    body->params.launch_radius_a *= scale;
    body->params.skin_a *= scale;
    const char *name = body->unit == LENGTH_ABSTRACT ? "L" : "Angstrom";
    return bod_shapes_scale(&body->shapes, scale, name, source, err);
}

static int body_parse(struct bod_body *body, const struct source *source,
                      const enum length_unit *unit, struct err *err)
{
    struct line_reader lines;
    *body = (struct bod_body){
        .factor = 1,
        .unit = LENGTH_ABSTRACT,
        .params = {NAN, NAN, NAN, NAN, NAN, NAN},
    };
    if (line_reader_init(&lines, source, 0, err))
        return -1;
    char *line;
    size_t length;
    int more;
    while ((more = line_reader_next(&lines, &line, &length, err)) > 0)
        if (bod_parse_line(body, &lines, line, err)) {
            more = -1;
            break;
        }
    line_reader_fini(&lines);
    if (more < 0)
        goto fail;
    if (body->shapes.n == 0 && !body->frames) {
        err_set(err, ERR_INPUT,
                "%s: no SPHERE, CUBE, CUBOID or VOXELS in this BOD file", source->path);
        goto fail;
    }
    if (body->shapes.n > 0 && body->frames) {
        err_set(err, ERR_INPUT, "%s: both shapes and TRAJECTORY", source->path);
        goto fail;
    }
    if (unit)
        body->unit = *unit;
    if (convert_lengths(body, source, err))
        goto fail;
    return 0;
fail:
    body_fini(body);
    return -1;
}

/* To A, or to L. */
static double length_scale(const struct bod_body *body)
{
    return body->factor * length_unit_angstrom(body->unit);
}

static size_t body_n_atoms(const struct bod_body *body)
{
    return body->frames ? bod_frames_n_atoms(body->frames) : body->shapes.n;
}

static int add_atom(struct topology *topology, const struct bod_body *body, size_t i,
                    struct err *err)
{
    struct atom *atom = atoms_append(&topology->atoms, err);
    if (!atom)
        return -1;
    bool is_box = body->shapes.n_boxes && body->shapes.at[i].half[0] > 0;
    strcpy(atom->name, body->frames ? bod_frames_label(body->frames, i)
                       : is_box     ? "BOX"
                                    : "B");
    strcpy(atom->resname, "BOD");
    atom->resid = (int32_t)(i + 1);
    atom->radius = body->frames
                       ? bod_frames_radius(body->frames, i) * length_scale(body)
                       : body->shapes.at[i].radius;
    return 0;
}

static int add_boxes(struct atoms *atoms, const struct bod_body *body, struct err *err)
{
    if (body->shapes.n_boxes == 0)
        return 0;
    atoms->box = alloc_zeroed(atoms->n, sizeof *atoms->box, "boxes", err);
    for (size_t i = 0; atoms->box && i < atoms->n; i++) {
        memcpy(atoms->box[i].centre, body->shapes.at[i].xyz, sizeof atoms->box->centre);
        memcpy(atoms->box[i].half, body->shapes.at[i].half, sizeof atoms->box->half);
    }
    return atoms->box ? 0 : -1;
}

static int bod_read_topology(struct topology *topology, const struct source *source,
                             const enum length_unit *unit, struct err *err)
{
    struct bod_body body;
    if (body_parse(&body, source, unit, err))
        return -1;
    int rc = 0;
    for (size_t i = 0; i < body_n_atoms(&body) && rc == 0; i++)
        rc = add_atom(topology, &body, i, err);
    if (rc == 0)
        rc = add_boxes(&topology->atoms, &body, err);
    topology->atoms.bare_balls = true;
    topology->abstract_length = body.unit == LENGTH_ABSTRACT;
    topology->params = body.params;
    body_fini(&body);
    return rc;
}

static int bod_index(struct traj_file *file, const enum length_unit *unit,
                     struct err *err)
{
    struct bod_body *body = alloc_zeroed(1, sizeof *body, "a body", err);
    file->state = body;
    if (!body || body_parse(body, &file->source, unit, err))
        return -1;
    file->n_atoms = body_n_atoms(body);
    file->varies = body->frames != NULL;
    size_t n = body->frames ? bod_frames_n_frames(body->frames) : 1;
    for (size_t i = 0; i < n; i++)
        if (traj_file_add(file, 0, NAN, 0, err))
            return -1;
    const char *damage = body->frames ? bod_frames_damage(body->frames) : NULL;
    return damage ? err_set(err, ERR_INPUT, "%s: %s", file->source.path, damage) : 0;
}

static void bod_release(void *state)
{
    body_fini(state);
    free(state);
}

static int bod_read(const struct traj_file *file, size_t frame,
                    struct frame_scratch *scratch, const struct frame_pick *pick,
                    const struct frame_vectors *out, struct frame_info *info,
                    struct err *err)
{
    const struct bod_body *body = file->state;
    if (body->frames)
        return bod_frames_read(body->frames, frame, scratch, pick, length_scale(body),
                               out, info, err);
    for (size_t i = 0; i < pick->n; i++)
        memcpy(out->xyz + 3 * i, body->shapes.at[frame_pick_at(pick, i)].xyz,
               sizeof body->shapes.at->xyz);
    return 0;
}

const struct format format_bod = {
    .name = "BOD",
    .extensions = {"bod"},
    .takes_length_unit = true,
    .recognise = bod_recognise,
    .read_topology = bod_read_topology,
    .index = bod_index,
    .read = bod_read,
    .release = bod_release,
};
