/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FRAMEWALK_T_FUZZ_FORMATS_H
#define FRAMEWALK_T_FUZZ_FORMATS_H

#include <stddef.h>
#include <string.h>

/* The formats of fuzz-traj.c, by the first byte of its input; NULL for one that is
   recognised. (For HDF5 see fuzz-h5md.c.) */
static const char *const fuzz_formats[] = {NULL,  "xtc", "trr", "dcd", "netcdf", "gro",
                                           "xyz", "pdb", "bod", "pqr", "cif"};

enum { N_FUZZ_FORMATS = sizeof fuzz_formats / sizeof fuzz_formats[0] };

/* The number of a format; 0 for one that is not among them. */
static inline size_t fuzz_format_number(const char *name)
{
    for (size_t i = 1; i < N_FUZZ_FORMATS; i++)
        if (strcmp(fuzz_formats[i], name) == 0)
            return i;
    return 0;
}

#endif
