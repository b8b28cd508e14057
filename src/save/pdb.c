/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mol/elements.h"
#include "save/text.h"
#include "util/alloc.h"

#include <stdlib.h>
#include <string.h>

/* wwPDB format, version 3.3: a model for each frame where there are more than one, with
   the time and the cell in front of it as GROMACS writes them. Atom and residue numbers
   go on in hybrid-36 where their columns end. */
enum {
    SERIAL_WIDTH = 5,
    SERIAL_MAX = 99999,
    PARTNERS_PER_LINE = 4,
    RESID_WIDTH = 4,
    NAME_BYTES = 4,
    MODELS_WRAP = 10000
};

static int put_number(struct save_buffer *buffer, double value, size_t width,
                      int decimals, struct err *err)
{
    char *at = (char *)save_room(buffer, width, err);
    size_t n;
    if (!at)
        return -1;
    if (!save_put_fixed(at, value, width, decimals, &n))
        return 1;
    buffer->n += n;
    return 0;
}

static int put_cell(struct save_buffer *buffer, const struct frame_info *info,
                    struct err *err)
{
    if (save_print(buffer, err, "CRYST1") < 0)
        return -1;
    for (int i = 0; i < 6; i++) {
        int status =
            put_number(buffer, info->box[i], i < 3 ? 9 : 7, i < 3 ? 3 : 2, err);
        if (status)
            return status < 0 ? -1
                              : err_set(err, ERR_RUNTIME,
                                        "a box of %g A does not fit into CRYST1",
                                        info->box[i]);
    }
    return save_print(buffer, err, " P 1           1\n");
}

static int put_head(const struct save *save, struct save_buffer *buffer,
                    const struct frame_info *info, struct err *err)
{
    char number[48];
    size_t n;
    if (info->has_time && save_put_fixed(number, info->time_ps, 0, 5, &n)) {
        if (save_print(buffer, err,
                       "TITLE     Written by framewalk, t= %.*s step= %lld\n", (int)n,
                       number, (long long)save_step(save, info)) < 0)
            return -1;
    } else if (save->n_frames == 0 &&
               save_print(buffer, err, "TITLE     Written by framewalk\n") < 0) {
        return -1;
    }
    if (info->has_box && put_cell(buffer, info, err) < 0)
        return -1;
    if (save->job->n_frames == 1)
        return 0;
    return save_print(buffer, err, "MODEL     %4zu\n",
                      (save->n_frames + 1) % MODELS_WRAP);
}

/* Elements of two letters begin in the first of the four columns, the others in the
   second, as far as the name's length allows. */
static void put_name(char out[5], const struct atom *atom)
{
    bool wide = strlen(element_symbol(atom->element)) == 2 || strlen(atom->name) > 3;
    snprintf(out, 5, wide ? "%-4.4s" : " %-3.3s", atom->name);
}

static char char_or_blank(char c)
{
    return c ? c : ' ';
}

static int put_names(const struct save *save, struct save_buffer *buffer, size_t i,
                     struct err *err)
{
    const struct atom *atom = save_atom(save->job, i);
    char serial[SERIAL_WIDTH + 1], resid[RESID_WIDTH + 1], name[5];
    save_hybrid36(serial, SERIAL_WIDTH, (int64_t)i + 1);
    save_hybrid36(resid, RESID_WIDTH, atom->resid);
    put_name(name, atom);
    bool narrow = strlen(atom->resname) < 3;
    return save_print(buffer, err,
                      narrow ? "%s%s %s%c%3.3s %c%s%c   " : "%s%s %s%c%-4.4s%c%s%c   ",
                      atom->hetatm ? "HETATM" : "ATOM  ", serial, name,
                      char_or_blank(atom->altloc), atom->resname,
                      char_or_blank(atom->chain[0]), resid, char_or_blank(atom->icode));
}

/* Occupancy or B factor; what is not known or does not fit gets its usual value. */
static int put_factor(struct save_buffer *buffer, double value, double usual,
                      struct err *err)
{
    int status = put_number(buffer, value, 6, 2, err);
    return status > 0 ? put_number(buffer, usual, 6, 2, err) : status;
}

static int put_atom(const struct save *save, struct save_buffer *buffer, size_t i,
                    const double *xyz, struct err *err)
{
    const struct atom *atom = save_atom(save->job, i);
    if (put_names(save, buffer, i, err) < 0)
        return -1;
    for (int axis = 0; axis < 3; axis++) {
        int status = put_number(buffer, xyz[axis], 8, 3, err);
        if (status)
            return status < 0 ? -1 : save_misfit(save, i, xyz[axis], err);
    }
    char symbol[3] = "";
    if (atom->element)
        snprintf(symbol, sizeof symbol, "%s", element_symbol(atom->element));
    for (char *at = symbol; *at; at++)
        *at = (char)(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
    if (put_factor(buffer, atom->occupancy, 1, err) < 0 ||
        put_factor(buffer, atom->bfactor, 0, err) < 0)
        return -1;
    return save_print(buffer, err, "      %-4.4s%2s\n", atom->segid, symbol);
}

static int frame(struct save *save, const struct save_frame *frame, struct err *err)
{
    struct save_buffer *buffer = save->state;
    buffer->n = 0;
    if (put_head(save, buffer, frame->info, err) < 0)
        return -1;
    for (size_t i = 0; i < save->job->n_atoms; i++)
        if (put_atom(save, buffer, i, frame->xyz + 3 * i, err) < 0)
            return -1;
    if (save->job->n_frames != 1 && save_print(buffer, err, "ENDMDL\n") < 0)
        return -1;
    return save_flush(save, buffer, err);
}

/* The bonded partners of an atom, four to a line; `number` gives the number in the
   output of each atom of the source, 0 for none. */
static int put_partners(struct save_buffer *buffer, const struct bonds *bonds,
                        uint32_t atom, const uint32_t *number, struct err *err)
{
    int in_line = 0;
    for (size_t k = bonds->first[atom]; k < bonds->first[atom + 1]; k++) {
        uint32_t partner = number[bonds->partner[k]];
        if (!partner)
            continue;
        if (in_line % PARTNERS_PER_LINE == 0 &&
            save_print(buffer, err, "%sCONECT%5u", in_line ? "\n" : "", number[atom]) <
                0)
            return -1;
        if (save_print(buffer, err, "%5u", partner) < 0)
            return -1;
        in_line++;
    }
    return in_line ? save_print(buffer, err, "\n") : 0;
}

/* The bonds that the source has told. Not where numbers would need hybrid-36, which in
   CONECT hardly anyone reads. */
static int put_bonds(const struct save_job *job, struct save_buffer *buffer,
                     struct err *err)
{
    const struct bonds *bonds = &job->atoms->bonds;
    if (!bonds->first || bonds->n == 0 || job->n_atoms > SERIAL_MAX)
        return 0;
    uint32_t *number = alloc_zeroed(job->atoms->n, sizeof *number, "bonds", err);
    if (!number)
        return -1;
    for (size_t i = 0; i < job->n_atoms; i++)
        number[job->pick ? job->pick[i] : i] = (uint32_t)i + 1;
    int status = 0;
    for (size_t i = 0; i < job->n_atoms && status == 0; i++)
        status = put_partners(buffer, bonds, job->pick ? job->pick[i] : (uint32_t)i,
                              number, err);
    free(number);
    return status;
}

static int finish(struct save *save, struct err *err)
{
    struct save_buffer *buffer = save->state;
    if (put_bonds(save->job, buffer, err) < 0 || save_print(buffer, err, "END\n") < 0)
        return -1;
    return save_flush(save, buffer, err);
}

const struct save_format save_format_pdb = {
    .name = "PDB",
    .extensions = {"pdb", "ent"},
    .streams = true,
    .holds = SAVE_BOX | SAVE_TIMES | SAVE_NEEDS_NAMES | SAVE_BONDS,
    .name_bytes = NAME_BYTES,
    .begin = save_buffer_begin,
    .frame = frame,
    .finish = finish,
    .release = save_buffer_release,
};
