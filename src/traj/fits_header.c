/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "traj/fits_header.h"

#include "traj/text.h"
#include "util/parse.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { CARDS = FITS_BLOCK / FITS_CARD, KEY = 8 };

/* Blocks of a header; more than the longest that are written. */
enum { HEADER_BLOCKS = 4096 };

/* Bits of what has been seen. */
enum { SEEN_BITPIX, SEEN_NAXIS, SEEN_AXIS };
enum { SEEN_ZERO, SEEN_SCALE, SEEN_PCOUNT, SEEN_GCOUNT, SEEN_CDELT };

static int bad_card(const struct fits_header *h, const char *what, struct err *err)
{
    char quote[TEXT_QUOTE_BYTES];
    return err_set(err, ERR_INPUT, "%s: byte %" PRIu64 ": %s %s, not '%s'",
                   h->source->path, h->at, h->key, what,
                   text_quote(quote, h->value, strlen(h->value)));
}

/* Takes a card apart: the keyword, and what stands between "= " and the comment,
   without the blanks around it. */
static void split_card(struct fits_header *h, const char *card)
{
    size_t n = 0;
    while (n < KEY && card[n] != ' ' && card[n] != '\0')
        n++;
    memcpy(h->key, card, n);
    h->key[n] = '\0';
    h->value[0] = '\0';
    if (card[KEY] != '=')
        return;
    const char *begin = card + KEY + 1, *end = card + FITS_CARD;
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
static bool first_time(unsigned *seen, int bit)
{
    bool first = !(*seen >> bit & 1);
    *seen |= 1u << bit;
    return first;
}

static int take_integer(struct fits_header *h, unsigned *seen, int bit, int64_t *out,
                        struct err *err)
{
    int64_t value;
    if (!parse_i64(h->value, &value))
        return bad_card(h, "takes a whole number", err);
    if (first_time(seen, bit))
        *out = value;
    return 0;
}

/* Exponents may be written with a D. */
static int take_number(struct fits_header *h, int bit, double *out, struct err *err)
{
    double value;
    char *exponent = strpbrk(h->value, "Dd");
    if (exponent)
        *exponent = 'E';
    if (!parse_double(h->value, &value))
        return bad_card(h, "takes a number", err);
    if (first_time(&h->seen, bit))
        *out = value;
    return 0;
}

/* 1 .. FITS_AXES_MAX where the keyword is `name` and a number, else 0. */
static int64_t axis_of(const char *key, const char *name)
{
    int64_t axis;
    size_t n = strlen(name);
    bool valid = strncmp(key, name, n) == 0 && key[n] >= '1' && key[n] <= '9' &&
                 parse_i64(key + n, &axis) && axis <= FITS_AXES_MAX;
    return valid ? axis : 0;
}

static int take_axis(struct fits_header *h, struct fits_shape *shape, int64_t axis,
                     struct err *err)
{
    int64_t n;
    if (!parse_i64(h->value, &n) || n < 0)
        return bad_card(h, "takes a number of voxels", err);
    if (axis > 3 && __builtin_mul_overflow(shape->rest, n, &shape->rest))
        shape->rest = INT64_MAX;
    if (axis <= 3 && first_time(&shape->seen, SEEN_AXIS + (int)axis - 1))
        shape->axis[axis - 1] = n;
    return 0;
}

/* `key`: without the Z that stands before it for a packed image. 1 where it says
   nothing of the shape. */
static int take_shape(struct fits_header *h, struct fits_shape *shape, const char *key,
                      struct err *err)
{
    int64_t axis;
    if (strcmp(key, "BITPIX") == 0)
        return take_integer(h, &shape->seen, SEEN_BITPIX, &shape->bitpix, err);
    if (strcmp(key, "NAXIS") == 0)
        return take_integer(h, &shape->seen, SEEN_NAXIS, &shape->naxis, err);
    if ((axis = axis_of(key, "NAXIS")) > 0)
        return take_axis(h, shape, axis, err);
    return 1;
}

static int take_card(struct fits_header *h, const char *card, struct err *err)
{
    int64_t axis;
    split_card(h, card);
    bool packed = h->key[0] == 'Z';
    int taken = take_shape(h, packed ? &h->packed : &h->shape, h->key + packed, err);
    if (taken <= 0)
        return taken;
    if (strcmp(h->key, "END") == 0)
        h->ended = true;
    else if (strcmp(h->key, "PCOUNT") == 0)
        return take_integer(h, &h->seen, SEEN_PCOUNT, &h->pcount, err);
    else if (strcmp(h->key, "GCOUNT") == 0)
        return take_integer(h, &h->seen, SEEN_GCOUNT, &h->gcount, err);
    else if ((axis = axis_of(h->key, "CDELT")) > 0 && axis <= 3)
        return take_number(h, SEEN_CDELT + (int)axis - 1, &h->cdelt[axis - 1], err);
    else if (strcmp(h->key, "BZERO") == 0)
        return take_number(h, SEEN_ZERO, &h->zero, err);
    else if (strcmp(h->key, "BSCALE") == 0)
        return take_number(h, SEEN_SCALE, &h->scale, err);
    else if (strcmp(h->key, "BLANK") == 0 || strcmp(h->key, "ZBLANK") == 0)
        h->has_blank = parse_i64(h->value, &h->blank);
    else if (strcmp(h->key, "ZIMAGE") == 0)
        h->is_packed = strcmp(h->value, "T") == 0;
    return 0;
}

/* Whether a card is `XTENSION= 'name'`, with blanks behind the name. */
static bool is_extension(const char *card, const char *name)
{
    size_t n = strlen(name);
    const char *value = card + strlen("XTENSION=");
    value += strspn(value, " ");
    if (*value++ != '\'' || strncmp(value, name, n) != 0)
        return false;
    value += n;
    return value[strspn(value, " ")] == '\'';
}

/* The first card says what follows. 0 where that is no header, 1 where it is. */
static int look_at_first(struct fits_header *h, uint64_t at, struct err *err)
{
    char card[FITS_CARD + 1] = "";
    long n = source_read_some(h->source, at, card, FITS_CARD, err);
    if (n < 0)
        return -1;
    bool primary = strncmp(card, "SIMPLE  =", 9) == 0;
    if (at == 0 ? !primary : strncmp(card, "XTENSION=", 9) != 0)
        return 0;
    h->is_image = primary || is_extension(card, "IMAGE");
    return 1;
}

/* Reads the header at `at`: 1, or 0 where there is none. */
static int read_header(struct fits_header *h, uint64_t at, struct err *err)
{
    static const struct fits_shape unknown = {
        .naxis = -1, .axis = {-1, -1, -1}, .rest = 1};
    char block[FITS_BLOCK];
    *h = (struct fits_header){.source = h->source, .number = h->number + 1, .data = at};
    h->shape = h->packed = unknown;
    h->scale = h->cdelt[0] = h->cdelt[1] = h->cdelt[2] = 1;
    h->gcount = 1;
    int found = look_at_first(h, at, err);
    if (found <= 0)
        return found;
    for (; !h->ended; h->data += FITS_BLOCK) {
        if (h->data - at >= (uint64_t)HEADER_BLOCKS * FITS_BLOCK)
            return err_set(err, ERR_INPUT, "%s: this FITS header does not end",
                           h->source->path);
        if (source_read(h->source, h->data, block, FITS_BLOCK, err) < 0)
            return -1;
        for (int i = 0; i < CARDS && !h->ended; i++) {
            h->at = h->data + (uint64_t)i * FITS_CARD;
            if (take_card(h, block + (size_t)i * FITS_CARD, err) < 0)
                return -1;
        }
    }
    /* ZIMAGE means something in tables only. */
    h->is_packed &= !h->is_image;
    return 1;
}

static int check_bitpix(const struct fits_header *h, struct err *err)
{
    static const int64_t known[] = {8, 16, 32, 64, -32, -64};
    int64_t bitpix = h->is_packed ? h->packed.bitpix : h->shape.bitpix;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (bitpix == known[i])
            return 0;
    return err_set(err, ERR_INPUT,
                   "%s: %sBITPIX is %" PRId64 ", not 8, 16, 32, 64, -32 or -64",
                   h->source->path, h->is_packed ? "Z" : "", bitpix);
}

static bool is_empty(const struct fits_shape *shape)
{
    bool empty = shape->naxis == 0 || (shape->naxis > 3 && shape->rest == 0);
    for (int k = 0; k < 3 && k < shape->naxis; k++)
        empty |= shape->axis[k] == 0;
    return empty;
}

/* Bytes of data behind the header, FITS standard 4.0, equation 2, or UINT64_MAX. */
static uint64_t data_bytes(const struct fits_header *h)
{
    const struct fits_shape *shape = &h->shape;
    uint64_t n = shape->naxis > 3 ? (uint64_t)shape->rest : 1;
    if (shape->naxis < 0 || h->pcount < 0 || h->gcount < 0)
        return UINT64_MAX;
    for (int k = 0; k < 3 && k < shape->naxis; k++)
        if (shape->axis[k] < 0 ||
            __builtin_mul_overflow(n, (uint64_t)shape->axis[k], &n))
            return UINT64_MAX;
    n = shape->naxis == 0 ? 0 : n;
    if (__builtin_add_overflow(n, (uint64_t)h->pcount, &n) ||
        __builtin_mul_overflow(n, (uint64_t)h->gcount, &n) ||
        __builtin_mul_overflow(n, (uint64_t)llabs(shape->bitpix) / 8, &n))
        return UINT64_MAX;
    return n;
}

/* The offset behind the data and what fills their last block. */
static int pass_over(const struct fits_header *h, uint64_t *at, struct err *err)
{
    uint64_t bytes = data_bytes(h), left = source_left(h->source, h->data);
    if (bytes > left)
        return err_set(err, ERR_INPUT,
                       "%s: byte %" PRIu64 ": what header %d tells of is more than the "
                       "%" PRIu64 " bytes behind it",
                       h->source->path, h->data, h->number, left);
    *at = h->data + (bytes + FITS_BLOCK - 1) / FITS_BLOCK * FITS_BLOCK;
    return 0;
}

int fits_header_find(struct fits_header *header, const struct source *source,
                     struct err *err)
{
    uint64_t at = 0;
    *header = (struct fits_header){.source = source};
    for (;;) {
        int found = read_header(header, at, err);
        if (found < 0)
            return -1;
        if (!found)
            return err_set(err, ERR_INPUT,
                           at ? "%s: there is no image with voxels in this file"
                              : "%s: not a FITS file",
                           source->path);
        if (check_bitpix(header, err))
            return -1;
        if (header->is_image && !is_empty(&header->shape))
            return 0;
        if (pass_over(header, &at, err))
            return -1;
        if (header->is_packed && !is_empty(&header->packed))
            return 0;
    }
}
