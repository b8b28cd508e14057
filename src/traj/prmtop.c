/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/prmtop.h"

#include "traj/text.h"
#include "util/parse.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* AMBER parameter and topology files. Since version 7 sections begin with "%FLAG NAME"
   and "%FORMAT(20a4)"; before, the same numbers stood one after the other in an order
   and in formats that never changed. */

enum { FIELD_BYTES = 81, POINTERS = 20 };

/* Where a section lies, and how its values stand in lines. */
struct place {
    uint64_t offset; /* of the first line of values; 0 for a section that is absent */
    uint64_t line;   /* its number */
    size_t per_line, width;
    bool number; /* not text, whose blanks at the end of a line may be missing */
};

/* Sections that are not read, but must be whole; of those that POINTERS promise, there.
 */
static const struct {
    const char *flag;
    size_t pointer, times;
    bool promised;
} unread[] = {
    {"ANGLES_INC_HYDROGEN", 4, 4, true},
    {"ANGLES_WITHOUT_HYDROGEN", 5, 4, true},
    {"DIHEDRALS_INC_HYDROGEN", 6, 5, true},
    {"DIHEDRALS_WITHOUT_HYDROGEN", 7, 5, true},
    {"EXCLUDED_ATOMS_LIST", 10, 1, false},
    {"ATOM_TYPE_INDEX", 0, 1, false},
    {"NUMBER_EXCLUDED_ATOMS", 0, 1, false},
    {"TREE_CHAIN_CLASSIFICATION", 0, 1, false},
    {"JOIN_ARRAY", 0, 1, false},
    {"IROTAT", 0, 1, false},
    {"SCREEN", 0, 1, false},
};

enum { N_UNREAD = sizeof unread / sizeof unread[0] };

struct reader {
    struct prmtop prmtop;
    struct line_reader lines;
    struct place pointers, at[PRMTOP_SECTIONS], unread[N_UNREAD];
    size_t pointer[POINTERS];
};

static const struct {
    const char *flag;
    bool optional;
} sections[PRMTOP_SECTIONS] = {
    [PRMTOP_NAMES] = {"ATOM_NAME", false},
    [PRMTOP_CHARGES] = {"CHARGE", false},
    [PRMTOP_NUMBERS] = {"ATOMIC_NUMBER", true},
    [PRMTOP_MASSES] = {"MASS", false},
    [PRMTOP_TYPES] = {"AMBER_ATOM_TYPE", true},
    [PRMTOP_RADII] = {"RADII", true},
    [PRMTOP_RESIDUES] = {"RESIDUE_LABEL", false},
    [PRMTOP_STARTS] = {"RESIDUE_POINTER", false},
    [PRMTOP_BONDS_H] = {"BONDS_INC_HYDROGEN", false},
    [PRMTOP_BONDS] = {"BONDS_WITHOUT_HYDROGEN", false},
};

/* Numbers that a value can be written in; nothing is known of the rest of its line. */
static bool parse_format(const char *line, struct place *place)
{
    const char *at = strchr(line, '(');
    char *end;
    if (!at || strncmp(line, "%FORMAT", 7) != 0)
        return false;
    unsigned long per_line = strtoul(at + 1, &end, 10);
    if (!*end || !strchr("aAiIeEfF", *end))
        return false;
    place->number = *end != 'a' && *end != 'A';
    unsigned long width = strtoul(end + 1, &end, 10);
    if (per_line == 0 || per_line > 100 || width == 0 || width >= FIELD_BYTES)
        return false;
    place->per_line = per_line;
    place->width = width;
    return true;
}

static struct place *place_of(struct reader *reader, const char *flag)
{
    size_t length = strcspn(flag, " \t");
    if (length == strlen("POINTERS") && strncmp(flag, "POINTERS", length) == 0)
        return &reader->pointers;
    for (int s = 0; s < PRMTOP_SECTIONS; s++)
        if (strlen(sections[s].flag) == length &&
            strncmp(sections[s].flag, flag, length) == 0)
            return &reader->at[s];
    for (size_t i = 0; i < N_UNREAD; i++)
        if (strlen(unread[i].flag) == length &&
            strncmp(unread[i].flag, flag, length) == 0)
            return &reader->unread[i];
    return NULL;
}

/* Notes where the sections of a file with flags are. */
static int find_flags(struct reader *reader, struct err *err)
{
    struct line_reader *lines = &reader->lines;
    char *line;
    size_t length;
    int more;
    struct place *place = NULL;
    while ((more = line_reader_next(lines, &line, &length, err)) > 0) {
        if (strncmp(line, "%FLAG ", 6) == 0) {
            place = place_of(reader, line + 6 + strspn(line + 6, " "));
        } else if (place && strncmp(line, "%FORMAT", 7) == 0) {
            if (!parse_format(line, place))
                return line_error(lines, err, "a %%FORMAT that cannot be read");
            place->offset = lines->offset;
            place->line = lines->line_number;
            place = NULL;
        }
    }
    return more;
}

/* Calls take for `n` values; place->offset becomes that of the line behind them. */
static int read_values(struct reader *reader, struct place *place, size_t n,
                       const char *(*take)(struct reader *reader, int section, size_t i,
                                           const char *text, struct err *err),
                       int section, struct err *err)
{
    struct line_reader *lines = &reader->lines;
    line_reader_seek(lines, lines->source, place->offset);
    lines->line_number = place->line;
    char field[FIELD_BYTES], *line = NULL;
    size_t length = 0;
    /* A section without values still has a line. */
    for (size_t i = 0; i < n || i == 0; i++) {
        if (i % place->per_line == 0) {
            int more = line_reader_next(lines, &line, &length, err);
            if (more < 0)
                return -1;
            if (more == 0 && n == 0)
                break;
            if (more == 0 || line[0] == '%')
                return line_error(lines, err, "only %zu of %zu values here", i, n);
        }
        if (n == 0)
            break;
        size_t end = (i % place->per_line + 1) * place->width;
        if (place->number && lines->unended && length < end)
            return line_error(lines, err, "the file ends within value %zu", i + 1);
        text_column(field, line, length, i % place->per_line * place->width,
                    place->width);
        struct err own = {0};
        const char *wrong = take(reader, section, i, field, &own);
        char quote[TEXT_QUOTE_BYTES];
        if (own.code != ERR_NONE)
            return err_set(err, own.code, "%s", own.text);
        if (wrong)
            return line_error(lines, err, "value %zu, '%s': %s", i + 1,
                              text_quote(quote, field, strlen(field)), wrong);
    }
    place->offset = lines->offset;
    place->line = lines->line_number;
    return 0;
}

static const char *take_section(struct reader *reader, int section, size_t i,
                                const char *text, struct err *err)
{
    return prmtop_take(&reader->prmtop, (enum prmtop_section)section, i, text, err);
}

/* The first of 30 or more counts. */
static const char *take_pointer(struct reader *reader, int section, size_t i,
                                const char *text, struct err *err)
{
    int64_t count;
    (void)section, (void)err;
    if (!parse_i64(text, &count) || count < 0)
        return "not a count";
    /* Each atom, residue and bond takes at least a field of four characters. */
    if ((uint64_t)count > reader->lines.source->size / 4)
        return "more than the file can hold";
    reader->pointer[i] = (size_t)count;
    return NULL;
}

static int read_pointers(struct reader *reader, struct err *err)
{
    if (read_values(reader, &reader->pointers, POINTERS, take_pointer, 0, err))
        return -1;
    reader->prmtop.counts = (struct prmtop_counts){
        .atoms = reader->pointer[0],
        .bonds_h = reader->pointer[2],
        .bonds = reader->pointer[3],
        .residues = reader->pointer[11],
    };
    if (reader->prmtop.counts.atoms == 0)
        return err_set(err, ERR_INPUT, "%s: no atoms in this prmtop file",
                       reader->lines.source->path);
    return 0;
}

static const char *skip_value(struct reader *reader, int section, size_t i,
                              const char *text, struct err *err)
{
    (void)reader, (void)section, (void)i, (void)text, (void)err;
    return NULL;
}

/* Texts may be blank; `section` says whether these are numbers. */
static const char *check_value(struct reader *reader, int section, size_t i,
                               const char *text, struct err *err)
{
    (void)reader, (void)i, (void)err;
    return section && !*text ? "no number" : NULL;
}

static int missing(const struct reader *reader, const char *flag, struct err *err)
{
    return err_set(err, ERR_INPUT, "%s: %%FLAG %s is missing",
                   reader->lines.source->path, flag);
}

static int check_unread(struct reader *reader, struct err *err)
{
    for (size_t i = 0; i < N_UNREAD; i++) {
        struct place *place = &reader->unread[i];
        size_t n = reader->pointer[unread[i].pointer] * unread[i].times;
        if (n > 0 && !place->offset && unread[i].promised)
            return missing(reader, unread[i].flag, err);
        if (n > 0 && place->offset &&
            read_values(reader, place, n, check_value, place->number, err))
            return err_prefix(err, "%%FLAG %s", unread[i].flag);
    }
    return 0;
}

static int read_flagged(struct reader *reader, struct err *err)
{
    const char *path = reader->lines.source->path;
    if (find_flags(reader, err))
        return -1;
    if (!reader->pointers.offset)
        return err_set(err, ERR_INPUT, "%s: no %%FLAG POINTERS: not a prmtop file",
                       path);
    if (read_pointers(reader, err))
        return -1;
    for (int s = 0; s < PRMTOP_SECTIONS; s++) {
        struct place *place = &reader->at[s];
        size_t n = prmtop_values((enum prmtop_section)s, &reader->prmtop.counts);
        if (!place->offset && (sections[s].optional || n == 0))
            continue;
        if (!place->offset)
            return missing(reader, sections[s].flag, err);
        if (read_values(reader, place, n, take_section, s, err))
            return -1;
    }
    return check_unread(reader, err);
}

/* The sections of an old file up to the bonds: how many values, by the pointers that
   say so, in which format. */
static const struct old_section {
    int section; /* -1 for one to skip */
    enum { COUNT, SQUARE, TRIANGLE } how;
    size_t pointer, times, per_line, width;
} old_sections[] = {
    {PRMTOP_NAMES, COUNT, 0, 1, 20, 4},
    {PRMTOP_CHARGES, COUNT, 0, 1, 5, 16},
    {PRMTOP_MASSES, COUNT, 0, 1, 5, 16},
    {-1, COUNT, 0, 1, 12, 6},  /* numbers of types */
    {-1, COUNT, 0, 1, 12, 6},  /* of excluded atoms */
    {-1, SQUARE, 1, 1, 12, 6}, /* of pairs of types */
    {PRMTOP_RESIDUES, COUNT, 11, 1, 20, 4},
    {PRMTOP_STARTS, COUNT, 11, 1, 12, 6},
    {-1, COUNT, 15, 1, 5, 16}, /* bonds: force, length */
    {-1, COUNT, 15, 1, 5, 16},
    {-1, COUNT, 16, 1, 5, 16}, /* angles */
    {-1, COUNT, 16, 1, 5, 16},
    {-1, COUNT, 17, 1, 5, 16}, /* dihedrals */
    {-1, COUNT, 17, 1, 5, 16},
    {-1, COUNT, 17, 1, 5, 16},
    {-1, COUNT, 18, 1, 5, 16},   /* of no use to anyone */
    {-1, TRIANGLE, 1, 1, 5, 16}, /* Lennard-Jones A, B */
    {-1, TRIANGLE, 1, 1, 5, 16},
    {PRMTOP_BONDS_H, COUNT, 2, 3, 12, 6},
    {PRMTOP_BONDS, COUNT, 3, 3, 12, 6},
};

static int read_old(struct reader *reader, struct err *err)
{
    char *line;
    size_t length;
    struct line_reader *lines = &reader->lines;
    struct place place = {.per_line = 12, .width = 6, .number = true};
    if (line_reader_next(lines, &line, &length, err) < 0) /* the title */
        return -1;
    reader->pointers = place;
    reader->pointers.offset = lines->offset;
    reader->pointers.line = lines->line_number;
    if (read_pointers(reader, err))
        return -1;
    /* There are 30 of them, in three lines. */
    place.offset = reader->pointers.offset;
    place.line = reader->pointers.line;
    if (read_values(reader, &place, 1, skip_value, 0, err))
        return -1;
    for (size_t k = 0; k < sizeof old_sections / sizeof *old_sections; k++) {
        const struct old_section *section = &old_sections[k];
        size_t n = reader->pointer[section->pointer];
        n = section->how == SQUARE     ? n * n
            : section->how == TRIANGLE ? n * (n + 1) / 2
                                       : n * section->times;
        place.number = section->width != 4;
        place.per_line = section->per_line;
        place.width = section->width;
        if (read_values(reader, &place, n,
                        section->section < 0 ? skip_value : take_section,
                        section->section, err))
            return -1;
    }
    return 0;
}

static bool prmtop_recognise(const struct format_head *head)
{
    return strncmp(head->text, "%VERSION", 8) == 0;
}

static int prmtop_read_topology(struct topology *topology, const struct source *source,
                                const enum length_unit *unit, struct err *err)
{
    struct reader reader = {.prmtop.topology = topology};
    char *line;
    size_t length;
    (void)unit;
    if (line_reader_init(&reader.lines, source, 0, err))
        return -1;
    int rc = line_reader_next(&reader.lines, &line, &length, err) < 0 ? -1 : 0;
    bool flagged = rc == 0 && line[0] == '%';
    line_reader_seek(&reader.lines, source, 0);
    if (rc == 0)
        rc = flagged ? read_flagged(&reader, err) : read_old(&reader, err);
    line_reader_fini(&reader.lines);
    const char *wrong = rc == 0 ? prmtop_finish(&reader.prmtop) : NULL;
    return wrong ? err_set(err, ERR_INPUT, "%s: %s", source->path, wrong) : rc;
}

const struct format format_prmtop = {
    .name = "PRMTOP",
    .extensions = {"prmtop", "parm7", "top"},
    .recognise = prmtop_recognise,
    .read_topology = prmtop_read_topology,
};
