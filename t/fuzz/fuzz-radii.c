/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a file of radii. */
#include "fuzz-file.h"
#include "fuzz-target.h"

#include "mol/radii.h"

#include <string.h>

size_t fuzz_seed(size_t i, uint8_t into[FUZZ_SEED_BYTES])
{
    static const char *const texts[] = {
        "# name radius mass\nCA 1.70\nALA:CB 1.95 12\nH* 1.20\n",
        "BB 2.64 72\nSC[1-4] 2.3 54\nW* 2.64 72\n?? 1 0\n",
    };
    return fuzz_seed_text(texts, sizeof texts / sizeof *texts, i, into);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct atoms atoms = {0};
    uint32_t index[] = {0, 1, 2};
    const struct selection selection = {3, index};
    struct err err = {0};
    for (int i = 0; i < 3; i++) {
        struct atom *atom = atoms_append(&atoms, NULL);
        strcpy(atom->name, i == 0 ? "CA" : i == 1 ? "BB" : "SC1");
        strcpy(atom->resname, i == 2 ? "W" : "ALA");
    }
    double *radii = radii_assign(&atoms, &selection, fuzz_file(bytes, n), 1, 0, &err);
    for (int i = 0; radii && i < 3; i++)
        if (!(radii[i] > 0))
            abort();
    if (!radii && err.code == ERR_NONE)
        abort();
    free(radii);
    atoms_fini(&atoms);
    return 0;
}
