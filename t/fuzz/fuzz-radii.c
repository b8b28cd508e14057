/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a file of radii. */
#include "fuzz-file.h"

#include "mol/radii.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

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
