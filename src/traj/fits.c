/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/fits.h"

#include "traj/bytes.h"
#include "traj/fits_header.h"
#include "traj/fits_packed.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static int check_header(const struct fits_header *h, const struct fits_shape *shape,
                        struct err *err)
{
    const char *path = h->source->path;
    if (shape->naxis < 3 || shape->naxis > FITS_AXES_MAX || shape->rest != 1)
        return err_set(err, ERR_INPUT,
                       "%s: voxels need an image with three axes, and NAXIS is "
                       "%" PRId64 "%s",
                       path, shape->naxis,
                       shape->rest != 1 ? ", with more than one cube" : "");
    for (int k = 0; k < 3; k++) {
        if (shape->axis[k] < 1)
            return err_set(err, ERR_INPUT, "%s: NAXIS%d is missing", path, k + 1);
        if (h->cdelt[k] == 0)
            return err_set(err, ERR_INPUT, "%s: CDELT%d is zero", path, k + 1);
    }
    if (h->scale == 0)
        return err_set(err, ERR_INPUT, "%s: BSCALE is zero", path);
    return 0;
}

/* Whether the file has all voxels, which also bounds their number. */
static int check_size(const struct fits_image *image, struct err *err)
{
    uint64_t left = source_left(image->source, image->data);
    uint64_t room = left / ((unsigned)abs(image->bitpix) / 8);
    const uint64_t *n = image->n;
    if (n[0] <= room && n[1] <= room / n[0] && n[2] <= room / n[0] / n[1])
        return 0;
    return err_set(err, ERR_INPUT,
                   "%s: %" PRIu64 " x %" PRIu64 " x %" PRIu64
                   " voxels of %d bits are more than the %" PRIu64
                   " bytes behind the header",
                   image->source->path, n[0], n[1], n[2], abs(image->bitpix), left);
}

int fits_open(struct fits_image *image, const struct source *source, struct err *err)
{
    struct fits_header h;
    *image = (struct fits_image){.source = source};
    if (fits_header_find(&h, source, err) < 0)
        return -1;
    const struct fits_shape *shape = h.is_packed ? &h.packed : &h.shape;
    if (check_header(&h, shape, err) < 0)
        return -1;
    image->bitpix = (int)shape->bitpix;
    image->zero = h.zero;
    image->scale = h.scale;
    image->has_blank = h.has_blank && shape->bitpix > 0;
    image->blank = h.blank;
    image->data = h.data;
    for (int k = 0; k < 3; k++) {
        image->n[k] = (uint64_t)shape->axis[k];
        image->size[k] = h.cdelt[k];
    }
    if (!h.is_packed)
        return check_size(image, err);
    image->packed = fits_packed_open(image, h.number, err);
    return image->packed ? 0 : -1;
}

static int64_t integer_at(const unsigned char *bytes, int bitpix)
{
    switch (bitpix) {
    case 8:
        return bytes[0];
    case 16:
        return (int16_t)((unsigned)bytes[0] << 8 | bytes[1]);
    case 32:
        return load_i32(bytes, true);
    default:
        return (int64_t)load_u64(bytes, true);
    }
}

bool fits_is_solid_real(const struct fits_image *image, double number)
{
    double value = image->zero + image->scale * number;
    return !isnan(value) && value != 0;
}

bool fits_is_solid_integer(const struct fits_image *image, int64_t number)
{
    if (image->has_blank && number == image->blank)
        return false;
    return image->zero + image->scale * (double)number != 0;
}

static bool is_solid(const struct fits_image *image, const unsigned char *bytes)
{
    if (image->bitpix > 0)
        return fits_is_solid_integer(image, integer_at(bytes, image->bitpix));
    return fits_is_solid_real(image, image->bitpix == -32
                                         ? (double)load_f32(bytes, true)
                                         : load_f64(bytes, true));
}

int fits_read(const struct fits_image *image, uint64_t first, size_t n,
              unsigned char *solid, struct err *err)
{
    unsigned char raw[FITS_PIECE * sizeof(double)];
    size_t bytes = (unsigned)abs(image->bitpix) / 8;
    if (image->packed && first != fits_packed_at(image->packed))
        return err_set(err, ERR_RUNTIME, "%s: voxels are read in their order only",
                       image->source->path);
    if (image->packed)
        return fits_packed_read(image->packed, n, solid, err);
    if (source_read(image->source, image->data + first * bytes, raw, n * bytes, err) <
        0)
        return -1;
    bool plain = image->zero == 0 && !image->has_blank && image->bitpix == 8;
    for (size_t i = 0; i < n; i++)
        solid[i] = plain ? raw[i] != 0 : is_solid(image, raw + i * bytes);
    return 0;
}

void fits_close(struct fits_image *image)
{
    fits_packed_close(image->packed);
    image->packed = NULL;
}
