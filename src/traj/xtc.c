/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/box.h"
#include "traj/bytes.h"
#include "traj/format.h"
#include "traj/scan.h"
#include "traj/xtc_coords.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* GROMACS's compressed trajectories: XDR, thus big endian throughout; lengths in nm,
   times in ps. A frame is

     magic, atoms, step, time, box[9], atoms again             56 bytes
     up to 9 atoms:   x, y, z of each as float
     more than that:  precision, min[3], max[3], small index,  32 bytes
                      bytes of data (8 bytes wide where the    4 or 8 bytes
                      magic number is the larger one),
                      the data padded to 4 */
enum {
    XTC_MAGIC = 1995,
    XTC_MAGIC_LARGE = 2023, /* GROMACS 2023 on, beyond 298 million atoms */
    UNCOMPRESSED_ATOMS_MAX = 9,
    AT_ATOMS = 4,
    AT_STEP = 8,
    AT_TIME = 12,
    AT_BOX = 16,
    AT_ATOMS_AGAIN = 52,
    SHORT_HEADER_BYTES = 56,
    AT_PRECISION = 56,
    AT_MIN = 60,
    AT_MAX = 72,
    AT_SMALL_INDEX = 84,
    AT_DATA_BYTES = 88,
    HEADER_BYTES_MAX = 96,
};

struct xtc_header {
    size_t n_atoms;
    bool compressed;
    size_t header_bytes;
    uint64_t data_bytes;
    uint64_t frame_bytes; /* with both, and the padding */
};

static bool xtc_recognise(const struct format_head *head)
{
    if (head->n < 4)
        return false;
    uint32_t magic = load_u32(head->bytes, true);
    return magic == XTC_MAGIC || magic == XTC_MAGIC_LARGE;
}

static int magic_error(const struct traj_file *file, size_t frame, uint64_t offset,
                       uint32_t magic, struct err *err)
{
    if (frame == 0)
        return err_set(err, ERR_INPUT,
                       "%s: not an XTC file: it begins with %" PRIu32
                       " instead of the magic number %d",
                       file->source.path, magic, XTC_MAGIC);
    return traj_file_error(file, frame, offset, err,
                           "magic number %d expected, found %" PRIu32
                           ": the frame boundaries are lost",
                           XTC_MAGIC, magic);
}

static int header_cut(const struct traj_file *file, size_t frame, uint64_t offset,
                      size_t n, struct err *err)
{
    return traj_file_error(file, frame, offset, err,
                           "the file ends after %zu bytes of the frame's header", n);
}

/* The rest of the header of a frame that is compressed. */
static int parse_sizes(const struct traj_file *file, size_t frame, uint64_t offset,
                       const unsigned char *bytes, size_t n, bool large,
                       struct xtc_header *header, struct err *err)
{
    header->header_bytes = AT_DATA_BYTES + (large ? 8 : 4);
    if (n < header->header_bytes)
        return header_cut(file, frame, offset, n, err);
    int64_t data_bytes = large ? (int64_t)load_u64(bytes + AT_DATA_BYTES, true)
                               : load_i32(bytes + AT_DATA_BYTES, true);
    /* An atom takes two bits at least; the upper bound keeps the sums below from
       wrapping around. */
    if (data_bytes <= 0 || (header->n_atoms - 1) / 4 >= (uint64_t)data_bytes ||
        data_bytes > INT64_MAX / 2)
        return traj_file_error(file, frame, offset, err,
                               "%" PRId64 " bytes cannot hold %zu atoms", data_bytes,
                               header->n_atoms);
    header->data_bytes = (uint64_t)data_bytes;
    return 0;
}

/* Judges the header of a frame at `offset`, of which `n` bytes are there (all that the
   file has, up to HEADER_BYTES_MAX). */
static int parse_header(const struct traj_file *file, size_t frame, uint64_t offset,
                        const unsigned char *bytes, size_t n, struct xtc_header *header,
                        struct err *err)
{
    uint32_t magic = n >= 4 ? load_u32(bytes, true) : XTC_MAGIC;
    if (magic != XTC_MAGIC && magic != XTC_MAGIC_LARGE)
        return magic_error(file, frame, offset, magic, err);
    if (n < SHORT_HEADER_BYTES)
        return header_cut(file, frame, offset, n, err);
    int32_t n_atoms = load_i32(bytes + AT_ATOMS, true);
    int32_t again = load_i32(bytes + AT_ATOMS_AGAIN, true);
    if (n_atoms <= 0 || n_atoms != again)
        return traj_file_error(
            file, frame, offset, err,
            "the header claims %" PRId32 " and then %" PRId32 " atoms", n_atoms, again);
    *header = (struct xtc_header){
        .n_atoms = (size_t)n_atoms,
        .compressed = n_atoms > UNCOMPRESSED_ATOMS_MAX,
        .header_bytes = SHORT_HEADER_BYTES,
        .data_bytes = 12 * (uint64_t)n_atoms,
    };
    if (header->compressed && parse_sizes(file, frame, offset, bytes, n,
                                          magic == XTC_MAGIC_LARGE, header, err))
        return -1;
    header->frame_bytes =
        header->header_bytes + ((header->data_bytes + 3) & ~(uint64_t)3);
    return scan_check_whole(file, frame, offset, header->frame_bytes, err);
}

/* Adds the frame at file->next_offset. 1, 0 at the end of the file, -1 on error. */
static int add_frame(struct traj_file *file, struct source_window *window,
                     struct err *err)
{
    struct xtc_header header = {0};
    uint64_t offset = file->next_offset;
    size_t frame = file->n_frames, n;
    const unsigned char *bytes =
        source_window_at(window, &file->source, offset, HEADER_BYTES_MAX, &n, err);
    if (!bytes)
        return err_prefix(err, "frame %zu", frame);
    if (n == 0)
        return 0;
    /* The frame may move the window of a stream. */
    double time_ps = n < SHORT_HEADER_BYTES ? NAN : load_f32(bytes + AT_TIME, true);
    if (parse_header(file, frame, offset, bytes, n, &header, err))
        return -1;
    return scan_add(file, header.n_atoms, time_ps, header.frame_bytes, err);
}

static int xtc_next(struct traj_file *file, struct err *err)
{
    return scan_next(file, add_frame, err);
}

static int xtc_index(struct traj_file *file, const enum length_unit *unit,
                     struct err *err)
{
    (void)unit;
    return scan_index(file, add_frame, err);
}

/* Few atoms are kept as floats in nm. */
static void read_floats(const unsigned char *data, const struct frame_pick *pick,
                        double *xyz)
{
    for (size_t i = 0; i < pick->n; i++)
        for (size_t axis = 0; axis < 3; axis++)
            xyz[3 * i + axis] =
                load_f32(data + 12 * frame_pick_at(pick, i) + 4 * axis, true) * 10.0;
}

static int read_compressed(const struct traj_file *file, size_t frame,
                           const unsigned char *bytes, const struct xtc_header *header,
                           const struct frame_pick *pick, double *xyz, struct err *err)
{
    uint64_t offset = file->frames[frame].offset;
    struct xtc_block block = {
        .bytes = bytes + header->header_bytes,
        .n_bytes = header->data_bytes,
        .n_atoms = header->n_atoms,
        .precision = load_f32(bytes + AT_PRECISION, true),
        .small_index = load_i32(bytes + AT_SMALL_INDEX, true),
    };
    for (int axis = 0; axis < 3; axis++) {
        block.min[axis] = load_i32(bytes + AT_MIN + 4 * axis, true);
        block.max[axis] = load_i32(bytes + AT_MAX + 4 * axis, true);
    }
    if (!(block.precision > 0) || !isfinite(block.precision))
        return traj_file_error(file, frame, offset, err, "a precision of %g per nm",
                               (double)block.precision);
    const char *wrong = xtc_coords_decode(&block, pick, xyz);
    if (wrong)
        return traj_file_error(file, frame, offset, err,
                               "damaged compressed coordinates: %s", wrong);
    return 0;
}

static int xtc_read(const struct traj_file *file, size_t frame,
                    struct frame_scratch *scratch, const struct frame_pick *pick,
                    const struct frame_vectors *out, struct frame_info *info,
                    struct err *err)
{
    const struct frame_entry *entry = &file->frames[frame];
    size_t n = (size_t)entry->extra;
    unsigned char *bytes = frame_scratch_bytes(scratch, n + XTC_PADDING_BYTES, err);
    if (!bytes)
        return -1;
    if (source_read(&file->source, entry->offset, bytes, n, err))
        return err_prefix(err, "frame %zu", frame);
    struct xtc_header header = {0};
    if (parse_header(file, frame, entry->offset, bytes, n, &header, err))
        return -1;
    if (header.n_atoms != file->n_atoms || header.frame_bytes != n)
        return traj_file_error(file, frame, entry->offset, err,
                               "the file changed after it was opened");
    /* Zeros for the decoder to load, in place of the padding and beyond. */
    memset(bytes + header.header_bytes + header.data_bytes, 0, XTC_PADDING_BYTES);

    info->has_step = true;
    info->step = load_i32(bytes + AT_STEP, true);
    double v[3][3];
    for (int i = 0; i < 9; i++)
        v[i / 3][i % 3] = load_f32(bytes + AT_BOX + 4 * i, true);
    box_set_vectors(info, (const double(*)[3])v, 10.0);
    if (header.compressed)
        return read_compressed(file, frame, bytes, &header, pick, out->xyz, err);
    read_floats(bytes + header.header_bytes, pick, out->xyz);
    return 0;
}

static void xtc_describe(const struct traj_file *file, struct traj_description *out)
{
    unsigned char bytes[AT_PRECISION + 4];
    if (file->n_atoms <= UNCOMPRESSED_ATOMS_MAX) {
        out->float_bits = 32;
        return;
    }
    strcpy(out->compression, "xdr3dfcoord");
    if (source_read(&file->source, file->frames[0].offset, bytes, sizeof bytes, NULL))
        return;
    float precision = load_f32(bytes + AT_PRECISION, true);
    if (precision > 0)
        out->resolution_a = 10.0 / precision;
}

const struct format format_xtc = {
    .name = "XTC",
    .extensions = {"xtc"},
    .recognise = xtc_recognise,
    .index = xtc_index,
    .index_is_all = true,
    .next = xtc_next,
    .read = xtc_read,
    .describe = xtc_describe,
};
