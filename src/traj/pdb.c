/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/pdb.h"

#include "traj/box.h"
#include "traj/pdb_bonds.h"
#include "traj/text.h"
#include "util/alloc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The boxes of the file, each different one in a row once: frame_entry.extra is the
   number of the one in force, counted from 1, or 0 for none. A CRYST1 of the header
   holds for all models until another one comes. */
struct pdb_state {
    double (*boxes)[6];
    size_t n, capacity;
};

static void pdb_release(void *state)
{
    struct pdb_state *pdb = state;
    free(pdb->boxes);
    free(pdb);
}

static bool pdb_recognise(const struct format_head *head)
{
    return pdb_record_known(head->text);
}

struct pdb_topology {
    struct atoms *atoms;
    struct line_reader lines;
    struct pdb_serials serials;
    bool complete; /* the first model has ended: only bonds are looked for */
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
    if (kind == PDB_END || kind == PDB_MODEL)
        pdb->complete = pdb->complete || pdb->atoms->n > 0;
    if (kind == PDB_CONECT)
        return pdb_serials_conect(&pdb->serials, line, length, err);
    if (kind != PDB_ATOM || pdb->complete)
        return 0;
    struct atom *atom = atoms_append(pdb->atoms, err);
    if (!atom)
        return -1;
    const char *wrong = pdb_atom(line, length, atom);
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
    struct line_reader lines;
    uint64_t offset; /* where its records begin */
    size_t n_atoms;
    double time_ps;
    bool has_box;
};

/* Ends the frame, if it has atoms; the next one begins at `next`. */
static int scan_close(struct pdb_scan *scan, uint64_t next, struct err *err)
{
    struct traj_file *file = scan->file;
    const struct pdb_state *pdb = file->state;
    if (scan->n_atoms == 0)
        return 0;
    if (file->n_frames == 0)
        file->n_atoms = scan->n_atoms;
    if (scan->n_atoms != file->n_atoms)
        return traj_file_error(file, file->n_frames, scan->offset, err,
                               "this model has %zu atoms, the first one %zu",
                               scan->n_atoms, file->n_atoms);
    if (traj_file_add(file, scan->offset, scan->time_ps, scan->has_box ? pdb->n : 0,
                      err))
        return -1;
    scan->offset = next;
    scan->n_atoms = 0;
    scan->time_ps = NAN;
    return 0;
}

static int scan_box(struct pdb_scan *scan, const char *line, size_t length,
                    struct err *err)
{
    /* Programs that must write a CRYST1 but have no box write this one. */
    static const double placeholder[6] = {1, 1, 1, 90, 90, 90};
    struct pdb_state *pdb = scan->file->state;
    double box[6];
    struct frame_info info;
    scan->has_box = false;
    if (text_is_blank(line + strlen("CRYST1")))
        return 0;
    if (!pdb_box(line, length, box))
        return line_error(&scan->lines, err, "CRYST1 does not hold six numbers");
    box_set(&info, box);
    if (!info.has_box || memcmp(box, placeholder, sizeof box) == 0)
        return 0;
    scan->has_box = true;
    if (pdb->n > 0 && memcmp(pdb->boxes[pdb->n - 1], box, sizeof box) == 0)
        return 0;
    void *boxes = pdb->boxes;
    if (alloc_grow(&boxes, &pdb->capacity, pdb->n + 1, sizeof box, "boxes", err))
        return -1;
    pdb->boxes = boxes;
    memcpy(pdb->boxes[pdb->n++], box, sizeof box);
    return 0;
}

static int scan_line(struct pdb_scan *scan, const char *line, size_t length,
                     struct err *err)
{
    switch (pdb_record_kind(line)) {
    case PDB_ATOM:
        scan->n_atoms++;
        if (!pdb_has_coordinates(length))
            return traj_file_error(
                scan->file, scan->file->n_frames, scan->lines.line_offset, err,
                "atom %zu: the record ends before its coordinates", scan->n_atoms);
        return 0;
    case PDB_MODEL: /* also ends a model whose ENDMDL is missing */
        return scan_close(scan, scan->lines.line_offset, err);
    case PDB_END:
        return scan_close(scan, scan->lines.offset, err);
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

static int pdb_index(struct traj_file *file, const enum length_unit *unit,
                     struct err *err)
{
    (void)unit;
    file->state = alloc_zeroed(1, sizeof(struct pdb_state), "a PDB file", err);
    if (!file->state)
        return -1;
    struct pdb_scan scan = {.file = file, .time_ps = NAN};
    if (line_reader_init(&scan.lines, &file->source, 0, err))
        return -1;
    char *line;
    size_t length;
    int more;
    while ((more = line_reader_next(&scan.lines, &line, &length, err)) > 0)
        if (scan_line(&scan, line, length, err)) {
            more = -1;
            break;
        }
    if (more == 0)
        more = scan_close(&scan, scan.lines.offset, err);
    line_reader_fini(&scan.lines);
    if (more == 0 && file->n_frames == 0)
        return err_set(err, ERR_INPUT, "%s: no ATOM or HETATM record: not a PDB file",
                       file->source.path);
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

static int pdb_read(const struct traj_file *file, size_t frame,
                    struct frame_scratch *scratch, const struct frame_pick *pick,
                    const struct frame_vectors *out, struct frame_info *info,
                    struct err *err)
{
    const struct frame_entry *entry = &file->frames[frame];
    const struct pdb_state *pdb = file->state;
    struct line_reader *lines =
        frame_scratch_lines(scratch, &file->source, entry->offset, err);
    if (!lines)
        return -1;
    if (entry->extra)
        box_set(info, pdb->boxes[entry->extra - 1]);
    return read_atoms(file, frame, lines, pick, out->xyz, err);
}

const struct format format_pdb = {
    .name = "PDB",
    .extensions = {"pdb", "ent", "pdb1"},
    .recognise = pdb_recognise,
    .read_topology = pdb_read_topology,
    .index = pdb_index,
    .read = pdb_read,
    .release = pdb_release,
};
