/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as what the process that reads an HDF5 file says of it (H5MD and NetCDF-4).
   (Files that have been changed go through the true process in t/unit/traj-hostile.) */
#include "fuzz-file.h"
#include "fuzz-process.h"
#include "fuzz-target.h"

#include "traj/h5.h"

enum { ATOMS = 3, FRAMES = 2, ATOMS_MAX = 1 << 16 };

/* Files with times, or without; the index's process speaks first, then the reader's.
   Behind these what has once done harm: more bytes in a frame than a number can say, a
   status that is no exit status. */
size_t fuzz_seed(size_t i, uint8_t into[FUZZ_SEED_BYTES])
{
    const double times[FRAMES] = {0, 0.5};
    if (i >= 6)
        return 0;
    struct h5_about about = {.kind = i % 2 ? H5_KIND_AMBER : H5_KIND_H5MD,
                             .status = i == 5 ? 77 : 0,
                             .n_atoms = i == 4 ? UINT64_C(1) << 62 : ATOMS,
                             .n_frames = FRAMES,
                             .has_times = i < 2,
                             .vectors = {{true, i % 2, 10}, {i < 2, false, 1}},
                             .flavour = "particles/p"};
    size_t n = 0;
    for (int process = 0; process < 2; process++) {
        n = put(into, n, &about, sizeof about);
        if (about.has_times)
            n = put(into, n, times, sizeof times);
    }
    for (int frame = 0; frame < FRAMES; frame++) {
        struct h5_answer answer = {
            .has_box = i < 2, .box = {9, 9, 9, 90, 90, 90}, .has_step = true};
        const double xyz[3 * ATOMS] = {1, 2, 3};
        n = put(into, n, &answer, sizeof answer);
        n = put(into, n, xyz, sizeof xyz);
    }
    return n;
}

static void read_frames(const struct traj *traj)
{
    size_t n = traj_n_atoms(traj);
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    double *xyz = malloc(9 * n * sizeof *xyz);
    for (size_t i = 0; reader && xyz && i < traj_n_frames(traj) && i < 4; i++) {
        const struct frame_vectors out = {xyz, xyz + 3 * n, xyz + 6 * n};
        struct frame_info info;
        struct err err = {0};
        if (traj_read_vectors(reader, i, NULL, n, &out, &info, &err) &&
            err.code != ERR_INPUT && err.code != ERR_RUNTIME)
            abort();
    }
    free(xyz);
    traj_reader_destroy(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    /* All that the reader itself looks at: a superblock that says how long it is. */
    uint8_t file[4096] = "\211HDF\r\n\032\n";
    file[13] = 8;
    file[41] = sizeof file >> 8;
    waiting = bytes;
    n_waiting = n;
    struct err err = {0};
    const char *paths[] = {fuzz_file(file, sizeof file)};
    struct traj *traj =
        traj_open(paths, 1, &(struct traj_options){.allow_truncated = n % 2}, &err);
    struct traj_description description;
    if (!traj && err.code != ERR_INPUT && err.code != ERR_RUNTIME)
        abort();
    if (traj)
        traj_describe(traj, 0, &description);
    if (traj && traj_n_atoms(traj) <= ATOMS_MAX)
        read_frames(traj);
    traj_close(traj);
    return 0;
}
