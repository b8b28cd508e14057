/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a bod file and the FITS image that it names: the first two say where the
   text ends. */
#include "fuzz-file.h"

#include "traj/topology.h"
#include "traj/traj.h"

#include <string.h>

/* The image in a file of its own; its path is valid until the next call. */
static const char *put_image(const uint8_t *bytes, size_t n)
{
    static int fd = -1;
    static char path[64];
    if (fd < 0)
        fd = memfd_create("fits", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, bytes, n, 0) != (ssize_t)n)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    if (n < 2)
        return 0;
    size_t text = ((size_t)bytes[0] << 8 | bytes[1]) % (n - 1);
    char *bod = malloc(text + 128);
    if (!bod)
        abort();
    const char *image = put_image(bytes + 2 + text, n - 2 - text);
    int head = snprintf(bod, 128, "VOXELS %s\n", image);
    memcpy(bod + head, bytes + 2, text);
    const char *path = fuzz_file((const uint8_t *)bod, (size_t)head + text);
    struct topology topology;
    struct err err = {0};
    if (topology_read(&topology, path, "bod", NULL, &err) == 0)
        topology_fini(&topology);
    else if (err.code == ERR_NONE)
        abort();
    /* The text alone, so that what an image is refused for hides nothing behind it. */
    path = fuzz_file(bytes + 2, text);
    traj_close(traj_open(&path, 1, &(struct traj_options){.format = "bod"}, NULL));
    free(bod);
    return 0;
}
