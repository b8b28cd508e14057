/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/xyz.h"

#include "mol/elements.h"
#include "traj/box.h"
#include "traj/format.h"
#include "traj/scan.h"
#include "traj/text.h"
#include "util/alloc.h"
#include "util/parse.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A frame is a line with the number of atoms, a comment, and a line for each atom: a
   name and x, y, z in A, or in the unit that the user names. Whatever stands behind
   them is not read. */

enum { ATOM_LINE_BYTES_MIN = sizeof "C 0 0 0" - 1 };

/* A number of atoms, any comment, and an atom. */
static bool xyz_recognise(const struct format_head *head)
{
    const char *first = head->text + strspn(head->text, " \t\r\n");
    const char *second = strchr(first, '\n');
    const char *third = second ? strchr(second + 1, '\n') : NULL;
    int64_t count;
    if (!third || !parse_field_i64(first, (size_t)(second - first), &count) ||
        count <= 0)
        return false;
    char comment_line[1024], line[256];
    size_t n_comment = (size_t)(third - second - 1), n = strcspn(third + 1, "\r\n");
    struct xyz_comment comment;
    if (n >= sizeof line || n_comment >= sizeof comment_line)
        return false;
    memcpy(line, third + 1, n);
    line[n] = '\0';
    memcpy(comment_line, second + 1, n_comment);
    comment_line[n_comment] = '\0';
    if (xyz_comment_parse(comment_line, &comment))
        return false;
    const char *x = xyz_words(line, comment.column, 3);
    for (int axis = 0; x && axis < 3; axis++) {
        double number;
        if (!parse_field_double(x, strcspn(x, " \t"), &number))
            return false;
        x += strcspn(x, " \t");
        x += strspn(x, " \t");
    }
    return x != NULL;
}

/* The line that counts the atoms of a frame, held against what is left of the file
   before anything is allocated for it. 1, or 0 at the end of the file, blank lines
   aside; -1 on error. */
static int next_count(struct line_reader *lines, size_t *n_atoms, struct err *err)
{
    char *line, quote[TEXT_QUOTE_BYTES];
    size_t length;
    int more;
    do
        more = line_reader_next(lines, &line, &length, err);
    while (more > 0 && text_is_blank(line));
    if (more <= 0)
        return more;
    int64_t count;
    if (!parse_field_i64(line, length, &count))
        return line_error(lines, err, "expected the number of atoms, found '%s'",
                          text_quote(quote, line, length));
    /* A last line needs no line end. */
    uint64_t left = lines->source->size - lines->offset + 1;
    if (count <= 0 || (uint64_t)count > left / (ATOM_LINE_BYTES_MIN + 1))
        return line_error(lines, err,
                          "the frame claims %" PRId64 " atoms, the file has %" PRIu64
                          " bytes left",
                          count, left - 1);
    *n_atoms = (size_t)count;
    return 1;
}

/* A line that must be there. */
static int next_line(struct line_reader *lines, char **line, size_t *length,
                     const char *missing, struct err *err)
{
    int more = line_reader_next(lines, line, length, err);
    if (more == 0)
        return err_set(err, ERR_INPUT,
                       "%s: the file ends at byte offset %" PRIu64 ", before %s",
                       lines->source->path, lines->offset, missing);
    return more < 0 ? -1 : 0;
}

/* Count and comment. 1, 0 at the end of the file, -1 on error. */
static int frame_head(struct line_reader *lines, size_t *n_atoms, uint64_t *offset,
                      struct xyz_comment *comment, struct err *err)
{
    char *line;
    size_t length;
    int more = next_count(lines, n_atoms, err);
    if (more <= 0)
        return more;
    *offset = lines->line_offset;
    if (next_line(lines, &line, &length, "the frame's comment", err))
        return -1;
    const char *wrong = xyz_comment_parse(line, comment);
    return wrong ? line_error(lines, err, "%s", wrong) : 1;
}

static int no_coordinates(const struct line_reader *lines, size_t atom,
                          const char *line, size_t length, struct err *err)
{
    char quote[TEXT_QUOTE_BYTES];
    return line_error(lines, err,
                      "atom %zu: a name and three coordinates expected, "
                      "found '%s'",
                      atom + 1, text_quote(quote, line, length));
}

/* An atom's line as far as it can be judged without reading its numbers. */
static int check_atom(const struct line_reader *lines, size_t column, size_t atom,
                      const char *line, size_t length, struct err *err)
{
    const char *x = xyz_words(line, column, 3);
    if (!x)
        return no_coordinates(lines, atom, line, length, err);
    if (lines->unended && !xyz_words(x, 0, 4) && text_ends_short(line, 2))
        return line_error(lines, err, "atom %zu: the file ends within its z coordinate",
                          atom + 1);
    return 0;
}

/* One frame of the index. 1, 0 at the end of the file, -1 on error. */
static int scan_frame(struct traj_file *file, struct line_reader *lines,
                      struct err *err)
{
    struct xyz_comment comment;
    size_t n_atoms, length;
    uint64_t offset;
    char *line;
    int more = frame_head(lines, &n_atoms, &offset, &comment, err);
    if (more <= 0)
        return more;
    if (file->n_frames == 0)
        file->n_atoms = n_atoms;
    if (n_atoms != file->n_atoms)
        return line_error(lines, err, "this frame has %zu atoms, the first one %zu",
                          n_atoms, file->n_atoms);
    for (size_t atom = 0; atom < n_atoms; atom++) {
        if (next_line(lines, &line, &length, "the frame's last atom", err))
            return -1;
        if (check_atom(lines, comment.column, atom, line, length, err))
            return -1;
    }
    double time_ps = comment.has_time ? comment.time_ps : NAN;
    return traj_file_add(file, offset, time_ps, 0, err) ? -1 : 1;
}

/* Its state is the factor to A. */
static int xyz_begin(struct traj_file *file, const enum length_unit *unit,
                     struct err *err)
{
    double *scale = alloc_zeroed(1, sizeof *scale, "an XYZ file", err);
    if (!scale)
        return -1;
    file->state = scale;
    *scale = unit ? length_unit_angstrom(*unit) : 1.0;
    return 0;
}

static int xyz_next(struct traj_file *file, struct err *err)
{
    int more = scan_next_lines(file, scan_frame, err);
    return more < 0 ? err_prefix(err, "frame %zu", file->n_frames) : more;
}

static int xyz_index(struct traj_file *file, const enum length_unit *unit,
                     struct err *err)
{
    (void)unit;
    int more = scan_index_lines(file, scan_frame, err);
    return more < 0 ? err_prefix(err, "frame %zu", file->n_frames) : 0;
}

/* Coordinates in A; false where there are not three numbers. */
static bool parse_atom(const char *line, size_t column, double scale, double xyz[3])
{
    const char *at = xyz_words(line, column, 3);
    if (!at)
        return false;
    for (size_t axis = 0; axis < 3; axis++) {
        size_t n = strcspn(at, " \t");
        if (!parse_field_double(at, n, &xyz[axis]))
            return false;
        xyz[axis] *= scale;
        at += n;
        at += strspn(at, " \t");
    }
    return true;
}

static int xyz_read(const struct traj_file *file, size_t frame,
                    struct frame_scratch *scratch, const struct frame_pick *pick,
                    const struct frame_vectors *out, struct frame_info *info,
                    struct err *err)
{
    const double *scale = file->state;
    struct line_reader *lines =
        frame_scratch_lines(scratch, &file->source, file->frames[frame].offset, err);
    struct xyz_comment comment;
    size_t n_atoms, length, taken = 0;
    uint64_t offset;
    char *line;
    if (!lines)
        return -1;
    if (frame_head(lines, &n_atoms, &offset, &comment, err) < 0)
        return err_prefix(err, "frame %zu", frame);
    if (comment.has_lattice)
        box_set_vectors(info, (const double(*)[3])comment.lattice, *scale);
    for (size_t atom = 0; taken < pick->n; atom++) {
        if (next_line(lines, &line, &length, "the frame's last atom", err))
            return err_prefix(err, "frame %zu", frame);
        if (atom != frame_pick_at(pick, taken))
            continue;
        if (!parse_atom(line, comment.column, *scale, out->xyz + 3 * taken)) {
            char quote[TEXT_QUOTE_BYTES];
            return traj_file_error(
                file, frame, lines->line_offset, err,
                "atom %zu: a name and three coordinates expected, found '%s'", atom + 1,
                text_quote(quote, line, length));
        }
        taken++;
    }
    return 0;
}

/* A name may be an element, an atom's name, or an atomic number. */
static void name_atom(const char *line, struct atom *atom)
{
    size_t n = strcspn(line, " \t");
    n = n < ATOM_NAME_BYTES - 1 ? n : ATOM_NAME_BYTES - 1;
    memcpy(atom->name, line, n);
    atom->name[n] = '\0';
    atom->resid = 1;
    int64_t number;
    if (parse_i64(atom->name, &number))
        atom->element = number > 0 && number <= ELEMENT_MAX ? (uint8_t)number : 0;
    else
        atom->element = element_from_symbol(atom->name);
}

static int read_atoms(struct topology *topology, struct line_reader *lines,
                      struct err *err)
{
    struct xyz_comment comment;
    size_t n_atoms = 0, length;
    uint64_t offset;
    char *line;
    int more = frame_head(lines, &n_atoms, &offset, &comment, err);
    if (more == 0)
        return err_set(err, ERR_INPUT, "%s: no atoms in this XYZ file",
                       lines->source->path);
    if (more < 0)
        return -1;
    for (size_t i = 0; i < n_atoms; i++) {
        if (next_line(lines, &line, &length, "the frame's last atom", err))
            return -1;
        if (check_atom(lines, comment.column, i, line, length, err))
            return -1;
        struct atom *atom = atoms_append(&topology->atoms, err);
        if (!atom)
            return -1;
        /* Where Properties begin with something else, atoms have no names. */
        name_atom(comment.column > 0 ? xyz_words(line, 0, 1) : "", atom);
    }
    return 0;
}

static int xyz_read_topology(struct topology *topology, const struct source *source,
                             const enum length_unit *unit, struct err *err)
{
    struct line_reader lines;
    topology->abstract_length = unit && *unit == LENGTH_ABSTRACT;
    if (line_reader_init(&lines, source, 0, err))
        return -1;
    int rc = read_atoms(topology, &lines, err);
    line_reader_fini(&lines);
    return rc ? err_prefix(err, "frame 0") : 0;
}

const struct format format_xyz = {
    .name = "XYZ",
    .extensions = {"xyz", "extxyz"},
    .takes_length_unit = true,
    .recognise = xyz_recognise,
    .read_topology = xyz_read_topology,
    .begin = xyz_begin,
    .index = xyz_index,
    .index_is_all = true,
    .next = xyz_next,
    .read = xyz_read,
    .release = free,
};
