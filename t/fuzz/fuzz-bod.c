/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a bod file and the FITS image that it names: the first two say where the
   text ends. */
#include "fuzz-file.h"
#include "fuzz-target.h"

#include "traj/topology.h"
#include "traj/traj.h"

#include <string.h>

enum { CARD = 80, HEADER = 2880, VOXELS = 12 };

/* A text, and an image of 3 x 2 x 2 voxels. */
size_t fuzz_seed(size_t i, uint8_t into[FUZZ_SEED_BYTES])
{
    static const char *const texts[] = {
        "SPHERE 1 2 3 4\nCUBE 0 0 0 1\nHUNITS 2 nm\n",
        "CUBOID 1 2 3 4 5 6\nst 1e-3\nRLAUNCH 90\n",
    };
    static const int bits[] = {8, 16, 32, 64, -32, -64};
    if (i >= 12)
        return 0;
    size_t text = strlen(texts[i % 2]);
    char cards[10][CARD + 1] = {"SIMPLE  = T",   "",
                                "NAXIS   = 3",   "NAXIS1  = 3",
                                "NAXIS2  = 2",   "NAXIS3  = 2",
                                "CDELT1  = 0.5", "BZERO   = 1",
                                "BLANK   = 2",   "END"};
    snprintf(cards[1], sizeof *cards, "BITPIX  = %d", bits[i / 2]);
    into[0] = 0;
    into[1] = (uint8_t)text;
    memcpy(into + 2, texts[i % 2], text);
    uint8_t *image = into + 2 + text;
    memset(image, ' ', HEADER);
    for (size_t k = 0; k < 10; k++)
        memcpy(image + k * CARD, cards[k], strlen(cards[k]));
    size_t voxels = VOXELS * (size_t)abs(bits[i / 2]) / 8;
    for (size_t k = 0; k < voxels; k++)
        image[HEADER + k] = (uint8_t)(k * 37 % 3);
    return 2 + text + HEADER + voxels;
}

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
