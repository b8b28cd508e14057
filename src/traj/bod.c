/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/bod_frames.h"
#include "traj/bod_shapes.h"
#include "traj/format.h"
#include "traj/text.h"
#include "util/alloc.h"
#include "util/parse.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ZENO's body files: one keyword a line, without regard to case. Lengths are in the
   unit of `hunits`, wherever in the file that stands, so they are converted at the end.
 */

enum { WORDS_MAX = 8 };

#define DALTON_PER_GRAM 6.02214076e23 /* Avogadro's number, exact since 2019 */

struct bod_body {
    struct bod_shapes shapes;
    double factor; /* of hunits */
    enum length_unit unit;
    struct body_params params;
    struct bod_frames *frames; /* instead of shapes, or NULL */
};

static void body_fini(struct bod_body *body)
{
    bod_shapes_fini(&body->shapes);
    bod_frames_close(body->frames);
    body->frames = NULL;
}

struct bod_line {
    struct bod_body *body;
    const struct line_reader *lines;
    char **words; /* the keyword first */
    size_t n;
};

static int bad_arguments(const struct bod_line *at, const char *expected,
                         struct err *err)
{
    char quote[TEXT_QUOTE_BYTES];
    return line_error(at->lines, err, "'%s' takes %s",
                      text_quote(quote, at->words[0], strlen(at->words[0])), expected);
}

static bool all_numbers(const struct bod_line *at, size_t n, double *numbers)
{
    bool valid = at->n == n + 1;
    for (size_t i = 0; valid && i < n; i++)
        valid = parse_double(at->words[i + 1], &numbers[i]);
    return valid;
}

static int parse_sphere(const struct bod_line *at, struct err *err)
{
    double n[4];
    if (!all_numbers(at, 4, n))
        return bad_arguments(at, "four finite numbers: x y z radius", err);
    if (!(n[3] > 0))
        return line_error(at->lines, err, "a radius must be positive, not %g", n[3]);
    return bod_shapes_add_ball(&at->body->shapes, n, n[3], at->lines->line_number, err);
}

static int parse_hunits(const struct bod_line *at, struct err *err)
{
    double factor;
    enum length_unit unit;
    if (at->n != 3 || !parse_double(at->words[1], &factor) || !(factor > 0) ||
        !length_unit_parse(at->words[2], &unit))
        return bad_arguments(at, "a positive number and one of m, cm, nm, A, L", err);
    at->body->factor = factor;
    at->body->unit = unit;
    return 0;
}

/* A positive number and a unit, the latter not optional in ZENO's grammar. */
static int parse_with_unit(const struct bod_line *at, const struct parse_unit *units,
                           const char *expected, double *out, struct err *err)
{
    double number, value;
    char text[128];
    int n = at->n == 3
                ? snprintf(text, sizeof text, "%s %s", at->words[1], at->words[2])
                : -1;
    if (n < 0 || (size_t)n >= sizeof text || !parse_double(at->words[1], &number) ||
        !parse_quantity(text, units, true, &value) || !(value > 0))
        return bad_arguments(at, expected, err);
    *out = value;
    return 0;
}

static int parse_temp(const struct bod_line *at, struct err *err)
{
    static const struct parse_unit units[] = {
        {"K", 1, 0}, {"C", 1, 273.15}, {NULL, 0, 0}};
    return parse_with_unit(at, units, "a temperature above absolute zero in K or C",
                           &at->body->params.temperature_k, err);
}

static int parse_mass(const struct bod_line *at, struct err *err)
{
    static const struct parse_unit units[] = {
        {"Da", 1, 0},
        {"kDa", 1e3, 0},
        {"g", DALTON_PER_GRAM, 0},
        {"kg", 1e3 * DALTON_PER_GRAM, 0},
        {NULL, 0, 0},
    };
    return parse_with_unit(at, units, "a positive mass in Da, kDa, g or kg",
                           &at->body->params.mass_da, err);
}

static int parse_viscosity(const struct bod_line *at, struct err *err)
{
    static const struct parse_unit units[] = {
        {"cp", 1, 0}, {"p", 100, 0}, {NULL, 0, 0}};
    return parse_with_unit(at, units, "a positive viscosity in p or cp",
                           &at->body->params.viscosity_cp, err);
}

static int parse_buoyancy(const struct bod_line *at, struct err *err)
{
    if (at->n != 2 || !parse_double(at->words[1], &at->body->params.buoyancy))
        return bad_arguments(at, "one number", err);
    return 0;
}

static int parse_length(const struct bod_line *at, double *out, struct err *err)
{
    double value;
    if (at->n != 2 || !parse_double(at->words[1], &value) || !(value > 0))
        return bad_arguments(at, "one positive length", err);
    *out = value;
    return 0;
}

static int parse_launch_radius(const struct bod_line *at, struct err *err)
{
    return parse_length(at, &at->body->params.launch_radius_a, err);
}

static int parse_skin(const struct bod_line *at, struct err *err)
{
    return parse_length(at, &at->body->params.skin_a, err);
}

/* The lowest corner and the length of the edges. */
static int parse_cube(const struct bod_line *at, struct err *err)
{
    double n[4];
    if (!all_numbers(at, 4, n) || !(n[3] > 0))
        return bad_arguments(at, "x y z of a corner and a positive edge", err);
    const double edge[3] = {n[3], n[3], n[3]};
    return bod_shapes_add_box(&at->body->shapes, n, edge, at->lines->line_number, err);
}

/* Two opposite corners, in any order. */
static int parse_cuboid(const struct bod_line *at, struct err *err)
{
    double n[6], low[3], edge[3];
    if (!all_numbers(at, 6, n) || n[0] == n[3] || n[1] == n[4] || n[2] == n[5])
        return bad_arguments(at, "x y z of two opposite corners", err);
    for (int k = 0; k < 3; k++) {
        low[k] = fmin(n[k], n[3 + k]);
        edge[k] = fabs(n[3 + k] - n[k]);
    }
    return bod_shapes_add_box(&at->body->shapes, low, edge, at->lines->line_number,
                              err);
}

/* What is wrong with a file that a line names. */
static int named_file_error(const struct bod_line *at, struct err *err)
{
    return err_prefix(err, "%s: line %llu", at->lines->source->path,
                      (unsigned long long)at->lines->line_number);
}

static int parse_voxels(const struct bod_line *at, struct err *err)
{
    if (at->n != 2)
        return bad_arguments(at, "the name of a FITS file", err);
    if (bod_shapes_add_voxels(&at->body->shapes, at->lines->source, at->words[1],
                              at->lines->line_number, err))
        return named_file_error(at, err);
    return 0;
}

static int parse_trajectory(const struct bod_line *at, struct err *err)
{
    struct bod_body *body = at->body;
    if (at->n != 3)
        return bad_arguments(at, "an xyz file and a file of radii", err);
    if (body->frames)
        return line_error(at->lines, err, "a second TRAJECTORY");
    body->frames = bod_frames_open(at->lines->source, at->words[1], at->words[2], err);
    return body->frames ? 0 : named_file_error(at, err);
}

static const struct bod_keyword {
    const char *name;
    int (*parse)(const struct bod_line *at, struct err *err);
} keywords[] = {
    {"sphere", parse_sphere},
    {"s", parse_sphere},
    {"hunits", parse_hunits},
    {"temp", parse_temp},
    {"mass", parse_mass},
    {"viscosity", parse_viscosity},
    {"bf", parse_buoyancy},
    {"rlaunch", parse_launch_radius},
    {"st", parse_skin},
    {"cube", parse_cube},
    {"cuboid", parse_cuboid},
    {"voxels", parse_voxels},
    {"trajectory", parse_trajectory},
};

static const struct bod_keyword *find_keyword(const char *word)
{
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (strcasecmp(keywords[i].name, word) == 0)
            return &keywords[i];
    return NULL;
}

static int parse_line(struct bod_body *body, const struct line_reader *lines,
                      char *line, struct err *err)
{
    char *words[WORDS_MAX];
    char *comment = strchr(line, '#');
    if (comment)
        *comment = '\0';
    size_t n = text_words(line, words, WORDS_MAX);
    if (n == 0)
        return 0;
    const struct bod_keyword *keyword = find_keyword(words[0]);
    char quote[TEXT_QUOTE_BYTES];
    if (!keyword)
        return line_error(lines, err, "unknown keyword '%s'",
                          text_quote(quote, words[0], strlen(words[0])));
    const struct bod_line at = {body, lines, words, n};
    return keyword->parse(&at, err);
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
        if (parse_line(body, &lines, line, err)) {
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

/* A file whose first words are a keyword and what may follow it. */
static bool bod_recognise(const struct format_head *head)
{
    const char *at = head->text;
    while (*at == '#' || *at == '\n' || *at == '\r' || *at == ' ' || *at == '\t')
        at += *at == '#' ? strcspn(at, "\n") : 1;
    char line[256];
    size_t n = strcspn(at, "\r\n#");
    if (n >= sizeof line)
        return false;
    memcpy(line, at, n);
    line[n] = '\0';
    char *words[WORDS_MAX];
    size_t n_words = text_words(line, words, WORDS_MAX);
    const struct bod_keyword *keyword = n_words > 1 ? find_keyword(words[0]) : NULL;
    double number;
    bool file = keyword &&
                (keyword->parse == parse_voxels || keyword->parse == parse_trajectory);
    return keyword && (file || parse_double(words[1], &number));
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
    return 0;
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
