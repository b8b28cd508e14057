/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/fits.h"

#include "traj/bytes.h"
#include "traj/text.h"
#include "util/parse.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CARD = 80, BLOCK = 2880, CARDS = BLOCK / CARD };
enum { KEY = 8, AXES_MAX = 999 };

/* Blocks of a header; more than the longest that are written. */
enum { HEADER_BLOCKS = 4096 };

/* What has been seen of a header. Of a keyword that comes twice the first counts. */
struct header {
    const struct source *source;
    uint64_t at; /* offset of the present card */
    char key[KEY + 1], value[CARD + 1];
    bool ended;
    int64_t bitpix, naxis, axis[3], rest; /* rest: product of the axes behind three */
    double cdelt[3], zero, scale;
    bool has_blank;
    int64_t blank;
    unsigned seen; /* bits */
};

enum {
    SEEN_BITPIX,
    SEEN_NAXIS,
    SEEN_AXIS,
    SEEN_CDELT = SEEN_AXIS + 3,
    SEEN_ZERO = SEEN_CDELT + 3,
    SEEN_SCALE
};

static int bad_card(const struct header *h, const char *what, struct err *err)
{
    char quote[TEXT_QUOTE_BYTES];
    return err_set(err, ERR_INPUT, "%s: byte %" PRIu64 ": %s %s, not '%s'",
                   h->source->path, h->at, h->key, what,
                   text_quote(quote, h->value, strlen(h->value)));
}

/* Takes a card apart: the keyword, and what stands between "= " and the comment,
   without the blanks around it. */
static void split_card(struct header *h, const char *card)
{
    size_t n = 0;
    while (n < KEY && card[n] != ' ' && card[n] != '\0')
        n++;
    memcpy(h->key, card, n);
    h->key[n] = '\0';
    h->value[0] = '\0';
    if (card[KEY] != '=')
        return;
    const char *begin = card + KEY + 1, *end = card + CARD;
    const char *slash = memchr(begin, '/', (size_t)(end - begin));
    end = slash ? slash : end;
    while (begin < end && *begin == ' ')
        begin++;
    while (begin < end && end[-1] == ' ')
        end--;
    memcpy(h->value, begin, (size_t)(end - begin));
    h->value[end - begin] = '\0';
}

/* Whether a keyword comes for the first time. */
static bool first_time(struct header *h, int bit)
{
    bool first = !(h->seen >> bit & 1);
    h->seen |= 1u << bit;
    return first;
}

static int take_integer(struct header *h, int bit, int64_t *out, struct err *err)
{
    int64_t value;
    if (!parse_i64(h->value, &value))
        return bad_card(h, "takes a whole number", err);
    if (first_time(h, bit))
        *out = value;
    return 0;
}

/* Exponents may be written with a D. */
static int take_number(struct header *h, int bit, double *out, struct err *err)
{
    double value;
    char *exponent = strpbrk(h->value, "Dd");
    if (exponent)
        *exponent = 'E';
    if (!parse_double(h->value, &value))
        return bad_card(h, "takes a number", err);
    if (first_time(h, bit))
        *out = value;
    return 0;
}

/* 1 .. AXES_MAX where the keyword is `name` and a number, else 0. */
static int64_t axis_of(const struct header *h, const char *name)
{
    int64_t axis;
    size_t n = strlen(name);
    bool valid = strncmp(h->key, name, n) == 0 && h->key[n] >= '1' &&
                 h->key[n] <= '9' && parse_i64(h->key + n, &axis) && axis <= AXES_MAX;
    return valid ? axis : 0;
}

static int take_axis(struct header *h, int64_t axis, struct err *err)
{
    int64_t n;
    if (!parse_i64(h->value, &n) || n < 1)
        return bad_card(h, "takes a positive number", err);
    if (axis > 3 && n > 1)
        h->rest = n;
    if (axis <= 3 && first_time(h, SEEN_AXIS + (int)axis - 1))
        h->axis[axis - 1] = n;
    return 0;
}

static int take_card(struct header *h, const char *card, struct err *err)
{
    int64_t axis;
    split_card(h, card);
    if (strcmp(h->key, "END") == 0)
        h->ended = true;
    else if (strcmp(h->key, "BITPIX") == 0)
        return take_integer(h, SEEN_BITPIX, &h->bitpix, err);
    else if (strcmp(h->key, "NAXIS") == 0)
        return take_integer(h, SEEN_NAXIS, &h->naxis, err);
    else if ((axis = axis_of(h, "NAXIS")) > 0)
        return take_axis(h, axis, err);
    else if ((axis = axis_of(h, "CDELT")) > 0 && axis <= 3)
        return take_number(h, SEEN_CDELT + (int)axis - 1, &h->cdelt[axis - 1], err);
    else if (strcmp(h->key, "BZERO") == 0)
        return take_number(h, SEEN_ZERO, &h->zero, err);
    else if (strcmp(h->key, "BSCALE") == 0)
        return take_number(h, SEEN_SCALE, &h->scale, err);
    else if (strcmp(h->key, "BLANK") == 0)
        h->has_blank = parse_i64(h->value, &h->blank);
    return 0;
}

static int check_magic(const struct source *source, struct err *err)
{
    static const char magic[9] = "SIMPLE  =";
    char bytes[sizeof magic];
    if (source_left(source, 0) < sizeof magic)
        return err_set(err, ERR_INPUT, "%s: not a FITS file", source->path);
    if (source_read(source, 0, bytes, sizeof bytes, err) < 0)
        return -1;
    if (memcmp(bytes, magic, sizeof magic) != 0)
        return err_set(err, ERR_INPUT, "%s: not a FITS file", source->path);
    return 0;
}

/* Fills the header; *data is the offset behind it. */
static int read_header(struct header *h, uint64_t *data, struct err *err)
{
    char block[BLOCK];
    if (check_magic(h->source, err) < 0)
        return -1;
    for (uint64_t at = 0; !h->ended; at += BLOCK) {
        if (at >= (uint64_t)HEADER_BLOCKS * BLOCK)
            return err_set(err, ERR_INPUT, "%s: this FITS header does not end",
                           h->source->path);
        if (source_read(h->source, at, block, BLOCK, err) < 0)
            return -1;
        for (int i = 0; i < CARDS && !h->ended; i++) {
            h->at = at + (uint64_t)i * CARD;
            if (take_card(h, block + (size_t)i * CARD, err) < 0)
                return -1;
        }
        *data = at + BLOCK;
    }
    return 0;
}

static int check_header(const struct header *h, struct err *err)
{
    static const int64_t known[] = {8, 16, 32, 64, -32, -64};
    const char *path = h->source->path;
    bool found = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        found |= h->bitpix == known[i];
    if (!found)
        return err_set(err, ERR_INPUT,
                       "%s: BITPIX is %" PRId64 ", not 8, 16, 32, 64, -32 or -64", path,
                       h->bitpix);
    if (h->naxis < 3 || h->naxis > AXES_MAX || h->rest != 1)
        return err_set(err, ERR_INPUT,
                       "%s: voxels need a primary image with three axes, and NAXIS is "
                       "%" PRId64 "%s",
                       path, h->naxis, h->rest != 1 ? ", with more than one cube" : "");
    for (int k = 0; k < 3; k++) {
        if (h->axis[k] < 1)
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
    struct header h = {
        .source = source, .rest = 1, .cdelt = {1, 1, 1}, .scale = 1, .naxis = -1};
    *image = (struct fits_image){.source = source};
    if (read_header(&h, &image->data, err) < 0 || check_header(&h, err) < 0)
        return -1;
    image->bitpix = (int)h.bitpix;
    image->zero = h.zero;
    image->scale = h.scale;
    image->has_blank = h.has_blank && h.bitpix > 0;
    image->blank = h.blank;
    for (int k = 0; k < 3; k++) {
        image->n[k] = (uint64_t)h.axis[k];
        image->size[k] = h.cdelt[k];
    }
    return check_size(image, err);
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

static bool is_solid(const struct fits_image *image, const unsigned char *bytes)
{
    if (image->bitpix < 0) {
        double number = image->bitpix == -32 ? (double)load_f32(bytes, true)
                                             : load_f64(bytes, true);
        double value = image->zero + image->scale * number;
        return !isnan(value) && value != 0;
    }
    int64_t value = integer_at(bytes, image->bitpix);
    if (image->has_blank && value == image->blank)
        return false;
    return image->zero + image->scale * (double)value != 0;
}

int fits_read(const struct fits_image *image, uint64_t first, size_t n,
              unsigned char *solid, struct err *err)
{
    unsigned char raw[FITS_PIECE * sizeof(double)];
    size_t bytes = (unsigned)abs(image->bitpix) / 8;
    if (source_read(image->source, image->data + first * bytes, raw, n * bytes, err) <
        0)
        return -1;
    bool plain = image->zero == 0 && !image->has_blank && image->bitpix == 8;
    for (size_t i = 0; i < n; i++)
        solid[i] = plain ? raw[i] != 0 : is_solid(image, raw + i * bytes);
    return 0;
}
