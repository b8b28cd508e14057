/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_UTIL_HDF5_H
#define FRAMEWALK_UTIL_HDF5_H

/* The HDF5 library, loaded when it is first needed: linked, it would cost every start
   of the program 15 ms. Include this where HAVE_HDF5 is defined only. */

#include "util/err.h"

#include <hdf5.h>

/* The functions in use, by names that carry their version. */
#define HDF5_FUNCTIONS(X)           \
    X(H5open)                       \
    X(H5close)                      \
    X(H5dont_atexit)                \
    X(H5get_libversion)             \
    X(H5free_memory)                \
    X(H5Aclose)                     \
    X(H5Acreate2)                   \
    X(H5Aexists)                    \
    X(H5Aget_space)                 \
    X(H5Aget_type)                  \
    X(H5Aopen)                      \
    X(H5Aread)                      \
    X(H5Awrite)                     \
    X(H5Dclose)                     \
    X(H5Dcreate2)                   \
    X(H5Dget_chunk_storage_size)    \
    X(H5Dget_create_plist)          \
    X(H5Dget_num_chunks)            \
    X(H5Dget_space)                 \
    X(H5Dget_storage_size)          \
    X(H5Dget_type)                  \
    X(H5Dopen2)                     \
    X(H5Dread)                      \
    X(H5Dset_extent)                \
    X(H5Dwrite)                     \
    X(H5Eset_auto2)                 \
    X(H5Fclose)                     \
    X(H5Fcreate)                    \
    X(H5Fflush)                     \
    X(H5Fget_mdc_config)            \
    X(H5Fopen)                      \
    X(H5Fset_mdc_config)            \
    X(H5Gclose)                     \
    X(H5Gcreate2)                   \
    X(H5Gopen2)                     \
    X(H5Lcreate_hard)               \
    X(H5Lexists)                    \
    X(H5Lget_info)                  \
    X(H5Lget_name_by_idx)           \
    X(H5Oclose)                     \
    X(H5Oopen)                      \
    X(H5Iget_type)                  \
    X(H5Pclose)                     \
    X(H5Pcreate)                    \
    X(H5Pget_chunk)                 \
    X(H5Pget_external_count)        \
    X(H5Pget_filter2)               \
    X(H5Pget_layout)                \
    X(H5Pget_nfilters)              \
    X(H5Pset_chunk)                 \
    X(H5Pset_chunk_cache)           \
    X(H5Pset_elink_cb)              \
    X(H5Pset_deflate)               \
    X(H5Pset_fill_time)             \
    X(H5Pset_obj_track_times)       \
    X(H5Pset_shuffle)               \
    X(H5Sclose)                     \
    X(H5Screate)                    \
    X(H5Screate_simple)             \
    X(H5Sget_simple_extent_dims)    \
    X(H5Sget_simple_extent_npoints) \
    X(H5Sget_simple_extent_ndims)   \
    X(H5Sselect_hyperslab)          \
    X(H5Tclose)                     \
    X(H5Tcopy)                      \
    X(H5Tget_class)                 \
    X(H5Tget_size)                  \
    X(H5Tis_variable_str)           \
    X(H5Tset_cset)                  \
    X(H5Tset_size)                  \
    X(H5Tset_strpad)                \
    X(H5Zfilter_avail)

/* Identifiers, which the library keeps in variables. */
#define HDF5_IDENTIFIERS(X)                          \
    X(string_c, "H5T_C_S1_g")                        \
    X(file_f32, "H5T_IEEE_F32LE_g")                  \
    X(file_f64, "H5T_IEEE_F64LE_g")                  \
    X(file_i32, "H5T_STD_I32LE_g")                   \
    X(file_i64, "H5T_STD_I64LE_g")                   \
    X(native_float, "H5T_NATIVE_FLOAT_g")            \
    X(native_double, "H5T_NATIVE_DOUBLE_g")          \
    X(native_int, "H5T_NATIVE_INT_g")                \
    X(native_i64, "H5T_NATIVE_INT64_g")              \
    X(dataset_access, "H5P_CLS_DATASET_ACCESS_ID_g") \
    X(dataset_create, "H5P_CLS_DATASET_CREATE_ID_g") \
    X(file_create, "H5P_CLS_FILE_CREATE_ID_g")       \
    X(group_create, "H5P_CLS_GROUP_CREATE_ID_g")

struct hdf5 {
    void *library;
#define HDF5_FIELD(name) __typeof__(name) *name;
    HDF5_FUNCTIONS(HDF5_FIELD)
#undef HDF5_FIELD
#define HDF5_FIELD(field, symbol) hid_t field;
    HDF5_IDENTIFIERS(HDF5_FIELD)
#undef HDF5_FIELD
};

/* H5F_ACC_RDONLY and H5F_ACC_TRUNC call functions in the header. */
enum { HDF5_READ_ONLY = 0, HDF5_TRUNCATE = 2 };

/* Loads the library that the program was built with and switches its error messages
   off. ERR_RUNTIME, naming the Debian package, where it is not there. */
int hdf5_load(struct hdf5 *hdf5, struct err *err);

/* Keeps the library's memory for an open file's metadata small: left alone, it grows
   with the number of chunks, which is that of the frames. */
void hdf5_bound_memory(const struct hdf5 *hdf5, hid_t file);

/* Not to be called while anything of it is open: where closing has failed the library
   must stay, for it does not survive its own clean-up then. */
void hdf5_unload(struct hdf5 *hdf5);

#endif
