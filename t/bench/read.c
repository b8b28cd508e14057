/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read FILE [ATOMS]: decodes all frames of a trajectory, or their first ATOMS atoms,
   and prints the seconds of the processor that this took, opening apart. */
#include "traj/traj.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Of the processor: other programs do not count, and files are in the page cache. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    struct err err = {0};
    const char *path[] = {argc > 1 ? argv[1] : ""};
    struct traj *traj = traj_open(path, 1, NULL, &err);
    struct traj_reader *reader = traj ? traj_reader_create(traj, &err) : NULL;
    size_t n_all = traj ? traj_n_atoms(traj) : 0;
    size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : n_all;
    n = n < n_all ? n : n_all;
    uint32_t *pick = malloc((n ? n : 1) * sizeof *pick);
    double *xyz = malloc((n ? n : 1) * 3 * sizeof *xyz), sum = 0;
    int status = reader && pick && xyz ? 0 : -1;
    for (size_t i = 0; pick && i < n; i++)
        pick[i] = (uint32_t)i;
    double begun = now();
    for (size_t frame = 0; status == 0 && frame < traj_n_frames(traj); frame++) {
        struct frame_info info;
        status = traj_read(reader, frame, n < n_all ? pick : NULL, n, xyz, &info, &err);
        sum += xyz[3 * n - 1];
    }
    if (status == 0)
        printf("%.6f\n", now() - begun);
    else
        fprintf(stderr, "%s\n", err.text);
    free(xyz);
    free(pick);
    traj_reader_destroy(reader);
    traj_close(traj);
    return status == 0 && sum < 1e300 ? 0 : 1;
}
