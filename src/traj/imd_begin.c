/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a connection begins. */
#include "traj/imd_message.h"

#include "traj/bytes.h"
#include "traj/stream.h"
#include "util/alloc.h"

#include <inttypes.h>

enum { SESSION_BYTES = 7 };

const char *imd_type_name(int32_t type)
{
    static const char *const names[] = {
        "DISCONNECT", "ENERGIES", "FCOORDS",    "GO",      "HANDSHAKE",   "KILL",
        "MDCOMM",     "PAUSE",    "TRATE",      "IOERROR", "SESSIONINFO", "RESUME",
        "TIME",       "BOX",      "VELOCITIES", "FORCES",  "WAIT"};
    return type >= 0 && type <= IMD_WAIT ? names[type] : "unknown";
}

int imd_load_header(const struct source *source, uint64_t offset,
                    struct imd_message *message, struct err *err)
{
    size_t n;
    *message = (struct imd_message){0};
    const unsigned char *bytes =
        source_window_at(NULL, source, offset, IMD_HEADER_BYTES, &n, err);
    if (!bytes)
        return -1;
    if (n == 0)
        return 0;
    if (n < IMD_HEADER_BYTES)
        return err_set(err, ERR_INPUT,
                       "%s: the connection ended at byte offset %" PRIu64
                       ", in the header of a message",
                       source->path, offset + n);
    *message =
        (struct imd_message){load_i32(bytes, true), load_i32(bytes + 4, true), 0};
    return 1;
}

static int expect(const struct traj_file *file, uint64_t offset, enum imd_type type,
                  struct imd_message *message, struct err *err)
{
    int more = imd_load_header(&file->source, offset, message, err);
    if (more < 0)
        return -1;
    if (more == 0)
        return err_set(err, ERR_INPUT,
                       "%s: the server closed the connection before its %s",
                       file->source.path, imd_type_name((int32_t)type));
    if (message->type == (int32_t)type)
        return 0;
    return err_set(err, ERR_INPUT,
                   "%s: not an IMD server: %s expected, type %" PRId32 " came",
                   file->source.path, imd_type_name((int32_t)type), message->type);
}

/* What a server of version 3 says that it will send. */
static int read_session(struct traj_file *file, struct imd *imd, uint64_t offset,
                        struct err *err)
{
    static const enum imd_type order[] = {IMD_TIME,        IMD_ENERGIES,   IMD_BOX,
                                          IMD_COORDINATES, IMD_VELOCITIES, IMD_FORCES};
    /* The fifth says whether positions are wrapped into the box. */
    static const int place[] = {0, 1, 2, 3, 5, 6};
    unsigned char bytes[SESSION_BYTES];
    struct imd_message message;
    if (expect(file, offset, IMD_SESSION_INFO, &message, err))
        return -1;
    if (message.length != SESSION_BYTES)
        return err_set(err, ERR_INPUT,
                       "%s: session information of %" PRId32 " bytes, %d expected",
                       file->source.path, message.length, SESSION_BYTES);
    if (source_read(&file->source, offset + IMD_HEADER_BYTES, bytes, sizeof bytes, err))
        return -1;
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
        imd->has[order[i]] = bytes[place[i]] != 0;
    file->next_offset = offset + IMD_HEADER_BYTES + SESSION_BYTES;
    if (imd->has[IMD_COORDINATES])
        return 0;
    return err_set(err, ERR_INPUT, "%s: the server sends no positions",
                   file->source.path);
}

/* The handshake: the version shows the order of the bytes. */
static int shake_hands(struct traj_file *file, struct imd *imd, struct err *err)
{
    struct imd_message message;
    if (expect(file, 0, IMD_HANDSHAKE, &message, err))
        return -1;
    uint32_t big = (uint32_t)message.length, little = __builtin_bswap32(big);
    imd->big_endian = big == 2 || big == 3;
    imd->version = (int)(imd->big_endian ? big : little);
    if (imd->version != 2 && imd->version != 3)
        return err_set(
            err, ERR_INPUT,
            "%s: version 2 or 3 of IMD expected, the handshake says 0x%08" PRIx32,
            file->source.path, big);
    file->next_offset = IMD_HEADER_BYTES;
    if (imd->version == 3)
        return read_session(file, imd, IMD_HEADER_BYTES, err);
    imd->has[IMD_COORDINATES] = true;
    return 0;
}

int imd_begin(struct traj_file *file, const enum length_unit *unit, struct err *err)
{
    (void)unit;
    struct imd_url url;
    struct imd *imd = alloc_zeroed(1, sizeof *imd, "a connection", err);
    if (!imd)
        return -1;
    file->state = imd;
    if (imd_url_parse(&url, file->source.path, err))
        return -1;
    file->source.stream->patience = url.patience_s;
    if (shake_hands(file, imd, err) || imd_send(&file->source, IMD_GO, 0, err))
        return -1;
    /* DISCONNECT, of length 0, is all zeros. */
    file->source.stream->farewell_bytes = IMD_HEADER_BYTES;
    return url.rate ? imd_send(&file->source, IMD_TRATE, url.rate, err) : 0;
}
