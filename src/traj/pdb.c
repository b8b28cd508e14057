/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/pdb.h"

#include "traj/box.h"
#include "traj/pdb_bonds.h"
#include "traj/text.h"
#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A CRYST1 of the header holds for all models until another one comes. Where the first
   one follows a model, each holds for the model before it, and for those that follow
   until another one comes (a stream's frame has gone by then):
   frame_entry.extra is the offset behind the first byte of the record in force, or 0
   where there is none. A stream has forgotten that record: its state is a struct
   frame_info with the box in force for the last frame. */

static bool pdb_recognise(const struct format_head *head)
{
    return pdb_record_known(head->text);
}

/* Whether a file ends where its program has ended it. What is cut between two lines of
   a structure without a model cannot be told from a whole one. */
struct pdb_ending {
    bool open;     /* MODEL has come, and its end not */
    size_t length; /* of the atom before */
};

/* Notes a line. NULL, or what is missing of the last one (static text). */
static const char *ending_line(struct pdb_ending *ending, enum pdb_record kind,
                               size_t length, const struct line_reader *lines)
{
    size_t before = ending->length;
    if (kind == PDB_MODEL || kind == PDB_END)
        ending->open = kind == PDB_MODEL;
    if (kind != PDB_ATOM)
        return NULL;
    ending->length = length;
    return lines->unended && length < before ? "the file ends within this record"
                                             : NULL;
}

struct pdb_topology {
    struct atoms *atoms;
    struct line_reader lines;
    struct pdb_serials serials;
    bool complete; /* the first model has ended: only bonds are looked for */
    struct pdb_ending ending;
};

/* Residue numbers past 9999 begin again at 0 or 1 in a chain that goes on. */
static void unwrap_resid(const struct atoms *atoms, struct atom *atom)
{
    if (atoms->n < 2)
        return;
    const struct atom *before = atom - 1;
    if (strcmp(before->chain, atom->chain) != 0 ||
        strcmp(before->segid, atom->segid) != 0)
        return;
    int64_t laps = ((int64_t)before->resid - atom->resid + 5000 - 1) / 10000;
    if (laps > 0 && laps < 100000)
        atom->resid += (int32_t)(10000 * laps);
}

static int topology_line(struct pdb_topology *pdb, const char *line, size_t length,
                         struct err *err)
{
    enum pdb_record kind = pdb_record_kind(line);
    const char *cut = ending_line(&pdb->ending, kind, length, &pdb->lines);
    if (kind == PDB_END || kind == PDB_MODEL)
        pdb->complete = pdb->complete || pdb->atoms->n > 0;
    if (kind == PDB_CONECT)
        return pdb_serials_conect(&pdb->serials, line, length, err);
    if (kind != PDB_ATOM || pdb->complete)
        return 0;
    struct atom *atom = atoms_append(pdb->atoms, err);
    if (!atom)
        return -1;
    const char *wrong = cut ? cut : pdb_atom(line, length, atom);
    if (wrong)
        return line_error(&pdb->lines, err, "%s", wrong);
    unwrap_resid(pdb->atoms, atom);
    return pdb_serials_atom(&pdb->serials, line, length, err);
}

static int pdb_read_topology(struct topology *topology, const struct source *source,
                             const enum length_unit *unit, struct err *err)
{
    (void)unit;
    struct pdb_topology pdb = {.atoms = &topology->atoms};
    if (line_reader_init(&pdb.lines, source, 0, err))
        return -1;
    char *line;
    size_t length;
    int more;
    while ((more = line_reader_next(&pdb.lines, &line, &length, err)) > 0)
        if (topology_line(&pdb, line, length, err)) {
            more = -1;
            break;
        }
    /* Of a file that is cut behind its first model only bonds may be missing. */
    if (more < 0 && pdb.lines.cut && pdb.complete)
        more = 0;
    if (more == 0 && pdb.ending.open && !pdb.complete && topology->atoms.n > 0)
        more = line_error(&pdb.lines, err, "the file ends before the model's ENDMDL");
    if (more < 0 && !pdb.complete)
        err_prefix(err, "frame 0");
    line_reader_fini(&pdb.lines);
    if (more >= 0)
        more = pdb_serials_apply(&pdb.serials, &topology->atoms.bonds, err);
    pdb_serials_fini(&pdb.serials);
    if (more >= 0 && topology->atoms.n == 0)
        return err_set(err, ERR_INPUT, "%s: no ATOM or HETATM record: not a PDB file",
                       source->path);
    return more < 0 ? -1 : 0;
}

/* What is known of the frame being scanned. */
struct pdb_scan {
    struct traj_file *file;
    struct line_reader *lines;
    uint64_t offset; /* where its records begin */
    size_t n_atoms;
    double time_ps;
    uint64_t box_at; /* as in the index */
    bool box_first;  /* a CRYST1 came before the atoms */
    struct pdb_ending ending;
};

/* Ends the frame, if it has atoms; the next one begins at `next`. */
static int scan_close(struct pdb_scan *scan, uint64_t next, struct err *err)
{
    struct traj_file *file = scan->file;
    if (scan->n_atoms == 0)
        return 0;
    if (file->n_frames == 0)
        file->n_atoms = scan->n_atoms;
    if (scan->n_atoms != file->n_atoms)
        return traj_file_error(file, file->n_frames, scan->offset, err,
                               "this model has %zu atoms, the first one %zu",
                               scan->n_atoms, file->n_atoms);
    if (traj_file_add(file, scan->offset, scan->time_ps, scan->box_at, err))
        return -1;
    scan->offset = next;
    scan->n_atoms = 0;
    scan->time_ps = NAN;
    return 0;
}

/* The box of a CRYST1 record: info->has_box is false for a blank one and for the one
   of programs that must write one but have no box. */
static bool parse_box(const char *line, size_t length, struct frame_info *info)
{
    static const double placeholder[6] = {1, 1, 1, 90, 90, 90};
    double box[6];
    info->has_box = false;
    if (length < strlen("CRYST1") || text_is_blank(line + strlen("CRYST1")))
        return true;
    if (!pdb_box(line, length, box))
        return false;
    if (memcmp(box, placeholder, sizeof box) != 0)
        box_set(info, box);
    return true;
}

static int scan_box(struct pdb_scan *scan, const char *line, size_t length,
                    struct err *err)
{
    struct frame_info info = {.has_box = false};
    if (!parse_box(line, length, &info))
        return line_error(scan->lines, err, "CRYST1 does not hold six numbers");
    struct frame_info *in_force = scan->file->state;
    if (in_force)
        *in_force = info;
    scan->box_at = info.has_box ? scan->lines->line_offset + 1 : 0;
    bool between = scan->n_atoms == 0 && scan->file->n_frames > 0;
    if (between && !scan->box_first && !in_force)
        scan->file->frames[scan->file->n_frames - 1].extra = scan->box_at;
    scan->box_first = scan->box_first || !between;
    return 0;
}

static int scan_line(struct pdb_scan *scan, const char *line, size_t length,
                     struct err *err)
{
    enum pdb_record kind = pdb_record_kind(line);
    const char *cut = ending_line(&scan->ending, kind, length, scan->lines);
    switch (kind) {
    case PDB_ATOM:
        scan->n_atoms++;
        if (!pdb_has_coordinates(length))
            return traj_file_error(
                scan->file, scan->file->n_frames, scan->lines->line_offset, err,
                "atom %zu: the record ends before its coordinates", scan->n_atoms);
        if (cut)
            return traj_file_error(scan->file, scan->file->n_frames,
                                   scan->lines->line_offset, err, "atom %zu: %s",
                                   scan->n_atoms, cut);
        return 0;
    case PDB_MODEL: /* also ends a model whose ENDMDL is missing */
        return scan_close(scan, scan->lines->line_offset, err);
    case PDB_END:
        return scan_close(scan, scan->lines->offset, err);
    case PDB_CRYST1:
        return scan_box(scan, line, length, err);
    case PDB_TITLE:
        text_title_time(line, &scan->time_ps);
        return 0;
    case PDB_CONECT:
    case PDB_OTHER:
        break;
    }
    return 0;
}

static int pdb_begin(struct traj_file *file, const enum length_unit *unit,
                     struct err *err)
{
    (void)unit;
    if (file->source.stream)
        file->state = alloc_zeroed(1, sizeof(struct frame_info), "a PDB file", err);
    return file->source.stream && !file->state ? -1 : 0;
}

/* Lines until there are `n_frames`, or until the end. 1, 0 at the end, -1 on error. */
static int scan_lines(struct pdb_scan *scan, size_t n_frames, struct err *err)
{
    const struct traj_file *file = scan->file;
    char *line;
    size_t length;
    int more;
    while ((more = line_reader_next(scan->lines, &line, &length, err)) > 0) {
        if (scan_line(scan, line, length, err))
            return -1;
        if (file->n_frames == n_frames)
            return 1;
    }
    if (more < 0)
        return err_prefix(err, "frame %zu", file->n_frames);
    /* Of a first model that nothing has closed, who knows how many atoms it had. */
    if (more == 0 && scan->ending.open && scan->n_atoms > 0 && file->n_frames == 0)
        return traj_file_error(file, 0, scan->lines->offset, err,
                               "the file ends before the model's ENDMDL");
    if (more == 0)
        more = scan_close(scan, scan->lines->offset, err);
    if (more == 0 && file->n_frames == 0)
        return err_set(err, ERR_INPUT, "%s: no ATOM or HETATM record: not a PDB file",
                       file->source.path);
    return more;
}

static int pdb_next(struct traj_file *file, struct err *err)
{
    struct pdb_scan scan = {
        .file = file,
        .lines = traj_file_lines(file, err),
        .offset = file->next_offset,
        .time_ps = NAN,
    };
    size_t before = file->n_frames;
    if (!scan.lines || scan_lines(&scan, before + 1, err) < 0)
        return -1;
    file->next_offset = scan.offset;
    return file->n_frames > before;
}

static int pdb_index(struct traj_file *file, const enum length_unit *unit,
                     struct err *err)
{
    (void)unit;
    struct line_reader lines;
    if (line_reader_init(&lines, &file->source, 0, err))
        return -1;
    struct pdb_scan scan = {.file = file, .lines = &lines, .time_ps = NAN};
    int more = scan_lines(&scan, SIZE_MAX, err);
    line_reader_fini(&lines);
    return more;
}

/* The coordinates of the picked atoms, from lines that the index has counted. */
static int read_atoms(const struct traj_file *file, size_t frame,
                      struct line_reader *lines, const struct frame_pick *pick,
                      double *xyz, struct err *err)
{
    size_t atom = 0, taken = 0;
    while (taken < pick->n) {
        char *line;
        size_t length;
        int more = line_reader_next(lines, &line, &length, err);
        if (more < 0)
            return err_prefix(err, "frame %zu", frame);
        if (more == 0)
            return traj_file_error(file, frame, lines->offset, err,
                                   "the file ends after %zu of %zu atoms", atom,
                                   file->n_atoms);
        if (pdb_record_kind(line) != PDB_ATOM)
            continue;
        if (atom++ != frame_pick_at(pick, taken))
            continue;
        const char *wrong = pdb_coordinates(line, length, xyz + 3 * taken);
        if (wrong) {
            char quote[TEXT_QUOTE_BYTES];
            size_t n = length > 54 ? 54 : length;
            return traj_file_error(file, frame, lines->line_offset, err,
                                   "atom %zu: %s: '%s'", atom, wrong,
                                   n > 27 ? text_quote(quote, line + 27, n - 27) : "");
        }
        taken++;
    }
    return 0;
}

static int read_box(const struct traj_file *file, size_t frame,
                    struct line_reader *lines, struct frame_info *info, struct err *err)
{
    char *line;
    size_t length;
    int more = line_reader_next(lines, &line, &length, err);
    if (more < 0)
        return err_prefix(err, "frame %zu", frame);
    if (more == 0 || pdb_record_kind(line) != PDB_CRYST1 ||
        !parse_box(line, length, info))
        return traj_file_error(file, frame, lines->line_offset, err,
                               "the file changed after it was opened");
    return 0;
}

static int pdb_read(const struct traj_file *file, size_t frame,
                    struct frame_scratch *scratch, const struct frame_pick *pick,
                    const struct frame_vectors *out, struct frame_info *info,
                    struct err *err)
{
    const struct frame_entry *entry = &file->frames[frame];
    const struct frame_info *in_force = file->state;
    bool seek = entry->extra && !in_force;
    struct line_reader *lines = frame_scratch_lines(
        scratch, &file->source, seek ? entry->extra - 1 : entry->offset, err);
    if (!lines || (seek && read_box(file, frame, lines, info, err)))
        return -1;
    if (seek)
        line_reader_seek(lines, &file->source, entry->offset);
    if (in_force) {
        info->has_box = in_force->has_box;
        memcpy(info->box, in_force->box, sizeof info->box);
    }
    return read_atoms(file, frame, lines, pick, out->xyz, err);
}

const struct format format_pdb = {
    .name = "PDB",
    .extensions = {"pdb", "ent", "pdb1"},
    .recognise = pdb_recognise,
    .read_topology = pdb_read_topology,
    .index = pdb_index,
    .begin = pdb_begin,
    .next = pdb_next,
    .read = pdb_read,
    .release = free,
    .index_is_all = true,
};
