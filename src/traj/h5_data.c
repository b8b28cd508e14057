/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#ifdef HAVE_HDF5
#include "traj/h5_layout.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { CHUNKS_IN_CACHE_BYTES_MAX = 256 << 20, CACHE_SLOTS = 1009 };

/* The most that zlib can make of a byte. */
enum { DEFLATE_RATIO_MAX = 1032 };

/* Links to other files are not followed: a trajectory is one file, and whoever made it
   has no say over others. */
static herr_t refuse_link(const char *file, const char *path, const char *other_file,
                          const char *other_path, unsigned *flags, hid_t access,
                          void *data)
{
    (void)file, (void)path, (void)other_file, (void)other_path;
    (void)flags, (void)access, (void)data;
    return -1;
}

static hid_t access_list(const struct hdf5 *hdf5, size_t cache_bytes)
{
    hid_t list = hdf5->H5Pcreate(hdf5->dataset_access);
    if (list >= 0) {
        hdf5->H5Pset_elink_cb(list, refuse_link, NULL);
        if (cache_bytes > 0)
            hdf5->H5Pset_chunk_cache(list, CACHE_SLOTS, cache_bytes, -1.0);
    }
    return list;
}

hid_t h5_open(const struct h5_layout *layout, hid_t at, const char *name,
              H5I_type_t type)
{
    const struct hdf5 *hdf5 = layout->hdf5;
    if (hdf5->H5Lexists(at, name, H5P_DEFAULT) <= 0)
        return -1;
    hid_t list = access_list(hdf5, 0);
    hid_t found = hdf5->H5Oopen(at, name, list);
    hdf5->H5Pclose(list);
    if (found >= 0 && hdf5->H5Iget_type(found) != type) {
        hdf5->H5Oclose(found);
        return -1;
    }
    return found;
}

/* An attribute that has been opened; all negative where there is none. */
struct attribute {
    hid_t id, type, space;
};

static void attribute_close(const struct hdf5 *hdf5, struct attribute *attribute)
{
    if (attribute->space >= 0)
        hdf5->H5Sclose(attribute->space);
    if (attribute->type >= 0)
        hdf5->H5Tclose(attribute->type);
    if (attribute->id >= 0)
        hdf5->H5Aclose(attribute->id);
}

static int attribute_error(const struct h5_layout *layout, const char *name)
{
    return err_set(layout->err, ERR_INPUT, "the attribute %s is damaged", name);
}

/* 1 with one value, 0 where there is no such attribute, or an empty one. */
static int attribute_open(const struct h5_layout *layout, hid_t at, const char *name,
                          struct attribute *attribute)
{
    const struct hdf5 *hdf5 = layout->hdf5;
    htri_t there = hdf5->H5Aexists(at, name);
    *attribute = (struct attribute){-1, -1, -1};
    if (there > 0)
        attribute->id = hdf5->H5Aopen(at, name, H5P_DEFAULT);
    if (attribute->id >= 0) {
        attribute->type = hdf5->H5Aget_type(attribute->id);
        attribute->space = hdf5->H5Aget_space(attribute->id);
    }
    hssize_t n = attribute->type >= 0 && attribute->space >= 0
                     ? hdf5->H5Sget_simple_extent_npoints(attribute->space)
                     : -1;
    return there == 0 || n == 0 ? 0 : n == 1 ? 1 : attribute_error(layout, name);
}

int h5_attribute_text(const struct h5_layout *layout, hid_t at, const char *name,
                      char *out, size_t bytes)
{
    const struct hdf5 *hdf5 = layout->hdf5;
    char fixed[1024] = "", *variable = NULL;
    struct attribute attribute;
    out[0] = '\0';
    int there = attribute_open(layout, at, name, &attribute);
    if (there > 0) {
        bool read = false;
        bool text = hdf5->H5Tget_class(attribute.type) == H5T_STRING;
        if (text && hdf5->H5Tis_variable_str(attribute.type) > 0) {
            read = hdf5->H5Aread(attribute.id, attribute.type, &variable) >= 0;
            snprintf(out, bytes, "%s", read && variable ? variable : "");
            hdf5->H5free_memory(variable);
        } else if (text && hdf5->H5Tget_size(attribute.type) < sizeof fixed) {
            read = hdf5->H5Aread(attribute.id, attribute.type, fixed) >= 0;
            snprintf(out, bytes, "%s", fixed);
        }
        there = read ? 1 : attribute_error(layout, name);
    }
    attribute_close(hdf5, &attribute);
    return there;
}

int h5_attribute_number(const struct h5_layout *layout, hid_t at, const char *name,
                        double *out)
{
    const struct hdf5 *hdf5 = layout->hdf5;
    struct attribute attribute;
    int there = attribute_open(layout, at, name, &attribute);
    if (there > 0) {
        H5T_class_t class = hdf5->H5Tget_class(attribute.type);
        if ((class != H5T_FLOAT && class != H5T_INTEGER) ||
            hdf5->H5Aread(attribute.id, hdf5->native_double, out) < 0)
            there = attribute_error(layout, name);
    }
    attribute_close(hdf5, &attribute);
    return there;
}

/* What a dataset is made of must be what its file can hold: the library allocates a
   chunk before it knows. */
static int check_chunks(struct h5_layout *layout, const struct h5_data *data,
                        const char *name, hid_t create, size_t number_bytes,
                        size_t *cache_bytes)
{
    const struct hdf5 *hdf5 = layout->hdf5;
    hsize_t chunk[H5_RANK_MAX];
    if (hdf5->H5Pget_chunk(create, data->rank, chunk) != data->rank)
        return err_set(layout->err, ERR_INPUT, "the chunks of %s cannot be told", name);
    uint64_t bytes = number_bytes, in_frame = 1;
    for (int i = 0; i < data->rank; i++) {
        if (chunk[i] == 0 || __builtin_mul_overflow(bytes, chunk[i], &bytes))
            return err_set(layout->err, ERR_INPUT, "the chunks of %s are too large",
                           name);
        if (i > 0)
            in_frame *= data->extent[i] / chunk[i] + (data->extent[i] % chunk[i] != 0);
    }
    int n_filters = hdf5->H5Pget_nfilters(create);
    if (bytes > UINT32_MAX ||
        bytes / (n_filters > 0 ? DEFLATE_RATIO_MAX : 1) > layout->file_bytes + 4096)
        return err_set(layout->err, ERR_INPUT,
                       "a chunk of %s takes %" PRIu64 " bytes, the file has %" PRIu64,
                       name, bytes, layout->file_bytes);
    for (int i = 0; i < n_filters; i++) {
        unsigned flags;
        size_t none = 0;
        char filter[64] = "";
        H5Z_filter_t id = hdf5->H5Pget_filter2(create, (unsigned)i, &flags, &none, NULL,
                                               sizeof filter, filter, NULL);
        if (id < 0 || hdf5->H5Zfilter_avail(id) <= 0)
            return err_set(layout->err, ERR_INPUT,
                           "%s is compressed with filter %d (%s), which this HDF5 "
                           "library has not",
                           name, (int)id, *filter ? filter : "unnamed");
    }
    /* A chunk with several frames must not be inflated once for each. */
    *cache_bytes = 0;
    if (data->framed && chunk[0] > 1 &&
        !__builtin_mul_overflow(bytes, in_frame, &bytes) &&
        bytes <= CHUNKS_IN_CACHE_BYTES_MAX)
        *cache_bytes = (size_t)bytes;
    return 0;
}

static int check_storage(struct h5_layout *layout, const struct h5_data *data,
                         const char *name, size_t number_bytes, size_t *cache_bytes)
{
    const struct hdf5 *hdf5 = layout->hdf5;
    hid_t create = hdf5->H5Dget_create_plist(data->id);
    *cache_bytes = 0;
    if (create < 0)
        return err_set(layout->err, ERR_INPUT, "%s is damaged", name);
    int rc = 0;
    H5D_layout_t kind = hdf5->H5Pget_layout(create);
    if (kind == H5D_CHUNKED)
        rc = check_chunks(layout, data, name, create, number_bytes, cache_bytes);
    else if ((kind != H5D_CONTIGUOUS && kind != H5D_COMPACT) ||
             hdf5->H5Pget_external_count(create) > 0)
        rc = err_set(layout->err, ERR_INPUT,
                     "%s lies in other files, which is not "
                     "supported",
                     name);
    hdf5->H5Pclose(create);
    return rc;
}

/* Extents and type. */
static int look_at(struct h5_layout *layout, struct h5_data *data, const char *name,
                   size_t *number_bytes)
{
    const struct hdf5 *hdf5 = layout->hdf5;
    hid_t space = hdf5->H5Dget_space(data->id), type = hdf5->H5Dget_type(data->id);
    int rc = -1;
    data->rank = space >= 0 ? hdf5->H5Sget_simple_extent_ndims(space) : -1;
    H5T_class_t class = type >= 0 ? hdf5->H5Tget_class(type) : H5T_NO_CLASS;
    *number_bytes = type >= 0 ? hdf5->H5Tget_size(type) : 0;
    if ((class != H5T_FLOAT && class != H5T_INTEGER) || *number_bytes == 0)
        err_set(layout->err, ERR_INPUT, "%s does not hold numbers", name);
    else if (data->rank < 0 || data->rank > H5_RANK_MAX ||
             hdf5->H5Sget_simple_extent_dims(space, data->extent, NULL) != data->rank)
        err_set(layout->err, ERR_INPUT, "%s does not have one to three dimensions",
                name);
    else
        rc = 0;
    data->wide = class == H5T_INTEGER || *number_bytes > 4;
    if (space >= 0)
        hdf5->H5Sclose(space);
    if (type >= 0)
        hdf5->H5Tclose(type);
    return rc;
}

/* Whether the rank is right, and then whether the dataset is framed. */
static bool take_rank(struct h5_data *data, struct h5_shape shape)
{
    int rank = data->rank - (shape.framing == H5_FRAMED);
    data->framed = shape.framing == H5_FRAMED;
    if (shape.framing == H5_EITHER && rank > shape.rank_max) {
        data->framed = true;
        rank--;
    }
    return rank >= shape.rank_min && rank <= shape.rank_max;
}

int h5_data_open(struct h5_layout *layout, hid_t at, const char *name,
                 struct h5_shape shape, struct h5_data *data)
{
    const struct hdf5 *hdf5 = layout->hdf5;
    size_t number_bytes, cache_bytes;
    *data = (struct h5_data){.id = h5_open(layout, at, name, H5I_DATASET), .scale = 1};
    if (data->id < 0)
        return 0;
    if (look_at(layout, data, name, &number_bytes))
        return -1;
    if (!take_rank(data, shape))
        return err_set(layout->err, ERR_INPUT,
                       "%s has %d dimensions, not those it "
                       "should have",
                       name, data->rank);
    if (check_storage(layout, data, name, number_bytes, &cache_bytes))
        return -1;
    if (cache_bytes == 0)
        return 0;
    hid_t list = access_list(hdf5, cache_bytes);
    hdf5->H5Dclose(data->id);
    data->id = hdf5->H5Dopen2(at, name, list);
    hdf5->H5Pclose(list);
    return data->id >= 0 ? 0 : err_set(layout->err, ERR_INPUT, "%s is damaged", name);
}

int h5_data_read(const struct h5_layout *layout, const struct h5_data *data,
                 const hsize_t begin[H5_RANK_MAX], const hsize_t count[H5_RANK_MAX],
                 hid_t memory_type, void *out)
{
    const struct hdf5 *hdf5 = layout->hdf5;
    hid_t space = hdf5->H5Dget_space(data->id);
    hid_t memory = data->rank ? hdf5->H5Screate_simple(data->rank, count, NULL)
                              : hdf5->H5Screate(H5S_SCALAR);
    herr_t status = -1;
    if (space >= 0 && memory >= 0) {
        status = data->rank ? hdf5->H5Sselect_hyperslab(space, H5S_SELECT_SET, begin,
                                                        NULL, count, NULL)
                            : 0;
        if (status >= 0)
            status =
                hdf5->H5Dread(data->id, memory_type, memory, space, H5P_DEFAULT, out);
    }
    if (space >= 0)
        hdf5->H5Sclose(space);
    if (memory >= 0)
        hdf5->H5Sclose(memory);
    return status < 0 ? -1 : 0;
}

/* Whether all chunks of a frame are there. */
static bool frame_written(const struct h5_layout *layout, const struct h5_data *data,
                          const hsize_t chunk[H5_RANK_MAX], hsize_t frame)
{
    const struct hdf5 *hdf5 = layout->hdf5;
    hsize_t at[H5_RANK_MAX] = {frame - frame % chunk[0]}, bytes;
    for (;;) {
        bytes = 0;
        if (hdf5->H5Dget_chunk_storage_size(data->id, at, &bytes) < 0 || bytes == 0)
            return false;
        int i = data->rank - 1;
        for (; i > 0; i--) {
            at[i] += chunk[i];
            if (at[i] < data->extent[i])
                break;
            at[i] = 0;
        }
        if (i <= 0)
            return true;
    }
}

uint64_t h5_data_written(const struct h5_layout *layout, const struct h5_data *data,
                         uint64_t n)
{
    const struct hdf5 *hdf5 = layout->hdf5;
    hsize_t chunk[H5_RANK_MAX] = {1, 1, 1}, there = 0;
    uint64_t expected = 1;
    hid_t create = hdf5->H5Dget_create_plist(data->id);
    bool chunked = create >= 0 && hdf5->H5Pget_layout(create) == H5D_CHUNKED &&
                   hdf5->H5Pget_chunk(create, data->rank, chunk) == data->rank;
    if (create >= 0)
        hdf5->H5Pclose(create);
    if (!chunked)
        return hdf5->H5Dget_storage_size(data->id) > 0 ? n : 0;
    hdf5->H5Dget_num_chunks(data->id, H5S_ALL, &there);
    for (int i = 0; i < data->rank; i++)
        if (__builtin_mul_overflow(expected,
                                   data->extent[i] / chunk[i] +
                                       (data->extent[i] % chunk[i] != 0),
                                   &expected))
            expected = UINT64_MAX;
    if (there >= expected)
        return n;
    if (!data->framed)
        return 0;
    uint64_t frame = 0;
    while (frame < n && frame_written(layout, data, chunk, frame))
        frame += chunk[0];
    return frame < n ? frame : n;
}
#else
typedef int h5_data_is_not_there;
#endif
