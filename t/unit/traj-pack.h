/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compressed files, by the libraries that framewalk was built with. */
#ifndef FRAMEWALK_T_TRAJ_PACK_H
#define FRAMEWALK_T_TRAJ_PACK_H

#include "config.h"

#include "fwtest.h"

#include <zlib.h>
#ifdef HAVE_BZIP2
#include <bzlib.h>
#endif
#ifdef HAVE_LZMA
#include <lzma.h>
#endif
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

/* The most that is packed, and room for it. */
enum { PACK_BYTES = 200000, PACKED_BYTES = 2 * PACK_BYTES };

/* One gzip member of n bytes, in room for `capacity`; returns its length. */
static inline size_t pack_gzip_member(unsigned char *out, size_t capacity,
                                      const void *bytes, size_t n)
{
    z_stream stream = {
        .next_out = out, .avail_out = (uInt)capacity, .avail_in = (uInt)n};
    stream.next_in = (unsigned char *)(uintptr_t)bytes;
    assert_int_equal(
        deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
        Z_OK);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return stream.total_out;
}

static inline size_t pack_gzip(unsigned char *out, unsigned char *bytes, size_t n)
{
    return pack_gzip_member(out, PACKED_BYTES, bytes, n);
}

#ifdef HAVE_BZIP2
static inline size_t pack_bzip2(unsigned char *out, unsigned char *bytes, size_t n)
{
    unsigned length = PACKED_BYTES;
    assert_int_equal(BZ2_bzBuffToBuffCompress((char *)out, &length, (char *)bytes,
                                              (unsigned)n, 1, 0, 0),
                     BZ_OK);
    return length;
}
#endif

#ifdef HAVE_LZMA
static inline size_t pack_xz(unsigned char *out, unsigned char *bytes, size_t n)
{
    size_t length = 0;
    assert_int_equal(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC32, NULL, bytes, n, out,
                                             &length, PACKED_BYTES),
                     LZMA_OK);
    return length;
}
#endif

#ifdef HAVE_ZSTD
static inline size_t pack_zstd(unsigned char *out, unsigned char *bytes, size_t n)
{
    size_t length = ZSTD_compress(out, PACKED_BYTES, bytes, n, 3);
    assert_false(ZSTD_isError(length));
    return length;
}
#endif

static const struct packer {
    const char *name, *file;
    size_t (*pack)(unsigned char *out, unsigned char *bytes, size_t n);
    bool checksum; /* of the contents */
} packers[] = {
    {"gzip", "x.gz", pack_gzip, true},
#ifdef HAVE_BZIP2
    {"bzip2", "x.bz2", pack_bzip2, true},
#endif
#ifdef HAVE_LZMA
    {"xz", "x.xz", pack_xz, true},
#endif
#ifdef HAVE_ZSTD
    {"zstd", "x.zst", pack_zstd, false},
#endif
};

enum { N_PACKERS = sizeof packers / sizeof packers[0] };

#endif
