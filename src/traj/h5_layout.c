/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#ifdef HAVE_HDF5
#include "traj/h5_layout.h"

#include "traj/units.h"

#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* H5MD (https://www.nongnu.org/h5md/h5md.html): /particles/GROUP/position is a group of
   value (frame, atom, 3), step and time, each of these one number a frame or, from 1.1
   on, one increment; or, constant in time, a dataset by itself. velocity and force are
   like it; box/edges holds three lengths or three rows of vectors.

   AMBER in NetCDF-4: the variables of amber.c as datasets of the root. */

enum { UNIT_BYTES = 64 };

/* What can be done without is given up where its unit is not known. */
static int take_unit(struct h5_layout *layout, struct h5_data *data,
                     const char *attribute, const char *name, enum unit_of kind)
{
    char text[UNIT_BYTES];
    int there = h5_attribute_text(layout, data->id, attribute, text, sizeof text);
    if (there < 0)
        return err_prefix(layout->err, "%s", name);
    if (there == 0 || !*text)
        return 0;
    if (unit_factor(text, kind, &data->scale))
        return 0;
    if (!unit_dispensable(kind))
        return err_set(layout->err, ERR_INPUT, "%s is in an unknown unit, '%.40s'",
                       name, text);
    layout->hdf5->H5Dclose(data->id);
    data->id = -1;
    return 0;
}

/* An element of H5MD: a dataset, or a group of value, step and time. *where is the
   group, or -1. */
static int open_element(struct h5_layout *layout, hid_t at, const char *name,
                        int rank_min, enum unit_of unit, struct h5_data *data,
                        hid_t *where)
{
    *where = h5_open(layout, at, name, H5I_GROUP);
    bool framed = *where >= 0;
    const struct h5_shape shape = {rank_min, 2, framed ? H5_FRAMED : H5_CONSTANT};
    if (h5_data_open(layout, framed ? *where : at, framed ? "value" : name, shape,
                     data))
        return err_prefix(layout->err, "%s", name);
    if (data->id < 0)
        return 0;
    return take_unit(layout, data, "unit", name, unit);
}

static int open_times(struct h5_layout *layout, hid_t position)
{
    static const struct h5_shape shape = {0, 0, H5_EITHER};
    double offset = 0;
    if (h5_data_open(layout, position, "time", shape, &layout->time) ||
        h5_data_open(layout, position, "step", shape, &layout->step))
        return -1;
    if (layout->time.id >= 0) {
        if (take_unit(layout, &layout->time, "unit", "time", UNIT_TIME))
            return -1;
        if (h5_attribute_number(layout, layout->time.id, "offset",
                                &layout->time_offset) < 0)
            return err_prefix(layout->err, "time");
    }
    if (layout->step.id < 0)
        return 0;
    if (h5_attribute_number(layout, layout->step.id, "offset", &offset) < 0)
        return err_prefix(layout->err, "step");
    if (fabs(offset) < 0x1p62)
        layout->step_offset = (int64_t)offset;
    static const hsize_t none[H5_RANK_MAX] = {0}, one[H5_RANK_MAX] = {1, 1, 1};
    if (!layout->step.framed &&
        h5_data_read(layout, &layout->step, none, one, layout->hdf5->native_i64,
                     &layout->step_increment))
        return err_set(layout->err, ERR_INPUT, "step is damaged");
    return 0;
}

/* "none" along any axis of boundary means that there is no box to speak of. */
static bool is_periodic(const struct h5_layout *layout, hid_t box)
{
    const struct hdf5 *hdf5 = layout->hdf5;
    bool periodic = true;
    if (hdf5->H5Aexists(box, "boundary") <= 0)
        return true;
    hid_t attribute = hdf5->H5Aopen(box, "boundary", H5P_DEFAULT);
    hid_t type = attribute >= 0 ? hdf5->H5Aget_type(attribute) : -1;
    hid_t space = attribute >= 0 ? hdf5->H5Aget_space(attribute) : -1;
    if (type >= 0 && space >= 0 && hdf5->H5Sget_simple_extent_npoints(space) == 3 &&
        hdf5->H5Tget_class(type) == H5T_STRING) {
        char *text[3] = {NULL}, fixed[3 * 64] = "";
        size_t width = hdf5->H5Tget_size(type);
        if (hdf5->H5Tis_variable_str(type) > 0) {
            if (hdf5->H5Aread(attribute, type, text) >= 0)
                for (int i = 0; i < 3; i++) {
                    periodic = periodic && !(text[i] && strcmp(text[i], "none") == 0);
                    hdf5->H5free_memory(text[i]);
                }
        } else if (width < 64 && hdf5->H5Aread(attribute, type, fixed) >= 0) {
            for (size_t i = 0; i < 3; i++)
                periodic = periodic && strncmp(fixed + i * width, "none", 4) != 0;
        }
    }
    if (space >= 0)
        hdf5->H5Sclose(space);
    if (type >= 0)
        hdf5->H5Tclose(type);
    if (attribute >= 0)
        hdf5->H5Aclose(attribute);
    return periodic;
}

static int open_box(struct h5_layout *layout)
{
    const struct hdf5 *hdf5 = layout->hdf5;
    hid_t edges = -1, box = h5_open(layout, layout->root, "box", H5I_GROUP);
    int rc = 0;
    if (box >= 0 && is_periodic(layout, box))
        rc = open_element(layout, box, "edges", 1, UNIT_LENGTH, &layout->edges, &edges);
    if (edges >= 0)
        hdf5->H5Gclose(edges);
    if (box >= 0)
        hdf5->H5Gclose(box);
    return rc;
}

static int open_h5md(struct h5_layout *layout)
{
    static const struct {
        const char *name;
        enum unit_of unit;
    } elements[N_H5_VECTORS] = {
        {"position", UNIT_LENGTH}, {"velocity", UNIT_VELOCITY}, {"force", UNIT_FORCE}};
    for (int k = 0; k < N_H5_VECTORS; k++) {
        hid_t group;
        int rc = open_element(layout, layout->root, elements[k].name, 2,
                              elements[k].unit, &layout->vectors[k], &group);
        if (rc == 0 && k == H5_POSITION && group >= 0)
            rc = open_times(layout, group);
        if (group >= 0)
            layout->hdf5->H5Gclose(group);
        if (rc)
            return -1;
    }
    return open_box(layout);
}

/* Atoms that a group of particles has, 0 for one without positions. */
static uint64_t count_particles(struct h5_layout *layout, hid_t particles,
                                const char *name)
{
    const struct hdf5 *hdf5 = layout->hdf5;
    struct err ignored, *err = layout->err;
    struct h5_data data = {.id = -1};
    hid_t group = h5_open(layout, particles, name, H5I_GROUP), element = -1;
    if (group < 0)
        return 0;
    layout->err = &ignored;
    int rc = open_element(layout, group, "position", 2, UNIT_LENGTH, &data, &element);
    layout->err = err;
    uint64_t n = rc == 0 && data.id >= 0 ? data.extent[data.rank - 2] : 0;
    if (data.id >= 0)
        hdf5->H5Dclose(data.id);
    if (element >= 0)
        hdf5->H5Gclose(element);
    hdf5->H5Gclose(group);
    return n;
}

/* The group of particles with the most atoms, the first by name among equals. Where
   none has positions, the first one, whose fault will be told. */
static void choose_group(struct h5_layout *layout, hid_t particles)
{
    const struct hdf5 *hdf5 = layout->hdf5;
    uint64_t most = 0;
    char name[sizeof layout->name];
    for (hsize_t i = 0;; i++) {
        ssize_t n = hdf5->H5Lget_name_by_idx(particles, ".", H5_INDEX_NAME, H5_ITER_INC,
                                             i, name, sizeof name, H5P_DEFAULT);
        if (n < 0)
            return;
        if ((size_t)n >= sizeof name)
            continue;
        uint64_t atoms = count_particles(layout, particles, name);
        if (i == 0 || atoms > most) {
            most = atoms;
            memcpy(layout->name, name, sizeof name);
        }
    }
}

static int open_amber(struct h5_layout *layout)
{
    static const struct {
        const char *name;
        enum unit_of unit;
        struct h5_shape shape;
        double standard; /* factor where the file names no unit */
        size_t at;
    } variables[] = {
        {"coordinates",
         UNIT_LENGTH,
         {2, 2, H5_EITHER},
         1,
         offsetof(struct h5_layout, vectors[H5_POSITION])},
        {"velocities",
         UNIT_VELOCITY,
         {2, 2, H5_EITHER},
         1,
         offsetof(struct h5_layout, vectors[H5_VELOCITY])},
        {"forces",
         UNIT_FORCE,
         {2, 2, H5_EITHER},
         4.184,
         offsetof(struct h5_layout, vectors[H5_FORCE])},
        {"cell_lengths",
         UNIT_LENGTH,
         {1, 1, H5_EITHER},
         1,
         offsetof(struct h5_layout, edges)},
        {"cell_angles",
         UNIT_ANGLE,
         {1, 1, H5_EITHER},
         1,
         offsetof(struct h5_layout, angles)},
        {"time", UNIT_TIME, {0, 0, H5_EITHER}, 1, offsetof(struct h5_layout, time)},
    };
    for (size_t k = 0; k < sizeof variables / sizeof variables[0]; k++) {
        struct h5_data *data = (struct h5_data *)((char *)layout + variables[k].at);
        const char *name = variables[k].name;
        if (h5_data_open(layout, layout->root, name, variables[k].shape, data))
            return -1;
        if (data->id < 0)
            continue;
        data->scale = variables[k].standard;
        if (take_unit(layout, data, "units", name, variables[k].unit))
            return -1;
        if (data->id < 0)
            continue;
        double factor = 1;
        if (h5_attribute_number(layout, data->id, "scale_factor", &factor) < 0)
            return err_prefix(layout->err, "%s", name);
        data->scale *= factor;
    }
    return 0;
}

/* Holds everything against the positions. */
static int check_shapes(struct h5_layout *layout)
{
    const struct h5_data *position = &layout->vectors[H5_POSITION];
    if (position->id < 0)
        return err_set(layout->err, ERR_INPUT, "no positions in particles/%s",
                       layout->name);
    layout->n_atoms = position->extent[position->rank - 2];
    layout->n_frames = position->framed ? position->extent[0] : 1;
    for (int k = 0; k < N_H5_VECTORS; k++) {
        const struct h5_data *data = &layout->vectors[k];
        if (data->id >= 0 && (data->extent[data->rank - 1] != 3 ||
                              data->extent[data->rank - 2] != layout->n_atoms))
            return err_set(layout->err, ERR_INPUT,
                           "positions, velocities or forces are not three numbers for "
                           "each of %" PRIu64 " atoms",
                           layout->n_atoms);
        if (!isfinite(data->scale))
            return err_set(layout->err, ERR_INPUT, "a scale_factor is not a number");
    }
    const struct h5_data *box[] = {&layout->edges, &layout->angles};
    for (int i = 0; i < 2; i++)
        for (int k = box[i]->framed; box[i]->id >= 0 && k < box[i]->rank; k++)
            if (box[i]->extent[k] != 3)
                return err_set(layout->err, ERR_INPUT, "the box has not three edges");
    return layout->n_atoms > 0 ? 0
                               : err_set(layout->err, ERR_INPUT, "there are no atoms");
}

int h5_layout_find(struct h5_layout *layout, hid_t file)
{
    layout->file = file;
    struct h5_data *const data[] = {
        &layout->vectors[0], &layout->vectors[1], &layout->vectors[2], &layout->edges,
        &layout->angles,     &layout->time,       &layout->step,
    };
    for (size_t i = 0; i < sizeof data / sizeof data[0]; i++)
        *data[i] = (struct h5_data){.id = -1, .scale = 1};
    hid_t particles = h5_open(layout, file, "particles", H5I_GROUP);
    if (particles < 0) {
        layout->kind = H5_KIND_AMBER;
        layout->root = h5_open(layout, file, "/", H5I_GROUP);
        if (layout->root < 0 ||
            layout->hdf5->H5Lexists(file, "coordinates", H5P_DEFAULT) <= 0)
            return err_set(layout->err, ERR_INPUT,
                           "neither H5MD (no group particles) nor AMBER (no "
                           "coordinates)");
        return open_amber(layout) ? -1 : check_shapes(layout);
    }
    layout->kind = H5_KIND_H5MD;
    choose_group(layout, particles);
    layout->root =
        *layout->name ? h5_open(layout, particles, layout->name, H5I_GROUP) : -1;
    layout->hdf5->H5Gclose(particles);
    if (layout->root < 0)
        return err_set(layout->err, ERR_INPUT, "the group particles is empty");
    return open_h5md(layout) ? -1 : check_shapes(layout);
}

uint64_t h5_layout_written(const struct h5_layout *layout, uint64_t n,
                           const char **what)
{
    const struct {
        const struct h5_data *data;
        const char *name;
    } all[] = {
        {&layout->vectors[H5_POSITION], "positions"},
        {&layout->vectors[H5_VELOCITY], "velocities"},
        {&layout->vectors[H5_FORCE], "forces"},
        {&layout->edges, "box"},
        {&layout->angles, "cell angles"},
        {&layout->time, "time"},
        {&layout->step, "step"},
    };
    *what = NULL;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const struct h5_data *data = all[i].data;
        if (data->id < 0)
            continue;
        uint64_t here = n;
        if (data->framed && data->extent[0] < here)
            here = data->extent[0];
        here = h5_data_written(layout, data, here);
        if (here < n) {
            n = here;
            *what = all[i].name;
        }
    }
    return n;
}
#else
typedef int h5_layout_is_not_there;
#endif
