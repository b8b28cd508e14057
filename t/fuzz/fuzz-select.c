/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any text as a selection, on a small system with coordinates, bonds and groups. */
#include "fuzz-target.h"

#include "mol/bond_guess.h"
#include "mol/elements.h"
#include "mol/index_groups.h"
#include "mol/select.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { N_ATOMS = 24, TEXT_MAX = 4096 };

static struct atoms atoms;
static struct index_groups groups;
static double xyz[3 * N_ATOMS];
static const double box[6] = {20, 22, 24, 60, 70, 80};

static void set_up(void)
{
    static const char *const names[] = {"N", "CA", "CB", "C", "O", "H"};
    static const char *const residues[] = {"ALA", "GLY", "SOL", "DA"};
    static const char index[] = "[ a ] 1 2 3 [ b c ] 4 5";
    for (size_t i = 0; i < N_ATOMS; i++) {
        struct atom *atom = atoms_append(&atoms, NULL);
        strcpy(atom->name, names[i % 6]);
        strcpy(atom->resname, residues[i / 6]);
        atom->resid = (int32_t)(i / 6);
        atom->charge = (double)i - 10;
        for (size_t k = 0; k < 3; k++)
            xyz[3 * i + k] = (double)((i * (7 + 3 * k)) % 31);
    }
    xyz[40] = (double)NAN;
    atoms_number_residues(&atoms);
    elements_complete(&atoms);
    atoms_complete_types(&atoms);
    if (bonds_guess(&atoms, xyz, box, NULL) != 0 ||
        index_groups_parse(&groups, index, strlen(index), "i", N_ATOMS, NULL) != 0)
        abort();
}

size_t fuzz_seed(size_t i, uint8_t into[FUZZ_SEED_BYTES])
{
    static const char *const texts[] = {
        "7protein and not name H* or (byres around 3.5 resname SOL)",
        "1prop x < 3.5 and prop abs z >= 2 or prop mass != 12",
        "3same resid as (resid 1:2 or resid 3A-4) and global name CA CB",
        "4group \"b c\" or group a or index 0:10 and bynum 3 4",
        "1sphlayer 2 6 protein or cyzone 8 5 -5 name CA or point 1 2 3 4",
        "1bonded name CA and same fragment as element C and isolayer 1 3 all",
    };
    return fuzz_seed_text(texts, sizeof texts / sizeof *texts, i, into);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    char text[TEXT_MAX + 1];
    if (atoms.n == 0)
        set_up();
    if (n == 0 || n > TEXT_MAX)
        return 0;
    memcpy(text, bytes + 1, n - 1);
    text[n - 1] = '\0';
    const struct select_scene scene = {&atoms, bytes[0] & 1 ? xyz : NULL,
                                       bytes[0] & 2 ? box : NULL,
                                       bytes[0] & 4 ? &groups : NULL};
    struct err err = {0};
    struct selection selection;
    struct selector *selector = selector_create(&scene, text, &err);
    if (selector && selector_evaluate(selector, &scene, &selection, &err) == 0) {
        for (size_t i = 0; i < selection.n; i++)
            if (selection.index[i] >= atoms.n ||
                (i > 0 && selection.index[i] <= selection.index[i - 1]))
                abort();
        selection_fini(&selection);
    } else if (err.code != ERR_USAGE || !strchr(err.text, '^')) {
        abort();
    }
    selector_destroy(selector);
    return 0;
}
