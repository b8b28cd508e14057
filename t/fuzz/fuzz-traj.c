/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a trajectory: the first byte says of which format. */
#include "fuzz-file.h"
#include "fuzz-formats.h"
#include "fuzz-target.h"

#include "traj/traj.h"

/* What the memory of a test may be asked for. */
enum { ATOMS_MAX = 1 << 20, FRAMES_READ = 4 };

static void read_frame(struct traj_reader *reader, size_t frame, size_t n, double *xyz)
{
    const uint32_t last = (uint32_t)n - 1;
    const struct frame_vectors out = {xyz, xyz + 3 * n, xyz + 6 * n};
    struct frame_info info;
    struct err err = {0};
    if (traj_read_vectors(reader, frame, NULL, n, &out, &info, &err) &&
        err.code == ERR_NONE)
        abort();
    if (traj_read(reader, frame, &last, 1, xyz, &info, &err) && err.code == ERR_NONE)
        abort();
}

static void use(const struct traj *traj)
{
    size_t n = traj_n_atoms(traj), n_frames = traj_n_frames(traj);
    struct traj_description description;
    traj_describe(traj, 0, &description);
    if (n == 0 || n_frames == 0)
        abort();
    if (n > ATOMS_MAX)
        return;
    struct traj_reader *reader = traj_reader_create(traj, NULL);
    double *xyz = malloc(9 * n * sizeof *xyz);
    for (size_t i = 0; xyz && i < n_frames && i < FRAMES_READ; i++)
        read_frame(reader, i % 2 ? n_frames - 1 - i / 2 : i / 2, n, xyz);
    free(xyz);
    traj_reader_destroy(reader);
}

/* Made by t/unit/traj-hostile, with the writers of the tests. */
size_t fuzz_seed(size_t i, uint8_t into[FUZZ_SEED_BYTES])
{
    (void)i;
    (void)into;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct err err = {0};
    if (n < 2)
        return 0;
    const char *paths[] = {fuzz_file(bytes + 1, n - 1)};
    const struct traj_options options = {
        .format = fuzz_formats[bytes[0] % N_FUZZ_FORMATS],
        .allow_truncated = bytes[0] & 0x80,
    };
    struct traj *traj = traj_open(paths, 1, &options, &err);
    if (traj)
        use(traj);
    else if (err.code == ERR_NONE)
        abort();
    traj_close(traj);
    return 0;
}
