/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/box.h"
#include "traj/bytes.h"
#include "traj/format.h"
#include "traj/scan.h"
#include "traj/vectors.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* GROMACS's uncompressed trajectories: XDR, thus big endian; nm, ps, kJ/mol. A frame is
   a magic number, the text "GMX_trn_file" with its lengths, thirteen integers (the
   sizes of what follows, atoms, step), time and lambda; then box, virial, pressure,
   positions, velocities and forces, each of which may be absent (size 0). Numbers are
   floats or doubles, which the sizes tell, frame by frame. */
enum {
    TRR_MAGIC = 1993,
    AT_TEXT = 4, /* two lengths and the text itself */
    AT_SIZES = 24,
    AT_ATOMS = 64,
    AT_STEP = 68,
    AT_TIME = 76,
    HEADER_BYTES_MAX = 92,
};

/* The ten sizes in their order. */
enum trr_part {
    PART_INPUT_RECORD,
    PART_ENERGY,
    PART_BOX,
    PART_VIRIAL,
    PART_PRESSURE,
    PART_TOPOLOGY,
    PART_SYMBOLS,
    PART_POSITIONS,
    PART_VELOCITIES,
    PART_FORCES,
    N_PARTS,
};

struct trr_header {
    size_t n_atoms;
    struct real_kind kind;
    int32_t step;
    double time_ps;
    size_t header_bytes;
    uint64_t at[N_PARTS]; /* of the frame's beginning; 0 for what is not there */
    uint64_t frame_bytes;
};

static const unsigned char text[AT_SIZES - AT_TEXT] = "\0\0\0\15\0\0\0\14GMX_trn_file";

static bool trr_recognise(const struct format_head *head)
{
    return head->n >= AT_SIZES && load_u32(head->bytes, true) == TRR_MAGIC &&
           memcmp(head->bytes + AT_TEXT, text, sizeof text) == 0;
}

/* Whether the sizes are those of floats of `bytes` each. Parts that no program writes
   must be empty: nothing says how long their numbers are. */
static bool sizes_fit(const int32_t size[N_PARTS], int64_t n_atoms, int64_t bytes)
{
    static const int numbers[N_PARTS] = {
        [PART_BOX] = 9, [PART_VIRIAL] = 9, [PART_PRESSURE] = 9};
    for (int i = 0; i < N_PARTS; i++) {
        int64_t wanted = i >= PART_POSITIONS ? 3 * n_atoms : numbers[i];
        if (size[i] != 0 && size[i] != wanted * bytes)
            return false;
    }
    return true;
}

/* Judges the header of a frame at `offset`, of which `n` bytes are there (all that the
   file has, up to HEADER_BYTES_MAX). */
static int parse_header(const struct traj_file *file, size_t frame, uint64_t offset,
                        const unsigned char *bytes, size_t n, struct trr_header *header,
                        struct err *err)
{
    if (n >= 4 && load_u32(bytes, true) != TRR_MAGIC)
        return traj_file_error(
            file, frame, offset, err, "magic number %d expected, found %" PRIu32 "%s",
            TRR_MAGIC, load_u32(bytes, true),
            frame ? ": the frame boundaries are lost" : ": not a TRR file");
    if (n < HEADER_BYTES_MAX - 8)
        return traj_file_error(file, frame, offset, err,
                               "the file ends after %zu bytes of the frame's header",
                               n);
    if (memcmp(bytes + AT_TEXT, text, sizeof text) != 0)
        return traj_file_error(file, frame, offset, err,
                               "the header does not say GMX_trn_file");
    int32_t size[N_PARTS];
    for (int i = 0; i < N_PARTS; i++)
        size[i] = load_i32(bytes + AT_SIZES + 4 * i, true);
    int32_t n_atoms = load_i32(bytes + AT_ATOMS, true);
    bool narrow = sizes_fit(size, n_atoms, 4), wide = sizes_fit(size, n_atoms, 8);
    if (n_atoms <= 0 || !(narrow || wide))
        return traj_file_error(file, frame, offset, err,
                               "the header claims %" PRId32
                               " atoms, and sizes that do not fit that number",
                               n_atoms);
    *header = (struct trr_header){
        .n_atoms = (size_t)n_atoms,
        .kind = {.wide = !narrow, .big_endian = true},
        .step = load_i32(bytes + AT_STEP, true),
        .header_bytes = AT_TIME + (narrow ? 8 : 16),
    };
    if (n < header->header_bytes)
        return traj_file_error(file, frame, offset, err,
                               "the file ends after %zu bytes of the frame's header",
                               n);
    reals_load(bytes + AT_TIME, header->kind, 1.0, &header->time_ps, 1);
    header->frame_bytes = header->header_bytes;
    for (int i = 0; i < N_PARTS; i++)
        if (size[i] > 0) {
            header->at[i] = header->frame_bytes;
            header->frame_bytes += (uint64_t)size[i];
        }
    return scan_check_whole(file, frame, offset, header->frame_bytes, err);
}

/* 1, 0 at the end of the file, -1 on error. */
static int load_header(const struct traj_file *file, size_t frame, uint64_t offset,
                       struct source_window *window, struct trr_header *header,
                       struct err *err)
{
    size_t n;
    const unsigned char *bytes =
        source_window_at(window, &file->source, offset, HEADER_BYTES_MAX, &n, err);
    if (!bytes)
        return err_prefix(err, "frame %zu", frame);
    if (n == 0)
        return 0;
    return parse_header(file, frame, offset, bytes, n, header, err) ? -1 : 1;
}

/* Adds the frame at file->next_offset. 1, 0 at the end of the file, -1 on error. */
static int add_frame(struct traj_file *file, struct source_window *window,
                     struct err *err)
{
    struct trr_header header = {0};
    uint64_t offset = file->next_offset;
    size_t frame = file->n_frames;
    int more = load_header(file, frame, offset, window, &header, err);
    if (more <= 0)
        return more;
    more = scan_add(file, header.n_atoms, header.time_ps, header.frame_bytes, err);
    if (more > 0)
        file->frames[frame].no_positions = !header.at[PART_POSITIONS];
    return more;
}

static int trr_next(struct traj_file *file, struct err *err)
{
    return scan_next(file, add_frame, err);
}

static int trr_index(struct traj_file *file, const enum length_unit *unit,
                     struct err *err)
{
    (void)unit;
    return scan_index(file, add_frame, err);
}

static int read_box(const struct traj_file *file, uint64_t offset,
                    const struct trr_header *header, struct frame_info *info,
                    struct err *err)
{
    unsigned char bytes[9 * 8];
    double v[3][3];
    if (source_read(&file->source, offset + header->at[PART_BOX], bytes,
                    9 * real_bytes(header->kind), err))
        return -1;
    reals_load(bytes, header->kind, 1.0, &v[0][0], 9);
    box_set_vectors(info, (const double(*)[3])v, 10.0);
    return 0;
}

static int trr_read(const struct traj_file *file, size_t frame,
                    struct frame_scratch *scratch, const struct frame_pick *pick,
                    const struct frame_vectors *out, struct frame_info *info,
                    struct err *err)
{
    /* To A, A/ps and kJ/(mol A). */
    const struct {
        enum trr_part part;
        double scale, *out;
        bool *has;
    } parts[] = {
        {PART_POSITIONS, 10.0, out->xyz, &info->has_positions},
        {PART_VELOCITIES, 10.0, out->velocity, &info->has_velocities},
        {PART_FORCES, 0.1, out->force, &info->has_forces},
    };
    const struct frame_entry *entry = &file->frames[frame];
    struct source_window window = {0};
    struct trr_header header;
    int there = load_header(file, frame, entry->offset, &window, &header, err);
    if (there < 0)
        return -1;
    if (there == 0 || header.n_atoms != file->n_atoms ||
        header.frame_bytes != entry->extra ||
        !header.at[PART_POSITIONS] != entry->no_positions)
        return traj_file_error(file, frame, entry->offset, err,
                               "the file changed after it was opened");
    info->has_step = true;
    info->step = header.step;
    if (header.at[PART_BOX] && read_box(file, entry->offset, &header, info, err))
        return err_prefix(err, "frame %zu", frame);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        uint64_t at = header.at[parts[i].part];
        *parts[i].has = at != 0;
        if (at && parts[i].out &&
            vectors_read(&file->source, entry->offset + at, header.kind, parts[i].scale,
                         pick, scratch, parts[i].out, err))
            return err_prefix(err, "frame %zu", frame);
    }
    return 0;
}

static void trr_describe(const struct traj_file *file, struct traj_description *out)
{
    static const struct {
        enum trr_part part;
        const char *name;
    } parts[] = {{PART_POSITIONS, "positions"},
                 {PART_VELOCITIES, "velocities"},
                 {PART_FORCES, "forces"},
                 {PART_BOX, "box"}};
    struct source_window window = {0};
    struct trr_header header;
    if (load_header(file, 0, file->frames[0].offset, &window, &header, NULL) <= 0)
        return;
    out->float_bits = header.kind.wide ? 64 : 32;
    size_t n = 0;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (header.at[parts[i].part])
            n += (size_t)snprintf(out->flavour + n, sizeof out->flavour - n, "%s%s",
                                  n ? ", " : "", parts[i].name);
}

const struct format format_trr = {
    .name = "TRR",
    .extensions = {"trr"},
    .recognise = trr_recognise,
    .index = trr_index,
    .index_is_all = true,
    .next = trr_next,
    .read = trr_read,
    .describe = trr_describe,
};
