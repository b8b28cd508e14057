/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/bod_keywords.h"

#include "traj/text.h"
#include "util/parse.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { WORDS_MAX = 8 };

#define DALTON_PER_GRAM 6.02214076e23 /* Avogadro's number, exact since 2019 */

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

int bod_parse_line(struct bod_body *body, const struct line_reader *lines, char *line,
                   struct err *err)
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

bool bod_recognise(const struct format_head *head)
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
