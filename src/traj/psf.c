/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/kept.h"
#include "traj/text.h"
#include "util/parse.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Protein structure files of CHARMM, X-PLOR, NAMD and VMD. An atom's line holds number,
   segment, residue number, residue, name, type, charge and mass, in columns that are
   wider under the flag EXT; NAMD separates them by blanks only. Columns are needed
   where a name is blank only, so words come first. */

enum { WORDS_MAX = 24, ATOM_WORDS = 8, ATOM_LINE_BYTES_MIN = 16, BOND_BYTES_MIN = 4 };

struct psf {
    struct topology *topology;
    struct line_reader lines;
    bool extended;
    bool columns; /* a line of numbers has come that filled its columns */
};

struct columns {
    size_t begin, width;
};

/* Number, segment, residue number, residue, name, type, charge, mass. */
static const struct columns standard[ATOM_WORDS] = {
    {0, 8}, {9, 4}, {14, 4}, {19, 4}, {24, 4}, {29, 4}, {34, 14}, {48, 14}};
static const struct columns extended[ATOM_WORDS] = {
    {0, 10}, {11, 8}, {20, 8}, {29, 8}, {38, 8}, {47, 4}, {52, 14}, {66, 14}};
/* Since CHARMM 36 types have six letters. */
static const struct columns extended_wide[ATOM_WORDS] = {
    {0, 10}, {11, 8}, {20, 8}, {29, 8}, {38, 8}, {47, 6}, {54, 14}, {68, 14}};

static bool psf_recognise(const struct format_head *head)
{
    return strncmp(head->text, "PSF", 3) == 0 &&
           (head->text[3] == '\n' || head->text[3] == '\r' || head->text[3] == ' ');
}

/* False when the words are no atom. */
static bool numbers_fit(char *const words[ATOM_WORDS], struct atom *atom)
{
    int64_t number;
    return parse_i64(words[0], &number) &&
           text_residue(words[2], &atom->resid, &atom->icode) &&
           parse_double(words[6], &atom->charge) &&
           parse_double(words[7], &atom->mass) && atom->mass >= 0;
}

static bool by_columns(const char *line, size_t length, const struct columns *columns,
                       char text[ATOM_WORDS][16], char *words[ATOM_WORDS],
                       struct atom *atom)
{
    for (size_t i = 0; i < ATOM_WORDS; i++) {
        words[i] = text[i];
        text_column(text[i], line, length, columns[i].begin, columns[i].width);
    }
    return numbers_fit(words, atom);
}

static int parse_atom(struct psf *psf, char *line, size_t length, struct err *err)
{
    char copy[256], text[ATOM_WORDS][16];
    char *words[WORDS_MAX];
    struct line_reader *lines = &psf->lines;
    struct atom *atom = atoms_append(&psf->topology->atoms, err);
    if (!atom)
        return -1;
    bool fits = length < sizeof copy;
    if (fits) {
        memcpy(copy, line, length + 1);
        fits = text_words(copy, words, WORDS_MAX) >= ATOM_WORDS &&
               numbers_fit(words, atom);
    }
    if (!fits && psf->extended)
        fits = by_columns(line, length, extended, text, words, atom) ||
               by_columns(line, length, extended_wide, text, words, atom);
    else if (!fits)
        fits = by_columns(line, length, standard, text, words, atom);
    char quote[TEXT_QUOTE_BYTES];
    if (!fits)
        return line_error(lines, err, "expected atom %zu, found '%s'",
                          psf->topology->atoms.n, text_quote(quote, line, length));
    return kept_name(atom->segid, sizeof atom->segid, words[1], "segment", lines,
                     err) ||
                   kept_name(atom->resname, sizeof atom->resname, words[3], "residue",
                             lines, err) ||
                   kept_name(atom->name, sizeof atom->name, words[4], "atom name",
                             lines, err) ||
                   kept_name(atom->type, sizeof atom->type, words[5], "atom type",
                             lines, err)
               ? -1
               : 0;
}

/* The next line, whose absence is an error. */
static int need_line(struct psf *psf, const char *what, char **line, size_t *length,
                     struct err *err)
{
    int more = line_reader_next(&psf->lines, line, length, err);
    if (more == 0)
        return line_error(&psf->lines, err, "the file ends here, before %s", what);
    return more < 0 ? -1 : 0;
}

/* A section's head, "3341 !NATOM", anywhere further on. 1 with its count, 0 at the end
   of the file. */
static int find_section(struct psf *psf, const char *name, uint64_t *count,
                        struct err *err)
{
    char *line;
    size_t length;
    int more;
    while ((more = line_reader_next(&psf->lines, &line, &length, err)) > 0) {
        char *mark = strchr(line, '!');
        int64_t n;
        if (!mark || strncmp(mark + 1, name, strlen(name)) != 0)
            continue;
        if (!parse_field_i64(line, (size_t)(mark - line), &n) || n < 0)
            return line_error(&psf->lines, err, "no count before !%s", name);
        *count = (uint64_t)n;
        return 1;
    }
    return more;
}

static int check_count(struct psf *psf, uint64_t count, size_t bytes, const char *what,
                       struct err *err)
{
    uint64_t left = psf->lines.source->size - psf->lines.offset;
    /* The last line's end may be missing. */
    if (count > (left + 1) / bytes)
        return line_error(&psf->lines, err,
                          "%" PRIu64 " %s claimed, the file has %" PRIu64 " bytes left",
                          count, what, left);
    return 0;
}

static int read_atoms(struct psf *psf, struct err *err)
{
    uint64_t count = 0;
    int found = find_section(psf, "NATOM", &count, err);
    if (found < 0)
        return -1;
    if (!found || count == 0)
        return err_set(err, ERR_INPUT, "%s: no atoms in this PSF file",
                       psf->lines.source->path);
    if (check_count(psf, count, ATOM_LINE_BYTES_MIN, "atoms", err))
        return -1;
    for (uint64_t i = 0; i < count; i++) {
        char *line;
        size_t length;
        if (need_line(psf, "all its atoms", &line, &length, err) ||
            parse_atom(psf, line, length, err))
            return -1;
    }
    return 0;
}

/* Atom numbers of a line, at most `max`, 0 when there is none that is valid. Separated
   by blanks or, where the numbers fill them, in columns of 8 or 10. */
static size_t bond_numbers(const struct psf *psf, const char *line, size_t length,
                           uint64_t *numbers, size_t max)
{
    size_t n = 0, n_atoms = psf->topology->atoms.n;
    bool valid = true;
    for (const char *at = line; *(at += strspn(at, " \t")) && valid; n++) {
        char *end;
        if (n == max || !isdigit((unsigned char)*at))
            return 0;
        numbers[n] = strtoull(at, &end, 10);
        valid = numbers[n] > 0 && numbers[n] <= n_atoms;
        at = end;
    }
    if (valid && n % 2 == 0)
        return n;
    size_t width = psf->extended ? 10 : 8;
    for (n = 0; n * width < length; n++) {
        int64_t number;
        size_t rest = length - n * width;
        if (n == max ||
            !parse_field_i64(line + n * width, rest < width ? rest : width, &number) ||
            number < 1 || (uint64_t)number > n_atoms)
            return 0;
        numbers[n] = (uint64_t)number;
    }
    return n % 2 == 0 ? n : 0;
}

/* How many numbers a line holds at least: words, or, where they fill them, columns. */
static size_t count_numbers(const struct psf *psf, const char *line, size_t length)
{
    size_t words = 0, width = psf->extended ? 10 : 8;
    for (const char *at = line; *(at += strspn(at, " \t")); words++)
        at += strcspn(at, " \t");
    size_t columns = length % width == 0 ? length / width : 0;
    return words > columns ? words : columns;
}

/* A last line without a line end, of numbers that the one before kept in columns, and
   itself not, is cut within a number. */
static int check_line(struct psf *psf, const char *line, size_t length, struct err *err)
{
    size_t width = psf->extended ? 10 : 8;
    if (psf->lines.unended && psf->columns && length % width != 0)
        return line_error(&psf->lines, err, "the file ends within this line");
    psf->columns = count_numbers(psf, line, length) * width == length;
    return 0;
}

static int read_bonds(struct psf *psf, struct err *err)
{
    enum { NUMBERS_MAX = 64 };
    uint64_t count = 0, numbers[NUMBERS_MAX];
    struct bonds *bonds = &psf->topology->atoms.bonds;
    int found = find_section(psf, "NBOND", &count, err);
    if (found <= 0)
        return found;
    if (check_count(psf, count, BOND_BYTES_MIN, "bonds", err))
        return -1;
    while (bonds->n < count) {
        char *line;
        size_t length;
        if (need_line(psf, "all its bonds", &line, &length, err) ||
            check_line(psf, line, length, err))
            return -1;
        size_t n = bond_numbers(psf, line, length, numbers, NUMBERS_MAX);
        if (n == 0 || n / 2 > count - bonds->n)
            return line_error(&psf->lines, err,
                              "expected pairs of atom numbers from 1 to %zu",
                              psf->topology->atoms.n);
        for (size_t i = 0; i < n; i += 2)
            if (bonds_add(bonds, (size_t)numbers[i] - 1, (size_t)numbers[i + 1] - 1,
                          err))
                return -1;
    }
    bonds->complete = count > 0;
    return 0;
}

/* Numbers of an item in the sections behind the bonds. (What belongs to the others
   depends on more than their count.) */
static const struct {
    const char *name;
    uint64_t numbers;
} sections[] = {
    {"NTHETA", 3}, {"NPHI", 4}, {"NIMPHI", 4},  {"NDON", 2},
    {"NACC", 2},   {"NGRP", 3}, {"NCRTERM", 8},
};

/* How many numbers a section's head promises; 0 for those that are not counted. */
static uint64_t promised(const char *line, const char *mark)
{
    size_t length = strcspn(mark + 1, " :\t");
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (strlen(sections[i].name) == length &&
            strncmp(sections[i].name, mark + 1, length) == 0) {
            uint64_t n = strtoull(line, NULL, 10), numbers;
            return __builtin_mul_overflow(n, sections[i].numbers, &numbers) ? UINT64_MAX
                                                                            : numbers;
        }
    return 0;
}

/* A section behind the bonds, as far as it has been read. */
struct section {
    char name[16];
    uint64_t wanted, found; /* numbers */
    uint64_t pointers;      /* that may follow them: all or none */
};

static void begin_section(const struct psf *psf, struct section *section,
                          const char *line, const char *mark)
{
    size_t length = strcspn(mark + 1, " :\t");
    *section = (struct section){.wanted = promised(line, mark)};
    snprintf(section->name, sizeof section->name, "%.*s", (int)length, mark + 1);
    if (strcmp(section->name, "NNB") != 0)
        return;
    section->wanted = strtoull(line, NULL, 10);
    section->pointers = psf->topology->atoms.n;
}

static int end_section(const struct psf *psf, const struct section *section,
                       struct err *err)
{
    bool pointers = section->found > section->wanted &&
                    section->found - section->wanted < section->pointers;
    if (section->found >= section->wanted && !pointers)
        return 0;
    return line_error(&psf->lines, err,
                      "the section %s ends after %" PRIu64 " of %" PRIu64 " numbers",
                      section->name, section->found,
                      section->wanted + (pointers ? section->pointers : 0));
}

/* Nothing behind the bonds is used, but a file that ends within it is cut. */
static int check_rest(struct psf *psf, struct err *err)
{
    struct section section = {.wanted = 0};
    char *line;
    size_t length;
    for (;;) {
        int more = line_reader_next(&psf->lines, &line, &length, err);
        if (more < 0)
            return -1;
        if (more == 0)
            return end_section(psf, &section, err);
        const char *mark = strchr(line, '!');
        if (!mark) {
            section.found += count_numbers(psf, line, length);
            if (section.wanted + section.pointers > 0 && length > 0 &&
                check_line(psf, line, length, err))
                return -1;
            continue;
        }
        if (end_section(psf, &section, err))
            return -1;
        if (psf->lines.unended && strtoull(line, NULL, 10) > 0)
            return line_error(&psf->lines, err, "the file ends before this section");
        begin_section(psf, &section, line, mark);
    }
}

static int psf_read_topology(struct topology *topology, const struct source *source,
                             const enum length_unit *unit, struct err *err)
{
    (void)unit;
    struct psf psf = {.topology = topology};
    char *line;
    size_t length;
    if (line_reader_init(&psf.lines, source, 0, err))
        return -1;
    int rc = need_line(&psf, "its first line", &line, &length, err);
    if (rc == 0) {
        struct format_head head = {.text = line};
        psf.extended = strstr(line, "EXT") != NULL;
        if (strcmp(line, "PSF") != 0 && !psf_recognise(&head))
            rc = line_error(&psf.lines, err, "expected 'PSF': not a PSF file");
    }
    if (rc == 0)
        rc = read_atoms(&psf, err) || read_bonds(&psf, err) || check_rest(&psf, err)
                 ? -1
                 : 0;
    line_reader_fini(&psf.lines);
    return rc;
}

const struct format format_psf = {
    .name = "PSF",
    .extensions = {"psf"},
    .recognise = psf_recognise,
    .read_topology = psf_read_topology,
};
