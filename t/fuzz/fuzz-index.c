/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a GROMACS index file. */
#include "fuzz-target.h"

#include "mol/index_groups.h"

#include <stdint.h>
#include <stdlib.h>

size_t fuzz_seed(size_t i, uint8_t into[FUZZ_SEED_BYTES])
{
    static const char *const texts[] = {
        "[ a ]\n1 2 3\n[ b c ]\n; comment\n10 20 30 100\n",
        "[ all ]\n1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n\n[ none ]\n",
    };
    return fuzz_seed_text(texts, sizeof texts / sizeof *texts, i, into);
}

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
