/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/h5.h"
#include "traj/lib_process.h"

#include "traj/bytes.h"
#include "traj/vectors.h"
#include "util/alloc.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char magic[8] = "\211HDF\r\n\032\n";
enum { SUPERBLOCK_BYTES = 48 };

static const struct format format_netcdf4;

static bool h5_recognise(const struct format_head *head)
{
    return head->n >= sizeof magic && memcmp(head->bytes, magic, sizeof magic) == 0;
}

/* Where the superblock begins: at 0 or, behind a block of the user's, at 512, 1024, ...
   False where it is nowhere. */
static bool find_superblock(const struct source *source, uint64_t *offset)
{
    unsigned char bytes[sizeof magic];
    for (uint64_t at = 0; at < source->size; at = at ? 2 * at : 512)
        if (source_read(source, at, bytes, sizeof bytes, NULL) == 0 &&
            memcmp(bytes, magic, sizeof magic) == 0) {
            *offset = at;
            return true;
        }
    return false;
}

/* A file cut short is told by its own length in the superblock (of which versions 0 and
   1 keep it at byte 40, 2 and 3 at 28, where offsets have 8 bytes). */
static int check_length(const struct source *source, struct err *err)
{
    unsigned char bytes[SUPERBLOCK_BYTES];
    uint64_t offset;
    if (!find_superblock(source, &offset))
        return err_set(err, ERR_INPUT, "%s: not an HDF5 file: no superblock",
                       source->path);
    if (source->size - offset < sizeof bytes)
        return err_set(err, ERR_INPUT, "%s: a truncated HDF5 file of %" PRIu64 " bytes",
                       source->path, source->size);
    if (source_read(source, offset, bytes, sizeof bytes, err))
        return -1;
    bool old = bytes[8] < 2;
    if (offset || bytes[8] > 3 || bytes[old ? 13 : 9] != 8)
        return 0;
    uint64_t length = load_u64(bytes + (old ? 40 : 28), false);
    if (length <= source->size)
        return 0;
    return err_set(err, ERR_INPUT,
                   "%s: a truncated HDF5 file: it has %" PRIu64 " bytes of %" PRIu64,
                   source->path, source->size, length);
}

/* The process fails for want of something, or the file is to blame. */
static enum err_code code_of(int status)
{
    return status == ERR_RUNTIME ? ERR_RUNTIME : ERR_INPUT;
}

static int add_frames(struct traj_file *file, struct lib_process *process,
                      const struct h5_about *about, struct err *err)
{
    if (about->n_atoms > UINT32_MAX)
        return err_set(err, ERR_INPUT, "%s: a damaged HDF5 file: %" PRIu64 " atoms",
                       file->source.path, about->n_atoms);
    /* Even where zeros are compressed at best, there is an end to their number. */
    uint64_t most = file->source.size * 1032 / (12 * about->n_atoms) + 1;
    if (about->n_frames > most)
        return err_set(err, ERR_INPUT,
                       "%s: a damaged HDF5 file: %" PRIu64 " frames of %" PRIu64
                       " atoms in %" PRIu64 " bytes",
                       file->source.path, about->n_frames, about->n_atoms,
                       file->source.size);
    for (uint64_t i = 0; i < about->n_frames; i++) {
        double time_ps = NAN;
        if (about->has_times &&
            lib_process_receive(process, &time_ps, sizeof time_ps, err))
            return -1;
        if (traj_file_add(file, 0, time_ps, i, err))
            return -1;
    }
    if (!about->text[0])
        return 0;
    return err_set(err, ERR_INPUT, "%s: frame %zu: %s", file->source.path,
                   file->n_frames, about->text);
}

static void serve(int socket, const void *context)
{
    const struct source *source = context;
    h5_serve(socket, source->path, source->size);
}

/* Starts the process of a file, and receives what it says about it. */
static struct lib_process *start_process(const struct source *source,
                                         struct h5_about *about, struct err *err)
{
    if (source->memory) {
        err_set(err, ERR_INPUT, "%s: HDF5 files cannot be read compressed; unpack it",
                source->path);
        return NULL;
    }
    struct lib_process *process =
        lib_process_start(source->path, "HDF5", serve, source, err);
    if (!process)
        return NULL;
    if (lib_process_receive(process, about, sizeof *about, err)) {
        lib_process_end(process);
        return NULL;
    }
    about->text[sizeof about->text - 1] = '\0';
    about->flavour[sizeof about->flavour - 1] = '\0';
    about->compression[sizeof about->compression - 1] = '\0';
    return process;
}

static int h5_index(struct traj_file *file, const enum length_unit *unit,
                    struct err *err)
{
    (void)unit;
    struct h5_about *about = alloc_zeroed(1, sizeof *about, "an HDF5 file", err);
    file->state = about;
    if (!about || check_length(&file->source, err))
        return -1;
    struct lib_process *process = start_process(&file->source, about, err);
    if (!process)
        return -1;
    int rc = -1;
    if (about->status)
        err_set(err, code_of(about->status), "%s: %s", file->source.path, about->text);
    else if (about->n_atoms == 0 || !about->vectors[H5_POSITION].there)
        err_set(err, ERR_INPUT, "%s: no atoms", file->source.path);
    else {
        file->n_atoms = about->n_atoms;
        if (about->kind == H5_KIND_AMBER)
            file->format = &format_netcdf4;
        rc = add_frames(file, process, about, err);
    }
    lib_process_end(process);
    return rc;
}

static void end_process(void *process)
{
    lib_process_end(process);
}

/* The process that serves this reader's frames of this file. */
static struct lib_process *reader_process(const struct traj_file *file,
                                          struct frame_scratch *scratch,
                                          struct err *err)
{
    struct lib_process *process = scratch->helper;
    if (process && scratch->helper_file == file && lib_process_is_ours(process))
        return process;
    frame_scratch_end_helper(scratch);
    struct h5_about *about = alloc_zeroed(1, sizeof *about, "an HDF5 file", err);
    if (!about)
        return NULL;
    process = start_process(&file->source, about, err);
    const struct h5_about *before = file->state;
    if (process &&
        (about->status || about->n_atoms != before->n_atoms ||
         about->n_frames < file->n_frames ||
         memcmp(about->vectors, before->vectors, sizeof about->vectors) != 0)) {
        err_set(err, ERR_INPUT, "%s: the file changed after it was opened",
                file->source.path);
        lib_process_end(process);
        process = NULL;
    }
    double ignored;
    for (uint64_t i = 0; process && about->has_times && i < about->n_frames; i++)
        if (lib_process_receive(process, &ignored, sizeof ignored, err)) {
            lib_process_end(process);
            process = NULL;
        }
    free(about);
    scratch->helper = process;
    scratch->helper_file = file;
    scratch->end_helper = end_process;
    return process;
}

/* What was asked for, from the process to the caller's arrays. */
static int take_answer(struct lib_process *process, const struct h5_about *about,
                       const struct h5_question *question,
                       struct frame_scratch *scratch, const struct frame_pick *pick,
                       double *const out[N_H5_VECTORS], struct err *err)
{
    for (int k = 0; k < N_H5_VECTORS; k++) {
        const struct h5_vectors *vectors = &about->vectors[k];
        if (!vectors->there || !question->want[k])
            continue;
        const struct real_kind kind = {vectors->wide, BYTE_ORDER == BIG_ENDIAN};
        size_t n = 3 * question->n_atoms * real_bytes(kind);
        unsigned char *bytes = frame_scratch_bytes(scratch, n, err);
        if (!bytes || lib_process_receive(process, bytes, n, err))
            return -1;
        vectors_load(bytes, question->first_atom, kind, vectors->scale, pick, out[k]);
    }
    return 0;
}

static int ask(struct lib_process *process, const struct traj_file *file, size_t frame,
               struct frame_scratch *scratch, const struct frame_pick *pick,
               const struct frame_vectors *out, struct frame_info *info,
               struct err *err)
{
    double *const vectors[N_H5_VECTORS] = {out->xyz, out->velocity, out->force};
    const struct h5_about *about = file->state;
    struct h5_question question = {.frame = frame};
    struct h5_answer answer;
    if (pick->n > 0) {
        question.first_atom = frame_pick_at(pick, 0);
        question.n_atoms = frame_pick_at(pick, pick->n - 1) - question.first_atom + 1;
    }
    for (int k = 0; k < N_H5_VECTORS; k++)
        question.want[k] = vectors[k] && pick->n > 0;
    if (lib_process_send(process, &question, sizeof question, err) ||
        lib_process_receive(process, &answer, sizeof answer, err))
        return err_prefix(err, "frame %zu", frame);
    answer.text[sizeof answer.text - 1] = '\0';
    if (answer.status)
        return err_set(err, code_of(answer.status), "%s: frame %zu: %s",
                       file->source.path, frame, answer.text);
    info->has_velocities = about->vectors[H5_VELOCITY].there;
    info->has_forces = about->vectors[H5_FORCE].there;
    info->has_step = answer.has_step;
    info->step = answer.step;
    info->has_box = answer.has_box;
    memcpy(info->box, answer.box, sizeof info->box);
    return take_answer(process, about, &question, scratch, pick, vectors, err);
}

static int h5_read(const struct traj_file *file, size_t frame,
                   struct frame_scratch *scratch, const struct frame_pick *pick,
                   const struct frame_vectors *out, struct frame_info *info,
                   struct err *err)
{
    struct lib_process *process = reader_process(file, scratch, err);
    if (process && ask(process, file, frame, scratch, pick, out, info, err) == 0)
        return 0;
    /* What it may still have to say belongs to no question. */
    frame_scratch_end_helper(scratch);
    return -1;
}

static void h5_describe(const struct traj_file *file, struct traj_description *out)
{
    const struct h5_about *about = file->state;
    memcpy(out->flavour, about->flavour, sizeof out->flavour);
    memcpy(out->compression, about->compression, sizeof out->compression);
    memcpy(out->chunk, about->chunk, sizeof out->chunk);
    out->float_bits = about->vectors[H5_POSITION].wide ? 64 : 32;
}

const struct format format_h5md = {
    .name = "H5MD",
    .extensions = {"h5md", "h5"},
    .recognise = h5_recognise,
    .index = h5_index,
    .read = h5_read,
    .release = free,
    .describe = h5_describe,
};

/* What a file of AMBER's turns out to be; not in the table, since it begins as any HDF5
   file does. */
static const struct format format_netcdf4 = {
    .name = "NetCDF",
    .extensions = {NULL},
    .recognise = h5_recognise,
    .index = h5_index,
    .read = h5_read,
    .release = free,
    .describe = h5_describe,
};
