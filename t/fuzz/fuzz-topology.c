/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a topology: the first says of which format. */
#include "fuzz-file.h"
#include "fuzz-target.h"

#include "../unit/traj-topology-samples.h"

#include "mol/bond_guess.h"
#include "mol/select.h"
#include "mol/unwrap.h"
#include "traj/topology.h"
#include "traj/traj.h"

#include <strings.h>

static const char *const formats[] = {"pdb", "gro", "psf", "prmtop",
                                      "pqr", "cif", "bod", "xyz"};
enum { N_FORMATS = sizeof formats / sizeof *formats };

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

size_t fuzz_seed(size_t i, uint8_t into[FUZZ_SEED_BYTES])
{
    static const char *const more[] = {
        ("1x\n2\n    1ALA     CA    1   1.150  -0.225   0.312\n"
         "    2SOL     OW    2   1.150  -0.225   0.312\n  3 4 5\n"),
        "6SPHERE 1 2 3 4\ns -1.5 2e1 .5 1\nhunits 2 nm\ntemp 20 C\nmass 1 kDa\n",
        "72\nx\nC 1 2 3\n8 4 5 6\n",
    };
    if (i >= N_TOPOLOGY_SAMPLES)
        return fuzz_seed_text(more, sizeof more / sizeof *more, i - N_TOPOLOGY_SAMPLES,
                              into);
    size_t n = strlen(topology_samples[i].text), format = 0;
    while (format + 1 < N_FORMATS &&
           strcasecmp(formats[format], topology_samples[i].format) != 0)
        format++;
    into[0] = (uint8_t)format;
    memcpy(into + 1, topology_samples[i].text, n);
    return n + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
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
