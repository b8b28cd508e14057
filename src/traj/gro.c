/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/box.h"
#include "traj/format.h"
#include "traj/scan.h"
#include "traj/text.h"
#include "util/parse.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* GROMACS's fixed columns: residue number, residue name, atom name and atom number,
   five each, then x, y, z in nm. How wide these are follows from the distance between
   their decimal points (precision + 5), so that files of any precision can be read. */
enum {
    COLUMN_RESID = 0,
    COLUMN_RESNAME = 5,
    COLUMN_NAME = 10,
    COLUMN_X = 20,
    NAME_WIDTH = 5,
    COORDINATE_WIDTH_MIN = 3,
    COORDINATE_WIDTH_MAX = 40,
    /* Three coordinates, and the line end. */
    ATOM_LINE_BYTES_MIN = COLUMN_X + 3 * COORDINATE_WIDTH_MIN + 1,
};

/* Width of a coordinate field from an atom line, 0 when there are not three decimal
   points at equal distances. */
static size_t coordinate_width(const char *line, size_t length)
{
    if (length < COLUMN_X)
        return 0;
    const char *x = strchr(line + COLUMN_X, '.');
    const char *y = x ? strchr(x + 1, '.') : NULL;
    const char *z = y ? strchr(y + 1, '.') : NULL;
    if (!z || z - y != y - x)
        return 0;
    size_t width = (size_t)(y - x);
    /* The first point must lie inside the first field. */
    bool inside = (size_t)(x - line) < COLUMN_X + width;
    return inside && width >= COORDINATE_WIDTH_MIN && width <= COORDINATE_WIDTH_MAX
               ? width
               : 0;
}

/* The head of a GRO file is a line of anything, a number, and an atom. */
static bool gro_recognise(const struct format_head *head)
{
    const char *second = memchr(head->text, '\n', head->n);
    const char *third = second ? strchr(second + 1, '\n') : NULL;
    int64_t count;
    if (!third || !parse_field_i64(second + 1, (size_t)(third - second - 1), &count) ||
        count < 0)
        return false;
    size_t length = strcspn(third + 1, "\r\n");
    char line[128];
    if (length >= sizeof line)
        return false;
    memcpy(line, third + 1, length);
    line[length] = '\0';
    return coordinate_width(line, length) > 0;
}

/* The number of atoms that a frame claims, held against what is left of the file,
   before anything is allocated for it. */
static int parse_count(const struct line_reader *lines, const char *line, size_t length,
                       size_t *n_atoms, struct err *err)
{
    int64_t count;
    if (!parse_field_i64(line, length, &count)) {
        char quote[TEXT_QUOTE_BYTES];
        return line_error(lines, err, "expected the number of atoms, found '%s'",
                          text_quote(quote, line, length));
    }
    uint64_t left = lines->source->size - lines->offset;
    if (count <= 0 || (uint64_t)count > left / ATOM_LINE_BYTES_MIN)
        return line_error(lines, err,
                          "the frame claims %" PRId64 " atoms, the file has %" PRIu64
                          " bytes left",
                          count, left);
    *n_atoms = (size_t)count;
    return 0;
}

/* Numbers that have run together in n words, as boxes of micrometres do (%10.5f): those
   of a word have as many decimals as its last. How many; 0 where they are no numbers.
 */
static size_t split_words(char *const *words, size_t n_words, double number[9])
{
    size_t n = 0;
    for (size_t w = 0; w < n_words; w++) {
        const char *last = strrchr(words[w], '.');
        size_t decimals = last ? strlen(last + 1) : 0;
        for (char *at = words[w], *dot; *at; n++) {
            char text[64];
            size_t length =
                (dot = strchr(at, '.')) ? (size_t)(dot - at) + 1 + decimals : 0;
            if (n == 9 || length == 0 || length >= sizeof text || strlen(at) < length)
                return 0;
            memcpy(text, at, length);
            text[length] = '\0';
            if (!parse_double(text, &number[n]))
                return 0;
            at += length;
        }
    }
    return n;
}

/* v1(x) v2(y) v3(z), and for triclinic boxes v1(y) v1(z) v2(x) v2(z) v3(x) v3(y). */
static bool parse_box(char *line, struct frame_info *info)
{
    static const int place[9] = {0, 4, 8, 1, 2, 3, 5, 6, 7};
    double v[3][3] = {{0}}, number[9];
    char *words[9];
    size_t n = text_words(line, words, 9);
    bool apart = n == 3 || n == 9;
    for (size_t i = 0; apart && i < n; i++)
        if (!parse_double(words[i], &number[i]))
            return false;
    if (!apart && n < 9)
        n = split_words(words, n, number);
    if (n != 3 && n != 9)
        return false;
    for (size_t i = 0; i < n; i++)
        v[place[i] / 3][place[i] % 3] = number[i];
    box_set_vectors(info, v, 10.0);
    return true;
}

static void gro_atom(const char *line, size_t length, struct atom *atom, int64_t resid)
{
    text_column(atom->resname, line, length, COLUMN_RESNAME, NAME_WIDTH);
    text_column(atom->name, line, length, COLUMN_NAME, NAME_WIDTH);
    atom->resid = (int32_t)resid; /* at most five digits */
}

static int read_topology_lines(struct topology *topology, struct line_reader *lines,
                               struct err *err)
{
    size_t n_atoms = 0, length;
    char *line;
    int64_t last_resid = 0;
    int32_t laps = 0;
    for (size_t i = 0; i < n_atoms + 2; i++) {
        int more = line_reader_next(lines, &line, &length, err);
        if (more < 0)
            return -1;
        if (more == 0)
            return line_error(lines, err, "the file ends here, after %zu of %zu atoms",
                              i > 2 ? i - 2 : 0, n_atoms);
        if (i == 0)
            continue;
        if (i == 1) {
            if (parse_count(lines, line, length, &n_atoms, err))
                return -1;
            continue;
        }
        int64_t resid;
        if (length <= COLUMN_X ||
            !parse_field_i64(line + COLUMN_RESID, NAME_WIDTH, &resid))
            return line_error(lines, err, "columns 1-5 hold no residue number");
        struct atom *atom = atoms_append(&topology->atoms, err);
        if (!atom)
            return -1;
        gro_atom(line, length, atom, resid);
        /* Numbers have wrapped where they come back to 0. */
        if (i > 2 && resid == 0 && last_resid != 0 && laps < INT32_MAX - 200000)
            laps += 100000;
        last_resid = resid;
        atom->resid += laps;
    }
    return 0;
}

static int gro_read_topology(struct topology *topology, const struct source *source,
                             const enum length_unit *unit, struct err *err)
{
    (void)unit;
    struct line_reader lines;
    if (line_reader_init(&lines, source, 0, err))
        return -1;
    int rc = read_topology_lines(topology, &lines, err);
    line_reader_fini(&lines);
    return rc ? err_prefix(err, "frame 0") : 0;
}

/* The next line of a frame that has begun: its end is an error. */
static int next_line(const struct traj_file *file, size_t frame, const char *missing,
                     struct line_reader *lines, char **line, size_t *length,
                     struct err *err)
{
    int more = line_reader_next(lines, line, length, err);
    if (more < 0)
        return err_prefix(err, "frame %zu", frame);
    if (more == 0)
        return traj_file_error(file, frame, lines->offset, err,
                               "the file ends before %s", missing);
    return 0;
}

/* Walks over the atoms and the box of a frame without reading coordinates. */
static int scan_body(const struct traj_file *file, size_t n_atoms,
                     struct line_reader *lines, struct err *err)
{
    size_t frame = file->n_frames, width = 0, length;
    char *line;
    for (size_t i = 0; i < n_atoms; i++) {
        if (next_line(file, frame, "its last atom", lines, &line, &length, err))
            return -1;
        if (i == 0)
            width = coordinate_width(line, length);
        if (width == 0 || length < COLUMN_X + 3 * width)
            return traj_file_error(file, frame, lines->line_offset, err,
                                   "atom %zu of %zu: no three coordinates on this line",
                                   i + 1, n_atoms);
    }
    struct frame_info info;
    if (next_line(file, frame, "its box", lines, &line, &length, err))
        return -1;
    if (lines->unended &&
        (length == 0 || line[length - 1] == ' ' || text_ends_short(line, 2)))
        return traj_file_error(file, frame, lines->line_offset, err,
                               "the file ends within its box");
    if (!parse_box(line, &info))
        return traj_file_error(file, frame, lines->line_offset, err,
                               "expected a box of 3 or 9 numbers after %zu atoms",
                               n_atoms);
    return 0;
}

/* One frame of the index. 1, 0 at the end of the file, -1 on error. */
static int scan_frame(struct traj_file *file, struct line_reader *lines,
                      struct err *err)
{
    char *line;
    size_t length, n_atoms = 0;
    int more = line_reader_next(lines, &line, &length, err);
    if (more < 0)
        return err_prefix(err, "frame %zu", file->n_frames);
    if (more == 0)
        return 0;
    uint64_t offset = lines->line_offset;
    double time_ps = NAN;
    text_title_time(line, &time_ps);
    bool blank = text_is_blank(line);
    more = line_reader_next(lines, &line, &length, err);
    /* Blank lines at the end are no frame; a title alone is the start of one. */
    while (blank && more > 0 && text_is_blank(line)) {
        offset = lines->line_offset;
        more = line_reader_next(lines, &line, &length, err);
    }
    if (more == 0 && !blank)
        return traj_file_error(file, file->n_frames, offset, err,
                               "the file ends after the title");
    if (more == 0)
        return 0;
    if (more < 0 || parse_count(lines, line, length, &n_atoms, err))
        return err_prefix(err, "frame %zu", file->n_frames);
    if (scan_check_atoms(file, n_atoms, offset, err) ||
        scan_body(file, n_atoms, lines, err) ||
        traj_file_add(file, offset, time_ps, 0, err))
        return -1;
    return 1;
}

static int gro_next(struct traj_file *file, struct err *err)
{
    return scan_next_lines(file, scan_frame, err);
}

static int gro_index(struct traj_file *file, const enum length_unit *unit,
                     struct err *err)
{
    (void)unit;
    return scan_index_lines(file, scan_frame, err);
}

/* Three numbers in nm, or nm/ps, from a column on. Velocities have a digit more behind
   the point and one less before it, hence the same width. */
static bool parse_vector(const char *line, size_t length, size_t begin, size_t width,
                         double *out)
{
    if (width == 0 || length < begin + 3 * width)
        return false;
    for (size_t axis = 0; axis < 3; axis++) {
        const char *field = line + begin + axis * width;
        double nm;
        if (!parse_field_double(field, width, &nm) ||
            (isfinite(nm) && !memchr(field, '.', width)))
            return false;
        out[axis] = nm * 10.0;
    }
    return true;
}

/* Position and, where wanted and there, velocity of picked atom number `taken`. */
static bool parse_atom(const char *line, size_t length, size_t width, size_t taken,
                       const struct frame_vectors *out, struct frame_info *info)
{
    size_t behind = COLUMN_X + 3 * width;
    if (!parse_vector(line, length, COLUMN_X, width, out->xyz + 3 * taken))
        return false;
    if (taken == 0)
        info->has_velocities = length > behind && !text_is_blank(line + behind);
    return !info->has_velocities || !out->velocity ||
           parse_vector(line, length, behind, width, out->velocity + 3 * taken);
}

static int read_frame_lines(const struct traj_file *file, size_t frame,
                            struct line_reader *lines, const struct frame_pick *pick,
                            const struct frame_vectors *out, struct frame_info *info,
                            struct err *err)
{
    size_t taken = 0, width = 0, length;
    char *line;
    for (size_t i = 0; i < file->n_atoms + 3; i++) {
        if (next_line(file, frame, "its box", lines, &line, &length, err))
            return -1;
        if (i < 2)
            continue;
        size_t atom = i - 2;
        if (atom == file->n_atoms)
            break;
        if (atom == 0)
            width = coordinate_width(line, length);
        if (taken == pick->n || atom != frame_pick_at(pick, taken))
            continue;
        if (!parse_atom(line, length, width, taken, out, info)) {
            char quote[TEXT_QUOTE_BYTES];
            return traj_file_error(
                file, frame, lines->line_offset, err,
                "atom %zu: three coordinates%s of %zu columns expected, found '%s'",
                atom + 1, info->has_velocities ? " (and velocities)" : "", width,
                length > COLUMN_X
                    ? text_quote(quote, line + COLUMN_X, length - COLUMN_X)
                    : "");
        }
        taken++;
    }
    if (!parse_box(line, info))
        return traj_file_error(file, frame, lines->line_offset, err,
                               "expected a box of 3 or 9 numbers");
    return 0;
}

static int gro_read(const struct traj_file *file, size_t frame,
                    struct frame_scratch *scratch, const struct frame_pick *pick,
                    const struct frame_vectors *out, struct frame_info *info,
                    struct err *err)
{
    struct line_reader *lines =
        frame_scratch_lines(scratch, &file->source, file->frames[frame].offset, err);
    if (!lines)
        return -1;
    return read_frame_lines(file, frame, lines, pick, out, info, err);
}

const struct format format_gro = {
    .name = "GRO",
    .extensions = {"gro"},
    .recognise = gro_recognise,
    .read_topology = gro_read_topology,
    .index = gro_index,
    .index_is_all = true,
    .next = gro_next,
    .read = gro_read,
};
