/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/kept.h"
#include "traj/pdb.h"
#include "traj/text.h"
#include "util/parse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* PQR: a PDB file with charge and radius in place of occupancy and B factor. Words
   separated by blanks, of which a chain before the residue number (PDB2PQR) and an
   element at the end (GROMACS) are optional; where words have run together
   ("A1000", "-103.250-98.125") the columns of the PDB format still hold. */

enum { WORDS_MAX = 12, COLUMN_CHARGE = 54 };

struct pqr_atom {
    struct atom atom;
    double xyz[3];
};

static bool take_name(char *field, size_t size, const char *word)
{
    size_t n = strlen(word);
    if (n >= size)
        return false;
    memcpy(field, word, n + 1);
    return true;
}

/* x y z charge radius. */
static bool take_numbers(struct pqr_atom *out, char *const words[5])
{
    for (int k = 0; k < 3; k++)
        if (!parse_field_double(words[k], strlen(words[k]), &out->xyz[k]))
            return false;
    return parse_double(words[3], &out->atom.charge) &&
           parse_double(words[4], &out->atom.radius);
}

/* Words: record, serial, name, residue, [chain,] number, x, y, z, charge, radius,
   [element]. */
static bool by_words(char *line, struct pqr_atom *out)
{
    char *words[WORDS_MAX];
    size_t n = text_words(line, words, WORDS_MAX);
    double number;
    if (n < 10 || n > WORDS_MAX)
        return false;
    bool element = !parse_double(words[n - 1], &number);
    size_t core = n - element;
    if (core != 10 && core != 11)
        return false;
    bool chain = core == 11;
    struct atom *atom = &out->atom;
    *atom = (struct atom){
        .hetatm = words[0][0] == 'H', .mass = NAN, .occupancy = NAN, .bfactor = NAN};
    if (!take_name(atom->name, sizeof atom->name, words[2]) ||
        !take_name(atom->resname, sizeof atom->resname, words[3]) ||
        (chain && !take_name(atom->chain, sizeof atom->chain, words[4])) ||
        !text_residue(words[4 + chain], &atom->resid, &atom->icode) ||
        !take_numbers(out, words + 5 + chain))
        return false;
    return !element || take_name(atom->type, sizeof atom->type, words[n - 1]);
}

static bool by_columns(char *line, size_t length, struct pqr_atom *out)
{
    char *words[3];
    struct atom *atom = &out->atom;
    *atom = (struct atom){.mass = NAN, .occupancy = NAN, .bfactor = NAN};
    if (length <= COLUMN_CHARGE || pdb_coordinates(line, length, out->xyz) ||
        pdb_atom(line, length, atom))
        return false;
    atom->element = 0;
    atom->segid[0] = '\0';
    atom->occupancy = atom->bfactor = NAN;
    size_t n = text_words(line + COLUMN_CHARGE, words, 3);
    return n >= 2 && parse_double(words[0], &atom->charge) &&
           parse_double(words[1], &atom->radius);
}

/* False for a line that is no atom of either kind. The line is cut up. */
static bool parse_atom(char *line, size_t length, struct pqr_atom *out)
{
    char copy[256];
    if (length >= sizeof copy)
        return false;
    memcpy(copy, line, length + 1);
    return by_words(copy, out) || by_columns(line, length, out);
}

/* The first atom line of a file, which a PDB file's may be by its form too: named .pqr,
   a file with one is taken for this. (With a radius below 0 too: it is refused.) Where
   remarks fill the head, the name decides. */
static bool pqr_recognise(const struct format_head *head)
{
    const char *at = head->text;
    while (*at && pdb_record_kind(at) != PDB_ATOM) {
        at += strcspn(at, "\n");
        at += *at == '\n';
    }
    char line[256];
    size_t length = strcspn(at, "\r\n");
    struct pqr_atom atom;
    if (*at == '\0')
        return pdb_record_known(head->text);
    if (length == 0 || length >= sizeof line)
        return false;
    memcpy(line, at, length);
    line[length] = '\0';
    return parse_atom(line, length, &atom);
}

/* Calls take for each atom up to the end of the first model. */
static int each_atom(const struct source *source,
                     int (*take)(void *context, const struct pqr_atom *atom,
                                 const struct line_reader *lines, struct err *err),
                     void *context, struct err *err)
{
    struct line_reader lines;
    struct pqr_atom atom;
    char *line, quote[TEXT_QUOTE_BYTES];
    size_t length, n = 0;
    int more;
    if (line_reader_init(&lines, source, 0, err))
        return -1;
    while ((more = line_reader_next(&lines, &line, &length, err)) > 0) {
        enum pdb_record kind = pdb_record_kind(line);
        if (n > 0 && (kind == PDB_END || kind == PDB_MODEL))
            break;
        if (kind != PDB_ATOM)
            continue;
        text_quote(quote, line, length);
        n++;
        bool cut = lines.unended && text_ends_short(line, 1);
        if (cut)
            more = line_error(&lines, err, "atom %zu: the file ends within '%s'", n,
                              quote);
        else if (!parse_atom(line, length, &atom) || !(atom.atom.radius >= 0))
            more = line_error(&lines, err, "atom %zu: no charge and radius in '%s'", n,
                              quote);
        else
            more = take(context, &atom, &lines, err);
        if (more < 0)
            break;
    }
    line_reader_fini(&lines);
    if (more >= 0 && n == 0)
        return err_set(err, ERR_INPUT, "%s: no ATOM or HETATM record: not a PQR file",
                       source->path);
    return more < 0 ? -1 : 0;
}

static int take_atom(void *context, const struct pqr_atom *from,
                     const struct line_reader *lines, struct err *err)
{
    struct atom *atom = atoms_append(context, err);
    (void)lines;
    if (!atom)
        return -1;
    *atom = from->atom;
    return 0;
}

static int pqr_read_topology(struct topology *topology, const struct source *source,
                             const enum length_unit *unit, struct err *err)
{
    (void)unit;
    return each_atom(source, take_atom, &topology->atoms, err);
}

static int take_place(void *context, const struct pqr_atom *from,
                      const struct line_reader *lines, struct err *err)
{
    (void)lines;
    return kept_add(context, from->xyz, err);
}

static int pqr_index(struct traj_file *file, const enum length_unit *unit,
                     struct err *err)
{
    (void)unit;
    struct kept *kept = kept_create(err);
    file->state = kept;
    if (!kept || each_atom(&file->source, take_place, kept, err))
        return -1;
    file->n_atoms = kept->n;
    return traj_file_add(file, 0, NAN, 0, err);
}

const struct format format_pqr = {
    .name = "PQR",
    .extensions = {"pqr"},
    .extension_decides = true,
    .recognise = pqr_recognise,
    .read_topology = pqr_read_topology,
    .index = pqr_index,
    .read = kept_read,
    .release = kept_release,
};
