/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "traj/unpack.h"

#include <limits.h>
#include <stdlib.h>
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

/* Windows larger than this are refused: whoever packed the file chose them. */
enum { WINDOW_BYTES_MAX = 1 << 30 };

static void *gzip_open(void)
{
    z_stream *stream = calloc(1, sizeof *stream);
    if (stream && inflateInit2(stream, 16 + MAX_WBITS) != Z_OK) {
        free(stream);
        stream = NULL;
    }
    return stream;
}

static enum unpack_status gzip_step(void *state, struct unpack_io *io)
{
    z_stream *stream = state;
    stream->next_in = (unsigned char *)(uintptr_t)io->in;
    stream->avail_in = (uInt)io->n_in;
    stream->next_out = io->out;
    stream->avail_out = (uInt)io->n_out;
    int status = inflate(stream, Z_NO_FLUSH);
    io->in = stream->next_in;
    io->n_in = stream->avail_in;
    io->n_out = stream->avail_out;
    return status == Z_STREAM_END                    ? UNPACK_END
           : status == Z_OK || status == Z_BUF_ERROR ? UNPACK_MORE
           : status == Z_MEM_ERROR                   ? UNPACK_MEMORY
                                                     : UNPACK_DAMAGED;
}

static void gzip_close(void *state)
{
    inflateEnd(state);
    free(state);
}

const struct unpacker unpack_gzip = {
    .name = "gzip",
    .suffix = ".gz",
    .magic = "\x1f\x8b",
    .n_magic = 2,
    .open = gzip_open,
    .step = gzip_step,
    .close = gzip_close,
};

#ifdef HAVE_BZIP2
static void *bzip2_open(void)
{
    bz_stream *stream = calloc(1, sizeof *stream);
    if (stream && BZ2_bzDecompressInit(stream, 0, 0) != BZ_OK) {
        free(stream);
        stream = NULL;
    }
    return stream;
}

static enum unpack_status bzip2_step(void *state, struct unpack_io *io)
{
    bz_stream *stream = state;
    stream->next_in = (char *)(uintptr_t)io->in;
    stream->avail_in = (unsigned)io->n_in;
    stream->next_out = (char *)io->out;
    stream->avail_out = (unsigned)io->n_out;
    int status = BZ2_bzDecompress(stream);
    io->in = (const unsigned char *)stream->next_in;
    io->n_in = stream->avail_in;
    io->n_out = stream->avail_out;
    return status == BZ_STREAM_END  ? UNPACK_END
           : status == BZ_OK        ? UNPACK_MORE
           : status == BZ_MEM_ERROR ? UNPACK_MEMORY
                                    : UNPACK_DAMAGED;
}

static void bzip2_close(void *state)
{
    BZ2_bzDecompressEnd(state);
    free(state);
}
#endif

const struct unpacker unpack_bzip2 = {
    .name = "bzip2",
    .suffix = ".bz2",
    .magic = "BZh",
    .n_magic = 3,
    .package = "libbz2-dev",
#ifdef HAVE_BZIP2
    .open = bzip2_open,
    .step = bzip2_step,
    .close = bzip2_close,
#endif
};

#ifdef HAVE_LZMA
static void *xz_open(void)
{
    const lzma_stream none = LZMA_STREAM_INIT;
    lzma_stream *stream = malloc(sizeof *stream);
    if (!stream)
        return NULL;
    *stream = none;
    if (lzma_stream_decoder(stream, WINDOW_BYTES_MAX, 0) != LZMA_OK) {
        free(stream);
        stream = NULL;
    }
    return stream;
}

static enum unpack_status xz_step(void *state, struct unpack_io *io)
{
    lzma_stream *stream = state;
    stream->next_in = io->in;
    stream->avail_in = io->n_in;
    stream->next_out = io->out;
    stream->avail_out = io->n_out;
    lzma_ret status = lzma_code(stream, LZMA_RUN);
    io->in = stream->next_in;
    io->n_in = stream->avail_in;
    io->n_out = stream->avail_out;
    return status == LZMA_STREAM_END                       ? UNPACK_END
           : status == LZMA_OK || status == LZMA_BUF_ERROR ? UNPACK_MORE
           : status == LZMA_MEM_ERROR                      ? UNPACK_MEMORY
                                                           : UNPACK_DAMAGED;
}

static void xz_close(void *state)
{
    lzma_end(state);
    free(state);
}

/* Zeros may follow a stream. */
static bool xz_padding(const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i])
            return false;
    return true;
}
#endif

const struct unpacker unpack_xz = {
    .name = "xz",
    .suffix = ".xz",
    .magic = "\xfd"
             "7zXZ",
    .n_magic = 6,
    .package = "liblzma-dev",
#ifdef HAVE_LZMA
    .open = xz_open,
    .step = xz_step,
    .close = xz_close,
    .is_padding = xz_padding,
#endif
};

#ifdef HAVE_ZSTD
static void *zstd_open(void)
{
    return ZSTD_createDStream();
}

static enum unpack_status zstd_step(void *state, struct unpack_io *io)
{
    ZSTD_inBuffer in = {io->in, io->n_in, 0};
    ZSTD_outBuffer out = {io->out, io->n_out, 0};
    size_t status = ZSTD_decompressStream(state, &out, &in);
    io->in += in.pos;
    io->n_in -= in.pos;
    io->n_out -= out.pos;
    /* 0 at the end of a frame; else a hint, or an error (of too large a window too). */
    return ZSTD_isError(status) ? UNPACK_DAMAGED
           : status == 0        ? UNPACK_END
                                : UNPACK_MORE;
}

static void zstd_close(void *state)
{
    ZSTD_freeDStream(state);
}
#endif

const struct unpacker unpack_zstd = {
    .name = "zstd",
    .suffix = ".zst",
    .magic = "\x28\xb5\x2f\xfd",
    .n_magic = 4,
    .package = "libzstd-dev",
#ifdef HAVE_ZSTD
    .open = zstd_open,
    .step = zstd_step,
    .close = zstd_close,
#endif
};
