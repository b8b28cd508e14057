/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/box.h"
#include "traj/bytes.h"
#include "traj/format.h"
#include "traj/netcdf.h"
#include "traj/units.h"
#include "traj/vectors.h"
#include "util/alloc.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* AMBER's trajectories and restart files in classic NetCDF: variables coordinates,
   velocities, forces (frame, atom, 3), cell_lengths, cell_angles (frame, 3) and time
   (frame); in restart files without the frames. http://ambermd.org/netcdf/nctraj.xhtml

   A variable of frame f begins at begin + f * stride. */
struct amber_part {
    bool there;
    struct real_kind kind;
    uint64_t begin, stride, bytes; /* bytes: of one frame */
    double scale;
};

enum amber_part_name {
    AMBER_COORDINATES, /* first: the others are held against it */
    AMBER_VELOCITIES,
    AMBER_FORCES,
    AMBER_CELL_LENGTHS,
    AMBER_CELL_ANGLES,
    AMBER_TIME,
    N_AMBER_PARTS,
};

static const struct {
    const char *name;
    enum unit_of unit;
    size_t rank;     /* in a frame */
    double standard; /* factor where the file names no unit */
} parts[N_AMBER_PARTS] = {
    [AMBER_COORDINATES] = {"coordinates", UNIT_LENGTH, 2, 1},
    [AMBER_VELOCITIES] = {"velocities", UNIT_VELOCITY, 2, 1},
    [AMBER_FORCES] = {"forces", UNIT_FORCE, 2, 4.184},
    [AMBER_CELL_LENGTHS] = {"cell_lengths", UNIT_LENGTH, 1, 1},
    [AMBER_CELL_ANGLES] = {"cell_angles", UNIT_ANGLE, 1, 1},
    [AMBER_TIME] = {"time", UNIT_TIME, 0, 1},
};

struct amber {
    int version;
    bool restart;
    struct amber_part part[N_AMBER_PARTS];
};

static bool netcdf_recognise(const struct format_head *head)
{
    return head->n > 4 && memcmp(head->bytes, "CDF", 3) == 0 &&
           (head->bytes[3] == 1 || head->bytes[3] == 2 || head->bytes[3] == 5);
}

/* What is one for every frame, of the numbers of frames and atoms that the coordinates
   have. */
struct amber_shape {
    bool per_record;
    uint64_t n_frames; /* not per record: as an outer extent, or 1 */
    bool has_frames;
    uint64_t n_atoms;
};

static bool shape_fits(const struct netcdf_variable *variable, size_t rank,
                       const struct amber_shape *shape)
{
    size_t outer = shape->has_frames && !shape->per_record;
    const uint64_t inner[2] = {rank == 2 ? shape->n_atoms : 3, 3};
    if (variable->per_record != shape->per_record || variable->rank != rank + outer ||
        (outer && variable->extent[0] != shape->n_frames))
        return false;
    for (size_t i = 0; i < rank; i++)
        if (variable->extent[outer + i] != inner[i])
            return false;
    return true;
}

/* (frame, atom, 3), or (atom, 3) of a restart file. */
static bool coordinates_shape(const struct netcdf *nc,
                              const struct netcdf_variable *variable,
                              struct amber_shape *shape)
{
    size_t rank = variable->rank;
    if (rank < 2 || rank > 3 || (variable->per_record && rank != 2))
        return false;
    *shape = (struct amber_shape){
        .per_record = variable->per_record,
        .n_frames = rank == 3 ? variable->extent[0] : 1,
        .has_frames = variable->per_record || rank == 3,
        .n_atoms = variable->extent[rank - 2],
    };
    if (variable->per_record)
        shape->n_frames = nc->streaming ? UINT64_MAX : nc->n_records;
    return shape->n_atoms > 0 && variable->extent[rank - 1] == 3;
}

static int take_part(const struct traj_file *file, const struct netcdf *nc, size_t k,
                     const struct amber_shape *shape, struct amber_part *part,
                     struct err *err)
{
    const struct netcdf_variable *variable = netcdf_find(nc, parts[k].name);
    const char *path = file->source.path;
    double factor = parts[k].standard;
    if (!variable)
        return 0;
    if (variable->type != NETCDF_FLOAT && variable->type != NETCDF_DOUBLE)
        return err_set(err, ERR_INPUT, "%s: %s are not floating-point numbers", path,
                       parts[k].name);
    if (!shape_fits(variable, parts[k].rank, shape))
        return err_set(err, ERR_INPUT,
                       "%s: the dimensions of %s are not those of an AMBER file", path,
                       parts[k].name);
    if (*variable->units && !unit_factor(variable->units, parts[k].unit, &factor)) {
        if (unit_dispensable(parts[k].unit))
            return 0;
        return err_set(err, ERR_INPUT, "%s: %s are in an unknown unit", path,
                       parts[k].name);
    }
    uint64_t frames = shape->per_record || !shape->has_frames ? 1 : shape->n_frames;
    *part = (struct amber_part){
        .there = true,
        .kind = {.wide = variable->type == NETCDF_DOUBLE, .big_endian = true},
        .begin = variable->begin,
        .bytes = frames ? variable->bytes / frames : 0,
        .scale = factor * variable->scale_factor,
    };
    if (shape->has_frames)
        part->stride = shape->per_record ? nc->record_bytes : part->bytes;
    return isfinite(part->scale)
               ? 0
               : err_set(err, ERR_INPUT, "%s: the scale_factor of %s is not a number",
                         path, parts[k].name);
}

/* How many frames of a part the file can hold. */
static uint64_t frames_held(const struct amber_part *part, uint64_t size)
{
    if (part->begin > size || part->bytes > size - part->begin)
        return 0;
    uint64_t behind = size - part->begin - part->bytes;
    return part->stride ? behind / part->stride + 1 : UINT64_MAX;
}

/* Adds the frames that are whole; the first one that is not is an error. */
static int add_frames(struct traj_file *file, const struct amber *amber,
                      const struct amber_shape *shape, struct err *err)
{
    const struct amber_part *time = &amber->part[AMBER_TIME];
    const struct amber_part *coordinates = &amber->part[AMBER_COORDINATES];
    uint64_t held = UINT64_MAX, n = shape->n_frames;
    for (size_t k = 0; k < N_AMBER_PARTS; k++)
        if (amber->part[k].there) {
            uint64_t here = frames_held(&amber->part[k], file->source.size);
            held = here < held ? here : held;
        }
    struct source_window window = {0};
    for (uint64_t frame = 0; frame < n && frame < held; frame++) {
        double time_ps = NAN;
        size_t got;
        if (time->there) {
            const unsigned char *bytes =
                source_window_at(&window, &file->source,
                                 time->begin + frame * time->stride, 8, &got, err);
            if (!bytes)
                return -1;
            reals_load(bytes, time->kind, time->scale, &time_ps, 1);
        }
        if (traj_file_add(file, coordinates->begin + frame * coordinates->stride,
                          time_ps, frame, err))
            return -1;
    }
    if (held >= n || (shape->per_record && n == UINT64_MAX))
        return 0;
    return traj_file_error(
        file, file->n_frames, file->source.size, err,
        "the file ends in this frame; its header counts %" PRIu64 " frames", n);
}

static int read_layout(struct traj_file *file, const struct netcdf *nc,
                       struct amber *amber, struct err *err)
{
    const struct netcdf_variable *coordinates = netcdf_find(nc, "coordinates");
    struct amber_shape shape;
    if (!coordinates || !coordinates_shape(nc, coordinates, &shape))
        return err_set(err, ERR_INPUT,
                       "%s: a NetCDF file without coordinates (frame, atom, 3): not "
                       "AMBER's",
                       file->source.path);
    for (size_t k = 0; k < N_AMBER_PARTS; k++)
        if (take_part(file, nc, k, &shape, &amber->part[k], err))
            return -1;
    amber->version = nc->version;
    amber->restart = !shape.has_frames;
    file->n_atoms = shape.n_atoms;
    return add_frames(file, amber, &shape, err);
}

static int netcdf_index(struct traj_file *file, const enum length_unit *unit,
                        struct err *err)
{
    unsigned char magic[4] = "";
    struct netcdf nc;
    if (source_read_some(&file->source, 0, magic, sizeof magic, err) < 0)
        return -1;
    if (memcmp(magic, "\211HDF", sizeof magic) == 0) {
        file->format = &format_h5md;
        return file->format->index(file, unit, err);
    }
    file->state = alloc_zeroed(1, sizeof(struct amber), "a NetCDF file", err);
    if (!file->state || netcdf_open(&nc, &file->source, err))
        return -1;
    int rc = read_layout(file, &nc, file->state, err);
    netcdf_close(&nc);
    return rc;
}

/* Three numbers of a frame. */
static int read_three(const struct traj_file *file, const struct amber_part *part,
                      uint64_t frame, double out[3], struct err *err)
{
    unsigned char bytes[3 * 8];
    if (source_read(&file->source, part->begin + frame * part->stride, bytes,
                    3 * real_bytes(part->kind), err))
        return -1;
    reals_load(bytes, part->kind, part->scale, out, 3);
    return 0;
}

static int read_cell(const struct traj_file *file, const struct amber *amber,
                     uint64_t frame, struct frame_info *info, struct err *err)
{
    const struct amber_part *lengths = &amber->part[AMBER_CELL_LENGTHS];
    const struct amber_part *angles = &amber->part[AMBER_CELL_ANGLES];
    double box[6];
    if (!lengths->there || !angles->there)
        return 0;
    if (read_three(file, lengths, frame, box, err) ||
        read_three(file, angles, frame, box + 3, err))
        return -1;
    box_set(info, box);
    return 0;
}

static int netcdf_read(const struct traj_file *file, size_t frame,
                       struct frame_scratch *scratch, const struct frame_pick *pick,
                       const struct frame_vectors *out, struct frame_info *info,
                       struct err *err)
{
    const struct amber *amber = file->state;
    double *const vectors[] = {out->xyz, out->velocity, out->force};
    info->has_velocities = amber->part[AMBER_VELOCITIES].there;
    info->has_forces = amber->part[AMBER_FORCES].there;
    if (read_cell(file, amber, frame, info, err))
        return err_prefix(err, "frame %zu", frame);
    for (size_t k = AMBER_COORDINATES; k <= AMBER_FORCES; k++) {
        const struct amber_part *part = &amber->part[k];
        if (part->there && vectors[k] &&
            vectors_read(&file->source, part->begin + frame * part->stride, part->kind,
                         part->scale, pick, scratch, vectors[k], err))
            return err_prefix(err, "frame %zu", frame);
    }
    return 0;
}

static void netcdf_describe(const struct traj_file *file, struct traj_description *out)
{
    const struct amber *amber = file->state;
    snprintf(out->flavour, sizeof out->flavour, "AMBER %s, CDF-%d",
             amber->restart ? "restart" : "trajectory", amber->version);
    out->float_bits = amber->part[AMBER_COORDINATES].kind.wide ? 64 : 32;
}

const struct format format_netcdf = {
    .name = "NetCDF",
    .extensions = {"nc", "ncdf", "ncrst"},
    .recognise = netcdf_recognise,
    .index = netcdf_index,
    .read = netcdf_read,
    .release = free,
    .describe = netcdf_describe,
};
