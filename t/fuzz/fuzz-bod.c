/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a bod file and the FITS image that it names: the first two say where the
   text ends. Behind PROCESS bytes of the image is what the process says that unpacks
   it, should it be compressed in tiles. */
#include "fuzz-file.h"
#include "fuzz-process.h"
#include "fuzz-target.h"

#include "traj/fits_packed.h"
#include "traj/topology.h"
#include "traj/traj.h"

#include <string.h>

enum { CARD = 80, HEADER = 2880, VOXELS = 12, PROCESS = 2 * HEADER + 32 };

static void put_cards(uint8_t *into, const char cards[][CARD + 1], size_t n)
{
    memset(into, ' ', HEADER);
    for (size_t k = 0; k < n; k++)
        memcpy(into + k * CARD, cards[k], strlen(cards[k]));
}

static size_t put_image_seed(uint8_t *image, int bitpix)
{
    char cards[10][CARD + 1] = {"SIMPLE  = T",   "",
                                "NAXIS   = 3",   "NAXIS1  = 3",
                                "NAXIS2  = 2",   "NAXIS3  = 2",
                                "CDELT1  = 0.5", "BZERO   = 1",
                                "BLANK   = 2",   "END"};
    snprintf(cards[1], sizeof *cards, "BITPIX  = %d", bitpix);
    put_cards(image, cards, 10);
    size_t voxels = VOXELS * (size_t)abs(bitpix) / 8;
    for (size_t k = 0; k < voxels; k++)
        image[HEADER + k] = (uint8_t)(k * 37 % 3);
    return HEADER + voxels;
}

/* An empty primary array, a table, and its voxels from the process. */
static size_t put_packed_seed(uint8_t *image)
{
    static const char primary[][CARD + 1] = {"SIMPLE  = T", "BITPIX  = 8",
                                             "NAXIS   = 0", "END"};
    static const char table[][CARD + 1] = {
        "XTENSION= 'BINTABLE'", "BITPIX  = 8",  "NAXIS   = 2", "NAXIS1  = 8",
        "NAXIS2  = 4",          "PCOUNT  = 0",  "GCOUNT  = 1", "ZIMAGE  = T",
        "ZBITPIX = 16",         "ZNAXIS  = 3",  "ZNAXIS1 = 3", "ZNAXIS2 = 2",
        "ZNAXIS3 = 2",          "CDELT3  = 2.", "END"};
    put_cards(image, primary, sizeof primary / sizeof *primary);
    put_cards(image + HEADER, table, sizeof table / sizeof *table);
    memset(image + 2 * HEADER, 0, PROCESS - 2 * HEADER);
    size_t n = PROCESS;
    for (uint64_t piece = 0; piece < 2; piece++) {
        struct fits_message message = {.n = piece > 0 ? VOXELS : 0};
        n = put(image, n, &message, sizeof message);
        n = put(image, n, "\1\0\1\1\0\0\1\1\0\1\1", message.n);
    }
    return n;
}

/* A text, and an image of 3 x 2 x 2 voxels. */
size_t fuzz_seed(size_t i, uint8_t into[FUZZ_SEED_BYTES])
{
    static const char *const texts[] = {
        "SPHERE 1 2 3 4\nCUBE 0 0 0 1\nHUNITS 2 nm\n",
        "CUBOID 1 2 3 4 5 6\nst 1e-3\nRLAUNCH 90\n",
    };
    static const int bits[] = {8, 16, 32, 64, -32, -64};
    if (i >= 14)
        return 0;
    size_t text = strlen(texts[i % 2]);
    into[0] = 0;
    into[1] = (uint8_t)text;
    memcpy(into + 2, texts[i % 2], text);
    uint8_t *image = into + 2 + text;
    return 2 + text +
           (i < 12 ? put_image_seed(image, bits[i / 2]) : put_packed_seed(image));
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
    size_t n_image = n - 2 - text, before = n_image < PROCESS ? n_image : PROCESS;
    const char *image = put_image(bytes + 2 + text, n_image);
    waiting = bytes + 2 + text + before;
    n_waiting = n_image - before;
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
