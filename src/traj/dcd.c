/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/dcd.h"

#include "traj/bytes.h"
#include "util/alloc.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The header: a record of "CORD" and 20 words, one with the title, one with the number
   of atoms, and, where atoms are fixed, one with the numbers of those that are free.
   The number of frames in the header is often wrong; the size of the file tells. */
enum {
    CONTROL_BYTES = 84,
    WORD_FIRST_STEP = 1,
    WORD_STEPS_BETWEEN = 2,
    WORD_N_FIXED = 8,
    WORD_STEP_SIZE = 9,
    WORD_HAS_CELL = 10,
    WORD_FOURTH_DIMENSION = 11,
    WORD_VERSION = 19, /* CHARMM's, 0 in X-PLOR files */
    CELL_BYTES = 6 * 8,
    MARKER_BYTES_MAX = 8,
    /* Of the header's records: nobody waits for what a damaged marker claims. */
    STREAM_RECORD_MAX = 1 << 28,
};

/* 20.455 time units of AKMA (Angstrom, kcal/mol, Da) are a picosecond; the digits are
   those in common use (CHARMM, MDAnalysis). */
#define AKMA_PS 0.04888821

uint64_t dcd_marker(const struct dcd_layout *layout, const unsigned char *bytes)
{
    return layout->marker_bytes == 8 ? load_u64(bytes, layout->big_endian)
                                     : load_u32(bytes, layout->big_endian);
}

/* Bytes of a frame with n coordinates along each axis. */
static uint64_t frame_bytes(const struct dcd_layout *layout, size_t n)
{
    uint64_t markers = 2 * layout->marker_bytes;
    uint64_t axes = layout->has_fourth_dimension ? 4 : 3;
    uint64_t cell = layout->has_cell ? CELL_BYTES + markers : 0;
    return cell + axes * (4 * (uint64_t)n + markers);
}

static void dcd_release(void *state)
{
    struct dcd_state *dcd = state;
    free(dcd->slot);
    free(dcd->fixed_xyz);
    free(dcd);
}

/* Byte order and marker width from the first record. */
static bool find_layout(const unsigned char *bytes, size_t n, struct dcd_layout *layout)
{
    for (size_t marker_bytes = 4; marker_bytes <= 8; marker_bytes += 4) {
        if (n < marker_bytes + 4 || (memcmp(bytes + marker_bytes, "CORD", 4) != 0 &&
                                     memcmp(bytes + marker_bytes, "VELD", 4) != 0))
            continue;
        layout->marker_bytes = marker_bytes;
        for (int big = 0; big < 2; big++) {
            layout->big_endian = big;
            if (dcd_marker(layout, bytes) == CONTROL_BYTES)
                return true;
        }
    }
    return false;
}

static bool dcd_recognise(const struct format_head *head)
{
    struct dcd_layout layout;
    return find_layout(head->bytes, head->n, &layout);
}

static int header_error(const struct traj_file *file, uint64_t offset, const char *what,
                        struct err *err)
{
    return err_set(err, ERR_INPUT, "%s: damaged DCD header: %s at byte offset %" PRIu64,
                   file->source.path, what, offset);
}

/* Whether a record that begins with `head` has the same marker behind `length` bytes
   from `begin` on. 1 or 0; -1 on error. */
static int marker_follows(const struct traj_file *file, const struct dcd_layout *layout,
                          uint64_t begin, uint64_t length, const unsigned char *head,
                          struct err *err)
{
    unsigned char tail[MARKER_BYTES_MAX];
    size_t marker = layout->marker_bytes;
    uint64_t left = file->source.size - begin;
    if (length > left || left - length < marker)
        return 0;
    if (file->source.stream && length > STREAM_RECORD_MAX)
        return 0;
    if (source_read(&file->source, begin + length, tail, marker, err))
        return -1;
    return memcmp(head, tail, marker) == 0;
}

/* Finds the record at *offset: *begin and *length of its contents; moves *offset behind
   it. */
static int next_record(const struct traj_file *file, const struct dcd_layout *layout,
                       const char *what, uint64_t *offset, uint64_t *begin,
                       uint64_t *length, struct err *err)
{
    unsigned char head[MARKER_BYTES_MAX];
    size_t marker = layout->marker_bytes;
    if (source_read(&file->source, *offset, head, marker, err))
        return err_prefix(err, "DCD header, %s", what);
    *begin = *offset + marker;
    *length = dcd_marker(layout, head);
    int closed = marker_follows(file, layout, *begin, *length, head, err);
    if (closed <= 0)
        return closed < 0 ? -1 : header_error(file, *offset, what, err);
    *offset = *begin + *length + marker;
    return 0;
}

/* Skips the title: a count, and as many lines of 80 characters. Some writers put a
   length into both markers that does not fit the count; then the count is right. */
static int skip_title(const struct traj_file *file, const struct dcd_layout *layout,
                      uint64_t *offset, struct err *err)
{
    enum { LINE_BYTES = 80 };
    unsigned char head[MARKER_BYTES_MAX + 4];
    size_t marker = layout->marker_bytes;
    if (source_read(&file->source, *offset, head, marker + 4, err))
        return err_prefix(err, "DCD header, title record");
    uint64_t begin = *offset + marker;
    uint64_t lines = load_u32(head + marker, layout->big_endian);
    uint64_t lengths[2] = {dcd_marker(layout, head), 4 + LINE_BYTES * lines};
    for (int i = 0; i < 2; i++) {
        int closed = marker_follows(file, layout, begin, lengths[i], head, err);
        if (closed < 0)
            return -1;
        if (closed) {
            *offset = begin + lengths[i] + marker;
            return 0;
        }
    }
    return header_error(file, *offset, "title record", err);
}

/* The 20 words behind CORD. */
static int read_control(const struct traj_file *file, struct dcd_state *dcd,
                        int32_t *n_fixed, uint64_t *offset, struct err *err)
{
    struct dcd_layout *layout = &dcd->layout;
    unsigned char bytes[CONTROL_BYTES];
    uint64_t begin, length;
    if (next_record(file, layout, "control record", offset, &begin, &length, err))
        return -1;
    if (length != CONTROL_BYTES)
        return header_error(file, 0, "control record", err);
    if (source_read(&file->source, begin, bytes, sizeof bytes, err))
        return -1;
    if (memcmp(bytes, "VELD", 4) == 0)
        return err_set(err, ERR_INPUT, "%s: a DCD file of velocities, not coordinates",
                       file->source.path);
    const unsigned char *words = bytes + 4;
    bool big = layout->big_endian;
    dcd->first_step = load_i32(words + 4 * WORD_FIRST_STEP, big);
    dcd->steps_between = load_i32(words + 4 * WORD_STEPS_BETWEEN, big);
    *n_fixed = load_i32(words + 4 * WORD_N_FIXED, big);
    dcd->charmm = load_i32(words + 4 * WORD_VERSION, big) != 0;
    if (dcd->charmm) {
        dcd->step_akma = load_f32(words + 4 * WORD_STEP_SIZE, big);
        layout->has_cell = load_i32(words + 4 * WORD_HAS_CELL, big) != 0;
        layout->has_fourth_dimension =
            load_i32(words + 4 * WORD_FOURTH_DIMENSION, big) != 0;
    } else {
        /* X-PLOR: a double takes the place of step size and cell flag. */
        dcd->step_akma = load_f64(words + 4 * WORD_STEP_SIZE, big);
    }
    return 0;
}

/* Number of atoms: the record after the title, whatever that says. */
static int read_atom_count(const struct traj_file *file, struct dcd_state *dcd,
                           int32_t n_fixed, uint64_t *offset, struct err *err)
{
    struct dcd_layout *layout = &dcd->layout;
    unsigned char bytes[4];
    uint64_t begin, length;
    if (skip_title(file, layout, offset, err) ||
        next_record(file, layout, "atom count record", offset, &begin, &length, err))
        return -1;
    if (length != sizeof bytes)
        return header_error(file, begin, "atom count record", err);
    if (source_read(&file->source, begin, bytes, sizeof bytes, err))
        return -1;
    int32_t n_atoms = load_i32(bytes, layout->big_endian);
    if (n_atoms <= 0 || n_fixed < 0 || n_fixed >= n_atoms)
        return err_set(err, ERR_INPUT,
                       "%s: damaged DCD header: %" PRId32 " atoms, %" PRId32
                       " of them fixed",
                       file->source.path, n_atoms, n_fixed);
    layout->n_atoms = (size_t)n_atoms;
    layout->n_free = (size_t)(n_atoms - n_fixed);
    return 0;
}

/* The numbers of the free atoms, from 1. */
static int read_free_atoms(const struct traj_file *file, struct dcd_state *dcd,
                           uint64_t *offset, struct err *err)
{
    const struct dcd_layout *layout = &dcd->layout;
    uint64_t begin, length;
    if (next_record(file, layout, "record of free atoms", offset, &begin, &length, err))
        return -1;
    if (length != 4 * (uint64_t)layout->n_free)
        return header_error(file, begin, "record of free atoms", err);
    /* The first frame holds all atoms; a header that claims more than the file can hold
       ends here, before memory is taken for them. */
    int whole =
        source_has(&file->source, *offset, frame_bytes(layout, layout->n_atoms), err);
    if (whole < 0)
        return -1;
    if (!whole)
        return traj_file_error(file, 0, *offset, err,
                               "the file ends inside its first frame");
    unsigned char *bytes = alloc_zeroed(layout->n_free, 4, "free atoms", err);
    dcd->slot = alloc_zeroed(layout->n_atoms, sizeof *dcd->slot, "free atoms", err);
    int rc = -1;
    if (!bytes || !dcd->slot ||
        source_read(&file->source, begin, bytes, 4 * layout->n_free, err))
        goto done;
    for (size_t i = 0; i < layout->n_atoms; i++)
        dcd->slot[i] = -1;
    for (size_t i = 0; i < layout->n_free; i++) {
        int32_t atom = load_i32(bytes + 4 * i, layout->big_endian);
        if (atom < 1 || (size_t)atom > layout->n_atoms || dcd->slot[atom - 1] >= 0) {
            header_error(file, begin + 4 * i, "number of a free atom", err);
            goto done;
        }
        dcd->slot[atom - 1] = (int32_t)i;
    }
    rc = 0;
done:
    free(bytes);
    return rc;
}

static int read_header(const struct traj_file *file, struct dcd_state *dcd,
                       struct err *err)
{
    unsigned char magic[MARKER_BYTES_MAX + 4];
    int32_t n_fixed = 0;
    uint64_t offset = 0;
    long n = -1;
    if (source_has(&file->source, 0, sizeof magic, err) >= 0)
        n = source_read_some(&file->source, 0, magic, sizeof magic, err);
    if (n < 0)
        return -1;
    if (!find_layout(magic, (size_t)n, &dcd->layout))
        return err_set(
            err, ERR_INPUT,
            "%s: not a DCD file: it does not begin with a record of %d bytes "
            "and CORD",
            file->source.path, CONTROL_BYTES);
    if (read_control(file, dcd, &n_fixed, &offset, err) ||
        read_atom_count(file, dcd, n_fixed, &offset, err) ||
        (n_fixed > 0 && read_free_atoms(file, dcd, &offset, err)))
        return -1;
    dcd->first_offset = offset;
    return 0;
}

/* As MDAnalysis reckons: ISTART is the step of the first frame. NaN where the header
   has no time axis. */
static double frame_time(const struct dcd_state *dcd, size_t frame)
{
    double between = dcd->steps_between;
    if (dcd->steps_between <= 0 || !isfinite(dcd->step_akma) || dcd->step_akma == 0)
        return NAN;
    return (dcd->first_step / between + (double)frame) * between * dcd->step_akma *
           AKMA_PS;
}

/* Frames follow from the size of the file; what is left over is a frame cut short. 1, 0
   at the end of the file, -1 on error. */
static int dcd_next(struct traj_file *file, struct err *err)
{
    const struct dcd_state *dcd = file->state;
    size_t frame = file->n_frames;
    uint64_t offset = file->next_offset;
    uint64_t needed =
        frame_bytes(&dcd->layout, frame ? dcd->layout.n_free : dcd->layout.n_atoms);
    int whole = source_has(&file->source, offset, needed, err);
    if (whole < 0)
        return err_prefix(err, "frame %zu", frame);
    uint64_t left = source_left(&file->source, offset);
    if (!whole && left == 0)
        return 0;
    if (!whole)
        return traj_file_error(file, frame, offset, err,
                               "the frame takes %" PRIu64
                               " bytes, the file ends after %" PRIu64,
                               needed, left);
    file->n_atoms = dcd->layout.n_atoms;
    if (traj_file_add(file, offset, frame_time(dcd, frame), needed, err))
        return -1;
    file->next_offset += needed;
    /* The others must be readable, also where the file is cut short after them. */
    if (frame == 0 && dcd->slot && dcd_keep_fixed(file, err)) {
        file->n_frames = 0;
        return -1;
    }
    return 1;
}

static int dcd_begin(struct traj_file *file, const enum length_unit *unit,
                     struct err *err)
{
    (void)unit;
    struct dcd_state *dcd = alloc_zeroed(1, sizeof *dcd, "a DCD header", err);
    if (!dcd)
        return -1;
    file->state = dcd;
    if (read_header(file, dcd, err))
        return -1;
    file->next_offset = dcd->first_offset;
    return 0;
}

static int dcd_index(struct traj_file *file, const enum length_unit *unit,
                     struct err *err)
{
    (void)unit;
    int more;
    do
        more = dcd_next(file, err);
    while (more > 0);
    return more;
}

static void dcd_describe(const struct traj_file *file, struct traj_description *out)
{
    const struct dcd_state *dcd = file->state;
    const struct dcd_layout *layout = &dcd->layout;
    size_t n = (size_t)snprintf(
        out->flavour, sizeof out->flavour, "%s, %s endian, %zu-bit records%s%s",
        dcd->charmm ? "CHARMM" : "X-PLOR", layout->big_endian ? "big" : "little",
        8 * layout->marker_bytes, layout->has_cell ? ", unit cell" : "",
        layout->has_fourth_dimension ? ", 4D" : "");
    size_t n_fixed = layout->n_atoms - layout->n_free;
    if (n_fixed && n < sizeof out->flavour)
        snprintf(out->flavour + n, sizeof out->flavour - n, ", %zu fixed", n_fixed);
    out->float_bits = 32;
}

const struct format format_dcd = {
    .name = "DCD",
    .extensions = {"dcd"},
    .recognise = dcd_recognise,
    .index = dcd_index,
    .begin = dcd_begin,
    .next = dcd_next,
    .read = dcd_read,
    .describe = dcd_describe,
    .release = dcd_release,
};
