/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a GROMACS index file. */
#include "mol/index_groups.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    enum { N_ATOMS = 100 };
    struct index_groups groups;
    struct err err = {0};
    if (index_groups_parse(&groups, (const char *)bytes, n, "x.ndx", N_ATOMS, &err) !=
        0) {
        if (err.code != ERR_INPUT)
            abort();
        return 0;
    }
    for (size_t i = 0; i < groups.n; i++)
        for (size_t k = 0; k < groups.at[i].n; k++)
            if (groups.at[i].atom[k] >= N_ATOMS)
                abort();
    index_groups_fini(&groups);
    return 0;
}
