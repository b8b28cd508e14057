/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/cif.h"

#include "mol/elements.h"
#include "traj/box.h"
#include "traj/cif_links.h"
#include "traj/kept.h"
#include "util/parse.h"

#include <math.h>
#include <string.h>

/* PDBx/mmCIF. Names and numbers are the authors' (auth_...), which publications and
   PDB files use, where the file has them, else the dictionary's (label_...). */

enum site_field {
    SITE_GROUP,
    SITE_SYMBOL,
    SITE_NAME,
    SITE_LABEL_NAME,
    SITE_ALTLOC,
    SITE_RESIDUE,
    SITE_LABEL_RESIDUE,
    SITE_CHAIN,
    SITE_LABEL_CHAIN,
    SITE_NUMBER,
    SITE_LABEL_NUMBER,
    SITE_ICODE,
    SITE_X,
    SITE_Y,
    SITE_Z,
    SITE_OCCUPANCY,
    SITE_B,
    SITE_MODEL,
    SITE_FIELDS,
};

static const char *const site_fields[SITE_FIELDS] = {
    [SITE_GROUP] = "group_PDB",
    [SITE_SYMBOL] = "type_symbol",
    [SITE_NAME] = "auth_atom_id",
    [SITE_LABEL_NAME] = "label_atom_id",
    [SITE_ALTLOC] = "label_alt_id",
    [SITE_RESIDUE] = "auth_comp_id",
    [SITE_LABEL_RESIDUE] = "label_comp_id",
    [SITE_CHAIN] = "auth_asym_id",
    [SITE_LABEL_CHAIN] = "label_asym_id",
    [SITE_NUMBER] = "auth_seq_id",
    [SITE_LABEL_NUMBER] = "label_seq_id",
    [SITE_ICODE] = "pdbx_PDB_ins_code",
    [SITE_X] = "Cartn_x",
    [SITE_Y] = "Cartn_y",
    [SITE_Z] = "Cartn_z",
    [SITE_OCCUPANCY] = "occupancy",
    [SITE_B] = "B_iso_or_equiv",
    [SITE_MODEL] = "pdbx_PDB_model_num",
};

static const char *const cell_fields[6] = {"length_a",    "length_b",   "length_c",
                                           "angle_alpha", "angle_beta", "angle_gamma"};

enum { SITES, CELL, LINKS, CATEGORIES };

static const struct cif_category categories[CATEGORIES] = {
    [SITES] = {"_atom_site.", site_fields, SITE_FIELDS},
    [CELL] = {"_cell.", cell_fields, 6},
    [LINKS] = {"_struct_conn.", cif_link_fields, CIF_LINK_FIELDS},
};

/* Either kind of reading: atoms for a topology, or coordinates for an index. */
struct job {
    struct topology *topology;
    struct cif_links links;
    struct traj_file *file;
    struct kept *kept;
    bool begun;
    char model[CIF_FIELD_BYTES]; /* of the row before */
    size_t n_models;
};

static const char *either(const struct cif_row *row, enum site_field first,
                          enum site_field second)
{
    return row->field[first][0] ? row->field[first] : row->field[second];
}

static float number_or_nan(const char *text)
{
    double value;
    return parse_double(text, &value) ? (float)value : NAN;
}

static int take_atom(struct job *job, const struct cif_row *row,
                     const struct line_reader *lines, struct err *err)
{
    struct atom *atom = atoms_append(&job->topology->atoms, err);
    int64_t number = 0;
    if (!atom)
        return -1;
    if (row->cut)
        return line_error(lines, err, "a value of this atom is too long");
    if (kept_name(atom->name, sizeof atom->name,
                  either(row, SITE_NAME, SITE_LABEL_NAME), "atom name", lines, err) ||
        kept_name(atom->resname, sizeof atom->resname,
                  either(row, SITE_RESIDUE, SITE_LABEL_RESIDUE), "residue", lines,
                  err) ||
        kept_name(atom->chain, sizeof atom->chain,
                  either(row, SITE_CHAIN, SITE_LABEL_CHAIN), "chain", lines, err))
        return -1;
    const char *text = either(row, SITE_NUMBER, SITE_LABEL_NUMBER);
    if (*text &&
        (!parse_i64(text, &number) || number < INT32_MIN || number > INT32_MAX))
        return line_error(lines, err, "a residue number that is none");
    atom->resid = (int32_t)number;
    atom->icode = row->field[SITE_ICODE][0];
    atom->altloc = row->field[SITE_ALTLOC][0];
    atom->hetatm = row->field[SITE_GROUP][0] == 'H';
    atom->element = element_from_symbol(row->field[SITE_SYMBOL]);
    atom->occupancy = number_or_nan(row->field[SITE_OCCUPANCY]);
    atom->bfactor = number_or_nan(row->field[SITE_B]);
    return 0;
}

static int end_model(struct job *job, const struct line_reader *lines, struct err *err)
{
    struct traj_file *file = job->file;
    size_t begun = job->n_models * file->n_atoms, n = job->kept->n - begun;
    if (job->n_models == 0)
        file->n_atoms = n;
    if (n != file->n_atoms)
        return line_error(lines, err, "model %zu has %zu atoms, the first one %zu",
                          job->n_models + 1, n, file->n_atoms);
    job->n_models++;
    return traj_file_add(file, lines->line_offset, NAN, begun, err);
}

static int take_place(struct job *job, const struct cif_row *row,
                      const struct line_reader *lines, struct err *err)
{
    double xyz[3];
    for (int k = 0; k < 3; k++) {
        const char *text = row->field[SITE_X + k];
        if (!parse_field_double(text, strlen(text), &xyz[k]))
            return line_error(lines, err, "atom without three coordinates");
    }
    return kept_add(job->kept, xyz, err);
}

static int take_site(struct job *job, const struct cif_row *row,
                     const struct line_reader *lines, struct err *err)
{
    bool next = job->begun && strcmp(job->model, row->field[SITE_MODEL]) != 0;
    job->begun = true;
    memcpy(job->model, row->field[SITE_MODEL], sizeof job->model);
    if (job->file)
        return next && end_model(job, lines, err) ? -1
                                                  : take_place(job, row, lines, err);
    /* A topology is the first model; links may stand behind the others. */
    job->n_models += next;
    return job->n_models == 0 ? take_atom(job, row, lines, err) : 0;
}

static void take_cell(struct job *job, const struct cif_row *row)
{
    double box[6];
    /* Structures without a crystal carry a cell of 1 x 1 x 1. */
    for (int i = 0; i < 6; i++)
        if (!parse_double(row->field[i], &box[i]) || (i < 3 && box[i] <= 1))
            return;
    if (job->kept)
        box_set(&job->kept->info, box);
}

static int take_row(void *context, size_t category, const struct cif_row *row,
                    const struct cif_reader *reader, struct err *err)
{
    struct job *job = context;
    if (category == SITES)
        return take_site(job, row, &reader->lines, err);
    if (category == CELL)
        take_cell(job, row);
    else if (job->topology)
        return cif_links_take(&job->links, row, err);
    return 0;
}

static int read_rows(struct job *job, const struct source *source, struct err *err)
{
    struct cif_reader reader;
    if (cif_open(&reader, source, err))
        return -1;
    int rc = cif_rows(&reader, categories, CATEGORIES, take_row, job, err);
    if (rc == 0 && !job->begun)
        rc =
            err_set(err, ERR_INPUT, "%s: no _atom_site in this CIF file", source->path);
    if (rc == 0 && job->file)
        rc = end_model(job, &reader.lines, err);
    cif_close(&reader);
    return rc;
}

static int cif_read_topology(struct topology *topology, const struct source *source,
                             const enum length_unit *unit, struct err *err)
{
    struct job job = {.topology = topology};
    (void)unit;
    int rc = read_rows(&job, source, err);
    if (rc == 0)
        rc = cif_links_apply(&job.links, &topology->atoms, err);
    cif_links_fini(&job.links);
    return rc;
}

static int cif_index(struct traj_file *file, const enum length_unit *unit,
                     struct err *err)
{
    struct job job = {.file = file, .kept = kept_create(err)};
    (void)unit;
    file->state = job.kept;
    return job.kept ? read_rows(&job, &file->source, err) : -1;
}

static bool cif_recognise(const struct format_head *head)
{
    const char *at = head->text;
    while (*at == '#' || *at == '\n' || *at == '\r' || *at == ' ')
        at += *at == '#' ? strcspn(at, "\n") : 1;
    return strncmp(at, "data_", 5) == 0;
}

const struct format format_cif = {
    .name = "CIF",
    .extensions = {"cif", "mmcif", "pdbx"},
    .recognise = cif_recognise,
    .read_topology = cif_read_topology,
    .index = cif_index,
    .read = kept_read,
    .release = kept_release,
};
