/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a topology: the first says of which format. */
#include "fuzz-file.h"

#include "mol/bond_guess.h"
#include "mol/select.h"
#include "mol/unwrap.h"
#include "traj/topology.h"
#include "traj/traj.h"

static void use_bonds(struct atoms *atoms, const double *xyz, const double *box)
{
    struct selection selection;
    const char *words;
    if (bonds_guess(atoms, xyz, box, NULL) != 0 ||
        select_default(&selection, atoms, &words, NULL) != 0)
        return;
    unwrap_destroy(
        unwrap_create(&atoms->bonds, atoms->n, selection.index, selection.n, NULL));
    selection_fini(&selection);
}

static void use_frames(struct atoms *atoms, const char *path, const char *format)
{
    const char *paths[] = {path};
    const struct traj_options options = {.format = format};
    struct traj *traj = traj_open(paths, 1, &options, NULL);
    if (!traj || traj_n_atoms(traj) != atoms->n) {
        use_bonds(atoms, NULL, NULL);
        traj_close(traj);
        return;
    }
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    double *xyz = malloc(3 * atoms->n * sizeof *xyz);
    struct frame_info info;
    if (xyz && traj_read(reader, 0, NULL, atoms->n, xyz, &info, NULL) == 0)
        use_bonds(atoms, xyz, info.has_box ? info.box : NULL);
    free(xyz);
    traj_reader_destroy(reader);
    traj_close(traj);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static const char *const formats[] = {"pdb", "gro", "psf", "prmtop", "pqr", "cif"};
    enum { N_FORMATS = sizeof formats / sizeof *formats };
    if (n < 2)
        return 0;
    const char *format = formats[bytes[0] % N_FORMATS];
    const char *path = fuzz_file(bytes + 1, n - 1);
    struct topology topology;
    struct err err = {0};
    if (topology_read(&topology, path, format, NULL, &err) != 0) {
        if (err.code == ERR_NONE)
            abort();
        return 0;
    }
    use_frames(&topology.atoms, path, format);
    topology_fini(&topology);
    return 0;
}
