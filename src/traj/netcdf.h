/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_TRAJ_NETCDF_H
#define FRAMEWALK_TRAJ_NETCDF_H

#include "traj/source.h"
#include "util/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The header of a classic NetCDF file: versions 1, 2 (64-bit offsets) and 5 (64-bit
   counts). Everything in the file is big endian. */

enum {
    NETCDF_NAME_BYTES = 32, /* longer names are cut: none of interest is */
    NETCDF_UNITS_BYTES = 64,
    NETCDF_RANK_MAX = 4, /* of a variable of interest */
};

enum netcdf_type {
    NETCDF_CHAR = 2,
    NETCDF_FLOAT = 5,
    NETCDF_DOUBLE = 6,
};

struct netcdf_variable {
    char name[NETCDF_NAME_BYTES];
    int type;
    bool per_record;
    size_t
        rank; /* without the dimension of records; above NETCDF_RANK_MAX: no extents */
    uint64_t extent[NETCDF_RANK_MAX];
    uint64_t begin; /* of the data, or of the first record's */
    uint64_t bytes; /* of the data, or of one record's, without padding */
    char units[NETCDF_UNITS_BYTES]; /* "" where there are none */
    double scale_factor;            /* 1 where there is none */
};

struct netcdf {
    int version;    /* 1, 2, 5 */
    bool streaming; /* the number of records is not known */
    uint64_t n_records;
    uint64_t record_bytes; /* of all variables */
    size_t n_variables, capacity;
    struct netcdf_variable *variables;
    char conventions[NETCDF_UNITS_BYTES]; /* of the global attributes; "" for none */
};

/* Reads the header. Nothing is said about where the data end. */
int netcdf_open(struct netcdf *nc, const struct source *source, struct err *err);
void netcdf_close(struct netcdf *nc);

/* NULL where there is none of that name. */
const struct netcdf_variable *netcdf_find(const struct netcdf *nc, const char *name);

#endif
